"""``falhero plan``: what there is, what is missing, and what it would cost. Spends nothing, opens no connection."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..content.site import OpenSite, Post
from ..generation import messages
from ..generation.run import dry_run
from ..planning.budget import Selection
from ..planning.plan import Plan, State
from ..settings import Settings
from .main import GOOD
from .output import Reporter, hero_row, relative
from .selection import open_posts, problems_of

_QUIET = ("present", "missing", "stale")
_WIDTH = 14


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Show the plan."""
    site, posts = open_posts(options, reporter)
    work = site.of(site.with_title_fellows(posts))
    show(dry_run(work), site, posts, options=options, reporter=reporter)
    return GOOD


def show(
    rehearsed: tuple[Plan, Selection],
    site: OpenSite,
    posts: Sequence[Post],
    *,
    options: argparse.Namespace,
    reporter: Reporter,
) -> None:
    """Print a plan, and what the money reaches for."""
    plan, selection = rehearsed
    states = {item.stem: "unaffordable" for item in selection.left}
    states |= {item.stem: "unpriced" for item in selection.unpriced}
    rows = [hero_row(item, state=states.get(item.stem, "")) for item in plan.items]
    for row in rows:
        _show_row(row, site, reporter)
    problems = problems_of(site, posts, options)
    for problem in problems:
        reporter.line(f"{'unusable':<{_WIDTH}}{problem}", style="red")
    usd = sum(item.price or 0.0 for item in selection.affordable)
    counts = Counter(row["state"] for row in rows)
    there = counts[State.PRESENT]
    line = f"{messages.count(there, 'hero')} there, {len(selection.affordable)} to make for {messages.dollars(usd)}"
    more = [f"{number} {state}" for state, number in counts.items() if state not in _QUIET]
    reporter.line(", ".join([line, *more]))
    if line := over_budget(selection, site.settings, options):
        reporter.line(line)
    summary = {"there": there, "to_make": len(selection.affordable), "usd": round(usd, 6)}
    summary["unaffordable_usd"] = round(selection.rest_usd, 6)
    reporter.document(options.verb, site, heroes=rows, summary=summary, problems=problems)


def over_budget(selection: Selection, settings: Settings, options: argparse.Namespace) -> str:
    """What the money does not reach for, and how to have it; empty where it reaches."""
    if not selection.left:
        return ""
    given = getattr(options, "budget", None)
    if given is None or selection.binding != "FALHERO_BUDGET":
        return messages.unaffordable(selection, settings)
    wanted = messages.count(len(selection.affordable) + len(selection.left), "hero")
    rest = messages.dollars(selection.rest_usd)
    return f"{len(selection.affordable)} of {wanted} fit --budget {given}; the rest would cost {rest}"


def _show_row(row: dict[str, Any], site: OpenSite, reporter: Reporter) -> None:
    posts = ", ".join(relative(site.root / source) for source in row["sources"])
    picture = relative(site.library.folder / row["file"])
    if row["state"] == State.PRESENT:
        reporter.line(f"{row['state']:<{_WIDTH}}{posts}  {picture}")
        return
    price = "price unknown" if row["usd"] is None else messages.dollars(row["usd"]) if row["usd"] else "free"
    reporter.line(f"{row['state']:<{_WIDTH}}{posts}  {price}", style="yellow")
    for text in (picture, row["prompt"], row["reason"]):
        if text:
            reporter.line(" " * _WIDTH + text)
