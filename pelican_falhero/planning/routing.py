"""Choose the endpoint that draws a post, and find the settings that it ignores. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..content.post import Overrides, Post
from ..engines import endpoint_at, model_at, models_with, title_of
from ..loras import Lora
from ..models import LORA_ENDPOINT, PREPARATIONS, Model
from ..settings import Settings

_CONTROL_ENDPOINTS = {
    "canny": "fal-ai/flux-control-lora-canny",
    "depth": "fal-ai/flux-control-lora-depth",
    "pose": "fal-ai/flux-general",
    "scribble": "fal-ai/flux-general",
}


def route(post: Post, settings: Settings, loras: Sequence[Lora]) -> str:
    """Return the endpoint for a post.

    If the chosen model does not accept the post's control image or LoRAs, another endpoint that does is used. An
    endpoint outside the catalogue is always used.

    Raises:
        ValueError: the engine does not have the model.
    """
    endpoint = endpoint_at(settings.engine, post.overrides.model or settings.model)
    model = model_at(settings.engine, endpoint)
    if model and post.overrides.control and not _accepts_control(model, post.overrides):
        return _CONTROL_ENDPOINTS[post.overrides.control_type]
    if model and loras and not model.lora_scale:
        return LORA_ENDPOINT
    return endpoint


def needs_preparation(own: Overrides) -> str:
    """Return the endpoint that makes the control map; empty if the control type needs no map."""
    return PREPARATIONS.get(own.control_type, "") if own.control else ""


def ignored(post: Post, settings: Settings, loras: Sequence[Lora]) -> list[str]:
    """Return a message for each setting that the endpoint ignores, with the models that support it."""
    endpoint = route(post, settings, loras)
    model = model_at(settings.engine, endpoint)
    if model is None:
        return []
    own = post.overrides
    is_site_endpoint = endpoint == endpoint_at(settings.engine, settings.model)
    site_negative = "FALHERO_NEGATIVE_PROMPT" if settings.negative_prompt else ""
    sources = {
        "steps": "Hero_Steps" if own.steps else "FALHERO_STEPS" if settings.steps and is_site_endpoint else "",
        "guidance": "FALHERO_GUIDANCE_SCALE" if settings.guidance_scale is not None and is_site_endpoint else "",
        "negative_prompt": "Hero_Negative_Prompt" if own.negative_prompt else site_negative,
        "seeds": "Hero_Seed" if own.seed is not None else "FALHERO_SEED" if settings.seed is not None else "",
    }
    notes = []
    for feature, name in sources.items():
        if name and not getattr(model, feature):
            where = f"{post.source}: " if name.startswith("Hero_") else ""
            able = models_with(settings.engine, feature) or f"no known model of {title_of(settings.engine)}"
            notes.append(f"{where}{name} is ignored by {model.name}; {able} support{'' if ',' in able else 's'} it")
    return notes


def _accepts_control(model: Model, own: Overrides) -> bool:
    if own.control_type in PREPARATIONS:
        return model.control == "control_union"
    return model.endpoint == _CONTROL_ENDPOINTS[own.control_type]
