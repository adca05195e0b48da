"""Title cards: heroes drawn on this machine, for when there is no key.

Pillow is imported by what draws, not by this module: a warm build asks only for names.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from .fonts import CardFont

CARD_SIZE: tuple[int, int] = (1024, 768)
"""Width and height in pixels."""

CARD_VERSION: int = 2
"""Raised when the drawing changes, so that cards are drawn again."""

_END = ".png"
_ART = "-art.png"
_NAME = re.compile(r"card-[0-9a-f]{12}(?:-art)?\.png")


def card_name(title: str, site_name: str, font: str = "") -> str:
    """The file name of a titled card, ``card-<12 hex>.png``; it follows from all that decides the pixels.

    ``font`` is the identity of the font that the words need beside the cards' own.
    """
    told = "\0".join((str(CARD_VERSION), title, site_name, *filter(None, [font])))
    return f"card-{hashlib.sha256(told.encode()).hexdigest()[:12]}{_END}"


def art_name(titled: str) -> str:
    """The file name of the same card without words, ``card-<12 hex>-art.png``."""
    return titled.removesuffix(_END) + _ART


def titled_name(name: str) -> str:
    """The file name of the titled card, from that of its art or its own."""
    return name.removesuffix(_ART) + _END if name.endswith(_ART) else name


def is_card_name(name: str) -> bool:
    """Whether a file name is that of a card, titled or not."""
    return _NAME.fullmatch(name) is not None


def draw_card(title: str, site_name: str, font: CardFont | None = None) -> Image.Image:
    """The card of a title, RGB and ``CARD_SIZE`` large; the same words and font always give the same pixels.

    A text for which the cards' own font and ``font`` lack a glyph is left off, one with emoji for example.
    """
    from .layout import compose  # noqa: PLC0415

    return compose(title, site_name, CARD_SIZE, font)


def draw_art(title: str) -> Image.Image:
    """The card of a title without words, in the same colours and shapes, for where the title is printed beside it."""
    from .backgrounds import paint_background  # noqa: PLC0415
    from .text import clean  # noqa: PLC0415

    return paint_background(clean(title), CARD_SIZE, titled=False).image
