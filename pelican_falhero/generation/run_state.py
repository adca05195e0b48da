"""What all heroes of a run share: provider, folders, ledger, money, and when to stop."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ..errors import (
    BusyError,
    HeroError,
    JobError,
    RefusedError,
    UncertainError,
)
from ..planning.budget import Allowance
from ..planning.item import Item
from ..providers.base import Provider, Status
from ..storage.assets import Library
from ..storage.ledger import Ledger
from .interrupts import OpenSubmits

LEAST_UNCERTAIN = 2
UNCERTAIN_SHARE = 0.25
"""Submits whose outcome fal never told may each be charged for nothing: from so many on, and from so large a share of
the run's submits on, no more are sent."""


class Listener(Protocol):
    """Is told how a run goes; called from several threads."""

    def began(self, count: int) -> None:
        """So many heroes are going to be made."""

    def moved(self, item: Item, status: Status) -> None:
        """A hero has come this far."""

    def ended(self, item: Item) -> None:
        """A hero is made, or failed."""


class Silent:
    """A listener that has nothing to say."""

    def began(self, count: int) -> None:
        """Nothing."""

    def moved(self, item: Item, status: Status) -> None:
        """Nothing."""

    def ended(self, item: Item) -> None:
        """Nothing."""


class RunState:
    """What all heroes of a run share. Safe for threads."""

    def __init__(
        self, *, provider: Provider, library: Library, ledger: Ledger, listener: Listener, money: Allowance, retry: bool
    ) -> None:
        self.provider = provider
        self.library = library
        self.ledger = ledger
        self.listener = listener
        self.retry = retry
        """Whether a picture that was paid for and can't be used may be paid for again."""
        self.stop = threading.Event()
        self.open_submits = OpenSubmits()
        self._halt: HeroError | None = None
        self._money = money
        self._lock = threading.Lock()
        # The first request goes alone: it finds out for all of them whether key, account and network are good.
        self._first_submit = threading.Lock()
        self._is_answered = False
        self._submits = 0
        self._uncertain = 0

    @property
    def halt(self) -> HeroError | None:
        """What keeps anything more from being bought; what is bought already is still fetched."""
        return self._halt

    def note(self, error: HeroError) -> HeroError:
        """Halt where no other hero would fare better; returns why a hero is not made: this, or what halted before."""
        return self.halt_for(error) if error.stops_run else error

    def halt_for(self, error: HeroError) -> HeroError:
        """Have nothing more bought, because of this; returns what stopped the run first."""
        with self._lock:
            self._halt = self._halt or error
            return self._halt

    def reserve(self, usd: float) -> bool:
        """Take money for a request that was not planned."""
        with self._lock:
            if not self._money.covers(usd):
                return False
            self._money = self._money.minus(usd)
            return True

    @contextmanager
    def submit_gate(self) -> Iterator[None]:
        """Hold back all submits but one until one has been answered.

        Raises:
            HeroError: it was not, and why; or what stopped the run meanwhile.
        """
        with contextlib.ExitStack() as stack:
            if not self._is_answered:
                stack.enter_context(self._first_submit)
                if self._is_answered:
                    stack.close()
            if self.halt:
                raise self.halt
            try:
                yield
            except UncertainError:
                self._count(uncertain=1)
                raise
            except (RefusedError, JobError, BusyError):
                self._is_answered = True
                self._count()
                raise
            except HeroError as error:
                self.note(error)
                raise
            self._is_answered = True
            self._count()

    def _count(self, *, uncertain: int = 0) -> None:
        """Count a submit that was sent, and halt when too many are of unknown outcome."""
        with self._lock:
            self._submits += 1
            self._uncertain += uncertain
            is_too_much = self._uncertain >= max(LEAST_UNCERTAIN, UNCERTAIN_SHARE * self._submits)
        if uncertain and is_too_much:
            self.halt_for(
                HeroError(
                    f"fal left {self._uncertain} of {self._submits} requests without a clear answer, "
                    "so nothing more is asked of it in this build"
                )
            )
