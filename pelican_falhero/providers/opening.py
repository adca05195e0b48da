"""Opens the provider of an engine, and says whether there are credentials for it. The one place that knows them all."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..engines import ENGINES, FAL, title_of
from ..errors import HeroError
from ..settings import Settings
from .base import Provider
from .fal import credentials


def has_credentials(engine: str, settings: Settings, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether requests can be sent to an engine, as far as can be told without importing its client."""
    if engine == FAL:
        return credentials.are_present(environ)
    variable = ENGINES[engine].key_variable or settings.api_key_name
    # A server may need no key.
    return not variable or bool(environ.get(variable, "").strip())


def open_provider(engine: str, settings: Settings) -> Provider:
    """Open the provider of an engine; nothing is sent. Its client is imported here, which a warm build does not need.

    Raises:
        HeroError: only a later version knows the engine.
    """
    match engine:
        case "fal":
            from .fal.provider import FalProvider  # noqa: PLC0415

            return FalProvider()
        case "replicate":
            from .replicate.provider import ReplicateProvider  # noqa: PLC0415

            return ReplicateProvider()
        case "huggingface":
            from .huggingface.provider import HuggingFaceProvider  # noqa: PLC0415

            return HuggingFaceProvider()
        case "openai":
            from .openai.provider import OpenAIProvider  # noqa: PLC0415

            return OpenAIProvider(settings)
    raise HeroError(f"this version knows no engine {title_of(engine)}")
