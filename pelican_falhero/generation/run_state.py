"""What all jobs of a run share: providers, folders, ledger, money, and whether to stop."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from ..engines import title_of
from ..errors import (
    BusyError,
    HeroError,
    JobError,
    RefusedError,
    UncertainError,
)
from ..planning.budget import Allowance
from ..planning.item import Item
from ..planning.site import Site
from ..providers.base import Provider, Status
from ..providers.opening import open_provider
from ..settings import Settings
from ..storage.assets import Library
from ..storage.ledger import Ledger
from ..storage.memory import release_large_blocks
from .interrupts import OpenSubmits
from .result import HeroResult

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

MIN_UNCERTAIN = 2
UNCERTAIN_SHARE = 0.25
"""A run halts when at least ``MIN_UNCERTAIN`` submits, and at least this share of all its submits, have an unknown
outcome: each of them may be charged without delivering a picture."""


CHECKERS = 2
"""Threads that decode pictures. Decoding takes a hundredth of a second, and the C library keeps the memory that each
thread has once used (a whole picture), so that with one for each hero a build needs tens of megabytes more."""


class Listener(Protocol):
    """Receives the progress of a run; called from several threads."""

    def started(self, count: int) -> None:
        """The run starts to make ``count`` heroes."""

    def progressed(self, item: Item, status: Status) -> None:
        """The provider has reported a hero's status."""

    def finished(self, result: HeroResult) -> None:
        """A hero was made, or failed."""


class Silent:
    """A listener that ignores everything."""

    def started(self, count: int) -> None:
        """Nothing."""

    def progressed(self, item: Item, status: Status) -> None:
        """Nothing."""

    def finished(self, result: HeroResult) -> None:
        """Nothing."""


def _start_checkers() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only a run that buys decodes pictures

    release_large_blocks()
    return ThreadPoolExecutor(CHECKERS, thread_name_prefix="hero-check")


class RunState:
    """What all jobs of a run share. Thread-safe."""

    def __init__(
        self,
        *,
        provider: Provider,
        settings: Settings,
        library: Library,
        ledger: Ledger,
        listener: Listener,
        money: Allowance,
        retry: bool,
    ) -> None:
        self.provider = provider
        """The one that draws."""
        self._settings = settings
        self._providers = {provider.name: provider}
        self.library = library
        self.ledger = ledger
        self.listener = listener
        self.retry = retry
        """``--retry``: whether a paid picture that fails our checks may be replaced by a new, paid request."""
        self.checkers = _start_checkers()
        """The threads that decode pictures; a job waits for them."""
        self.stop = threading.Event()
        self.open_submits = OpenSubmits()
        self._halt_error: HeroError | None = None
        self._money = money
        self._lock = threading.Lock()
        # The first request is sent alone: it shows whether key, account and network work.
        self._first_submit = threading.Lock()
        self._has_answer = False
        self._submits = 0
        self._uncertain = 0

    @classmethod
    def of(cls, site: Site, provider: Provider, *, money: Allowance, listener: Listener) -> RunState:
        """Return the state of a run at a site; ``money`` is what is left when all that is planned is paid for."""
        return cls(
            provider=provider,
            settings=site.settings,
            library=site.library,
            ledger=site.ledger,
            listener=listener,
            money=money,
            retry=site.retry,
        )

    def provider_of(self, engine: str) -> Provider:
        """Return the provider of an engine: of a request's, or of one that an earlier run has sent.

        Raises:
            HeroError: only a later version knows the engine.
        """
        with self._lock:
            if engine not in self._providers:
                self._providers[engine] = open_provider(engine, self._settings)
            return self._providers[engine]

    @property
    def halt_error(self) -> HeroError | None:
        """The error that halted the run, or None. A halted run submits nothing more, but fetches what it has bought."""
        return self._halt_error

    def halt_if_fatal(self, error: HeroError) -> HeroError:
        """Halt the run if every other hero would fail with this error too (``error.stops_run``).

        Returns:
            The reason why this hero was not made: ``error``, or the earlier error that halted the run.
        """
        return self.halt(error) if error.stops_run else error

    def halt(self, error: HeroError) -> HeroError:
        """Submit nothing more because of ``error``; return the first error that halted the run."""
        with self._lock:
            self._halt_error = self._halt_error or error
            return self._halt_error

    def reserve(self, usd: float) -> bool:
        """Reserve money for a request that was not planned; False when the budget does not allow it."""
        with self._lock:
            if not self._money.covers(usd):
                return False
            self._money = self._money.minus(usd)
            return True

    @contextmanager
    def submit_gate(self) -> Iterator[None]:
        """Let only one submit through until the provider has answered one; after that, all.

        Raises:
            HeroError: the submit failed, or the run was halted before it.
        """
        with contextlib.ExitStack() as stack:
            if not self._has_answer:
                stack.enter_context(self._first_submit)
                if self._has_answer:
                    stack.close()
            if self.halt_error:
                raise self.halt_error
            try:
                yield
            except UncertainError:
                self._count(uncertain=1)
                raise
            except (RefusedError, JobError, BusyError):
                self._has_answer = True
                self._count()
                raise
            except HeroError as error:
                self.halt_if_fatal(error)
                raise
            self._has_answer = True
            self._count()

    def _count(self, *, uncertain: int = 0) -> None:
        """Count a submit, and halt the run when too many have an unknown outcome."""
        with self._lock:
            self._submits += 1
            self._uncertain += uncertain
            are_too_many = self._uncertain >= max(MIN_UNCERTAIN, UNCERTAIN_SHARE * self._submits)
        if uncertain and are_too_many:
            self.halt(
                HeroError(
                    f"{title_of(self.provider.name)} gave no clear answer to {self._uncertain} of {self._submits} "
                    "requests, so this run sends no more; the next build tries again"
                )
            )
