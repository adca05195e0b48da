"""The assets folder and the state folder: names, look-up, atomic writes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import AssetsError
from ..settings import STATE_DIR

EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".avif")
"""What a hero may be, best first: we make PNG, an author may convert it."""

_PART = ".part"
_GITIGNORE = "# Kept in git: the ledger. All else here can be made again.\n*\n!.gitignore\n!ledger.jsonl\n"


def hero_stem(title: str) -> str:
    """The name of a title's hero without extension: ``hero-`` and 12 digits of the MD5 of the plain title."""
    return "hero-" + hashlib.md5(title.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()[:12]


class Library:
    """The pictures of one site: heroes in ``folder``, everything unpublished in ``state``."""

    def __init__(self, root: Path, assets_dir: str) -> None:
        self.root = root
        self.assets_dir = assets_dir
        self.folder = root / assets_dir
        self.state = root / STATE_DIR
        self.cards = self.state / "cards"

    def heroes(self) -> dict[str, str]:
        """Stem to file name of every hero in the assets folder that is not an empty file."""
        found: dict[str, str] = {}
        for name in _names(self.folder, "hero-"):
            stem, extension = os.path.splitext(name)  # noqa: PTH122 - no Path for each of many files
            kept = found.get(stem)
            if extension in EXTENSIONS and (kept is None or _rank(name) < _rank(kept)):
                found[stem] = name
        return found

    def card_names(self) -> set[str]:
        """The file names of all cards that are drawn."""
        return _names(self.cards, "card-")

    def prepare_state(self) -> None:
        """Make the state folder, with the .gitignore that keeps all but the ledger out of git.

        Raises:
            AssetsError: it can't be written.
        """
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            ignore = self.state / ".gitignore"
            if not ignore.exists():
                ignore.write_text(_GITIGNORE, encoding="utf-8")
        except OSError as error:
            raise AssetsError.of(self.state, error) from error

    def remove_leftovers(self) -> None:
        """Remove what killed builds left; only for who holds the right to buy, and so makes the only heroes."""
        beside = self.folder.glob(f".hero-*{_PART}")
        for leftover in (*(self.state / "tmp").glob("hero-*"), *beside):
            with contextlib.suppress(OSError):
                leftover.unlink()

    @contextmanager
    def temporary_file(self, kind: str = "hero") -> Iterator[Path]:
        """A new temporary file in the state folder; whatever is still there at the end is removed."""
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
        """Move a finished file to its published name, so that the name never shows half a picture.

        Raises:
            AssetsError: the target's folder can't be written; ``file`` is still there.
        """
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            sync(file)
            file.chmod(0o644)
            try:
                os.replace(file, target)  # noqa: PTH105 - the word that says what it does
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                _replace_across(file, target)
            sync(target.parent)
        except OSError as error:
            raise AssetsError.of(target.parent, error) from error


def _names(folder: Path, prefix: str) -> set[str]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.name.startswith(prefix) and _is_filled(entry)}
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except OSError as error:
        raise AssetsError(f"{folder} can't be read ({error.strerror}); check its permissions") from error


def _is_filled(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file() and entry.stat().st_size > 0
    except OSError:
        return False  # it vanished meanwhile


def _rank(name: str) -> int:
    return EXTENSIONS.index(Path(name).suffix)


def _replace_across(file: Path, target: Path) -> None:
    """``os.replace`` for an assets folder that is a link to another file system."""
    beside = target.with_name(f".{target.name}{_PART}")
    try:
        shutil.copyfile(file, beside)
        sync(beside)
        os.replace(beside, target)  # noqa: PTH105
    finally:
        beside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the disk hold what was written; folders can't be synced everywhere, and need not be."""
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
