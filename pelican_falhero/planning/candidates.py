"""Candidates: what there is to choose from for a hero, and which requests make more of it."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..content.post import Post
from ..storage.assets import hero_stem
from ..storage.attempts import Attempt
from ..storage.events import SAVED, stem_of
from ..storage.kept import KeptPicture
from .item import Item, State
from .request import HeroRequest
from .tries import AttemptIndex

SEEDS = 2**32
"""Seeds are smaller than this; every endpoint takes them."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What there is to choose from for one hero."""

    kept: tuple[KeptPicture, ...] = ()
    pending: tuple[Attempt, ...] = ()
    """Paid for, and not fetched yet."""
    attempts: tuple[Attempt, ...] = ()
    """All attempts at its candidates, oldest first."""

    @property
    def size(self) -> int:
        """The number of candidates, with those that are to be fetched."""
        return len(self.kept) + len(self.pending)


NOTHING = Choice()


def choices_of(posts: Iterable[Post], attempts: Iterable[Attempt], kept: Sequence[KeptPicture]) -> dict[str, Choice]:
    """Map the stem of each hero to its candidates, and to those of its posts' former titles.

    Args:
        posts: the posts of the heroes.
        attempts: those of the ledger, oldest first.
        kept: the pictures in the folder of candidates.
    """
    tries = [attempt for attempt in attempts if attempt.candidate]
    if not (tries or kept):
        return {}
    sources: dict[str, set[str]] = {}
    for post in posts:
        sources.setdefault(hero_stem(post.title), set()).update(filter(None, [post.source]))
    return {stem: _choice(stem, names, tries, kept, stems=sources) for stem, names in sources.items()}


def _choice(
    stem: str,
    sources: Collection[str],
    tries: Iterable[Attempt],
    kept: Iterable[KeptPicture],
    *,
    stems: Collection[str],
) -> Choice:
    attempts = [attempt for attempt in tries if stem_of(attempt.first.hero) == stem or attempt.first.source in sources]
    digests = [attempt.last.sha256 for attempt in attempts if attempt.outcome == SAVED]
    return Choice(
        kept=tuple(picture for picture in kept if picture.stem == stem or any(map(picture.is_of, digests))),
        # Of two posts, the one that has the title for which a picture was asked gets it.
        pending=tuple(
            attempt
            for attempt in attempts
            if attempt.is_pending and (stem_of(attempt.first.hero) == stem or stem_of(attempt.first.hero) not in stems)
        ),
        attempts=tuple(attempts),
    )


def pending_items(item: Item, choice: Choice) -> tuple[Item, ...]:
    """Return an item for each candidate of a hero that is paid for and not fetched yet."""
    return tuple(_candidate(item, state=State.PENDING, pending=attempt) for attempt in choice.pending)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What makes a number of candidates for one request: those that exist, and those to make."""

    there: int
    """The number of those that exist or are to be fetched."""
    new: tuple[Item, ...]
    """Those to buy, or that fal has refused."""


def brief_item(item: Item) -> Item | None:
    """Return the item that has the brief of a hero's candidates written; None if they need none."""
    if not item.needs_brief:
        return None
    known = {"wants_new_brief": item.wants_new_brief, "pending_brief": item.pending_brief}
    return _candidate(item, state=State.MISSING, needs_brief=True, **known)


def wanted_candidates(
    item: Item,
    number: int,
    choice: Choice,
    *,
    attempts: Iterable[Attempt],
    exists: Callable[[str], bool],
    retry: bool,
) -> Wanted:
    """Return what makes ``number`` pictures of an item's request, each with a seed of its own.

    What exists counts, whenever it was drawn: of the very same seeds if the request has one, and otherwise all that
    differs from the request in nothing but the seed.

    Args:
        item: the hero.
        number: of candidates.
        choice: what there is already.
        attempts: all attempts of the ledger, oldest first.
        exists: whether the picture with a SHA-256 is still there, as a candidate, a hero or a version.
        retry: whether requests that fal refused may be sent again.

    Raises:
        PostError: as ``build_request``.
    """
    index, request = AttemptIndex.of(attempts), item.request
    own = request.arguments.get("seed")
    # Without the brief it is not known what is asked for.
    tries: Iterable[Attempt] = () if item.needs_brief else choice.attempts
    tries = [attempt for attempt in tries if _is_made_by(request, attempt)]
    existing = {
        attempt.first.seed
        for attempt in tries
        if (attempt.is_pending or (attempt.outcome == SAVED and exists(attempt.last.sha256)))
    }
    if isinstance(own, int):
        seeds = list(itertools.islice(_distinct(_derived(own)), number))
        new = [seed for seed in seeds if seed not in existing]
    else:
        # What fal never answered is asked for again, so that it is told.
        unanswered = [seed for seed in _seeds(tries) if index.count_uncertain(request.with_seed(seed))]
        seeds_by_lot = _distinct(itertools.chain(unanswered, _random()), known=existing)
        new = list(itertools.islice(seeds_by_lot, max(0, number - len(existing))))
    return Wanted(
        there=number - len(new),
        new=tuple(_new(item, request.with_seed(seed), index, retry=retry) for seed in new),
    )


def _seeds(attempts: Iterable[Attempt]) -> list[int]:
    return [attempt.first.seed for attempt in attempts if attempt.first.seed is not None]


def _is_made_by(request: HeroRequest, attempt: Attempt) -> bool:
    """Whether an attempt is at this request, whatever the seed."""
    seed = attempt.first.seed
    return seed is not None and request.with_seed(seed).fingerprint == attempt.first.fingerprint


def _new(item: Item, request: HeroRequest, index: AttemptIndex, *, retry: bool) -> Item:
    refusal = None if retry else index.refusal(request)
    first = request.preparation
    return _candidate(
        item,
        state=State.REFUSED if refusal else State.MISSING,
        reason=refusal.reason if refusal else "",
        given_request=request,
        uncertain=index.count_uncertain(request),
        pending_map=index.pending_map(first.fingerprint) if first else None,
    )


def _candidate(item: Item, **known: Any) -> Item:
    return Item(stem=item.stem, posts=item.posts, settings=item.settings, is_candidate=True, **known)


def _derived(seed: int) -> Iterator[int]:
    """The seed itself, then others that follow from it, the same on every machine."""
    yield seed
    for number in itertools.count(1):
        yield int(hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:8], 16)


def _random() -> Iterator[int]:
    while True:
        yield random.randrange(SEEDS)  # noqa: S311 - a seed is no secret


def _distinct(seeds: Iterable[int], *, known: Iterable[int | None] = ()) -> Iterator[int]:
    seen = set(known)
    for seed in seeds:
        if seed not in seen:
            seen.add(seed)
            yield seed
