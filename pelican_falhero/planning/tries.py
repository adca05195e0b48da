"""What the ledger tells of earlier tries, looked up by hero, by source file and by request. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from ..models import PREPARATIONS
from ..storage.ledger import REFUSED, SAVED, Attempt, Event, stem_of

_MAP_ENDPOINTS = frozenset(PREPARATIONS.values())
"""What they give is a map of a control image and no hero."""


@dataclass(frozen=True, kw_only=True)
class AttemptIndex:
    """All tries, oldest first in each group."""

    by_name: dict[str, list[Attempt]] = field(default_factory=dict)
    """By the stem of the hero: of a saved one, the hero that it became."""
    by_request: dict[str, list[Attempt]] = field(default_factory=dict)
    """By fingerprint, with the preparations of control images."""
    saved_by_source: dict[str, Event] = field(default_factory=dict)
    """How the hero of each source file was last saved."""
    pending_by_name: dict[str, list[Attempt]] = field(default_factory=dict)
    """Paid for and not fetched, by the stem of the hero that it was submitted for."""

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> AttemptIndex:
        """These tries, which are in order of time."""
        tries = cls()
        for attempt in attempts:
            tries._add(attempt)
        return tries

    def _add(self, attempt: Attempt) -> None:
        self.by_request.setdefault(attempt.first.fingerprint, []).append(attempt)
        if attempt.first.endpoint in _MAP_ENDPOINTS:
            return
        is_saved = attempt.outcome == SAVED
        name = (attempt.last if is_saved else attempt.first).hero
        self.by_name.setdefault(stem_of(name), []).append(attempt)
        if attempt.is_pending:
            self.pending_by_name.setdefault(stem_of(attempt.first.hero), []).append(attempt)
        if is_saved and attempt.last.source:
            self.saved_by_source[attempt.last.source] = attempt.last

    def last_saved(self, stem: str) -> Event | None:
        """How a hero was last saved."""
        return next(
            (attempt.last for attempt in reversed(self.by_name.get(stem, ())) if attempt.outcome == SAVED), None
        )

    def is_stale(self, stem: str, wanted: Collection[str]) -> bool:
        """Whether a hero was saved for a request that is none of these fingerprints."""
        saved = self.last_saved(stem)
        return saved is not None and saved.fingerprint not in wanted

    def last_decision(self, fingerprint: str) -> Event | None:
        """What fal last decided about a request: refused, or drawn; None where nothing is known."""
        tries = self.by_request.get(fingerprint, ())
        return next((attempt.last for attempt in reversed(tries) if _is_decided(attempt)), None)

    def pending_request(self, fingerprints: Collection[str], stem: str) -> Attempt | None:
        """What is paid for and not fetched of these requests: best of this very name, then the latest."""
        tries = [
            attempt for print_ in fingerprints for attempt in self.by_request.get(print_, ()) if attempt.is_pending
        ]
        return max(tries, key=lambda attempt: (stem_of(attempt.first.hero) == stem, attempt.first.time), default=None)

    def pending_by_source(self, sources: Collection[str]) -> Iterator[Attempt]:
        """What is paid for and not fetched, by the source files of the posts."""
        for group in self.pending_by_name.values():
            yield from (attempt for attempt in group if attempt.first.source and attempt.first.source in sources)

    def pending_redraw(self, stem: str) -> Attempt | None:
        """A redraw of a hero that was paid for, and neither fetched nor overtaken by another one."""
        saved = self.last_saved(stem)
        redraws = [
            attempt
            for attempt in self.pending_by_name.get(stem, ())
            if attempt.first.redraw and (saved is None or attempt.first.time >= saved.time)
        ]
        return redraws[-1] if redraws else None

    def pending_map(self, fingerprint: str) -> Attempt | None:
        """The map of a control image that fal may still have."""
        tries = self.by_request.get(fingerprint, ())
        return next((attempt for attempt in reversed(tries) if attempt.is_pending), None)


def _is_decided(attempt: Attempt) -> bool:
    # A map is never saved: that fal took the request is all there is to know.
    is_map = attempt.first.endpoint in _MAP_ENDPOINTS
    return attempt.outcome in (REFUSED, SAVED) or (is_map and attempt.is_pending)
