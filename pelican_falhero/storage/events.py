"""What the ledger's lines say: events, and the tries that they tell of. Pure: nothing here touches a file."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

VERSION = 1

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

PARSE_ERRORS = (ValueError, TypeError, OverflowError, RecursionError)
"""What parsing a line raises that is no event."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some editors begin a file with it, and files that were joined have it in the middle."""


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
    prompt: str = ""
    folder: str = ""
    """The assets folder that the picture went to, relative to the root."""
    redraw: bool = False
    """Whether a picture was there and a new one was asked for."""
    provider_time: datetime.datetime | None = None
    """The provider's own clock when it took the request."""
    units: float | None = None
    """Billable units, where the provider told them."""

    def to_line(self) -> str:
        """The line, without its end; empty fields are left out."""
        filled = {
            name: _as_text(value) if isinstance(value, datetime.datetime) else value
            for name, value in asdict(self).items()
            if value not in ("", None) and value is not False
        }
        return json.dumps({"v": VERSION, **filled}, ensure_ascii=False)

    @classmethod
    def from_line(cls, line: str) -> Event:
        """The event of a line; fields of later versions are ignored.

        Raises:
            ValueError, TypeError, OverflowError, RecursionError: it is not one (``PARSE_ERRORS``).
        """
        return _event_of(_object_of(line))


def parse_line(line: bytes) -> Event | None:
    """The event of a line, or None where a later version wrote what this one does not know.

    Raises:
        ValueError, TypeError, OverflowError, RecursionError: the line is damaged (``PARSE_ERRORS``).
    """
    values = _object_of(line.removeprefix(_BYTE_ORDER_MARK).decode())
    kind = values.get("event")
    if isinstance(kind, str) and kind not in KINDS:
        return None
    try:
        return _event_of(values)
    except PARSE_ERRORS:
        version = values.get("v")
        if isinstance(version, int | float) and version > VERSION:
            return None
        raise


def is_json_object(line: bytes) -> bool:
    """Whether these bytes are a whole line, of whatever version: one JSON object."""
    try:
        _object_of(line.removeprefix(_BYTE_ORDER_MARK).decode())
    except PARSE_ERRORS:
        return False
    return True


def _object_of(line: str) -> dict[str, Any]:
    values = json.loads(line)
    if not isinstance(values, dict):
        raise ValueError("not an object")
    return values


def _event_of(values: Mapping[str, Any]) -> Event:
    known: dict[str, Any] = {}
    for name, value in values.items():
        if _TYPES.get(name) is type(value):
            known[name] = value
        elif name in _READERS:
            try:
                known[name] = _READERS[name](value)
            except PARSE_ERRORS:
                if name in _STRICT:
                    raise
        elif name in _STRICT:
            raise ValueError(f"{name} is not a text")
    if known.get("event") not in KINDS or _REQUIRED - known.keys():
        raise ValueError("not an event")
    return Event(**known)


def _as_text(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(value: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(value).astimezone(datetime.UTC)


def _amount(value: float) -> float:
    if isinstance(value, bool) or not 0 <= value < math.inf:
        raise ValueError("no amount")
    return float(value)


_REQUIRED = frozenset({"event", "attempt", "hero", "time"})
_STRICT = _REQUIRED | {"provider", "endpoint", "request_id", "fingerprint", "usd"}
"""What money depends on: where it is wrong the line is damaged. Any other field gets its default."""
_TYPES = {
    **dict.fromkeys(_STRICT - {"time", "usd"}, str),
    **dict.fromkeys(("title", "source", "reason", "sha256", "kept_from", "prompt", "folder"), str),
    **dict.fromkeys(("seed", "width", "height"), int),
    "redraw": bool,
}
"""Fields that are taken as they are."""
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "time": _time,
    "provider_time": _time,
    "usd": _amount,
    "seconds": _amount,
    "units": _amount,
}
"""Fields that are made of what stands there."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try at a hero, from all its events."""

    first: Event
    request_id: str
    outcome: str
    """``submitting`` (uncertain), ``submitted`` (pending), ``saved``, ``refused`` or ``failed``."""
    last: Event
    folder: str = ""
    """The assets folder that the picture went to, relative to the root; empty where it was not written down."""
    redraw: bool = False
    """Whether a picture was there and a new one was asked for."""
    provider_time: datetime.datetime | None = None
    """The provider's own clock when it took the request; None where it was not told."""

    @property
    def usd(self) -> float:
        """What it cost, or may have cost, in USD."""
        return self.last.usd

    @property
    def estimate(self) -> float:
        """What it was expected to cost when it was begun, in USD."""
        return self.first.usd

    @property
    def is_uncertain(self) -> bool:
        """Whether a request left and fal never said what became of it."""
        return self.outcome == SUBMITTING

    @property
    def is_pending(self) -> bool:
        """Whether fal has the request and its picture was not fetched yet."""
        return self.outcome == SUBMITTED


_END_OF_TIME = datetime.datetime.max.replace(tzinfo=datetime.UTC)
_FINALITY = {SUBMITTING: 0, SUBMITTED: 1, FAILED: 2, REFUSED: 3, SAVED: 4}


def attempts_of(events: Iterable[Event]) -> tuple[Attempt, ...]:
    """The tries that the events tell of, oldest first; their order in the file does not matter."""
    grouped: dict[str, list[Event]] = {}
    for event in events:
        grouped.setdefault(event.attempt, []).append(event)
    attempts = []
    for group in grouped.values():
        group.sort(key=lambda event: (_FINALITY[event.event], event.time))
        attempts.append(_attempt_of(group))
    return tuple(sorted(attempts, key=lambda attempt: attempt.first.time))


def _attempt_of(events: list[Event]) -> Attempt:
    request_id = folder = ""
    redraw = False
    provider_time = None
    for event in events:
        request_id = request_id or event.request_id
        folder = event.folder or folder
        redraw = redraw or event.redraw
        provider_time = provider_time or event.provider_time
    return Attempt(
        first=events[0],
        request_id=request_id,
        outcome=events[-1].event,
        last=events[-1],
        folder=folder,
        redraw=redraw,
        provider_time=provider_time,
    )


def spent(attempts: Iterable[Attempt], *, since: datetime.datetime, until: datetime.datetime = _END_OF_TIME) -> float:
    """USD that tries begun from ``since`` to ``until``, both included, cost or may have cost."""
    return sum(attempt.usd for attempt in attempts if since <= attempt.first.time <= until)


def stem_of(name: str) -> str:
    """A hero's file name without its extension."""
    return name.rpartition(".")[0]


def common_fields(event: Event) -> dict[str, Any]:
    """What the later events of a try repeat of its first."""
    return {name: getattr(event, name) for name in ("attempt", "hero", "title", "source", "endpoint", "fingerprint")}
