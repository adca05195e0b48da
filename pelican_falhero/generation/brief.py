"""Has the brief of a hero written before the hero is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..direction.brief import brief_request, scene_of
from ..planning.item import Item
from .run_state import RunState
from .slots import Slot
from .text_step import TextStep


@dataclass(frozen=True, kw_only=True)
class Briefed:
    """A hero that is ready to be drawn."""

    item: Item
    """With the brief in its posts; as it was if none could be written."""
    usd: float = 0.0
    """USD that this run has spent on the brief, or may have spent."""
    failure: str = ""
    """Why there is no brief; empty if there is one, or none is needed."""


def with_brief(run: RunState, item: Item, slot: Slot) -> Briefed:
    """Return the item with its brief, which is written now if one is needed and none is waiting to be fetched.

    Without a brief the hero is drawn with the template of the settings, so no error comes out of here; one that every
    other request would meet too halts the run.
    """
    if not item.needs_brief:
        return Briefed(item=item)
    step = TextStep(run, item, slot, read=lambda answer: {"text": scene_of(answer)})
    pending = item.pending_brief
    kept, failure = step.attempt(
        lambda: step.resume(pending) if pending else step.ask(brief_request(item.post, item.settings))
    )
    posts = tuple(replace(post, brief=kept["text"]) for post in item.posts) if kept else item.posts
    briefed = replace(item, posts=posts, needs_brief=False, pending_brief=None)
    return Briefed(item=briefed, usd=step.log.usd, failure=failure)
