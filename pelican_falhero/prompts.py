"""Fill a prompt template with plain text, and cut the result to the allowed length."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from string import Formatter

from .text import cut_at_word

FIELDS = ("title", "excerpt", "style", "category", "tags", "lang")
"""The fields that a prompt template can use."""

DEFAULT_TEMPLATE = "{title}. {excerpt}. {style}"
DEFAULT_STYLE = "Cinematic lighting, professional photography, 8K"
DEFAULT_LIMIT = 500
"""Characters. FLUX reads 256 to 512 tokens of a prompt, depending on the model (black-forest-labs/flux, ``cli.py``)."""

_LORA_TAG = r"(?i)\s*<lora:([\w.-]+)(?::(\d+(?:\.\d+)?))?>\s*"
_SENTENCE_ENDS = ".!?…:;。！？"


def check_template(template: str) -> str:
    """Return ``template`` if it can be filled.

    Raises:
        ValueError: a brace is not closed or not opened, or a field does not exist.
    """
    try:
        fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    except ValueError as error:
        raise ValueError(f"has a single brace ({error}); write {{{{ and }}}} for braces that are text") from None
    for field in fields:
        if field not in FIELDS:
            known = ", ".join(f"{{{name}}}" for name in FIELDS)
            raise ValueError(f"has the unknown field {{{field}}}; the fields are {known}")
    return template


def extract_loras(text: str) -> tuple[str, list[tuple[str, float | None]]]:
    """Remove ``<lora:name>`` and ``<lora:name:0.8>`` from a text.

    Returns:
        The rest of the text, and the (name, scale) of each LoRA; the scale is None if it is not given.
    """
    if "<" not in text:
        return text, []
    found = [(match[1], float(match[2]) if match[2] else None) for match in re.finditer(_LORA_TAG, text)]
    if not found:
        return text, found
    return re.sub(r"\s+([.,;:!?])", r"\1", " ".join(re.sub(_LORA_TAG, " ", text).split())), found


def unknown_loras(text: str, known: Collection[str]) -> list[str]:
    """Return the LoRA names in the text's ``<lora:…>`` that are not in ``known``."""
    return [name for name, _ in extract_loras(text)[1] if name not in known]


def build_prompt(template: str, values: Mapping[str, str], *, limit: int) -> str:
    """Fill the template, with a result of at most ``limit`` characters.

    If the prompt is too long, the end of the excerpt is cut first, then the end of the title, each at a word. The style
    is cut only if it does not fit alone.
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
    """Fill the template, without a full stop after an empty value or after a value that ends with punctuation."""
    prompt = ""
    value: str | None = None
    for literal, field, _, _ in Formatter().parse(template):
        separator = literal
        if value is not None and literal.startswith("."):
            if not value:
                separator = literal[1:].lstrip()
            elif value[-1] in _SENTENCE_ENDS:
                separator = literal[1:]
        prompt += separator
        value = values.get(field, "").strip() if field is not None else None
        prompt += value or ""
    return " ".join(prompt.split())
