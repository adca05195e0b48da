"""The contact sheet of a post's candidates: one PNG with all of them, each with its number drawn in large."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from ..errors import PictureError
from ..providers.cards.fonts import CardFonts
from ..providers.cards.scripts import script_of
from ..providers.cards.text import SITE_NAME, SUPERSAMPLE, TITLE, Style, clean, draw_line, is_drawable, text_width
from ..storage.variants.encoding import OpenMaster, resized

WIDTH = 1600
"""Pixels."""
_MARGIN = 40
_GAP = 28
_TITLE_SIZE = 46
_SUBTITLE_SIZE = 24
_CAPTION_SIZES = range(24, 15, -1)
"""The largest at which all captions fit is used."""
_CAPTION_HEIGHT = 52
_HEAD_HEIGHT = 148
_SHAPE = 3 / 4
"""Height to width of a tile, if none of the pictures can be decoded."""
_PAPER, _INK, _SOFT, _BADGE = "#f5f5f3", "#1c1d1f", "#5a5d63", "#1c1d1f"
_HERO_BADGE = "#1b6337"


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A picture on the sheet."""

    number: int
    file: Path
    caption: str
    is_hero: bool


def draw_sheet(title: str, subtitle: str, tiles: Sequence[Tile], fonts: CardFonts) -> Image.Image:
    """Draw the sheet.

    Args:
        title: of the post.
        subtitle: a line below it.
        tiles: the pictures, at least one.
        fonts: the fonts for titles that the cards' own font has no letters for.
    """
    columns = _columns(len(tiles))
    width = (WIDTH - 2 * _MARGIN - (columns - 1) * _GAP) // columns
    pictures = [_picture(tile.file, width) for tile in tiles]
    height = max((picture.height for picture in pictures if picture), default=round(width * _SHAPE))
    rows = math.ceil(len(tiles) / columns)
    sheet = Image.new("RGB", (WIDTH, _HEAD_HEIGHT + rows * (height + _CAPTION_HEIGHT) + _MARGIN), _PAPER)
    room = WIDTH - 2 * _MARGIN
    _write(sheet, title, _style(title, fonts), _TITLE_SIZE, start=(_MARGIN, 72), colour=_INK, room=room)
    _write(sheet, subtitle, SITE_NAME, _SUBTITLE_SIZE, start=(_MARGIN, 116), colour=_SOFT, room=room)
    longest = max(text_width(tile.caption, SITE_NAME) for tile in tiles)
    caption_size = next((size for size in _CAPTION_SIZES if longest * size <= width), _CAPTION_SIZES[-1])
    for place, (tile, picture) in enumerate(zip(tiles, pictures, strict=True)):
        left = _MARGIN + place % columns * (width + _GAP)
        top = _HEAD_HEIGHT + place // columns * (height + _CAPTION_HEIGHT)
        _draw_tile(sheet, tile, picture, (left, top, width, height), caption_size=caption_size)
    return sheet


def _columns(number: int) -> int:
    """Two columns for up to four pictures, three for up to nine, else four."""
    return min(number, 2 if number <= 4 else 3 if number <= 9 else 4)


def _picture(file: Path, width: int) -> Image.Image | None:
    """Return a picture in the width of a tile; None if it can't be decoded."""
    try:
        with OpenMaster(file) as opened:
            full_width, full_height = opened.size
            picture = opened.decode(width)
        return resized(picture, width, max(1, round(full_height * width / full_width))).image.convert("RGBA")
    except PictureError:
        return None


def _draw_tile(
    sheet: Image.Image, tile: Tile, picture: Image.Image | None, box: tuple[int, int, int, int], *, caption_size: int
) -> None:
    left, top, width, height = box
    draw = ImageDraw.Draw(sheet)
    if picture:
        sheet.paste(picture, (left, top), picture)
    else:
        draw.rectangle((left, top, left + width - 1, top + height - 1), outline=_SOFT, width=2)
    text, size = str(tile.number), width // 8
    badge = (left, top, left + round(text_width(text, TITLE) * size) + size, top + round(size * 1.4))
    draw.rounded_rectangle(
        badge, radius=size // 4, fill=_HERO_BADGE if tile.is_hero else _BADGE, corners=(False, False, True, False)
    )
    _write(sheet, text, TITLE, size, start=(left + size // 2, top + round(size * 1.06)), colour="white", room=width)
    caption = tile.caption if picture else f"{tile.caption} (can't be shown)"
    _write(sheet, caption, SITE_NAME, caption_size, start=(left, top + height + 32), colour=_INK, room=width)


def _style(title: str, fonts: CardFonts) -> Style:
    script = script_of(title)
    if script and not fonts.is_known(script):
        fonts.look_for({script})
    return TITLE.for_text(title, fonts.font_of(title, ""))


def _write(
    sheet: Image.Image, text: str, style: Style, size: int, *, start: tuple[int, int], colour: str, room: int
) -> None:
    """Write a line, cut at ``room`` pixels; what no font has letters for is left out. ``start`` is on its baseline."""
    text = _fitting(_drawable(clean(text, style), style), style, room / size)
    if not text:
        return
    area = (round(text_width(text, style) * size) + size, 2 * size)
    mask = Image.new("L", (area[0] * SUPERSAMPLE, area[1] * SUPERSAMPLE))
    draw_line(mask, text, style, size, (0, 1.4 * size))
    small = mask.resize(area, Image.Resampling.BOX)
    sheet.paste(Image.new("RGB", area, colour), (start[0], start[1] - round(1.4 * size)), small)


def _drawable(text: str, style: Style) -> str:
    if is_drawable(text, style):
        return text
    return " ".join("".join(_known(text, style)).split())


def _known(text: str, style: Style) -> Iterable[str]:
    return (char for char in text if char == " " or is_drawable(char, style))


def _fitting(text: str, style: Style, room: float) -> str:
    """The text, or as much of it as fits so many em, with an ellipsis."""
    if text_width(text, style) <= room:
        return text
    while text and text_width(f"{text}…", style) > room:
        text = text[:-1].rstrip()
    return f"{text}…"
