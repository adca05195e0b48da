"""The lock that lets one run at a time buy for a site."""

from __future__ import annotations

import errno
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AssetsError, LedgerError
from ..planning.survey import Site
from ..storage.assets import Library
from ..storage.preflight import require_writable
from .interrupts import StopSignals

if TYPE_CHECKING:
    from filelock import BaseFileLock

Say = Callable[[str], None]
"""Tells the user something at once."""

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
"""What a file system that has no locks answers."""


class BuyingLock:
    """The one right to buy for a site, while a run has it."""

    def __init__(self, file_lock: BaseFileLock, signals: StopSignals, say: Say, *, was_waited_for: bool) -> None:
        self.signals = signals
        self.was_waited_for = was_waited_for
        """Whether another run had it, so that what was planned before is out of date."""
        self.say = say
        self._file_lock = file_lock
        self._threads: tuple[threading.Thread, ...] = ()

    def keep_for(self, threads: Iterable[threading.Thread]) -> None:
        """Keep the lock until these threads have ended, for they send requests and write to the ledger."""
        self._threads += tuple(threads)

    def release(self) -> None:
        """Release it, now or when the last thread has ended; at the end of the process the system does."""
        if not any(thread.is_alive() for thread in self._threads):
            self._file_lock.release()
            return
        threading.Thread(target=self._release_later, daemon=True, name="hero-lock").start()

    def _release_later(self) -> None:
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._file_lock.release()


@contextmanager
def buying(site: Site, say: Say) -> Iterator[BuyingLock]:
    """Hold the one right to buy for this site, and be sure that all that is bought can be written.

    Raises:
        LedgerError: another run held the lock longer than ``FALHERO_TIMEOUT``.
        AssetsError, LedgerError: something can't be written.
        KeyboardInterrupt, Terminated: a signal ended the run.
    """
    from filelock import FileLock  # noqa: PLC0415 - a warm build buys nothing

    library = site.library
    library.prepare_state()
    # Not a lock of this thread: after a second Ctrl-C another thread releases it.
    file_lock = FileLock(library.state / "lock", thread_local=False)
    with StopSignals().installed() as signals:
        was_waited_for = _acquire(file_lock, library, say, seconds=site.settings.timeout)
        lock = BuyingLock(file_lock, signals, say, was_waited_for=was_waited_for)
        try:
            library.remove_leftovers()
            require_writable(library, site.ledger.path)
            yield lock
        finally:
            lock.release()


def _acquire(file_lock: BaseFileLock, library: Library, say: Say, *, seconds: float) -> bool:
    """Take the lock; whether another run had to be waited for."""
    path = library.state / "lock"
    was_waited_for = False
    try:
        try:
            with warnings.catch_warnings():
                # Where the system has no locks, filelock makes do with a file, and warns.
                warnings.simplefilter("ignore")
                file_lock.acquire(timeout=0)
        except TimeoutError:
            say(
                "another build is drawing this site's heroes; waiting for it, "
                f"{seconds:.0f} s at most (FALHERO_TIMEOUT)"
            )
            file_lock.acquire(timeout=seconds)
            was_waited_for = True
    except TimeoutError as error:
        raise LedgerError(
            f"another build has held {path} for more than {seconds:.0f} s (FALHERO_TIMEOUT), so nothing is bought; "
            "end that build, or wait for its end, and build again"
        ) from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise AssetsError.of(path, error) from error
        raise _not_lockable(path, error.strerror or str(error)) from error
    except NotImplementedError as error:  # filelock's word for it, before its version 4
        raise _not_lockable(path, str(error)) from error
    return was_waited_for


def _not_lockable(path: Path, reason: str) -> LedgerError:
    return LedgerError(
        f"{path} can't be locked ({reason}), so nothing is bought; keep the site on a file system that has locks"
    )
