"""The tries at one hero, as the ledger has them, and when what was paid for counts as lost."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import replace
from typing import Any

from ..errors import HeroError, LedgerError
from ..planning.item import Item
from ..planning.request import HeroRequest
from ..storage.ledger import SUBMITTED, SUBMITTING, Event, common_fields
from .run_state import RunState

LOST_AFTER = datetime.timedelta(days=1)
"""How long a picture that was paid for may be out of reach before it counts as lost."""


def is_lost(error: HeroError, submitted: Event, now: datetime.datetime | None) -> bool:
    """Whether a picture that was paid for can't be had any more, so that it may be paid for again.

    By the provider's own words, or when it has kept the picture back for a day of its own clock.

    Args:
        error: why the picture could not be had now.
        submitted: the line of the ledger that says that the provider took the request.
        now: the provider's own time; None where it did not answer.
    """
    if error.lost:
        return True
    taken = submitted.provider_time or submitted.time
    return now is not None and now - taken >= LOST_AFTER


class TryLog:
    """Writes the tries at one hero into the ledger, each step before or as it happens."""

    def __init__(self, run: RunState, item: Item) -> None:
        self._run = run
        self._item = item

    def submitting(self, request: HeroRequest, fingerprint: str) -> Event:
        """A new try: its request is about to leave.

        Raises:
            LedgerError: it can't be written down, so it must not leave.
        """
        item = self._item
        is_hero = fingerprint == item.request.fingerprint
        event = Event(
            event=SUBMITTING,
            attempt=uuid.uuid4().hex[:12],
            hero=item.name,
            time=self._run.ledger.clock(),
            title=item.post.title,
            source=item.post.source,
            provider=self._run.provider.name,
            endpoint=request.endpoint,
            fingerprint=fingerprint,
            prompt=str(request.arguments.get("prompt", "")),
            redraw=is_hero and item.file is not None,
            usd=item.price_at(request.endpoint),
        )
        self._run.ledger.append(event)
        return event

    def submitted(self, event: Event, request_id: str) -> Event:
        """The provider has taken the request, and named it."""
        taken = replace(
            event,
            event=SUBMITTED,
            request_id=request_id,
            time=self._run.ledger.clock(),
            provider_time=self._run.provider.server_time(),
            prompt="",  # it stands in the line before
        )
        self._write_on(taken)
        return taken

    def ended(self, event: Event, kind: str, **known: Any) -> None:
        """The try is over; ``known`` are more fields of the line."""
        fields = common_fields(event)
        time = self._run.ledger.clock()
        self._write_on(Event(**fields, event=kind, request_id=event.request_id, time=time, **known))

    def _write_on(self, event: Event) -> None:
        """Write down what has happened; when even that fails, nothing more is bought, but what is, is fetched."""
        try:
            self._run.ledger.append(event)
        except LedgerError as error:
            self._run.note(error)
