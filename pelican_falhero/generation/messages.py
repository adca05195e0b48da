"""The lines that builds and commands print about heroes. Pure: turns reports and plans into text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import ceil

from ..engines import title_of
from ..planning.budget import Selection
from ..planning.item import Item, State
from ..planning.plan import Plan
from ..settings import Settings
from .policy import NoSpending
from .report import Report
from .result import HeroResult, Outcome
from .text_messages import first_named, posts_named, text_lines, unwritten

_WHY_BY_OUTCOME = {
    Outcome.UNAFFORDABLE: "budget",
    Outcome.UNPRICED: "price unknown",
    Outcome.REFUSED: "refused",
    Outcome.UNDECIDED: "candidates",
    Outcome.FAILED: "failed",
    Outcome.INVALID: "fields",
}
_WHY_BY_RULE = {
    NoSpending.SETTINGS: "settings",
    NoSpending.WRITING: "rebuild",
    NoSpending.NO_CREDENTIALS: "no key",
    NoSpending.CI: "CI",
}
_TOLD_ELSEWHERE = {"settings", "failed", "fields", "CI", "price unknown", "provider none", "provider card"}
"""Reasons that a warning of the same build tells in full, or that need no more words."""


def count(number: int, noun: str) -> str:
    """``1 hero``, ``2 heroes``."""
    plural = noun + ("es" if noun.endswith("o") else "s")
    return f"{number} {noun if number == 1 else plural}"


def dollars(usd: float) -> str:
    """``$0.30`` or ``$0.025``: a third digit only where it is not zero, and a fourth below a tenth of a cent."""
    digits = 2 if abs(usd * 100 - round(usd * 100)) < 1e-6 else 3 if usd >= 0.001 else 4
    return f"${usd:.{digits}f}"


def budget_argument(usd: float) -> str:
    """The value of ``--budget`` that covers this amount: ``0.08`` for 0.075, rounded up to a cent."""
    return f"{ceil(usd * 100 - 1e-6) / 100:.2f}"


def why_lacking(result: HeroResult, no_spending: NoSpending | None) -> str:
    """Why a hero is not there, in at most two words."""
    if why := _WHY_BY_OUTCOME.get(result.state):
        return why
    if no_spending is NoSpending.PROVIDER:
        return f"provider {result.item.settings.provider}"
    return _WHY_BY_RULE.get(no_spending, "failed") if no_spending else "failed"


def closing_line(
    report: Report, *, with_card: Collection[str] = (), unusable: int = 0, notes: Iterable[str] = ()
) -> str:
    """The build's one line: what was made, what is there, what is not and why, what it cost, and then the notes.

    Args:
        report: the build's results.
        with_card: stems of the heroes for which a card is shown.
        unusable: number of posts that have no result because their fields can't be used.
        notes: what else there is to say; empty ones are left out.
    """
    parts = []
    if report.made:
        parts.append(f"{len(report.made)} made")
    if report.kept:
        parts.append(f"{len(report.kept)} kept under a new title")
    parts.append(f"{len(report.in_state(Outcome.PRESENT))} there")
    lacking: dict[str, list[HeroResult]] = {"card": [], "old picture": [], "missing": []}
    for result in report.without_picture:
        kind = "card" if result.item.stem in with_card else "old picture" if result.item.file else "missing"
        lacking[kind].append(result)
    for kind, results in lacking.items():
        more = unusable if kind == "missing" else 0
        if results or more:
            parts.append(_lacking(kind, results, report.no_spending, unusable=more))
    if len(report.tried) > len(report.kept):
        parts.append(dollars(report.usd))
    return "; ".join([f"heroes: {', '.join(parts)}", *filter(None, notes)])


def _lacking(kind: str, results: Sequence[HeroResult], no_spending: NoSpending | None, *, unusable: int) -> str:
    """``3 cards (budget: falhero plan)``, ``2 missing (1 failed, 1 fields)``."""
    total = len(results) + unusable
    number = f"{total} missing" if kind == "missing" else count(total, kind)
    if kind == "card" and all(result.item.settings.provider == "card" for result in results):
        return number
    whys = [why_lacking(result, no_spending) for result in results]
    is_told = all(result.was_tried or why in _TOLD_ELSEWHERE for result, why in zip(results, whys, strict=True))
    return f"{number} ({_counted([*whys, *['fields'] * unusable])}{'' if is_told else ': falhero plan'})"


def _counted(reasons: Sequence[str]) -> str:
    """``budget``, or ``2 budget, 1 refused``."""
    counted = Counter(reasons)
    return ", ".join(counted if len(counted) == 1 else [f"{number} {why}" for why, number in counted.items()])


def failure_warnings(report: Report) -> list[str]:
    """One line for each reason of failure, and one for the heroes not tried because the run was halted."""

    def sentence(result: HeroResult) -> str:
        return f"{result.reason.rstrip('.')}. {result.remedy}"

    groups = groupby(sorted(report.failed, key=sentence), key=sentence)
    lines = [f"{posts_named(result.item for result in group)}: {text}" for text, group in groups]
    if report.halt_error:
        halted = len(report.halted)
        lines.append(f"{count(halted, 'hero')} not made: {report.halt_error}" if halted else str(report.halt_error))
    return lines


def failure_line(reasons: Mapping[str, Iterable[str]]) -> str:
    """Why a build fails under ``FALHERO_ON_ERROR = "fail"``: for each reason, the posts without their hero."""
    groups = {why: list(sources) for why, sources in reasons.items()}
    heroes = count(sum(map(len, groups.values())), "hero")
    named = "; ".join(f"{first_named(sources)} ({why})" for why, sources in groups.items())
    return f'{heroes} could not be made, and FALHERO_ON_ERROR is "fail": {named}'


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
    results = (*report.results, *report.candidates)
    return [f"{result.item.post.source}: {result.lost}" for result in results if result.lost]


def ignored_lines(report: Report) -> list[str]:
    """Arguments that the model of a tried hero ignores, each once."""
    return ignored_notes(report.tried)


def ignored_notes(results: Iterable[HeroResult]) -> list[str]:
    """Arguments that the models of these pictures ignore, each once."""
    return list(dict.fromkeys(note for result in results for note in result.item.notes))


def candidate_lines(report: Report) -> list[str]:
    """For which posts candidates were fetched, and what to do about them."""
    sources = Counter(result.item.post.source for result in report.fetched_candidates)
    what = "falhero show lists them, and falhero pick makes one the hero"
    return [f"{source}: {count(number, 'candidate')} fetched; {what}" for source, number in sources.items()]


def ledger_warnings(report: Report, ledger: str) -> list[str]:
    """Lines of the ledger that can't be read, paid pictures that are lost, and submits of unknown outcome."""
    problems = ledger_problems(report.unreadable, ledger)
    lines = lost_lines(report) + uncertain_lines(report.tried)
    return problems + lines + text_lines(report)


def uncertain_lines(results: Iterable[HeroResult]) -> list[str]:
    """Earlier submits of unknown outcome, for heroes that were submitted again."""
    again = [result.item for result in results if result.item.uncertain]
    if not again:
        return []
    return [
        f"{posts_named(again)}: an earlier build was interrupted while it sent the request; "
        f"{title_of(again[0].asked)} may have charged for that request too, so it counts as spent"
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
    return [*lines, *unpriced_lines(selection)] if selection else lines


def unpriced_lines(selection: Selection) -> list[str]:
    """Which posts have no known price, and how to tell it; empty if all have one."""
    if not selection.unpriced:
        return []
    endpoint = selection.unpriced[0].unpriced
    return [
        f"{posts_named(selection.unpriced)}: the price of {endpoint} is not known, so nothing is bought there; "
        f'set FALHERO_PRICES = {{"{endpoint}": 0.05}}, in USD a picture'
    ]


def plan_lines(plan: Plan, selection: Selection, settings: Settings) -> list[str]:
    """The plan with prompts, prices and what the budget does not allow, for a dry run."""
    report = Report.of(plan, selection=selection)
    by_budget = (Outcome.UNAFFORDABLE, Outcome.UNPRICED)
    not_made = report.in_state(*by_budget, Outcome.REFUSED, Outcome.UNDECIDED, Outcome.INVALID)
    lines = []
    for result in report.results:
        item = result.item
        if item.state is State.PRESENT:
            continue
        state = result.state if result.state in by_budget else item.state
        lines.append(f"{state:<12} {item.name}  {_price(item)}  {item.post.source}")
        prompt = item.prompt or unwritten(item)
        lines.append(f"             {item.reason if item.state is State.INVALID else prompt}")
    usd = sum(item.price or 0.0 for item in selection.affordable)
    there = len(plan.in_state(State.PRESENT))
    line = f"heroes: {there} there, {len(selection.affordable)} to make for {dollars(usd)}"
    if not_made:
        line += f", {len(not_made)} not ({_counted([why_lacking(result, None) for result in not_made])})"
    lines.append(f"{line}; dry run, nothing was made")
    return lines + budget_lines(replace(report, spent_nothing_before=True), settings)


def _price(item: Item) -> str:
    if item.state not in (State.MISSING, State.STALE):
        return "free"
    return "price unknown" if item.price is None else dollars(item.price)
