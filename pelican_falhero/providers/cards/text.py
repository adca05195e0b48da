"""The letters of a card: which can be drawn, how wide they run, and the drawing of them."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

import font_manrope
from PIL import Image, ImageDraw, ImageFont

# Glyphs are measured at this size, in pixels, and the measures kept as fractions of it.
_EM = 400
_SUPERSAMPLE = 2

# Looks the same; the font has only the one on the right.
_LOOK_ALIKES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2015": "—", "\u2032": "’", "\u2033": "”"})
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
# Format characters that no one sees; those of category Cf go as well.
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

# Kerning as (left, right, em). The basic layout reads no GPOS table, where Manrope keeps its own, and at the size of a
# title the holes would show. Letters stand for their accented forms too.
_KERNING: tuple[tuple[str, str, float], ...] = (
    ("TYТУΤΥГΓ", "acdegoqsаеосэфдляαεοσωςφ", -0.075),
    ("TYТУΤΥГΓ", "mnprtuvwxyzвгийкмнптуцчшщъыьюγημνπρυχ", -0.045),
    ("VW", "acdegoqs", -0.05),
    ("TYVWТУΤΥГΓ", "AАΑΔДЛΛ", -0.05),
    ("TYVWТУΤΥГΓ", ".,…-–:;", -0.10),
    ("FPРΡ", ".,…", -0.13),
    ("AАΑΛ", "TYVWТУΤΥЧ’”", -0.06),
    ("AАΑ", "vwyту", -0.04),
    ("L", "TYVW’”", -0.09),
    ("L", "vwy", -0.045),
    ("KXКЖΚΧ", "acdeoqCGOQсоСОЕοΟ", -0.03),
    ("rvwyгу", ".,…", -0.08),
    ("’‘“”", "sAАΑ", -0.07),
)


@dataclass(frozen=True)
class Style:
    """A face and the space between its letters."""

    path: str
    """The font file."""

    tracking: float
    """Extra space after each letter, in em."""


TITLE = Style(path=font_manrope.ManropeExtraBold, tracking=-0.018)
SITE_NAME = Style(path=font_manrope.ManropeSemiBold, tracking=0.03)


@dataclass(frozen=True)
class Line:
    """One line of text, measured in em from the start of its baseline; up is negative."""

    text: str
    pens: tuple[float, ...]
    """Where each character starts."""

    advance: float
    """Where the next character would start."""

    left: float
    """The box of the ink and the baseline."""

    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Block:
    """Lines of text and the size they are set in."""

    style: Style
    lines: tuple[Line, ...]
    size: int
    """Pixels per em."""

    pitch: float
    """From one baseline to the next, in em."""


def clean(text: str) -> str:
    """``text`` as it is drawn: composed, in one line, without what is invisible, look-alikes for missing glyphs."""
    visible = _VARIATION_SELECTORS.sub("", unicodedata.normalize("NFC", text))
    known = "".join(_with_glyphs(char) for char in visible.translate(_LOOK_ALIKES) if _is_shown(char))
    return " ".join(_APOSTROPHE.sub("’", known).split())


def is_drawable(text: str) -> bool:
    """Whether a cleaned ``text`` is not empty and the font has a glyph for all of it."""
    return bool(text) and all(char == " " or has_glyph(char) for char in text)


@lru_cache(maxsize=4096)
def has_glyph(char: str) -> bool:
    """Whether Manrope draws ``char`` as anything but its sign for a missing glyph; all weights have the same set."""
    face = _face(TITLE.path, 32)
    # No font has a glyph for a noncharacter.
    missing, mask = face.getmask("\uffff"), face.getmask(char)
    return (mask.size, bytes(mask)) != (missing.size, bytes(missing))


def measure(text: str, style: Style) -> Line:
    """``text`` as one line in ``style``."""
    glyphs = [_glyph(char, style.path) for char in text]
    steps = [glyph[0] + style.tracking for glyph in glyphs]
    kerns = [_kern(left, right) for left, right in pairwise(text)]
    *pens, advance = accumulate((step + kern for step, kern in zip(steps, [*kerns, 0.0], strict=True)), initial=0.0)
    boxes = [glyph[1] for glyph in glyphs]
    return Line(
        text=text,
        pens=tuple(pens),
        advance=advance,
        left=min(pen + box[0] for pen, box in zip(pens, boxes, strict=True)),
        top=min(0.0, *(box[1] for box in boxes)),
        right=max(pen + box[2] for pen, box in zip(pens, boxes, strict=True)),
        bottom=max(0.0, *(box[3] for box in boxes)),
    )


def draw_block(block: Block) -> tuple[Image.Image, int]:
    """The mask of a block, its ink starting at the left edge, and how far down the baseline of its last line is."""
    rise = block.pitch * (len(block.lines) - 1) - block.lines[0].top
    drop = max(line.bottom for line in block.lines)
    extent = max(line.right - line.left for line in block.lines)
    above, below, across = (math.ceil(em * block.size) + 2 for em in (rise, drop, extent))
    # Supersampled because Pillow sets glyphs on whole pixels, which shows as uneven spacing.
    scale, pad = block.size * _SUPERSAMPLE, block.size
    sheet = Image.new("L", (across * _SUPERSAMPLE + pad, (above + below) * _SUPERSAMPLE))
    draw, face = ImageDraw.Draw(sheet), _face(block.style.path, scale)
    for lines_above_last, line in enumerate(reversed(block.lines)):
        down = above * _SUPERSAMPLE - block.pitch * lines_above_last * scale
        for char, pen in zip(line.text, line.pens, strict=True):
            # The pad keeps what precedes the ink of the first letter on the sheet.
            across_sheet = pad + (pen - line.left) * scale
            draw.text((round(across_sheet), round(down)), char, fill=255, font=face, anchor="ls")
    return sheet.crop((pad, 0, *sheet.size)).reduce(_SUPERSAMPLE), above


def _is_shown(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) not in {"Cf", "Cc"}


def _with_glyphs(char: str) -> str:
    """``char``, or what Unicode calls compatible with it (a ligature's letters) when only that can be drawn."""
    plain = unicodedata.normalize("NFKC", char)
    return plain if not char.isspace() and not has_glyph(char) and is_drawable(plain) else char


@lru_cache(maxsize=16)
def _face(path: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic layout is in every build of Pillow; Raqm is not, and would draw other bytes.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _glyph(char: str, path: str) -> tuple[float, tuple[float, float, float, float]]:
    """How far a glyph moves the pen, and the box of its ink around the start of the baseline, in em."""
    face = _face(path, _EM)
    # FreeTypeFont.getbbox includes the origin and the advance; only drawing tells where the ink is.
    sheet = Image.new("L", (3 * _EM, 3 * _EM))
    ImageDraw.Draw(sheet).text((_EM, 2 * _EM), char, fill=255, font=face, anchor="ls")
    left, top, right, bottom = sheet.getbbox() or (_EM, 2 * _EM, _EM, 2 * _EM)
    ink = (left / _EM - 1, top / _EM - 2, right / _EM - 1, bottom / _EM - 2)
    return face.getlength(char) / _EM, ink


@lru_cache(maxsize=1)
def _kerning() -> dict[tuple[str, str], float]:
    return {(left, right): em for lefts, rights, em in _KERNING for left in lefts for right in rights}


@lru_cache(maxsize=4096)
def _kern(left: str, right: str) -> float:
    bases = (unicodedata.normalize("NFD", left)[0], unicodedata.normalize("NFD", right)[0])
    return _kerning().get(bases, 0.0)
