"""The plan: the name, state and price of each post's hero. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ..content.post import Post
from ..settings import Settings
from ..storage.assets import hero_stem
from ..storage.attempts import Attempt
from .briefs import BriefIndex
from .hero_state import PlanFacts
from .item import Item, State
from .tries import AttemptIndex


@dataclass(frozen=True)
class Plan:
    """All heroes of a site, newest post first."""

    items: tuple[Item, ...]

    def in_state(self, *states: State) -> tuple[Item, ...]:
        """Return the items in one of these states."""
        return tuple(item for item in self.items if item.state in states)


def make_plan(
    posts: Iterable[Post],
    heroes: Mapping[str, str],
    settings: Settings,
    *,
    attempts: Iterable[Attempt] = (),
    redo: Collection[str] = (),
    new_briefs: Collection[str] = (),
    retry: bool = False,
    folder: str = "",
    elsewhere: Mapping[str, str] = MappingProxyType({}),
    candidates: Mapping[str, int] = MappingProxyType({}),
) -> Plan:
    """Make the plan for these posts.

    Args:
        posts: all posts that need a hero.
        heroes: stem to file name of the existing pictures.
        settings: the site's settings.
        attempts: the attempts in the ledger, oldest first.
        redo: stems of heroes to draw again.
        new_briefs: stems of heroes for which a new brief is to be written.
        retry: whether requests that fal refused may be sent again.
        folder: the assets folder, relative to the site's root.
        elsewhere: stem to path, relative to the root, of pictures that were last saved in another folder.
        candidates: stem to number of the candidates that the author is choosing from.
    """
    missing = _missing_items(posts, settings)
    attempts = tuple(attempts)
    facts = PlanFacts(
        heroes=heroes,
        attempts=AttemptIndex.of(attempts),
        briefs=BriefIndex.of(attempts),
        stems={item.stem for item in missing},
        redo=redo,
        new_briefs=new_briefs,
        retry=retry,
        folder=folder,
        elsewhere=elsewhere,
        candidates=candidates,
    )
    return _newest_first(map(facts.with_state, missing))


def make_plan_by_files(posts: Iterable[Post], heroes: Mapping[str, str], settings: Settings) -> Plan:
    """Make a plan that only tells which pictures exist: for a build that must not make any, whatever the requests are.

    The arguments are those of ``make_plan``.
    """
    return _newest_first(
        replace(item, state=State.PRESENT, file=heroes[item.stem]) if item.stem in heroes else item
        for item in _missing_items(posts, settings)
    )


def _missing_items(posts: Iterable[Post], settings: Settings) -> list[Item]:
    """One item for each title, with the oldest post first."""
    grouped: dict[str, list[Post]] = {}
    for post in posts:
        grouped.setdefault(hero_stem(post.title), []).append(post)
    return [
        Item(stem=stem, posts=tuple(sorted(group, key=_date_and_source)), settings=settings, state=State.MISSING)
        for stem, group in grouped.items()
    ]


def _newest_first(items: Iterable[Item]) -> Plan:
    return Plan(tuple(sorted(items, key=lambda item: _date_and_source(item.post), reverse=True)))


_NO_DATE = datetime.datetime.max.replace(tzinfo=datetime.UTC)


def _date_and_source(post: Post) -> tuple[datetime.datetime, str]:
    date = post.date or _NO_DATE
    return (date if date.tzinfo else date.replace(tzinfo=datetime.UTC)), post.source
