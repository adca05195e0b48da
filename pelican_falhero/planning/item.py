"""One hero of a plan: its file name, state, request and price."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ..content.post import Post
from ..engines import FAL
from ..language_models import ROUTER, VISION_ROUTER, estimate
from ..models import edits
from ..settings import Settings
from ..storage.attempts import Attempt
from .price import price_of, step_price, unpriced_endpoint
from .request import HeroRequest, build_request, ignored_arguments, own_fingerprint


class State(StrEnum):
    """Whether a hero exists and, if not, how to get it."""

    PRESENT = "present"
    MISSING = "missing"
    STALE = "stale"
    """It exists, but its request has changed and ``FALHERO_REFRESH = "changed"``."""
    PENDING = "pending"
    """Paid for, and not fetched yet."""
    RETITLED = "retitled"
    """The title of its post has changed, and the picture of the old title exists."""
    ELSEWHERE = "elsewhere"
    """Its picture exists in another folder: the assets folder has changed."""
    REFUSED = "refused"
    """fal refused the request; ``reason`` says why."""
    UNDECIDED = "undecided"
    """It is missing, and has candidates to choose from; nothing is drawn unless its post is named."""
    INVALID = "invalid"
    """A field of its post is invalid; ``reason`` says why."""


TO_BUY = (State.MISSING, State.STALE)
"""The states of heroes that must be bought."""
TO_COPY = (State.RETITLED, State.ELSEWHERE)
"""The states of heroes whose picture exists under another name or in another folder."""
TO_DO = (*TO_BUY, *TO_COPY, State.PENDING)
"""The states of heroes that a build can make."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One hero. All posts with the same title share it."""

    stem: str
    """The file name without extension."""
    posts: tuple[Post, ...]
    """Oldest first; the first decides the request."""
    settings: Settings
    state: State
    given_request: HeroRequest | None = None
    """The request to submit in place of the post's own, e.g. with another seed; None for the post's own."""
    is_candidate: bool = False
    """Whether it is a picture to choose from, which is saved in the folder of candidates and not as the hero."""
    file: str | None = None
    """The existing picture, which is shown until a new one is made: a file name in the assets folder."""
    pending: Attempt | None = None
    """The attempt whose picture is to be fetched."""
    needs_brief: bool = False
    """Whether a language model writes its brief before it is drawn; until then its request is not known."""
    wants_new_brief: bool = False
    """Whether its author has asked for another brief, without which there is nothing to draw again."""
    pending_brief: Attempt | None = None
    """The attempt that has asked for the brief, if its answer is to be fetched."""
    brief: Attempt | None = None
    """The attempt that wrote the brief; None without one."""
    pending_map: Attempt | None = None
    """The attempt that made the control map, if fal may still have that map."""
    copied_from: str = ""
    """The picture to copy, relative to the site's root, if the state is in ``TO_COPY``."""
    copied_fingerprint: str = ""
    """The fingerprint of the request that drew that picture."""
    copied_own_fingerprint: str = ""
    """The ``own_fingerprint`` that the ledger has of that picture."""
    uncertain: int = 0
    """Number of earlier attempts at this request for which no answer was received."""
    reason: str = ""

    @property
    def name(self) -> str:
        """The file name of a hero that is made for this item; one that arrives signed may have another extension."""
        return f"{self.stem}.png"

    @property
    def key(self) -> str:
        """What tells it from all other items of a run: a hero's candidates have its name."""
        return f"{self.stem} {self.expected_fingerprint}" if self.is_candidate else self.stem

    @property
    def post(self) -> Post:
        """The post that the request is made from: the oldest."""
        return self.posts[0]

    @cached_property
    def request(self) -> HeroRequest:
        """The request to submit; if a brief is needed, the one that costs the same.

        Raises:
            PostError: as ``build_request``.
        """
        return self.given_request or build_request(self.post, self.settings)

    @property
    def prompt(self) -> str:
        """The prompt of the request; of a pending picture, the prompt that was submitted; empty if it needs a brief.

        Raises:
            PostError: as ``request``.
        """
        if self.needs_brief:
            return ""
        recorded = self.pending.first.prompt if self.pending else ""
        return recorded or str(self.request.arguments["prompt"])

    @property
    def expected_fingerprint(self) -> str:
        """The fingerprint that the picture will have: of the pending request, else of the current one.

        One that needs a brief has none yet; the text in place of it is another for every hero.
        """
        if self.pending:
            return self.pending.first.fingerprint
        return f"brief of {self.stem}" if self.needs_brief else self.request.fingerprint

    @cached_property
    def own_fingerprint(self) -> str:
        """The fingerprint of the post's own request, if another one is submitted; else empty."""
        if not (self.post.as_written or self.given_request):
            return ""
        own = own_fingerprint(self.post.as_written or self.post, self.settings)
        return own if own != self.request.fingerprint else ""

    @property
    def asked(self) -> str:
        """The engine that its next request goes to; a brief, which comes first, is fal's."""
        return FAL if self.needs_brief else self.settings.engine

    @property
    def awaits_refinement(self) -> bool:
        """Whether the pending picture is a hero that was to be changed: the post's own request is not for that."""
        return self.pending is not None and edits(self.pending.first.endpoint)

    @property
    def unpriced(self) -> str:
        """The first endpoint whose price is not known; empty if all prices are known."""
        return unpriced_endpoint(self.request, self.settings)

    @property
    def notes(self) -> list[str]:
        """Messages about settings that the endpoint ignores; none if pending: the request was already sent."""
        return [] if self.pending else ignored_arguments(self.post, self.settings)

    def price_at(self, endpoint: str) -> float:
        """USD for the step of the request that goes to this endpoint; 0 if the price is not known."""
        if endpoint in (ROUTER, VISION_ROUTER):
            model = self.settings.director if endpoint == ROUTER else self.settings.alt_model
            return estimate(model, self.settings.prices)
        prices = (step_price(step, self.settings) for step in self.request.steps if step.endpoint == endpoint)
        return next(prices, None) or 0.0

    @cached_property
    def price(self) -> float | None:
        """USD for all steps, with what language models write for it; None if a price is not known."""
        usd = price_of(self.request, self.settings)
        if usd is None:
            return None
        if self.needs_brief and not self.pending_brief:
            usd += self.price_at(ROUTER)
        return usd + self.price_at(VISION_ROUTER) if self.is_described else usd

    @property
    def is_described(self) -> bool:
        """Whether a language model writes the alternative text of its picture."""
        return bool(self.settings.alt_model) and not self.is_candidate
