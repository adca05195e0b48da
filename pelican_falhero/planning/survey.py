"""What there is of a site's heroes: the plan, from the assets folder and the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..content.post import Post
from ..content.site import OpenSite
from ..errors import HeroError
from ..settings import Settings
from ..storage.assets import Library
from ..storage.ledger import SAVED, Attempt, Ledger, attempts_of, stem_of
from .item import State
from .plan import Plan, make_plan


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a plan is made of."""

    posts: tuple[Post, ...]
    settings: Settings
    library: Library
    ledger: Ledger
    redo: frozenset[str] = frozenset()
    """Stems of heroes that are to be drawn anew."""
    retry: bool = False
    """Whether requests that fal refused may be sent again."""


def site_of(opened: OpenSite, posts: Iterable[Post], *, settings: Settings | None = None) -> Site:
    """What a plan for these posts of a site is made of; ``settings`` go before the site's own."""
    return Site(
        posts=tuple(post for post in posts if post.takes_hero),
        settings=settings or opened.settings,
        library=opened.library,
        ledger=opened.ledger,
    )


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was found."""

    plan: Plan
    attempts: tuple[Attempt, ...] = ()
    """What the ledger tells of; it is only read when a hero is not there."""
    unreadable: tuple[int, ...] = ()
    """Numbers of the ledger's lines that can't be read."""
    heroes: Mapping[str, str] = field(default_factory=dict)
    """Stem to file name of the pictures that were there."""
    ledger_version: tuple[int, int] | None = None
    """Size and time of the ledger just before it was read; None when it was not read."""

    def is_current(self, site: Site) -> bool:
        """Whether neither ledger nor assets folder have changed since, so that this may still decide what to buy."""
        return self.ledger_version == _version(site.ledger.path) and self.heroes == site.library.heroes()


def survey(site: Site) -> Survey:
    """Look at the assets folder, and at the ledger where something is not there or a redraw was not fetched.

    Raises:
        AssetsError, LedgerError: it can't be read.
    """
    heroes = site.library.heroes()
    plan = make_plan(site.posts, heroes, site.settings)
    if site.settings.refresh == "missing" and not site.redo and len(plan.in_state(State.PRESENT)) == len(plan.items):
        pending = site.ledger.pending_heroes()
        if not pending or pending.isdisjoint(item.stem for item in plan.items):
            return Survey(plan=plan)
    # Taken before the ledger is read: a line that arrives in between must make this survey an old one.
    version = _version(site.ledger.path)
    history = site.ledger.read()
    attempts = attempts_of(history.events)
    plan = make_plan(
        site.posts,
        heroes,
        site.settings,
        attempts=attempts,
        redo=site.redo,
        retry=site.retry,
        folder=site.library.assets_dir,
        elsewhere=_elsewhere(attempts, site.library),
    )
    return Survey(
        plan=plan,
        attempts=attempts,
        unreadable=history.unreadable,
        heroes=heroes,
        ledger_version=version,
    )


def _version(ledger: Path) -> tuple[int, int]:
    """Size and time of the ledger's file; zeros where there is none."""
    try:
        found = ledger.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _elsewhere(attempts: Iterable[Attempt], library: Library) -> dict[str, str]:
    """Stem to path of the pictures that were last saved in another folder and are still there."""
    last = {stem_of(attempt.last.hero): attempt.last for attempt in attempts if attempt.outcome == SAVED}
    others = {stem: event for stem, event in last.items() if event.folder not in ("", library.assets_dir)}
    paths = {stem: PurePosixPath(event.folder, event.hero).as_posix() for stem, event in others.items()}
    return {stem: path for stem, path in paths.items() if (library.root / path).is_file()}


def plan_without_ledger(site: Site) -> Plan:
    """The plan as far as it can be told without what can't be read: what is not seen is missing."""
    try:
        heroes = site.library.heroes()
    except HeroError:
        heroes = {}
    return make_plan(site.posts, heroes, site.settings)
