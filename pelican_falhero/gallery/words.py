"""How a model, a size, a price and an origin are written, for the terminal, for programs and for the page. Pure."""

from __future__ import annotations

from typing import Any

from ..engines import find_anywhere
from ..generation import messages
from .origin import Origin
from .steps import Step


def model_name(endpoint: str) -> str:
    """``dev (fal-ai/flux/dev)``; an endpoint outside the catalogue as it is."""
    model = find_anywhere(endpoint)
    return f"{model.name} ({endpoint})" if model else endpoint


def short_name(endpoint: str) -> str:
    """``dev``; an endpoint outside the catalogue as it is."""
    model = find_anywhere(endpoint)
    return model.name if model else endpoint


def pixels(size: tuple[int, int] | None) -> str:
    """``1024 × 768 pixels``; empty if the size is not known."""
    return f"{size[0]} × {size[1]} pixels" if size else ""


def cost(step: Step) -> str:
    """``for $0.025`` or ``for nothing``; empty for what the author does by hand."""
    if step.command.startswith("#"):
        return ""
    return f"for {messages.dollars(step.usd)}" if step.usd else "for nothing"


def origin_fields(origin: Origin | None) -> dict[str, Any]:
    """What made a picture, as fields of ``--json``; all None if it is not known."""
    return {
        "prompt": origin.prompt if origin else None,
        "endpoint": origin.endpoint if origin else None,
        "seed": origin.seed if origin else None,
        "usd": round(origin.usd, 6) if origin else None,
        "drawn": origin.time.strftime("%Y-%m-%dT%H:%M:%SZ") if origin else None,
    }
