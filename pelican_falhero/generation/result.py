"""What became of each hero in a run: the one record that every report is a view of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from ..errors import PostError
from ..planning.budget import Selection
from ..planning.item import Item, State


class Outcome(StrEnum):
    """What became of a hero."""

    PRESENT = "present"
    MADE = "made"
    KEPT = "kept"
    """A picture that was there under another name, or in another folder, is its hero now."""
    MISSING = "missing"
    STALE = "stale"
    """There, but of another request, and not drawn again."""
    PENDING = "pending"
    """Paid for, and to be fetched by the next run."""
    UNAFFORDABLE = "unaffordable"
    UNPRICED = "unpriced"
    REFUSED = "refused"
    FAILED = "failed"
    INVALID = "invalid"
    """The post's own fields can't be used."""


_WITH_PICTURE = (Outcome.PRESENT, Outcome.MADE, Outcome.KEPT)


@dataclass(frozen=True, kw_only=True)
class HeroResult:
    """What became of one hero."""

    item: Item
    state: Outcome
    usd: float = 0.0
    """What it cost, or may have cost, in this run."""
    seconds: float = 0.0
    reason: str = ""
    """Why there is no picture."""
    remedy: str = ""
    """What becomes of it, or what helps."""
    was_tried: bool = False
    """Whether the run worked on it, or would have if nothing had stopped the run."""
    is_halted: bool = False
    """Whether what stopped the whole run kept it from being made."""
    kept_from: str = ""
    """The picture that it was copied from, relative to the site's root."""
    lost: str = ""
    """What was paid for earlier and can't be had any more, and why."""

    @property
    def has_picture(self) -> bool:
        """Whether the picture that was asked for is there."""
        return self.state in _WITH_PICTURE

    @property
    def prompt(self) -> str:
        """What the picture was or would be asked for with; empty where the post's own fields can't be used."""
        try:
            return self.item.prompt
        except PostError:
            return ""

    @property
    def file(self) -> str:
        """The picture's file name in the assets folder, also where it is still to be made."""
        if self.state is Outcome.PRESENT and self.item.file:
            return self.item.file
        return self.item.stem + PurePosixPath(self.kept_from or self.item.name).suffix


def untried(item: Item, selection: Selection | None) -> HeroResult:
    """The result of a hero that a run did not work on, by its plan and by what the money allowed."""
    if item.state is State.PRESENT:
        return HeroResult(item=item, state=Outcome.PRESENT)
    if item.state is State.INVALID:
        return HeroResult(item=item, state=Outcome.INVALID, reason=item.reason)
    if item.state is State.REFUSED:
        reason = f"fal refused it: {item.reason}"
        return HeroResult(item=item, state=Outcome.REFUSED, reason=reason, remedy="--retry asks again")
    if selection and any(item is other for other in selection.unaffordable):
        limit = selection.limiting_setting.removeprefix("FALHERO_").lower().replace("_", " ")
        reason = f"${item.price or 0.0:.3f} does not fit what is left of the {limit}"
        return HeroResult(item=item, state=Outcome.UNAFFORDABLE, reason=reason)
    if selection and any(item is other for other in selection.unpriced):
        reason = f"the price of {item.unpriced} is not known; set prices"
        return HeroResult(item=item, state=Outcome.UNPRICED, reason=reason)
    states = {State.STALE: Outcome.STALE, State.PENDING: Outcome.PENDING}
    reason = "there is none, and the settings say that none is drawn"
    return HeroResult(item=item, state=states.get(item.state, Outcome.MISSING), reason=reason)
