"""Ctrl-C and SIGTERM while a run buys: nothing more is sent, and requests that are on their way are waited for.

A request whose answer nobody waits for may be charged, and without its id it can't be fetched: it would be paid twice.
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
"""How long open submits are waited for after SIGTERM, whose sender often kills after ten seconds.

After Ctrl-C it is as long as the provider itself waits for the answer to one.
"""


class OpenSubmits:
    """Counts the requests that are on their way to the provider. Safe for threads."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many there are now."""
        return self._count

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one, until its answer is in the ledger."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1


class StopSignals:
    """SIGINT and SIGTERM of one run.

    They raise at once, except inside of ``deferred``: there the first is only noted, so that open submits can be waited
    for. A second SIGINT raises in any case. SIGTERM may come twice by itself (``timeout`` sends it to the process and
    to its group), so a second one changes nothing.
    """

    def __init__(self) -> None:
        self.received = 0
        """The signal that came last; 0 when none did."""
        self._is_deferring = False
        self._until = math.inf

    @contextmanager
    def installed(self) -> Iterator[StopSignals]:
        """Receive them; outside of the main thread, which Python gives all signals to, nothing is done."""
        previous = {}
        try:
            if threading.current_thread() is threading.main_thread():
                for number in (signal.SIGINT, signal.SIGTERM):
                    handler = signal.getsignal(number)
                    # Who started us may want a signal ignored; None is a handler that Python can't put back.
                    if handler not in (signal.SIG_IGN, None):
                        previous[number] = handler
                        signal.signal(number, self._handle)
            yield self
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Only note the first signal.

        Raises:
            KeyboardInterrupt, Terminated: at the end, when one has come.
        """
        self._is_deferring = True
        try:
            yield
        finally:
            self._is_deferring = False
        if self.received:
            self.leave()

    @property
    def seconds_left(self) -> float:
        """How long open submits may still be waited for; 0 when it is time to leave."""
        return max(0.0, self._until - time.monotonic())

    def leave(self) -> None:
        """End the run, as the signal asks.

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
            self.leave()
