"""Which picture an article shows, at which address, and how its file comes there."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pelican.contents import Static
from pelican.generators import PagesGenerator
from pelican.readers import path_metadata

from ..content.post import Post
from ..errors import AssetsError, HeroError
from ..providers.cards.card import is_card_name, titled_name
from ..settings import STATE_DIR
from ..storage.assets import Library, hero_stem
from ..storage.copies import copy_changed, remove_files
from ..text import is_address
from .hero import NO_HERO, Hero, Picture, alt_text

_EXTENSION = re.compile(r"\.(?:png|jpe?g|webp|avif|gif|svg)\b", re.IGNORECASE)
_LONGEST_NAME = 255
# A name that has such signs in it is known by what follows them, however they are written in a page.
_BETWEEN_NAMES = re.compile(r"%[0-9A-Fa-f]{2}|[^\w.-]", re.ASCII)


class HeroPublisher:
    """Finds each post's picture, and puts what Pelican does not publish into the output folder."""

    def __init__(
        self, generator: PagesGenerator, library: Library, placeholders: Mapping[str, str], published: set[str]
    ) -> None:
        """
        Args:
            generator: of the run whose heroes these are.
            library: the site's pictures.
            placeholders: stem of a hero that is not there to what is shown for it, relative to the content folder.
            published: the files that the runs of this build have put into output folders; this run adds its own.
        """
        self._generator = generator
        self._published = published
        self.library = library
        self._heroes: Mapping[str, str] = {}
        with contextlib.suppress(HeroError):  # what is in the way was told by the build
            self._heroes = library.heroes()
        self._placeholders = placeholders
        self._pictures: dict[str, Picture] = {}
        self._places: dict[str, Path] = {}
        """Place in the output folder to the file that belongs there."""
        self._places_by_name: dict[str, set[str]] = {}
        self._seen: set[str] = set()
        self._folder = PurePosixPath(library.assets_dir)
        self._is_plain = _publishes_plainly(generator.settings, self._folder)
        """Whether files of the assets folder are published under their own paths, so that Pelican need not be asked."""

    def hero(self, post: Post) -> Hero:
        """What the post's templates get."""
        if not (post.picture or post.shows_hero):
            return NO_HERO
        if is_address(post.picture):
            return Hero(url=post.picture, alt=alt_text(post.overrides.alt or ""))
        path = post.picture or self._path(hero_stem(post.title))
        if not path:
            return NO_HERO
        picture = self._picture(path)
        return Hero(
            url=picture.url,
            path=path,
            alt=alt_text(post.overrides.alt or ""),
            is_card=_is_card(path),
            file=picture.file,
            titled=self._picture(titled_name(path)) if _is_card(path) else None,
        )

    def saw(self, text: str) -> None:
        """Remember which pictures a page or feed names; a sub-site publishes no others."""
        for name in self._places_by_name.keys() & _file_names(text):
            self._seen |= self._places_by_name[name]

    def publish(self) -> list[AssetsError]:
        """Copy into the output folder what Pelican does not publish there itself; what went wrong.

        Not before all pages of the site are rendered: an ``{attach}`` link in one may move a picture.
        """
        return self._copy(self._places)

    def publish_seen(self) -> list[AssetsError]:
        """The same for those pictures only that ``saw`` has seen."""
        return self._copy({place: file for place, file in self._places.items() if place in self._seen})

    def _copy(self, files: Mapping[str, Path]) -> list[AssetsError]:
        settings = self._generator.settings
        output = Path(os.path.abspath(settings["OUTPUT_PATH"]))  # noqa: PTH100 - links are kept
        # What this run publishes; under i18n_subsites, static_content has what the main run does too.
        by_pelican = {static.source_path: static for static in self._generator.context["staticfiles"]}
        ours = {
            place: file
            for place, file in files.items()
            if (static := by_pelican.get(str(file))) is None or self._published_at(static, file) != place
        }
        self._published |= {
            str(output / place) for place in (*files, *(static.save_as for static in by_pelican.values()))
        }
        problems = copy_changed(ours, output, link=settings["STATIC_CREATE_LINKS"])
        return problems + self._remove_old_cards(output)

    def _remove_old_cards(self, output: Path) -> list[AssetsError]:
        """Remove the cards that an earlier build published and this one does not; what went wrong."""
        # The file is asked for its time, under DEFAULT_DATE = "fs"; a card there need not be.
        folder = (output / self._as_static("card.png", self.library.root, {}).save_as).parent
        return remove_files(folder, lambda name: is_card_name(name) and str(folder / name) not in self._published)

    def _path(self, stem: str) -> str:
        if name := self._heroes.get(stem):
            return PurePosixPath(self.library.assets_dir, name).as_posix()
        return self._placeholders.get(stem, "")

    def _picture(self, path: str) -> Picture:
        """The picture of a file, which is published from now on."""
        if path not in self._pictures:
            file = Path(os.path.abspath(self.library.root / path))  # noqa: PTH100 - links are kept, as Pelican does
            url, place = self._address(path, file)
            self._pictures[path] = Picture(url=url, file=file)
            self._places[place] = file
            names = _file_names(url)
            for name in names:
                self._places_by_name.setdefault(name, set()).add(place)
            if not names:  # it can't be found in a page
                self._seen.add(place)
        return self._pictures[path]

    def _address(self, path: str, file: Path) -> tuple[str, str]:
        """The file's address below SITEURL, and its place in the output folder."""
        if self._is_ours(file):
            place = (self._folder / file.name).as_posix()
            return place, place
        static = self._static(path, file)
        return static.url, static.save_as

    def _published_at(self, static: Static, file: Path) -> str:
        """Where Pelican publishes a file; an ``{attach}`` link may have moved it."""
        if self._is_ours(file) and not hasattr(static, "override_save_as"):
            return (self._folder / file.name).as_posix()
        return str(static.save_as)

    def _is_ours(self, file: Path) -> bool:
        """Whether a file is published under its own path in the assets folder: a hero, or a card as if it lay there."""
        return self._is_plain and file.parent in (self.library.folder, self.library.cards)

    def _static(self, path: str, file: Path) -> Static:
        """What Pelican makes of a file: it knows STATIC_URL, EXTRA_PATH_METADATA and the like."""
        generator = self._generator
        static = generator.readers.read_file(
            base_path=str(self.library.root),
            path=path,
            content_class=Static,
            fmt="static",
            context=generator.context,
        )
        if not _is_card(path):
            return static
        return self._as_static(file.name, file, static.metadata)

    def _as_static(self, name: str, file: Path, metadata: dict[str, Any]) -> Static:
        """A card, which is published as if it lay beside the heroes."""
        settings = self._generator.settings
        place = PurePosixPath(self.library.assets_dir, name).as_posix()
        metadata = metadata | path_metadata(str(file), place, settings)
        return Static("", metadata, settings, str(self.library.root / place), self._generator.context)


def _publishes_plainly(settings: Mapping[str, Any], folder: PurePosixPath) -> bool:
    """Whether Pelican's settings leave the paths of files in a folder as they are."""
    special = (PurePosixPath(path) for path in settings["EXTRA_PATH_METADATA"])
    return settings["STATIC_URL"] == settings["STATIC_SAVE_AS"] == "{path}" and not any(
        path.is_relative_to(folder) or folder.is_relative_to(path) for path in special
    )


def _is_card(path: str) -> bool:
    return path.startswith(f"{STATE_DIR}/")


def _file_names(text: str) -> set[str]:
    """The names of picture files in a page; searched for by their ends, which are few."""
    ends = (match.end() for match in _EXTENSION.finditer(text))
    return {_BETWEEN_NAMES.split(text[max(0, end - _LONGEST_NAME) : end])[-1] for end in ends}
