"""What a plan is made from, and whether a site needs none. A warm build imports this and ``alt``, and no more of
planning.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ..content.post import Post
from ..settings import Settings
from ..storage.assets import Library, hero_stem
from ..storage.ledger import Ledger


class Site(NamedTuple):
    """Everything that a plan is made from."""

    posts: tuple[Post, ...]
    settings: Settings
    library: Library
    ledger: Ledger
    redo: frozenset[str] = frozenset()
    """Stems of heroes to draw again."""
    named: frozenset[str] = frozenset()
    """Stems of heroes that were asked for by name, which are drawn even if there are candidates to choose from."""
    new_briefs: frozenset[str] = frozenset()
    """Stems of heroes for which a new brief is to be written."""
    retry: bool = False
    """Whether requests that fal refused may be sent again."""


def has_all_heroes(site: Site, heroes: Collection[str]) -> bool:
    """Whether there is nothing to do, as can be told without a plan, and without reading the ledger line by line.

    Args:
        site: the site.
        heroes: stems of the existing pictures.

    Raises:
        LedgerError: the ledger can't be read.
    """
    if site.settings.refresh != "missing" or site.redo:
        return False
    stems = {hero_stem(post.title) for post in site.posts}
    return stems <= set(heroes) and stems.isdisjoint(site.ledger.pending_heroes())
