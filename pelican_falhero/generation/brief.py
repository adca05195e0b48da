"""Has the brief of a hero written before the hero is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .. import debug
from ..direction.brief import brief_request, scene_of
from ..errors import HeroError
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
    posts, failure = item.posts, ""
    try:
        pending = item.pending_brief
        kept = step.resume(pending) if pending else step.ask(brief_request(item.post, item.settings))
    except HeroError as error:
        failure = str(run.halt_if_fatal(error))
    except Exception as error:  # a brief must not take its hero with it
        debug.show_traceback(error)
        failure = debug.redacted(f"unexpected error: {type(error).__name__}: {error}")
    else:
        posts = tuple(replace(post, brief=kept["text"]) for post in posts)
    briefed = replace(item, posts=posts, needs_brief=False, pending_brief=None)
    return Briefed(item=briefed, usd=step.log.usd, failure=failure)
