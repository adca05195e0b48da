"""Hero images for every Pelican article, drawn by FLUX on fal.

As a Pelican plugin: ``PLUGINS = ["pelican_falhero"]``. As a library: ``BlogImageGenerator``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import BlogImageGenerator, NotMadeError, SavedHero

__all__ = ["BlogImageGenerator", "NotMadeError", "SavedHero", "register"]


def register() -> None:
    """Connect to Pelican's signals; Pelican calls this."""
    from .plugin.signals import register as connect  # noqa: PLC0415 - the package can be used without Pelican

    connect()


def __getattr__(name: str) -> Any:
    # A build that has all its heroes must not import the modules that draw them.
    if name in __all__:
        from . import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
