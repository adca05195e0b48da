"""What is found in the bytes of a ledger without parsing all of its lines, which takes ten times as long or more."""

from __future__ import annotations

import contextlib
import re

from ..language_models import VISION_ROUTER
from .events import FAILED, PARSE_ERRORS, REFUSED, SAVED, SUBMITTED, WRITTEN, parse_line, stem_of

# Inside a JSON string a quote is written \", so these patterns can only match names of fields.
_EVENT = re.compile(rb'"event":\s*"([^"]*)"')
_ATTEMPT = re.compile(rb'"attempt":\s*"([^"]*)"')
_HERO = re.compile(rb'"hero":\s*"([^"]*)"')
_DESCRIPTION = re.compile(rb'"endpoint":\s*"%b"' % VISION_ROUTER.encode())
_EXTRA = re.compile(rb'"(?:redraw|candidate)":\s*true|%b' % _DESCRIPTION.pattern)
"""Marks what a hero that is there may still wait for."""
_END_KINDS = frozenset(kind.encode() for kind in (SAVED, REFUSED, FAILED, WRITTEN))


def pending_extras(data: bytes) -> set[str]:
    """The stems of heroes with a redraw, candidate or description that was accepted and not fetched yet."""
    data = data.replace(b"\r", b"\n")
    heroes: dict[bytes, bytes] = {}
    for found in _EXTRA.finditer(data):
        line = _line_around(data, found.start())
        attempt, hero = _ATTEMPT.search(line), _HERO.search(line)
        if attempt and hero:
            heroes[attempt[1]] = hero[1]
    if not heroes:
        return set()
    kinds: dict[bytes, set[bytes]] = {attempt: set() for attempt in heroes}
    for found in _ATTEMPT.finditer(data):
        if found[1] in kinds and (event := _EVENT.search(_line_around(data, found.start()))):
            kinds[found[1]].add(event[1])
    pending = [attempt for attempt, events in kinds.items() if SUBMITTED.encode() in events and not events & _END_KINDS]
    return {stem_of(heroes[attempt].decode(errors="replace")) for attempt in pending}


def alternative_texts(data: bytes) -> dict[str, str]:
    """Map the SHA-256 of pictures to what language models have written of them."""
    data = data.replace(b"\r", b"\n")
    events = []
    for found in _DESCRIPTION.finditer(data):
        with contextlib.suppress(*PARSE_ERRORS):
            events.append(parse_line(_line_around(data, found.start())))
    written = [event for event in events if event and event.event == WRITTEN and event.sha256]
    return {event.sha256: event.text for event in sorted(written, key=lambda event: event.time)}


def _line_around(data: bytes, position: int) -> bytes:
    end = data.find(b"\n", position)
    return data[data.rfind(b"\n", 0, position) + 1 : end if end >= 0 else len(data)]
