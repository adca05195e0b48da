"""The prompt of a post, and the LoRAs that settings, post and prompt ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..content.post import Post
from ..errors import PostError
from ..loras import Lora
from ..prompts import build_prompt, extract_loras
from ..settings import Settings


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What is asked for in words, and the LoRAs that belong to it."""

    text: str
    loras: tuple[Lora, ...]
    lora_fields: Mapping[str, str]
    """The address of a LoRA to the field or setting that asks for it, the last where several do."""


def prompt_of(post: Post, settings: Settings) -> Prompt:
    """The post's prompt.

    Raises:
        PostError: the author's prompt function failed, or a LoRA is not in ``FALHERO_LORA_LIBRARY``.
    """
    own = post.overrides
    template = own.prompt or settings.prompt
    is_function = callable(template)
    text, in_template = extract_loras(_called(template, post) if callable(template) else template)
    style, style_field = style_of(post, settings)
    style, in_style = extract_loras(style)
    tags = [("Hero_Lora", *tag) for tag in own.loras]
    tags += [("Hero_Prompt" if own.prompt else "FALHERO_PROMPT", *tag) for tag in in_template]
    tags += [(style_field, *tag) for tag in in_style if not is_function]
    loras, lora_fields = _chosen_loras(tags, post, settings)
    values = {"title": text} if is_function else _values(post, settings, style)
    written = " ".join([text, *values.values()]).casefold()
    triggers = [lora.trigger for lora in loras if lora.trigger and lora.trigger.casefold() not in written]
    room = settings.prompt_limit - sum(len(trigger) + 2 for trigger in triggers)
    prompt = build_prompt("{title}" if is_function else text, values, limit=max(0, room))
    return Prompt(text=", ".join(filter(None, [prompt, *triggers])), loras=loras, lora_fields=lora_fields)


def style_of(post: Post, settings: Settings) -> tuple[str, str]:
    """The post's style, and the field or setting that it comes from.

    It is its own, else the first that ``FALHERO_STYLES`` has for its category or a tag.
    """
    if post.overrides.style:
        return post.overrides.style, "Hero_Style"
    groups = {f"category:{post.category}".casefold(), *(f"tag:{tag}".casefold() for tag in post.tags)}
    for group, style in settings.styles.items():
        if group.casefold() in groups:
            return style, "FALHERO_STYLES"
    return settings.style, "FALHERO_STYLE"


def _values(post: Post, settings: Settings, style: str) -> dict[str, str]:
    """What a template can name."""
    return {
        "title": post.title,
        "excerpt": post.excerpt(settings.prompt_limit),
        "style": style,
        "category": post.category,
        "tags": ", ".join(post.tags),
        "lang": post.lang,
    }


def _chosen_loras(
    tags: Iterable[tuple[str, str, float | None]], post: Post, settings: Settings
) -> tuple[tuple[Lora, ...], dict[str, str]]:
    """The settings' LoRAs and those that tags name, and where each is asked for; of two scales the last one holds."""
    chosen = {lora.path: lora for lora in settings.loras}
    fields = dict.fromkeys(chosen, "FALHERO_LORAS")
    for field, name, scale in tags:
        lora = settings.lora_library.get(name) or (Lora(name) if "/" in name else None)
        if lora is None:
            known = ", ".join(settings.lora_library) or "nothing"
            raise PostError(f"{post.source}: there is no LoRA {name}; FALHERO_LORA_LIBRARY has {known}")
        chosen[lora.path] = lora if scale is None else replace(lora, scale=scale)
        fields[lora.path] = field
    return tuple(chosen.values()), fields


def _called(function: Callable[[Any], object], post: Post) -> str:
    """What the author's function says, which is asked once a run: it may be slow, or say something else each time."""
    known, result = post.cache.get("prompt", (None, None))
    if known is not function:
        result = _call(function, post)
        post.cache["prompt"] = (function, result)
    if isinstance(result, PostError):
        raise PostError(str(result))
    return str(result)


def _call(function: Callable[[Any], object], post: Post) -> str | PostError:
    try:
        prompt = function(post.origin if post.origin is not None else post)
    except Exception as error:  # the author's code raises what it likes
        return PostError(f"{post.source}: FALHERO_PROMPT failed: {type(error).__name__}: {error}")
    if not isinstance(prompt, str) or not prompt.strip():
        return PostError(f"{post.source}: FALHERO_PROMPT gave {prompt!r}, not a prompt")
    return prompt
