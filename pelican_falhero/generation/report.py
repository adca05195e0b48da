"""The report of a run: one result for each hero of its plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import HeroError
from ..planning.budget import Selection
from ..planning.plan import Plan
from .policy import NoSpending
from .result import HeroResult, Outcome, result_by_plan


@dataclass(frozen=True, kw_only=True)
class Report:
    """The results of a run, and what limited it."""

    plan: Plan
    """Made after the run got the lock."""
    results: tuple[HeroResult, ...]
    """One for each hero, in the plan's order."""
    candidates: tuple[HeroResult, ...] = ()
    """The results of candidates, which are no heroes: fetched if an earlier run has bought them."""
    brief_usd: float = 0.0
    """USD that was spent on the brief of candidates, which they share."""
    halt_error: HeroError | None = None
    """What halted the run, if anything did."""
    selection: Selection | None = None
    """Which heroes the budget allowed; None for a run that bought nothing."""
    spent_nothing_before: bool = False
    """Whether nothing was spent in the 24 hours before: then the user has not been told yet what exceeds the budget."""
    unreadable: tuple[int, ...] = ()
    """Numbers of the ledger's lines that could not be read."""
    no_spending: NoSpending | None = None
    """Why a build was not allowed to spend; None if it was, and in other reports."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        tried: Iterable[HeroResult] = (),
        *,
        candidates: tuple[HeroResult, ...] = (),
        halt_error: HeroError | None = None,
        selection: Selection | None = None,
        spent_nothing_before: bool = False,
        unreadable: tuple[int, ...] = (),
    ) -> Report:
        """The report of a run with these results; the plan and the budget decide the results of all other heroes."""
        known = {result.item.stem: result for result in tried}
        return cls(
            plan=plan,
            results=tuple(known.get(item.stem) or result_by_plan(item, selection) for item in plan.items),
            candidates=candidates,
            halt_error=halt_error,
            selection=selection,
            spent_nothing_before=spent_nothing_before,
            unreadable=unreadable,
        )

    def in_state(self, *states: Outcome) -> tuple[HeroResult, ...]:
        """The results with one of these outcomes, in the plan's order."""
        return tuple(result for result in self.results if result.state in states)

    @property
    def tried(self) -> tuple[HeroResult, ...]:
        """The heroes that the run worked on, or would have worked on if it had not been halted."""
        return tuple(result for result in self.results if result.was_tried)

    @property
    def made(self) -> tuple[HeroResult, ...]:
        """The heroes that were made."""
        return self.in_state(Outcome.MADE)

    @property
    def kept(self) -> tuple[HeroResult, ...]:
        """The heroes that reuse a picture with another name or in another folder."""
        return self.in_state(Outcome.KEPT)

    @property
    def failed(self) -> tuple[HeroResult, ...]:
        """The heroes and candidates that were tried and not made, each for a reason of its own."""
        tried = (*self.tried, *(result for result in self.candidates if result.was_tried))
        return tuple(result for result in tried if not (result.has_picture or result.is_halted))

    @property
    def halted(self) -> tuple[HeroResult, ...]:
        """The heroes that were not made because the run was halted."""
        return tuple(result for result in self.tried if result.is_halted)

    @property
    def fetched_candidates(self) -> tuple[HeroResult, ...]:
        """The candidates that were drawn or fetched."""
        return tuple(result for result in self.candidates if result.has_picture)

    @property
    def without_picture(self) -> tuple[HeroResult, ...]:
        """The heroes without their picture, for whatever reason."""
        return tuple(result for result in self.results if not result.has_picture)

    @property
    def usd(self) -> float:
        """USD that the run cost, or may have cost."""
        return self.brief_usd + sum(result.usd for result in (*self.results, *self.candidates))
