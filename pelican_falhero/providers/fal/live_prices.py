"""Read today's prices from fal's price list, and compare them with the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from ...debug import redacted, shown_request
from ...errors import AccountError, HeroError
from ...models import CATALOGUE, Model
from .. import base
from ..http.quiet import quiet_libraries
from .credentials import HOW_TO_SET_KEY, checked_key

PLATFORM = "https://api.fal.ai/v1"
MAX_ENDPOINTS = 50
"""The most endpoints in one request to fal's price list."""


@dataclass(frozen=True)
class LivePrice:
    """fal's current price of an endpoint."""

    usd: float
    unit: str
    """As fal names it, e.g. ``megapixels`` or ``images``."""


@quiet_libraries()
def live_prices(endpoints: Sequence[str]) -> dict[str, LivePrice]:
    """Map each endpoint to fal's price of today; endpoints without a price at fal are left out.

    Source: ``GET /models/pricing`` of fal's platform API.

    Raises:
        AccountError: there is no key, fal refuses it, or fal can't be reached.
        HeroError: fal's answer can't be understood.
    """
    key = checked_key()
    if key is None:
        raise AccountError(f"fal shows its prices only with a key: {HOW_TO_SET_KEY}")
    found: dict[str, LivePrice] = {}
    for start in range(0, len(endpoints), MAX_ENDPOINTS):
        found |= _page(endpoints[start : start + MAX_ENDPOINTS], key)
    return found


def _page(endpoints: Sequence[str], key: str) -> dict[str, LivePrice]:
    try:
        with shown_request("GET", f"{PLATFORM}/models/pricing") as answer:
            response = requests.get(
                f"{PLATFORM}/models/pricing",
                params={"endpoint_id": list(endpoints)},
                headers={"Authorization": f"Key {key}"},
                timeout=base.DEFAULT_TIMEOUTS.prices,
                allow_redirects=False,
            )
            answer.status = response.status_code
    except requests.RequestException as error:
        raise AccountError(f"fal can't be reached ({type(error).__name__}); check the network") from error
    if response.status_code in (401, 403):
        raise AccountError(f"fal refuses the key ({response.status_code}): {redacted(response.text)[:200]}")
    if response.status_code != 200:
        raise HeroError(f"fal's price list answers {response.status_code}")
    try:
        return dict(_price(row) for row in response.json()["prices"] if row.get("currency", "USD") == "USD")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HeroError("fal's price list can't be understood") from error


def _price(row: Mapping[str, Any]) -> tuple[str, LivePrice]:
    return str(row["endpoint_id"]), LivePrice(float(row["unit_price"]), str(row["unit"]))


def differs_from_catalogue(model: Model, live: LivePrice) -> bool:
    """Whether a model's price at fal differs from its price in the catalogue."""
    if model.price is None:
        return True
    return abs(live.usd - model.price.usd) > 1e-9 or not live.unit.startswith(model.price.unit)


def catalogue_endpoints() -> list[str]:
    """Return all endpoints of the catalogue."""
    return [model.endpoint for model in CATALOGUE]
