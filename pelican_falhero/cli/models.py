"""``falhero models``: the catalogue, and where fal's prices today differ from it."""

from __future__ import annotations

from typing import Any

from ..generation.messages import count, dollars
from ..models import CATALOGUE, PRICES_DATE, Model
from ..providers.fal.live_prices import LivePrice, catalogue_endpoints, differs_from_catalogue, live_prices
from .exits import SUCCESS
from .options import ModelsOptions
from .output import Reporter


def run(options: ModelsOptions, reporter: Reporter) -> int:
    """Print each model with its best use, seconds and price; ``--live`` asks fal for today's prices."""
    live = live_prices(catalogue_endpoints()) if options.live else {}
    rows = [_row(model, live) for model in CATALOGUE]
    width = max(len(model.name) for model in CATALOGUE)
    for model, row in zip(CATALOGUE, rows, strict=True):
        drift = f"  now {dollars(row['live_usd'])} per {row['live_unit']}" if row.get("drifted") else ""
        price = _price(model)
        columns = f"{model.name:<{width}}  {price:<21}  {f'~{model.seconds:g} s':<6}  "
        reporter.line(f"{columns}{model.best_for}{drift}", style="yellow" if drift else "", indent=len(columns))
    reporter.line("falhero refine sends the hero, and fal bills it too: a hero of one megapixel counts as two")
    drifted = sum(bool(row.get("drifted")) for row in rows)
    if options.live:
        reporter.line(f"{count(drifted, 'price')} of {len(rows)} changed; FALHERO_PRICES overrides the catalogue's")
    else:
        reporter.line(f"prices as fal published them by {PRICES_DATE}; --live asks for today's")
    reporter.document("models", None, models=rows, summary={"drifted": drifted}, problems=[])
    return SUCCESS


def _price(model: Model) -> str:
    if model.price is None:
        return "price unknown"
    further = f", then {dollars(model.price.usd_after_first)}" if model.price.usd_after_first is not None else ""
    unit = "MP" if model.price.unit == "megapixel" else model.price.unit
    return f"{dollars(model.price.usd)}/{unit}{further}"


def _row(model: Model, live: dict[str, LivePrice]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": model.name,
        "endpoint": model.endpoint,
        "best_for": model.best_for,
        "seconds": model.seconds,
        "usd": model.price.usd if model.price else None,
        "unit": model.price.unit if model.price else None,
    }
    if now := live.get(model.endpoint):
        row |= {"live_usd": now.usd, "live_unit": now.unit, "drifted": differs_from_catalogue(model, now)}
    return row
