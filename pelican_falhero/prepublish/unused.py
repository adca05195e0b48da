"""Finds pictures of ours that no post uses: its post was retitled or deleted, or a hero has replaced its card."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..content.site import OpenSite
from ..errors import AssetsError
from ..planning.item import TO_COPY
from ..planning.survey import site_of, survey
from ..planning.tries import AttemptIndex
from ..providers.cards.card import art_name, social_name
from ..providers.cards.fonts import CardFonts
from ..storage.assets import hero_stem
from ..storage.events import SAVED, stem_of
from ..storage.versions import Versions, sha256_of

SAFE_AGE = 7 * 24 * 3600
"""Seconds; social networks show a picture for some days after it was removed from a page."""


@dataclass(frozen=True)
class Unused:
    """A file that no post uses."""

    path: Path
    size: int
    """Bytes."""
    is_young: bool
    """Whether it is younger than ``SAFE_AGE``, so that it is kept for now."""


def find_unused(site: OpenSite, *, now: float | None = None) -> list[Unused]:
    """Find unused cards, and unused heroes whose SHA-256 is the one that the ledger recorded when they were saved."""
    titles = {post.title for post in site.posts if post.shows_hero}
    used = {hero_stem(title) for title in titles} | _stems_to_copy(site)
    library = site.library
    heroes = library.heroes()
    saved = _saved_digests(site)
    files = [library.folder / name for stem, name in heroes.items() if stem not in used and name in saved]
    files = [path for path in files if sha256_of(path) in saved[path.name]]
    mentioned = _named_in_posts([path.name for path in files], site)
    fonts = CardFonts(library, site.settings.card_font)
    stems = [fonts.card_stem(title, site.name) for title in titles if hero_stem(title) not in heroes]
    shown = {name for stem in stems for name in (art_name(stem), social_name(stem))}
    cards = [library.cards / name for name in library.card_names() - shown]
    now = time.time() if now is None else now
    return [_unused(path, now) for path in sorted(files) + sorted(cards) if path.name not in mentioned]


def remove_unused(unused: Unused, site: OpenSite) -> None:
    """Delete a card, or move a hero into the history.

    Raises:
        AssetsError: it can't be deleted or moved.
    """
    if unused.path.parent == site.library.folder:
        Versions(site.library).remove(unused.path)
        return
    try:
        unused.path.unlink(missing_ok=True)
    except OSError as error:
        raise AssetsError.of(unused.path.parent, error) from error


def _stems_to_copy(site: OpenSite) -> set[str]:
    """Stems of pictures that posts without a hero will copy, for example after a retitle."""
    found = survey(site_of(site, site.posts))
    saved = AttemptIndex.of(found.attempts).saved_by_source
    waiting = [item for item in found.plan.items if not item.file or item.state in TO_COPY]
    # In any state: a hero that is refused or pending now may be copied later.
    last = (saved.get(post.source) for item in waiting for post in item.posts)
    return {stem_of(event.hero) for event in last if event}


def _saved_digests(site: OpenSite) -> dict[str, set[str]]:
    """File name to the SHA-256 of every picture that was saved under it, for a post of this site."""
    digests: dict[str, set[str]] = {}
    for event in site.ledger.read().events:
        # Without a source it was drawn for a title without a post; only the author knows where it is used.
        if event.event == SAVED and event.sha256 and event.source and not event.candidate:
            digests.setdefault(event.hero, set()).add(event.sha256)
    return digests


def _named_in_posts(names: Iterable[str], site: OpenSite) -> set[str]:
    """The pictures whose name occurs in a post's file, for example as its cover or in its text."""
    remaining = set(names)
    found: set[str] = set()
    for post in site.posts:
        if not remaining:
            break
        text = post.path.read_bytes()
        here = {name for name in remaining if name.encode() in text}
        found |= here
        remaining -= here
    return found


def _unused(path: Path, now: float) -> Unused:
    status = path.stat()
    return Unused(path, status.st_size, now - status.st_mtime < SAFE_AGE)
