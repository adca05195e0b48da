"""Read a site's plan, ledger and pictures into records. Opens no connection, and changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from ..content.post import Post
from ..content.site import OpenSite
from ..errors import PictureError
from ..generation.run import dry_run
from ..planning.briefs import BriefIndex
from ..planning.budget import allowance
from ..planning.descriptions import DescriptionIndex
from ..planning.survey import full_survey, site_of
from ..prepublish.remedies import Shell
from ..providers.cards.card import art_name
from ..providers.cards.fonts import CardFonts
from ..storage.assets import hero_stem
from ..storage.attempts import Attempt
from ..storage.images import size_of
from ..storage.versions import sha256_of
from ..text import is_address
from .origin import Origins
from .records import Facts, Kind, Picture, Record, records_of
from .versions import VersionIndex


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The records of some posts, and the ledger that they were made from."""

    records: tuple[Record, ...]
    origins: Origins
    attempts: tuple[Attempt, ...]
    """All attempts in the ledger, oldest first."""
    unreadable: tuple[int, ...]
    """Numbers of the ledger's lines that can't be read."""


def read_records(site: OpenSite, posts: Sequence[Post], shell: Shell) -> Reading:
    """Read the records of these posts.

    Raises:
        AssetsError, LedgerError: the assets folder, the history, the candidates or the ledger can't be read.
    """
    work = site_of(site, site.with_same_title(posts))
    found = full_survey(work)
    attempts = found.attempts
    plan, selection = dry_run(work, found)
    facts = Facts(
        plan=plan,
        selection=selection,
        origins=Origins(attempts),
        money=allowance(attempts, site.settings, site.ledger.clock()),
        shell=shell,
        pictures=_pictures(site, posts),
        briefs=BriefIndex.of(attempts),
        descriptions=DescriptionIndex.of(attempts),
        versions=VersionIndex.of(site.library, attempts),
    )
    return Reading(
        records=records_of(posts, facts), origins=facts.origins, attempts=attempts, unreadable=found.unreadable
    )


def _pictures(site: OpenSite, posts: Iterable[Post]) -> dict[str, Picture]:
    """Find the picture of each post, by the post's ``source``; hash them, and read their sizes."""
    heroes, cards = site.library.heroes(), _existing_cards(site)
    found = {post.source: _picture(site, post, heroes, cards) for post in posts}
    # Hashing releases Python's lock.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return dict(zip(found, pool.map(lambda picture: _inspected(picture, site.root), found.values()), strict=True))


def _picture(site: OpenSite, post: Post, heroes: Mapping[str, str], cards: _Cards) -> Picture:
    if post.picture:
        return Picture(kind=Kind.OWN, file=post.picture)
    if not post.shows_hero:
        return Picture()
    if name := heroes.get(hero_stem(post.title)):
        return Picture(kind=Kind.HERO, file=f"{site.library.assets_dir}/{name}")
    if card := cards.find(post.title):
        return Picture(kind=Kind.CARD, file=card)
    return Picture()


def _inspected(picture: Picture, root: Path) -> Picture:
    if not picture.file or is_address(picture.file):
        return picture
    file = root / picture.file
    digest = ""
    try:
        if picture.kind is not Kind.CARD:
            digest = sha256_of(file)
        size = None if file.suffix.lower() == ".svg" else size_of(file)
    except OSError as error:
        return replace(picture, problem=f"can't be read ({error.strerror})")
    except PictureError as error:
        return replace(picture, digest=digest, problem=f"is broken: {error}")
    return replace(picture, digest=digest, size=size)


@dataclass(frozen=True)
class _Cards:
    """The title cards that exist."""

    site: OpenSite
    fonts: CardFonts
    names: frozenset[str]

    def find(self, title: str) -> str:
        """Return the card of a title, relative to the site's root; empty if there is none."""
        name = art_name(self.fonts.card_stem(title, self.site.name)) if self.names else ""
        return (self.site.library.cards / name).relative_to(self.site.root).as_posix() if name in self.names else ""


def _existing_cards(site: OpenSite) -> _Cards:
    return _Cards(site, CardFonts(site.library, site.settings.card_font), frozenset(site.library.card_names()))
