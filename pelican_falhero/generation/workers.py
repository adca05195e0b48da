"""Runs several jobs at once, in worker threads.

Workers never log and never touch Pelican. The thread that called ``run_jobs`` collects their results with short waits,
so that it notices Ctrl-C at once. After Ctrl-C the run sends nothing more, and waits for the answers to open submits,
because their request ids must get into the ledger.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..engines import title_of
from ..errors import HeroError
from ..planning.item import Item
from . import messages
from .alt_text import Described, describe_made
from .brief import with_brief
from .job import HeroJob
from .lock import BuyingLock
from .result import HeroResult, Outcome, result_without_new_brief
from .run_state import RunState
from .slots import Slot

GRACE_SECONDS = 1.0
"""How long a stopped run waits for its threads to write their last events to the ledger."""


@dataclass(frozen=True, kw_only=True)
class JobResults:
    """The results of a run's jobs."""

    results: tuple[HeroResult, ...]
    halt_error: HeroError | None = None
    """The error that halted the run: an account, network or disk problem."""
    untried: tuple[Item, ...] = ()
    """The heroes that were not started because of it."""


def run_jobs(items: Iterable[Item], run: RunState, *, concurrency: int, lock: BuyingLock) -> JobResults:
    """Make these heroes, at most ``concurrency`` at the provider at once; hold ``lock`` until all threads have ended.

    Raises:
        KeyboardInterrupt, Terminated: a signal has come, and the wait for open submits is over.
    """
    return _Workers(tuple(items), run, concurrency, lock).run_all()


class _Workers:
    def __init__(self, items: tuple[Item, ...], run: RunState, concurrency: int, lock: BuyingLock) -> None:
        self.run = run
        self._lock = lock
        self._todo = deque(items)
        # Not a SimpleQueue: in Python 3.11 its get waits for ever if a signal's handler runs past the timeout.
        self._results: queue.Queue[HeroResult | None] = queue.Queue()
        # A job frees its slot once its hero is drawn, so that its download overlaps with the drawing of the next hero.
        self._slots = threading.BoundedSemaphore(concurrency)
        count = min(len(items), 2 * concurrency)
        self._threads = [threading.Thread(target=self._work, daemon=True, name=f"hero-{n}") for n in range(count)]

    def run_all(self) -> JobResults:
        self.run.listener.started(len(self._todo))
        self._lock.hold_until_ended(self._threads)
        try:
            with self._lock.signals.deferred():
                for thread in self._threads:
                    thread.start()
                results = tuple(self._collect())
        except BaseException:
            self._wait_for_threads()
            raise
        # After Ctrl-C threads of this run may still need it: what they have bought is checked and saved.
        self.run.checkers.shutdown()
        return JobResults(results=results, halt_error=self.run.halt_error, untried=tuple(self._todo))

    def _collect(self) -> Iterator[HeroResult]:
        working = len(self._threads)
        while working:
            if self._lock.signals.received:
                self._lock.wait_for_submits(self.run.stop, self.run.open_submits)
                return
            try:
                # Short waits: on some systems a thread that waits for a lock does not receive Ctrl-C.
                result = self._results.get(timeout=0.1)
            except queue.Empty:
                continue
            if result is None:
                working -= 1
            else:
                yield result

    def _wait_for_threads(self) -> None:
        """Give the threads a moment to write to the ledger, unless submits are still open."""
        self.run.stop.set()
        end = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            if thread.ident is not None and not self.run.open_submits.count:
                thread.join(max(0.0, end - time.monotonic()))
        if left := self.run.open_submits.count:
            requests = messages.count(left, "request")
            asked = title_of(self.run.provider.name)
            self._lock.say(f"{requests} without an answer: {asked} may charge for this, so it counts as spent")

    def _work(self) -> None:
        try:
            while self._next():
                pass
        finally:
            self._results.put(None)

    def _next(self) -> bool:
        """Make one hero; False when none is left or the run has ended."""
        slot = Slot(self._slots)
        slot.take()
        try:
            if self.run.stop.is_set() or self.run.halt_error:
                return False
            try:
                item = self._todo.popleft()
            except IndexError:
                return False
            result = _made(self.run, item, slot)
        finally:
            slot.free()
        self._results.put(result)
        self.run.listener.finished(result)
        return True


def _made(run: RunState, item: Item, slot: Slot) -> HeroResult:
    briefed = with_brief(run, item, slot)
    if item.is_candidate and item.needs_brief:
        # Candidates share the brief, which the ledger has now; they are planned with it.
        state = Outcome.FAILED if briefed.failure else Outcome.MADE
        return HeroResult(item=item, state=state, usd=briefed.usd, brief_failure=briefed.failure)
    if briefed.failure and item.wants_new_brief and item.file and not run.halt_error:
        return result_without_new_brief(item, briefed.failure, usd=briefed.usd)
    job = HeroJob(run, briefed.item, slot=slot)
    result = job.execute()
    described = Described()
    if result.state is Outcome.MADE and item.is_described:
        described = describe_made(
            run,
            briefed.item,
            slot,
            picture=result.saved_as,
            digest=job.digest,
            is_reserved=job.log.is_paid_by_this_run,
        )
    usd = briefed.usd + result.usd + described.usd
    return replace(result, usd=usd, brief_failure=briefed.failure, alt_failure=described.failure)
