"""Versions: heroes that were replaced or removed, kept in ``.falhero/history`` until their author deletes them.

A version is named ``<stem>-<first 8 digits of its SHA-256>.<extension>``, so that the same picture is kept once. The
folder is not in git: only the machine that replaced a hero has its version.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..errors import AssetsError
from .assets import EXTENSIONS, Library

_DIGITS = 8
_NAME = re.compile(rf"(?P<stem>hero-[0-9a-f]{{12}})-(?P<digits>[0-9a-f]{{{_DIGITS}}})(?P<extension>\.[a-z]+)")


@dataclass(frozen=True, kw_only=True)
class Version:
    """A picture in the history."""

    path: Path
    stem: str
    """The hero that it was."""
    digits: str
    """The first 8 hexadecimal digits of its SHA-256."""
    size: int
    """Bytes."""
    time_ns: int
    """When it became the hero, if nothing has touched the file since: nanoseconds since 1970."""

    def is_of(self, digest: str) -> bool:
        """Whether it has the content with this SHA-256."""
        return digest[:_DIGITS] == self.digits


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits.

    Raises:
        OSError: it can't be read.
    """
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


class Versions:
    """The history of a site."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.folder = library.state / "history"

    def all(self) -> list[Version]:
        """Return all versions, newest first; none if there is no history.

        Raises:
            AssetsError: the history can't be read.
        """
        found = []
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    name = _NAME.fullmatch(entry.name)
                    if name and name["extension"] in EXTENSIONS and entry.is_file(follow_symlinks=False):
                        status = entry.stat()
                        found.append(
                            Version(
                                path=Path(entry.path),
                                stem=name["stem"],
                                digits=name["digits"],
                                size=status.st_size,
                                time_ns=status.st_mtime_ns,
                            )
                        )
        except FileNotFoundError:
            return []
        except OSError as error:
            raise AssetsError(f"{self.folder} can't be read ({error.strerror}); check its permissions") from error
        return sorted(found, key=lambda version: (-version.time_ns, version.path.name))

    def keep(self, hero: Path, *, successor: str = "") -> None:
        """Put a copy of a hero into the history, before the hero is replaced or removed.

        A copy, so that no moment is without the hero: whatever happens in between, a build finds it in its place and
        buys nothing. A file that does not exist, or is empty, is no hero; one whose content is that of its
        ``successor`` (a SHA-256) is not replaced by anything else, and needs no copy.

        Raises:
            AssetsError: the copy can't be made; the hero must then stay.
        """
        try:
            status, digest = hero.stat(), sha256_of(hero)
        except FileNotFoundError:
            return
        except OSError as error:
            raise AssetsError(f"{hero} can't be read ({error.strerror}), so it stays; check its permissions") from error
        if not status.st_size or digest == successor:
            return
        try:
            target = self.folder / f"{hero.stem}-{digest[:_DIGITS]}{hero.suffix}"
            if target.is_file() and sha256_of(target) == digest:
                return
            with self._library.temporary_file("version") as file:
                shutil.copyfile(hero, file)
                self._library.place(file, target)
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
        except OSError as error:
            raise AssetsError.of(self.folder, error) from error

    def remove(self, hero: Path, *, successor: str = "") -> None:
        """Move a hero into the history; ``successor`` as in ``keep``.

        Raises:
            AssetsError: it can't be moved; it is still in its place.
        """
        self.keep(hero, successor=successor)
        try:
            hero.unlink(missing_ok=True)
        except OSError as error:
            raise AssetsError.of(hero.parent, error) from error

    def discard(self, version: Version) -> None:
        """Delete a version.

        Raises:
            AssetsError: it can't be deleted.
        """
        try:
            version.path.unlink(missing_ok=True)
        except OSError as error:
            raise AssetsError.of(self.folder, error) from error
