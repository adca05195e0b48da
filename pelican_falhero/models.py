"""The catalogue: the FLUX endpoints on fal, what each accepts, and what it costs.

Facts are data here, not branches elsewhere. Arguments and ranges: fal's OpenAPI documents of 2026-06-11
(``https://api.fal.ai/v1/models?expand=openapi-3.0``). Prices: the model pages ``https://fal.ai/models/<endpoint>`` as
published by 2026-08-21, in USD; ``FALHERO_PRICES`` overrides them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from .model import (
    MEGAPIXEL,
    Model,
    Price,
    Range,
    Sides,
)

PRICES_DATE = "2026-08-21"
"""The day up to which the published prices were read."""

SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "square_hd": (1024, 1024),
        "square": (512, 512),
        "portrait_4_3": (768, 1024),
        "portrait_16_9": (576, 1024),
        "landscape_4_3": (1024, 768),
        "landscape_16_9": (1024, 576),
    }
)
"""fal's named image sizes, (width, height) in pixels (fal's toolkit, ``image/image.py``)."""

DEFAULT_SIZE = "landscape_4_3"
"""What fal draws when nothing is said of the size."""

MISSING_SIDE = 512
"""Pixels of a side that an ``image_size`` leaves out."""

_ENDPOINT = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9_][\w.-]*)+", re.ASCII)


def _per_megapixel(usd: float, *, further: float | None = None) -> Price:
    return Price(usd=usd, unit="megapixel", further=further)


_LORA_SCALE = Range(0, 4, 1)
_CONTROL_SCALE = Range(0, 2, 1)
_ALL_FORMATS = ("png", "jpeg", "webp")

CATALOGUE: tuple[Model, ...] = (
    Model(
        name="schnell",
        endpoint="fal-ai/flux/schnell",
        best_for="drafts and large back catalogues",
        seconds=1.2,
        price=_per_megapixel(0.003),
        base="schnell",
        steps=Range(1, 12, 4),
        guidance=Range(1, 20, 3.5),
    ),
    Model(
        # fal's own default is 28 steps; 4 is the guide's, and this plugin's, choice. The price is the same.
        name="dev",
        endpoint="fal-ai/flux/dev",
        best_for="heroes: good and cheap",
        seconds=3,
        price=_per_megapixel(0.025),
        base="dev",
        steps=Range(1, 50, 4),
        guidance=Range(1, 20, 3.5),
    ),
    Model(
        name="krea",
        endpoint="fal-ai/flux/krea",
        best_for="photographs without the artificial look",
        seconds=4,
        price=_per_megapixel(0.025),
        base="krea",
        steps=Range(1, 50, 28),
        guidance=Range(1, 20, 4.5),
    ),
    Model(
        name="pro",
        endpoint="fal-ai/flux-pro/v1.1",
        best_for="faithful, detailed pictures",
        seconds=8,
        price=_per_megapixel(0.04),
        base="pro",
    ),
    Model(
        name="ultra",
        endpoint="fal-ai/flux-pro/v1.1-ultra",
        best_for="up to four megapixels, for print and large screens",
        seconds=10,
        price=Price(usd=0.06, unit="image"),
        base="pro",
        sizing="aspect_ratio",
    ),
    Model(
        name="lora",
        endpoint="fal-ai/flux-lora",
        best_for="a style of your own, as a LoRA",
        seconds=4,
        price=_per_megapixel(0.035),
        base="dev",
        steps=Range(1, 50, 28),
        guidance=Range(0, 35, 3.5),
        lora_scale=_LORA_SCALE,
    ),
    Model(
        name="general",
        endpoint="fal-ai/flux-general",
        best_for="negative prompts, pose and scribble control",
        seconds=8,
        price=_per_megapixel(0.075),
        base="dev",
        steps=Range(1, 50, 28),
        guidance=Range(0, 20, 3.5),
        lora_scale=_LORA_SCALE,
        negative_prompt=True,
        control="control_union",
        control_scale=_CONTROL_SCALE,
    ),
    Model(
        # The price of the two control LoRAs is a third party's reading of their pages, not fal's own list.
        name="canny",
        endpoint="fal-ai/flux-control-lora-canny",
        best_for="the outlines of a picture of your own",
        seconds=5,
        price=_per_megapixel(0.04),
        base="dev",
        steps=Range(1, 50, 28),
        guidance=Range(0, 35, 3.5),
        lora_scale=_LORA_SCALE,
        control="control_lora",
        control_scale=_CONTROL_SCALE,
    ),
    Model(
        name="depth",
        endpoint="fal-ai/flux-control-lora-depth",
        best_for="the depth of a picture of your own",
        seconds=5,
        price=_per_megapixel(0.04),
        base="dev",
        steps=Range(1, 50, 28),
        guidance=Range(0, 35, 3.5),
        lora_scale=_LORA_SCALE,
        control="control_lora",
        control_scale=_CONTROL_SCALE,
    ),
    Model(
        name="flux-2",
        endpoint="fal-ai/flux-2",
        best_for="the second generation: cheap, and it can write",
        seconds=5,
        price=_per_megapixel(0.012),
        base="flux-2",
        steps=Range(4, 50, 28),
        guidance=Range(0, 20, 2.5),
        formats=_ALL_FORMATS,
    ),
    Model(
        name="flux-2-flash",
        endpoint="fal-ai/flux-2/flash",
        best_for="the cheapest of the second generation",
        seconds=4.3,
        price=_per_megapixel(0.005),
        base="flux-2",
        guidance=Range(0, 20, 2.5),
        formats=_ALL_FORMATS,
    ),
    Model(
        name="flux-2-turbo",
        endpoint="fal-ai/flux-2/turbo",
        best_for="nearly flux-2, for less",
        seconds=6,
        price=_per_megapixel(0.008),
        base="flux-2",
        guidance=Range(0, 20, 2.5),
        formats=_ALL_FORMATS,
    ),
    Model(
        name="flux-2-pro",
        endpoint="fal-ai/flux-2-pro",
        best_for="the best of the second generation",
        seconds=10,
        price=_per_megapixel(0.03, further=0.015),
        base="flux-2-pro",
        # A third party's finding; fal's schema says nothing of it.
        sides=Sides(minimum=256, maximum=2560, multiple=16, most=4 * MEGAPIXEL),
    ),
    Model(
        name="flux-2-klein",
        endpoint="fal-ai/flux-2/klein/9b",
        best_for="the second generation in four to eight steps",
        seconds=2,
        price=None,
        base="flux-2-klein",
        steps=Range(4, 8, 4),
        formats=_ALL_FORMATS,
    ),
)

PREPARATIONS: Mapping[str, str] = MappingProxyType(
    {"pose": "fal-ai/dwpose", "scribble": "fal-ai/image-preprocessors/scribble"}
)
"""Control type to the endpoint that makes its map of a picture. fal publishes no price for either."""

UNION_MODES: Mapping[str, str] = MappingProxyType({"pose": "pose", "scribble": "canny"})
"""Control type to the mode of the union ControlNet that reads its map; scribbles are outlines to it."""

LORA_ENDPOINT = "fal-ai/flux-lora"
"""Where LoRAs go when the model that was chosen takes none."""

CONTROL_UNION = "Shakker-Labs/FLUX.1-dev-ControlNet-Union-Pro"
"""The union ControlNet for FLUX.1 dev, by its name at Hugging Face."""

_BY_NAME = {model.name: model for model in CATALOGUE} | {model.endpoint: model for model in CATALOGUE}

DEFAULT_MODEL = _BY_NAME["dev"]


def find_model(name: str) -> Model | None:
    """The catalogue's model of this short name or endpoint id, or None."""
    return _BY_NAME.get(name)


def endpoint_of(name: str) -> str:
    """The endpoint id for a short name or an endpoint id.

    Raises:
        ValueError: it is neither.
    """
    if model := find_model(name):
        return model.endpoint
    if not _ENDPOINT.fullmatch(name):
        known = ", ".join(model.name for model in CATALOGUE)
        raise ValueError(f"must be one of {known}, or an endpoint id such as fal-ai/flux/dev, not {name!r}")
    return name


def honours(feature: str) -> str:
    """The short names of the models that take this field of Model."""
    return ", ".join(model.name for model in CATALOGUE if getattr(model, feature))


def sides_of(size: str | tuple[int, int]) -> tuple[int, int]:
    """(width, height) in pixels of a size, a fal name or that already."""
    return SIZES[size] if isinstance(size, str) else size


def sides_sent(image_size: object) -> tuple[int, int] | None:
    """(width, height) in pixels of the argument ``image_size`` as fal reads it; None where that can't be told."""
    if isinstance(image_size, str):
        return SIZES.get(image_size)
    if not isinstance(image_size, Mapping):
        return None
    width, height = (image_size.get(side, MISSING_SIDE) for side in ("width", "height"))
    are_whole = type(width) is int and type(height) is int and min(width, height) > 0
    return (width, height) if are_whole else None
