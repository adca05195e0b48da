"""What became of one hero in a run."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import HeroError
from ..planning.plan import Item


@dataclass(frozen=True, kw_only=True)
class HeroResult:
    """What became of one hero."""

    item: Item
    usd: float = 0.0
    """What it cost, or may have cost, in this run."""
    seconds: float = 0.0
    error: HeroError | None = None
    """Why there is no picture; None when there is one."""
    is_pending: bool = False
    """Whether fal has the request, so that the next build only fetches the picture."""
    lost: str = ""
    """What was paid for earlier and can't be had any more, and why."""
