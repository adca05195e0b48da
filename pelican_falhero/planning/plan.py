"""The plan: for every post the name of its hero, its state and its price. Pure: it only reads what it is given."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import PurePosixPath
from types import MappingProxyType

from ..content.post import Post
from ..errors import PostError
from ..settings import Settings
from ..storage.assets import hero_stem
from ..storage.ledger import (
    REFUSED,
    Attempt,
    Event,
    stem_of,
)
from .price import price_of, step_price, unpriced_endpoint
from .request import HeroRequest, build_request, ignored_arguments
from .tries import Tries


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
    ELSEWHERE = "elsewhere"
    """Its picture was drawn into another folder, and is still there."""
    REFUSED = "refused"
    """fal will not draw this request; ``reason`` says why."""
    INVALID = "invalid"
    """A post's own fields can't be used; ``reason`` says why."""


TO_BUY = (State.MISSING, State.STALE)
"""The states of heroes that only money can help."""
TO_COPY = (State.RETITLED, State.ELSEWHERE)
"""The states of heroes whose picture is there under another name or in another folder."""
TO_DO = (*TO_BUY, *TO_COPY, State.PENDING)
"""The states of heroes that a build can help."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One hero: all posts of one title share it."""

    stem: str
    """The file name without extension."""
    posts: tuple[Post, ...]
    """Oldest first; the first decides the request."""
    settings: Settings
    state: State
    file: str | None = None
    """The picture to show meanwhile: a file name in the assets folder."""
    pending: Attempt | None = None
    """The try to be fetched."""
    prepared: Attempt | None = None
    """An earlier try's map of the control image, which fal may still have."""
    copied_from: str = ""
    """The picture to copy, relative to the site's root, for a state in ``TO_COPY``."""
    former: str = ""
    """The fingerprint of that picture."""
    uncertain: int = 0
    """Tries of this request whose fate fal never told."""
    reason: str = ""

    @property
    def name(self) -> str:
        """The file name of the hero that we make."""
        return f"{self.stem}.png"

    @property
    def post(self) -> Post:
        """The post that decides the request."""
        return self.posts[0]

    @cached_property
    def request(self) -> HeroRequest:
        """What to ask of fal.

        Raises:
            PostError: the author's own prompt function failed or gave no text.
        """
        return build_request(self.post, self.settings)

    @property
    def prompt(self) -> str:
        """What the picture is asked for with; of a pending one, what it was asked for with.

        Raises:
            PostError: as ``request``.
        """
        recorded = self.pending.first.prompt if self.pending else ""
        return recorded or str(self.request.arguments["prompt"])

    @property
    def drawn_as(self) -> str:
        """The fingerprint of the picture that it will get: of the pending request, else of the present one."""
        return self.pending.first.fingerprint if self.pending else self.request.fingerprint

    @property
    def unpriced(self) -> str:
        """The endpoint whose price is not known; empty where all are."""
        return unpriced_endpoint(self.request, self.settings)

    @property
    def notes(self) -> list[str]:
        """What was asked for and the endpoint ignores; nothing of a pending picture, whose request is sent already."""
        return [] if self.pending else ignored_arguments(self.post, self.settings)

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
    posts: Iterable[Post],
    heroes: Mapping[str, str],
    settings: Settings,
    *,
    attempts: Iterable[Attempt] = (),
    redo: Collection[str] = (),
    retry: bool = False,
    folder: str = "",
    elsewhere: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """The plan for these posts.

    Args:
        posts: everything that is to have a hero.
        heroes: stem to file name of the pictures that are there.
        settings: the site's.
        attempts: what the ledger tells.
        redo: stems of heroes that are to be drawn anew.
        retry: whether requests that fal refused may be sent again.
        folder: the assets folder, relative to the site's root.
        elsewhere: stem to path, relative to the root, of pictures that were last saved in another folder.
    """
    grouped: dict[str, list[Post]] = {}
    for post in posts:
        grouped.setdefault(hero_stem(post.title), []).append(post)
    facts = _Facts(
        heroes=heroes,
        tries=Tries.of(attempts),
        stems=grouped.keys(),
        redo=redo,
        retry=retry,
        folder=folder,
        elsewhere=elsewhere,
    )
    items = [
        facts.judge(Item(stem=stem, posts=tuple(sorted(group, key=_age)), settings=settings, state=State.MISSING))
        for stem, group in grouped.items()
    ]
    items.sort(key=lambda item: _age(item.post), reverse=True)
    return Plan(tuple(items))


@dataclass(frozen=True, kw_only=True)
class _Facts:
    heroes: Mapping[str, str]
    tries: Tries
    stems: Collection[str]
    """Of all heroes in the plan."""
    redo: Collection[str]
    retry: bool
    folder: str
    elsewhere: Mapping[str, str]

    def judge(self, item: Item) -> Item:
        """The item with its state."""
        item = replace(item, file=self.heroes.get(item.stem))
        is_there = bool(item.file) and item.stem not in self.redo
        if is_there and not self.tries.by_name.get(item.stem):
            return replace(item, state=State.PRESENT)
        if item.settings.refresh == "missing" and not (item.file and item.stem in self.redo):
            pending = self.tries.unfinished_redraw(item.stem) if is_there else self._own_pending(item)
            if pending:
                # Whatever was edited since: it is paid for.
                return replace(item, state=State.PENDING, pending=pending)
            if is_there:
                return replace(item, state=State.PRESENT)
        try:
            wanted = {build_request(post, item.settings).fingerprint for post in item.posts}
        except PostError as error:
            return replace(item, state=State.PRESENT if item.file else State.INVALID, reason=str(error))
        return self._judge_request(item, wanted, is_there=is_there)

    def _judge_request(self, item: Item, wanted: Collection[str], *, is_there: bool) -> Item:
        """The state of a hero for which its request counts, and not only its name."""
        if is_there and not self.tries.is_stale(item.stem, wanted):
            redraw = self.tries.unfinished_redraw(item.stem)
            if redraw and redraw.first.fingerprint in wanted:
                return replace(item, state=State.PENDING, pending=redraw)
            return replace(item, state=State.PRESENT)
        if pending := self.tries.pending_request(wanted, item.stem):
            return replace(item, state=State.PENDING, pending=pending)
        return self._without_picture(item, wanted)

    def _own_pending(self, item: Item) -> Attempt | None:
        """What was submitted for this hero's name or, where its post was retitled since, for its source file."""
        named = self.tries.pending_by_name.get(item.stem, ())
        sources = {post.source for post in item.posts}
        retitled = (
            attempt
            for attempt in self.tries.pending_by_source(sources)
            if stem_of(attempt.first.hero) not in self.stems
        )
        return max(named or retitled, key=lambda attempt: attempt.first.time, default=None)

    def _without_picture(self, item: Item, wanted: Collection[str]) -> Item:
        """The state of a hero that nothing is paid for."""
        preparation = item.request.preparation
        if preparation:
            item = replace(item, prepared=self.tries.pending_map(preparation.fingerprint))
        item = replace(item, uncertain=self._uncertain(item))
        if not self.retry and (refusal := self._refusal(item)):
            return replace(item, state=State.REFUSED, reason=refusal.reason)
        if item.file:
            return replace(item, state=State.STALE)
        if found := self._picture_to_copy(item, wanted):
            return found
        return item

    def _refusal(self, item: Item) -> Event | None:
        """fal's last word where it will not draw the request, or not prepare its control image."""
        steps = [step.fingerprint for step in (item.request, item.request.preparation) if step]
        verdicts = (self.tries.verdict(step) for step in steps)
        return next((verdict for verdict in verdicts if verdict and verdict.event == REFUSED), None)

    def _picture_to_copy(self, item: Item, wanted: Collection[str]) -> Item | None:
        only_missing = item.settings.refresh == "missing"
        saved = self.tries.last_saved(item.stem)
        if saved and item.stem in self.elsewhere and (only_missing or saved.fingerprint in wanted):
            path = self.elsewhere[item.stem]
            return replace(item, state=State.ELSEWHERE, copied_from=path, former=saved.fingerprint)
        if not only_missing:
            return None
        for post in item.posts:
            saved = self.tries.saved_by_source.get(post.source)
            if not saved:
                continue
            stem = stem_of(saved.hero)
            if file := self.heroes.get(stem):
                path = PurePosixPath(self.folder, file).as_posix()
                return replace(item, state=State.RETITLED, file=file, copied_from=path, former=saved.fingerprint)
            if stem in self.elsewhere:
                path = self.elsewhere[stem]
                return replace(item, state=State.RETITLED, copied_from=path, former=saved.fingerprint)
        return None

    def _uncertain(self, item: Item) -> int:
        """How many tries of the request, or of its preparation, fal left without an answer since it was last made."""
        verdict = self.tries.verdict(item.request.fingerprint)
        steps = [step.fingerprint for step in (item.request, item.request.preparation) if step]
        tries = [attempt for step in steps for attempt in self.tries.by_request.get(step, ())]
        return sum(attempt.is_uncertain and (not verdict or attempt.first.time >= verdict.time) for attempt in tries)


_NO_DATE = datetime.datetime.max.replace(tzinfo=datetime.UTC)


def _age(post: Post) -> tuple[datetime.datetime, str]:
    date = post.date or _NO_DATE
    return (date if date.tzinfo else date.replace(tzinfo=datetime.UTC)), post.source
