"""The language models on fal that write briefs and alternative texts: their endpoints, and what an answer costs.

All are behind one pair of endpoints, which take the model's name as an argument: ``openrouter/router`` reads a text,
``openrouter/router/vision`` a text and pictures. The answer says what it has cost (``usage.cost``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

ROUTER = "openrouter/router"
VISION_ROUTER = "openrouter/router/vision"
TEXT_ENDPOINTS = frozenset({ROUTER, VISION_ROUTER})
"""The endpoints that answer with a text and not with a picture."""

DEFAULT_LANGUAGE_MODEL = "google/gemini-2.5-flash"

_ESTIMATES: Mapping[str, float] = MappingProxyType({DEFAULT_LANGUAGE_MODEL: 0.001})
"""Model to USD for one of our questions, rounded up: gemini-2.5-flash takes about $0.0006 for an answer about a
picture."""
_UNKNOWN_ESTIMATE = 0.01
"""USD for a question to any other model; one of the dearest takes more, and ``FALHERO_PRICES`` can say so."""

_NAME = r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.:-]*"


def language_model(name: str) -> str:
    """Return the name of a language model, as fal's router takes it.

    Raises:
        ValueError: it can't be one.
    """
    if not re.fullmatch(_NAME, name, re.ASCII):
        raise ValueError(f"must be a language model such as {DEFAULT_LANGUAGE_MODEL}, not {name!r}")
    return name


def estimate(model: str, prices: Mapping[str, float]) -> float:
    """Return the USD that one answer of a model is expected to cost: from ``FALHERO_PRICES``, else from here."""
    return prices.get(model, _ESTIMATES.get(model, _UNKNOWN_ESTIMATE))
