"""Determine the state of a hero from the existing pictures and the ledger. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ..content.post import Post
from ..errors import PostError
from ..storage.attempts import Attempt
from ..storage.events import Event, answers, stem_of
from .briefs import BriefIndex
from .item import TO_BUY, Item, State
from .request import build_request
from .tries import AttemptIndex


@dataclass(frozen=True, kw_only=True)
class PlanFacts:
    """What determines the state of each hero of a plan."""

    heroes: Mapping[str, str]
    """Stem to file name of the existing pictures."""
    attempts: AttemptIndex
    stems: Collection[str]
    """Stems of all heroes in the plan."""
    redo: Collection[str]
    """Stems of heroes to draw again."""
    retry: bool
    """Whether requests that fal refused may be sent again."""
    folder: str
    """The assets folder, relative to the site's root."""
    elsewhere: Mapping[str, str]
    """Stem to path, relative to the root, of pictures that were last saved in another folder."""
    candidates: Mapping[str, int] = field(default_factory=dict)
    """Stem to number of the candidates that the author is choosing from: nothing is drawn for these heroes."""
    briefs: BriefIndex = field(default_factory=BriefIndex)
    new_briefs: Collection[str] = ()
    """Stems of heroes for which a new brief is to be written, whether there is one or not."""

    def with_state(self, item: Item) -> Item:
        """Return the item with its state, and with its brief."""
        item = self._with_state(self._with_brief(item))
        return item if item.state in TO_BUY else replace(item, needs_brief=False)

    def _with_brief(self, item: Item) -> Item:
        """Return the item with the brief in its posts if there is one, and whether one is to be written."""
        settings = item.settings
        if not settings.director:
            return item
        written = self.briefs.written(item.stem, item.posts)
        if written:
            item = replace(item, brief=written, posts=tuple(_briefed(post, written.last.text) for post in item.posts))
        if item.post.overrides.prompt or settings.provider in ("card", "none"):
            return item
        is_new = item.stem in self.new_briefs
        return replace(
            item,
            needs_brief=is_new or not written,
            wants_new_brief=is_new,
            uncertain=0 if written else self.briefs.uncertain(item.stem),
            # Nobody has read one that is still to be fetched, so it is as good as another.
            pending_brief=self.briefs.pending(item.stem, item.posts),
        )

    def _with_state(self, item: Item) -> Item:
        item = replace(item, file=self.heroes.get(item.stem))
        exists = bool(item.file) and item.stem not in self.redo
        if exists and not self.attempts.by_name.get(item.stem):
            return replace(item, state=State.PRESENT)
        if item.settings.refresh == "missing" and not (item.file and item.stem in self.redo):
            pending = self.attempts.pending_redraw(item.stem) if exists else self._pending_attempt(item)
            if pending:
                # It is paid for, even if the post was edited since.
                return replace(item, state=State.PENDING, pending=pending)
            if exists:
                return replace(item, state=State.PRESENT)
        try:
            wanted = {build_request(post, item.settings).fingerprint for post in item.posts}
        except PostError as error:
            return replace(item, state=State.PRESENT if item.file else State.INVALID, reason=str(error))
        return self._with_state_by_request(item, wanted, exists=exists)

    def _with_state_by_request(self, item: Item, wanted: Collection[str], *, exists: bool) -> Item:
        """Return the item with its state when the request matters and not only the name."""
        if exists and not self.attempts.is_stale(item.stem, wanted):
            redraw = self.attempts.pending_redraw(item.stem)
            if redraw and answers(redraw.first, wanted):
                return replace(item, state=State.PENDING, pending=redraw)
            return replace(item, state=State.PRESENT)
        if pending := self.attempts.pending_request(wanted, item.stem):
            return replace(item, state=State.PENDING, pending=pending)
        return self.with_state_unpaid(item, wanted)

    def _pending_attempt(self, item: Item) -> Attempt | None:
        """Find the pending attempt for this hero's name or, if its post was retitled since, for its source file."""
        same_name = self.attempts.pending_by_name.get(item.stem, ())
        sources = {post.source for post in item.posts}
        retitled = (
            attempt
            for attempt in self.attempts.pending_by_source(sources)
            if stem_of(attempt.first.hero) not in self.stems
        )
        return max(same_name or retitled, key=lambda attempt: attempt.first.time, default=None)

    def with_state_unpaid(self, item: Item, wanted: Collection[str]) -> Item:
        """Return the item with its state when no attempt for it is pending."""
        if item.needs_brief:
            # What the ledger has of the request as it would be without a brief is not about this hero.
            return self._with_state_unsent(item, wanted)
        preparation = item.request.preparation
        if preparation:
            item = replace(item, pending_map=self.attempts.pending_map(preparation.fingerprint))
        item = replace(item, uncertain=self.attempts.count_uncertain(item.request))
        if not self.retry and (refusal := self.attempts.refusal(item.request)):
            return replace(item, state=State.REFUSED, reason=refusal.reason)
        return self._with_state_unsent(item, wanted)

    def _with_state_unsent(self, item: Item, wanted: Collection[str]) -> Item:
        """Return the item with its state when its request may be sent."""
        if item.file:
            return replace(item, state=State.STALE)
        if found := self._with_picture_to_copy(item, wanted):
            return found
        if candidates := self.candidates.get(item.stem):
            return replace(item, state=State.UNDECIDED, reason=_choice(candidates))
        return item

    def _with_picture_to_copy(self, item: Item, wanted: Collection[str]) -> Item | None:
        """Return the item with a picture to copy from another name or folder; None if there is none."""
        only_missing = item.settings.refresh == "missing"
        saved = self.attempts.last_saved(item.stem)
        if saved and item.stem in self.elsewhere and (only_missing or answers(saved, wanted)):
            path = self.elsewhere[item.stem]
            return _copying(item, State.ELSEWHERE, path, saved)
        if not only_missing:
            return None
        for post in item.posts:
            saved = self.attempts.saved_by_source.get(post.source)
            if not saved:
                continue
            stem = stem_of(saved.hero)
            if file := self.heroes.get(stem):
                path = PurePosixPath(self.folder, file).as_posix()
                return _copying(replace(item, file=file), State.RETITLED, path, saved)
            if stem in self.elsewhere:
                path = self.elsewhere[stem]
                return _copying(item, State.RETITLED, path, saved)
        return None


def _briefed(post: Post, brief: str) -> Post:
    as_written = replace(post.as_written, brief=brief) if post.as_written else None
    return replace(post, brief=brief, as_written=as_written)


def _copying(item: Item, state: State, path: str, saved: Event) -> Item:
    return replace(
        item,
        state=state,
        copied_from=path,
        copied_fingerprint=saved.fingerprint,
        copied_own_fingerprint=saved.own_fingerprint,
    )


def _choice(candidates: int) -> str:
    they = "1 candidate" if candidates == 1 else f"{candidates} candidates"
    return f"{they} to choose from; falhero show lists them, and falhero pick makes one the hero"
