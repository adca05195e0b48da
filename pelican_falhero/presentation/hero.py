"""Hero: the picture of an article, as a template sees it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ..errors import PictureError
from .addresses import web_address
from .variants import NO_VARIANTS, Variants, picture_element

_MIME_TYPES: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}

_EMPTY = Markup()
_WHOLE_WIDTH = "100vw"
"""The ``sizes`` of a picture that is as wide as the window, which none is wider than."""


@dataclass(frozen=True)
class Picture:
    """A picture file as pages name it; where there is none, a falsy one of empty fields."""

    url: str = ""
    """The published address relative to SITEURL, or a whole one (STATIC_URL and an author's own may be)."""
    file: str = field(default="", repr=False)
    """The path of the file on this machine; empty for a picture on another host."""
    size: tuple[int, int] | None = field(default=None, repr=False)
    """Width and height in pixels; None to read them from the file when a template asks."""

    @property
    def width(self) -> int | str:
        """Pixels; empty where it can't be known."""
        return self.size[0] if self.size else self._read_size[0] or ""

    @property
    def height(self) -> int | str:
        """Pixels; empty where it can't be known."""
        return self.size[1] if self.size else self._read_size[1] or ""

    @cached_property
    def mime(self) -> str:
        """``image/png`` and the like, by the name; empty where that tells nothing."""
        path = self.url.partition("?")[0]
        return _MIME_TYPES.get(path[path.rfind(".") :].lower(), "")

    @property
    def length(self) -> int | None:
        """Bytes; None where it can't be known."""
        try:
            return os.stat(self.file).st_size if self.file else None  # noqa: PTH116 - feeds ask it of many
        except OSError:
            return None

    @cached_property
    def _read_size(self) -> tuple[int, int] | tuple[None, None]:
        from ..storage.images import size_of  # noqa: PLC0415 - the sizes of most heroes are known

        try:
            return size_of(Path(self.file)) if self.file else (None, None)
        except PictureError:
            return None, None

    def __bool__(self) -> bool:
        return bool(self.url)

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class Hero(Picture):
    """The picture of an article, for ``{{ SITEURL }}/{{ article.hero.url }}``; ``{{ article.hero }}`` is its url.

    That address is the one of its lightest copy of full size; ``master`` has the picture as it was drawn.
    """

    path: str = ""
    """The file of the master, relative to the content folder, with forward slashes."""
    alt: Markup = _EMPTY
    """The alternative text, escaped: right inside an attribute with or without ``|e``."""
    is_card: bool = False
    """Whether it is a locally drawn title card."""
    is_ai: bool = False
    """Whether a model drew it, by what its file says, or the ledger of a file that says nothing."""
    credit: str = ""
    """The model that drew it, such as ``fal-ai/flux/dev``; empty where none did, or it is not known."""
    variants: Variants = field(default=NO_VARIANTS, repr=False)
    """Its lighter copies."""
    original: Picture | None = field(default=None, repr=False)
    """The master where that is published and not what ``url`` names."""
    social: Picture | None = field(default=None, repr=False)
    """The picture of 1200 × 630 pixels that previews on other sites show."""

    @property
    def master(self) -> Picture:
        """The picture as it was drawn, where that is published; else what pages show."""
        return self.original or self

    @property
    def preview(self) -> Picture:
        """What previews on other sites show."""
        return self.social or self.master

    @pass_context
    def srcset(self, context: Context, form: str = "") -> Markup:
        """The value of a ``srcset`` attribute, with addresses for the page that prints it.

        Args:
            context: the template's.
            form: "avif", "webp" or "jpeg"; without one, what ``url`` is of, and the most browsers can show.

        Returns:
            Empty where there is only one size.
        """
        return escape(self.variants.srcset(form, _siteurl(context)))

    @pass_context
    def picture(
        self, context: Context | Mapping[str, Any], sizes: str = "", *, lazy: bool = False, **attributes: object
    ) -> Markup:
        """A whole ``<picture>`` element, from which browsers load the lightest file that is sharp.

        Args:
            context: the template's, or anything else that has its SITEURL.
            sizes: how wide the page shows it, as in the HTML attribute of that name; as wide as the window by default.
            lazy: whether browsers load it only when it comes into sight; not for the first picture of a page.
            attributes: more attributes of its ``<img>``, such as ``class_="cover"``; None leaves one out.

        Returns:
            Empty where there is no hero.
        """
        if not self:
            return Markup()
        if not sizes:
            # "auto" is for browsers that know the picture's place before they load it; the others take what follows.
            sizes = f"auto, {_WHOLE_WIDTH}" if lazy and self.width else _WHOLE_WIDTH
        given = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        standard = {"width": self.width or None, "height": self.height or None, "decoding": "async"}
        return picture_element(
            src=web_address(self.url, _siteurl(context)),
            variants=self.variants,
            siteurl=_siteurl(context),
            sizes=sizes,
            attributes={"alt": self.alt} | standard | {"loading": "lazy" if lazy else None} | given,
        )


NO_HERO = Hero()
"""What an article without a picture has."""


def give_hero(content: Any, hero: Hero) -> None:
    """Let templates find an article's or page's hero; a falsy one is none.

    Pelican copies metadata into attributes once, at construction, so both are set.
    """
    content.hero = hero
    content.metadata["hero"] = hero
    if hero or not hasattr(content, "hero_image"):
        content.hero_image = content.metadata["hero_image"] = hero.url


def alt_text(text: str) -> Markup:
    """Plain text made safe for an attribute, once: ``|e`` leaves it as it is."""
    return escape(text) if text else _EMPTY


def _siteurl(context: Mapping[str, Any] | Context) -> str:
    """What the page calls the site: a macro that is imported without its context asks the page that is rendered."""
    siteurl = context.get("SITEURL")
    return str(context["falhero"].page_siteurl if siteurl is None and "falhero" in context else siteurl or "")
