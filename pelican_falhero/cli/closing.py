"""What ``falhero generate`` says at its end: files, seconds, cost, and what is lacking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..content.post import Post
from ..content.site import OpenSite
from ..errors import RefusedError
from ..generation import messages
from ..generation.run import Report
from ..planning.plan import TO_BUY, Item, State
from ..planning.survey import Site
from ..providers.cards.draw import draw_cards
from .exits import FAILED, GOOD
from .options import GenerateOptions
from .output import Reporter, hero_row, relative
from .plan_view import over_budget
from .selection import problems_of

_THERE = ("made", "kept", "present", "card")
"""The states in which a post has what was asked for."""


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A run that is over."""

    report: Report
    work: Site
    site: OpenSite
    posts: Sequence[Post]
    options: GenerateOptions
    reporter: Reporter

    def tell(self, seconds: float) -> int:
        """Say what became of it, and return the exit code."""
        self._draw_cards()
        rows = [self._row(item) for item in self.report.plan.items]
        for row in rows:
            self._show(row)
        faults = [*(post.problem for post in self.posts if post.problem), *self._faults()]
        for fault in faults:
            self.reporter.line(fault, style="red")
        unreadable = problems_of(self.site, (), self.options)
        self.reporter.notes([*self._notes(), *unreadable])
        number = Counter(row["state"] for row in rows)
        summary: dict[str, Any] = {state: number[state] for state in _THERE}
        summary["lacking"] = len(rows) - sum(summary.values())
        summary |= {"seconds": round(seconds, 1), "usd": round(self.report.usd, 6)}
        self.reporter.line(_line(summary))
        problems = [*faults, *unreadable]
        self.reporter.document("generate", self.site, heroes=rows, summary=summary, problems=problems)
        return FAILED if summary["lacking"] or faults else GOOD

    @cached_property
    def _states(self) -> dict[str, str]:
        """What became of each hero, where that is not its state in the plan."""
        report = self.report
        states = {item.stem: "card" for item in self._carded()}
        if report.selection:
            states |= {item.stem: "unaffordable" for item in report.selection.left}
            states |= {item.stem: "unpriced" for item in report.selection.unpriced}
        states |= {item.stem: "failed" for item in messages.failed_items(report)}
        states |= {result.item.stem: "pending" for result in report.results if result.error and result.is_pending}
        refused = (result for result in report.failed if isinstance(result.error, RefusedError))
        states |= {result.item.stem: "refused" for result in refused}
        states |= {kept.item.stem: "kept" for kept in report.kept}
        return states | {result.item.stem: "made" for result in report.made}

    def _carded(self) -> list[Item]:
        """The heroes that title cards stand in for, where those are what was asked for."""
        if self.work.settings.provider != "card":
            return []
        kept = {kept.item.stem for kept in self.report.kept}
        return [item for item in self.report.plan.items if not item.file and item.stem not in kept]

    def _draw_cards(self) -> None:
        draw_cards([item.post.title for item in self._carded()], self.site.name, self.site.library)

    def _row(self, item: Item) -> dict[str, Any]:
        row = hero_row(item, state=self._states.get(item.stem, "")) | {"seconds": 0.0}
        for result in self.report.results:
            if result.item.stem == item.stem:
                row |= {"usd": result.usd, "seconds": round(result.seconds, 1), "reason": str(result.error or "")}
        return row

    def _show(self, row: dict[str, Any]) -> None:
        picture = relative(self.site.library.folder / row["file"])
        if row["state"] == "made":
            line = f"{picture}  {row['seconds']:.1f} s  {messages.dollars(row['usd'])}"
            self.reporter.line(line, style="green")
        elif row["state"] == "present" and self.options.posts:
            self.reporter.line(f"{picture} is there; --force draws a new one")

    def _faults(self) -> list[str]:
        """What keeps heroes from being there."""
        plan, selection, settings = self.report.plan, self.report.selection, self.work.settings
        lines = [item.reason for item in plan.in_state(State.INVALID)]
        for item in plan.in_state(State.REFUSED):
            lines.append(f"{item.post.source}: fal refused it: {item.reason}; --retry asks again")
        lines += messages.failure_warnings(self.report)
        if selection:
            lines += filter(None, [over_budget(selection, settings, self.options.budget)])
            priced = replace(self.report, selection=replace(selection, left=()))
            lines += messages.budget_lines(priced, settings)
        missing = plan.in_state(*TO_BUY, State.PENDING)
        if missing and settings.provider == "none":
            lines.append(f"{messages.count(len(missing), 'hero')} missing, and the provider is none")
        return lines

    def _notes(self) -> list[str]:
        ledger = messages.ledger_warnings(self.report, relative(self.site.ledger.path))
        return [*messages.kept_lines(self.report), *messages.notes(self.report), *ledger]


def _line(summary: dict[str, Any]) -> str:
    parts = [f"{messages.count(summary['made'], 'hero')} made"]
    if summary["card"]:
        parts.append(f"title cards for {summary['card']}")
    if summary["kept"]:
        parts.append(f"{summary['kept']} kept under a new title")
    parts.append(f"{summary['present']} there")
    if summary["lacking"]:
        parts.append(f"{summary['lacking']} lacking")
    return f"{', '.join(parts)}; {summary['seconds']:.1f} s, {messages.dollars(summary['usd'])}"
