"""Where the files of pictures are published: their addresses, and their places in the output folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from pelican.contents import Static
from pelican.generators import PagesGenerator
from pelican.readers import path_metadata

from ..storage.assets import Library
from .site_pictures import is_card


class Places:
    """What Pelican's settings say of the places of a site's pictures."""

    def __init__(self, generator: PagesGenerator, library: Library) -> None:
        """Begin with a generator of the run that publishes them."""
        self._generator = generator
        self._library = library
        self._folder = PurePosixPath(library.assets_dir)
        self._is_plain = _publishes_plainly(generator.settings, self._folder)
        """Whether files of the assets folder are published under their own paths, so that Pelican need not be asked."""
        self._ours = {str(self._folder), library.cards.relative_to(library.root).as_posix()}
        """The folders of heroes and cards; these are published as if they lay beside the heroes."""

    @cached_property
    def copies(self) -> tuple[str, str] | None:
        """What the addresses below SITEURL, and the places in the output folder, of files of ours begin with.

        None where STATIC_URL or STATIC_SAVE_AS don't end in the file's name: there are no copies then.
        """
        if self._is_plain:
            return f"{self._folder}/", f"{self._folder}/"
        name = "falhero.webp"
        # The file is asked for its time, under DEFAULT_DATE = "fs"; none of this name need be there.
        static = self._as_static(name, self._library.root, {})
        url, place = str(static.url), str(static.save_as)
        return (url[: -len(name)], place[: -len(name)]) if url.endswith(name) and place.endswith(name) else None

    def of(self, path: str) -> tuple[str, str]:
        """The address below SITEURL of a file of the content folder, and its place in the output folder."""
        folder, _, name = path.rpartition("/")
        if self._is_plain and folder in self._ours:
            return f"{self._folder}/{name}", f"{self._folder}/{name}"
        static = self._static(path)
        return static.url, static.save_as

    def published_at(self, static: Static) -> str:
        """Where Pelican publishes a file; an ``{attach}`` link may have moved it."""
        # Pelican works an address out each time that it is asked.
        folder, _, name = str(static.source_path).rpartition("/")
        if self._is_plain and folder == str(self._library.folder) and not hasattr(static, "override_save_as"):
            return f"{self._folder}/{name}"
        return str(static.save_as)

    def _static(self, path: str) -> Static:
        """What Pelican makes of a file: it knows STATIC_URL, EXTRA_PATH_METADATA and the like."""
        generator = self._generator
        static = generator.readers.read_file(
            base_path=str(self._library.root),
            path=path,
            content_class=Static,
            fmt="static",
            context=generator.context,
        )
        if not is_card(path):
            return static
        file = self._library.root / path
        return self._as_static(file.name, file, static.metadata)

    def _as_static(self, name: str, file: Path, metadata: dict[str, Any]) -> Static:
        """A card, which is published as if it lay beside the heroes."""
        settings = self._generator.settings
        place = PurePosixPath(self._library.assets_dir, name).as_posix()
        metadata = metadata | path_metadata(str(file), place, settings)
        return Static("", metadata, settings, str(self._library.root / place), self._generator.context)


def _publishes_plainly(settings: Mapping[str, Any], folder: PurePosixPath) -> bool:
    """Whether Pelican's settings leave the paths of files in a folder as they are."""
    special = (PurePosixPath(path) for path in settings["EXTRA_PATH_METADATA"])
    return settings["STATIC_URL"] == settings["STATIC_SAVE_AS"] == "{path}" and not any(
        path.is_relative_to(folder) or folder.is_relative_to(path) for path in special
    )
