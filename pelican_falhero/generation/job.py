"""Makes one hero, from its request to its file. Each step is written to the ledger before the next one starts."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import debug
from ..engines import title_of
from ..errors import (
    AccountError,
    HeroError,
    JobError,
    OutOfReachError,
    PictureError,
    RefusedError,
)
from ..planning.item import Item
from ..planning.price import billed_usd
from ..planning.request import HeroRequest
from ..providers.base import Deadline, Provider, RemotePicture
from ..storage.attempts import Attempt
from ..storage.candidates import Candidates
from ..storage.events import FAILED, REFUSED, SAVED, Event
from ..storage.images import BlankPictureError
from ..storage.masters import Master, make_master, place_master
from .result import HeroResult, Outcome
from .run_state import RunState
from .slots import Slot
from .submit import PAUSES, Submitter
from .try_log import TryLog, is_lost

FETCH_TRIES = 3
BLANK = "the picture is blank, as after a safety check; write another prompt (Hero_Prompt, or what refine was given)"


class HeroJob:
    """One hero's work in a run."""

    def __init__(self, run: RunState, item: Item, *, slot: Slot) -> None:
        self.run = run
        self.item = item
        self.slot = slot
        self.log = TryLog(run, item)
        self.deadline = Deadline.after(item.settings.timeout, run.stop)
        self.submitter = Submitter(run, item, self.log, deadline=self.deadline, slot=slot)
        self.began = time.monotonic()
        self.lost = ""
        self.saved_as = ""
        self.digest = ""
        """The SHA-256 of the picture that was saved."""

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
        if self.item.awaits_refinement and self.item.file and not self.log.is_pending:
            reason = self.lost or f"a change of the hero came to nothing: {error}"
            self.lost = f"{reason}; the hero stays as it is"
            return self._result(Outcome.PRESENT)
        state = Outcome.PENDING if self.log.is_pending else Outcome.FAILED
        return self._result(
            Outcome.REFUSED if isinstance(error, RefusedError) else state,
            reason=str(error),
            remedy=self._remedy(error),
            is_halted=error is self.run.halt_error,
        )

    def _remedy(self, error: HeroError) -> str:
        if not self.item.is_candidate:
            return error.remedy_if_paid if self.log.is_pending else error.remedy
        return HeroError.remedy_if_paid if self.log.is_pending else error.remedy_of_candidate

    def _result(self, state: Outcome, **known: Any) -> HeroResult:
        seconds = time.monotonic() - self.began
        return HeroResult(
            item=self.item, state=state, usd=self.log.usd, seconds=seconds, lost=self.lost, was_tried=True, **known
        )

    def _make(self) -> None:
        if self.item.pending and self._resume(self.item.pending):
            return
        request = self.item.request
        if request.preparation:
            request = request.with_control_map(self._prepare_control_image(request.preparation).url)
        else:
            request = request.with_control_image()
        self.submitter.submit_and(self._fetch_and_save, request, self.item.request.fingerprint)

    def _prepare_control_image(self, preparation: HeroRequest) -> RemotePicture:
        """The preprocessed control image (a pose map, for example). One that is still there is not paid for again."""
        if earlier := self.item.pending_map:
            try:
                return self._wait(earlier.last)
            except OutOfReachError as error:
                self._record_loss(earlier.last, error)
                if not self.run.reserve(earlier.usd):
                    raise OutOfReachError(f"{error}, and a new map does not fit the budget") from error
        return self.submitter.submit_and(self._wait, preparation.with_control_image(), preparation.fingerprint)

    def _resume(self, pending: Attempt) -> bool:
        """Fetch the picture that an earlier build bought; False when it is lost and the budget allows a new one.

        Raises:
            HeroError: it can't be fetched now, or it is lost and can't be bought again: the budget does not allow it,
                or the hero was to be changed and the post's own request would draw quite another.
        """
        self.log.is_pending = True
        post = self.item.post
        # After a retitle the hero has another name; the request is the same.
        submitted = replace(pending.last, hero=self.item.name, title=post.title, source=post.source)
        try:
            self._fetch_and_save(submitted)
        except AccountError as error:
            if submitted.provider == self.run.provider.name:
                raise
            # The account at another engine is no reason to stop what this one draws.
            raise OutOfReachError(f"{title_of(submitted.provider)} can't be asked for it: {error}") from error
        except JobError as error:
            if not error.retryable:
                raise
            lost: HeroError = error
        except (OutOfReachError, PictureError) as error:
            self._record_loss(submitted, error)
            lost = error
        else:
            return True
        if self.item.is_candidate or self.item.awaits_refinement:
            # Of a candidate its author decides whether another one is wanted.
            raise lost
        if self.item.price is None or not self.run.reserve(self.item.price):
            raise OutOfReachError(f"{lost}, and a new one does not fit the budget") from lost
        return False

    def _provider(self, submitted: Event) -> Provider:
        """Return the provider that the request was sent to."""
        return self.run.provider_of(submitted.provider)

    def _record_loss(self, submitted: Event, error: HeroError) -> None:
        """Record that a paid picture is lost.

        Raises:
            HeroError: ``error`` itself, when the picture may still be fetched later.
        """
        is_given_up = self.run.retry and isinstance(error, PictureError)
        if not is_given_up and not is_lost(error, submitted, self._provider(submitted).server_time()):
            raise error
        self.log.ended(submitted, FAILED, usd=submitted.usd, reason=str(error))
        self.lost = (
            f"the picture that was paid for on {submitted.time:%Y-%m-%d} (${submitted.usd:.3f}) is lost: {error}"
        )

    def _fetch_and_save(self, submitted: Event) -> None:
        """Wait for the picture, fetch it and move it into the assets folder. Fetching again is free, if it can be."""
        is_kept = self._provider(submitted).keeps_requests
        for turn in range(FETCH_TRIES):
            drawn = self._wait(submitted)
            if is_kept:
                # Otherwise it is saved before another one is asked for: a crash would lose both.
                self.slot.free()
            try:
                self._save(submitted, drawn)
            except BlankPictureError as error:
                # Fetched once more, in case only this transfer was bad.
                if turn or not is_kept:
                    self.log.ended(submitted, REFUSED, usd=submitted.usd, reason=BLANK)
                    raise RefusedError(BLANK) from error
            except PictureError as error:
                if not is_kept:
                    self.log.ended(submitted, REFUSED, usd=submitted.usd, reason=str(error))
                    raise RefusedError(str(error)) from error
                if turn == FETCH_TRIES - 1:
                    raise
            else:
                return
            self.deadline.pause(PAUSES[turn])

    def _wait(self, submitted: Event) -> RemotePicture:
        try:
            return self._provider(submitted).wait(
                submitted.endpoint,
                submitted.request_id,
                self.deadline,
                lambda status: self.run.listener.progressed(self.item, status),
            )
        except (JobError, RefusedError) as error:
            self.log.failed(submitted, error)
            raise

    def _save(self, submitted: Event, drawn: RemotePicture) -> None:
        with self.run.library.temporary_file() as file:
            self._provider(submitted).fetch(drawn, file, self.deadline)
            master = self.run.checkers.submit(make_master, file, submitted.endpoint).result()
            hero = self.item.stem + master.extension
            self.digest = master.sha256
            folder = self._place(file, master)
        usd = self._record_bill(submitted, drawn)
        self.log.ended(
            submitted,
            SAVED,
            usd=usd,
            units=drawn.units,
            folder=folder,
            hero=hero,
            sha256=master.sha256,
            seed=submitted.seed if drawn.seed is None else drawn.seed,
            width=master.width,
            height=master.height,
            seconds=round(time.monotonic() - self.began, 1),
        )

    def _place(self, file: Path, master: Master) -> str:
        """Move the picture to its place; return the folder, relative to the site's root."""
        library, stem = self.run.library, self.item.stem
        if self.item.is_candidate:
            candidates = Candidates(library)
            self.saved_as = candidates.add(file, stem, digest=master.sha256, extension=master.extension)
            return candidates.place
        self.saved_as = stem + master.extension
        place_master(file, self.saved_as, library)
        return library.assets_dir

    def _record_bill(self, submitted: Event, drawn: RemotePicture) -> float:
        """The price in USD that was billed, or the estimate when none is reported; corrects the hero's cost."""
        if drawn.units is None:
            return submitted.usd
        usd = billed_usd(
            submitted.endpoint,
            drawn.units,
            estimate=submitted.usd,
            arguments=self.item.request.arguments if self.log.is_paid_by_this_run else None,
            settings=self.item.settings,
        )
        if self.log.is_paid_by_this_run:
            self.log.usd += usd - submitted.usd
        return usd
