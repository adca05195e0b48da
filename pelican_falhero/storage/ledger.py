"""The ledger: an append-only record of what was asked of fal, what came back and what it cost.

One JSON object a line in ``.falhero/ledger.jsonl``, each line flushed to the disk before the step it announces is
taken. Lines of one try share an ``attempt``, so that a ledger merged from two branches, in any order, says the same.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from io import FileIO
from pathlib import Path
from typing import Any

from ..errors import LedgerError
from .assets import sync

VERSION = 1
FILE_NAME = "ledger.jsonl"

SUBMITTING = "submitting"
"""Written before a request leaves."""
SUBMITTED = "submitted"
"""fal took the request and named it."""
SAVED = "saved"
"""The picture is in the assets folder."""
REFUSED = "refused"
"""fal will not draw this request."""
FAILED = "failed"
"""The request came to nothing."""
KINDS = frozenset({SUBMITTING, SUBMITTED, SAVED, REFUSED, FAILED})

_TEXTS = ("title", "source", "provider", "endpoint", "request_id", "fingerprint", "reason", "sha256", "kept_from")
_UNREADABLE = (ValueError, TypeError, OverflowError, RecursionError)
"""What parsing a line raises that is no event."""

Clock = Callable[[], datetime.datetime]
"""Gives the time in UTC."""


def utc_now() -> datetime.datetime:
    """The time, in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the ledger."""

    event: str
    attempt: str
    """Groups the lines of one try."""
    hero: str
    """File name in the assets folder."""
    time: datetime.datetime
    title: str = ""
    source: str = ""
    provider: str = "fal"
    endpoint: str = ""
    request_id: str = ""
    fingerprint: str = ""
    usd: float = 0.0
    """Estimated; at the end of a try what it really came to, as far as fal told."""
    reason: str = ""
    sha256: str = ""
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    kept_from: str = ""
    """The hero that this one is a copy of, when a retitled post keeps its picture."""

    def to_line(self) -> str:
        """The line, without its end; empty fields are left out."""
        filled = {name: value for name, value in asdict(self).items() if value not in ("", None)}
        filled["time"] = self.time.strftime("%Y-%m-%dT%H:%M:%SZ")
        return json.dumps({"v": VERSION, **filled}, ensure_ascii=False)

    @classmethod
    def from_line(cls, line: str) -> Event:
        """The event of a line; fields of later versions are ignored.

        Raises:
            ValueError: it is not one.
        """
        values = json.loads(line)
        if not isinstance(values, dict) or values.get("event") not in KINDS:
            raise ValueError("not an event")
        known = {item.name: values[item.name] for item in fields(cls) if item.name in values}
        for name in ("attempt", "hero", "time"):
            if not isinstance(known.get(name), str):
                raise ValueError(f"no {name}")
        time = datetime.datetime.fromisoformat(known.pop("time"))
        usd = known.pop("usd", 0.0)
        if isinstance(usd, bool) or not isinstance(usd, int | float) or not 0 <= usd < float("inf"):
            raise ValueError("no usd")
        if not all(isinstance(known.get(name, ""), str) for name in _TEXTS):
            raise ValueError("no text where one belongs")
        return cls(**known, time=time.astimezone(datetime.UTC), usd=float(usd))


@dataclass(frozen=True)
class History:
    """All events that could be read, and the numbers of the lines that could not."""

    events: tuple[Event, ...] = ()
    unreadable: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try at a hero, from all its events."""

    first: Event
    request_id: str
    outcome: str
    """``submitting`` (uncertain), ``submitted`` (pending), ``saved``, ``refused`` or ``failed``."""
    last: Event

    @property
    def usd(self) -> float:
        """What it cost, or may have cost, in USD."""
        return self.last.usd

    @property
    def is_uncertain(self) -> bool:
        """Whether a request left and fal never said what became of it."""
        return self.outcome == SUBMITTING

    @property
    def is_pending(self) -> bool:
        """Whether fal has the request and its picture was not fetched yet."""
        return self.outcome == SUBMITTED


_FINALITY = {SUBMITTING: 0, SUBMITTED: 1, FAILED: 2, REFUSED: 3, SAVED: 4}


def attempts_of(events: Iterable[Event]) -> tuple[Attempt, ...]:
    """The tries that the events tell of, oldest first; their order in the file does not matter."""
    grouped: dict[str, list[Event]] = {}
    for event in events:
        grouped.setdefault(event.attempt, []).append(event)
    attempts = []
    for group in grouped.values():
        group.sort(key=lambda event: (_FINALITY[event.event], event.time))
        named = next((event.request_id for event in group if event.request_id), "")
        attempts.append(Attempt(first=group[0], request_id=named, outcome=group[-1].event, last=group[-1]))
    return tuple(sorted(attempts, key=lambda attempt: attempt.first.time))


def spent(attempts: Iterable[Attempt], *, since: datetime.datetime) -> float:
    """USD that tries begun at or after ``since`` cost or may have cost."""
    return sum(attempt.usd for attempt in attempts if attempt.first.time >= since)


class Ledger:
    """The file itself. Safe for threads; ``filelock`` keeps a second process from buying (see generation)."""

    def __init__(self, path: Path, *, clock: Clock = utc_now) -> None:
        self.path = path
        self.clock = clock
        self._lock = threading.Lock()

    def read(self) -> History:
        """What the ledger holds; a last line that a crash cut short is passed over.

        Raises:
            LedgerError: the file is there and can't be read.
        """
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return History()
        except OSError as error:
            raise LedgerError(f"{self.path} can't be read ({error.strerror}); check its permissions") from error
        events: list[Event] = []
        unreadable: list[int] = []
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                events.append(Event.from_line(line.decode()))
            except _UNREADABLE:
                if number < len(lines):
                    unreadable.append(number)
        return History(tuple(events), tuple(unreadable))

    def append(self, event: Event) -> None:
        """Add a line and wait until the disk holds it.

        Raises:
            LedgerError: the line could not be written; none of it stays.
        """
        # A lone surrogate, as a broken emoji leaves it, becomes the escape that JSON has for it.
        data = (event.to_line() + "\n").encode(errors="backslashreplace")
        with self._lock:
            try:
                is_new = not self.path.exists()
                with self.path.open("ab+", buffering=0) as file:
                    _append_line(file, data)
                if is_new:
                    # Or a power cut could take the file with all its lines.
                    sync(self.path.parent)
            except OSError as error:
                raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> LedgerError:
        return LedgerError(
            f"{self.path} can't be written ({error.strerror or error}), so nothing is bought; "
            "check its permissions and the space on the disk"
        )


def _append_line(file: FileIO, data: bytes) -> None:
    end = _mend_end(file)
    try:
        _write_all(file, data)
        os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            file.truncate(end)
        raise


def _mend_end(file: FileIO) -> int:
    """Have the file end with a whole line, and return its length in bytes.

    What a crash left of a last line is taken back, unless only the end of the line is missing.
    """
    length = file.seek(0, os.SEEK_END)
    torn = b""
    start = length
    while start and b"\n" not in torn:
        step = min(4096, start)
        start -= step
        file.seek(start)
        torn = file.read(step) + torn
    torn = torn.rpartition(b"\n")[2]
    if not torn:
        return length
    try:
        Event.from_line(torn.decode())
    except _UNREADABLE:
        file.truncate(length - len(torn))
        return length - len(torn)
    _write_all(file, b"\n")
    return length + 1


def _write_all(file: FileIO, data: bytes) -> None:
    while data:
        data = data[file.write(data) :]


def by_hero(attempts: Iterable[Attempt]) -> Mapping[str, tuple[Attempt, ...]]:
    """The tries of each hero, by its file name without extension, oldest first."""
    grouped: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        grouped.setdefault(stem_of(attempt.first.hero), []).append(attempt)
    return {stem: tuple(group) for stem, group in grouped.items()}


def stem_of(name: str) -> str:
    """A hero's file name without its extension."""
    return name.rpartition(".")[0]


def event_fields(event: Event) -> dict[str, Any]:
    """What the later events of a try repeat of its first."""
    return {name: getattr(event, name) for name in ("attempt", "hero", "title", "source", "endpoint", "fingerprint")}
