"""Make a site's plan from its assets folder and ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..content.post import Post
from ..content.site import OpenSite
from ..errors import HeroError
from ..settings import Settings
from ..storage.assets import Library
from ..storage.attempts import Attempt, attempts_of
from ..storage.candidates import Candidates
from ..storage.events import SAVED, stem_of
from .candidates import NOTHING, Choice, choices_of, pending_items
from .descriptions import PendingDescription, pending_descriptions
from .item import Item
from .plan import Plan, make_plan, make_plan_by_files
from .site import Site, has_all_heroes


def site_of(opened: OpenSite, posts: Iterable[Post], *, settings: Settings | None = None) -> Site:
    """Return everything that a plan for these posts needs; ``settings`` replaces the site's settings."""
    return Site(
        posts=tuple(post for post in posts if post.takes_hero),
        settings=settings or opened.settings,
        library=opened.library,
        ledger=opened.ledger,
    )


@dataclass(frozen=True, kw_only=True)
class Survey:
    """The plan, and the files that it was made from."""

    plan: Plan
    attempts: tuple[Attempt, ...] = ()
    """All attempts in the ledger; empty if the ledger was not read, because no hero is missing."""
    unreadable: tuple[int, ...] = ()
    """Numbers of the ledger's lines that can't be read."""
    heroes: Mapping[str, str] = field(default_factory=dict)
    """Stem to file name of the existing pictures."""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    """Stem to the candidates of each hero."""
    candidates: tuple[Item, ...] = ()
    """The candidates that are paid for and not fetched yet. They are not in the plan, because they are no heroes."""
    descriptions: tuple[PendingDescription, ...] = ()
    ledger_version: tuple[int, int] | None = None
    """Size and modification time of the ledger just before it was read; None if it was not read."""

    @property
    def has_more_to_fetch(self) -> bool:
        """Whether something beside the plan's heroes is paid for and not fetched yet."""
        return bool(self.candidates or self.descriptions)

    def is_current(self, site: Site) -> bool:
        """Whether ledger and assets folder are unchanged, so that this plan may still be used to buy heroes."""
        return self.ledger_version == _version(site.ledger.path) and self.heroes == site.library.heroes()


def survey(site: Site) -> Survey:
    """Read the assets folder, and the ledger if a hero is missing or something paid was not fetched; make the plan.

    Raises:
        AssetsError, LedgerError: the assets folder or the ledger can't be read.
    """
    if has_all_heroes(site, heroes := site.library.heroes()):
        return Survey(plan=make_plan(site.posts, heroes, site.settings))
    return full_survey(site)


def full_survey(site: Site) -> Survey:
    """Read the assets folder and the ledger, even if no hero is missing, and make the plan.

    Raises:
        AssetsError, LedgerError: the assets folder or the ledger can't be read.
    """
    heroes = site.library.heroes()
    # Before the ledger is read: a line that is added in between must make this plan outdated.
    version = _version(site.ledger.path)
    history = site.ledger.read()
    attempts = attempts_of(history.events)
    choices = choices_of(site.posts, attempts, Candidates(site.library).all())
    plan = make_plan(
        site.posts,
        heroes,
        site.settings,
        attempts=attempts,
        redo=site.redo,
        new_briefs=site.new_briefs,
        retry=site.retry,
        folder=site.library.assets_dir,
        elsewhere=_pictures_elsewhere(attempts, site.library),
        candidates={stem: choice.size for stem, choice in choices.items() if stem not in site.named},
    )
    return Survey(
        plan=plan,
        attempts=attempts,
        unreadable=history.unreadable,
        heroes=heroes,
        choices=choices,
        candidates=tuple(
            candidate for item in plan.items for candidate in pending_items(item, choices.get(item.stem, NOTHING))
        ),
        descriptions=pending_descriptions(plan.items, attempts),
        ledger_version=version,
    )


def _version(ledger: Path) -> tuple[int, int]:
    """Return size and modification time of the ledger; zeros if the file does not exist."""
    try:
        found = ledger.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _pictures_elsewhere(attempts: Iterable[Attempt], library: Library) -> dict[str, str]:
    """Map stem to path of the pictures that were last saved in another folder and still exist."""
    saved = (attempt.last for attempt in attempts if attempt.outcome == SAVED and not attempt.candidate)
    last = {stem_of(event.hero): event for event in saved}
    others = {stem: event for stem, event in last.items() if event.folder not in ("", library.assets_dir)}
    paths = {stem: PurePosixPath(event.folder, event.hero).as_posix() for stem, event in others.items()}
    return {stem: path for stem, path in paths.items() if (library.root / path).is_file()}


def plan_without_ledger(site: Site) -> Plan:
    """Make a plan when the ledger, or even the assets folder, can't be read: unknown heroes count as missing."""
    return make_plan(site.posts, _readable_heroes(site), site.settings)


def plan_by_files(site: Site) -> Plan:
    """Make a plan that only tells which pictures exist; what can't be read counts as missing."""
    return make_plan_by_files(site.posts, _readable_heroes(site), site.settings)


def _readable_heroes(site: Site) -> dict[str, str]:
    try:
        return site.library.heroes()
    except HeroError:
        return {}
