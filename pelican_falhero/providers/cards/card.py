"""Title cards: heroes drawn on this machine, for when there is no key.

A card is two pictures with one stem: art without words for the site's own pages, and a social picture with them.

Pillow is imported by what draws, not by this module: a warm build asks only for names.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from .fonts import CardFont

ART_SIZE: tuple[int, int] = (1024, 768)
"""Width and height in pixels of a card without words."""

CARD_VERSION: int = 4
"""Raised when the drawing changes, so that cards are drawn again."""

_ART = "-art.png"
_SOCIAL = "-social.jpg"
# Until version 2 the titled card was a PNG named by the stem alone; output folders may still have some.
_NAME = r"card-[0-9a-f]{12}(?:(?:-art)?\.png|-social\.jpg)"


def card_stem(title: str, site_name: str, font: str = "") -> str:
    """What the names of a card's files start with, ``card-<12 hex>``; it follows from all that decides the pixels.

    ``font`` is the identity of the font that the words need beside the cards' own.
    """
    told = "\0".join((str(CARD_VERSION), title, site_name, *filter(None, [font])))
    return f"card-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def art_name(stem: str) -> str:
    """The file name of a card without words, ``card-<12 hex>-art.png``."""
    return stem + _ART


def social_name(stem_or_art: str) -> str:
    """The file name of a card with its title, ``card-<12 hex>-social.jpg``, from its stem or its art's name or path."""
    return stem_or_art.removesuffix(_ART) + _SOCIAL


def is_card_name(name: str) -> bool:
    """Whether a file name is that of a card of any version, titled or not."""
    return re.fullmatch(_NAME, name) is not None


def draw_card(title: str, site_name: str, font: CardFont | None = None) -> Image.Image:
    """The card of a title, RGB and ``SOCIAL_SIZE`` large; the same words and font always give the same pixels.

    A text for which the cards' own font and ``font`` lack a glyph is left off, one with emoji for example.
    """
    from .layout import compose  # noqa: PLC0415

    return compose(title, site_name, font)


def draw_art(title: str) -> Image.Image:
    """The same card without words, RGB and ``ART_SIZE`` large, for where the title is printed beside it."""
    from .backgrounds import paint_background  # noqa: PLC0415
    from .text import clean  # noqa: PLC0415

    return paint_background(clean(title), ART_SIZE, titled=False).image
