"""The prompt of a post, and the LoRAs that its settings, metadata and prompt name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..content.post import Post
from ..errors import PostError
from ..loras import Lora
from ..prompts import build_prompt, extract_loras
from ..settings import Settings


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """The text of the prompt, and the LoRAs to draw with."""

    text: str
    loras: tuple[Lora, ...]
    lora_fields: Mapping[str, str]
    """Address of each LoRA to the field or setting that names it; the last one if several do."""


def prompt_of(post: Post, settings: Settings) -> Prompt:
    """Build the prompt of a post.

    Raises:
        PostError: the author's prompt function failed, or a LoRA is not in ``FALHERO_LORA_LIBRARY``.
    """
    own = post.overrides
    template = own.prompt or (template_of_brief(post.brief) if post.brief else settings.prompt)
    is_function = callable(template)
    text, in_template = extract_loras(_function_result(template, post) if callable(template) else template)
    style, style_field = style_of(post, settings)
    style, in_style = extract_loras(style)
    tags = [("Hero_Lora", *tag) for tag in own.loras]
    tags += [("Hero_Prompt" if own.prompt else "FALHERO_PROMPT", *tag) for tag in in_template]
    tags += [(style_field, *tag) for tag in in_style if not is_function]
    loras, lora_fields = _chosen_loras(tags, post, settings)
    values = {"title": text} if is_function else post.values(style, limit=settings.prompt_limit)
    all_text = " ".join([text, *values.values()]).casefold()
    triggers = [lora.trigger for lora in loras if lora.trigger and lora.trigger.casefold() not in all_text]
    room = settings.prompt_limit - sum(len(trigger) + 2 for trigger in triggers)
    prompt = build_prompt("{title}" if is_function else text, values, limit=max(0, room))
    return Prompt(text=", ".join(filter(None, [prompt, *triggers])), loras=loras, lora_fields=lora_fields)


def template_of_brief(brief: str) -> str:
    """Return the template that a brief stands for: the scene, which has no braces and ends with a stop, and the style.

    As ``Hero_Prompt`` of a post it makes the same request.
    """
    return f"{brief} {{style}}"


def style_of(post: Post, settings: Settings) -> tuple[str, str]:
    """Return the post's style, and the name of the field or setting that it comes from.

    ``Hero_Style`` comes first, then the first match of category or tag in ``FALHERO_STYLES``, then ``FALHERO_STYLE``.
    """
    if post.overrides.style:
        return post.overrides.style, "Hero_Style"
    groups = {f"category:{post.category}".casefold(), *(f"tag:{tag}".casefold() for tag in post.tags)}
    for group, style in settings.styles.items():
        if group.casefold() in groups:
            return style, "FALHERO_STYLES"
    return settings.style, "FALHERO_STYLE"


def _chosen_loras(
    tags: Iterable[tuple[str, str, float | None]], post: Post, settings: Settings
) -> tuple[tuple[Lora, ...], dict[str, str]]:
    """Return the LoRAs of settings and tags, and the field or setting of each; the last scale of a LoRA is used."""
    chosen = {lora.path: lora for lora in settings.loras}
    fields = dict.fromkeys(chosen, "FALHERO_LORAS")
    for field, name, scale in tags:
        lora = settings.lora_library.get(name) or (Lora(name) if "/" in name else None)
        if lora is None:
            known = ", ".join(settings.lora_library) or "nothing"
            raise PostError(f"{post.source}: {field} names the unknown LoRA {name}; FALHERO_LORA_LIBRARY has {known}")
        chosen[lora.path] = lora if scale is None else lora._replace(scale=scale)
        fields[lora.path] = field
    return tuple(chosen.values()), fields


def _function_result(function: Callable[[Any], object], post: Post) -> str:
    """Return the result of the author's prompt function.

    It is called only once per run: it may be slow, or return another text each time.
    """
    cached_function, result = post.cache.get("prompt", (None, None))
    if cached_function is not function:
        result = _call(function, post)
        post.cache["prompt"] = (function, result)
    if isinstance(result, PostError):
        raise PostError(str(result))
    return str(result)


def _call(function: Callable[[Any], object], post: Post) -> str | PostError:
    try:
        prompt = function(post.origin if post.origin is not None else post)
    except Exception as error:  # the author's code may raise any error
        return PostError(f"{post.source}: FALHERO_PROMPT failed: {type(error).__name__}: {error}")
    if not isinstance(prompt, str) or not prompt.strip():
        return PostError(f"{post.source}: FALHERO_PROMPT returned {prompt!r}, not a text")
    return prompt
