"""Which endpoint draws a post, and what it is sent beside prompt, size and seed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..content.post import Overrides, Post
from ..loras import Lora
from ..models import LORA_ENDPOINT, PREPARATIONS, Model, find_model, models_with
from ..settings import Settings

_CONTROL_ENDPOINTS = {
    "canny": "fal-ai/flux-control-lora-canny",
    "depth": "fal-ai/flux-control-lora-depth",
    "pose": "fal-ai/flux-general",
    "scribble": "fal-ai/flux-general",
}


def route(post: Post, settings: Settings, loras: Sequence[Lora]) -> str:
    """The endpoint for a post.

    A control image goes to the endpoint of its type, and LoRAs to one that takes them, whatever model was chosen;
    an endpoint outside the catalogue stays.
    """
    endpoint = post.overrides.model or settings.model
    model = find_model(endpoint)
    if model and post.overrides.control and not _takes(model, post.overrides):
        return _CONTROL_ENDPOINTS[post.overrides.control_type]
    if model and loras and not model.lora_scale:
        return LORA_ENDPOINT
    return endpoint


def needs_preparation(own: Overrides) -> str:
    """The endpoint that makes the control image's map, where its type has one."""
    return PREPARATIONS.get(own.control_type, "") if own.control else ""


def ignored(post: Post, settings: Settings, loras: Sequence[Lora]) -> list[str]:
    """What was asked for and the endpoint does not honour, with the models that do."""
    endpoint = route(post, settings, loras)
    model = find_model(endpoint)
    if model is None:
        return []
    own = post.overrides
    same = endpoint == settings.model
    asked = {
        "steps": "Hero_Steps" if own.steps else "FALHERO_STEPS" if settings.steps and same else "",
        "guidance": "FALHERO_GUIDANCE_SCALE" if settings.guidance_scale is not None and same else "",
        "negative_prompt": "Hero_Negative_Prompt" if own.negative_prompt else _named(settings.negative_prompt),
    }
    notes = []
    for feature, name in asked.items():
        if name and not getattr(model, feature):
            where = f"{post.source}: " if name.startswith("Hero_") else ""
            able = models_with(feature)
            notes.append(f"{where}{name} is ignored by {model.name}; {able} honour{'' if ',' in able else 's'} it")
    return notes


def _named(value: str) -> str:
    return "FALHERO_NEGATIVE_PROMPT" if value else ""


def _takes(model: Model, own: Overrides) -> bool:
    if own.control_type in PREPARATIONS:
        return model.control == "control_union"
    return model.endpoint == _CONTROL_ENDPOINTS[own.control_type]
