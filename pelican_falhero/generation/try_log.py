"""Writes the tries of one hero into the ledger, and decides when a paid picture counts as lost."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import replace
from typing import Any

from ..errors import HeroError, JobError, LedgerError, RefusedError
from ..language_models import TEXT_ENDPOINTS
from ..planning.item import Item
from ..planning.request import HeroRequest
from ..storage.events import FAILED, REFUSED, SUBMITTED, SUBMITTING, Event, common_fields
from .run_state import RunState

LOST_AFTER = datetime.timedelta(days=1)
"""After this time a paid picture that can't be fetched counts as lost."""


def is_lost(error: HeroError, submitted: Event, now: datetime.datetime | None) -> bool:
    """Whether a paid picture counts as lost, so that it may be bought again.

    It does when the provider says so, or when it could not be fetched for a day by the provider's clock.

    Args:
        error: why the picture could not be fetched now.
        submitted: the ledger event of the accepted request.
        now: the provider's time (UTC); None when the provider did not answer.
    """
    if error.lost:
        return True
    accepted = submitted.provider_time or submitted.time
    return now is not None and now - accepted >= LOST_AFTER


class TryLog:
    """Writes each step of a hero's tries into the ledger: the submit before it is sent, the others when they happen."""

    def __init__(self, run: RunState, item: Item, *, picture: str = "") -> None:
        """``picture`` is the SHA-256 of the picture that a language model is asked about; empty without one."""
        self._run = run
        self._picture = picture
        self._item = item
        self.usd = 0.0
        """What this run has spent on the hero, in USD."""
        self.is_pending = False
        """Whether the last try is paid for, and neither fetched nor lost."""
        self.is_paid_by_this_run = False
        """Whether this run, and not an earlier one, paid for the picture that it fetches."""

    def submitting(self, request: HeroRequest, fingerprint: str) -> Event:
        """Record a new try, just before its request is sent.

        Raises:
            LedgerError: the event can't be written, so the request must not be sent.
        """
        item = self._item
        is_hero = fingerprint == item.request.fingerprint
        is_candidate = is_hero and item.is_candidate
        is_text = request.endpoint in TEXT_ENDPOINTS
        event = Event(
            event=SUBMITTING,
            attempt=uuid.uuid4().hex[:12],
            hero=item.name,
            time=self._run.ledger.clock(),
            title=item.post.title,
            source=item.post.source,
            provider=request.engine,
            endpoint=request.endpoint,
            fingerprint=fingerprint,
            own_fingerprint=item.own_fingerprint if is_hero else "",
            # What a language model reads is the article, which is not written down once more.
            prompt="" if is_text else str(request.arguments.get("prompt", "")),
            language_model=str(request.arguments["model"]) if is_text else "",
            sha256=self._picture,
            seed=request.arguments["seed"] if is_candidate else None,
            redraw=is_hero and item.file is not None,
            candidate=is_candidate,
            usd=item.price_at(request.endpoint),
        )
        self._run.ledger.append(event)
        return event

    def submitted(self, event: Event, request_id: str) -> Event:
        """Record that the provider has accepted the request under ``request_id``.

        An answer that is the picture has no id: until the picture is saved, the ledger says that it was sent.
        """
        provider = self._run.provider_of(event.provider)
        self.usd += event.usd
        self.is_paid_by_this_run = True
        self.is_pending = provider.keeps_requests
        accepted = replace(
            event,
            event=SUBMITTED,
            request_id=request_id,
            time=self._run.ledger.clock(),
            provider_time=provider.server_time(),
            prompt="",  # the submitting event holds it
        )
        if provider.keeps_requests:
            self._append(accepted)
        return accepted

    def failed(self, submitted: Event, error: JobError | RefusedError) -> None:
        """Record that the provider has accepted a request, and could not do it."""
        billed = error.usd if isinstance(error, JobError) else None
        usd = billed if billed is not None else submitted.usd if error.charged else 0.0
        self.usd = max(0.0, self.usd - submitted.usd + usd)
        kind = REFUSED if isinstance(error, RefusedError) else FAILED
        self.ended(submitted, kind, usd=usd, reason=str(error))

    def ended(self, event: Event, kind: str, **known: Any) -> None:
        """Record the end of a try; ``known`` holds further fields of the event, and replaces earlier ones."""
        self.is_pending = False
        fields = common_fields(event) | {"sha256": self._picture} | known
        time = self._run.ledger.clock()
        request_id = event.request_id if self._run.provider_of(event.provider).keeps_requests else ""
        self._append(Event(**fields, event=kind, request_id=request_id, time=time))

    def _append(self, event: Event) -> None:
        """Write an event; when that fails, halt the run: it buys nothing more, but still fetches what it has bought."""
        try:
            self._run.ledger.append(event)
        except LedgerError as error:
            self._run.halt_if_fatal(error)
