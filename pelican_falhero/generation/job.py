"""One hero, from its request to its file: each step is written down before the next, and none is paid for twice."""

from __future__ import annotations

import datetime
import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from ..errors import (
    AccountError,
    AssetsError,
    BusyError,
    DeadlineError,
    ForgottenError,
    GoneError,
    HeroError,
    JobError,
    LedgerError,
    OutOfReachError,
    PictureError,
    RefusedError,
    StoppedError,
    UncertainError,
)
from ..planning.plan import Item
from ..providers.base import Drawn, Patience
from ..storage.images import BlankPictureError, Inspected, make_png
from ..storage.ledger import (
    FAILED,
    REFUSED,
    SAVED,
    SUBMITTED,
    SUBMITTING,
    Event,
    event_fields,
)
from .run_state import Workshop

T = TypeVar("T")

JOB_TRIES = 3
FETCH_TRIES = 3
PAUSES = (1.0, 3.0)
"""Seconds before something that failed is tried a second and a third time."""
LONGEST_WAIT = 16.0
"""Seconds between two tries at a full queue."""
HEARING_SECONDS = 10.0
"""How much of a hero's time must be left, where it has so much, for a request to be sent."""
GIVEN_UP_AFTER = datetime.timedelta(hours=1)
"""How old a request must be before a picture that fal does not hand over, or whose file is gone, counts as lost."""
BLANK = "the picture came out blank, as after fal's safety check; say it differently with Hero_Prompt"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one hero."""

    item: Item
    usd: float = 0.0
    """What it cost, or may have cost, in this run."""
    seconds: float = 0.0
    error: HeroError | None = None
    """Why there is no picture; None when there is one."""
    is_pending: bool = False
    """Whether fal has the request, so that the next build only fetches the picture."""


class Making:
    """The work on one hero."""

    def __init__(self, shop: Workshop, item: Item, *, when_drawn: Callable[[], None]) -> None:
        self.shop = shop
        self.item = item
        self.when_drawn = when_drawn
        self.patience = Patience(time.monotonic() + item.settings.timeout, shop.stop)
        self.began = time.monotonic()
        self.usd = 0.0
        self.is_pending = False
        self.request = item.request
        """What is being asked for: the hero, or first what its control image is made into."""
        self.fingerprint = item.request.fingerprint

    def outcome(self) -> Outcome:
        """Do it, whatever happens."""
        try:
            error: HeroError | None = None
            self._make()
        except (AccountError, AssetsError, LedgerError) as halting:
            error = self.shop.halt_for(halting)
        except HeroError as failure:
            error = failure
        except Exception as unexpected:  # one hero must not take the others with it
            error = HeroError(f"something unforeseen happened ({type(unexpected).__name__}: {unexpected})")
        seconds = time.monotonic() - self.began
        return Outcome(item=self.item, usd=self.usd, seconds=seconds, error=error, is_pending=self.is_pending)

    def _make(self) -> None:
        if self.item.pending and self._resume(self.item.pending.last, self.item.pending.request_id):
            return
        whole = self.item.request
        if whole.preparation:
            self.request, self.fingerprint = whole.preparation.complete(), whole.preparation.fingerprint
            self.request = whole.prepared(self._prepared().url)
            self.fingerprint = whole.fingerprint
        else:
            self.request = whole.complete()
        self._buy(self._bring)

    def _prepared(self) -> Drawn:
        """What the control image is made into; as long as fal has it, it is not paid for again."""
        if earlier := self.item.prepared:
            submitted = replace(earlier.last, request_id=earlier.request_id)
            try:
                return self._await(submitted)
            except (ForgottenError, OutOfReachError) as error:
                self._give_up(submitted, error)
                if not self.shop.reserve(submitted.usd):
                    raise ForgottenError(f"{error}, and a new map does not fit the budget") from error
        return self._buy(self._await)

    def _buy(self, bring: Callable[[Event], T]) -> T:
        """Send the request, again where its job fails for a passing reason, and bring what it gives."""
        for turn in range(JOB_TRIES):
            if turn:
                self.patience.pause(PAUSES[turn - 1])
            submitted = self._submit()
            try:
                return bring(submitted)
            except ForgottenError as error:
                self._end(submitted, FAILED, usd=submitted.usd, reason=str(error))
                raise
            except JobError as error:
                if not error.retryable or turn == JOB_TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _resume(self, last: Event, request_id: str) -> bool:
        """Fetch what an earlier build bought; False when it is lost, and there is money for another.

        Raises:
            HeroError: it can't be had now.
        """
        self.is_pending = True
        subject = self.item.subject
        # The hero may have another name by now; the request is the same.
        submitted = replace(
            last, request_id=request_id, hero=self.item.name, title=subject.title, source=subject.source
        )
        try:
            self._bring(submitted)
        except JobError as error:
            if not error.retryable:
                raise
            lost: HeroError = error
        except (ForgottenError, OutOfReachError, GoneError) as error:
            self._give_up(submitted, error)
            lost = error
        else:
            return True
        if self.item.price is None or not self.shop.reserve(self.item.price):
            raise ForgottenError(f"{lost}, and a new one does not fit the budget") from lost
        return False

    def _give_up(self, submitted: Event, error: HeroError) -> None:
        """Write down that what was paid for is lost; raises ``error`` where it may still be had later."""
        is_old = self.shop.ledger.clock() - submitted.time >= GIVEN_UP_AFTER
        if not is_old and not isinstance(error, ForgottenError):
            raise error
        self._end(submitted, FAILED, usd=submitted.usd, reason=str(error))

    def _submit(self) -> Event:
        """Send the request once, and write down what fal calls it before anything else is done."""
        pause = 1.0
        self.is_pending = False
        while True:
            with self.shop.scouting(), self.shop.open_submits.one_more():
                self._spare_time()
                event = self._announce()
                try:
                    request_id = self.shop.provider.submit(self.request, self.patience)
                except UncertainError:
                    self.usd += event.usd
                    raise
                except RefusedError as error:
                    self._end(event, REFUSED, usd=0.0, reason=str(error))
                    raise
                except (AccountError, JobError, DeadlineError, StoppedError) as error:
                    self._end(event, FAILED, usd=0.0, reason=str(error))
                    raise
                except BusyError as error:
                    self._end(event, FAILED, usd=0.0, reason=str(error))
                else:
                    self.usd += event.usd
                    self.is_pending = True
                    submitted = replace(event, event=SUBMITTED, request_id=request_id, time=self.shop.ledger.clock())
                    self._write_on(submitted)
                    return submitted
            self.patience.pause(pause)
            pause = min(2 * pause, LONGEST_WAIT)

    def _spare_time(self) -> None:
        """Be sure that fal's answer to a request can be waited for, lest nobody knows what became of it.

        Raises:
            DeadlineError, StoppedError: there is no time for it.
        """
        if self.patience.left() < min(HEARING_SECONDS, self.item.settings.timeout / 2):
            raise DeadlineError("its time was up")

    def _announce(self) -> Event:
        item = self.item
        event = Event(
            event=SUBMITTING,
            attempt=uuid.uuid4().hex[:12],
            hero=item.name,
            time=self.shop.ledger.clock(),
            title=item.subject.title,
            source=item.subject.source,
            provider=self.shop.provider.name,
            endpoint=self.request.endpoint,
            fingerprint=self.fingerprint,
            usd=item.price_at(self.request.endpoint),
        )
        self.shop.ledger.append(event)
        return event

    def _bring(self, submitted: Event) -> None:
        """Wait for what was submitted, and put its picture in its place; asking again for either is free."""
        for turn in range(FETCH_TRIES):
            drawn = self._await(submitted)
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
            self.patience.pause(PAUSES[turn])

    def _await(self, submitted: Event) -> Drawn:
        try:
            return self.shop.provider.wait(
                submitted.endpoint or self.request.endpoint,
                submitted.request_id,
                self.patience,
                lambda status: self.shop.listener.moved(self.item, status),
            )
        except (JobError, RefusedError) as error:
            usd = submitted.usd if error.charged else 0.0
            self.usd = max(0.0, self.usd - submitted.usd + usd)
            self._end(submitted, REFUSED if isinstance(error, RefusedError) else FAILED, usd=usd, reason=str(error))
            raise

    def _save(self, submitted: Event, drawn: Drawn) -> None:
        with self.shop.library.workspace() as file:
            self.shop.provider.fetch(drawn, file, self.patience)
            found, digest = self._checked(file)
            self.shop.library.place(file, self.shop.library.folder / self.item.name)
        self._end(
            submitted,
            SAVED,
            usd=submitted.usd,
            sha256=digest,
            seed=drawn.seed,
            width=found.width,
            height=found.height,
            seconds=round(time.monotonic() - self.began, 1),
        )

    def _checked(self, file: Path) -> tuple[Inspected, str]:
        try:
            found = make_png(file)
            return found, hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise AssetsError.of(file.parent, error) from error

    def _end(self, event: Event, kind: str, **known: Any) -> None:
        self.is_pending = False
        ended = Event(
            **event_fields(event),
            event=kind,
            request_id=event.request_id,
            time=self.shop.ledger.clock(),
            **known,
        )
        self._write_on(ended)

    def _write_on(self, event: Event) -> None:
        """Write down what has happened; when even that fails, nothing more is bought, but what is, is fetched."""
        try:
            self.shop.ledger.append(event)
        except LedgerError as error:
            self.shop.halt_for(error)
