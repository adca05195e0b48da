"""Which picture an article shows, at which address, and how its files come there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from pelican.contents import Static
from pelican.generators import PagesGenerator
from pelican.readers import path_metadata

from ..content.post import Post
from ..errors import AssetsError, HeroError
from ..providers.cards.card import is_card_name, social_name
from ..settings import STATE_DIR
from ..storage.assets import Library, hero_stem
from ..storage.copies import copy_changed, remove_files
from ..storage.variants import SOCIAL_SIZE, VariantSet, is_variant_name
from ..text import is_address
from .hero import NO_HERO, Hero, Picture, alt_text
from .variants import NO_VARIANTS, Variants

_EXTENSION = re.compile(r"\.(?:png|jpe?g|webp|avif|gif|svg)\b", re.IGNORECASE)
_LONGEST_NAME = 255
# A name that has such signs in it is known by what follows them, however they are written in a page.
_BETWEEN_NAMES = re.compile(r"%[0-9A-Fa-f]{2}|[^\w.-]", re.ASCII)


def shown_pictures(posts: Iterable[Post], library: Library, placeholders: Mapping[str, str]) -> list[str]:
    """The pictures that posts show, relative to the content folder; those on other hosts are left out."""
    heroes = _readable_heroes(library)
    paths = (_path_of(post, heroes, placeholders, library.assets_dir) for post in posts)
    return [path for path in paths if path]


def _readable_heroes(library: Library) -> Mapping[str, str]:
    try:
        return library.heroes()
    except HeroError:  # what is in the way was told by the build
        return {}


def _path_of(post: Post, heroes: Mapping[str, str], placeholders: Mapping[str, str], assets_dir: str) -> str:
    if post.picture or not post.shows_hero:
        return "" if is_address(post.picture) else post.picture
    stem = hero_stem(post.title)
    return f"{assets_dir}/{heroes[stem]}" if stem in heroes else placeholders.get(stem, "")


class HeroPublisher:
    """Finds each post's picture, and puts what Pelican does not publish into the output folder."""

    def __init__(
        self,
        generator: PagesGenerator,
        library: Library,
        placeholders: Mapping[str, str],
        *,
        variants: Mapping[str, VariantSet],
        published: set[str],
    ) -> None:
        """
        Args:
            generator: of the run whose heroes these are.
            library: the site's pictures.
            placeholders: stem of a hero that is not there to what is shown for it, relative to the content folder.
            variants: each picture, relative to the content folder, to the lighter copies that are shown for it.
            published: the files that the runs of this build have put into output folders; this run adds its own.
        """
        self.library = library
        self._generator = generator
        self._published = published
        self._found = variants
        self._heroes = _readable_heroes(library)
        self._placeholders = placeholders
        self._pictures: dict[str, Picture] = {}
        self._masters: dict[str, str] = {}
        """Place in the output folder to the picture that belongs there, which Pelican may publish too."""
        self._copies: dict[str, str] = {}
        """The same of what only we publish."""
        self._addresses: list[tuple[str, str]] = []
        """Address and place of each."""
        self._seen: set[str] = set()
        self._folder = PurePosixPath(library.assets_dir)
        self._is_plain = _publishes_plainly(generator.settings, self._folder)
        """Whether files of the assets folder are published under their own paths, so that Pelican need not be asked."""

    def hero(self, post: Post, alt: str = "") -> Hero:
        """What the post's templates get; ``alt`` is its alternative text."""
        if is_address(post.picture):
            return Hero(url=post.picture, alt=alt_text(alt))
        path = _path_of(post, self._heroes, self._placeholders, self.library.assets_dir)
        if not path:
            return NO_HERO
        found = self._found.get(path)
        is_card = _is_card(path)
        variants = self._variants(found, path) if found else NO_VARIANTS
        light = variants.light
        # A card is not the author's file: its copies are enough.
        master = None if is_card and light else self._picture(path)
        return Hero(
            url=light or (master.url if master else ""),
            file=None if light or master is None else master.file,
            size=(found.width, found.height) if found and found.width else None,
            path=path,
            alt=alt_text(alt),
            is_card=is_card,
            is_ai=bool(found and found.is_ai),
            credit=found.model if found else "",
            variants=variants,
            original=master if light else None,
            social=self._social(found, path),
        )

    def register_light(self) -> None:
        """Tell plugins that look for the files of a page's pictures where ours are: image-process, for one.

        Only where one of them is in use, for Pelican's own object takes long to make. Not before Pelican has read its
        static files, which this list is of.
        """
        if not any("image_process" in str(plugin) for plugin in self._generator.settings["PLUGINS"]):
            return
        context = self._generator.context
        for place, file in self._copies.items():
            at = {"save_as": place, "url": place}
            static = Static("", at, self._generator.settings, file, context)
            context["static_content"].setdefault(place, static)

    def saw(self, text: str) -> None:
        """Remember which pictures a page or feed names; a sub-site publishes no others."""
        for name in self._places_by_name.keys() & _file_names(text):
            self._seen |= self._places_by_name[name]

    def publish(self, *, seen_masters: bool = False, seen_copies: bool = False) -> list[AssetsError]:
        """Copy into the output folder what Pelican does not publish there itself; what went wrong.

        Not before all pages of the site are rendered: an ``{attach}`` link in one may move a picture.

        Args:
            seen_masters: whether only those that ``saw`` has seen are published, as in a sub-site.
            seen_copies: the same for lighter copies and cards.
        """
        files = {**self._masters, **self._copies}
        # With WRITE_SELECTED most pages are as an earlier build wrote them.
        if (seen_masters or seen_copies) and not self._generator.settings.get("WRITE_SELECTED"):
            unseen = {place for address, place in self._addresses if _file_names(address)} - self._seen
            kept = set() if seen_masters else self._masters.keys()
            kept |= set() if seen_copies else self._copies.keys()
            files = {place: file for place, file in files.items() if place in kept or place not in unseen}
        return self._copy(files)

    def _copy(self, files: dict[str, str]) -> list[AssetsError]:
        settings = self._generator.settings
        output = Path(os.path.abspath(settings["OUTPUT_PATH"]))  # noqa: PTH100 - links are kept
        # What this run publishes; under i18n_subsites, static_content has what the main run does too.
        by_pelican = {static.source_path: static for static in self._generator.context["staticfiles"]}
        self._published |= {f"{output}/{place}" for place in files}
        self._published |= {f"{output}/{static.save_as}" for static in by_pelican.values()}
        for place in files.keys() & self._masters.keys():
            static = by_pelican.get(files[place])
            if static is not None and self._published_at(static, files[place]) == place:
                del files[place]
        problems = copy_changed(files, output, link=settings["STATIC_CREATE_LINKS"])
        return problems + self._remove_old(output)

    def _remove_old(self, output: Path) -> list[AssetsError]:
        """Remove the cards and copies that an earlier build published and this one does not; what went wrong."""
        if self._places is None:
            return []
        folder = output / self._places[1]
        return remove_files(
            folder,
            lambda name: (is_card_name(name) or is_variant_name(name)) and f"{folder}/{name}" not in self._published,
        )

    @cached_property
    def _places_by_name(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for address, place in self._addresses:
            for name in _file_names(address):
                found.setdefault(name, set()).add(place)
        return found

    @cached_property
    def _places(self) -> tuple[str, str] | None:
        """What the addresses below SITEURL, and the places in the output folder, of files of ours begin with.

        None where STATIC_URL or STATIC_SAVE_AS don't end in the file's name: there are no copies then.
        """
        if self._is_plain:
            return f"{self._folder}/", f"{self._folder}/"
        name = "falhero.webp"
        # The file is asked for its time, under DEFAULT_DATE = "fs"; none of this name need be there.
        static = self._as_static(name, self.library.root, {})
        url, place = str(static.url), str(static.save_as)
        return (url[: -len(name)], place[: -len(name)]) if url.endswith(name) and place.endswith(name) else None

    def _variants(self, found: VariantSet, path: str) -> Variants:
        """What pages offer of a picture's copies, which are published from now on."""
        widths = tuple((form, widths) for form, widths in found.widths.items() if widths)
        if not widths or self._places is None:
            return NO_VARIANTS
        for name in found.file_names():
            self._add_copy(name, f"{self.library.variants}/{name}")
        form_widths = widths[-1][1]
        master = "" if found.width in form_widths else self._picture(path).url
        return Variants(f"{self._places[0]}{found.name}", widths, found.width, master)

    def _social(self, found: VariantSet | None, path: str) -> Picture | None:
        if _is_card(path):
            name = social_name(PurePosixPath(path).name)
            file = f"{self.library.cards}/{name}"
            if self._places is None:
                return replace(self._picture(social_name(path)), size=SOCIAL_SIZE)
        elif found and found.has_social:
            name = found.social_name
            file = f"{self.library.variants}/{name}"
        else:
            return None
        address = self._add_copy(name, file)
        return Picture(url=address, file=Path(file), size=SOCIAL_SIZE) if address else None

    def _add_copy(self, name: str, file: str) -> str:
        """Have a file of ours published; its address, empty where it has none."""
        if self._places is None:
            return ""
        url, place = self._places[0] + name, self._places[1] + name
        if place not in self._copies:
            self._copies[place] = file
            self._addresses.append((url, place))
        return url

    def _picture(self, path: str) -> Picture:
        """The picture of a file, which is published from now on."""
        if path not in self._pictures:
            file = Path(os.path.abspath(self.library.root / path))  # noqa: PTH100 - links are kept, as Pelican does
            url, place = self._address(path, file)
            self._pictures[path] = Picture(url=url, file=file)
            (self._copies if _is_card(path) else self._masters)[place] = str(file)
            self._addresses.append((url, place))
        return self._pictures[path]

    def _address(self, path: str, file: Path) -> tuple[str, str]:
        """The file's address below SITEURL, and its place in the output folder."""
        if self._is_ours(file):
            place = (self._folder / file.name).as_posix()
            return place, place
        static = self._static(path, file)
        return static.url, static.save_as

    def _published_at(self, static: Static, path: str) -> str:
        """Where Pelican publishes a file; an ``{attach}`` link may have moved it."""
        file = Path(path)
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
