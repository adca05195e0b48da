"""Tries, before anything is bought, to write everywhere that a run will write to.

It really writes: what the permissions say is not what a read-only, full or remote disk does.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import AssetsError, LedgerError
from .assets import Library

_PROBE = b" " * 4096
"""Spaces, so that a ledger they are left in by a crash is read as before."""


def require_writable(library: Library, ledger: Path) -> None:
    """Write to the temporary folder, the assets folder and the ledger, and leave nothing behind.

    Raises:
        AssetsError: one of the folders can't be written.
        LedgerError: the ledger can't be.
    """
    with library.temporary_file() as file:
        try:
            file.write_bytes(_PROBE)
        except OSError as error:
            raise AssetsError.of(file.parent, error) from error
        # The way that a picture goes. A name like this is removed by the next run, should this one be killed.
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
    is_new = not os.path.lexists(path)  # a link stays, wherever it leads
    try:
        with path.open("ab", buffering=0) as file:
            end, written = file.tell(), 0
            try:
                while written < len(_PROBE):
                    written += file.write(_PROBE[written:])
                os.fsync(file.fileno())
            finally:
                if os.fstat(file.fileno()).st_size == end + written:  # nobody else has written meanwhile
                    file.truncate(end)
    finally:
        if is_new:
            with contextlib.suppress(OSError):
                path.unlink()
