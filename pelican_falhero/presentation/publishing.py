"""Which picture an article shows, at which address, and how its files come there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from pelican.contents import Static
from pelican.generators import PagesGenerator

from ..content.post import Post
from ..errors import AssetsError
from ..providers.cards.card import is_card_name, social_name
from ..storage.copies import copy_changed, file_names, remove_files
from ..storage.variants import SOCIAL_SIZE, VariantSet, is_variant_name
from ..text import is_address
from .hero import NO_HERO, Hero, Picture, alt_text
from .places import Places
from .site_pictures import SitePictures, is_card
from .variants import NO_VARIANTS, Variants

_EXTENSION = r"\.(?:png|jpe?g|webp|avif|gif|svg)\b"
_LONGEST_NAME = 255
# A name that has such signs in it is known by what follows them, however they are written in a page.
_BETWEEN_NAMES = r"%[0-9A-Fa-f]{2}|[^\w.-]"


class HeroPublisher:
    """Finds each post's picture, and puts what Pelican does not publish into the output folder."""

    def __init__(
        self,
        generator: PagesGenerator,
        pictures: SitePictures,
        *,
        variants: Mapping[str, VariantSet],
        published: set[str],
    ) -> None:
        """
        Args:
            generator: of the run whose heroes these are.
            pictures: which one each post shows.
            variants: each picture, relative to the content folder, to the lighter copies that are shown for it.
            published: the files that the runs of this build have put into output folders; this run adds its own.
        """
        self.library = pictures.library
        self._generator = generator
        self._published = published
        self._found = variants
        self._shown = pictures
        self._places = Places(generator, pictures.library)
        # Texts, not Paths, which take longer to print than all else that a picture of thousands needs here.
        self._variant_folder = str(pictures.library.variants)
        self._root = os.path.abspath(pictures.library.root)  # noqa: PTH100 - links are kept, as Pelican does
        self._pictures: dict[str, Picture] = {}
        self._places_of_pictures: dict[str, str] = {}
        """Address to place of each of them."""
        self._masters: dict[str, str] = {}
        """Place in the output folder to the picture that belongs there, which Pelican may publish too."""
        self._copies: dict[str, str] = {}
        """The same of what only we publish."""
        self._seen: set[str] = set()

    def hero(self, post: Post, alt_of: Callable[[str], str] = lambda digest: "") -> Hero:
        """What the post's templates get.

        ``alt_of`` returns the alternative text of the picture with a SHA-256, which is empty where it is not known.
        """
        if is_address(post.picture):
            return Hero(url=post.picture, alt=alt_text(alt_of("")))
        path = self._shown.path(post)
        if not path:
            return NO_HERO
        found = self._found.get(path)
        variants = self._variants(found, path) if found else NO_VARIANTS
        light = variants.light
        # A card is not the author's file: its copies are enough.
        master = None if is_card(path) and light else self._picture(path)
        return Hero(
            url=light or (master.url if master else ""),
            file="" if light or master is None else master.file,
            size=(found.width, found.height) if found and found.width else None,
            path=path,
            alt=alt_text(alt_of(found.sha256 if found else "")),
            is_card=is_card(path),
            is_ai=bool(found and found.is_ai),
            credit=found.model if found else "",
            variants=variants,
            original=master if light else None,
            social=self._social(found, path),
        )

    def register_copies(self) -> None:
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
            unseen = {place for address, place in self._addresses() if _file_names(address)} - self._seen
            kept = set() if seen_masters else self._masters.keys()
            kept |= set() if seen_copies else self._copies.keys()
            files = {place: file for place, file in files.items() if place in kept or place not in unseen}
        return self._copy(files)

    def _copy(self, files: dict[str, str]) -> list[AssetsError]:
        settings = self._generator.settings
        output = os.path.abspath(settings["OUTPUT_PATH"])  # noqa: PTH100 - links are kept
        # What this run publishes; under i18n_subsites, static_content has what the main run does too.
        by_pelican = {static.source_path: static for static in self._generator.context["staticfiles"]}
        self._published |= {f"{output}/{place}" for place in files}
        for place in files.keys() & self._masters.keys():
            static = by_pelican.get(files[place])
            if static is not None and self._places.published_at(static) == place:
                del files[place]
        problems = copy_changed(files, Path(output), link=settings["STATIC_CREATE_LINKS"])
        return problems + self._remove_old(output, by_pelican.values())

    def _remove_old(self, output: str, statics: Iterable[Static]) -> list[AssetsError]:
        """Remove the cards and copies that an earlier build published and this one does not; what went wrong."""
        if self._places.copies is None:
            return []
        folder = f"{output}/{self._places.copies[1]}"

        def is_old(name: str) -> bool:
            return folder + name not in self._published and (is_card_name(name) or is_variant_name(name))

        # Pelican works out a place each time that it is asked, so it is asked where something would go.
        if old := {folder + name for name in file_names(Path(folder)) if is_old(name)}:
            self._published |= old & {f"{output}/{static.save_as}" for static in statics}
            return remove_files(Path(folder), is_old)
        return []

    @cached_property
    def _places_by_name(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for address, place in self._addresses():
            for name in _file_names(address):
                found.setdefault(name, set()).add(place)
        return found

    def _variants(self, found: VariantSet, path: str) -> Variants:
        """What pages offer of a picture's copies, which are published from now on."""
        widths = tuple((form, widths) for form, widths in found.widths.items() if widths)
        if not widths or self._places.copies is None:
            return NO_VARIANTS
        for name in found.file_names():
            self._add_copy(name, f"{self._variant_folder}/{name}")
        form_widths = widths[-1][1]
        master = "" if found.width in form_widths else self._picture(path).url
        return Variants(f"{self._places.copies[0]}{found.name}", widths, found.width, master)

    def _social(self, found: VariantSet | None, path: str) -> Picture | None:
        if is_card(path):
            name = social_name(PurePosixPath(path).name)
            file = f"{self.library.cards}/{name}"
            if self._places.copies is None:
                return replace(self._picture(social_name(path)), size=SOCIAL_SIZE)
        elif found and found.has_social:
            name = found.social_name
            file = f"{self._variant_folder}/{name}"
        else:
            return None
        address = self._add_copy(name, file)
        return Picture(url=address, file=file, size=SOCIAL_SIZE) if address else None

    def _add_copy(self, name: str, file: str) -> str:
        """Have a file of ours published; its address, empty where it has none."""
        if self._places.copies is None:
            return ""
        url, place = self._places.copies
        self._copies[place + name] = file
        return url + name

    def _picture(self, path: str) -> Picture:
        """The picture of a file, which is published from now on."""
        if path not in self._pictures:
            url, place = self._places.of(path)
            self._pictures[path] = picture = Picture(url=url, file=f"{self._root}/{path}")
            (self._copies if is_card(path) else self._masters)[place] = picture.file
            self._places_of_pictures[url] = place
        return self._pictures[path]

    def _addresses(self) -> Iterator[tuple[str, str]]:
        """Address and place of each file that is published."""
        yield from self._places_of_pictures.items()
        if self._places.copies:
            url, place = self._places.copies
            for copy in self._copies:
                if copy.startswith(place):
                    yield url + copy.removeprefix(place), copy


def _file_names(text: str) -> set[str]:
    """The names of picture files in a page; searched for by their ends, which are few."""
    ends = (match.end() for match in re.finditer(_EXTENSION, text, re.IGNORECASE))
    return {re.split(_BETWEEN_NAMES, text[max(0, end - _LONGEST_NAME) : end], flags=re.ASCII)[-1] for end in ends}
