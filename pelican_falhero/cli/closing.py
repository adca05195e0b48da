"""The result of ``falhero generate``: files, seconds, cost, and which heroes were not made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..content.post import Post
from ..content.site import OpenSite
from ..generation import messages
from ..generation.report import Report
from ..generation.result import HeroResult, Outcome
from ..planning.site import Site
from ..providers.cards.draw import draw_cards
from ..storage.candidates import Candidates
from .exits import FAILED, SUCCESS
from .field_writing import Written
from .options import GenerateOptions
from .output import Reporter, candidate_row, hero_row, relative, shown, with_paths
from .overrides import with_option_names
from .plan_view import over_budget_line
from .selection import problems_of
from .wrapping import unbroken

_SUCCESSFUL = ("made", "kept", "present", "card")
"""States of heroes that have what the user asked for."""


@dataclass(frozen=True, kw_only=True)
class Closing:
    """Prints the result of a finished run."""

    report: Report
    written: Written
    work: Site
    site: OpenSite
    posts: Sequence[Post]
    options: GenerateOptions
    reporter: Reporter
    advises_commit: bool
    """Whether the last line says that new pictures want to be committed."""

    def show(self, seconds: float) -> int:
        """Draw title cards if they were asked for, print every result, and return the exit code."""
        with_card = self._draw_cards()
        rows = [self._row(result, has_card=result in with_card) for result in self.report.results]
        for row in rows:
            self._show_row(row)
        for line in messages.candidate_lines(self.report):
            self.reporter.line(with_paths(line, self.site))
        problems = [*(post.problem for post in self.posts if post.problem), *self._problems(), *self.written.problems]
        for problem in problems:
            self.reporter.line(with_paths(problem, self.site), style="red")
        unreadable = problems_of(self.site, (), self.options)
        self.reporter.notes([*(with_paths(note, self.site) for note in self._notes()), *unreadable])
        number = Counter(row["state"] for row in rows)
        summary: dict[str, Any] = {state: number[state] for state in _SUCCESSFUL}
        summary["lacking"] = len(rows) - sum(summary.values())
        summary["candidates"] = len(self.report.fetched_candidates)
        if self.site.hero_field:
            summary["written"] = len(self.written.posts)
        summary |= {"seconds": round(seconds, 1), "usd": round(self.report.usd, 6)}
        is_well = not (summary["lacking"] or problems)
        line = _summary_line(summary, str(self.written)) + self._place_of_new(summary)
        self.reporter.line(line, style="green" if is_well else "")
        problems += unreadable
        folder = Candidates(self.site.library).place
        candidates = [candidate_row(result, folder=folder) for result in self.report.candidates]
        parts = {"heroes": rows, "candidates": candidates, "summary": summary, "problems": problems}
        self.reporter.document("generate", self.site, **parts)
        return SUCCESS if is_well else FAILED

    def _place_of_new(self, summary: dict[str, Any]) -> str:
        """Where new pictures are, and that they want to be committed; empty if there are none."""
        if not (summary["made"] or summary["kept"]):
            return "; commit the posts" if self.written.posts and self.advises_commit else ""
        folder, ledger = relative(self.site.library.folder), relative(self.site.library.state)
        posts = "the posts, and " if self.written.posts else ""
        return f"; commit {posts}what is new in {folder} and {ledger}" if self.advises_commit else f"; new in {folder}"

    def _draw_cards(self) -> list[HeroResult]:
        """Draw title cards if the provider is ``card``; return the results of heroes that got one."""
        if self.work.settings.provider != "card":
            return []
        with_card = [result for result in self.report.without_picture if not result.item.file]
        titles = [result.item.post.title for result in with_card]
        cards = draw_cards(titles, self.site.name, self.site.library, font=self.work.settings.card_font)
        self.reporter.notes(cards.left_off)
        return with_card

    def _row(self, result: HeroResult, *, has_card: bool) -> dict[str, Any]:
        row = hero_row(result.item, state="card" if has_card else str(result.state))
        row |= {"file": result.file, "seconds": round(result.seconds, 1)}
        if result.was_tried:
            row |= {"usd": result.usd, "reason": result.reason}
        return row

    def _show_row(self, row: dict[str, Any]) -> None:
        picture = shown(self.site.library.folder / row["file"])
        if row["state"] == "made":
            posts = ", ".join(shown(self.site.root / source) for source in row["sources"])
            seconds = unbroken(f"{row['seconds']:.1f} s")
            line = f"{posts}  {picture}  {seconds}  {messages.dollars(row['usd'])}"
            self.reporter.line(line, style="green")
        elif row["state"] == "present" and self.options.posts and not (self.options.force or self.options.write_brief):
            self.reporter.line(f"{picture} is there; --force draws a new one")

    def _problems(self) -> list[str]:
        """Why heroes were not made."""
        report, settings = self.report, self.work.settings
        not_tried = [result for result in report.without_picture if not result.was_tried]
        lines = [result.reason for result in not_tried if result.state is Outcome.INVALID]
        undecided = (result for result in not_tried if result.state is Outcome.UNDECIDED)
        lines += [f"{result.item.post.source}: {result.reason}" for result in undecided]
        for result in not_tried:
            if result.state is Outcome.REFUSED:
                lines.append(f"{result.item.post.source}: {result.reason.rstrip('.')}; {result.remedy}")
        if self.options.force:
            # A hero that can't be drawn again is still there, which is not what was asked for.
            present = report.in_state(Outcome.PRESENT)
            lines += [f"{result.item.reason}; its picture stays" for result in present if result.item.reason]
        lines += messages.failure_warnings(report)
        if selection := report.selection:
            lines += filter(None, [over_budget_line(selection, settings, self.options.budget)])
            lines += messages.budget_lines(replace(report, selection=replace(selection, unaffordable=())), settings)
        missing = [result for result in not_tried if result.state in (Outcome.MISSING, Outcome.STALE, Outcome.PENDING)]
        if missing and settings.provider == "none":
            lines.append(f"{messages.count(len(missing), 'hero')} missing, and the provider is none")
        return lines

    def _notes(self) -> list[str]:
        ignored = with_option_names(messages.ignored_lines(self.report), self.options)
        ledger = messages.ledger_warnings(self.report, relative(self.site.ledger.path))
        return [*messages.kept_lines(self.report), *ignored, *ledger]


def _summary_line(summary: dict[str, Any], written: str) -> str:
    parts = [f"{messages.count(summary['made'], 'hero')} made"]
    if summary["card"]:
        parts.append(f"title cards for {summary['card']}")
    if summary["kept"]:
        parts.append(f"{summary['kept']} kept under a new title")
    parts.append(f"{summary['present']} there")
    if summary["lacking"]:
        parts.append(f"{summary['lacking']} not made")
    if written:
        parts.append(written)
    return f"{', '.join(parts)}; {summary['seconds']:.1f} s, {messages.dollars(summary['usd'])}"
