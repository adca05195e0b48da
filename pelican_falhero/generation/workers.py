"""Makes several heroes at once.

Worker threads do the waiting. They never log and never touch Pelican; the thread that called ``execute`` collects what
they report, so that Ctrl-C reaches it at once. After it nothing more is sent, and requests that are on their way are
waited for: their ids must get into the ledger.
"""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import HeroError
from ..planning.plan import Item
from .interrupts import TERMINATE_SECONDS, StopSignals
from .job import Making, Outcome
from .lock import BuyingLock
from .run_state import Workshop

GRACE_SECONDS = 1.0
"""How long a stopped run waits for its threads to write down what they just learned."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What became of a run."""

    outcomes: tuple[Outcome, ...]
    halt: HeroError | None = None
    """What ended the run early: the account, the network, the disk."""
    untried: tuple[Item, ...] = ()
    """The heroes that were not begun because of it."""


def execute(items: Iterable[Item], shop: Workshop, *, concurrency: int, lock: BuyingLock) -> Execution:
    """Make these heroes, ``concurrency`` of them at the provider at once; ``lock`` is kept until all threads end.

    Raises:
        KeyboardInterrupt, Terminated: a signal has come, and requests that were on their way have been waited for.
    """
    return _Run(tuple(items), shop, concurrency, lock).execution()


class _Run:
    def __init__(self, items: tuple[Item, ...], shop: Workshop, concurrency: int, lock: BuyingLock) -> None:
        self.shop = shop
        self._lock = lock
        self._todo = deque(items)
        self._outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        # A hero gives up its slot once it is drawn, so that downloads overlap with what is drawn next.
        self._slots = threading.BoundedSemaphore(concurrency)
        count = min(len(items), 2 * concurrency)
        self._threads = [threading.Thread(target=self._work, daemon=True, name=f"hero-{n}") for n in range(count)]

    def execution(self) -> Execution:
        self.shop.listener.began(len(self._todo))
        self._lock.keep_for(self._threads)
        try:
            with self._lock.signals.deferred():
                for thread in self._threads:
                    thread.start()
                outcomes = tuple(self._collect())
        except BaseException:
            self._leave()
            raise
        return Execution(outcomes=outcomes, halt=self.shop.halt, untried=tuple(self._todo))

    def _collect(self) -> Iterator[Outcome]:
        working = len(self._threads)
        while working:
            if self._lock.signals.received:
                self._wait_for_submits()
                return
            try:
                # Short waits: on some systems a lock that is waited for keeps Ctrl-C out.
                outcome = self._outcomes.get(timeout=0.1)
            except queue.Empty:
                continue
            if outcome is None:
                working -= 1
            else:
                yield outcome

    def _wait_for_submits(self) -> None:
        """Send nothing more, and wait for the answers to what is on its way, as long as the signal allows."""
        signals, submits = self._lock.signals, self.shop.open_submits
        self.shop.stop.set()
        if submits.count:
            self._lock.say(_waiting(submits.count, signals))
        while submits.count and signals.seconds_left:
            time.sleep(0.05)

    def _leave(self) -> None:
        """Give the threads a moment to write down what they know, unless what is still open is not waited for."""
        self.shop.stop.set()
        end = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            if thread.ident is not None and not self.shop.open_submits.count:
                thread.join(max(0.0, end - time.monotonic()))
        if left := self.shop.open_submits.count:
            one, it = ("request was", "it") if left == 1 else ("requests were", "each")
            self._lock.say(f"{left} {one} left without an answer; {it} may be charged, and counts as spent")

    def _work(self) -> None:
        try:
            while self._next():
                pass
        finally:
            self._outcomes.put(None)

    def _next(self) -> bool:
        """Make one hero; False when there is none left to make."""
        slot = _Slot(self._slots)
        try:
            if self.shop.stop.is_set() or self.shop.halt:
                return False
            try:
                item = self._todo.popleft()
            except IndexError:
                return False
            outcome = Making(self.shop, item, when_drawn=slot.free).outcome()
        finally:
            slot.free()
        self._outcomes.put(outcome)
        self.shop.listener.ended(item)
        return True


def _waiting(count: int, signals: StopSignals) -> str:
    requests = "1 request that is on its way" if count == 1 else f"{count} requests that are on their way"
    if signals.received == signal.SIGTERM:
        return f"terminated: waiting for {requests}, {TERMINATE_SECONDS:.0f} s at most"
    return f"interrupted: waiting for {requests}; Ctrl-C again leaves at once"


class _Slot:
    """One place at the provider, given back once."""

    def __init__(self, slots: threading.BoundedSemaphore) -> None:
        self._slots = slots
        self._slots.acquire()
        self._held = True

    def free(self) -> None:
        if self._held:
            self._held = False
            self._slots.release()
