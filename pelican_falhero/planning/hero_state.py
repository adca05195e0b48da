"""The state of a hero, by the pictures that are there and by what the ledger tells. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ..errors import PostError
from ..storage.ledger import REFUSED, Attempt, Event, stem_of
from .item import Item, State
from .request import build_request
from .tries import AttemptIndex


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """What decides the state of each hero of a plan."""

    heroes: Mapping[str, str]
    attempts: AttemptIndex
    stems: Collection[str]
    """Of all heroes in the plan."""
    redo: Collection[str]
    retry: bool
    folder: str
    elsewhere: Mapping[str, str]

    def with_state(self, item: Item) -> Item:
        """The item with its state."""
        item = replace(item, file=self.heroes.get(item.stem))
        is_there = bool(item.file) and item.stem not in self.redo
        if is_there and not self.attempts.by_name.get(item.stem):
            return replace(item, state=State.PRESENT)
        if item.settings.refresh == "missing" and not (item.file and item.stem in self.redo):
            pending = self.attempts.pending_redraw(item.stem) if is_there else self._own_pending(item)
            if pending:
                # Whatever was edited since: it is paid for.
                return replace(item, state=State.PENDING, pending=pending)
            if is_there:
                return replace(item, state=State.PRESENT)
        try:
            wanted = {build_request(post, item.settings).fingerprint for post in item.posts}
        except PostError as error:
            return replace(item, state=State.PRESENT if item.file else State.INVALID, reason=str(error))
        return self._with_state_by_request(item, wanted, is_there=is_there)

    def _with_state_by_request(self, item: Item, wanted: Collection[str], *, is_there: bool) -> Item:
        """The state of a hero for which its request counts, and not only its name."""
        if is_there and not self.attempts.is_stale(item.stem, wanted):
            redraw = self.attempts.pending_redraw(item.stem)
            if redraw and redraw.first.fingerprint in wanted:
                return replace(item, state=State.PENDING, pending=redraw)
            return replace(item, state=State.PRESENT)
        if pending := self.attempts.pending_request(wanted, item.stem):
            return replace(item, state=State.PENDING, pending=pending)
        return self._without_picture(item, wanted)

    def _own_pending(self, item: Item) -> Attempt | None:
        """What was submitted for this hero's name or, where its post was retitled since, for its source file."""
        named = self.attempts.pending_by_name.get(item.stem, ())
        sources = {post.source for post in item.posts}
        retitled = (
            attempt
            for attempt in self.attempts.pending_by_source(sources)
            if stem_of(attempt.first.hero) not in self.stems
        )
        return max(named or retitled, key=lambda attempt: attempt.first.time, default=None)

    def _without_picture(self, item: Item, wanted: Collection[str]) -> Item:
        """The state of a hero that nothing is paid for."""
        preparation = item.request.preparation
        if preparation:
            item = replace(item, pending_map=self.attempts.pending_map(preparation.fingerprint))
        item = replace(item, uncertain=self._uncertain(item))
        if not self.retry and (refusal := self._refusal(item)):
            return replace(item, state=State.REFUSED, reason=refusal.reason)
        if item.file:
            return replace(item, state=State.STALE)
        if found := self._picture_to_copy(item, wanted):
            return found
        return item

    def _refusal(self, item: Item) -> Event | None:
        """fal's last word where it will not draw the request, or not prepare its control image."""
        steps = [step.fingerprint for step in (item.request, item.request.preparation) if step]
        verdicts = (self.attempts.last_decision(step) for step in steps)
        return next((verdict for verdict in verdicts if verdict and verdict.event == REFUSED), None)

    def _picture_to_copy(self, item: Item, wanted: Collection[str]) -> Item | None:
        only_missing = item.settings.refresh == "missing"
        saved = self.attempts.last_saved(item.stem)
        if saved and item.stem in self.elsewhere and (only_missing or saved.fingerprint in wanted):
            path = self.elsewhere[item.stem]
            return replace(item, state=State.ELSEWHERE, copied_from=path, copied_fingerprint=saved.fingerprint)
        if not only_missing:
            return None
        for post in item.posts:
            saved = self.attempts.saved_by_source.get(post.source)
            if not saved:
                continue
            stem = stem_of(saved.hero)
            if file := self.heroes.get(stem):
                path = PurePosixPath(self.folder, file).as_posix()
                return replace(
                    item, state=State.RETITLED, file=file, copied_from=path, copied_fingerprint=saved.fingerprint
                )
            if stem in self.elsewhere:
                path = self.elsewhere[stem]
                return replace(item, state=State.RETITLED, copied_from=path, copied_fingerprint=saved.fingerprint)
        return None

    def _uncertain(self, item: Item) -> int:
        """How many tries of the request, or of its preparation, fal left without an answer since it was last made."""
        verdict = self.attempts.last_decision(item.request.fingerprint)
        steps = [step.fingerprint for step in (item.request, item.request.preparation) if step]
        tries = [attempt for step in steps for attempt in self.attempts.by_request.get(step, ())]
        return sum(attempt.is_uncertain and (not verdict or attempt.first.time >= verdict.time) for attempt in tries)
