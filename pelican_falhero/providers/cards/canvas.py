"""What the pictures of cards are made of: soft gradients, glows, shadows and antialiased shapes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .palette import Colour, Palette

Point = tuple[float, float]
"""Across and down, in pixels of the finished card."""

_SUPERSAMPLE = 3
# Blurs are made at an eighth of the size: no eye sees it, and they cost a fiftieth.
_SOFT = 8


class Stencil:
    """A sheet that shapes are cut into, supersampled; all lengths are in pixels of the finished card."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._sheet = Image.new("L", (size[0] * _SUPERSAMPLE, size[1] * _SUPERSAMPLE))
        self._draw = ImageDraw.Draw(self._sheet)

    def disc(self, centre: Point, radius: float, value: int = 255) -> None:
        """Cut a disc."""
        self._draw.ellipse(_box(centre, radius), fill=value)

    def slice(self, centre: Point, radius: float, start: float, end: float, value: int = 255) -> None:
        """Cut a slice of a disc, clockwise between two angles in degrees."""
        self._draw.pieslice(_box(centre, radius), start, end, fill=value)

    def polygon(self, points: Sequence[Point], value: int = 255) -> None:
        """Cut a polygon."""
        self._draw.polygon(_enlarged(points), fill=value)

    def line(self, points: Sequence[Point], width: float, value: int = 255) -> None:
        """Cut an open line."""
        self._draw.line(_enlarged(points), fill=value, width=max(1, round(width * _SUPERSAMPLE)), joint="curve")

    def mask(self) -> Image.Image:
        """The cut shapes, antialiased, at the finished size."""
        return self._sheet.reduce(_SUPERSAMPLE)


class Canvas:
    """A picture that is painted in layers, the lowest first; tones are positions on the palette's ramp, 0 to 1."""

    def __init__(self, size: tuple[int, int], palette: Palette) -> None:
        self.size = size
        self.palette = palette
        self.image = Image.new("RGB", size)

    def mesh(self, tones: Sequence[Sequence[float]]) -> Image.Image:
        """A smooth blend of rows of tones, as large as the canvas."""
        small = Image.new("RGB", (len(tones[0]), len(tones)))
        for row, line in enumerate(tones):
            for column, tone in enumerate(line):
                small.putpixel((column, row), self.palette.tone(tone))
        return _stretch(small, self.size, Image.Resampling.BICUBIC)

    def slope(self, start: float, end: float, angle: float) -> Image.Image:
        """A blend from one tone to another along ``angle`` (degrees, clockwise from the right)."""
        ramp = [self.palette.tone(start + (end - start) * value / 255) for value in range(256)]
        share = _shares(self.size, angle)
        return Image.merge("RGB", [share.point([colour[band] for colour in ramp]) for band in range(3)])

    def fade(self, angle: float, start: float, end: float) -> Image.Image:
        """A mask that goes from ``start`` to ``end`` (cut to 0 to 1) along ``angle``."""
        ramp = [min(max(start + (end - start) * value / 255, 0.0), 1.0) for value in range(256)]
        return _shares(self.size, angle).point([round(255 * opacity) for opacity in ramp])

    def stencil(self) -> Stencil:
        """An empty stencil of the canvas's size."""
        return Stencil(self.size)

    def fill(self, mask: Image.Image, paint: Colour | Image.Image, opacity: float = 1.0) -> None:
        """Lay a colour or a picture through ``mask``; ``opacity`` is 0 to 1."""
        box = mask.getbbox()
        if box is None:
            return
        # A picture of one colour, because pasting a bare colour through a mask takes twice as long.
        layer = paint if isinstance(paint, Image.Image) else Image.new("RGB", self.size, paint)
        self.image.paste(layer.crop(box), box, scaled(mask.crop(box), opacity))

    def shine(self, mask: Image.Image, light: Image.Image, strength: float = 1.0) -> None:
        """Add the light of a picture through ``mask``; ``strength`` is 0 to 1."""
        box = mask.getbbox()
        if box is None:
            return
        veil = Image.merge("RGB", (scaled(mask.crop(box), strength),) * 3)
        lit = ImageChops.screen(self.image.crop(box), ImageChops.multiply(light.crop(box), veil))
        self.image.paste(lit, box)

    def glow(self, centre: Point, radius: float, tone: float, strength: float) -> None:
        """Add light that fades from ``centre`` to nothing at ``radius`` pixels; ``strength`` is 0 to 1."""
        left, top, side = round(centre[0] - radius), round(centre[1] - radius), round(radius * 2)
        light = _falloff().resize((side, side), Image.Resampling.BICUBIC)
        bands = [scaled(light, strength * channel / 255) for channel in self.palette.tone(tone)]
        below = self.image.crop((left, top, left + side, top + side))
        self.image.paste(ImageChops.screen(below, Image.merge("RGB", bands)), (left, top))

    def shadow(self, mask: Image.Image, blur: float, offset: Point, strength: float) -> None:
        """What ``mask`` throws on the layers below: moved by ``offset``, blurred by ``blur`` pixels."""
        moved = Image.new("L", self.size)
        moved.paste(mask, (round(offset[0]), round(offset[1])))
        self.fill(soften(moved, blur), self.palette.tone(0), strength)

    def vignette(self, strength: float) -> None:
        """Darken the corners, the lower left most."""
        light = [round(255 * (1 - strength * (value / 255) ** 3)) for value in range(256)]
        # A part of the gradient, so that its bright middle lies to the upper right.
        veil = Image.radial_gradient("L").point(light).crop((0, 56, 200, 256))
        veil = veil.resize(self.size, Image.Resampling.BICUBIC)
        self.image = ImageChops.multiply(self.image, Image.merge("RGB", (veil,) * 3))

    def grain(self) -> None:
        """Break up the bands that eight bits leave in a smooth gradient."""
        self.image = ImageChops.add(self.image, Image.merge("RGB", (_noise(self.size),) * 3), offset=-1)


def soften(mask: Image.Image, blur: float) -> Image.Image:
    """``mask`` blurred by ``blur`` pixels."""
    small = mask.reduce(_SOFT).filter(ImageFilter.GaussianBlur(blur / _SOFT))
    return small.resize(mask.size, Image.Resampling.BICUBIC)


def scaled(mask: Image.Image, opacity: float) -> Image.Image:
    """``mask`` times ``opacity`` (0 to 1)."""
    return mask if opacity == 1 else mask.point([round(value * opacity) for value in range(256)])


def wave(size: tuple[int, int], level: float, swells: Sequence[tuple[float, float, float]]) -> list[Point]:
    """A smooth line across a canvas around ``level`` pixels down; a swell is (height, length, shift), in pixels."""
    return [
        (x, level + sum(high * math.sin((x + shift) * math.tau / long) for high, long, shift in swells))
        for x in range(-8, size[0] + 9, 8)
    ]


def _stretch(small: Image.Image, size: tuple[int, int], resample: Image.Resampling) -> Image.Image:
    # From the middle of the corner pixels: beyond it the resampling only repeats the edge.
    return small.resize(size, resample, box=(0.5, 0.5, small.width - 0.5, small.height - 0.5))


@lru_cache(maxsize=8)
def _shares(size: tuple[int, int], angle: float) -> Image.Image:
    """How far along ``angle`` (degrees) each pixel lies, 0 to 255."""
    across, down = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    reach = abs(across) + abs(down)
    corners = Image.new("L", (2, 2))
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        corners.putpixel((x, y), round(255 * (0.5 + ((x - 0.5) * across + (y - 0.5) * down) / reach)))
    return _stretch(corners, size, Image.Resampling.BILINEAR)


def _box(centre: Point, radius: float) -> tuple[float, float, float, float]:
    x, y, reach = centre[0] * _SUPERSAMPLE, centre[1] * _SUPERSAMPLE, radius * _SUPERSAMPLE
    return (x - reach, y - reach, x + reach, y + reach)


def _enlarged(points: Sequence[Point]) -> list[Point]:
    return [(x * _SUPERSAMPLE, y * _SUPERSAMPLE) for x, y in points]


@lru_cache(maxsize=1)
def _falloff() -> Image.Image:
    """Light in the middle of a square that has faded to nothing at its edge, with no visible rim."""
    # Image.radial_gradient reaches 255 in the corners, so it is 180 where the edges are nearest.
    near = [1 - min(distance / 180, 1.0) for distance in range(256)]
    return Image.radial_gradient("L").point([round(255 * share**2 * (3 - 2 * share)) for share in near])


@lru_cache(maxsize=2)
def _noise(size: tuple[int, int]) -> Image.Image:
    """0, 1 or 2 a pixel, mostly 1; the same always (Image.effect_noise is not)."""
    raw = Image.frombytes("L", size, hashlib.shake_256(b"grain").digest(size[0] * size[1]))
    return raw.point([0 if value < 40 else 2 if value >= 216 else 1 for value in range(256)])
