"""fal's endpoints as data: arguments, ranges, answers and prices, as its OpenAPI documents and pages tell.

Written down independently of the package under test, which is never imported here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "whole", "number", "flag", "choice", "size", "list", "picture_url", "picture_urls"]
Envelope = Literal["flux-1", "flux-2", "flux-2-pro", "image", "text"]
Frame = Literal["image_size", "aspect_ratio", "input"]

SIZES = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
ASPECT_RATIOS = ("21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21")
MISSING_SIDE = 512
MEGAPIXEL = 2**20


@dataclass(frozen=True)
class Field:
    """One argument: its kind, its default, and the limits that its kind knows."""

    kind: Kind
    default: object = None
    required: bool = False
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    multiple: int | None = None
    choices: tuple[str, ...] = ()
    items: Mapping[str, Field] | None = None


Schema = Mapping[str, Field]


@dataclass(frozen=True)
class Price:
    """A price in USD a unit; `further` is that of every megapixel after the first, where it differs.

    Megapixels of pictures that are sent come after the first one of the picture that comes back.
    """

    usd: float
    unit: Literal["megapixels", "images", "answers"] = "megapixels"
    further: float | None = None

    def cost(self, megapixels: int, images: int, sent: int = 0) -> float:
        """Return what `images` pictures of `megapixels` each cost, in USD, with `sent` megapixels of input."""
        if self.unit != "megapixels":
            return round(self.usd * images, 6)
        further = self.usd if self.further is None else self.further
        return round((self.usd + further * (megapixels - 1)) * images + further * sent, 6)


@dataclass(frozen=True)
class Endpoint:
    """What one endpoint accepts, how it answers, and what it costs (None: no published price was found).

    `frame` says what decides the size of its pictures; `area` is that of a picture of some aspect ratio, in pixels.
    """

    schema: Schema
    price: Price | None
    envelope: Envelope = "flux-1"
    frame: Frame = "image_size"
    area: int = MEGAPIXEL


def megapixels(width: int, height: int) -> int:
    """Return the megapixels that fal bills for one picture: up to the next whole one."""
    return math.ceil(width * height / MEGAPIXEL)


def _text(default: str | None = None, *, required: bool = False) -> Field:
    return Field("text", default, required=required, nullable=default is None and not required)


def _flag(default: bool) -> Field:
    return Field("flag", default)


def _whole(default: int | None, low: float | None = None, high: float | None = None) -> Field:
    return Field("whole", default, nullable=default is None, low=low, high=high)


def _number(default: float | None, low: float | None = None, high: float | None = None) -> Field:
    return Field("number", default, nullable=default is None, low=low, high=high)


def _choice(default: str | None, *choices: str, required: bool = False) -> Field:
    return Field("choice", default, required=required, choices=choices)


def _size(default: str | None = "landscape_4_3", low: int = 1, high: int = 14142, multiple: int | None = None) -> Field:
    return Field("size", default, nullable=default is None, low=low, high=high, multiple=multiple)


def _picture(*, required: bool = False) -> Field:
    return Field("picture_url", required=required, nullable=not required)


def _pictures(low: int, high: int) -> Field:
    return Field("picture_urls", required=True, low=low, high=high)


def _list(**items: Field) -> Field:
    return Field("list", (), items=items)


def _without(schema: Schema, *names: str) -> Schema:
    return {name: field for name, field in schema.items() if name not in names}


_PROMPT = _text(required=True)
_ACCELERATION = _choice("none", "none", "regular", "high")
_LORAS = _list(path=_text(required=True), scale=_number(1, 0, 4))

_COMMON: Schema = {
    "prompt": _PROMPT,
    "seed": _whole(None),
    "sync_mode": _flag(False),
    "num_images": _whole(1, 1, 4),
    "output_format": _choice("jpeg", "jpeg", "png"),
    "image_size": _size(),
    "enable_safety_checker": _flag(True),
}


def _flux_1(steps: int, most_steps: int, guidance: float = 3.5) -> Schema:
    return {
        **_COMMON,
        "num_inference_steps": _whole(steps, 1, most_steps),
        "guidance_scale": _number(guidance, 1, 20),
        "acceleration": _ACCELERATION,
    }


_FLUX_LORA: Schema = {
    **_COMMON,
    "num_inference_steps": _whole(28, 1, 50),
    "guidance_scale": _number(3.5, 0, 35),
    "acceleration": _choice("none", "none", "regular"),
    "loras": _LORAS,
}
_PRO_1_1: Schema = {
    **_without(_COMMON, "enable_safety_checker"),
    "safety_tolerance": _choice("2", "1", "2", "3", "4", "5", "6"),
    "enhance_prompt": _flag(False),
}
_ULTRA: Schema = {
    **_without(_PRO_1_1, "image_size"),
    "aspect_ratio": _text("16:9"),
    "raw": _flag(False),
    "image_url": _picture(),
    "image_prompt_strength": _number(0.1, 0, 1),
}
_KONTEXT: Schema = {
    **_without(_COMMON, "image_size"),
    "guidance_scale": _number(3.5, 1, 20),
    "aspect_ratio": _choice("1:1", *ASPECT_RATIOS),
    "safety_tolerance": _choice("2", "1", "2", "3", "4", "5", "6"),
}
_FLUX_2_FAST: Schema = {
    **_COMMON,
    "guidance_scale": _number(2.5, 0, 20),
    "output_format": _choice("png", "jpeg", "png", "webp"),
    "enable_prompt_expansion": _flag(False),
}
_FLUX_2: Schema = {
    **_FLUX_2_FAST,
    "num_inference_steps": _whole(28, 4, 50),
    "acceleration": _choice("regular", "none", "regular", "high"),
}
_KLEIN: Schema = {
    **_COMMON,
    "num_inference_steps": _whole(4, 4, 8),
    "output_format": _choice("jpeg", "jpeg", "png", "webp"),
}
_FLUX_2_EDIT: Schema = {
    "prompt": _PROMPT,
    "image_urls": _pictures(1, 4),
    "image_size": _size(None, 512, 2048),
    "seed": _whole(None),
    "output_format": _choice("png", "jpeg", "png", "webp"),
}
_FLUX_2_PRO: Schema = {
    **_without(_COMMON, "num_images"),
    "image_size": _size(low=256, high=2560, multiple=16),
    "safety_tolerance": _choice("2", "1", "2", "3", "4", "5"),
}
_FLUX_2_PRO_EDIT: Schema = {
    **_FLUX_2_PRO,
    "image_urls": _pictures(1, 9),
    "image_size": _size(None, 256, 2560, 16),
}
_FLUX_2_FLEX: Schema = {
    **_FLUX_2_PRO,
    "num_inference_steps": _whole(28, 2, 50),
    "guidance_scale": _number(3.5, 1.5, 10),
}

_Z_IMAGE: Schema = {
    **_COMMON,
    "num_inference_steps": _whole(8, 1, 8),
    "output_format": _choice("png", "jpeg", "png", "webp"),
    "acceleration": _choice("regular", "none", "regular", "high"),
    "enable_prompt_expansion": _flag(False),
}

_MASKED: Schema = {
    "control_image_url": _picture(required=True),
    "mask_image_url": _picture(),
    "mask_threshold": _number(0.5, 0.01, 0.99),
    "conditioning_scale": _number(1, 0, 2),
    "start_percentage": _number(0, 0, 1),
    "end_percentage": _number(1, 0, 1),
}
_FLUX_GENERAL: Schema = {
    **_COMMON,
    "num_images": _whole(1, 1, 10),
    "output_format": _choice("png", "jpeg", "png"),
    "num_inference_steps": _whole(28, 1, 50),
    "guidance_scale": _number(3.5, 0, 20),
    "negative_prompt": _text(""),
    "nag_scale": _number(3),
    "nag_tau": _number(2.5),
    "nag_alpha": _number(0.25),
    "nag_end": _number(0.25),
    "use_real_cfg": _flag(False),
    "real_cfg_scale": _number(3.5, 0, 5),
    "scheduler": _choice("euler", "euler", "dpmpp_2m"),
    "controlnets": _list(path=_text(required=True), config_url=_text(), variant=_text(), **_MASKED),
    "controlnet_unions": _list(
        path=_text(required=True),
        config_url=_text(),
        variant=_text(),
        controls=_list(
            **_MASKED,
            control_mode=_choice(None, "canny", "tile", "depth", "blur", "pose", "gray", "low-quality", required=True),
        ),
    ),
    "easycontrols": _list(
        control_method_url=_text(required=True),
        image_url=_picture(required=True),
        image_control_type=_choice(None, "post", "spatial", required=True),
        scale=_number(1, 0, 2),
    ),
    "control_loras": _list(
        path=_text(required=True),
        control_image_url=_picture(required=True),
        preprocess=_choice("None", "canny", "depth", "None"),
        scale=_number(1, 0, 4),
    ),
    "loras": _LORAS,
    "ip_adapters": _list(path=_text(required=True), image_url=_picture(required=True), scale=_number(1)),
    "reference_image_url": _picture(),
    "reference_strength": _number(0.65),
    "reference_start": _number(0),
    "reference_end": _number(1),
    "fill_image": Field("text", nullable=True),
}
_CONTROL_LORA: Schema = {
    **_without(_FLUX_LORA, "acceleration"),
    "control_lora_image_url": _picture(required=True),
    "control_lora_strength": _number(1, 0, 2),
    "preprocess_depth": _flag(True),
}
_SDXL_CANNY: Schema = {
    **_without(_COMMON, "output_format", "image_size"),
    "num_images": _whole(1, 1, 8),
    "format": _choice("jpeg", "jpeg", "png"),
    "image_size": _size(None),
    "control_image_url": _picture(required=True),
    "controlnet_conditioning_scale": _number(0.5, 0, 1),
    "negative_prompt": _text(""),
    "num_inference_steps": _whole(35, 1, 70),
    "guidance_scale": _number(7.5, 0, 20),
}
_PREPROCESSOR: Schema = {"image_url": _picture(required=True)}
_SCRIBBLE: Schema = {**_PREPROCESSOR, "model": _choice("HED", "HED", "PiDi"), "safe": _flag(False)}

_SCHNELL = Endpoint(_flux_1(4, 12), Price(0.003))
_DEV = Endpoint(_flux_1(28, 50), Price(0.025))
_KREA = Endpoint(_flux_1(28, 50, 4.5), Price(0.025))
_LANGUAGE_MODEL: Schema = {
    "prompt": _PROMPT,
    "model": _text(required=True),
    "system_prompt": _text(),
    "temperature": _number(1, 0, 2),
    "max_tokens": _whole(None, 1),
    "reasoning": _flag(False),
}


ENDPOINTS: Mapping[str, Endpoint] = {
    "fal-ai/flux/schnell": _SCHNELL,
    "fal-ai/flux-1/schnell": _SCHNELL,
    "fal-ai/flux/dev": _DEV,
    "fal-ai/flux-1/dev": _DEV,
    "fal-ai/flux/krea": _KREA,
    "fal-ai/flux-1/krea": _KREA,
    "fal-ai/flux-lora": Endpoint(_FLUX_LORA, Price(0.035)),
    "fal-ai/flux-pro/v1.1": Endpoint(_PRO_1_1, Price(0.04)),
    "fal-ai/flux-pro/v1.1-ultra": Endpoint(_ULTRA, Price(0.06, "images"), frame="aspect_ratio", area=4 * MEGAPIXEL),
    "fal-ai/flux-pro/kontext/text-to-image": Endpoint(_KONTEXT, Price(0.04, "images"), frame="aspect_ratio"),
    "fal-ai/flux-2": Endpoint(_FLUX_2, Price(0.012), "flux-2"),
    "fal-ai/flux-2/flash": Endpoint(_FLUX_2_FAST, Price(0.005), "flux-2"),
    "fal-ai/flux-2/turbo": Endpoint(_FLUX_2_FAST, Price(0.008), "flux-2"),
    "fal-ai/flux-2/klein/9b": Endpoint(_KLEIN, Price(0.006), "flux-2"),
    "fal-ai/flux-2/klein/4b": Endpoint(_KLEIN, Price(0.005), "flux-2"),
    "fal-ai/flux-2/edit": Endpoint(_FLUX_2_EDIT, Price(0.012), "flux-2"),
    "fal-ai/flux-2/flash/edit": Endpoint(_FLUX_2_EDIT, Price(0.005), "flux-2"),
    "fal-ai/flux-2-pro": Endpoint(_FLUX_2_PRO, Price(0.03, further=0.015), "flux-2-pro"),
    "fal-ai/flux-2-pro/edit": Endpoint(_FLUX_2_PRO_EDIT, Price(0.03, further=0.015), "flux-2-pro"),
    "fal-ai/flux-2-max": Endpoint(_FLUX_2_PRO, Price(0.07, further=0.03), "flux-2-pro"),
    "fal-ai/flux-2-max/edit": Endpoint(_FLUX_2_PRO_EDIT, Price(0.07, further=0.03), "flux-2-pro"),
    "fal-ai/flux-2-flex": Endpoint(_FLUX_2_FLEX, Price(0.05), "flux-2-pro"),
    "fal-ai/z-image/turbo": Endpoint(_Z_IMAGE, Price(0.005)),
    "fal-ai/flux-general": Endpoint(_FLUX_GENERAL, Price(0.075)),
    "fal-ai/flux-control-lora-canny": Endpoint(_CONTROL_LORA, None),
    "fal-ai/flux-control-lora-depth": Endpoint(_CONTROL_LORA, None),
    "fal-ai/flux-lora-canny": Endpoint({**_FLUX_LORA, "image_url": _picture(required=True)}, None),
    "fal-ai/flux-lora-depth": Endpoint({**_FLUX_LORA, "image_url": _picture(required=True)}, None),
    "fal-ai/fast-sdxl-controlnet-canny": Endpoint(_SDXL_CANNY, None),
    "fal-ai/image-preprocessors/scribble": Endpoint(_SCRIBBLE, None, "image", "input"),
    **{
        f"fal-ai/image-preprocessors/{name}": Endpoint(_PREPROCESSOR, None, "image", "input")
        for name in ("hed", "lineart", "midas", "mlsd", "pidi", "teed", "zoe")
    },
    "openrouter/router/vision": Endpoint(
        {**_LANGUAGE_MODEL, "image_urls": Field("picture_urls", required=True)}, Price(0.0006, "answers"), "text"
    ),
    "openrouter/router": Endpoint(_LANGUAGE_MODEL, Price(0.0004, "answers"), "text"),
    "fal-ai/dwpose": Endpoint(_PREPROCESSOR, None, "image", "input"),
}
