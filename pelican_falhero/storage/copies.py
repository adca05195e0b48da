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
    output = Path(os.path.normpath(output))
    problems: dict[Path, AssetsError] = {}
    for place, source in files.items():
        # Not Path, with which thousands of files that have not changed take a second.
        target = os.path.normpath(os.path.join(output, place))  # noqa: PTH118
        try:
            if not _is_there(source, target):
                _bring(Path(source), Path(target), output, link=link)
        except AssetsError as error:
            problems.setdefault(Path(target).parent, error)
        except OSError as error:
            problems.setdefault(Path(target).parent, AssetsError.of(Path(target).parent, error))
    return list(problems.values())


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


def _is_there(source: str | Path, target: str) -> bool:
    try:
        wanted = os.stat(source)  # noqa: PTH116
    except OSError as error:
        raise AssetsError(f"{source} is not published: it can't be read ({error.strerror})") from error
    try:
        there = os.stat(target)  # noqa: PTH116
    except FileNotFoundError:
        return False
    return (there.st_size, there.st_mtime_ns) == (wanted.st_size, wanted.st_mtime_ns)


def _bring(source: Path, target: Path, output: Path, *, link: bool) -> None:
    if not target.is_relative_to(output):
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
