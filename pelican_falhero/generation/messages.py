"""The lines that builds and commands print about heroes. Pure: turns reports and plans into text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import ceil

from ..planning.budget import Selection
from ..planning.item import Item, State
from ..planning.plan import Plan
from ..settings import Settings
from .policy import NoSpending
from .report import Report
from .result import HeroResult, Outcome

MANY = 5
"""The most posts that a message names; it counts the others."""


def count(number: int, noun: str) -> str:
    """``1 hero``, ``2 heroes``."""
    plural = noun + ("es" if noun.endswith("o") else "s")
    return f"{number} {noun if number == 1 else plural}"


def dollars(usd: float) -> str:
    """``$0.30`` or ``$0.025``: a third digit only where it is not zero."""
    digits = 2 if abs(usd * 100 - round(usd * 100)) < 1e-6 else 3
    return f"${usd:.{digits}f}"


def budget_argument(usd: float) -> str:
    """The value of ``--budget`` that covers this amount: ``0.08`` for 0.075, rounded up to a cent."""
    return f"{ceil(usd * 100 - 1e-6) / 100:.2f}"


def closing_line(report: Report, *, cards: int, note: str = "") -> str:
    """The build's one line about heroes; empty when the run tried none and drew no card."""
    failed = len(report.failed) + len(report.halted)
    if not (report.tried or cards):
        return ""
    parts = []
    if report.made:
        parts.append(f"{len(report.made)} made")
    if cards:
        parts.append(f"{count(cards, 'title card')} drawn")
    if report.kept:
        parts.append(f"{len(report.kept)} kept under a new title")
    parts.append(f"{len(report.in_state(Outcome.PRESENT))} there")
    if failed:
        parts.append(f"{failed} failed (see below)")
    if len(report.tried) > len(report.kept):
        parts.append(dollars(report.usd))
    return f"heroes: {', '.join(parts)}{note and f'; {note}'}"


def failure_warnings(report: Report) -> list[str]:
    """One line for each reason of failure, and one for the heroes not tried because the run was halted."""

    def sentence(result: HeroResult) -> str:
        return f"{result.reason.rstrip('.')}. {result.remedy}"

    groups = groupby(sorted(report.failed, key=sentence), key=sentence)
    lines = [f"{_posts(result.item for result in group)}: {text}" for text, group in groups]
    if report.halt_error:
        halted = len(report.halted)
        lines.append(f"{count(halted, 'hero')} not made: {report.halt_error}" if halted else str(report.halt_error))
    return lines


def ci_warning(missing: int) -> str:
    """Why a build server makes no heroes, and what to do."""
    return f"{count(missing, 'hero')} missing, and {NoSpending.CI}"


def kept_lines(report: Report) -> list[str]:
    """Which heroes reuse an existing picture, and how to get a new one."""
    lines = []
    for kept in report.kept:
        source = kept.item.post.source or kept.item.post.title
        why = "was retitled and keeps its picture" if kept.item.state is State.RETITLED else "has its picture"
        lines.append(f"{source} {why} as {kept.file} (from {kept.kept_from}); delete that file for a new one")
    return lines


def lost_lines(report: Report) -> list[str]:
    """Paid pictures that are lost."""
    return [f"{result.item.post.source}: {result.lost}" for result in report.results if result.lost]


def ignored_lines(report: Report) -> list[str]:
    """Arguments that the model of a tried hero ignores, each once."""
    return list(dict.fromkeys(note for result in report.tried for note in result.item.notes))


def ledger_warnings(report: Report, ledger: str) -> list[str]:
    """Lines of the ledger that can't be read, paid pictures that are lost, and submits of unknown outcome."""
    return ledger_problems(report.unreadable, ledger) + lost_lines(report) + uncertain_lines(report.tried)


def uncertain_lines(results: Iterable[HeroResult]) -> list[str]:
    """Earlier submits of unknown outcome, for heroes that were submitted again."""
    again = [result.item for result in results if result.item.uncertain]
    if not again:
        return []
    return [
        f"{_posts(again)}: an earlier build was interrupted while it sent the request; "
        "fal may have charged for that request too, so it counts as spent"
    ]


def ledger_problems(unreadable: Sequence[int], ledger: str) -> list[str]:
    """One line that names the ledger's unreadable lines; none when there are none."""
    if not unreadable:
        return []
    numbers = ", ".join(map(str, unreadable))
    return [f"{ledger}: line {numbers} can't be read and is ignored; fix or delete it by hand"]


def unaffordable_line(selection: Selection, settings: Settings) -> str:
    """How many heroes fit the budget, what the others would cost, and the command that buys them."""
    fit = len(selection.affordable)
    wanted = count(fit + len(selection.unaffordable), "hero")
    rest = f"the rest would cost {dollars(selection.unaffordable_usd)}"
    if selection.limiting_setting == "FALHERO_BUDGET":
        command = f"falhero generate --budget {budget_argument(selection.unaffordable_usd)}"
        return f"{fit} of {wanted} fit FALHERO_BUDGET ({dollars(settings.budget)} a day); {rest}: {command}"
    monthly = dollars(settings.monthly_budget or 0.0)
    return f"{fit} of {wanted} fit FALHERO_MONTHLY_BUDGET ({monthly} a month); {rest}"


def budget_lines(report: Report, settings: Settings) -> list[str]:
    """Which heroes did not fit the budget, or have no known price."""
    selection = report.selection
    lines = []
    if selection and selection.unaffordable and (selection.affordable or report.spent_nothing_before):
        lines.append(unaffordable_line(selection, settings))
    if selection and selection.unpriced:
        endpoint = selection.unpriced[0].unpriced
        lines.append(
            f"{_posts(selection.unpriced)}: the price of {endpoint} is not known, so nothing is bought there; "
            f'set FALHERO_PRICES = {{"{endpoint}": 0.05}}, in USD a picture'
        )
    return lines


def plan_lines(plan: Plan, selection: Selection) -> list[str]:
    """The plan with prompts and prices, for a dry run."""
    affordable = {id(item) for item in selection.affordable}
    lines = []
    for item in plan.items:
        if item.state is State.PRESENT:
            continue
        lines.append(f"{item.state:<9} {item.name}  {_price(item)}  {item.post.source}")
        if item.state is State.INVALID:
            lines.append(f"          {item.reason}")
        else:
            lines.append(f"          {item.prompt}")
    usd = sum(item.price or 0.0 for item in selection.affordable)
    there = len(plan.in_state(State.PRESENT))
    lines.append(f"heroes: {there} there, {len(affordable)} to make for {dollars(usd)}; dry run, nothing was made")
    return lines


def _price(item: Item) -> str:
    if item.state not in (State.MISSING, State.STALE):
        return "free"
    return "price unknown" if item.price is None else dollars(item.price)


def _posts(items: Iterable[Item]) -> str:
    sources = [item.post.source for item in items]
    return ", ".join(sources[:MANY]) + (f" and {len(sources) - MANY} more" if len(sources) > MANY else "")
