"""The text of a card: which characters can be drawn, how wide they are, and how they are drawn."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

import font_manrope
from PIL import Image, ImageDraw, ImageFont, features

from .fonts import CardFont
from .scripts import script_of

SUPERSAMPLE = 2
"""Text is drawn this much larger, because Pillow puts letters on whole pixels, which shows as uneven spacing."""

# Letters are measured at this size, in pixels, and the measures kept as fractions of it (em).
_EM = 400
# These look the same, but the font has only the one on the right.
_LOOK_ALIKES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2015": "—", "\u2032": "’", "\u2033": "”"})
_MIRRORED = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))
_RUN = re.compile("(?P<left>L(?:[LDNS]*[LD])?)|(?P<sign>S)|(?P<right>[RDN]+)")
_JOINERS = "\u200c\u200d"
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


@dataclass(frozen=True)
class Style:
    """A font and its letter spacing."""

    path: str
    """The font file."""

    spacing: float
    """Extra space after each letter, in em."""

    other: CardFont | None = None
    """The font for characters that this one lacks."""

    @property
    def is_rtl(self) -> bool:
        """Whether its text runs from right to left."""
        return bool(self.other and self.other.is_rtl)

    def for_text(self, text: str, font: CardFont | None) -> Style:
        """This style with ``font`` beside it where ``text`` needs another."""
        return replace(self, other=font) if font and script_of(text) else self


TITLE = Style(path=font_manrope.ManropeExtraBold, spacing=-0.018)
SITE_NAME = Style(path=font_manrope.ManropeSemiBold, spacing=0.03)


def clean(text: str, style: Style = TITLE) -> str:
    """``text`` as it is drawn: in one line, without invisible characters, with look-alikes for missing glyphs."""
    composed = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    # In Arabic and Persian they decide how letters join.
    kept = _JOINERS if style.is_rtl else ""
    visible = "".join(_with_glyph(char, style) for char in composed if char in kept or not _is_invisible(char))
    return " ".join(_APOSTROPHE.sub("’", visible).split())


def is_drawable(text: str, style: Style = TITLE) -> bool:
    """Whether a cleaned ``text`` is not empty and the style's fonts have a glyph for all of it."""
    if style.is_rtl:
        return bool(text) and all(
            is_drawable(run) if is_ltr else all(char in f" {_JOINERS}" or _has_other(char, style) for char in run)
            for run, is_ltr in _runs(text, style)
        )
    return bool(text) and all(char == " " or has_glyph(char) or _has_other(char, style) for char in text)


@lru_cache(maxsize=4096)
def has_glyph(char: str) -> bool:
    """Whether the font draws ``char`` as anything but its sign for a missing glyph; all weights have the same set."""
    return has_font_glyph(char, TITLE.path)


@lru_cache(maxsize=4096)
def has_font_glyph(char: str, path: str, index: int = 0) -> bool:
    """Whether a font file has a glyph for ``char``; False for a file that is no font."""
    try:
        font = _font(path, 32, index)
        # No font has a glyph for a noncharacter.
        missing, mask = font.getmask("\uffff"), font.getmask(char)
    except (OSError, ValueError):
        return False
    return (mask.size, bytes(mask)) != (missing.size, bytes(missing))


def can_shape() -> bool:
    """Whether Pillow can join and order the letters of scripts that run from right to left."""
    return bool(features.check("raqm"))


@lru_cache(maxsize=4096)
def text_width(text: str, style: Style) -> float:
    """The width of ``text`` in em, with the spacing after its last letter."""
    if style.is_rtl:
        return sum(_run_width(run, style, is_ltr=is_ltr) for run, is_ltr in _runs(text, style))
    return sum(_font_of(char, style, _EM).getlength(char) / _EM + style.spacing for char in text)


def ink_height(text: str, style: Style) -> tuple[float, float]:
    """How far ``text`` reaches above and below its baseline, in em."""
    _, top, _, bottom = _font(style.path, _EM).getbbox(text, anchor="ls")
    if style.other:
        _, other_top, _, other_bottom = _other_font(style.other, _EM).getbbox(text, anchor="ls")
        top, bottom = min(top, other_top), max(bottom, other_bottom)
    return -top / _EM, bottom / _EM


def draw_line(sheet: Image.Image, text: str, style: Style, size: int, start: tuple[float, float]) -> None:
    """Draw ``text`` at ``size`` pixels per em on a mask that is ``SUPERSAMPLE`` times as large as the card.

    ``start`` is where the ink starts and where the baseline is, in pixels of the card.
    """
    if style.is_rtl:
        _draw_rtl(sheet, text, style, size, start)
        return
    first, offset = _font_of(text[0], style, size * SUPERSAMPLE).getmask2(text[0], anchor="ls")
    bearing = (offset[0] + (first.getbbox() or (0,))[0]) / SUPERSAMPLE
    _draw_ltr(sheet, text, style, size, (start[0] - bearing, start[1]))


def _draw_ltr(sheet: Image.Image, text: str, style: Style, size: int, start: tuple[float, float]) -> None:
    draw, size, pen = ImageDraw.Draw(sheet), size * SUPERSAMPLE, start[0] * SUPERSAMPLE
    for char in text:
        font = _font_of(char, style, size)
        draw.text((round(pen), round(start[1] * SUPERSAMPLE)), char, fill=255, font=font, anchor="ls")
        pen += text_width(char, style) * size


def _draw_rtl(sheet: Image.Image, text: str, style: Style, size: int, start: tuple[float, float]) -> None:
    """Draw a text from right to left; ``start`` is its left end."""
    draw, plain = ImageDraw.Draw(sheet), replace(style, other=None)
    pen = start[0] + text_width(text, style) * size
    for run, is_ltr in _runs(text, style):
        pen -= _run_width(run, style, is_ltr=is_ltr) * size
        if is_ltr:
            _draw_ltr(sheet, run, plain, size, (pen, start[1]))
        elif style.other:
            place = (round(pen * SUPERSAMPLE), round(start[1] * SUPERSAMPLE))
            font = _other_font(style.other, size * SUPERSAMPLE)
            draw.text(place, run, fill=255, font=font, anchor="ls", direction="rtl")


def _run_width(run: str, style: Style, *, is_ltr: bool) -> float:
    if is_ltr or not style.other:
        return text_width(run, replace(style, other=None))
    return _other_font(style.other, _EM).getlength(run, direction="rtl") / _EM


def _runs(text: str, style: Style) -> list[tuple[str, bool]]:
    """A text from right to left in its runs, in reading order, and whether each is drawn from left to right.

    Words in Latin and other such letters are one run, with the spaces, signs and digits between them. A sign that only
    the cards' own font has is one too. The order of digits and signs elsewhere is Raqm's work.
    """
    kinds = "".join(_kind(char, style) for char in text)
    runs: list[tuple[str, bool]] = []
    start = 0
    while found := _RUN.match(kinds, start):
        end = found.end()
        # What closes a bracket of the run belongs to it.
        while (
            found["left"] and text[end : end + 1] == ")" and text.count("(", start, end) > text.count(")", start, end)
        ):
            end += 1
        run = text[start:end]
        runs.append((_MIRRORED.get(run, run) if found["sign"] else run, not found["right"]))
        start = end
    return runs


def _kind(char: str, style: Style) -> str:
    """``R`` or ``L``: a letter that runs to the left or right; ``D``: a digit; ``N``: other; ``S``: see ``_runs``."""
    if script_of(char):
        return "R"
    if unicodedata.bidirectional(char) == "L":
        return "L"
    if not char.isspace() and char not in _JOINERS and not _has_other(char, style) and has_glyph(char):
        return "S"
    return "D" if char.isdecimal() else "N"


def _has_other(char: str, style: Style) -> bool:
    return style.other is not None and has_font_glyph(char, style.other.path, style.other.index)


def _font_of(char: str, style: Style, size: int) -> ImageFont.FreeTypeFont:
    if style.other and char != " " and not has_glyph(char):
        return _other_font(style.other, size)
    return _font(style.path, size)


def _other_font(font: CardFont, size: int) -> ImageFont.FreeTypeFont:
    return _font(font.path, size, font.index, is_shaped=font.is_rtl)


def _is_invisible(char: str) -> bool:
    is_format = unicodedata.category(char) in {"Cf", "Cc"} and not char.isspace()
    return is_format or unicodedata.name(char, "").startswith("VARIATION SELECTOR")


def _with_glyph(char: str, style: Style) -> str:
    """``char``, or what Unicode calls compatible with it (a ligature's letters) when only that can be drawn."""
    plain = unicodedata.normalize("NFKC", char)
    return (
        plain
        if not char.isspace() and not has_glyph(char) and is_drawable(plain) and not _has_other(char, style)
        else char
    )


@lru_cache(maxsize=16)
def _font(path: str, size: int, index: int = 0, *, is_shaped: bool = False) -> ImageFont.FreeTypeFont:
    # The basic layout is in every build of Pillow; Raqm is not, and would draw other bytes.
    engine = ImageFont.Layout.RAQM if is_shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(path, size, index=index, layout_engine=engine)
