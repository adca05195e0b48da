"""Has the brief of a hero written before the hero is drawn, once, with the ledger written before and after it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .. import debug
from ..direction.brief import brief_request, scene_of
from ..errors import HeroError, JobError, OutOfReachError, RefusedError
from ..planning.item import Item
from ..providers.base import Deadline
from ..storage.ledger import FAILED, WRITTEN, Event
from .run_state import RunState
from .slots import Slot
from .submit import Submitter
from .try_log import TryLog, is_lost

_SECONDS = 60.0
"""How long a hero waits for its brief, at most."""


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
    """Return the item with its brief, which is written now if one is needed.

    Without a brief the hero is drawn with the template of the settings, so no error comes out of here; one that every
    other request would meet too halts the run.
    """
    if not item.needs_brief:
        return Briefed(item=item)
    writer = _Writer(run, item, slot)
    posts, failure = item.posts, ""
    try:
        scene = writer.write()
    except HeroError as error:
        failure = str(run.halt_if_fatal(error))
    except Exception as error:  # a brief must not take its hero with it
        debug.show_traceback(error)
        failure = debug.redacted(f"unexpected error: {type(error).__name__}: {error}")
    else:
        posts = tuple(replace(post, brief=scene) for post in posts)
    briefed = replace(item, posts=posts, needs_brief=False, pending_brief=None)
    return Briefed(item=briefed, usd=writer.log.usd, failure=failure)


class _Writer:
    """The work on one brief."""

    def __init__(self, run: RunState, item: Item, slot: Slot) -> None:
        self._run = run
        self._item = item
        self.log = TryLog(run, item)
        self._deadline = Deadline.after(min(item.settings.timeout, _SECONDS), run.stop)
        self._submitter = Submitter(run, item, self.log, deadline=self._deadline, slot=slot)

    def write(self) -> str:
        """Return the brief: the one that an earlier run has asked for, or a new one.

        Raises:
            HeroError: there is none.
        """
        if pending := self._item.pending_brief:
            return self._resume(pending.last)
        request = brief_request(self._item.post, self._item.settings)
        return self._submitter.submit_and(self._fetch, request, request.fingerprint)

    def _resume(self, submitted: Event) -> str:
        try:
            return self._fetch(submitted)
        except OutOfReachError as error:
            if is_lost(error, submitted, self._run.provider.server_time()):
                self.log.ended(submitted, FAILED, usd=submitted.usd, reason=str(error))
            raise

    def _fetch(self, submitted: Event) -> str:
        try:
            answer = self._run.provider.wait_for_text(submitted.endpoint, submitted.request_id, self._deadline)
        except (JobError, RefusedError) as error:
            self.log.failed(submitted, error)
            raise
        usd = submitted.usd if answer.usd is None else answer.usd
        if self.log.is_paid_by_this_run:
            self.log.usd += usd - submitted.usd
        try:
            scene = scene_of(answer.text)
        except HeroError as error:
            self.log.ended(submitted, FAILED, usd=usd, reason=str(error))
            raise
        self.log.ended(submitted, WRITTEN, usd=usd, text=scene)
        return scene
