"""The prompt of a post: a template, filled with plain text, cut to length where it hurts least."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from string import Formatter

from .text import cut_at_word

FIELDS = ("title", "excerpt", "style", "category", "tags", "lang")
"""What a prompt template can name."""

DEFAULT_TEMPLATE = "{title}. {excerpt}. {style}"
DEFAULT_STYLE = "Cinematic lighting, professional photography, 8K"
DEFAULT_LIMIT = 500
"""Characters in a prompt. FLUX reads about 256 to 512 tokens of it, by model (black-forest-labs/flux, ``cli.py``)."""

_LORA_TAG = re.compile(r"\s*<lora:([\w.-]+)(?::(\d+(?:\.\d+)?))?>\s*", re.IGNORECASE)
_SENTENCE_ENDS = ".!?…:;。！？"


def check_template(template: str) -> str:
    """``template`` itself, once it is sure that it can be filled.

    Raises:
        ValueError: a brace too many, or a field that does not exist.
    """
    try:
        fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    except ValueError as error:
        raise ValueError(f"has a stray brace ({error}); write {{{{ and }}}} for braces themselves") from None
    for field in fields:
        if field not in FIELDS:
            known = ", ".join(f"{{{name}}}" for name in FIELDS)
            raise ValueError(f"names the field {{{field}}}; there are {known}")
    return template


def extract_loras(text: str) -> tuple[str, list[tuple[str, float | None]]]:
    """The text without its ``<lora:name>`` and ``<lora:name:0.8>``, and the names and scales they hold."""
    found = [(match[1], float(match[2]) if match[2] else None) for match in _LORA_TAG.finditer(text)]
    if not found:
        return text, found
    return re.sub(r"\s+([.,;:!?])", r"\1", " ".join(_LORA_TAG.sub(" ", text).split())), found


def unknown_loras(text: str, known: Collection[str]) -> list[str]:
    """The names in the text's ``<lora:…>`` that are not known."""
    return [name for name, _ in extract_loras(text)[1] if name not in known]


def build_prompt(template: str, values: Mapping[str, str], *, limit: int) -> str:
    """The template filled in, in at most ``limit`` characters.

    What is too long loses the end of its excerpt first, then of its title, each at a word; the style survives as long
    as it fits at all.
    """
    filled = {field: value.strip() for field, value in values.items()}
    for field in ("excerpt", "title"):
        while value := filled.get(field):
            excess = len(_fill(template, filled)) - limit
            if excess <= 0:
                break
            cut = cut_at_word(value, len(value) - excess)
            filled[field] = cut if cut or field == "excerpt" else value[: max(0, len(value) - excess)]
    return cut_at_word(_fill(template, filled), limit)


def _fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its values, without doubled stops and without the stops of empty values."""
    prompt = ""
    value: str | None = None
    for literal, field, _, _ in Formatter().parse(template):
        follows = literal
        if value is not None and literal.startswith("."):
            if not value:
                follows = literal[1:].lstrip()
            elif value[-1] in _SENTENCE_ENDS:
                follows = literal[1:]
        prompt += follows
        value = values.get(field, "").strip() if field is not None else None
        prompt += value or ""
    return " ".join(prompt.split())
