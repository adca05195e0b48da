"""Sends one hero's request, once, with the ledger written before and after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..errors import BusyError, DeadlineError, HeroError, JobError, RefusedError, UncertainError
from ..planning.item import Item
from ..planning.request import HeroRequest
from ..providers.base import Deadline
from ..storage.events import FAILED, REFUSED, Event
from .run_state import RunState
from .slots import Slot
from .try_log import TryLog

T = TypeVar("T")

JOB_TRIES = 3
PAUSES = (1.0, 3.0)
"""Seconds to wait before the second and the third try."""
MAX_BUSY_PAUSE = 16.0
"""The longest wait, in seconds, before a submit is sent again to a full queue."""
MIN_SUBMIT_SECONDS = 10.0
"""A request is sent only if so many seconds are left of FALHERO_TIMEOUT, or half of a shorter FALHERO_TIMEOUT."""


class Submitter:
    """Sends the requests of one hero."""

    def __init__(self, run: RunState, item: Item, log: TryLog, *, deadline: Deadline, slot: Slot) -> None:
        self._run = run
        self._item = item
        self._log = log
        self._deadline = deadline
        self._slot = slot

    def submit_and(self, fetch: Callable[[Event], T], request: HeroRequest, fingerprint: str) -> T:
        """Submit the request and return what ``fetch`` gets for it; send it again after a temporary failure."""
        for turn in range(JOB_TRIES):
            if turn:
                self._deadline.pause(PAUSES[turn - 1])
            submitted = self.submit(request, fingerprint)
            try:
                return fetch(submitted)
            except JobError as error:
                if not error.retryable or turn == JOB_TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def submit(self, request: HeroRequest, fingerprint: str) -> Event:
        """Send the request once, and write its id to the ledger before anything else is done.

        Returns:
            The ledger event of the accepted request.

        Raises:
            HeroError: the request was not accepted, or its outcome is not known (UncertainError).
        """
        pause = 1.0
        self._log.is_pending = False
        self._slot.take(self._deadline)
        event: Event | None = None
        try:
            while True:
                with self._run.submit_gate(), self._run.open_submits.sending():
                    self._require_time_to_submit()
                    event = event or self._log.submitting(request, fingerprint)
                    try:
                        request_id = self._run.provider_of(request.engine).submit(request, self._deadline)
                    except BusyError as error:
                        # The request was not accepted: the same try goes on.
                        pause = max(pause, error.retry_after)
                    except HeroError as error:
                        failed, event = event, None
                        self._record_failure(failed, error)
                        raise
                    else:
                        return self._log.submitted(event, request_id)
                self._deadline.pause(pause)
                pause = min(2 * pause, MAX_BUSY_PAUSE)
        except HeroError as error:
            if event:
                self._record_failure(event, error)
            raise

    def _record_failure(self, event: Event, error: HeroError) -> None:
        """Record that the request was not accepted, unless that is not known."""
        if isinstance(error, UncertainError):
            self._log.usd += event.usd
        else:
            kind = REFUSED if isinstance(error, RefusedError) else FAILED
            self._log.ended(event, kind, usd=0.0, reason=str(error))

    def _require_time_to_submit(self) -> None:
        """Require enough time to wait for the answer to a submit; without the answer its outcome stays unknown.

        Raises:
            DeadlineError: too little time is left.
        """
        timeout = self._item.settings.timeout
        if self._deadline.left() < min(MIN_SUBMIT_SECONDS, timeout / 2):
            raise DeadlineError(f"too little time is left of {timeout:g} s (FALHERO_TIMEOUT) to send a request")
