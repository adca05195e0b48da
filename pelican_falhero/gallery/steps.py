"""The next step for a post's hero: the command that draws, fetches or copies it, and what that costs. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..content.post import Post
from ..errors import PostError
from ..generation import messages
from ..generation.text_messages import unwritten
from ..planning.budget import Allowance
from ..planning.item import TO_COPY, Item, State
from ..prepublish.remedies import Shell


@dataclass(frozen=True, kw_only=True)
class Step:
    """What to do next."""

    purpose: str = ""
    """What the command does, e.g. ``draw it``; empty if there is nothing to do."""
    command: str = ""
    """For a shell; one that begins with ``#`` is for the author to do by hand."""
    usd: float | None = 0.0
    """What it costs; None if the price is not known."""
    prompt: str = ""
    """What would be asked, or was asked for what is to be fetched; empty if nothing is."""
    endpoint: str = ""


NO_STEP = Step()

_PURPOSES = {
    State.PRESENT: "draw another",
    State.STALE: "draw it again",
    State.REFUSED: "ask for it again",
    State.PENDING: "fetch it",
    State.RETITLED: "copy it to the new title",
    State.ELSEWHERE: "copy it here",
}
_OPTIONS = {State.PRESENT: ("--force",), State.REFUSED: ("--retry",)}


def next_step(post: Post, item: Item | None, *, shell: Shell, money: Allowance) -> Step:
    """Return the next step.

    Args:
        post: the post.
        item: its hero in the plan; None if nothing is drawn for it.
        shell: where the command will be typed.
        money: what remains of the budgets.
    """
    edit = Step(purpose="mend the post", command=f"# edit {shell.quote_path(post.path)}")
    if item is None:
        return edit if post.problem else NO_STEP
    if item.state is State.UNDECIDED:
        return Step(purpose="choose one of its candidates", command=shell.show(post.path))
    purpose = _PURPOSES.get(item.state, "draw it")
    needs_fal = item.settings.provider in ("card", "none") and item.state not in TO_COPY
    provider = ("--provider", "fal") if needs_fal else ()
    if item.state in (*TO_COPY, State.PENDING):
        sent = item.pending.first if item.pending else None
        return Step(
            purpose=purpose,
            command=shell.generate([post.path], *provider),
            prompt=sent.prompt if sent else "",
            endpoint=sent.endpoint if sent else "",
        )
    try:
        request = item.request
    except PostError:
        return edit
    step = Step(purpose=purpose, usd=item.price, prompt=item.prompt or unwritten(item), endpoint=request.endpoint)
    if setting := _setting_to_change(item, money):
        return replace(step, command=f"# {setting}")
    options = (*_OPTIONS.get(item.state, ()), *provider)
    if step.usd and not replace(money, month=float("inf")).covers(step.usd):
        options = (*options, "--budget", messages.budget_argument(step.usd))
    return replace(step, command=shell.generate([post.path], *options))


def _setting_to_change(item: Item, money: Allowance) -> str:
    """Return which setting must change before the hero can be drawn; empty if none must."""
    if item.price is None:
        return f'set FALHERO_PRICES = {{"{item.unpriced}": 0.05}}, in USD a picture'
    if item.price and not replace(money, day=float("inf")).covers(item.price):
        return f"raise FALHERO_MONTHLY_BUDGET, of which {messages.dollars(max(money.month, 0.0))} is left"
    return ""
