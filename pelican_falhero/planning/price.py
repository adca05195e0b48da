"""The price of a request, by its arguments as they are sent, and its cost by the units that fal billed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from ..engines import FAL, model_at
from ..models import DEFAULT_SIZE, Model, Price, find_model, image_size_in_pixels, size_in_pixels
from ..settings import Settings
from .request import HeroRequest


def price_of(request: HeroRequest, settings: Settings) -> float | None:
    """Return the USD for all steps of a hero's request; None if one of the prices is not known."""
    prices = [step_price(step, settings) for step in request.steps]
    return None if None in prices else sum(price or 0.0 for price in prices)


def unpriced_endpoint(request: HeroRequest, settings: Settings) -> str:
    """Return the first endpoint of a request whose price is not known; empty if all prices are known."""
    return next((step.endpoint for step in request.steps if step_price(step, settings) is None), "")


def step_price(step: HeroRequest, settings: Settings) -> float | None:
    """Return the USD for one step: from ``FALHERO_PRICES``, else from the catalogue, else None; 0 at home."""
    configured = _configured_price(step.engine, step.endpoint, settings)
    model = model_at(step.engine, step.endpoint)
    if configured is None and step.engine == settings.engine and settings.draws_at_home:
        return 0.0
    if configured is not None or model is None or model.price is None:
        return configured
    return model.price.usd_for_units(_units(model, model.price, step.arguments))


def billed_usd(
    endpoint: str, units: float, *, estimate: float, arguments: Mapping[str, object] | None, settings: Settings
) -> float:
    """Return the USD for the units that fal billed for one request (header ``x-fal-billable-units``).

    Args:
        endpoint: the endpoint of the request.
        units: megapixels or pictures, depending on the endpoint's price; may be a fraction, and 0 is free.
        estimate: USD that the plan expected; returned if the price of a unit is not known.
        arguments: the arguments as they were sent; None if an earlier run sent them.
        settings: the site's settings; a price in ``FALHERO_PRICES`` is for the expected number of units.
    """
    if not isfinite(units) or units < 0:
        return estimate
    if units == 0:
        return 0.0
    model = find_model(endpoint)
    if model is None or model.price is None:
        return estimate
    configured = _configured_price(FAL, endpoint, settings)
    if configured is None:
        return model.price.usd_for_units(units)
    if arguments is None:
        return estimate
    return configured * units / _units(model, model.price, arguments)


def _configured_price(engine: str, endpoint: str, settings: Settings) -> float | None:
    """Return the USD per picture from ``FALHERO_PRICES``, if it has the endpoint or its model."""
    model = model_at(engine, endpoint)
    names = (endpoint, model.name if model else endpoint)
    return next((settings.prices[name] for name in names if name in settings.prices), None)


def _units(model: Model, price: Price, arguments: Mapping[str, object]) -> int:
    """Return the units that fal is expected to bill: those of the picture, and of each picture that is sent."""
    width, height = image_size_in_pixels(arguments.get("image_size")) or size_in_pixels(DEFAULT_SIZE)
    sent = arguments.get("image_urls") if model.edits else None
    # Each is sent with sides of 1024 pixels at most: one megapixel, rounded up.
    return price.units(width * height) + (len(sent) if isinstance(sent, list) else 0)
