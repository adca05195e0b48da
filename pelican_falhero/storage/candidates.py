"""Candidates: pictures that were drawn for a post to choose from, in ``.falhero/candidates``."""

from __future__ import annotations

import re
from pathlib import Path

from .assets import Library
from .copies import remove_files
from .kept import KeptPictures, kept_name

_SHEET = re.compile(r"hero-[0-9a-f]{12}\.(png|html)")


class Candidates(KeptPictures):
    """The candidates of a site, and one sheet and one page for each post that shows them."""

    def __init__(self, library: Library) -> None:
        super().__init__(library, "candidates")

    @property
    def place(self) -> str:
        """The folder, relative to the site's root, as the ledger names it."""
        return self.folder.relative_to(self._library.root).as_posix()

    def sheet(self, stem: str) -> Path:
        """The contact sheet of a hero's candidates; its name is none of a candidate."""
        return self.folder / f"{stem}.png"

    def page(self, stem: str) -> Path:
        """The page of a hero's candidates."""
        return self.folder / f"{stem}.html"

    def remove_sheets(self) -> None:
        """Remove all sheets and pages, once there are no candidates.

        Raises:
            AssetsError: one of them can't be removed.
        """
        for error in remove_files(self.folder, lambda name: _SHEET.fullmatch(name) is not None):
            raise error

    def add(self, file: Path, stem: str, *, digest: str, extension: str) -> str:
        """Move a finished picture, whose SHA-256 is ``digest``, into the folder; return its name there.

        Raises:
            AssetsError: the folder can't be written.
        """
        name = kept_name(stem, digest, extension)
        self._library.place(file, self.folder / name)
        return name
