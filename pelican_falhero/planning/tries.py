"""Look up the ledger's attempts by hero, by source file and by request. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from ..language_models import TEXT_ENDPOINTS
from ..models import PREPARATIONS
from ..storage.attempts import Attempt
from ..storage.events import REFUSED, SAVED, Event, answers, stem_of
from .request import HeroRequest

_MAP_ENDPOINTS = frozenset(PREPARATIONS.values())
"""Endpoints that make a control map and not a hero."""


@dataclass(frozen=True, kw_only=True)
class AttemptIndex:
    """All attempts at pictures, in groups; each group is sorted by time, oldest first.

    Attempts at candidates are in ``by_request`` only: whatever became of them, they are not about the hero.
    """

    by_name: dict[str, list[Attempt]] = field(default_factory=dict)
    """By the stem of the hero; for a saved attempt, by the hero that it was saved as."""
    by_request: dict[str, list[Attempt]] = field(default_factory=dict)
    """By fingerprint, including attempts at control maps and candidates."""
    saved_by_source: dict[str, Event] = field(default_factory=dict)
    """The last saved event of each source file."""
    pending_by_name: dict[str, list[Attempt]] = field(default_factory=dict)
    """Pending attempts, by the stem of the hero that they were submitted for."""

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> AttemptIndex:
        """Make the index of these attempts, which must be sorted by time."""
        index = cls()
        for attempt in attempts:
            index._add(attempt)
        return index

    def _add(self, attempt: Attempt) -> None:
        if attempt.first.endpoint in TEXT_ENDPOINTS:
            return
        self.by_request.setdefault(attempt.first.fingerprint, []).append(attempt)
        if attempt.candidate or attempt.first.endpoint in _MAP_ENDPOINTS:
            return
        is_saved = attempt.outcome == SAVED
        name = (attempt.last if is_saved else attempt.first).hero
        self.by_name.setdefault(stem_of(name), []).append(attempt)
        if attempt.is_pending:
            self.pending_by_name.setdefault(stem_of(attempt.first.hero), []).append(attempt)
        if is_saved and attempt.last.source:
            self.saved_by_source[attempt.last.source] = attempt.last

    def last_saved(self, stem: str) -> Event | None:
        """Return the event with which a hero was last saved."""
        return next(
            (attempt.last for attempt in reversed(self.by_name.get(stem, ())) if attempt.outcome == SAVED), None
        )

    def is_stale(self, stem: str, wanted: Collection[str]) -> bool:
        """Whether a hero was last saved for a request with none of these fingerprints, nor instead of one of them."""
        saved = self.last_saved(stem)
        return saved is not None and not answers(saved, wanted)

    def last_decision(self, fingerprint: str) -> Event | None:
        """Return the event of fal's last decision about a request, refused or drawn; None if there is none."""
        attempts = self.by_request.get(fingerprint, ())
        return next((attempt.last for attempt in reversed(attempts) if _is_decided(attempt)), None)

    def pending_request(self, fingerprints: Collection[str], stem: str) -> Attempt | None:
        """Return the pending attempt at one of these requests: one for this stem if possible, else the latest.

        What was asked for with the command line's options instead of one of them counts for this stem.
        """
        pending = [
            attempt
            for fingerprint in fingerprints
            for attempt in self.by_request.get(fingerprint, ())
            if attempt.is_pending and not attempt.candidate
        ]
        pending += [
            attempt
            for attempt in self.pending_by_name.get(stem, ())
            if answers(attempt.first, fingerprints) and attempt not in pending
        ]
        return max(pending, key=lambda attempt: (stem_of(attempt.first.hero) == stem, attempt.first.time), default=None)

    def pending_by_source(self, sources: Collection[str]) -> Iterator[Attempt]:
        """Find the pending attempts of posts in these source files."""
        for group in self.pending_by_name.values():
            yield from (attempt for attempt in group if attempt.first.source and attempt.first.source in sources)

    def pending_redraw(self, stem: str) -> Attempt | None:
        """Return the pending redraw of a hero, unless a later picture was saved."""
        saved = self.last_saved(stem)
        redraws = [
            attempt
            for attempt in self.pending_by_name.get(stem, ())
            if attempt.first.redraw and (saved is None or attempt.first.time >= saved.time)
        ]
        return redraws[-1] if redraws else None

    def refusal(self, request: HeroRequest) -> Event | None:
        """Return the event in which fal refused a request or its control map, if nothing newer contradicts it."""
        decisions = (self.last_decision(step.fingerprint) for step in request.steps)
        return next((event for event in decisions if event and event.event == REFUSED), None)

    def count_uncertain(self, request: HeroRequest) -> int:
        """Count the attempts without an answer since a request's last decision, those at its control map included."""
        decided = self.last_decision(request.fingerprint)
        attempts = [attempt for step in request.steps for attempt in self.by_request.get(step.fingerprint, ())]
        return sum(attempt.is_uncertain and (not decided or attempt.first.time >= decided.time) for attempt in attempts)

    def pending_map(self, fingerprint: str) -> Attempt | None:
        """Return the attempt that made this control map, if fal may still have the map."""
        attempts = self.by_request.get(fingerprint, ())
        return next((attempt for attempt in reversed(attempts) if attempt.is_pending), None)


def _is_decided(attempt: Attempt) -> bool:
    # A map is never saved; when fal has accepted the request, that counts as a decision.
    is_map = attempt.first.endpoint in _MAP_ENDPOINTS
    # A copy, or a pick, says nothing of what fal would do.
    is_drawn = attempt.outcome == SAVED and not attempt.last.kept_from
    return is_drawn or attempt.outcome == REFUSED or (is_map and attempt.is_pending)
