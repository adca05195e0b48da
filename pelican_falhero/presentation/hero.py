"""Hero: the picture of an article, as a template sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from markupsafe import Markup, escape

from ..errors import PictureError
from ..storage.images import size_of


@dataclass(frozen=True)
class Hero:
    """A picture with its address, its text and its size; where there is no picture, a falsy one of empty fields.

    ``{{ article.hero }}`` is its url.
    """

    url: str = ""
    """The published address relative to SITEURL, for ``{{ SITEURL }}/{{ article.hero.url }}``."""
    path: str = ""
    """The file, relative to the content folder, with forward slashes."""
    alt: Markup = field(default_factory=Markup)
    """The alternative text, escaped: right inside an attribute with or without ``|e``."""
    is_card: bool = False
    """Whether it is a locally drawn title card, which shows the title in the picture."""
    file: Path | None = field(default=None, repr=False)
    """The file on this machine."""

    @cached_property
    def _size(self) -> tuple[int, int] | tuple[None, None]:
        try:
            return size_of(self.file) if self.file else (None, None)
        except PictureError:
            return None, None

    @property
    def width(self) -> int | str:
        """Pixels, read from the file when a template asks; empty where it can't be known."""
        return self._size[0] or ""

    @property
    def height(self) -> int | str:
        """Pixels, read from the file when a template asks; empty where it can't be known."""
        return self._size[1] or ""

    def __bool__(self) -> bool:
        return bool(self.url)

    def __str__(self) -> str:
        return self.url


NO_HERO = Hero()
"""What an article without a picture has."""


def alt_text(text: str) -> Markup:
    """Plain text made safe for an attribute, once: ``|e`` leaves it as it is."""
    return escape(text)
