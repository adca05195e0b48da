"""``falhero models``: an engine's catalogue, where fal's prices today differ from it, and what all engines cost."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from ..content.site import provider_here
from ..engines import ENGINES, FAL, Engine, model_at
from ..errors import HeroError, SettingsError
from ..generation.messages import count, dollars
from ..models import DEFAULT_SIZE, Model, size_in_pixels
from ..providers.fal.live_prices import LivePrice, catalogue_endpoints, differs_from_catalogue, live_prices
from .exits import SUCCESS
from .options import ModelsOptions
from .output import Reporter

_MANY = 1000


def run(options: ModelsOptions, reporter: Reporter) -> int:
    """Print each model of the chosen engine with its best use, seconds and price.

    ``--live`` asks fal for today's prices, ``--compare`` shows what heroes cost at each engine.

    Raises:
        SettingsError: prices of today are asked of another engine than fal.
        HeroError: as ``live_prices``.
    """
    engine = _chosen_engine(options)
    if options.live and engine.name != FAL:
        raise SettingsError(f"--live asks fal for its prices, but the provider is {engine.name}; add --provider fal")
    live = live_prices(catalogue_endpoints()) if options.live else {}
    engines = tuple(ENGINES.values()) if options.compare else (engine,)
    rows = [_row(engine, model, live) for engine in engines for model in engine.catalogue]
    drifted = sum(bool(row.get("drifted")) for row in rows)
    if options.compare:
        _show_comparison(reporter)
    else:
        _show_models(engine, rows, reporter)
        changed = f"{count(drifted, 'price')} of {len(rows)} changed; FALHERO_PRICES overrides the catalogue's"
        reporter.line(changed if options.live else _closing_line(engine))
    reporter.document("models", None, models=rows, summary={"drifted": drifted}, problems=[])
    return SUCCESS


def _chosen_engine(options: ModelsOptions) -> Engine:
    """The engine that the option names, else that of the site around the working directory, else fal."""
    name = options.provider or ""
    if not name and not options.live:
        with contextlib.suppress(HeroError):
            name = provider_here()
    return ENGINES.get(name, ENGINES[FAL])


def _show_models(engine: Engine, rows: Sequence[dict[str, Any]], reporter: Reporter) -> None:
    width = max(len(model.name) for model in engine.catalogue)
    for model, row in zip(engine.catalogue, rows, strict=True):
        drift = f"  now {dollars(row['live_usd'])} per {row['live_unit']}" if row.get("drifted") else ""
        price = _price(model)
        columns = f"{model.name:<{width}}  {price:<21}  {f'~{model.seconds:g} s':<6}  "
        reporter.line(f"{columns}{model.best_for}{drift}", style="yellow" if drift else "", indent=len(columns))
    if any(model.edits for model in engine.catalogue):
        reporter.line("falhero refine sends the hero, and fal bills it too: a hero of one megapixel counts as two")


def _closing_line(engine: Engine) -> str:
    if engine.name == FAL:
        return f"prices as fal published them by {engine.prices_date}; --live asks for today's"
    if engine.prices_date:
        return f"prices as {engine.title} published them by {engine.prices_date}"
    return f"any other model that {engine.title} has is named by its id; prices are those of FALHERO_PRICES"


def _show_comparison(reporter: Reporter) -> None:
    """What many heroes cost, of each model that an engine has a price for."""
    priced = [engine for engine in ENGINES.values() if engine.prices_date]
    names = dict.fromkeys(model.name for engine in priced for model in engine.catalogue if not model.edits)
    width, pixels = max(map(len, names)), "{} x {}".format(*size_in_pixels(DEFAULT_SIZE))
    widths = [max(len(engine.title), 8) for engine in priced]
    header = "".join(f"  {engine.title:>{wide}}" for engine, wide in zip(priced, widths, strict=True))
    reporter.line(f"{'':<{width}}{header}")
    for name in names:
        costs = [_cost(model_at(engine.name, name)) for engine in priced]
        line = "".join(f"  {_dollars_or_dash(usd):>{wide}}" for usd, wide in zip(costs, widths, strict=True))
        reporter.line(f"{name:<{width}}{line}")
    dates = ", ".join(f"{engine.title} {engine.prices_date}" for engine in priced)
    reporter.line(f"for {_MANY:,} heroes of {pixels} pixels, as published by: {dates}")
    reporter.line("Hugging Face's price is that of who draws (FALHERO_PRICES); a machine of your own draws for nothing")


def _dollars_or_dash(usd: float | None) -> str:
    return "-" if usd is None else dollars(usd)


def _cost(model: Model | None) -> float | None:
    """USD for many heroes of the default size; None if the price is not known."""
    if model is None or model.price is None:
        return None
    width, height = size_in_pixels(DEFAULT_SIZE)
    return round(_MANY * model.price.usd_for_units(model.price.units(width * height)), 2)


def _price(model: Model) -> str:
    if model.price is None:
        return "price unknown"
    further = f", then {dollars(model.price.usd_after_first)}" if model.price.usd_after_first is not None else ""
    unit = "MP" if model.price.unit == "megapixel" else model.price.unit
    return f"{dollars(model.price.usd)}/{unit}{further}"


def _row(engine: Engine, model: Model, live: dict[str, LivePrice]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": model.name,
        "engine": engine.name,
        "endpoint": model.endpoint,
        "best_for": model.best_for,
        "seconds": model.seconds,
        "usd": model.price.usd if model.price else None,
        "unit": model.price.unit if model.price else None,
        "usd_1000": None if model.edits else _cost(model),
        "prices_date": engine.prices_date or None,
    }
    if now := live.get(model.endpoint):
        row |= {"live_usd": now.usd, "live_unit": now.unit, "drifted": differs_from_catalogue(model, now)}
    return row
