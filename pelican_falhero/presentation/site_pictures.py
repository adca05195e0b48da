"""Which picture file each post of a site shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Self

from ..content.post import Post
from ..errors import HeroError
from ..settings import STATE_DIR
from ..storage.assets import Library, hero_stem
from ..text import is_address


class SitePictures(NamedTuple):
    """The pictures of one site, as its assets folder was listed."""

    library: Library
    heroes: Mapping[str, str]
    """Stem to file name of the heroes that are there."""
    placeholders: Mapping[str, str] = MappingProxyType({})
    """Stem of a hero that is not there to what is shown for it, relative to the content folder."""

    @classmethod
    def of(cls, library: Library, placeholders: Mapping[str, str] = MappingProxyType({})) -> Self:
        """List the assets folder."""
        try:
            return cls(library, library.heroes(), placeholders)
        except HeroError:  # what is in the way was told by the build
            return cls(library, {}, placeholders)

    def path(self, post: Post) -> str:
        """The post's picture, relative to the content folder; empty where it has none, or it is on another host."""
        if post.picture or not post.shows_hero:
            return "" if is_address(post.picture) else post.picture
        stem = hero_stem(post.title)
        if stem in self.heroes:
            return f"{self.library.assets_dir}/{self.heroes[stem]}"
        return self.placeholders.get(stem, "")

    def shown(self, posts: Iterable[Post]) -> list[str]:
        """The pictures that posts show, relative to the content folder."""
        return [path for post in posts if (path := self.path(post))]


def is_card(path: str) -> bool:
    """Whether a picture, relative to the content folder, is a title card."""
    return path.startswith(f"{STATE_DIR}/")
