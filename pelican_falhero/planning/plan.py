"""The plan: for every subject the name of its hero, its state and its price. Pure: it only reads what it is given."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from ..content.post import Subject
from ..errors import SubjectError
from ..settings import Settings
from ..storage.assets import hero_stem
from ..storage.ledger import (
    REFUSED,
    SAVED,
    Attempt,
    Event,
    by_hero,
    stem_of,
)
from .price import price_of, step_price, unpriced_endpoint
from .request import HeroRequest, build_request, ignored_arguments


class State(StrEnum):
    """What there is to do about a hero."""

    PRESENT = "present"
    MISSING = "missing"
    STALE = "stale"
    """There, but its request has changed, and ``FALHERO_REFRESH = "changed"`` asks for a new one."""
    PENDING = "pending"
    """Bought and not fetched yet."""
    RETITLED = "retitled"
    """Its post had another title, and the picture of that title is there."""
    REFUSED = "refused"
    """fal will not draw this request; ``reason`` says why."""
    INVALID = "invalid"
    """A post's own fields can't be used; ``reason`` says why."""


TO_BUY = (State.MISSING, State.STALE)
"""The states of heroes that only money can help."""
TO_DO = (*TO_BUY, State.PENDING, State.RETITLED)
"""The states of heroes that a build can help."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One hero: all subjects of one title share it."""

    stem: str
    """The file name without extension."""
    subjects: tuple[Subject, ...]
    """Oldest first; the first decides the request."""
    settings: Settings
    state: State
    file: str | None = None
    """The picture to show meanwhile: a file name in the assets folder."""
    pending: Attempt | None = None
    """The try to be fetched."""
    prepared: Attempt | None = None
    """An earlier try's map of the control image, which fal may still have."""
    former: str = ""
    """The fingerprint of the picture that a retitled post had."""
    uncertain: int = 0
    """Tries of this request whose fate fal never told."""
    reason: str = ""

    @property
    def name(self) -> str:
        """The file name of the hero that we make."""
        return f"{self.stem}.png"

    @property
    def subject(self) -> Subject:
        """The subject that decides the request."""
        return self.subjects[0]

    @cached_property
    def request(self) -> HeroRequest:
        """What to ask of fal.

        Raises:
            SubjectError: the author's own prompt function failed or gave no text.
        """
        return build_request(self.subject, self.settings)

    @property
    def unpriced(self) -> str:
        """The endpoint whose price is not known; empty where all are."""
        return unpriced_endpoint(self.request, self.settings)

    @property
    def notes(self) -> list[str]:
        """What was asked for and the endpoint ignores."""
        return ignored_arguments(self.subject, self.settings)

    def price_at(self, endpoint: str) -> float:
        """USD for the step of the request that goes to this endpoint."""
        prices = (step_price(step, self.settings) for step in self.request.steps if step.endpoint == endpoint)
        return next(prices, None) or 0.0

    @cached_property
    def price(self) -> float | None:
        """USD, or None when it is not known."""
        return price_of(self.request, self.settings)


@dataclass(frozen=True)
class Plan:
    """All heroes of a site, newest first."""

    items: tuple[Item, ...]

    def in_state(self, *states: State) -> tuple[Item, ...]:
        """The items in one of these states."""
        return tuple(item for item in self.items if item.state in states)


def make_plan(
    subjects: Iterable[Subject],
    heroes: Mapping[str, str],
    settings: Settings,
    *,
    attempts: Iterable[Attempt] = (),
    redo: Collection[str] = (),
    retry: bool = False,
) -> Plan:
    """The plan for these subjects.

    Args:
        subjects: everything that is to have a hero.
        heroes: stem to file name of the pictures that are there.
        settings: the site's.
        attempts: what the ledger tells.
        redo: stems of heroes that are to be drawn anew.
        retry: whether requests that fal refused may be sent again.
    """
    grouped: dict[str, list[Subject]] = {}
    for subject in subjects:
        grouped.setdefault(hero_stem(subject.title), []).append(subject)
    tries = tuple(attempts)
    facts = _Facts(heroes, by_hero(tries), _by_fingerprint(tries), _last_saved_by_source(tries), redo, retry)
    items = [
        facts.judge(Item(stem=stem, subjects=tuple(sorted(group, key=_age)), settings=settings, state=State.MISSING))
        for stem, group in grouped.items()
    ]
    items.sort(key=lambda item: _age(item.subject), reverse=True)
    return Plan(tuple(items))


@dataclass(frozen=True)
class _Facts:
    heroes: Mapping[str, str]
    tries: Mapping[str, tuple[Attempt, ...]]
    by_fingerprint: Mapping[str, tuple[Attempt, ...]]
    by_source: Mapping[str, Event]
    redo: Collection[str]
    retry: bool

    def judge(self, item: Item) -> Item:
        """The item with its state."""
        item = replace(item, file=self.heroes.get(item.stem))
        tries = self.tries.get(item.stem, ())
        redo = item.stem in self.redo
        if item.file and not redo and not (item.settings.refresh == "changed" and tries):
            return replace(item, state=State.PRESENT)
        try:
            wanted = {build_request(subject, item.settings).fingerprint for subject in item.subjects}
        except SubjectError as error:
            return replace(item, state=State.PRESENT if item.file else State.INVALID, reason=str(error))
        if first := item.request.preparation:
            maps = (attempt for attempt in reversed(tries) if attempt.first.fingerprint == first.fingerprint)
            item = replace(item, prepared=next((attempt for attempt in maps if attempt.is_pending), None))
        if item.file and not redo:
            saved = [attempt for attempt in tries if attempt.outcome == SAVED]
            if not saved or saved[-1].first.fingerprint in wanted:
                return replace(item, state=State.PRESENT)
        return self._to_make(item, wanted)

    def _to_make(self, item: Item, wanted: set[str]) -> Item:
        """The state of a hero that is wanted, by all tries of its request: a post may have had another title then."""
        if pending := self._pending(item, wanted):
            return replace(item, state=State.PENDING, pending=pending)
        own = self.by_fingerprint.get(item.request.fingerprint, ())
        decided = [attempt.last for attempt in own if attempt.outcome in (REFUSED, SAVED)]
        item = replace(item, uncertain=self._uncertain(item, since=decided[-1].time if decided else None))
        if decided and decided[-1].event == REFUSED and not self.retry:
            return replace(item, state=State.REFUSED, reason=decided[-1].reason)
        if item.file:
            return replace(item, state=State.STALE)
        if item.settings.refresh == "changed":
            return item
        for subject in item.subjects:
            saved = self.by_source.get(subject.source)
            if saved and (file := self.heroes.get(stem_of(saved.hero))):
                return replace(item, state=State.RETITLED, file=file, former=saved.fingerprint)
        return item

    def _uncertain(self, item: Item, *, since: datetime.datetime | None) -> int:
        """How many tries of the request, or of its preparation, fal left without an answer since it was last made."""
        steps = [step.fingerprint for step in (item.request, item.request.preparation) if step]
        tries = [attempt for step in steps for attempt in self.by_fingerprint.get(step, ()) if attempt.is_uncertain]
        return sum(since is None or attempt.first.time >= since for attempt in tries)

    def _pending(self, item: Item, wanted: set[str]) -> Attempt | None:
        """What is paid for and not fetched, of any post of the title: best of this very name, then the latest."""
        tries = [attempt for print_ in wanted for attempt in self.by_fingerprint.get(print_, ()) if attempt.is_pending]
        return max(
            tries, key=lambda attempt: (stem_of(attempt.first.hero) == item.stem, attempt.first.time), default=None
        )


def _by_fingerprint(attempts: Iterable[Attempt]) -> dict[str, tuple[Attempt, ...]]:
    grouped: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        grouped.setdefault(attempt.first.fingerprint, []).append(attempt)
    return {fingerprint: tuple(group) for fingerprint, group in grouped.items()}


def _last_saved_by_source(attempts: Iterable[Attempt]) -> dict[str, Event]:
    """Post to how its hero was last saved."""
    return {
        attempt.last.source: attempt.last for attempt in attempts if attempt.outcome == SAVED and attempt.last.source
    }


_NO_DATE = datetime.datetime.max.replace(tzinfo=datetime.UTC)


def _age(subject: Subject) -> tuple[datetime.datetime, str]:
    date = subject.date or _NO_DATE
    return (date if date.tzinfo else date.replace(tzinfo=datetime.UTC)), subject.source
