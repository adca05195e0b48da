"""What no post uses any more: pictures of ours whose post was retitled or deleted, and cards that gave way."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..content.site import OpenSite
from ..planning.item import TO_COPY
from ..planning.survey import site_of, survey
from ..planning.tries import Tries
from ..providers.cards.card import card_name
from ..storage.assets import hero_stem
from ..storage.ledger import SAVED, stem_of

SAFE_AGE = 7 * 24 * 3600
"""Seconds; social networks show a picture for some days after it has left a page."""


@dataclass(frozen=True)
class Unused:
    """A file that no post uses."""

    path: Path
    size: int
    """Bytes."""
    is_young: bool
    """Whether it is left alone for now."""


def find_unused(site: OpenSite, *, now: float | None = None) -> list[Unused]:
    """The unused files that we made: cards, and heroes whose bytes are those that the ledger says we saved."""
    titles = {post.title for post in site.posts if post.takes_hero}
    used = {hero_stem(title) for title in titles} | _stems_to_copy(site)
    library = site.library
    heroes = library.heroes()
    drawn = _saved_digests(site)
    files = [library.folder / name for stem, name in heroes.items() if stem not in used and name in drawn]
    files = [path for path in files if hashlib.sha256(path.read_bytes()).hexdigest() in drawn[path.name]]
    mentioned = _named_in_posts([path.name for path in files], site)
    lacking = {card_name(title, site.name) for title in titles if hero_stem(title) not in heroes}
    cards = [library.cards / name for name in library.card_names() - lacking]
    moment = time.time() if now is None else now
    return [_unused(path, moment) for path in sorted(files) + sorted(cards) if path.name not in mentioned]


def _stems_to_copy(site: OpenSite) -> set[str]:
    """Stems of the pictures that posts still without their own hero will copy, after a retitle for example."""
    found = survey(site_of(site, site.posts))
    saved = Tries.of(found.attempts).saved_by_source
    waiting = [item for item in found.plan.items if not item.file or item.state in TO_COPY]
    # Of whatever state: a refused or pending one may yet become one that copies.
    last = (saved.get(post.source) for item in waiting for post in item.posts)
    return {stem_of(event.hero) for event in last if event}


def _saved_digests(site: OpenSite) -> dict[str, set[str]]:
    """The SHA-256 of every picture that was saved under a name, for a post of this site."""
    drawn: dict[str, set[str]] = {}
    for event in site.ledger.read().events:
        # Without a source it was drawn for a bare title, whose use only its author knows.
        if event.event == SAVED and event.sha256 and event.source:
            drawn.setdefault(event.hero, set()).add(event.sha256)
    return drawn


def _named_in_posts(names: Iterable[str], site: OpenSite) -> set[str]:
    """The pictures that a post names, as its cover or in its text."""
    left = set(names)
    found: set[str] = set()
    for post in site.posts:
        if not left:
            break
        text = post.path.read_bytes()
        here = {name for name in left if name.encode() in text}
        found |= here
        left -= here
    return found


def _unused(path: Path, now: float) -> Unused:
    status = path.stat()
    return Unused(path, status.st_size, now - status.st_mtime < SAFE_AGE)
