"""Check a request's arguments, as they are sent, against the catalogue's ranges. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .engines import ENGINES, model_at
from .models import Model, Range, Sides, image_size_in_pixels


class Problem(NamedTuple):
    """An argument that the endpoint would refuse, or that would give a picture that we refuse."""

    argument: str
    """Its name, the top-level key of the arguments."""
    text: str
    """The rest of a sentence that begins with the name of a setting or field: "must be …, not …"."""
    lora: str = ""
    """The address of the LoRA with the problem; empty if the problem is not about a LoRA."""


def find_problems(engine: str, endpoint: str, arguments: Mapping[str, object]) -> Iterator[Problem]:
    """Find the arguments that are out of range. For an endpoint outside the catalogue, only sizes are checked."""
    model = model_at(engine, endpoint)
    if "image_size" in arguments:
        yield from _size_problems(endpoint, model, arguments["image_size"])
    if model is None:
        return
    steps = arguments.get("num_inference_steps")
    if (
        model.steps
        and "num_inference_steps" in arguments
        and not (isinstance(steps, int) and model.steps.contains(steps))
    ):
        yield _out_of_range("num_inference_steps", steps, model.steps, endpoint)
    numbers = {ENGINES[engine].guidance: model.guidance, "control_lora_strength": model.control_scale}
    for name, allowed in numbers.items():
        if allowed and name in arguments and not allowed.contains(arguments[name]):
            yield _out_of_range(name, arguments[name], allowed, endpoint)
    if (wanted := arguments.get("output_format", "png")) not in model.formats:
        text = f"must be one of {', '.join(model.formats)} for {endpoint}, not {wanted!r}"
        yield Problem(argument="output_format", text=text)
    yield from _lora_problems(endpoint, model, arguments.get("loras"))
    yield from _control_problems(endpoint, model, arguments.get("controlnet_unions"))


def _size_problems(endpoint: str, model: Model | None, image_size: object) -> Iterator[Problem]:
    sides = image_size_in_pixels(image_size)
    if sides is None:
        if model and model.sizing == "image_size":
            text = f"must be one of fal's size names or a width and height in pixels for {endpoint}, not {image_size!r}"
            yield Problem(argument="image_size", text=text)
        return
    if problem := (model.sides if model else Sides()).problem(*sides):
        shown = image_size if isinstance(image_size, str) else f"{sides[0]}x{sides[1]}"
        yield Problem(argument="image_size", text=f"{problem} for {endpoint}, not {shown}")


def _lora_problems(endpoint: str, model: Model, loras: object) -> Iterator[Problem]:
    for lora in _dictionaries(loras):
        scale = lora.get("scale", 1)
        if model.lora_scale and not model.lora_scale.contains(scale):
            path = str(lora.get("path", ""))
            text = f"must give the LoRA {path} a scale of {model.lora_scale} for {endpoint}, not {_as_text(scale)}"
            yield Problem(argument="loras", text=text, lora=path)


def _control_problems(endpoint: str, model: Model, unions: object) -> Iterator[Problem]:
    for union in _dictionaries(unions):
        for control in _dictionaries(union.get("controls")):
            scale = control.get("conditioning_scale", 1)
            if model.control_scale and not model.control_scale.contains(scale):
                yield _out_of_range("controlnet_unions", scale, model.control_scale, endpoint)


def _dictionaries(value: object) -> list[Mapping[str, object]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def _out_of_range(argument: str, value: object, allowed: Range, endpoint: str) -> Problem:
    return Problem(argument=argument, text=f"must be {allowed} for {endpoint}, not {_as_text(value)}")


def _as_text(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if is_number else repr(value)
