"""Makes several heroes at once.

Worker threads do the waiting. They never log and never touch Pelican; the thread that called ``run_jobs`` collects what
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
from ..planning.item import Item
from .interrupts import TERMINATE_SECONDS, StopSignals
from .job import HeroJob
from .lock import BuyingLock
from .result import HeroResult
from .run_state import RunState

GRACE_SECONDS = 1.0
"""How long a stopped run waits for its threads to write down what they just learned."""


@dataclass(frozen=True, kw_only=True)
class JobResults:
    """What became of a run."""

    results: tuple[HeroResult, ...]
    halt: HeroError | None = None
    """What ended the run early: the account, the network, the disk."""
    untried: tuple[Item, ...] = ()
    """The heroes that were not begun because of it."""


def run_jobs(items: Iterable[Item], run: RunState, *, concurrency: int, lock: BuyingLock) -> JobResults:
    """Make these heroes, ``concurrency`` of them at the provider at once; ``lock`` is kept until all threads end.

    Raises:
        KeyboardInterrupt, Terminated: a signal has come, and requests that were on their way have been waited for.
    """
    return _Workers(tuple(items), run, concurrency, lock).finished()


class _Workers:
    def __init__(self, items: tuple[Item, ...], run: RunState, concurrency: int, lock: BuyingLock) -> None:
        self.run = run
        self._lock = lock
        self._todo = deque(items)
        self._results: queue.SimpleQueue[HeroResult | None] = queue.SimpleQueue()
        # A hero gives up its slot once it is drawn, so that downloads overlap with what is drawn next.
        self._slots = threading.BoundedSemaphore(concurrency)
        count = min(len(items), 2 * concurrency)
        self._threads = [threading.Thread(target=self._work, daemon=True, name=f"hero-{n}") for n in range(count)]

    def finished(self) -> JobResults:
        self.run.listener.began(len(self._todo))
        self._lock.keep_for(self._threads)
        try:
            with self._lock.signals.deferred():
                for thread in self._threads:
                    thread.start()
                results = tuple(self._collect())
        except BaseException:
            self._leave()
            raise
        return JobResults(results=results, halt=self.run.halt, untried=tuple(self._todo))

    def _collect(self) -> Iterator[HeroResult]:
        working = len(self._threads)
        while working:
            if self._lock.signals.received:
                self._wait_for_submits()
                return
            try:
                # Short waits: on some systems a lock that is waited for keeps Ctrl-C out.
                result = self._results.get(timeout=0.1)
            except queue.Empty:
                continue
            if result is None:
                working -= 1
            else:
                yield result

    def _wait_for_submits(self) -> None:
        """Send nothing more, and wait for the answers to what is on its way, as long as the signal allows."""
        signals, submits = self._lock.signals, self.run.open_submits
        self.run.stop.set()
        if submits.count:
            self._lock.say(_waiting(submits.count, signals))
        while submits.count and signals.seconds_left:
            time.sleep(0.05)

    def _leave(self) -> None:
        """Give the threads a moment to write down what they know, unless what is still open is not waited for."""
        self.run.stop.set()
        end = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            if thread.ident is not None and not self.run.open_submits.count:
                thread.join(max(0.0, end - time.monotonic()))
        if left := self.run.open_submits.count:
            one, it = ("request was", "it") if left == 1 else ("requests were", "each")
            self._lock.say(f"{left} {one} left without an answer; {it} may be charged, and counts as spent")

    def _work(self) -> None:
        try:
            while self._next():
                pass
        finally:
            self._results.put(None)

    def _next(self) -> bool:
        """Make one hero; False when there is none left to make."""
        slot = _Slot(self._slots)
        try:
            if self.run.stop.is_set() or self.run.halt:
                return False
            try:
                item = self._todo.popleft()
            except IndexError:
                return False
            result = HeroJob(self.run, item, when_drawn=slot.free).result()
        finally:
            slot.free()
        self._results.put(result)
        self.run.listener.ended(item)
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
