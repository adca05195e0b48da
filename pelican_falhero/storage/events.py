"""The ledger's lines as events. Pure: no file is read or written."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

VERSION = 1

SUBMITTING = "submitting"
"""Written before a request is sent."""
SUBMITTED = "submitted"
"""fal has accepted the request and returned its id."""
SAVED = "saved"
"""The picture is in the assets folder, or in the folder of candidates."""
REFUSED = "refused"
"""fal refuses to draw this request."""
FAILED = "failed"
"""The attempt has failed."""
WRITTEN = "written"
"""A language model has answered; ``text`` is what we keep of it."""
KINDS = frozenset({SUBMITTING, SUBMITTED, SAVED, REFUSED, FAILED, WRITTEN})

PARSE_ERRORS = (ValueError, TypeError, OverflowError, RecursionError)
"""The errors that parsing an invalid line raises."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some editors write it at the start of a file; in concatenated files it is also in the middle."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the ledger."""

    event: str
    attempt: str
    """Id of the attempt: the same in all its lines."""
    hero: str
    """The hero's file name in the assets folder."""
    time: datetime.datetime
    title: str = ""
    source: str = ""
    provider: str = "fal"
    endpoint: str = ""
    request_id: str = ""
    fingerprint: str = ""
    own_fingerprint: str = ""
    """The fingerprint of the post's own request at that time, when another picture was asked for: with options of the
    command line, or with ``falhero pick``. Empty if it is ``fingerprint``."""
    usd: float = 0.0
    """USD: the estimate; in an attempt's last event, what fal billed, if fal reported it."""
    reason: str = ""
    sha256: str = ""
    seed: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    kept_from: str = ""
    """File name of the picture that this hero was copied from, e.g. after the post's title changed."""
    prompt: str = ""
    folder: str = ""
    """The assets folder that the picture was saved in, relative to the root."""
    redraw: bool = False
    """Whether a picture existed and a new one was requested."""
    candidate: bool = False
    """Whether the picture is one to choose from, in the folder of candidates, and not the hero."""
    provider_time: datetime.datetime | None = None
    """The time by the provider's clock when it accepted the request."""
    units: float | None = None
    """Billed units, if the provider reported them."""
    language_model: str = ""
    """The language model that was asked; empty if a picture was asked for."""
    text: str = ""
    """What a language model has written; of a picture that it calls decorative, nothing."""
    flaws: str = ""
    """What looks wrong to a language model that has seen the picture."""

    def to_line(self) -> str:
        """Return the event as a line of JSON, without newline; empty fields are omitted."""
        filled = {
            name: _as_text(value) if isinstance(value, datetime.datetime) else value
            for name, value in asdict(self).items()
            if value not in ("", None) and value is not False
        }
        return json.dumps({"v": VERSION, **filled}, ensure_ascii=False)


@dataclass(frozen=True)
class History:
    """All events that could be read, and the numbers (from 1) of the lines that could not."""

    events: tuple[Event, ...] = ()
    unreadable: tuple[int, ...] = ()


def parse_line(line: bytes) -> Event | None:
    """Parse a line; None if a later version wrote an event that this version does not know.

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
    """Whether a line is complete, in any version of the format: one JSON object."""
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
        elif name in _PARSERS:
            try:
                known[name] = _PARSERS[name](value)
            except PARSE_ERRORS:
                if name in _MUST_BE_VALID:
                    raise
        elif name in _MUST_BE_VALID:
            raise ValueError(f"{name} is not a text")
    return Event(**known)  # a TypeError if a required field is missing


def _as_text(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _time(value: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(value).astimezone(datetime.UTC)


def _amount(value: float) -> float:
    if isinstance(value, bool) or not 0 <= value < math.inf:
        raise ValueError("not an amount")
    return float(value)


_MUST_BE_VALID = frozenset(
    {"event", "attempt", "hero", "time", "provider", "endpoint", "request_id", "fingerprint", "usd"}
)
"""Fields that budgets depend on: if one is invalid, the line is unreadable. Other invalid fields get their default."""
_TEXTS = (
    *("title", "source", "reason", "sha256", "kept_from", "prompt", "folder", "own_fingerprint"),
    *("language_model", "text", "flaws"),
)
_TYPES = {
    **dict.fromkeys(_MUST_BE_VALID - {"time", "usd"}, str),
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(("seed", "width", "height"), int),
    **dict.fromkeys(("redraw", "candidate"), bool),
}
"""Type of each field that is used unchanged."""
_PARSERS: Mapping[str, Callable[[Any], Any]] = {
    "time": _time,
    "provider_time": _time,
    "usd": _amount,
    "seconds": _amount,
    "units": _amount,
}
"""Parser of each field that is converted."""


def answers(event: Event, wanted: Collection[str]) -> bool:
    """Whether an event is about one of these requests (fingerprints), or about what was asked for instead of it."""
    return event.fingerprint in wanted or event.own_fingerprint in wanted


def endpoints_by_digest(events: Iterable[Event]) -> dict[str, str]:
    """Map the SHA-256 of each picture that was saved to the endpoint that drew it.

    A copy has the hash of its original, whose event names the endpoint: the copy's names the one of today's settings.
    """
    saved = [event for event in events if event.event == SAVED and event.sha256 and event.endpoint]
    return {event.sha256: event.endpoint for event in sorted(saved, key=lambda event: not event.kept_from)}


def stem_of(name: str) -> str:
    """Return a hero's file name without its extension."""
    return name.rpartition(".")[0]


_COMMON = (
    *("attempt", "hero", "title", "source", "provider", "endpoint", "fingerprint", "own_fingerprint"),
    *("language_model", "candidate"),
)


def common_fields(event: Event) -> dict[str, Any]:
    """Return the fields of an attempt's first event that its later events repeat."""
    return {name: getattr(event, name) for name in _COMMON}
