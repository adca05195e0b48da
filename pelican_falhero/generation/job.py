"""One hero, from its request to its file: each step is written down before the next, and none is paid for twice."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ..errors import (
    AssetsError,
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
from ..storage.images import BlankPictureError, ImageInfo, make_png
from ..storage.ledger import (
    FAILED,
    REFUSED,
    SAVED,
    Attempt,
    Event,
)
from .result import HeroResult, Outcome
from .run_state import RunState
from .try_log import TryLog, is_lost

T = TypeVar("T")

JOB_TRIES = 3
FETCH_TRIES = 3
PAUSES = (1.0, 3.0)
"""Seconds before something that failed is tried a second and a third time."""
LONGEST_BUSY_PAUSE = 16.0
"""Seconds between two tries at a full queue."""
LEAST_SUBMIT_SECONDS = 10.0
"""How much of a hero's time must be left, where it has so much, for a request to be sent."""
BLANK = "the picture came out blank, as after fal's safety check; say it differently with Hero_Prompt"


class HeroJob:
    """The work on one hero."""

    def __init__(self, run: RunState, item: Item, *, when_drawn: Callable[[], None]) -> None:
        self.run = run
        self.item = item
        self.when_drawn = when_drawn
        self.log = TryLog(run, item)
        self.deadline = Deadline.after(item.settings.timeout, run.stop)
        self.began = time.monotonic()
        self.usd = 0.0
        self.is_pending = False
        self.is_bought_now = False
        """Whether this run paid for what it fetches, and not an earlier one."""
        self.lost = ""

    def result(self) -> HeroResult:
        """Do it, whatever happens."""
        try:
            self._make()
        except HeroError as error:
            return self._failed(self.run.note(error))
        except Exception as error:  # one hero must not take the others with it
            return self._failed(HeroError(f"unexpected error ({type(error).__name__}: {error})"))
        return self._result(Outcome.MADE)

    def _failed(self, error: HeroError) -> HeroResult:
        state = Outcome.PENDING if self.is_pending else Outcome.FAILED
        return self._result(
            Outcome.REFUSED if isinstance(error, RefusedError) else state,
            reason=str(error),
            remedy=error.remedy_if_paid if self.is_pending else error.remedy,
            is_halted=error is self.run.halt,
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
            request = request.with_control_map(self._prepared(request.preparation).url)
        else:
            request = request.with_control_image()
        self._buy(request, self.item.request.fingerprint, self._fetch_and_save)

    def _prepared(self, preparation: HeroRequest) -> RemotePicture:
        """What the control image is made into; as long as fal has it, it is not paid for again."""
        if earlier := self.item.pending_map:
            submitted = replace(earlier.last, request_id=earlier.request_id)
            try:
                return self._wait(submitted)
            except OutOfReachError as error:
                self._drop(submitted, error)
                if not self.run.reserve(submitted.usd):
                    raise OutOfReachError(f"{error}, and a new map does not fit the budget", lost=True) from error
        return self._buy(preparation.with_control_image(), preparation.fingerprint, self._wait)

    def _buy(self, request: HeroRequest, fingerprint: str, fetch: Callable[[Event], T]) -> T:
        """Send the request, again where its job fails for a passing reason, and fetch what it gives."""
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
        """Fetch what an earlier build bought; False when it is lost, and there is money for another.

        Raises:
            HeroError: it can't be had now.
        """
        self.is_pending = True
        post = self.item.post
        # The hero may have another name by now; the request is the same.
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
            self._drop(submitted, error)
            lost = error
        else:
            return True
        if self.item.price is None or not self.run.reserve(self.item.price):
            raise OutOfReachError(f"{lost}, and a new one does not fit the budget", lost=True) from lost
        return False

    def _drop(self, submitted: Event, error: HeroError) -> None:
        """Write down that what was paid for is lost; raises ``error`` where it may still be had later."""
        is_useless = self.run.retry and isinstance(error, PictureError)
        if not is_useless and not is_lost(error, submitted, self.run.provider.server_time()):
            raise error
        self._end(submitted, FAILED, usd=submitted.usd, reason=str(error))
        self.lost = (
            f"the picture that was paid for on {submitted.time:%Y-%m-%d} (${submitted.usd:.3f}) is lost: {error}"
        )

    def _submit(self, request: HeroRequest, fingerprint: str) -> Event:
        """Send the request once, and write down what fal calls it before anything else is done."""
        pause = 1.0
        self.is_pending = False
        event: Event | None = None
        try:
            while True:
                with self.run.submit_gate(), self.run.open_submits.one_more():
                    self._require_time_to_submit()
                    event = event or self.log.submitting(request, fingerprint)
                    try:
                        request_id = self.run.provider.submit(request, self.deadline)
                    except BusyError:
                        pass  # nothing was taken: the same try goes on
                    except HeroError as error:
                        ended, event = event, None
                        self._end_submit(ended, error)
                        raise
                    else:
                        return self._submitted(event, request_id)
                self.deadline.pause(pause)
                pause = min(2 * pause, LONGEST_BUSY_PAUSE)
        except HeroError as error:
            if event:
                self._end_submit(event, error)
            raise

    def _end_submit(self, event: Event, error: HeroError) -> None:
        """Write down that nothing was taken, where that is known."""
        if isinstance(error, UncertainError):
            self.usd += event.usd
        else:
            kind = REFUSED if isinstance(error, RefusedError) else FAILED
            self._end(event, kind, usd=0.0, reason=str(error))

    def _require_time_to_submit(self) -> None:
        """Be sure that fal's answer to a request can be waited for, lest nobody knows what became of it.

        Raises:
            DeadlineError: there is no time for it.
        """
        timeout = self.item.settings.timeout
        if self.deadline.left() < min(LEAST_SUBMIT_SECONDS, timeout / 2):
            raise DeadlineError(f"too little is left of {timeout:g} s (FALHERO_TIMEOUT) to send a request")

    def _submitted(self, event: Event, request_id: str) -> Event:
        """fal has taken the request."""
        self.usd += event.usd
        self.is_pending = self.is_bought_now = True
        return self.log.submitted(event, request_id)

    def _fetch_and_save(self, submitted: Event) -> None:
        """Wait for what was submitted, and put its picture in its place; asking again for either is free."""
        for turn in range(FETCH_TRIES):
            drawn = self._wait(submitted)
            self.when_drawn()
            try:
                self._save(submitted, drawn)
            except BlankPictureError as error:
                # Once more, to be sure that it is the picture and not this one transfer.
                if turn:
                    self._end(submitted, REFUSED, usd=submitted.usd, reason=BLANK)
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
                lambda status: self.run.listener.moved(self.item, status),
            )
        except (JobError, RefusedError) as error:
            usd = submitted.usd if error.charged else 0.0
            self.usd = max(0.0, self.usd - submitted.usd + usd)
            self._end(submitted, REFUSED if isinstance(error, RefusedError) else FAILED, usd=usd, reason=str(error))
            raise

    def _save(self, submitted: Event, drawn: RemotePicture) -> None:
        with self.run.library.temporary_file() as file:
            self.run.provider.fetch(drawn, file, self.deadline)
            found, digest = self._checked(file)
            self.run.library.place(file, self.run.library.folder / self.item.name)
        usd = self._billed(submitted, drawn)
        self._end(
            submitted,
            SAVED,
            usd=usd,
            units=drawn.units,
            folder=self.run.library.assets_dir,
            sha256=digest,
            seed=drawn.seed,
            width=found.width,
            height=found.height,
            seconds=round(time.monotonic() - self.began, 1),
        )

    def _billed(self, submitted: Event, drawn: RemotePicture) -> float:
        """What fal says that it bills, in USD; what was estimated where it does not say."""
        if drawn.units is None:
            return submitted.usd
        usd = billed_usd(
            submitted.endpoint,
            drawn.units,
            estimate=submitted.usd,
            arguments=self.item.request.arguments if self.is_bought_now else None,
            settings=self.item.settings,
        )
        if self.is_bought_now:
            self.usd += usd - submitted.usd
        return usd

    def _checked(self, file: Path) -> tuple[ImageInfo, str]:
        try:
            found = make_png(file)
            return found, hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise AssetsError.of(file.parent, error) from error

    def _end(self, event: Event, kind: str, **known: Any) -> None:
        self.is_pending = False
        self.log.ended(event, kind, **known)
