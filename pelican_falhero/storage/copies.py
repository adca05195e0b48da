"""Files that are copied into the output folder: only what has changed, and never half a file."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from ..errors import AssetsError


def copy_changed(files: Mapping[str, str | Path], output: Path, *, link: bool = False) -> list[AssetsError]:
    """Bring files to their places below ``output``; what has the size and the time of its source is left alone.

    Args:
        files: place, relative to ``output``, to the file that belongs there.
        output: the output folder.
        link: hard-link instead of copying, where the file system can.

    Returns:
        What went wrong, at most once for each folder; all other files are in place.
    """
    problems: dict[str, AssetsError] = {}
    listed: dict[str, dict[str, _State]] = {}
    for place, source in files.items():
        # Not Path, with which thousands of files that have not changed take a second.
        folder, _, name = place.rpartition("/")
        if folder not in listed:
            listed[folder] = _states(output / folder)
        try:
            if listed[folder].get(name) != _state(source):
                _bring(Path(source), output, place, link=link)
        except AssetsError as error:
            problems.setdefault(folder, error)
        except OSError as error:
            problems.setdefault(folder, AssetsError.of(output / folder, error))
    return list(problems.values())


def file_names(folder: Path) -> list[str]:
    """The names of all that is in ``folder``; none where that can't be read."""
    try:
        return os.listdir(folder)  # noqa: PTH208 - a Path for each of thousands of files is slow
    except OSError:
        return []


def remove_files(folder: Path, is_removed: Callable[[str], bool]) -> list[AssetsError]:
    """Remove the files in ``folder`` whose name ``is_removed`` confirms; return what went wrong, at most one error.

    Links and folders are left alone, as is a folder that does not exist.
    """
    try:
        with os.scandir(folder) as entries:
            old = [entry.name for entry in entries if is_removed(entry.name) and entry.is_file(follow_symlinks=False)]
        for name in old:
            (folder / name).unlink(missing_ok=True)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        return [AssetsError.of(folder, error)]
    return []


_State = tuple[int, int]
"""Size and time of a file, which tell whether it is a copy of another one."""


def _states(folder: Path) -> dict[str, _State]:
    """The files in a folder; none where that can't be read."""
    found: dict[str, _State] = {}
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            try:
                status = entry.stat()
            except OSError:  # a link to nothing
                continue
            found[entry.name] = status.st_size, status.st_mtime_ns
    return found


def _state(source: str | Path) -> _State:
    try:
        status = os.stat(source)  # noqa: PTH116
    except OSError as error:
        raise AssetsError(f"{source} is not published: it can't be read ({error.strerror})") from error
    return status.st_size, status.st_mtime_ns


def _bring(source: Path, output: Path, place: str, *, link: bool) -> None:
    target = Path(os.path.normpath(output / place))
    if not target.is_relative_to(os.path.normpath(output)):
        raise AssetsError(f"{source} is not published: {target} lies outside the output folder {output}")
    wanted = source.stat()
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.part")
    try:
        beside.unlink(missing_ok=True)
        if not (link and _linked(source, beside)):
            shutil.copyfile(source, beside)
            os.utime(beside, ns=(wanted.st_atime_ns, wanted.st_mtime_ns))
        # Never in place: what is there may be a hard link to the source, or be read at this moment.
        os.replace(beside, target)  # noqa: PTH105 - the word that says what it does
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _linked(source: Path, target: Path) -> bool:
    try:
        target.hardlink_to(source)
    except OSError:
        return False
    return True
