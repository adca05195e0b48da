"""HeroRequest: everything that determines the pixels of a hero, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any

from ..content.post import Post
from ..engines import ENGINES, FAL, Engine, endpoint_at, model_at
from ..errors import PictureError, PostError, RangeError
from ..limits import Problem, find_problems
from ..models import ASPECT_RATIOS, CONTROL_UNION, UNION_MODES, Model, size_in_pixels
from ..settings import Settings
from . import control_image
from .prompt import Prompt, prompt_of
from .routing import ignored, needs_preparation, route

SCHEMA = 1
"""Part of every fingerprint; increase it when the same arguments begin to have another meaning."""

_FILE_PLACEHOLDER = "falhero:file:sha256:"
"""Placeholder for the control image in the arguments; the SHA-256 of the file follows."""
_MAP_PLACEHOLDER = "falhero:prepared"
"""Placeholder for the address of the control map that the preparation makes."""


@dataclass(frozen=True)
class HeroRequest:
    """An endpoint and its arguments, complete and frozen."""

    endpoint: str
    arguments_json: str
    """The arguments as JSON with sorted keys."""
    preparation: HeroRequest | None = None
    """The request that must run first, to make the control map; None if none is needed."""
    file: Path | None = field(default=None, compare=False)
    """The control image, or the hero to change, that a placeholder in the arguments stands for."""
    engine: str = FAL
    """The engine that has the endpoint."""

    @classmethod
    def of(cls, endpoint: str, arguments: dict[str, Any], **more: Any) -> HeroRequest:
        """Make a request with these arguments."""
        arguments_json = json.dumps(arguments, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return cls(endpoint, arguments_json, **more)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments as a new dictionary, with placeholders for pictures."""
        arguments: dict[str, Any] = json.loads(self.arguments_json)
        return arguments

    @property
    def steps(self) -> tuple[HeroRequest, ...]:
        """The requests to send, in order: the preparation, if there is one, and the request itself."""
        return (self.preparation, self) if self.preparation else (self,)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the SHA-256 of exactly what determines the pixels."""
        endpoint = self.endpoint if self.engine == FAL else f"{self.engine} {self.endpoint}"
        decisive = f"{SCHEMA}\n{endpoint}\n{self.arguments_json}"
        if self.preparation:
            decisive += f"\n{self.preparation.fingerprint}"
        return hashlib.sha256(decisive.encode(errors="surrogatepass")).hexdigest()[:16]

    def with_seed(self, seed: int) -> HeroRequest:
        """Return the same request with this seed."""
        more = {"preparation": self.preparation, "file": self.file, "engine": self.engine}
        return HeroRequest.of(self.endpoint, self.arguments | {"seed": seed}, **more)

    def with_control_image(self) -> HeroRequest:
        """Return the request as it is sent, with the picture of ``file`` in it.

        Raises:
            PictureError: the picture can't be read.
        """
        if self.file is None:
            return self
        return HeroRequest.of(
            self.endpoint, _fill_placeholders(self.arguments, _FILE_PLACEHOLDER, control_image.data_uri(self.file))
        )

    def with_control_map(self, url: str) -> HeroRequest:
        """Return the request with the address of the control map that its preparation has made."""
        return HeroRequest.of(self.endpoint, _fill_placeholders(self.arguments, _MAP_PLACEHOLDER, url))


def build_request(post: Post, settings: Settings) -> HeroRequest:
    """Build the request for a post's hero.

    Raises:
        RangeError: the engine or the endpoint does not accept one of the values.
        PostError: the author's prompt function failed, a LoRA is unknown, or the control image can't be read.
    """
    prompt = prompt_of(post, settings)
    loras = prompt.loras
    own = post.overrides
    engine = ENGINES[settings.engine]
    _require_fal(post, engine, prompt)
    endpoint = _endpoint(post, settings, prompt)
    model = model_at(engine.name, endpoint)
    if own.control and model is None:
        # Nobody knows how this endpoint takes a control image, and it would draw, and charge, without it.
        text = f"can't be used with {endpoint}; remove it, or choose a model that `falhero models` lists"
        raise RangeError(post.source, "Hero_Control", text)
    arguments: dict[str, Any] = {"prompt": prompt.text, **engine.arguments}
    arguments |= _size_arguments(own.size or settings.image_size, engine, model)
    arguments |= _sampling_arguments(post, settings, engine, endpoint)
    negative = own.negative_prompt or settings.negative_prompt
    if negative and (model is None or model.negative_prompt):
        arguments["negative_prompt"] = negative
    if loras:
        arguments["loras"] = [{"path": lora.path, "scale": lora.scale} for lora in loras]
    seed = settings.seed if own.seed is None else own.seed
    if seed is not None and (model is None or model.seeds):
        arguments["seed"] = seed_of(post.title) if seed == "title" else seed
    arguments |= settings.arguments
    request = _with_control(HeroRequest.of(endpoint, arguments, engine=engine.name), post, model)
    for problem in find_problems(engine.name, endpoint, request.arguments):
        raise RangeError(post.source, _source_name(problem, post, settings, prompt), problem.text)
    return request


def _require_fal(post: Post, engine: Engine, prompt: Prompt) -> None:
    """Require an engine that draws with a post's control image and LoRAs, if it has any.

    Raises:
        RangeError: this one would draw, and charge, without them.
    """
    if engine.takes_loras:
        return
    text = f"can't be used with {engine.title}; remove it, or have fal draw (FALHERO_PROVIDER)"
    if post.overrides.control:
        raise RangeError(post.source, "Hero_Control", text)
    for lora in prompt.loras:
        raise RangeError(post.source, prompt.lora_fields[lora.path], text)


def _endpoint(post: Post, settings: Settings, prompt: Prompt) -> str:
    try:
        return route(post, settings, prompt.loras)
    except ValueError as error:
        raise RangeError(post.source, "Hero_Model" if post.overrides.model else "FALHERO_MODEL", str(error)) from None


def placeholder_of(file: Path) -> str:
    """Return what stands for a picture in the arguments, and in the fingerprint, until the request is sent.

    Raises:
        PictureError: the file can't be read.
    """
    return _FILE_PLACEHOLDER + control_image.digest(file)


def own_fingerprint(post: Post, settings: Settings) -> str:
    """Return the fingerprint of a post's request; empty if the post's fields make none."""
    try:
        return build_request(post, settings).fingerprint
    except PostError:
        return ""


def _source_name(problem: Problem, post: Post, settings: Settings, prompt: Prompt) -> str:
    """Return the post's field, or the setting, that an argument comes from."""
    own = post.overrides
    name = problem.argument
    if own.control and name in ("control_lora_strength", "controlnet_unions"):
        return "Hero_Control_Scale"
    if name in settings.arguments:
        return f'FALHERO_ARGUMENTS["{name}"]'
    if name == "loras":
        return prompt.lora_fields[problem.lora]
    if name == "num_inference_steps":
        return "Hero_Steps" if own.steps else "FALHERO_STEPS"
    if name == "image_size":
        return "Hero_Size" if own.size else "FALHERO_IMAGE_SIZE"
    return "FALHERO_GUIDANCE_SCALE"


def seed_of(title: str) -> int:
    """Compute a seed from a title: 32 bits of its SHA-256, the same on every machine."""
    return int(hashlib.sha256(title.encode(errors="surrogatepass")).hexdigest()[:8], 16)


def ignored_arguments(post: Post, settings: Settings) -> list[str]:
    """Return a message for each setting that the post's endpoint ignores, with the models that support it.

    Raises:
        PostError: as ``build_request``.
    """
    return ignored(post, settings, prompt_of(post, settings).loras)


def _sampling_arguments(post: Post, settings: Settings, engine: Engine, endpoint: str) -> dict[str, Any]:
    """Return steps and guidance: the post's, else from the settings if they apply to this model, else its default."""
    model, of_site = model_at(engine.name, endpoint), endpoint_at(engine.name, settings.model)
    base = model_at(engine.name, of_site)
    settings_apply = endpoint == of_site or (model is not None and base is not None and model.base == base.base)
    steps = post.overrides.steps or (settings.steps if settings_apply else None)
    guidance = settings.guidance_scale if settings_apply else None
    if model:
        steps = None if model.steps is None else steps or int(model.steps.default)
        guidance = None if model.guidance is None else model.guidance.default if guidance is None else guidance
    arguments = {"num_inference_steps": steps, engine.guidance: guidance}
    return {name: value for name, value in arguments.items() if value is not None}


def _with_control(request: HeroRequest, post: Post, model: Model | None) -> HeroRequest:
    """Add the post's control image to the request, in the form that the endpoint accepts."""
    own = post.overrides
    if not own.control:
        return request
    try:
        picture = placeholder_of(own.control)
    except PictureError as error:
        raise PostError(f"{post.source}: Hero_Control: {error}") from error
    preparation = needs_preparation(own)
    first = HeroRequest.of(preparation, {"image_url": picture}, file=own.control) if preparation else None
    image = _MAP_PLACEHOLDER if first else picture
    scale = 1.0 if own.control_scale is None else own.control_scale
    if model and model.control == "control_lora":
        more: dict[str, Any] = {"control_lora_image_url": image, "control_lora_strength": scale}
    else:
        mode = UNION_MODES.get(own.control_type, own.control_type)
        controls = [{"control_image_url": image, "control_mode": mode, "conditioning_scale": scale}]
        more = {"controlnet_unions": [{"path": CONTROL_UNION, "controls": controls}]}
    file = None if first else own.control
    return HeroRequest.of(request.endpoint, request.arguments | more, preparation=first, file=file)


def _size_arguments(size: str | tuple[int, int], engine: Engine, model: Model | None) -> dict[str, Any]:
    sizing = model.sizing if model else engine.sizing
    if sizing == "aspect_ratio":
        return {"aspect_ratio": _nearest_shape(size, model.shapes if model else ASPECT_RATIOS)}
    if sizing == "width and height":
        return dict(zip(("width", "height"), size_in_pixels(size), strict=True))
    if sizing == "size":
        return {"size": _nearest_shape(size, model.shapes) if model else "{}x{}".format(*size_in_pixels(size))}
    return {"image_size": size if isinstance(size, str) else {"width": size[0], "height": size[1]}}


def _nearest_shape(size: str | tuple[int, int], shapes: Iterable[str]) -> str:
    """Return the one of these aspect ratios (``4:3``) or sizes (``1536x1024``) whose shape is nearest to a size's."""
    width, height = size_in_pixels(size)

    def distance(shape: str) -> float:
        across, down = shape.replace("x", ":").split(":")
        return abs(log(width / height) - log(int(across) / int(down)))

    return min(shapes, key=distance)


def _fill_placeholders(value: Any, placeholder: str, text: str) -> Any:
    """Replace every string in a JSON value that begins with ``placeholder``."""
    if isinstance(value, str):
        return text if value.startswith(placeholder) else value
    if isinstance(value, list):
        return [_fill_placeholders(item, placeholder, text) for item in value]
    if isinstance(value, dict):
        return {key: _fill_placeholders(item, placeholder, text) for key, item in value.items()}
    return value
