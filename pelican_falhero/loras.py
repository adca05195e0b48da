"""LoRAs that settings and posts name. Each function checks a value, as in ``validators``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from .validators import number, text


class Lora(NamedTuple):
    """A LoRA: the address of its weights, its scale, and its trigger words for the prompt."""

    path: str
    scale: float = 1.0
    trigger: str = ""


def lora(value: object) -> Lora:
    """Check a LoRA: an address, or ``{"path": …, "scale": …, "trigger": …}``."""
    table = {"path": value} if isinstance(value, str) else value
    if not isinstance(table, Mapping) or not set(table) <= {"path", "scale", "trigger"} or "path" not in table:
        raise ValueError(f'must be an address or {{"path": …, "scale": …, "trigger": …}}, not {value!r}')
    path = str(table["path"]).strip()
    if not re.fullmatch(r"https://\S+|[\w.-]+/[\w.-]+", path, re.ASCII):
        raise ValueError(f"must name weights by an https address, or as owner/name on Hugging Face, not {path!r}")
    return Lora(path, lora_scale(table.get("scale", 1.0)), str(table.get("trigger", "")).strip())


def lora_scale(value: object) -> float:
    """Check the strength of a LoRA, 0 to 4; 1 is the normal strength."""
    try:
        return number(0, 4)(float(value) if isinstance(value, str) else value)
    except ValueError:
        raise ValueError(f"must have a scale from 0 to 4, not {value!r}") from None


def lora_list(value: object) -> tuple[Lora, ...]:
    """Check a list of LoRAs."""
    if not isinstance(value, list | tuple):
        raise ValueError(f'must be a list such as [{{"path": "https://…", "scale": 0.9}}], not {value!r}')
    return tuple(map(lora, value))


def lora_table(value: object) -> Mapping[str, Lora]:
    """Check a dictionary of LoRAs by name."""
    if not isinstance(value, Mapping):
        raise ValueError(f'must be a dictionary such as {{"ink": "https://…"}}, not {value!r}')
    for name in value:
        if not isinstance(name, str) or not re.fullmatch(r"[\w.-]+", name):
            raise ValueError(f"has the name {name!r}; names are letters, digits, dots, dashes and underscores")
    return {name: lora(entry) for name, entry in value.items()}


def lora_names(value: object) -> tuple[tuple[str, float | None], ...]:
    """Read LoRAs by name or address, each with an optional scale: ``ink:0.8, https://…``.

    Returns:
        (name or address, scale) of each; the scale is None if it is not given.
    """
    found = []
    for entry in text(value).replace(",", " ").split():
        name, colon, scale = entry.rpartition(":")
        scaled = bool(colon) and not scale.startswith("//")
        found.append((name, lora_scale(scale)) if scaled else (entry, None))
    return tuple(found)
