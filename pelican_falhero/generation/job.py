"""Makes one hero, from its request to its file. Each step is written to the ledger before the next one starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from .. import debug
from ..errors import (
    BusyError,
    DeadlineError,
    HeroError,
    JobError,
    OutOfReachError,
    PictureError,
    RefusedError,
    UncertainError,
)
from ..planning.item import Item
from ..planning.price import billed_usd
from ..planning.request import HeroRequest
from ..providers.base import Deadline, RemotePicture
from ..storage.images import BlankPictureError
from ..storage.ledger import (
    FAILED,
    REFUSED,
    SAVED,
    Attempt,
    Event,
)
from ..storage.masters import make_master, place_master
from .result import HeroResult, Outcome
from .run_state import RunState
from .try_log import TryLog, is_lost

T = TypeVar("T")

JOB_TRIES = 3
FETCH_TRIES = 3
PAUSES = (1.0, 3.0)
"""Seconds to wait before the second and the third try."""
MAX_BUSY_PAUSE = 16.0
"""The longest wait, in seconds, before a submit is sent again to a full queue."""
MIN_SUBMIT_SECONDS = 10.0
"""A request is sent only if so many seconds are left of FALHERO_TIMEOUT, or half of a shorter FALHERO_TIMEOUT."""
BLANK = "the picture is blank, as after fal's safety check; write another prompt with Hero_Prompt"


class HeroJob:
    """One hero's work in a run."""

    def __init__(self, run: RunState, item: Item, *, on_drawn: Callable[[], None]) -> None:
        self.run = run
        self.item = item
        self.on_drawn = on_drawn
        self.log = TryLog(run, item)
        self.deadline = Deadline.after(item.settings.timeout, run.stop)
        self.began = time.monotonic()
        self.usd = 0.0
        self.is_pending = False
        self.is_paid_by_this_run = False
        """Whether this run, and not an earlier one, paid for the picture that it fetches."""
        self.lost = ""
        self.saved_as = ""

    def execute(self) -> HeroResult:
        """Make the hero and return the result; an error of any kind becomes a result, too."""
        try:
            self._make()
        except HeroError as error:
            return self._failed(self.run.halt_if_fatal(error))
        except Exception as error:  # one hero must not take the others with it
            debug.show_traceback(error)
            text = debug.redacted(f"{type(error).__name__}: {error}")
            return self._failed(HeroError(f"unexpected error: {text}{debug.hint()}"))
        return self._result(Outcome.MADE, saved_as=self.saved_as)

    def _failed(self, error: HeroError) -> HeroResult:
        state = Outcome.PENDING if self.is_pending else Outcome.FAILED
        return self._result(
            Outcome.REFUSED if isinstance(error, RefusedError) else state,
            reason=str(error),
            remedy=error.remedy_if_paid if self.is_pending else error.remedy,
            is_halted=error is self.run.halt_error,
        )

    def _result(self, state: Outcome, **known: Any) -> HeroResult:
        seconds = time.monotonic() - self.began
        return HeroResult(
            item=self.item, state=state, usd=self.usd, seconds=seconds, lost=self.lost, was_tried=True, **known
        )

    def _make(self) -> None:
        if self.item.pending and self._resume(self.item.pending):
            return
        request = self.item.request
        if request.preparation:
            request = request.with_control_map(self._prepare_control_image(request.preparation).url)
        else:
            request = request.with_control_image()
        self._submit_and_fetch(request, self.item.request.fingerprint, self._fetch_and_save)

    def _prepare_control_image(self, preparation: HeroRequest) -> RemotePicture:
        """The preprocessed control image (a pose map, for example). One that fal still has is not paid for again."""
        if earlier := self.item.pending_map:
            submitted = replace(earlier.last, request_id=earlier.request_id)
            try:
                return self._wait(submitted)
            except OutOfReachError as error:
                self._record_loss(submitted, error)
                if not self.run.reserve(submitted.usd):
                    raise OutOfReachError(f"{error}, and a new map does not fit the budget", lost=True) from error
        return self._submit_and_fetch(preparation.with_control_image(), preparation.fingerprint, self._wait)

    def _submit_and_fetch(self, request: HeroRequest, fingerprint: str, fetch: Callable[[Event], T]) -> T:
        """Submit the request and return what ``fetch`` gets for it; send it again after a temporary failure."""
        for turn in range(JOB_TRIES):
            if turn:
                self.deadline.pause(PAUSES[turn - 1])
            submitted = self._submit(request, fingerprint)
            try:
                return fetch(submitted)
            except JobError as error:
                if not error.retryable or turn == JOB_TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _resume(self, pending: Attempt) -> bool:
        """Fetch the picture that an earlier build bought; False when it is lost and the budget allows a new one.

        Raises:
            HeroError: it can't be fetched now, or it is lost and the budget does not allow a new one.
        """
        self.is_pending = True
        post = self.item.post
        # After a retitle the hero has another name; the request is the same.
        submitted = replace(
            pending.last,
            request_id=pending.request_id,
            hero=self.item.name,
            title=post.title,
            source=post.source,
        )
        try:
            self._fetch_and_save(submitted)
        except JobError as error:
            if not error.retryable:
                raise
            lost: HeroError = error
        except (OutOfReachError, PictureError) as error:
            self._record_loss(submitted, error)
            lost = error
        else:
            return True
        if self.item.price is None or not self.run.reserve(self.item.price):
            raise OutOfReachError(f"{lost}, and a new one does not fit the budget", lost=True) from lost
        return False

    def _record_loss(self, submitted: Event, error: HeroError) -> None:
        """Record that a paid picture is lost.

        Raises:
            HeroError: ``error`` itself, when the picture may still be fetched later.
        """
        is_given_up = self.run.retry and isinstance(error, PictureError)
        if not is_given_up and not is_lost(error, submitted, self.run.provider.server_time()):
            raise error
        self._record_end(submitted, FAILED, usd=submitted.usd, reason=str(error))
        self.lost = (
            f"the picture that was paid for on {submitted.time:%Y-%m-%d} (${submitted.usd:.3f}) is lost: {error}"
        )

    def _submit(self, request: HeroRequest, fingerprint: str) -> Event:
        """Send the request once, and write its id to the ledger before anything else is done."""
        pause = 1.0
        self.is_pending = False
        event: Event | None = None
        try:
            while True:
                with self.run.submit_gate(), self.run.open_submits.sending():
                    self._require_time_to_submit()
                    event = event or self.log.submitting(request, fingerprint)
                    try:
                        request_id = self.run.provider.submit(request, self.deadline)
                    except BusyError:
                        pass  # the request was not accepted: the same try goes on
                    except HeroError as error:
                        failed, event = event, None
                        self._record_failed_submit(failed, error)
                        raise
                    else:
                        return self._record_submitted(event, request_id)
                self.deadline.pause(pause)
                pause = min(2 * pause, MAX_BUSY_PAUSE)
        except HeroError as error:
            if event:
                self._record_failed_submit(event, error)
            raise

    def _record_failed_submit(self, event: Event, error: HeroError) -> None:
        """Record that the request was not accepted, unless that is not known."""
        if isinstance(error, UncertainError):
            self.usd += event.usd
        else:
            kind = REFUSED if isinstance(error, RefusedError) else FAILED
            self._record_end(event, kind, usd=0.0, reason=str(error))

    def _require_time_to_submit(self) -> None:
        """Require enough time to wait for fal's answer to a submit; without the answer its outcome stays unknown.

        Raises:
            DeadlineError: too little time is left.
        """
        timeout = self.item.settings.timeout
        if self.deadline.left() < min(MIN_SUBMIT_SECONDS, timeout / 2):
            raise DeadlineError(f"too little time is left of {timeout:g} s (FALHERO_TIMEOUT) to send a request")

    def _record_submitted(self, event: Event, request_id: str) -> Event:
        """Record that fal has accepted the request."""
        self.usd += event.usd
        self.is_pending = self.is_paid_by_this_run = True
        return self.log.submitted(event, request_id)

    def _fetch_and_save(self, submitted: Event) -> None:
        """Wait for the picture, fetch it and move it into the assets folder. Fetching again is free."""
        for turn in range(FETCH_TRIES):
            drawn = self._wait(submitted)
            self.on_drawn()
            try:
                self._save(submitted, drawn)
            except BlankPictureError as error:
                # Fetched once more, in case only this transfer was bad.
                if turn:
                    self._record_end(submitted, REFUSED, usd=submitted.usd, reason=BLANK)
                    raise RefusedError(BLANK) from error
            except PictureError:
                if turn == FETCH_TRIES - 1:
                    raise
            else:
                return
            self.deadline.pause(PAUSES[turn])

    def _wait(self, submitted: Event) -> RemotePicture:
        try:
            return self.run.provider.wait(
                submitted.endpoint,
                submitted.request_id,
                self.deadline,
                lambda status: self.run.listener.progressed(self.item, status),
            )
        except (JobError, RefusedError) as error:
            usd = submitted.usd if error.charged else 0.0
            self.usd = max(0.0, self.usd - submitted.usd + usd)
            self._record_end(
                submitted, REFUSED if isinstance(error, RefusedError) else FAILED, usd=usd, reason=str(error)
            )
            raise

    def _save(self, submitted: Event, drawn: RemotePicture) -> None:
        with self.run.library.temporary_file() as file:
            self.run.provider.fetch(drawn, file, self.deadline)
            master = make_master(file, submitted.endpoint)
            self.saved_as = self.item.stem + master.extension
            place_master(file, self.saved_as, self.run.library)
        usd = self._record_bill(submitted, drawn)
        self._record_end(
            submitted,
            SAVED,
            usd=usd,
            units=drawn.units,
            folder=self.run.library.assets_dir,
            hero=self.saved_as,
            sha256=master.sha256,
            seed=drawn.seed,
            width=master.width,
            height=master.height,
            seconds=round(time.monotonic() - self.began, 1),
        )

    def _record_bill(self, submitted: Event, drawn: RemotePicture) -> float:
        """The price in USD that fal billed, or the estimate when fal reports none; corrects the hero's cost."""
        if drawn.units is None:
            return submitted.usd
        usd = billed_usd(
            submitted.endpoint,
            drawn.units,
            estimate=submitted.usd,
            arguments=self.item.request.arguments if self.is_paid_by_this_run else None,
            settings=self.item.settings,
        )
        if self.is_paid_by_this_run:
            self.usd += usd - submitted.usd
        return usd

    def _record_end(self, event: Event, kind: str, **known: Any) -> None:
        self.is_pending = False
        self.log.ended(event, kind, **known)
