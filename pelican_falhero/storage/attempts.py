"""The attempts to make a hero that the ledger's events record, and what they cost. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from .events import FAILED, REFUSED, SAVED, SUBMITTED, SUBMITTING, WRITTEN, Event


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt to make a hero, summed up from all its events."""

    first: Event
    outcome: str
    """``submitting`` (uncertain), ``submitted`` (pending), ``saved``, ``written``, ``refused`` or ``failed``."""
    last: Event
    folder: str = ""
    """The assets folder that the picture was saved in, relative to the root; empty if it is not recorded."""
    redraw: bool = False
    """Whether a picture existed and a new one was requested."""
    candidate: bool = False
    """Whether it is about a picture to choose from, and not about the hero."""
    provider_time: datetime.datetime | None = None
    """The time by the provider's clock when it accepted the request; None if it is not known."""

    @property
    def usd(self) -> float:
        """What it cost, or may have cost, in USD."""
        return self.last.usd

    @property
    def estimate(self) -> float:
        """What it was expected to cost when it started, in USD."""
        return self.first.usd

    @property
    def is_uncertain(self) -> bool:
        """Whether a request was sent and no answer from fal was received."""
        return self.outcome == SUBMITTING

    @property
    def is_pending(self) -> bool:
        """Whether fal has accepted the request and its picture was not fetched yet."""
        return self.outcome == SUBMITTED


_END_OF_TIME = datetime.datetime.max.replace(tzinfo=datetime.UTC)
_FINALITY = {SUBMITTING: 0, SUBMITTED: 1, FAILED: 2, REFUSED: 3, SAVED: 4, WRITTEN: 4}


def attempts_of(events: Iterable[Event]) -> tuple[Attempt, ...]:
    """Group events into attempts, oldest first; the order of the events does not matter."""
    grouped: dict[str, list[Event]] = {}
    for event in events:
        grouped.setdefault(event.attempt, []).append(event)
    attempts = []
    for group in grouped.values():
        group.sort(key=lambda event: (_FINALITY[event.event], event.time))
        attempts.append(_attempt_of(group))
    return tuple(sorted(attempts, key=lambda attempt: attempt.first.time))


def _attempt_of(events: list[Event]) -> Attempt:
    folder = ""
    redraw = candidate = False
    provider_time = None
    for event in events:
        folder = event.folder or folder
        redraw = redraw or event.redraw
        candidate = candidate or event.candidate
        provider_time = provider_time or event.provider_time
    return Attempt(
        first=events[0],
        outcome=events[-1].event,
        last=events[-1],
        folder=folder,
        redraw=redraw,
        candidate=candidate,
        provider_time=provider_time,
    )


def spent(attempts: Iterable[Attempt], *, since: datetime.datetime, until: datetime.datetime = _END_OF_TIME) -> float:
    """Sum the USD that attempts cost, or may have cost, that started from ``since`` to ``until``, both included."""
    return sum(attempt.usd for attempt in attempts if since <= attempt.first.time <= until)
