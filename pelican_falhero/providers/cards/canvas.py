"""What cards are painted with: antialiased shapes, gradients, glows and shadows."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .palette import Colour, Palette

Point = tuple[float, float]
"""Across and down, in units of the card."""

UNITS_HIGH: float = 768
"""The height of every card in units, in which all lengths are given, so that a motif looks alike at any size."""

_SUPERSAMPLE = 3
# Blurs are made at an eighth of the size: it looks the same and costs a fiftieth.
_SOFT = 8


class Shapes:
    """A mask that shapes are drawn on, supersampled; ``size`` is the card's, in pixels."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._scale = _SUPERSAMPLE * size[1] / UNITS_HIGH
        self._sheet = Image.new("L", (size[0] * _SUPERSAMPLE, size[1] * _SUPERSAMPLE))
        self._draw = ImageDraw.Draw(self._sheet)

    def disc(self, centre: Point, radius: float) -> None:
        """Draw a disc."""
        (x, y), reach = self._enlarged([centre])[0], radius * self._scale
        self._draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)

    def polygon(self, points: Sequence[Point]) -> None:
        """Draw a filled polygon."""
        self._draw.polygon(self._enlarged(points), fill=255)

    def line(self, points: Sequence[Point], width: float, value: int = 255) -> None:
        """Draw an open line; ``value`` is its opacity, 0 to 255."""
        self._draw.line(self._enlarged(points), fill=value, width=max(1, round(width * self._scale)), joint="curve")

    def mask(self) -> Image.Image:
        """The shapes, antialiased, at the size of the card."""
        return self._sheet.reduce(_SUPERSAMPLE)

    def _enlarged(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self._scale, y * self._scale) for x, y in points]


class Canvas:
    """A picture that is painted in layers, the lowest first; a tone is a position on the palette, 0 to 1."""

    def __init__(self, size: tuple[int, int], palette: Palette, *, titled: bool = True) -> None:
        self.size = size
        """Width and height in pixels."""
        self.scale = size[1] / UNITS_HIGH
        """Pixels a unit."""
        self.width, self.height = size[0] / self.scale, UNITS_HIGH
        """In units."""
        self.palette = palette
        self.titled = titled
        """Whether there is to be room for a title, in the lower left."""
        self.image = Image.new("RGB", size)

    def mesh(self, tones: Sequence[Sequence[float]]) -> Image.Image:
        """A smooth blend of rows of tones, as large as the canvas."""
        small = Image.new("RGB", (len(tones[0]), len(tones)))
        small.putdata([self.palette.tone(tone) for row in tones for tone in row])
        return _stretch(small, self.size)

    def gradient(self, start: float, end: float, angle: float) -> Image.Image:
        """A blend from one tone to another along ``angle`` (degrees, clockwise from the right)."""
        ramp = [self.palette.tone(start + (end - start) * value / 255) for value in range(256)]
        along = _progress(self.size, angle)
        return Image.merge("RGB", [along.point([colour[band] for colour in ramp]) for band in range(3)])

    def fade(self, angle: float, end: float) -> Image.Image:
        """A mask that goes from 0 to ``end`` (cut to 1) along ``angle``."""
        return _progress(self.size, angle).point([min(round(value * end), 255) for value in range(256)])

    def fill(self, mask: Image.Image, paint: Colour | Image.Image, opacity: float = 1.0) -> None:
        """Lay a colour or a picture through ``mask``; ``opacity`` is 0 to 1."""
        box = mask.getbbox()
        if box is None:
            return
        # A picture of one colour, because pasting a bare colour through a mask takes twice as long.
        layer = paint if isinstance(paint, Image.Image) else Image.new("RGB", self.size, paint)
        self.image.paste(layer.crop(box), box, _scaled(mask.crop(box), opacity))

    def shine(self, mask: Image.Image, light: Image.Image, strength: float) -> None:
        """Add the light of a picture through ``mask``; ``strength`` is 0 to 1."""
        box = mask.getbbox()
        if box is None:
            return
        veil = Image.merge("RGB", (_scaled(mask.crop(box), strength),) * 3)
        added = ImageChops.multiply(light.crop(box), veil)
        self.image.paste(ImageChops.screen(self.image.crop(box), added), box)

    def glow(self, centre: Point, radius: float, tone: float, strength: float) -> None:
        """Add light that fades from ``centre`` to nothing at ``radius``; ``strength`` is 0 to 1."""
        side = round(radius * 2 * self.scale)
        mask = Image.new("L", self.size)
        falloff = _falloff().resize((side, side), Image.Resampling.BICUBIC)
        mask.paste(falloff, (round((centre[0] - radius) * self.scale), round((centre[1] - radius) * self.scale)))
        self.shine(mask, Image.new("RGB", self.size, self.palette.tone(tone)), strength)

    def shadow(self, mask: Image.Image, blur: float, offset: Point, strength: float) -> None:
        """The shadow of ``mask`` on the layers below: moved by ``offset``, blurred by ``blur``."""
        moved = Image.new("L", self.size)
        moved.paste(mask, (round(offset[0] * self.scale), round(offset[1] * self.scale)))
        small = moved.reduce(_SOFT).filter(ImageFilter.GaussianBlur(blur * self.scale / _SOFT))
        self.fill(enlarge(small, self.size, _SOFT), self.palette.tone(0), strength)

    def vignette(self, strength: float) -> None:
        """Darken the corners, the lower left most where a title is to be."""
        light = [round(255 * (1 - strength * (value / 255) ** 3)) for value in range(256)]
        # A part of the gradient, so that its bright middle is in the upper right.
        part = (0, 56, 200, 256) if self.titled else (20, 36, 220, 236)
        veil = Image.radial_gradient("L").point(light).crop(part)
        veil = veil.resize(self.size, Image.Resampling.BICUBIC)
        self.image = ImageChops.multiply(self.image, Image.merge("RGB", (veil,) * 3))

    def grain(self) -> None:
        """Add noise that hides the bands that eight bits leave in a smooth gradient."""
        self.image = ImageChops.add(self.image, Image.merge("RGB", (_noise(self.size),) * 3), offset=-1)


def enlarge(small: Image.Image, size: tuple[int, int], factor: int) -> Image.Image:
    """A picture of this size that ``reduce(factor)`` had made small; its last row and column may cover less."""
    return small.resize(size, Image.Resampling.BICUBIC, box=(0, 0, size[0] / factor, size[1] / factor))


def _scaled(mask: Image.Image, opacity: float) -> Image.Image:
    return mask if opacity == 1 else mask.point([round(value * opacity) for value in range(256)])


def _stretch(small: Image.Image, size: tuple[int, int]) -> Image.Image:
    # From the middle of the corner pixels: beyond it the resampling only repeats the edge.
    return small.resize(size, Image.Resampling.BICUBIC, box=(0.5, 0.5, small.width - 0.5, small.height - 0.5))


@lru_cache(maxsize=16)
def _progress(size: tuple[int, int], angle: float) -> Image.Image:
    """How far along ``angle`` (degrees) each pixel is, 0 to 255."""
    across, down = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    reach = abs(across) + abs(down)
    corners = Image.new("L", (2, 2))
    corners.putdata([round(255 * (0.5 + (x * across + y * down) / reach)) for y in (-0.5, 0.5) for x in (-0.5, 0.5)])
    return corners.resize(size, Image.Resampling.BILINEAR, box=(0.5, 0.5, 1.5, 1.5))


@lru_cache(maxsize=1)
def _falloff() -> Image.Image:
    """Light in the middle of a square that fades to nothing at its edge."""
    # Image.radial_gradient reaches 255 in the corners, so it is 180 where the edges are nearest.
    near = [1 - min(distance / 180, 1.0) for distance in range(256)]
    return Image.radial_gradient("L").point([round(255 * share**2 * (3 - 2 * share)) for share in near])


@lru_cache(maxsize=2)
def _noise(size: tuple[int, int]) -> Image.Image:
    """0, 1 or 2 a pixel, mostly 1; always the same (Image.effect_noise is not)."""
    raw = Image.frombytes("L", size, hashlib.shake_256(b"grain").digest(size[0] * size[1]))
    return raw.point([0 if value < 40 else 2 if value >= 216 else 1 for value in range(256)])
