"""Asks before ``falhero generate --force`` or ``--new-brief`` draws pictures again that were not named one by one."""

from __future__ import annotations

from pathlib import Path

from ..generation import messages
from ..generation.policy import why_not_spend
from ..generation.run import dry_run
from ..generation.run_context import RunContext
from ..planning.budget import Selection
from ..planning.item import State
from ..planning.site import Site
from .options import GenerateOptions
from .output import Reporter


def may_redraw(work: Site, options: GenerateOptions, reporter: Reporter) -> bool:
    """Show what ``--force`` or ``--new-brief`` would buy and, on a terminal, ask whether to go on.

    Without a terminal it goes on: the command line has said ``--all``, or named a folder. Posts that were each named by
    their file need no question, and neither does a run that may not spend, for it says so itself.
    """
    names_each_post = bool(options.posts) and all(Path(name).is_file() for name in options.posts)
    draws_again = options.force or options.new_brief
    if not draws_again or names_each_post or why_not_spend(work.settings, RunContext()):
        return True
    _, selection = dry_run(work)
    again = sum(item.state is State.STALE for item in selection.affordable)
    if not again:
        return True
    reporter.note(_price_line(selection, again))
    return not reporter.can_ask or reporter.ask("Draw them?")


def _price_line(selection: Selection, again: int) -> str:
    usd = messages.dollars(selection.affordable_usd)
    number = len(selection.affordable)
    heroes = messages.count(number, "hero")
    line = (
        f"{heroes} to draw again for {usd}" if again == number else f"{heroes} to draw for {usd}, {again} of them again"
    )
    rest = len(selection.unaffordable)
    return f"{line}; {rest} more would not fit the budget" if rest else line
