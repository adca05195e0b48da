"""The assets folder and the state folder: file names, look-up, atomic writes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from ..errors import AssetsError
from ..settings import STATE_DIR

EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".avif")
"""File types of heroes, preferred first. We save PNG; an author may convert it to another type."""

_PART = ".part"
_OLD = 2 * 24 * 3600
"""Seconds; a build works on one file for a day at most (FALHERO_TIMEOUT)."""
_GITIGNORE = """\
# Kept in git: the ledger. Earlier heroes (history) and candidates stay on this machine; all else can be made again.
*
!.gitignore
!ledger.jsonl
"""


@cache
def hero_stem(title: str) -> str:
    """Return the file name of a title's hero, without extension: ``hero-`` and 12 digits of the plain title's MD5."""
    return "hero-" + hashlib.md5(title.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()[:12]


class Library:
    """The pictures of one site: heroes in ``folder``, unpublished files in ``state``."""

    def __init__(self, root: Path, assets_dir: str) -> None:
        self.root = root
        self.assets_dir = assets_dir
        self.folder = root / assets_dir
        self.state = root / STATE_DIR
        self.cards = self.state / "cards"
        self.variants = self.state / "variants"

    def heroes(self) -> dict[str, str]:
        """Map the stem of each hero in the assets folder to its file name; empty files are ignored.

        Raises:
            AssetsError: the folder can't be read.
        """
        found: dict[str, str] = {}
        for name in _names(self.folder, "hero-"):
            stem, extension = os.path.splitext(name)  # noqa: PTH122 - a Path for each of many files is slow
            kept = found.get(stem)
            if extension in EXTENSIONS and (kept is None or _preference(name) < _preference(kept)):
                found[stem] = name
        return found

    def card_names(self) -> set[str]:
        """Return the file names of all cards that exist.

        Raises:
            AssetsError: the folder can't be read.
        """
        return _names(self.cards, "card-")

    def prepare_state(self) -> None:
        """Make the state folder, with a .gitignore that excludes all but the ledger.

        Raises:
            AssetsError: the folder can't be written.
        """
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            ignore = self.state / ".gitignore"
            if not ignore.exists():
                ignore.write_text(_GITIGNORE, encoding="utf-8")
        except OSError as error:
            raise AssetsError.of(self.state, error) from error

    def is_new(self, kind: str, text: str) -> bool:
        """Whether the last text of this kind was another one; this one is remembered, in the state folder."""
        file = self.state / f"{kind}.txt"
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if file.read_text(encoding="utf-8") == text:
                return False
        with contextlib.suppress(OSError, AssetsError):
            self.prepare_state()
            file.write_text(text, encoding="utf-8")
        return True

    def remove_leftovers(self) -> None:
        """Remove temporary files of killed builds. Only call it with the lock held: no other run then makes heroes."""
        beside = self.folder.glob(f".hero-*{_PART}")
        for leftover in (*(self.state / "tmp").glob("hero-*"), *beside):
            with contextlib.suppress(OSError):
                leftover.unlink()

    def remove_old_leftovers(self) -> None:
        """Remove temporary files that are too old to be of a running build, so this needs no lock."""
        for leftover in (self.state / "tmp").glob("*-*"):
            with contextlib.suppress(OSError):
                if time.time() - leftover.stat().st_mtime > _OLD:
                    leftover.unlink()

    @contextmanager
    def temporary_file(self, kind: str = "hero") -> Iterator[Path]:
        """Make a temporary file in the state folder; remove it at the end if it still exists.

        Raises:
            AssetsError: the folder can't be written.
        """
        self.prepare_state()
        folder = self.state / "tmp"
        try:
            folder.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(dir=folder, prefix=f"{kind}-")
            os.close(handle)
        except OSError as error:
            raise AssetsError.of(folder, error) from error
        path = Path(name)
        try:
            yield path
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def place(self, file: Path, target: Path) -> None:
        """Move a finished file to its published name, atomically: no reader ever sees half a picture.

        Raises:
            AssetsError: the target's folder can't be written; ``file`` still exists.
        """
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            sync(file)
            file.chmod(0o644)
            try:
                os.replace(file, target)  # noqa: PTH105 - clearer than Path.replace
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                _replace_across_file_systems(file, target)
            sync(target.parent)
        except OSError as error:
            raise AssetsError.of(target.parent, error) from error


def _names(folder: Path, prefix: str) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.name.startswith(prefix) and _is_nonempty_file(entry)}
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except OSError as error:
        raise AssetsError(f"{folder} can't be read ({error.strerror}); check its permissions") from error


def _is_nonempty_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file() and entry.stat().st_size > 0
    except OSError:
        return False  # deleted since the folder was listed


def _preference(name: str) -> int:
    return EXTENSIONS.index(Path(name).suffix)


def _replace_across_file_systems(file: Path, target: Path) -> None:
    """Do what ``os.replace`` does, for an assets folder that is a link to another file system."""
    beside = target.with_name(f".{target.name}{_PART}")
    try:
        shutil.copyfile(file, beside)
        sync(beside)
        os.replace(beside, target)  # noqa: PTH105
    finally:
        beside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Flush a file or folder to the disk. Some systems can't sync folders; that is ignored."""
    if path.is_file():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        return
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
