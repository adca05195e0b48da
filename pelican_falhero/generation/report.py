"""What a run did, and what it left: one result for each hero of its plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import HeroError
from ..planning.budget import Selection
from ..planning.plan import Plan
from .result import HeroResult, Outcome, untried


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run did, and what it left."""

    plan: Plan
    """As it was when the run had the ledger to itself."""
    results: tuple[HeroResult, ...]
    """One for each hero, in the plan's order."""
    halt: HeroError | None = None
    selection: Selection | None = None
    is_first_day: bool = False
    """Whether nothing had been spent in the day before, so that nobody was told yet what did not fit."""
    unreadable: tuple[int, ...] = ()
    """Numbers of the ledger's lines that could not be read."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        tried: Iterable[HeroResult] = (),
        *,
        halt: HeroError | None = None,
        selection: Selection | None = None,
        is_first_day: bool = False,
        unreadable: tuple[int, ...] = (),
    ) -> Report:
        """The report of a run that tried these; what it did not try has its result by the plan."""
        known = {result.item.stem: result for result in tried}
        return cls(
            plan=plan,
            results=tuple(known.get(item.stem) or untried(item, selection) for item in plan.items),
            halt=halt,
            selection=selection,
            is_first_day=is_first_day,
            unreadable=unreadable,
        )

    def in_state(self, *states: Outcome) -> tuple[HeroResult, ...]:
        """The results with one of these outcomes."""
        return tuple(result for result in self.results if result.state in states)

    @property
    def tried(self) -> tuple[HeroResult, ...]:
        """The heroes that the run worked on, or would have if nothing had stopped it."""
        return tuple(result for result in self.results if result.was_tried)

    @property
    def made(self) -> tuple[HeroResult, ...]:
        """The heroes that were made."""
        return self.in_state(Outcome.MADE)

    @property
    def kept(self) -> tuple[HeroResult, ...]:
        """The heroes whose picture was there under another name, or in another folder."""
        return self.in_state(Outcome.KEPT)

    @property
    def failed(self) -> tuple[HeroResult, ...]:
        """The heroes that the run should have made and did not, each for a reason of its own."""
        return tuple(result for result in self.tried if not (result.has_picture or result.is_halted))

    @property
    def halted(self) -> tuple[HeroResult, ...]:
        """The heroes that were not made because of what stopped the run."""
        return tuple(result for result in self.tried if result.is_halted)

    @property
    def lacking(self) -> tuple[HeroResult, ...]:
        """The heroes whose picture is not there, for whatever reason."""
        return tuple(result for result in self.results if not result.has_picture)

    @property
    def usd(self) -> float:
        """What the run cost, or may have cost."""
        return sum(result.usd for result in self.results)
