"""Pictures in the state folder that their author may make the hero: named by their content, and none in git.

A file is named ``<stem>-<first 8 digits of its SHA-256>.<extension>``, so that the same picture is kept once. Only the
machine that drew or replaced a picture has it there.
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
class KeptPicture:
    """A picture in one of these folders."""

    path: Path
    stem: str
    """The hero that it was, or was drawn for."""
    digits: str
    """The first 8 hexadecimal digits of its SHA-256."""
    size: int
    """Bytes."""
    time_ns: int
    """When the file was written, if nothing has touched it since: nanoseconds since 1970."""

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


def kept_name(stem: str, digest: str, extension: str) -> str:
    """Return the file name of a picture that is kept."""
    return f"{stem}-{digest[:_DIGITS]}{extension}"


class KeptPictures:
    """One such folder of a site."""

    def __init__(self, library: Library, folder: str) -> None:
        self._library = library
        self.folder = library.state / folder

    def all(self) -> list[KeptPicture]:
        """Return all pictures, newest first; none if there is no folder.

        Raises:
            AssetsError: the folder can't be read.
        """
        found = []
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    name = _NAME.fullmatch(entry.name)
                    if name and name["extension"] in EXTENSIONS and entry.is_file(follow_symlinks=False):
                        status = entry.stat()
                        found.append(
                            KeptPicture(
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
        return sorted(found, key=lambda picture: (-picture.time_ns, picture.path.name))

    def copy(self, picture: Path, digest: str) -> None:
        """Put a copy of a hero, whose SHA-256 is ``digest``, into the folder, if it is not there.

        Raises:
            AssetsError: the copy can't be made.
        """
        try:
            status = picture.stat()
            target = self.folder / kept_name(picture.stem, digest, picture.suffix)
            if target.is_file() and sha256_of(target) == digest:
                return
            with self._library.temporary_file("version") as file:
                shutil.copyfile(picture, file)
                self._library.place(file, target)
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
        except OSError as error:
            raise AssetsError.of(self.folder, error) from error

    def discard(self, picture: KeptPicture) -> None:
        """Delete a picture.

        Raises:
            AssetsError: it can't be deleted.
        """
        try:
            picture.path.unlink(missing_ok=True)
        except OSError as error:
            raise AssetsError.of(self.folder, error) from error
