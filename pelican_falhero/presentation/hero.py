"""Hero: the picture of an article, as a template sees it."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from markupsafe import Markup, escape

from ..errors import PictureError
from ..storage.images import size_of
from ..text import is_address


@dataclass(frozen=True)
class Picture:
    """A picture file as pages name it; where there is none, a falsy one of empty fields."""

    url: str = ""
    """The published address relative to SITEURL, or a whole one (STATIC_URL and an author's own may be)."""
    file: Path | None = field(default=None, repr=False)
    """The file on this machine; None for a picture on another host."""

    @property
    def width(self) -> int | str:
        """Pixels, read from the file when a template asks; empty where it can't be known."""
        return self._size[0] or ""

    @property
    def height(self) -> int | str:
        """Pixels, read from the file when a template asks; empty where it can't be known."""
        return self._size[1] or ""

    @cached_property
    def mime(self) -> str:
        """``image/png`` and the like, by the name; empty where that tells nothing."""
        kind = mimetypes.guess_type(self.url.partition("?")[0])[0] or ""
        return kind if kind.startswith("image/") else ""

    @cached_property
    def length(self) -> int | None:
        """Bytes; None where it can't be known."""
        try:
            return self.file.stat().st_size if self.file else None
        except OSError:
            return None

    def at(self, siteurl: str) -> str:
        """The address for a page that calls the site ``siteurl`` (which is relative under RELATIVE_URLS)."""
        return self.url if is_address(self.url) else f"{siteurl}/{self.url}"

    @cached_property
    def _size(self) -> tuple[int, int] | tuple[None, None]:
        try:
            return size_of(self.file) if self.file else (None, None)
        except PictureError:
            return None, None

    def __bool__(self) -> bool:
        return bool(self.url)

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class Hero(Picture):
    """The picture of an article, for ``{{ SITEURL }}/{{ article.hero.url }}``; ``{{ article.hero }}`` is its url."""

    path: str = ""
    """The file, relative to the content folder, with forward slashes."""
    alt: Markup = field(default_factory=Markup)
    """The alternative text, escaped: right inside an attribute with or without ``|e``."""
    is_card: bool = False
    """Whether it is a locally drawn title card."""
    titled: Picture | None = field(default=None, repr=False)
    """The same card with its title in it, for places that don't print the title."""

    @property
    def preview(self) -> Picture:
        """What previews on other sites show."""
        return self.titled or self


NO_HERO = Hero()
"""What an article without a picture has."""


def alt_text(text: str) -> Markup:
    """Plain text made safe for an attribute, once: ``|e`` leaves it as it is."""
    return escape(text)
