"""Which picture an article shows, and at which address Pelican publishes it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from pelican.contents import Static
from pelican.generators import PagesGenerator

from ..content.post import Post
from ..errors import HeroError
from ..settings import STATE_DIR
from ..storage.assets import Library, hero_stem
from ..text import is_address
from .hero import NO_HERO, Hero, alt_text


class HeroPublisher:
    """Finds each post's picture, and has Pelican publish it."""

    def __init__(self, generator: PagesGenerator, library: Library, placeholders: Mapping[str, str]) -> None:
        self._generator = generator
        self._library = library
        self._heroes: Mapping[str, str] = {}
        with contextlib.suppress(HeroError):  # what is in the way was told by the build
            self._heroes = library.heroes()
        self._placeholders = placeholders
        self._urls: dict[str, str] = {}

    def hero(self, post: Post) -> Hero:
        """What the post's templates get."""
        if not (post.picture or post.takes_hero):
            return NO_HERO
        if is_address(post.picture):
            return Hero(url=post.picture, alt=alt_text(post.overrides.alt or ""))
        path = post.picture or self._path(hero_stem(post.title))
        if not path:
            return NO_HERO
        return Hero(
            url=self._published(path),
            path=path,
            alt=alt_text(post.overrides.alt or ""),
            is_card=self._is_card(path),
            file=self._library.root / path,
        )

    def _path(self, stem: str) -> str:
        if name := self._heroes.get(stem):
            return PurePosixPath(self._library.assets_dir, name).as_posix()
        return self._placeholders.get(stem, "")

    def _is_card(self, path: str) -> bool:
        return path.startswith(f"{STATE_DIR}/")

    def _published(self, path: str) -> str:
        """The address at which Pelican publishes a file, which it does from now on."""
        if path not in self._urls:
            settings = self._generator.settings
            if self._is_card(path):
                place = PurePosixPath(self._library.assets_dir, PurePosixPath(path).name).as_posix()
                settings["EXTRA_PATH_METADATA"] = {**settings["EXTRA_PATH_METADATA"], path: {"path": place}}
            # Pelican itself says where a file goes: STATIC_URL, EXTRA_PATH_METADATA and the like.
            static = self._generator.readers.read_file(
                base_path=str(self._library.root),
                path=path,
                content_class=Static,
                fmt="static",
                context=self._generator.context,
            )
            self._urls[path] = static.url
            self._generator.context["static_links"].add(path)
        return self._urls[path]
