"""One hero of a plan: its name, its state, its request and its price."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ..content.post import Post
from ..settings import Settings
from ..storage.ledger import Attempt
from .price import price_of, step_price, unpriced_endpoint
from .request import HeroRequest, build_request, ignored_arguments


class State(StrEnum):
    """What there is to do about a hero."""

    PRESENT = "present"
    MISSING = "missing"
    STALE = "stale"
    """There, but its request has changed, and ``FALHERO_REFRESH = "changed"`` asks for a new one."""
    PENDING = "pending"
    """Bought and not fetched yet."""
    RETITLED = "retitled"
    """Its post had another title, and the picture of that title is there."""
    ELSEWHERE = "elsewhere"
    """Its picture was drawn into another folder, and is still there."""
    REFUSED = "refused"
    """fal will not draw this request; ``reason`` says why."""
    INVALID = "invalid"
    """A post's own fields can't be used; ``reason`` says why."""


TO_BUY = (State.MISSING, State.STALE)
"""The states of heroes that only money can help."""
TO_COPY = (State.RETITLED, State.ELSEWHERE)
"""The states of heroes whose picture is there under another name or in another folder."""
TO_DO = (*TO_BUY, *TO_COPY, State.PENDING)
"""The states of heroes that a build can help."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One hero: all posts of one title share it."""

    stem: str
    """The file name without extension."""
    posts: tuple[Post, ...]
    """Oldest first; the first decides the request."""
    settings: Settings
    state: State
    file: str | None = None
    """The picture to show meanwhile: a file name in the assets folder."""
    pending: Attempt | None = None
    """The try to be fetched."""
    pending_map: Attempt | None = None
    """An earlier try's map of the control image, which fal may still have."""
    copied_from: str = ""
    """The picture to copy, relative to the site's root, for a state in ``TO_COPY``."""
    copied_fingerprint: str = ""
    """The fingerprint of that picture."""
    uncertain: int = 0
    """Tries of this request whose fate fal never told."""
    reason: str = ""

    @property
    def name(self) -> str:
        """The file name of the hero that we make."""
        return f"{self.stem}.png"

    @property
    def post(self) -> Post:
        """The post that decides the request."""
        return self.posts[0]

    @cached_property
    def request(self) -> HeroRequest:
        """What to ask of fal.

        Raises:
            PostError: the author's own prompt function failed or gave no text.
        """
        return build_request(self.post, self.settings)

    @property
    def prompt(self) -> str:
        """What the picture is asked for with; of a pending one, what it was asked for with.

        Raises:
            PostError: as ``request``.
        """
        recorded = self.pending.first.prompt if self.pending else ""
        return recorded or str(self.request.arguments["prompt"])

    @property
    def expected_fingerprint(self) -> str:
        """The fingerprint of the picture that it will get: of the pending request, else of the present one."""
        return self.pending.first.fingerprint if self.pending else self.request.fingerprint

    @property
    def unpriced(self) -> str:
        """The endpoint whose price is not known; empty where all are."""
        return unpriced_endpoint(self.request, self.settings)

    @property
    def notes(self) -> list[str]:
        """What was asked for and the endpoint ignores; nothing of a pending picture, whose request is sent already."""
        return [] if self.pending else ignored_arguments(self.post, self.settings)

    def price_at(self, endpoint: str) -> float:
        """USD for the step of the request that goes to this endpoint."""
        prices = (step_price(step, self.settings) for step in self.request.steps if step.endpoint == endpoint)
        return next(prices, None) or 0.0

    @cached_property
    def price(self) -> float | None:
        """USD, or None when it is not known."""
        return price_of(self.request, self.settings)
