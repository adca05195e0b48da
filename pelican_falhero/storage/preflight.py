"""Check, before anything is bought, that a run can write to all its files.

The check writes for real: on a read-only, full or remote disk the permissions alone do not tell.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import AssetsError, LedgerError
from .assets import Library

_PROBE = b" " * 4096
"""Spaces: if a crash leaves them in the ledger, it can still be read."""


def require_writable(library: Library, ledger: Path) -> None:
    """Write to the temporary folder, the assets folder and the ledger, and undo it.

    Raises:
        AssetsError: one of the folders can't be written.
        LedgerError: the ledger can't be written.
    """
    with library.temporary_file() as file:
        try:
            file.write_bytes(_PROBE)
        except OSError as error:
            raise AssetsError.of(file.parent, error) from error
        # The same steps as for a picture. If this run is killed, the next run removes a file of this name.
        target = library.folder / ".hero-writable.part"
        try:
            library.place(file, target)
        finally:
            with contextlib.suppress(OSError):
                target.unlink()
    try:
        _require_appendable(ledger)
    except OSError as error:
        raise LedgerError(
            f"{ledger} can't be written ({error.strerror or error}), so nothing is bought; "
            "check its permissions and the space on the disk"
        ) from error


def _require_appendable(path: Path) -> None:
    is_new = not os.path.lexists(path)  # a link, even a broken one, must not be deleted
    try:
        with path.open("ab", buffering=0) as file:
            end, written = file.tell(), 0
            try:
                while written < len(_PROBE):
                    written += file.write(_PROBE[written:])
                os.fsync(file.fileno())
            finally:
                if os.fstat(file.fileno()).st_size == end + written:  # no other process has written since
                    file.truncate(end)
    finally:
        if is_new:
            with contextlib.suppress(OSError):
                path.unlink()
