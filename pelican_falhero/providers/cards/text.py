"""The text of a card: which characters can be drawn, how wide they are, and how they are drawn."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import font_manrope
from PIL import Image, ImageDraw, ImageFont

SUPERSAMPLE = 2
"""Text is drawn this much larger, because Pillow puts letters on whole pixels, which shows as uneven spacing."""

# Letters are measured at this size, in pixels, and the measures kept as fractions of it (em).
_EM = 400
# These look the same, but the font has only the one on the right.
_LOOK_ALIKES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2015": "—", "\u2032": "’", "\u2033": "”"})
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


@dataclass(frozen=True)
class Style:
    """A font and its letter spacing."""

    path: str
    """The font file."""

    spacing: float
    """Extra space after each letter, in em."""


TITLE = Style(path=font_manrope.ManropeExtraBold, spacing=-0.018)
SITE_NAME = Style(path=font_manrope.ManropeSemiBold, spacing=0.03)


def clean(text: str) -> str:
    """``text`` as it is drawn: in one line, without invisible characters, with look-alikes for missing glyphs."""
    composed = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    visible = "".join(_with_glyph(char) for char in composed if not _is_invisible(char))
    return " ".join(_APOSTROPHE.sub("’", visible).split())


def is_drawable(text: str) -> bool:
    """Whether a cleaned ``text`` is not empty and the font has a glyph for all of it."""
    return bool(text) and all(char == " " or has_glyph(char) for char in text)


@lru_cache(maxsize=4096)
def has_glyph(char: str) -> bool:
    """Whether the font draws ``char`` as anything but its sign for a missing glyph; all weights have the same set."""
    font = _font(TITLE.path, 32)
    # No font has a glyph for a noncharacter.
    missing, mask = font.getmask("\uffff"), font.getmask(char)
    return (mask.size, bytes(mask)) != (missing.size, bytes(missing))


@lru_cache(maxsize=4096)
def text_width(text: str, style: Style) -> float:
    """The width of ``text`` in em, with the spacing after its last letter."""
    font = _font(style.path, _EM)
    return sum(font.getlength(char) / _EM + style.spacing for char in text)


def ink_height(text: str, style: Style) -> tuple[float, float]:
    """How far ``text`` reaches above and below its baseline, in em."""
    _, top, _, bottom = _font(style.path, _EM).getbbox(text, anchor="ls")
    return -top / _EM, bottom / _EM


def draw_line(sheet: Image.Image, text: str, style: Style, size: int, start: tuple[float, float]) -> None:
    """Draw ``text`` at ``size`` pixels per em on a mask that is ``SUPERSAMPLE`` times as large as the card.

    ``start`` is where the ink starts and where the baseline is, in pixels of the card.
    """
    draw, font = ImageDraw.Draw(sheet), _font(style.path, size * SUPERSAMPLE)
    first, offset = font.getmask2(text[0], anchor="ls")
    pen = start[0] * SUPERSAMPLE - offset[0] - (first.getbbox() or (0,))[0]
    for char in text:
        draw.text((round(pen), round(start[1] * SUPERSAMPLE)), char, fill=255, font=font, anchor="ls")
        pen += text_width(char, style) * size * SUPERSAMPLE


def _is_invisible(char: str) -> bool:
    is_format = unicodedata.category(char) in {"Cf", "Cc"} and not char.isspace()
    return is_format or unicodedata.name(char, "").startswith("VARIATION SELECTOR")


def _with_glyph(char: str) -> str:
    """``char``, or what Unicode calls compatible with it (a ligature's letters) when only that can be drawn."""
    plain = unicodedata.normalize("NFKC", char)
    return plain if not char.isspace() and not has_glyph(char) and is_drawable(plain) else char


@lru_cache(maxsize=16)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic layout is in every build of Pillow; Raqm is not, and would draw other bytes.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
