"""The result of one hero in a run: what build, command, ``--json`` and Python API report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from ..engines import title_of
from ..errors import PostError
from ..planning.budget import Selection
from ..planning.item import Item, State


class Outcome(StrEnum):
    """What a run did about a hero, or why it did nothing."""

    PRESENT = "present"
    MADE = "made"
    KEPT = "kept"
    """Reuses a picture with another name or in another folder."""
    MISSING = "missing"
    STALE = "stale"
    """Drawn for an earlier request, and not drawn again."""
    PENDING = "pending"
    """Paid for; the next run fetches it."""
    UNAFFORDABLE = "unaffordable"
    UNPRICED = "unpriced"
    REFUSED = "refused"
    FAILED = "failed"
    UNDECIDED = "undecided"
    """There are candidates to choose from."""
    INVALID = "invalid"
    """The post's own fields can't be used."""


_WITH_PICTURE = (Outcome.PRESENT, Outcome.MADE, Outcome.KEPT)


@dataclass(frozen=True, kw_only=True)
class HeroResult:
    """The result of one hero."""

    item: Item
    state: Outcome
    usd: float = 0.0
    """USD that it cost, or may have cost, in this run."""
    seconds: float = 0.0
    reason: str = ""
    """Why the hero was not made."""
    remedy: str = ""
    """What the next build does about it, or what the user can do."""
    was_tried: bool = False
    """Whether the run worked on it, or would have worked on it if it had not been halted."""
    is_halted: bool = False
    """Whether it was not made because the run was halted."""
    kept_from: str = ""
    """The picture that it was copied from, relative to the site's root."""
    saved_as: str = ""
    """The file name that it was saved under; empty if this run did not draw it."""
    lost: str = ""
    """Which paid picture is lost, and why; empty when none is."""
    brief_failure: str = ""
    """Why the hero has no brief, though one was to be written; empty if it has one, or needs none."""
    alt_failure: str = ""
    """Why no alternative text was written, though one was wanted."""

    @property
    def has_picture(self) -> bool:
        """Whether the hero has the picture that was asked for."""
        return self.state in _WITH_PICTURE

    @property
    def prompt(self) -> str:
        """The prompt of the picture; empty when the post's own fields can't be used."""
        try:
            return self.item.prompt
        except PostError:
            return ""

    @property
    def file(self) -> str:
        """The picture's file name in the assets folder, or among the candidates, even if it is not made yet."""
        if self.state is Outcome.PRESENT and self.item.file:
            return self.item.file
        if self.saved_as:
            return self.saved_as
        return self.item.stem + PurePosixPath(self.kept_from or self.item.name).suffix


def result_without_new_brief(item: Item, failure: str, *, usd: float = 0.0) -> HeroResult:
    """The result of what is not drawn again, because the brief that was asked for could not be written."""
    return HeroResult(
        item=item,
        state=Outcome.FAILED,
        usd=usd,
        reason=f"no new brief was written: {failure}",
        remedy="Nothing is drawn again without it; --new-brief asks again",
        was_tried=True,
    )


def result_by_plan(item: Item, selection: Selection | None) -> HeroResult:
    """The result of a hero that the run did not work on, from its state in the plan and the budget."""
    if item.state is State.PRESENT:
        return HeroResult(item=item, state=Outcome.PRESENT)
    if item.state in (State.INVALID, State.UNDECIDED):
        return HeroResult(item=item, state=Outcome(item.state), reason=item.reason)
    if item.state is State.REFUSED:
        reason = f"{title_of(item.settings.engine)} refused it: {item.reason}"
        return HeroResult(item=item, state=Outcome.REFUSED, reason=reason, remedy="--retry asks again")
    if selection and any(item is other for other in selection.unaffordable):
        limit = selection.limiting_setting.removeprefix("FALHERO_").lower().replace("_", " ")
        reason = f"${item.price or 0.0:.3f} does not fit what is left of the {limit}"
        return HeroResult(item=item, state=Outcome.UNAFFORDABLE, reason=reason)
    if selection and any(item is other for other in selection.unpriced):
        reason = f"the price of {item.unpriced} is not known; set prices"
        return HeroResult(item=item, state=Outcome.UNPRICED, reason=reason)
    states = {State.STALE: Outcome.STALE, State.PENDING: Outcome.PENDING}
    reason = "it has no picture, and the settings do not allow drawing one"
    return HeroResult(item=item, state=states.get(item.state, Outcome.MISSING), reason=reason)
