"""The catalogue: the endpoints on fal, mostly of the FLUX family, the arguments that each accepts, and its price.

To add a model, add a row to ``CATALOGUE``; no other code needs to change. Source of arguments and ranges:
fal's OpenAPI documents of 2026-06-11 (``https://api.fal.ai/v1/models?expand=openapi-3.0``); of z-image and the edits of
flux-2-pro and flux-2-max the pages ``https://fal.ai/models/<endpoint>/llms.txt``. Prices: the model pages
``https://fal.ai/models/<endpoint>`` as published up to 2026-08-21, in USD; ``FALHERO_PRICES`` overrides them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import ceil
from types import MappingProxyType
from typing import NamedTuple

PRICES_DATE = "2026-08-21"
"""The last day whose published prices are included."""

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
"""The size that fal uses if a request gives none."""

MISSING_SIDE = 512
"""The pixels that fal uses for a width or height that ``image_size`` does not give."""

LORA_ENDPOINT = "fal-ai/flux-lora"
"""The endpoint that draws with LoRAs if the chosen model does not accept them."""

_ENDPOINT = r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9_][\w.-]*)+"


MAX_SIDE = 14142
"""The largest width or height in pixels that fal's schemas allow."""

MIN_SIDE = 64
"""The smallest width or height in pixels. A smaller picture is a placeholder or an icon, not a hero."""

MAX_PIXELS = 64_000_000
"""The largest picture that we decode (256 MB in memory) or request; fal draws at most about 4 MP."""

MEGAPIXEL = 1024 * 1024
"""Pixels in a billed megapixel: fal's flux-2-pro page bills 1024 by 1024 as one."""


class Range(NamedTuple):
    """The smallest and largest value of a numeric argument, both included, and the one that we send by default."""

    minimum: float
    maximum: float
    default: float

    def __str__(self) -> str:
        return f"{self.minimum:g} to {self.maximum:g}"

    def contains(self, value: object) -> bool:
        """Whether a value is a number in this range."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and self.minimum <= value <= self.maximum  # type: ignore[operator]


class Price(NamedTuple):
    """What one picture costs, in USD."""

    usd: float
    unit: str
    """``megapixel`` (rounded up) or ``image``."""
    usd_after_first: float | None = None
    """USD for each megapixel after the first; None if the price is the same for all."""

    def units(self, pixels: int) -> int:
        """The number of units that fal is expected to bill for a picture of this many pixels."""
        return 1 if self.unit == "image" else max(1, ceil(pixels / MEGAPIXEL))

    def usd_for_units(self, units: float) -> float:
        """USD for this many units; fractions are allowed."""
        usd_after_first = self.usd if self.usd_after_first is None else self.usd_after_first
        return min(units, 1) * self.usd + max(0, units - 1) * usd_after_first


class Sides(NamedTuple):
    """The limits of width and height, in pixels."""

    minimum: int = MIN_SIDE
    maximum: int = MAX_SIDE
    multiple: int = 1
    max_pixels: int = MAX_PIXELS
    """Limit of width times height."""

    def problem(self, width: int, height: int) -> str:
        """Return the rule that a size breaks; empty if the size is valid."""
        if not all(self.minimum <= side <= self.maximum and side % self.multiple == 0 for side in (width, height)):
            steps = f", in steps of {self.multiple}" if self.multiple > 1 else ""
            return f"must have sides of {self.minimum} to {self.maximum} pixels{steps}"
        if width * height > self.max_pixels:
            return f"must have at most {self.max_pixels} pixels"
        return ""


ANY_SIDES = Sides()
"""What fal's schemas allow in general."""

ASPECT_RATIOS = ("21:9", "16:9", "3:2", "4:3", "1:1", "3:4", "2:3", "9:16", "9:21")
"""The aspect ratios that fal names; every engine takes the usual ones among them."""


class Model(NamedTuple):
    """One endpoint: its short name, what it accepts, and what it costs."""

    name: str
    endpoint: str
    base: str
    """The weights that the endpoint uses. ``FALHERO_STEPS`` and ``FALHERO_GUIDANCE_SCALE`` apply to all endpoints with
    the same base as ``FALHERO_MODEL``."""
    price: Price | None
    """None if fal publishes no price; ``FALHERO_PRICES`` can set one."""
    steps: Range | None
    """``num_inference_steps``; None if the endpoint ignores it."""
    guidance: Range | None
    """``guidance_scale``; None if the endpoint ignores it."""
    seconds: float
    """Typical seconds for a picture of one megapixel.

    Published for schnell, dev, pro, ultra, flux-2-turbo, flux-2-flash, flux-2-flex, flux-2-max and flux-2-pro-edit
    (Replicate's blog of 2024-10, fal's pages and samples, users, medians of lumenfall.ai); estimated from the number of
    steps for the others.
    """
    best_for: str
    sizing: str = "image_size"
    """What carries the size: ``image_size``, ``aspect_ratio``, ``size`` (as ``1024x768``), or ``width and height``."""
    shapes: tuple[str, ...] = ASPECT_RATIOS
    """What an ``aspect_ratio`` or a ``size`` may be."""
    seeds: bool = True
    """Whether a seed makes the same picture again."""
    sides: Sides = ANY_SIDES
    lora_scale: Range | None = None
    """The allowed scale of each LoRA; None if the endpoint does not accept LoRAs."""
    negative_prompt: bool = False
    control: str = ""
    """The argument style for a control image: ``control_lora`` or ``control_union``; empty if it accepts none."""
    control_scale: Range | None = None
    formats: tuple[str, ...] = ("png", "jpeg")
    edits: bool = False
    """Whether it changes a picture as a text says, for ``falhero refine``, and draws none from a prompt. The megapixels
    of each picture that is sent are billed after those of the one that comes back."""


def _megapixel(usd: float, *, usd_after_first: float | None = None) -> Price:
    return Price(usd=usd, unit="megapixel", usd_after_first=usd_after_first)


_PLAIN_GUIDANCE = Range(1, 20, 3.5)
_FLUX_2_GUIDANCE = Range(0, 20, 2.5)
_WIDE_GUIDANCE = Range(0, 35, 3.5)
_LORA_SCALE = Range(0, 4, 1)
_CONTROL_SCALE = Range(0, 2, 1)
_ALL_FORMATS = ("png", "jpeg", "webp")
_FLUX_2_PRO_SIDES = Sides(minimum=256, maximum=2560, multiple=16, max_pixels=4 * MEGAPIXEL)
"""Of flux-2-pro, -max and -flex. Found by a third party; fal's schemas do not give these limits."""
_Z_IMAGE_SIDES = Sides(max_pixels=4 * MEGAPIXEL)
_EDIT_SIDES = Sides(minimum=512, maximum=2048)

# Each row: name, endpoint, base, price, steps, guidance, seconds, best_for, then keyword arguments. fal's own default
# for dev is 28 steps; this plugin uses 4, as the guide that it implements. The prices of canny, depth, flux-2-edit and
# flux-2-flash-edit were read from their pages by a third party. fal's page of flux-2-flex says $0.05, and $0.06 within
# an example; the sums of its examples fit $0.05. With ``enable_prompt_expansion`` in FALHERO_ARGUMENTS z-image costs
# $0.0025 a request more, which no price here can say.
# fmt: off
CATALOGUE: tuple[Model, ...] = (
    Model("schnell", "fal-ai/flux/schnell", "schnell", _megapixel(0.003), Range(1, 12, 4), _PLAIN_GUIDANCE, 1.2,
          "drafts and large back catalogues"),
    Model("dev", "fal-ai/flux/dev", "dev", _megapixel(0.025), Range(1, 50, 4), _PLAIN_GUIDANCE, 3,
          "heroes: good and cheap"),
    Model("krea", "fal-ai/flux/krea", "krea", _megapixel(0.025), Range(1, 50, 28), Range(1, 20, 4.5), 4,
          "photographs without the artificial look"),
    Model("pro", "fal-ai/flux-pro/v1.1", "pro", _megapixel(0.04), None, None, 8,
          "faithful, detailed pictures"),
    Model("ultra", "fal-ai/flux-pro/v1.1-ultra", "pro", Price(usd=0.06, unit="image"), None, None, 10,
          "up to four megapixels, for print and large screens", sizing="aspect_ratio"),
    Model("lora", LORA_ENDPOINT, "dev", _megapixel(0.035), Range(1, 50, 28), _WIDE_GUIDANCE, 4,
          "a style of your own, as a LoRA", lora_scale=_LORA_SCALE),
    Model("general", "fal-ai/flux-general", "dev", _megapixel(0.075), Range(1, 50, 28), Range(0, 20, 3.5), 8,
          "negative prompts, pose and scribble control", lora_scale=_LORA_SCALE, negative_prompt=True,
          control="control_union", control_scale=_CONTROL_SCALE),
    Model("canny", "fal-ai/flux-control-lora-canny", "dev", _megapixel(0.04), Range(1, 50, 28), _WIDE_GUIDANCE, 5,
          "the outlines of a picture of your own", lora_scale=_LORA_SCALE,
          control="control_lora", control_scale=_CONTROL_SCALE),
    Model("depth", "fal-ai/flux-control-lora-depth", "dev", _megapixel(0.04), Range(1, 50, 28), _WIDE_GUIDANCE, 5,
          "the depth of a picture of your own", lora_scale=_LORA_SCALE,
          control="control_lora", control_scale=_CONTROL_SCALE),
    Model("flux-2", "fal-ai/flux-2", "flux-2", _megapixel(0.012), Range(4, 50, 28), _FLUX_2_GUIDANCE, 5,
          "the second generation: cheap, and it can write", formats=_ALL_FORMATS),
    Model("flux-2-flash", "fal-ai/flux-2/flash", "flux-2", _megapixel(0.005), None, _FLUX_2_GUIDANCE, 4.3,
          "the cheapest of the second generation", formats=_ALL_FORMATS),
    Model("flux-2-turbo", "fal-ai/flux-2/turbo", "flux-2", _megapixel(0.008), None, _FLUX_2_GUIDANCE, 6,
          "nearly flux-2, for less", formats=_ALL_FORMATS),
    Model("flux-2-pro", "fal-ai/flux-2-pro", "flux-2-pro", _megapixel(0.03, usd_after_first=0.015), None, None, 10,
          "photographs, by the second generation", sides=_FLUX_2_PRO_SIDES),
    Model("flux-2-max", "fal-ai/flux-2-max", "flux-2-max", _megapixel(0.07, usd_after_first=0.03), None, None, 29,
          "the best of the second generation", sides=_FLUX_2_PRO_SIDES),
    Model("flux-2-flex", "fal-ai/flux-2-flex", "flux-2-flex", _megapixel(0.05), Range(2, 50, 28), Range(1.5, 10, 3.5),
          16, "words in the picture, with steps of your choice", sides=_FLUX_2_PRO_SIDES),
    Model("flux-2-klein", "fal-ai/flux-2/klein/9b", "flux-2-klein", _megapixel(0.006), Range(4, 8, 4), None, 2,
          "the second generation in four to eight steps", formats=_ALL_FORMATS),
    Model("z-image-turbo", "fal-ai/z-image/turbo", "z-image", _megapixel(0.005), Range(1, 8, 8), None, 2,
          "Alibaba's small model: cheap and fast", sides=_Z_IMAGE_SIDES, formats=_ALL_FORMATS),
    Model("flux-2-edit", "fal-ai/flux-2/edit", "flux-2-edit", _megapixel(0.012), None, None, 6,
          "falhero refine: a hero changed as you say", sides=_EDIT_SIDES, formats=_ALL_FORMATS, edits=True),
    Model("flux-2-flash-edit", "fal-ai/flux-2/flash/edit", "flux-2-edit", _megapixel(0.005), None, None, 5,
          "falhero refine, for less", sides=_EDIT_SIDES, formats=_ALL_FORMATS, edits=True),
    Model("flux-2-pro-edit", "fal-ai/flux-2-pro/edit", "flux-2-pro-edit", _megapixel(0.03, usd_after_first=0.015),
          None, None, 20, "falhero refine, by flux-2-pro", sides=_FLUX_2_PRO_SIDES, edits=True),
    Model("flux-2-max-edit", "fal-ai/flux-2-max/edit", "flux-2-max-edit", _megapixel(0.07, usd_after_first=0.03),
          None, None, 30, "falhero refine, by flux-2-max", sides=_FLUX_2_PRO_SIDES, edits=True),
)
# fmt: on

PREPARATIONS: Mapping[str, str] = MappingProxyType(
    {"pose": "fal-ai/dwpose", "scribble": "fal-ai/image-preprocessors/scribble"}
)
"""Control type to the endpoint that makes the control map from a picture. fal publishes no price for either."""

UNION_MODES: Mapping[str, str] = MappingProxyType({"pose": "pose", "scribble": "canny"})
"""Control type to the mode of the union ControlNet that reads its map; it reads a scribble as outlines (canny)."""

CONTROL_UNION = "Shakker-Labs/FLUX.1-dev-ControlNet-Union-Pro"
"""The union ControlNet for FLUX.1 dev, by its name on Hugging Face."""

_BY_NAME = {model.name: model for model in CATALOGUE} | {model.endpoint: model for model in CATALOGUE}

DEFAULT_MODEL = _BY_NAME["dev"]
DEFAULT_EDIT_MODEL = _BY_NAME["flux-2-edit"]


def find_model(name: str) -> Model | None:
    """Return the catalogue's model with this short name or endpoint id; None if there is none."""
    return _BY_NAME.get(name)


def edits(endpoint: str) -> bool:
    """Whether an endpoint is known to change a picture, and not to draw one."""
    model = find_model(endpoint)
    return model is not None and model.edits


def find_edit_model(name: str) -> Model:
    """Return the model with this short name or endpoint id that changes a picture.

    Raises:
        ValueError: there is none.
    """
    if (model := find_model(name)) and model.edits:
        return model
    raise ValueError(f"must be one of {models_with('edits')}, which change a picture, not {name!r}")


def endpoint_of(name: str) -> str:
    """Return the endpoint id for the short name of a model that draws, or for an endpoint id.

    Raises:
        ValueError: ``name`` is neither, or a model that only changes pictures.
    """
    if model := find_model(name):
        if model.edits:
            raise ValueError(
                f"must be a model that draws, not {name!r}: it changes a hero that is there, for falhero refine"
            )
        return model.endpoint
    if not re.fullmatch(_ENDPOINT, name, re.ASCII):
        known = ", ".join(model.name for model in CATALOGUE if not model.edits)
        raise ValueError(f"must be one of {known}, or an endpoint id such as fal-ai/flux/dev, not {name!r}")
    return name


def models_with(feature: str) -> str:
    """Return the short names of the models that support a feature, named by its field of Model."""
    return ", ".join(model.name for model in CATALOGUE if getattr(model, feature))


def size_in_pixels(size: str | tuple[int, int]) -> tuple[int, int]:
    """Return (width, height) in pixels of a fal size name, or of a pair that is in pixels already."""
    return SIZES[size] if isinstance(size, str) else size


def image_size_in_pixels(image_size: object) -> tuple[int, int] | None:
    """Return (width, height) in pixels of the argument ``image_size`` as fal reads it; None if it is invalid."""
    if isinstance(image_size, str):
        return SIZES.get(image_size)
    if not isinstance(image_size, Mapping):
        return None
    width, height = (image_size.get(side, MISSING_SIDE) for side in ("width", "height"))
    are_whole = type(width) is int and type(height) is int and min(width, height) > 0
    return (width, height) if are_whole else None
