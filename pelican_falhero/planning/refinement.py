"""Refinements: the present hero of a post, changed as its author says by one of the models that edit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import HeroError, PictureError, PostError
from ..models import DEFAULT_EDIT_MODEL, Model, Sides
from ..storage.attempts import attempts_of
from ..storage.images import size_of, verify
from .hero_state import PlanFacts
from .item import State
from .plan import Plan, make_plan
from .request import HeroRequest, placeholder_of
from .site import Site
from .survey import Survey
from .tries import AttemptIndex


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """What is to be changed, and by which model."""

    text: str
    """Sent as it is."""
    model: Model = DEFAULT_EDIT_MODEL
    seed: int | None = None


def survey_refinement(site: Site, wanted: Instruction) -> Survey:
    """Plan to change the hero of the one title that ``site`` has posts of.

    Raises:
        PostError: it has no hero.
        HeroError: a picture for it that was paid for is to be fetched first.
        PictureError: its hero can't be decoded.
        AssetsError, LedgerError: the assets folder or the ledger can't be read.
    """
    heroes = site.library.heroes()
    history = site.ledger.read()
    attempts = attempts_of(history.events)
    (item,) = make_plan(site.posts, heroes, site.settings, attempts=attempts).items
    source, hero = item.post.source, heroes.get(item.stem)
    if not hero:
        raise PostError(f"{source}: there is no hero to change; make one first with falhero generate")
    if item.state is State.PENDING:
        # A picture that is saved now would be newer than the request, whose picture no build would fetch then.
        raise HeroError(
            f"{source}: a picture that was paid for is not fetched yet; fetch it first with falhero generate"
        )
    try:
        request = refinement_of(site.library.folder / hero, wanted)
    except PictureError as error:
        where = f"{site.library.assets_dir}/{hero}"
        raise PictureError(f"{source}: its hero {where} can't be sent: {error}") from error
    facts = PlanFacts(
        heroes=heroes,
        attempts=AttemptIndex.of(attempts),
        stems={item.stem},
        redo={item.stem},
        retry=site.retry,
        folder=site.library.assets_dir,
        elsewhere={},
    )
    item = replace(item, given_request=request, needs_brief=False, reason="")
    item = facts.with_state_unpaid(item, {request.fingerprint})
    return Survey(plan=Plan((item,)), attempts=attempts, unreadable=history.unreadable, heroes=heroes)


def refinement_of(hero: Path, wanted: Instruction) -> HeroRequest:
    """Build the request that changes a hero.

    Raises:
        PictureError: the hero can't be read or decoded.
    """
    verify(hero)
    width, height = _size_of_result(size_of(hero), wanted.model.sides)
    arguments: dict[str, Any] = {
        "prompt": wanted.text,
        "image_urls": [placeholder_of(hero)],
        "image_size": {"width": width, "height": height},
        "output_format": "png",
    }
    if wanted.seed is not None:
        arguments["seed"] = wanted.seed
    return HeroRequest.of(wanted.model.endpoint, arguments, file=hero)


def _size_of_result(size: tuple[int, int], sides: Sides) -> tuple[int, int]:
    """Return the hero's own size; where the endpoint does not draw that, one of its shape, if there is one."""
    scale = min(1.0, sides.maximum / max(size), (sides.max_pixels / (size[0] * size[1])) ** 0.5)
    scale = max(scale, sides.minimum / min(size))
    width, height = (
        min(max(round(side * scale) // sides.multiple * sides.multiple, sides.minimum), sides.maximum) for side in size
    )
    return width, height
