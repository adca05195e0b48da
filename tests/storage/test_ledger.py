"""The ledger: what it says, whatever crashes, merges and full disks have made of it."""

from __future__ import annotations

import datetime
import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, PROPERTY, attempt_events, bought, clock_in, disk_full_at, hours, make_event, make_post
from hypothesis import given
from hypothesis import strategies as st

from pelican_falhero.errors import LedgerError
from pelican_falhero.language_models import VISION_ROUTER
from pelican_falhero.storage import ledger as module
from pelican_falhero.storage.attempts import attempts_of, spent
from pelican_falhero.storage.events import (
    FAILED,
    KINDS,
    REFUSED,
    SAVED,
    SUBMITTED,
    SUBMITTING,
    WRITTEN,
    Event,
    History,
    parse_line,
    stem_of,
)
from pelican_falhero.storage.ledger import FILE_NAME, Ledger, utc_now


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger that has no file yet."""
    return Ledger(tmp_path / FILE_NAME)


def filled(ledger: Ledger, *events: Event) -> bytes:
    """The bytes of a ledger, once these events are in it."""
    for event in events:
        ledger.append(event)
    return ledger.path.read_bytes()


FULL = Event(
    event=SAVED,
    attempt="a1",
    hero="hero-0123456789ab.png",
    time=NOW,
    title='Kış "yürüyüşü"\n\u2028 & 🦊',
    source="notes/kış.md",
    endpoint="fal-ai/flux/dev",
    request_id="r1",
    fingerprint="0011223344556677",
    own_fingerprint="8899aabbccddeeff",
    usd=0.025,
    reason="none",
    sha256="ab" * 32,
    seed=2**64 - 1,
    width=1024,
    height=768,
    seconds=3.2,
    kept_from="hero-ba9876543210.png",
    language_model="google/gemini-2.5-flash",
    text="A ridge in the snow.",
    flaws="six fingers",
    prompt="A snowy ridge",
    folder="images/heroes",
    redraw=True,
    candidate=True,
    provider_time=NOW - hours(1),
    units=0.79,
)

SHORT = Event(event=SUBMITTED, attempt="a1", hero="hero-1.png", time=NOW, title="Kış 🦊", request_id="r1")
"""For what is tried at every byte of a line."""

EVENTS = st.builds(
    make_event,
    st.sampled_from(sorted(KINDS)),
    attempt=st.sampled_from(["a1", "a2", "a3"]),
    title=st.text(st.characters(codec="utf-8")),
    time=st.integers(0, 10**10).map(lambda seconds: datetime.datetime.fromtimestamp(seconds, datetime.UTC)),
    request_id=st.sampled_from(["", "r1"]),
    usd=st.floats(0, 10),
    seed=st.none() | st.integers(0, 2**64 - 1),
    redraw=st.booleans(),
    candidate=st.booleans(),
    provider_time=st.none() | st.just(NOW),
    units=st.none() | st.floats(0, 10),
    language_model=st.text(),
    text=st.text(),
    flaws=st.text(),
)


# One line.


def test_a_line_holds_everything_in_plain_sight() -> None:
    """A line is one JSON object with its version, the time in UTC, and every field that the event has."""
    line = FULL.to_line()
    assert "\n" not in line
    assert all(character in line for character in "Kışü🦊")
    assert json.loads(line) == {
        "v": 1,
        "event": "saved",
        "attempt": "a1",
        "hero": "hero-0123456789ab.png",
        "time": "2026-11-15T12:00:00Z",
        "title": 'Kış "yürüyüşü"\n\u2028 & 🦊',
        "source": "notes/kış.md",
        "provider": "fal",
        "endpoint": "fal-ai/flux/dev",
        "request_id": "r1",
        "fingerprint": "0011223344556677",
        "own_fingerprint": "8899aabbccddeeff",
        "usd": 0.025,
        "reason": "none",
        "sha256": "ab" * 32,
        "seed": 2**64 - 1,
        "width": 1024,
        "height": 768,
        "seconds": 3.2,
        "kept_from": "hero-ba9876543210.png",
        "prompt": "A snowy ridge",
        "folder": "images/heroes",
        "redraw": True,
        "candidate": True,
        "provider_time": "2026-11-15T11:00:00Z",
        "units": 0.79,
        "language_model": "google/gemini-2.5-flash",
        "text": "A ridge in the snow.",
        "flaws": "six fingers",
    }


def test_what_is_not_known_is_left_out() -> None:
    """Empty fields take no room; a price of nothing is a fact, and stays."""
    line = json.loads(Event(event=SUBMITTING, attempt="a", hero="h.png", time=NOW).to_line())
    assert line.keys() == {"v", "event", "attempt", "hero", "time", "provider", "usd"}


def test_no_line_has_a_place_for_a_key() -> None:
    """All that a line can hold is about the picture; there is no field for a header, an account or an address."""
    assert {item.name for item in fields(Event)} == json.loads(FULL.to_line()).keys() - {"v"}


@PROPERTY
@given(EVENTS)
def test_a_line_reads_as_the_event_it_was_written_from(event: Event) -> None:
    """Nothing is lost or changed on the way to the disk and back."""
    assert parse_line(event.to_line().encode()) == event


def test_a_line_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    """Fields that are not known yet are passed over, so that an older version does not buy again."""
    line = json.dumps({**json.loads(FULL.to_line()), "v": 2, "mood": "cheerful", "palette": ["#fff"]})
    assert parse_line(line.encode()) == FULL


def test_a_time_of_another_zone_is_the_same_time() -> None:
    """Whoever writes +02:00 by hand means two hours earlier in UTC."""
    event = parse_line(make_event().to_line().replace("12:00:00Z", "14:00:00+02:00").encode())
    assert event
    assert event.time == NOW
    assert event.time.tzinfo is datetime.UTC


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_a_time_is_written_in_utc(zone: str) -> None:
    """Whatever zone the machine's clock stands in, and whatever zone the time has."""
    time_there = NOW.astimezone(datetime.timezone(hours(3)))
    with clock_in(zone):
        assert json.loads(make_event(time=time_there).to_line())["time"] == "2026-11-15T12:00:00Z"


def test_the_clock_shows_whole_seconds_in_utc() -> None:
    """What is written down is what is kept in memory."""
    now = utc_now()
    assert now.tzinfo is datetime.UTC
    event = parse_line(make_event(time=now).to_line().encode())
    assert event
    assert event.time == now


def test_a_hero_is_known_by_its_name_without_the_extension() -> None:
    """Only the last part of the name is one."""
    assert (stem_of("hero-1.png"), stem_of("hero-1.old.webp")) == ("hero-1", "hero-1.old")


def changed(**values: object) -> str:
    """A good line with some values changed; None takes a field out."""
    line = {**json.loads(make_event(SAVED).to_line()), **values}
    return json.dumps({name: value for name, value in line.items() if value is not None})


WRONG = {
    "title": 5,
    "source": ["a.md"],
    "reason": None,
    "sha256": 0,
    "seed": True,
    "width": "wide",
    "height": 7.5,
    "seconds": "long",
    "kept_from": {},
    "prompt": ["A snowy ridge"],
    "folder": 1,
    "redraw": "yes",
    "provider_time": "noon",
    "units": -1,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_that_no_money_depends_on_costs_only_itself(name: str) -> None:
    """Such a field gets its default, and the line still counts."""
    default: Any = next(item.default for item in fields(Event) if item.name == name)
    line = json.dumps({**json.loads(FULL.to_line()), name: WRONG[name]})
    assert parse_line(line.encode()) == replace(FULL, **{name: default})


OTHER_VERSION = {
    "an unknown event": changed(event="eaten", usd={"eur": 1}),
    "an event of a higher version": changed(v=2, attempt=["a1", "a2"]),
    "no event of a higher version": changed(v=2, event=None),
}


@pytest.mark.parametrize("name", OTHER_VERSION)
@pytest.mark.parametrize("end", ["\n", ""])
def test_a_line_of_another_version_is_kept_in_silence(name: str, end: str, ledger: Ledger) -> None:
    """What this version does not know is not reported, hides nothing, and stays, even last and without its end."""
    ledger.path.write_text(SHORT.to_line() + "\n" + OTHER_VERSION[name] + end, encoding="utf-8")
    assert ledger.read() == History((SHORT,))
    ledger.append(FULL)
    assert ledger.path.read_text(encoding="utf-8").split("\n")[1] == OTHER_VERSION[name]
    assert ledger.read() == History((SHORT, FULL))


NO_LINE = {
    "nothing": "{}",
    "a word": "word",
    "a number": "5",
    "a list": "[]",
    "half a line": make_event().to_line()[:-20],
    "two lines in one": make_event().to_line() * 2,
    "a merge's mark": "<<<<<<< HEAD",
    "a list for an event": changed(event=["saved"]),
    "no event": changed(event=None),
    "no attempt": changed(attempt=None),
    "no hero": changed(hero=None),
    "no time": changed(time=None),
    "a number for a time": changed(time=5),
    "no day of any calendar": changed(time="2026-02-30T00:00:00Z"),
    "a day before all days": changed(time="0001-01-01T00:00:00+14:00"),
    "a word for a price": changed(usd="much"),
    "a yes for a price": changed(usd=True),
    "a price below nothing": changed(usd=-0.01),
    "a price without end": changed(usd=float("inf")),
    "a number for the id of a request": changed(request_id=5),
    "brackets without end": "[" * 100_000,
}


@pytest.mark.parametrize("name", NO_LINE)
def test_what_is_no_line_is_reported_by_its_number(name: str, ledger: Ledger) -> None:
    """An unreadable line in the middle is named, stays byte for byte, and hides none of the others."""
    first, last = make_event(SUBMITTING), make_event(SUBMITTED)
    lines = f"{first.to_line()}\n{NO_LINE[name]}\n{last.to_line()}\n".encode()
    ledger.path.write_bytes(lines)
    assert ledger.read() == History((first, last), (2,))
    ledger.append(FULL)
    assert ledger.path.read_bytes() == lines + FULL.to_line().encode() + b"\n"
    assert ledger.read() == History((first, last, FULL), (2,))


def test_bytes_that_are_no_text_are_reported_too(ledger: Ledger) -> None:
    """What a broken disk left is an unreadable line like any other; lines count from one."""
    good = make_event().to_line().encode()
    ledger.path.write_bytes(b"\xff\xfe\x00\n" + good + b"\n\x00\x00\x00\n" + good + b"\n")
    assert ledger.read() == History((make_event(), make_event()), (1, 3))


def test_empty_lines_and_windows_lines_do_no_harm(ledger: Ledger) -> None:
    """What editors and git make of the ends of lines changes nothing."""
    ledger.path.write_bytes(f"\n{make_event().to_line()}\r\n\r\n  \n{FULL.to_line()}\r\n".encode())
    assert ledger.read() == History((make_event(), FULL))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_no_editor_hides_a_line(mark: str, end: str, ledger: Ledger) -> None:
    """A byte order mark and any line ends hide no line, number them alike, and nothing is cut at the next write."""
    lines = [SHORT.to_line(), "damage", FULL.to_line()]
    for last in (end, ""):
        ledger.path.write_bytes((mark + end.join(lines) + last).encode())
        assert ledger.read() == History((SHORT, FULL), (2,))
        ledger.append(make_event())
        assert ledger.read() == History((SHORT, FULL, make_event()), (2,))


def test_a_mark_between_joined_files_hides_no_line(ledger: Ledger) -> None:
    """Two ledgers that were joined may have a byte order mark in the middle, even before the last line."""
    ledger.path.write_text(f"{SHORT.to_line()}\n\ufeff{FULL.to_line()}", encoding="utf-8")
    ledger.append(make_event())
    assert ledger.read() == History((SHORT, FULL, make_event()))


# The file.


def test_a_ledger_that_is_not_there_is_empty(ledger: Ledger) -> None:
    """A new blog has no history, and reading makes no file."""
    assert ledger.read() == History()
    assert not ledger.path.exists()


def test_events_stand_in_the_order_in_which_they_happened(ledger: Ledger) -> None:
    """Each event is one whole line at the end, and is there for another process when the call returns."""
    events = [make_event(kind, attempt=f"a{number}") for number in range(3) for kind in (SUBMITTING, SUBMITTED)]
    for number, event in enumerate(events, start=1):
        ledger.append(event)
        lines = ledger.path.read_bytes().splitlines(keepends=True)
        assert len(lines) == number
        assert lines[-1] == event.to_line().encode() + b"\n"
    assert Ledger(ledger.path).read() == History(tuple(events))


def test_a_line_survives_the_death_of_its_process(ledger: Ledger) -> None:
    """A process that is killed the moment the call returns has written its line."""
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from pelican_falhero.storage.events import parse_line\n"
        "from pelican_falhero.storage.ledger import Ledger\n"
        "Ledger(Path(sys.argv[1])).append(parse_line(sys.argv[2].encode()))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(ledger.path), FULL.to_line()], check=False)
    assert done.returncode == -signal.SIGKILL
    assert ledger.read() == History((FULL,))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems sync /dev/null")
def test_a_line_that_the_disk_does_not_confirm_is_an_error() -> None:
    """What takes bytes but can't be synced is no place to write down that money is being spent."""
    with pytest.raises(LedgerError, match="so nothing is bought"):
        Ledger(Path("/dev/null")).append(FULL)


def test_threads_do_not_write_into_each_others_lines(ledger: Ledger) -> None:
    """Of lines that are written at once, all are whole, all are there, and each thread's are in its order."""
    start = threading.Barrier(8)

    def write(thread: int) -> None:
        start.wait()
        for number in range(12):
            ledger.append(make_event(attempt=f"{thread}", title=f"{number} " + "x" * 500))

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = ledger.read()
    assert history.unreadable == ()
    for number in range(8):
        titles = [event.title.split()[0] for event in history.events if event.attempt == str(number)]
        assert titles == [str(number) for number in range(12)]


def waiting_appends(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, *, disk_fails: bool) -> tuple[int, list[str]]:
    """Five threads append while the disk is busy with the first one's line: the number of flushes, and the errors."""
    real, is_busy, go_on = os.fsync, threading.Event(), threading.Event()
    flushes: list[int] = []
    errors: list[str] = []

    def fsync(handle: int) -> None:
        flushes.append(handle)
        if len(flushes) == 1:
            is_busy.set()
            assert go_on.wait(10)
        elif disk_fails:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    def append(number: int) -> None:
        try:
            ledger.append(make_event(attempt=f"{number}"))
        except LedgerError as error:
            errors.append(str(error))

    ledger.append(make_event(attempt="before"))
    monkeypatch.setattr(os, "fsync", fsync)
    threads = [threading.Thread(target=append, args=(number,)) for number in range(5)]
    threads[0].start()
    assert is_busy.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(ledger._waiting) < 4:
        time.sleep(0.001)
    go_on.set()
    for thread in threads:
        thread.join()
    return len(flushes), errors


def test_lines_that_wait_for_the_disk_are_flushed_together(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is busy with one line, those of other threads wait, and then take it once and not once each."""
    assert waiting_appends(ledger, monkeypatch, disk_fails=False) == (2, [])
    assert {event.attempt for event in ledger.read().events} == {"before", *"01234"}


def test_lines_that_fail_together_leave_nothing_behind(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk does not confirm them, each thread hears that its line was not written, and none of them was."""
    flushes, errors = waiting_appends(ledger, monkeypatch, disk_fails=True)
    assert flushes == 2
    assert len(errors) == 4
    assert all("so nothing is bought" in error for error in errors)
    assert [event.attempt for event in ledger.read().events] == ["before", "0"]


def test_a_ledger_that_can_not_be_reached_is_named(tmp_path: Path) -> None:
    """A folder in its place, or none around it, is an error that names the file and says what follows."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(LedgerError, match="folder can't be read"):
        Ledger(tmp_path / "folder").read()
    for path in (tmp_path / "folder", tmp_path / "nowhere" / FILE_NAME):
        with pytest.raises(LedgerError, match="so nothing is bought; check its permissions and the space") as caught:
            Ledger(path).append(FULL)
        assert str(path) in str(caught.value)


def test_text_that_no_file_can_hold_is_written_down_all_the_same(ledger: Ledger) -> None:
    """Half of a character, as a cut answer can bring, does not keep what happened from being recorded."""
    ledger.append(make_event(REFUSED, reason="the prompt “\ud83d… was refused"))
    (event,) = ledger.read().events
    assert event.event == REFUSED
    assert event.reason.endswith("was refused")


# Crashes.


@pytest.mark.parametrize("before", [0, 2])
def test_a_torn_last_line_is_repaired_wherever_it_was_torn(ledger: Ledger, before: int) -> None:
    """A line that was cut at any byte is passed over, taken back by the next line, and takes no whole line with it."""
    events = tuple(make_event(attempt=f"a{number}") for number in range(before))
    whole = filled(ledger, *events) if events else b""
    torn = SHORT.to_line().encode()
    for length in range(len(torn)):
        ledger.path.write_bytes(whole + torn[:length])
        assert ledger.read() == History(events)
        ledger.append(make_event(REFUSED))
        assert ledger.path.read_bytes() == whole + make_event(REFUSED).to_line().encode() + b"\n"


def test_a_last_line_that_only_lost_its_end_counts(ledger: Ledger) -> None:
    """Where nothing but the end of the line is missing, the line is kept."""
    ledger.path.write_bytes(FULL.to_line().encode())
    assert ledger.read() == History((FULL,))
    ledger.append(make_event())
    assert ledger.path.read_bytes() == f"{FULL.to_line()}\n{make_event().to_line()}\n".encode()


def test_zeroes_that_a_power_cut_left_are_repaired(ledger: Ledger) -> None:
    """Some file systems leave zeroes where a line should be."""
    whole = filled(ledger, make_event())
    ledger.path.write_bytes(whole + bytes(5000))
    assert ledger.read() == History((make_event(),))
    ledger.append(FULL)
    assert ledger.read() == History((make_event(), FULL))


def test_a_torn_line_may_be_long(ledger: Ledger) -> None:
    """However long the last line was, the line before it is found."""
    whole = filled(ledger, make_event())
    ledger.path.write_bytes(whole + make_event(reason="x" * 20_000).to_line().encode()[:-1])
    ledger.append(FULL)
    assert ledger.read() == History((make_event(), FULL))


def test_a_full_disk_leaves_whole_lines_only(ledger: Ledger) -> None:
    """Wherever the disk ends, the error says so, no part of the line stays, and later there is room again."""
    whole = filled(ledger, make_event())
    line = SHORT.to_line().encode() + b"\n"
    for room in range(len(line)):
        told = r"\(File too large\), so nothing is bought; check .* the space on the disk"
        with disk_full_at(len(whole) + room), pytest.raises(LedgerError, match=told):
            ledger.append(SHORT)
        assert ledger.path.read_bytes() == whole
    ledger.append(SHORT)
    assert ledger.read() == History((make_event(), SHORT))


def test_a_disk_that_is_full_and_a_line_that_is_torn(ledger: Ledger) -> None:
    """Repairing needs no room: what was torn is gone even where the new line does not fit."""
    whole = filled(ledger, make_event())
    ledger.path.write_bytes(whole + FULL.to_line().encode()[:50])
    with disk_full_at(len(whole) + 60), pytest.raises(LedgerError):
        ledger.append(FULL)
    assert ledger.path.read_bytes() == whole


def test_a_disk_that_is_full_takes_nothing_from_a_line_that_lost_its_end(ledger: Ledger) -> None:
    """The last line stays whole, with its end put back, where the new one does not fit."""
    whole = FULL.to_line().encode()
    ledger.path.write_bytes(whole)
    with disk_full_at(len(whole) + 50), pytest.raises(LedgerError):
        ledger.append(SHORT)
    assert ledger.path.read_bytes() == whole + b"\n"


def test_a_new_ledger_is_on_the_disk_with_its_name(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first line the folder is flushed too, or a power cut takes the whole file; later that is not needed."""
    flushed: list[Path] = []
    monkeypatch.setattr(module, "sync", flushed.append)
    filled(ledger, make_event(SUBMITTING), make_event(SUBMITTED))
    assert flushed == [ledger.path.parent]


# What it says.


TRIES: dict[str, tuple[list[str], str]] = {
    "left, and nothing more is known": ([SUBMITTING], SUBMITTING),
    "at fal": ([SUBMITTING, SUBMITTED], SUBMITTED),
    "saved": ([SUBMITTING, SUBMITTED, SAVED], SAVED),
    "refused at once": ([SUBMITTING, REFUSED], REFUSED),
    "refused later": ([SUBMITTING, SUBMITTED, REFUSED], REFUSED),
    "failed at once": ([SUBMITTING, FAILED], FAILED),
    "failed later": ([SUBMITTING, SUBMITTED, FAILED], FAILED),
    "the first line is lost": ([SUBMITTED, SAVED], SAVED),
    "the second line is lost": ([SUBMITTING, SAVED], SAVED),
    "saved on another branch": ([SUBMITTING, SUBMITTED, FAILED, SAVED], SAVED),
}


@pytest.mark.parametrize("name", TRIES)
def test_a_try_is_what_its_events_say(name: str) -> None:
    """The furthest event decides what became of a try."""
    kinds, outcome = TRIES[name]
    (attempt,) = attempts_of(make_event(kind, request_id="" if kind == SUBMITTING else "r1") for kind in kinds)
    assert attempt.outcome == outcome
    assert attempt.is_uncertain is (outcome == SUBMITTING)
    assert attempt.is_pending is (outcome == SUBMITTED)
    assert attempt.first.event == kinds[0]


def test_what_a_try_cost_is_what_its_end_says() -> None:
    """The estimate counts until fal tells better; a failed job costs nothing, an uncertain one its whole price."""
    began, ended = make_event(SUBMITTING, usd=0.025), make_event(FAILED, usd=0.0)
    assert [attempt.usd for attempt in attempts_of([began])] == [0.025]
    assert [attempt.usd for attempt in attempts_of([began, ended])] == [0.0]


def test_a_try_tells_its_estimate_beside_what_was_billed() -> None:
    """The first line has the estimate, the last what fal billed."""
    (attempt,) = attempts_of([make_event(SUBMITTING, usd=0.025), make_event(SAVED, usd=0.02, units=0.8)])
    assert (attempt.estimate, attempt.usd, attempt.last.units) == (0.025, 0.02, 0.8)


def test_a_try_has_what_any_of_its_lines_says() -> None:
    """The folder is the one told last; whether it is a redraw, and fal's clock, stand in whichever line has them."""
    (attempt,) = attempts_of(
        [
            make_event(SUBMITTING, redraw=True, candidate=True, folder="images"),
            make_event(SUBMITTED, provider_time=NOW, request_id="r1"),
            make_event(SAVED, folder="images/heroes"),
        ]
    )
    assert (attempt.folder, attempt.redraw, attempt.provider_time) == ("images/heroes", True, NOW)
    assert attempt.candidate
    (plain,) = attempts_of([make_event()])
    assert (plain.folder, plain.redraw, plain.candidate, plain.provider_time) == ("", False, False, None)


@pytest.mark.parametrize("marks", [{"redraw": True}, {"candidate": True}, {}], ids=str)
@pytest.mark.parametrize("name", TRIES)
def test_what_is_pending_beside_a_hero_is_found_without_reading_every_line(
    name: str, marks: dict[str, Any], ledger: Ledger
) -> None:
    """Exactly the redraws and candidates that fal took and that have no end are found, whichever line marks them."""
    kinds, _ = TRIES[name]
    found = {"hero-0"} if marks and SUBMITTED in kinds and not {SAVED, REFUSED, FAILED} & set(kinds) else set()
    trap = 'Post "redraw": true, "candidate": true, "event": "saved", "attempt": "a1"'
    events = [make_event(kind, attempt="a1", hero="hero-0.png", title=trap) for kind in reversed(kinds)]
    other = [make_event(SUBMITTED, attempt="a2", hero="hero-2.png", title=trap)]
    for marked in (0, -1):
        for end in ("\n", "\r"):
            told = [*events]
            told[marked] = replace(events[marked], **marks)
            lines = [event.to_line() for event in other + told + other]
            ledger.path.write_text(end.join(lines), encoding="utf-8", newline="")
            assert ledger.pending_heroes() == found


@pytest.mark.parametrize("damage", [b'{"redraw": true, "attempt": "a9"}', b'{"redraw": true, "hero": "hero-9.png"}'])
def test_damaged_lines_hide_no_pending_redraw(damage: bytes, ledger: Ledger) -> None:
    """A redraw without its hero or its try is passed over, whatever follows it, and so are bytes that are no text."""
    redraw = make_event(SUBMITTED, hero="hero-0.png", redraw=True).to_line().encode()
    no_text = make_event(SUBMITTED, attempt="a2", hero="hero-?.png", redraw=True).to_line().encode()
    other = make_event(SUBMITTED, attempt="a3", hero="hero-7.png").to_line().encode()
    ledger.path.write_bytes(b"\n".join([damage, other, no_text.replace(b"?", b"\xff"), redraw, damage, other]))
    assert ledger.pending_heroes() == {"hero-0", "hero-\ufffd"}


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_alternative_texts_are_found_without_reading_every_line(end: bytes, ledger: Ledger) -> None:
    """The last one written of each picture counts, wherever it stands; an empty one too, and damage hides no other."""
    described: dict[str, Any] = {"endpoint": VISION_ROUTER, "sha256": "a"}
    lines = [
        make_event(WRITTEN, text="A fox.", time=NOW + hours(1), **described),
        make_event(WRITTEN, text="A dog.", **described),
        make_event(SUBMITTED, text="Nothing yet.", time=NOW + hours(2), **described),
        make_event(WRITTEN, text="No picture.", endpoint=VISION_ROUTER),
        make_event(WRITTEN, text="A brief.", sha256="b"),
        make_event(WRITTEN, text="", **(described | {"sha256": "c"})),
    ]
    damaged = lines[0].to_line().encode().replace(b'"usd": 0.025', b'"usd": "?"')
    ledger.path.write_bytes(end.join([damaged, *(line.to_line().encode() for line in lines)]))
    assert ledger.alternative_texts() == {"a": "A fox.", "c": ""}


def test_a_look_at_no_ledger_finds_nothing(ledger: Ledger, tmp_path: Path) -> None:
    """A new blog has no redraw under way; a ledger that can't be read is an error."""
    assert ledger.pending_heroes() == set()
    with pytest.raises(LedgerError, match="can't be read"):
        Ledger(tmp_path).pending_heroes()


def test_tries_are_told_oldest_first() -> None:
    """The order is that in which the tries began, whatever the order of the lines."""
    events = [make_event(attempt=f"a{number}", time=NOW - hours(number)) for number in range(4)]
    assert [attempt.first.attempt for attempt in attempts_of(events)] == ["a3", "a2", "a1", "a0"]


@PROPERTY
@given(st.data())
def test_a_merged_ledger_says_the_same_in_any_order(data: st.DataObject) -> None:
    """Lines that a union merge put in another order, or twice, tell of the same tries and the same money."""
    outcomes = data.draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6))
    tries = [
        [replace(event, time=NOW + hours(number)) for event in attempt_events(make_post(f"Post {number}"), outcome)]
        for number, outcome in enumerate(outcomes)
    ]
    events = [event for events in tries for event in events]
    again = data.draw(st.lists(st.sampled_from(events)))
    merged = data.draw(st.permutations(events + again))
    assert attempts_of(merged) == attempts_of(events)
    assert spent(attempts_of(merged), since=NOW) == pytest.approx(0.025 * len(tries))


def test_money_counts_from_the_moment_a_try_began() -> None:
    """A try counts for the day in which it was sent, however much later its picture came, that moment included."""
    tries = [bought(0.5, NOW - hours(age), attempt=str(age)) for age in (0, 23, 24, 25)]
    assert spent(tries, since=NOW - hours(24)) == pytest.approx(1.5)
    late = attempts_of([make_event(SUBMITTING, usd=1, time=NOW - hours(25)), make_event(SAVED, usd=1, time=NOW)])
    assert spent(late, since=NOW - hours(24)) == 0
