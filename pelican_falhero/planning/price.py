"""What a request costs: by its arguments as they are sent, and by what fal says that it billed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from ..models import DEFAULT_SIZE, find_model, image_size_in_pixels, size_in_pixels
from ..settings import Settings
from .request import HeroRequest


def price_of(request: HeroRequest, settings: Settings) -> float | None:
    """USD for a hero, all its steps, or None when the price of one is not known."""
    prices = [step_price(step, settings) for step in request.steps]
    return None if None in prices else sum(price or 0.0 for price in prices)


def unpriced_endpoint(request: HeroRequest, settings: Settings) -> str:
    """The first endpoint of a request whose price is not known; empty where all are."""
    return next((step.endpoint for step in request.steps if step_price(step, settings) is None), "")


def step_price(step: HeroRequest, settings: Settings) -> float | None:
    """USD for one step: ``FALHERO_PRICES``, else the catalogue's, else None."""
    own = _own_price(step.endpoint, settings)
    model = find_model(step.endpoint)
    if own is not None or model is None or model.price is None:
        return own
    return model.price.usd_for(_pixels(step.arguments))


def billed_usd(
    endpoint: str, units: float, *, estimate: float, arguments: Mapping[str, object] | None, settings: Settings
) -> float:
    """USD for what fal's ``x-fal-billable-units`` says that it billed for one request.

    Args:
        endpoint: where the request went.
        units: megapixels, or pictures, as the endpoint is priced; parts of one are possible, and 0 is free.
        estimate: USD that the plan expected for it, which is the answer where nobody knows what a unit is.
        arguments: as they were sent; None where an earlier run sent them.
        settings: the site's; a price in ``FALHERO_PRICES`` is for the expected number of units.
    """
    if not isfinite(units) or units < 0:
        return estimate
    if units == 0:
        return 0.0
    model = find_model(endpoint)
    if model is None or model.price is None:
        return estimate
    own = _own_price(endpoint, settings)
    if own is None:
        return model.price.usd_for_units(units)
    if arguments is None:
        return estimate
    return own * units / model.price.units(_pixels(arguments))


def _own_price(endpoint: str, settings: Settings) -> float | None:
    """USD a picture by ``FALHERO_PRICES``, where it names the endpoint or its model."""
    model = find_model(endpoint)
    names = (endpoint, model.name if model else endpoint)
    return next((settings.prices[name] for name in names if name in settings.prices), None)


def _pixels(arguments: Mapping[str, object]) -> int:
    width, height = image_size_in_pixels(arguments.get("image_size", DEFAULT_SIZE)) or size_in_pixels(DEFAULT_SIZE)
    return width * height
