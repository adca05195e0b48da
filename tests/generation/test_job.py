"""One hero's work, step by step: what is sent, what is written down of it, what is paid."""

from __future__ import annotations

import datetime
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import NOW, attempt_events, hours, make_post, save_picture
from PIL import Image
from scripted_provider import SEED, URL, ScriptedProvider, execute, site_in, written
from signed_pictures import signed

from pelican_falhero.errors import (
    AccountError,
    BusyError,
    DeadlineError,
    HeroError,
    JobError,
    PictureError,
    RefusedError,
    UncertainError,
)
from pelican_falhero.generation import job
from pelican_falhero.generation.result import Outcome
from pelican_falhero.planning.request import build_request
from pelican_falhero.providers.base import Deadline
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.events import FAILED, REFUSED, SAVED, SUBMITTED, SUBMITTING, Event
from pelican_falhero.storage.labels import Label, read_label, tool_name

POST = make_post()
NAME = f"{hero_stem(POST.title)}.png"
DEV = "fal-ai/flux/dev"
USD = 0.025
pytestmark = pytest.mark.usefixtures("pauses")


def at(seconds: float) -> datetime.datetime:
    """The time so long after the run began."""
    return NOW + datetime.timedelta(seconds=seconds)


# A hero that is drawn.


def test_each_step_is_written_down_before_the_next(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger holds the try before it is sent, its id before it is waited for, and the picture once it is there."""
    site = site_in(tmp_path)
    seen: list[tuple[str, list[str]]] = []
    now = [0.0]
    monkeypatch.setattr(job, "time", SimpleNamespace(monotonic=lambda: now[0]))
    site.ledger.clock = lambda: at(now[0] // 1)

    def on_step(step: str) -> None:
        now[0] += 2.02
        seen.append((step, [event.event for event in site.ledger.read().events]))

    provider.on_step = on_step
    provider.clock = NOW + hours(1)
    result = execute(site, provider)
    assert seen == [
        ("check", []),
        ("submit", [SUBMITTING]),
        ("wait", [SUBMITTING, SUBMITTED]),
        ("fetch", [SUBMITTING, SUBMITTED]),
    ]
    submitting, submitted, saved = site.ledger.read().events
    request = build_request(POST, site.settings)
    assert re.fullmatch(r"[0-9a-f]{12}", submitting.attempt)
    common = Event(
        event=SUBMITTING,
        attempt=submitting.attempt,
        hero=NAME,
        time=NOW,
        title=POST.title,
        source=POST.source,
        endpoint=DEV,
        fingerprint=request.fingerprint,
        usd=USD,
    )
    assert submitting == replace(common, time=at(2), prompt=request.arguments["prompt"])
    assert submitted == replace(common, event=SUBMITTED, time=at(4), request_id="r1", provider_time=NOW + hours(1))
    picture = site.library.folder / NAME
    assert read_label(picture) == Label("trainedAlgorithmicMedia", tool_name(), DEV)
    assert saved == replace(
        common,
        event=SAVED,
        time=at(8),
        request_id="r1",
        folder="images/heroes",
        sha256=hashlib.sha256(picture.read_bytes()).hexdigest(),
        seed=SEED,
        width=160,
        height=120,
        seconds=6.1,
    )
    assert result.state is Outcome.MADE
    assert (result.usd, result.saved_as, result.lost, result.was_tried) == (USD, NAME, "", True)
    assert result.seconds == pytest.approx(6.06)
    assert provider.sent == [request]
    assert (provider.waited, provider.fetched) == ([(DEV, "r1")], [URL])


def test_a_new_picture_for_an_old_one_is_marked_as_such(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Where a picture is there already, the try says that it is a redraw, so that a crash does not lose it."""
    post = make_post(prompt="Another prompt")
    site = site_in(tmp_path, post, events=attempt_events(POST, SAVED), refresh="changed")
    save_picture(site.library.folder / NAME)
    assert execute(site, provider).state is Outcome.MADE
    assert [event.redraw for event in site.ledger.read().events[3:]] == [True, True, False]


def test_a_picture_that_arrives_signed_is_written_down_with_its_own_type(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """It is saved byte for byte, under the extension that it arrived with."""
    site = site_in(tmp_path)
    arrived = save_picture(tmp_path / "arrived.jpg")
    arrived.write_bytes(signed(arrived.read_bytes()))
    provider.files.append(arrived)
    name = f"{hero_stem(POST.title)}.jpg"
    assert execute(site, provider).saved_as == name
    assert site.ledger.read().events[-1].hero == name
    assert (site.library.folder / name).read_bytes() == arrived.read_bytes()


# What it costs.


@pytest.mark.parametrize(
    ("units", "prices", "usd"), [(None, {}, USD), (2, {}, 0.05), (0, {}, 0.0), (0.5, {"dev": 0.08}, 0.04)]
)
def test_a_picture_costs_what_was_billed(
    tmp_path: Path, provider: ScriptedProvider, units: float | None, prices: dict[str, float], usd: float
) -> None:
    """The ledger's last line, and the result, have the billed units' price; where none are told, the estimate."""
    site = site_in(tmp_path, prices=prices)
    provider.units = units
    assert execute(site, provider).usd == pytest.approx(usd)
    saved = site.ledger.read().events[-1]
    assert (saved.event, saved.units) == (SAVED, units)
    assert saved.usd == pytest.approx(usd)


def test_what_an_earlier_run_paid_for_costs_this_one_nothing(tmp_path: Path, provider: ScriptedProvider) -> None:
    """It is billed to the run that sent it; a price of one's own is for what was sent then, whatever is asked now."""
    sent = attempt_events(POST, SUBMITTED, usd=0.08)
    site = site_in(tmp_path, make_post(size=(2048, 2048)), events=sent, prices={"dev": 0.08})
    provider.units = 1
    result = execute(site, provider)
    assert (result.state, result.usd) == (Outcome.MADE, 0.0)
    assert (provider.sent, provider.waited) == ([], [(DEV, "r1")])
    assert written(site, after=2) == [(SAVED, 0.08)]


def test_a_pending_picture_is_saved_for_the_title_that_its_post_has_now(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """After a retitle the last line names hero and title of today, and the request of then."""
    post = make_post("Hikes in winter", source=POST.source)
    site = site_in(tmp_path, post, events=attempt_events(POST, SUBMITTED))
    result = execute(site, provider)
    first, _, saved = site.ledger.read().events
    assert result.saved_as == saved.hero == f"{hero_stem(post.title)}.png"
    assert (saved.title, saved.source) == (post.title, post.source)
    assert (saved.attempt, saved.fingerprint, saved.request_id) == (first.attempt, first.fingerprint, "r1")


def test_a_pending_picture_that_moved_to_another_file_is_saved_for_that_file(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """The last line names the post's file of today, so that its next retitle takes the picture along."""
    site = site_in(tmp_path, replace(POST, source="moved.md"), events=attempt_events(POST, SUBMITTED))
    execute(site, provider)
    assert site.ledger.read().events[-1].source == "moved.md"


# What fails at fal.


def test_a_job_that_failed_is_sent_again(tmp_path: Path, provider: ScriptedProvider, pauses: list[float]) -> None:
    """After a second, and after three more; each try has its own lines, and those that failed cost nothing."""
    site = site_in(tmp_path)
    provider.wait_errors.extend([JobError("worker lost"), JobError("worker lost")])
    result = execute(site, provider)
    assert (result.state, result.usd, pauses) == (Outcome.MADE, USD, [1.0, 3.0])
    one = [(SUBMITTING, USD), (SUBMITTED, USD)]
    assert written(site) == [*one, (FAILED, 0.0), *one, (FAILED, 0.0), *one, (SAVED, USD)]
    events = site.ledger.read().events
    assert len({event.attempt for event in events}) == 3
    assert events[2].reason == "worker lost"
    assert events[2].request_id == "r1"


def test_a_job_is_sent_three_times_at_most(tmp_path: Path, provider: ScriptedProvider, pauses: list[float]) -> None:
    """Then the hero fails with fal's words, nothing counts as spent, and the next build tries again."""
    provider.wait_errors.extend([JobError("worker lost")] * 4)
    result = execute(site_in(tmp_path), provider)
    assert (result.state, result.reason, result.usd) == (Outcome.FAILED, "worker lost", 0.0)
    assert result.remedy == "The next build tries again"
    assert (len(provider.sent), pauses) == (3, [1.0, 3.0])


def test_a_job_that_would_fail_again_is_sent_once(tmp_path: Path, provider: ScriptedProvider) -> None:
    """An error of the request's own is not paid for twice."""
    provider.wait_errors.append(JobError("no such model", retryable=False))
    assert execute(site_in(tmp_path), provider).state is Outcome.FAILED
    assert len(provider.sent) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RefusedError("flagged", charged=True), REFUSED),
        (RefusedError("flagged", charged=False), REFUSED),
        (JobError("broken", retryable=False, charged=True), FAILED),
    ],
)
def test_a_failure_costs_what_fal_charges_for_it(
    tmp_path: Path, provider: ScriptedProvider, error: RefusedError | JobError, kind: str
) -> None:
    """Ledger and result have the whole price where it was charged, and nothing where it was not."""
    site = site_in(tmp_path)
    provider.wait_errors.append(error)
    result = execute(site, provider)
    usd = USD if error.charged else 0.0
    assert (result.usd, result.reason) == (usd, str(error))
    assert result.state is (Outcome.REFUSED if kind == REFUSED else Outcome.FAILED)
    assert written(site, after=2) == [(kind, usd)]
    assert site.ledger.read().events[-1].reason == str(error)


def test_a_refusal_says_what_can_be_done(tmp_path: Path, provider: ScriptedProvider) -> None:
    """The hero is not asked for again until its request changes, and the result says so."""
    provider.wait_errors.append(RefusedError("flagged"))
    assert execute(site_in(tmp_path), provider).remedy == "It is not asked for again until its request changes"


def test_a_failure_of_an_earlier_runs_request_costs_this_run_nothing(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """What was not charged after all is taken from the run that sent it, and not from this one's sum."""
    provider.wait_errors.append(RefusedError("flagged", charged=False))
    site = site_in(tmp_path, events=attempt_events(POST, SUBMITTED))
    assert execute(site, provider).usd == 0.0
    assert written(site, after=2) == [(REFUSED, 0.0)]


# What fails on the way to fal.


def test_a_full_queue_is_asked_again_with_one_line(
    tmp_path: Path, provider: ScriptedProvider, pauses: list[float]
) -> None:
    """What fal was too busy to take is one try, sent after pauses that double up to sixteen seconds."""
    site = site_in(tmp_path)
    provider.submit_errors.extend([BusyError("busy")] * 6)
    assert execute(site, provider).state is Outcome.MADE
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 16.0]
    assert written(site) == [(SUBMITTING, USD), (SUBMITTED, USD), (SAVED, USD)]


def test_a_queue_that_stays_full_costs_nothing(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the time is over, the try ends as failed and free, with the reason."""

    def pause(deadline: Deadline, seconds: float) -> None:
        raise DeadlineError("timed out")

    monkeypatch.setattr(Deadline, "pause", pause)
    site = site_in(tmp_path)
    provider.submit_errors.append(BusyError("busy"))
    result = execute(site, provider)
    assert (result.state, result.usd, result.reason) == (Outcome.FAILED, 0.0, "timed out")
    assert written(site) == [(SUBMITTING, USD), (FAILED, 0.0)]
    assert site.ledger.read().events[-1].reason == "timed out"


@pytest.mark.parametrize(
    ("error", "kind", "state"),
    [
        (RefusedError("flagged", charged=False), REFUSED, Outcome.REFUSED),
        (JobError("no such endpoint", retryable=False), FAILED, Outcome.FAILED),
        (AccountError("the key is wrong"), FAILED, Outcome.FAILED),
    ],
)
def test_a_request_that_was_not_taken_costs_nothing(
    tmp_path: Path, provider: ScriptedProvider, error: HeroError, kind: str, state: Outcome
) -> None:
    """What fal says at once instead of taking the request ends the try, free, and is not waited for."""
    site = site_in(tmp_path)
    provider.submit_errors.append(error)
    result = execute(site, provider)
    assert (result.state, result.usd, result.reason) == (state, 0.0, str(error))
    assert written(site) == [(SUBMITTING, USD), (kind, 0.0)]
    assert site.ledger.read().events[-1].reason == str(error)
    assert provider.waited == []


def test_a_request_without_an_answer_counts_as_spent(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Its try stays open in the ledger, with its price, and the result has that price and the reason."""
    site = site_in(tmp_path)
    provider.submit_errors.append(UncertainError("the connection broke"))
    result = execute(site, provider)
    assert (result.state, result.usd, result.reason) == (Outcome.FAILED, USD, "the connection broke")
    assert result.remedy == "It may have been charged, and counts as spent; the next build asks again"
    assert written(site) == [(SUBMITTING, USD)]


@pytest.mark.parametrize(("timeout", "left", "sent"), [(60, 9.9, 0), (60, 10.0, 1), (4, 1.9, 0), (4, 2.0, 1)])
def test_nothing_is_sent_when_no_answer_can_come(
    tmp_path: Path,
    provider: ScriptedProvider,
    monkeypatch: pytest.MonkeyPatch,
    timeout: float,
    left: float,
    sent: int,
) -> None:
    """A request needs ten seconds, or half of a shorter FALHERO_TIMEOUT, to be answered; else nothing is written."""
    monkeypatch.setattr(Deadline, "left", lambda deadline: left)
    site = site_in(tmp_path, timeout=timeout)
    result = execute(site, provider)
    assert len(provider.sent) == sent
    if not sent:
        assert result.reason == f"too little time is left of {timeout} s (FALHERO_TIMEOUT) to send a request"
        assert written(site) == []


def test_an_error_that_nobody_expected_fails_one_hero(tmp_path: Path, provider: ScriptedProvider) -> None:
    """It is told by its kind and words, and the picture that is paid for by then is fetched by the next build."""
    provider.wait_errors.append(ValueError("a bug"))
    result = execute(site_in(tmp_path), provider)
    assert result.state is Outcome.PENDING
    assert result.reason.startswith("unexpected error: ValueError: a bug")
    assert result.remedy == "It is paid for; the next build fetches it"


# What fails on the way back.


def test_a_picture_that_does_not_arrive_whole_is_fetched_three_times(
    tmp_path: Path, provider: ScriptedProvider, pauses: list[float]
) -> None:
    """Then it stays paid for, and its try open, for the next build."""
    site = site_in(tmp_path)
    provider.fetch_errors.extend([PictureError("half of it is missing")] * 4)
    result = execute(site, provider)
    assert (result.state, result.usd, result.reason) == (Outcome.PENDING, USD, "half of it is missing")
    assert result.remedy.startswith("It is paid for; the next build fetches it again")
    assert (len(provider.sent), len(provider.fetched), pauses) == (1, 3, [1.0, 3.0])
    assert written(site) == [(SUBMITTING, USD), (SUBMITTED, USD)]


def test_a_picture_that_arrives_at_the_third_fetch_is_saved(tmp_path: Path, provider: ScriptedProvider) -> None:
    """To fetch again is free."""
    provider.fetch_errors.extend([PictureError("half of it is missing")] * 2)
    assert execute(site_in(tmp_path), provider).state is Outcome.MADE
    assert len(provider.sent) == 1


@pytest.mark.parametrize(("blanks", "state"), [(1, Outcome.MADE), (2, Outcome.REFUSED)])
def test_a_blank_picture_is_fetched_once_more(
    tmp_path: Path, provider: ScriptedProvider, pauses: list[float], blanks: int, state: Outcome
) -> None:
    """When it is blank again it counts as refused and paid, for fal's safety check blackened it."""
    site = site_in(tmp_path)
    provider.files.extend([save_picture(tmp_path / "blank.png", image=Image.new("RGB", (160, 120)))] * blanks)
    result = execute(site, provider)
    assert (result.state, result.usd) == (state, USD)
    assert (len(provider.sent), len(provider.fetched), pauses) == (1, 2, [1.0])
    last = site.ledger.read().events[-1]
    assert (last.event, last.usd) == (REFUSED if state is Outcome.REFUSED else SAVED, USD)
    if state is Outcome.REFUSED:
        assert last.reason == result.reason == job.BLANK
