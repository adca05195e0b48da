"""Asks a language model about a hero, once, with the ledger written before and after it."""

from __future__ import annotations

from collections.abc import Callable

from .. import debug
from ..errors import DeadlineError, HeroError, JobError, OutOfReachError, RefusedError
from ..planning.item import Item
from ..planning.request import HeroRequest
from ..providers.base import Deadline
from ..storage.attempts import Attempt
from ..storage.events import FAILED, WRITTEN, Event
from .run_state import RunState
from .slots import Slot
from .submit import Submitter
from .try_log import TryLog, is_lost

_SECONDS = 60.0
"""How long a hero waits for an answer, at most."""

Kept = dict[str, str]
"""What is kept of an answer: fields of the ledger's event, with their values."""
Read = Callable[[str], Kept]
"""Returns what is kept of an answer; raises UnusableAnswerError."""


class TextStep:
    """One question to a language model."""

    def __init__(self, run: RunState, item: Item, slot: Slot, *, read: Read, picture: str = "") -> None:
        """
        Args:
            run: what all heroes of the run share.
            item: the hero that the question is about.
            slot: the hero's, at the provider.
            read: what is kept of the answer.
            picture: the SHA-256 of the picture that it is about; empty if it is about none.
        """
        self._run = run
        self._read = read
        self.log = TryLog(run, item, picture=picture)
        self._deadline = Deadline.after(min(item.settings.timeout, _SECONDS), run.stop)
        self._submitter = Submitter(run, item, self.log, deadline=self._deadline, slot=slot)

    def attempt(self, ask: Callable[[], Kept]) -> tuple[Kept | None, str]:
        """Return what ``ask`` (``ask`` or ``resume`` of this step) keeps of the answer, or None and the reason.

        No error comes out of here, for a text must not take its picture with it; one that every other request would
        meet too halts the run.
        """
        try:
            return ask(), ""
        except HeroError as error:
            return None, str(self._run.halt_if_fatal(error))
        except Exception as error:
            debug.show_traceback(error)
            return None, debug.redacted(f"unexpected error: {type(error).__name__}: {error}")

    def ask(self, request: HeroRequest) -> Kept:
        """Send the question, and return what is kept of the answer.

        Raises:
            HeroError: there is no answer, or it can't be used.
        """
        return self._submitter.submit_and(self._fetch, request.with_control_image(), request.fingerprint)

    def resume(self, pending: Attempt) -> Kept:
        """Return what is kept of the answer to a question that an earlier run has sent.

        Raises:
            HeroError: as ``ask``.
        """
        try:
            return self._fetch(pending.last)
        except (OutOfReachError, DeadlineError) as error:
            # What fal never finishes is given up after a day, too; a run that is being stopped shows nothing.
            now = self._run.provider_of(pending.last.provider).server_time()
            if not self._run.stop.is_set() and is_lost(error, pending.last, now):
                self.log.ended(pending.last, FAILED, usd=pending.last.usd, reason=str(error))
            raise

    def _fetch(self, submitted: Event) -> Kept:
        try:
            provider = self._run.provider_of(submitted.provider)
            answer = provider.wait_for_text(submitted.endpoint, submitted.request_id, self._deadline)
        except (JobError, RefusedError) as error:
            self.log.failed(submitted, error)
            raise
        usd = submitted.usd if answer.usd is None else answer.usd
        if self.log.is_paid_by_this_run:
            self.log.usd += usd - submitted.usd
        try:
            kept = self._read(answer.text)
        except Exception as error:  # whatever the answer is, it would be the same when it is fetched again
            self.log.ended(submitted, FAILED, usd=usd, reason=debug.redacted(str(error)))
            raise
        self.log.ended(submitted, WRITTEN, usd=usd, **kept)
        return kept
