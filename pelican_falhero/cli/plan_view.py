"""Prints a plan, for ``falhero plan`` and ``falhero generate --dry-run``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from ..content.post import Post
from ..content.site import OpenSite
from ..generation import messages
from ..generation.text_messages import unwritten
from ..planning.budget import Selection
from ..planning.item import TO_COPY, Item, State
from ..planning.plan import Plan
from ..settings import Settings
from .options import PlanOptions, PostOptions
from .output import Reporter, hero_row, shown, with_paths
from .selection import problems_of
from .wrapping import unbroken

UNWRITTEN = "unwritten"
"""The state of a hero that is there, and that a post does not name in its front matter."""
_IN_FIRST_PART = ("present", "missing", "stale")
_WITHOUT_BUYING = (State.PRESENT, State.PENDING, *TO_COPY)
_WIDTH = 14
_STYLES = dict.fromkeys(("missing", "stale", UNWRITTEN), "yellow")
_STYLES |= dict.fromkeys(("pending", "retitled", "elsewhere"), "cyan")
"""Colours of the states; the others are those of heroes that can't be made."""


def show(
    plan: Plan,
    selection: Selection,
    *,
    site: OpenSite,
    posts: Sequence[Post],
    options: PostOptions,
    command: str,
    reporter: Reporter,
    budget: str | None = None,
) -> None:
    """Print a plan, its price, and what does not fit the budget."""
    states = {item.stem: "unaffordable" for item in selection.unaffordable}
    states |= {item.stem: "unpriced" for item in selection.unpriced}
    states |= {item.stem: UNWRITTEN for item in plan.in_state(State.PRESENT) if _values_to_write(item, site)}
    items = [(item, states.get(item.stem, str(item.state))) for item in plan.items]
    counts = Counter(state for _, state in items)
    if isinstance(options, PlanOptions) and options.missing:
        items = [(item, state) for item, state in items if state != State.PRESENT]
    for item, state in () if reporter.as_json else items:
        _show_item(item, state, site, reporter)
    problems = problems_of(site, posts, options)
    for problem in problems:
        reporter.line(f"{'unusable':<{_WIDTH}}{with_paths(problem, site)}", style="red", indent=_WIDTH)
    usd = selection.affordable_usd
    there = counts[State.PRESENT] + counts[UNWRITTEN]
    line = f"{messages.count(there, 'hero')} there, {len(selection.affordable)} to make for {messages.dollars(usd)}"
    more = [f"{number} {state}" for state, number in counts.items() if state not in _IN_FIRST_PART]
    to_write = _number_to_write(plan, selection, site)
    rest = f"; {site.hero_field.name} to be written into {messages.count(to_write, 'post')}" if site.hero_field else ""
    reporter.line(", ".join([line, *more]) + (rest if to_write else ""))
    if line := over_budget_line(selection, site.settings, budget):
        reporter.line(line)
    summary = {"there": there, "to_make": len(selection.affordable), "usd": round(usd, 6)}
    summary["unaffordable_usd"] = round(selection.unaffordable_usd, 6)
    if site.hero_field:
        summary["to_write"] = to_write
    if reporter.as_json:
        rows = [hero_row(item, state=state) for item, state in items]
        reporter.document(command, site, heroes=rows, summary=summary, problems=problems)


def over_budget_line(selection: Selection, settings: Settings, budget: str | None) -> str:
    """What exceeds the budget, and the command that buys it; empty when everything fits. ``budget`` is ``--budget``."""
    if not selection.unaffordable:
        return ""
    if budget is None or selection.limiting_setting != "FALHERO_BUDGET":
        return messages.unaffordable_line(selection, settings)
    wanted = messages.count(len(selection.affordable) + len(selection.unaffordable), "hero")
    rest = messages.dollars(selection.unaffordable_usd)
    return f"{len(selection.affordable)} of {wanted} fit --budget {budget}; the rest would cost {rest}"


def _number_to_write(plan: Plan, selection: Selection, site: OpenSite) -> int:
    """How many posts do not name the hero that they have, or that a run would make."""
    made = {item.stem for item in selection.affordable}
    items = (item for item in plan.items if item.stem in made or item.state in _WITHOUT_BUYING)
    return sum(len(_values_to_write(item, site)) for item in items) if site.hero_field else 0


def _values_to_write(item: Item, site: OpenSite) -> list[str]:
    made = item.stem + (PurePosixPath(item.copied_from).suffix or PurePosixPath(item.name).suffix)
    file = item.file if item.file and item.state is State.PRESENT else made
    return [value for post in item.posts if (value := site.to_write(post, {item.stem: file}))]


def _fields_to_write(item: Item, site: OpenSite) -> list[str]:
    """What the posts are to say, each once: it is another text where posts of one title lie in several folders."""
    if not site.hero_field or item.state is State.INVALID:
        return []
    return list(dict.fromkeys(f"{site.hero_field.name}: {value}" for value in _values_to_write(item, site)))


def _show_item(item: Item, state: str, site: OpenSite, reporter: Reporter) -> None:
    posts = ", ".join(shown(site.root / post.source) for post in item.posts)
    if state in (State.PRESENT, UNWRITTEN):
        # Without its row, for which the prompt would be built: most heroes are there, and nothing of it is shown.
        picture = shown(site.library.folder / (item.file or item.name))
        reporter.line(f"{state:<{_WIDTH}}{posts}  {picture}", style=_STYLES.get(state, ""), indent=_WIDTH)
        for text in _fields_to_write(item, site) if state == UNWRITTEN else ():
            reporter.line(" " * _WIDTH + text, indent=_WIDTH)
        return
    row = hero_row(item, state=state)
    line = f"{state:<{_WIDTH}}{posts}"
    if state != State.INVALID:
        price = "price unknown" if row["usd"] is None else messages.dollars(row["usd"]) if row["usd"] else "free"
        line = f"{line}  {unbroken(price)}"
    reporter.line(line, style=_STYLES.get(state, "red"), indent=_WIDTH)
    reason = row["reason"].removeprefix(f"{item.post.source}: ")
    prompt = unwritten(item) if item.needs_brief else row["prompt"]
    for text in (shown(site.library.folder / row["file"]), *_fields_to_write(item, site), prompt, reason):
        if text:
            reporter.line(" " * _WIDTH + text, indent=_WIDTH)
