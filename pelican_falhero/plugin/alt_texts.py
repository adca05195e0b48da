"""The alternative texts of a site's pictures."""

from __future__ import annotations

import contextlib

from ..content.post import Post
from ..errors import HeroError
from ..planning.alt import alt_of
from ..settings import Settings
from ..storage.assets import Library
from ..storage.ledger import FILE_NAME, Ledger


class AltTexts:
    """What authors and settings say, and what a language model has written, if it may."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._settings = settings
        self._written: dict[str, str] = {}
        """By the SHA-256 of the picture."""
        if settings.alt_model:
            with contextlib.suppress(HeroError):  # the build tells
                self._written = Ledger(library.state / FILE_NAME).alternative_texts()

    def of(self, post: Post, digest: str) -> str:
        """Return the alternative text of a post's picture; ``digest`` is its SHA-256, or empty if it is not known."""
        return alt_of(post, self._settings, self._written.get(digest))
