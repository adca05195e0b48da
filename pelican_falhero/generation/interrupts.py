"""Ctrl-C and SIGTERM during a run: the run sends nothing more, and waits for the answers to requests it has sent.

The answer to a submit holds the request's id. Without the id a picture that fal has charged can't be fetched, and the
next build would pay for it again.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..errors import Terminated
from ..providers.base import DEFAULT_TIMEOUTS

TERMINATE_SECONDS = 8.0
"""How long a run waits for open submits after SIGTERM: whoever sends it often sends SIGKILL ten seconds later.

After Ctrl-C a run waits as long as the provider does for the answer to a submit.
"""


class OpenSubmits:
    """Counts the submits that the provider has not answered yet. Thread-safe."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """The number of open submits now."""
        return self._count

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Count one submit as open, until its answer is in the ledger."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1


class StopSignals:
    """Handles SIGINT and SIGTERM during a run.

    A signal raises an exception at once, except inside ``deferred``: there the first signal is only recorded, so that
    the run can wait for open submits. A second SIGINT always raises. A second SIGTERM changes nothing, because one
    command may send two (``timeout`` signals the process and its group).
    """

    def __init__(self) -> None:
        self.received = 0
        """The number of the last signal; 0 before the first."""
        self._is_deferring = False
        self._until = math.inf

    @contextmanager
    def installed(self) -> Iterator[StopSignals]:
        """Install the handlers; only in the main thread, because Python handles signals nowhere else."""
        previous = {}
        try:
            if threading.current_thread() is threading.main_thread():
                for number in (signal.SIGINT, signal.SIGTERM):
                    handler = signal.getsignal(number)
                    # A signal that is ignored stays ignored. None is a handler that Python can't restore.
                    if handler not in (signal.SIG_IGN, None):
                        previous[number] = handler
                        signal.signal(number, self._handle)
            yield self
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Record the first signal instead of raising.

        Raises:
            KeyboardInterrupt, Terminated: at the end of the block, if a signal has come.
        """
        self._is_deferring = True
        try:
            yield
        finally:
            self._is_deferring = False
        if self.received:
            self.raise_interrupt()

    @property
    def seconds_left(self) -> float:
        """Seconds that the run may still wait for open submits; 0 when it must end."""
        return max(0.0, self._until - time.monotonic())

    def raise_interrupt(self) -> None:
        """Raise the exception of the signal that came.

        Raises:
            KeyboardInterrupt, Terminated: always.
        """
        if self.received == signal.SIGTERM:
            raise Terminated
        raise KeyboardInterrupt

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        is_second = bool(self.received) and number == signal.SIGINT
        self.received = number
        seconds = TERMINATE_SECONDS if number == signal.SIGTERM else DEFAULT_TIMEOUTS.submit
        self._until = min(self._until, time.monotonic() + seconds)
        if is_second or not self._is_deferring:
            self.raise_interrupt()
