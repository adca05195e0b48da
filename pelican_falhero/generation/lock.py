"""The lock that lets one run at a time buy for a site."""

from __future__ import annotations

import errno
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..engines import title_of
from ..errors import AssetsError, LedgerError
from ..planning.site import Site
from ..storage.assets import Library
from . import messages
from .interrupts import TERMINATE_SECONDS, OpenSubmits, StopSignals

if TYPE_CHECKING:
    from filelock import BaseFileLock

Say = Callable[[str], None]
"""Shows a message to the user at once."""

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
"""The errors of a file system that has no locks."""


class BuyingLock:
    """The lock of a site's ledger, held by one run at a time."""

    def __init__(
        self, file_lock: BaseFileLock, signals: StopSignals, say: Say, *, asked: str, was_waited_for: bool
    ) -> None:
        self.signals = signals
        self._asked = asked
        self.was_waited_for = was_waited_for
        """Whether another run held it first, so that a plan from before is out of date."""
        self.say = say
        self._file_lock = file_lock
        self._threads: tuple[threading.Thread, ...] = ()

    def hold_until_ended(self, threads: Iterable[threading.Thread]) -> None:
        """Hold the lock until these threads have ended, because they send requests and write to the ledger."""
        self._threads += tuple(threads)

    def wait_for_submits(self, stop: threading.Event, submits: OpenSubmits) -> None:
        """After a signal: send nothing more, and wait for the answers to open submits, as long as it allows."""
        stop.set()
        if submits.count:
            self.say(_waiting_message(submits.count, self.signals, self._asked))
        while submits.count and self.signals.seconds_left:
            time.sleep(0.05)

    def release(self) -> None:
        """Release the lock now, or when the last thread has ended. When the process ends, the system releases it."""
        if not any(thread.is_alive() for thread in self._threads):
            self._file_lock.release()
            return
        threading.Thread(target=self._release_after_threads, daemon=True, name="hero-lock").start()

    def _release_after_threads(self) -> None:
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._file_lock.release()


def _waiting_message(count: int, signals: StopSignals, asked: str) -> str:
    wait = f"waiting for {asked}'s answer to {messages.count(count, 'request')}"
    if signals.received == signal.SIGTERM:
        return f"terminated: {wait}, {TERMINATE_SECONDS:.0f} s at most"
    return f"interrupted: {wait}; press Ctrl-C again to stop at once"


@contextmanager
def buying(site: Site, say: Say) -> Iterator[BuyingLock]:
    """Hold the site's lock.

    Raises:
        LedgerError: another run held the lock longer than ``FALHERO_TIMEOUT``.
        AssetsError, LedgerError: the state folder can't be written, or has no locks.
        KeyboardInterrupt, Terminated: a signal ended the run.
    """
    from filelock import FileLock  # noqa: PLC0415 - a warm build buys nothing

    library = site.library
    library.prepare_state()
    # Not bound to this thread: after a second Ctrl-C another thread releases it.
    file_lock = FileLock(library.state / "lock", thread_local=False)
    with StopSignals().installed() as signals:
        was_waited_for = _acquire(file_lock, library, say, seconds=site.settings.timeout)
        lock = BuyingLock(file_lock, signals, say, asked=title_of(site.settings.engine), was_waited_for=was_waited_for)
        try:
            library.remove_leftovers()
            library.remove_old_leftovers()
            yield lock
        finally:
            lock.release()


def _acquire(file_lock: BaseFileLock, library: Library, say: Say, *, seconds: float) -> bool:
    """Acquire the lock; True when another run held it first."""
    path = library.state / "lock"
    was_waited_for = False
    try:
        try:
            with warnings.catch_warnings():
                # On a system without locks filelock uses the existence of a file instead, and warns.
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
            "stop that build or wait until it ends, and build again"
        ) from error
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise AssetsError.of(path, error) from error
        raise LedgerError(
            f"{path} can't be locked ({error.strerror}), so nothing is bought; "
            "move the site to a file system that has locks"
        ) from error
    return was_waited_for
