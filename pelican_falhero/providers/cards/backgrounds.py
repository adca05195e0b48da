"""The backgrounds of cards: six compositions, each varied by numbers that follow from the title.

The light comes from the upper right. Behind a title the lower left stays quiet; without one the shapes take the middle,
which is what themes leave when they cut a picture to 16:9 or 2:1, and keep dark enough for the white words that some of
them lay over it. Lengths are in units (``UNITS_HIGH``).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageChops

from .canvas import Canvas, Point, Shapes
from .palette import Dice, choose_palette


def paint_background(seed: str, size: tuple[int, int], *, titled: bool = True) -> Canvas:
    """The canvas of ``seed``, complete but for the text: one palette and motif, with room for a title or without."""
    dice = Dice(seed)
    canvas = Canvas(size, choose_palette(dice), titled=titled)
    dice.pick(COMPOSITIONS)(canvas, dice)
    canvas.vignette(0.4)
    canvas.grain()
    return canvas


def orbs(canvas: Canvas, dice: Dice) -> None:
    """Discs of glass that overlap."""
    _ground(canvas, dice, 0.75)
    middle = _spot(canvas, dice, (0.66, 0.80), (0.24, 0.36))
    canvas.glow(middle, 560, 0.6, 0.4)
    turn = dice.between(0, 360)
    for step, (size, away) in enumerate(((330, 0), (225, 130), (165, 200), (108, 240), (58, 262))):
        # The golden angle, so that no two lie in one direction.
        angle = math.radians(turn + step * 137.5)
        centre = (middle[0] + away * math.cos(angle), middle[1] + away * math.sin(angle) * 0.8)
        # Brighter in the middle, which is further from the light.
        radius, tone = size * dice.between(0.9, 1.1), (0.46 + 0.11 * step) if canvas.titled else (0.50 + 0.07 * step)
        mask = _disc(canvas, centre, radius)
        canvas.shadow(mask, radius * 0.16, (-radius * 0.08, radius * 0.14), 0.5)
        canvas.fill(mask, canvas.gradient(tone - 0.28, tone + 0.12, -55), 0.86)
        # The lit rim is what a copy of the disc, moved away from the light, leaves uncovered.
        moved = mask.copy()
        moved.paste(mask, (-2, 2))
        canvas.fill(ImageChops.subtract(mask, moved), canvas.palette.tone(1), 0.35)


def hills(canvas: Canvas, dice: Dice) -> None:
    """Ridges that fade into the distance under a low sun."""
    width, height = canvas.width, canvas.height
    canvas.image = canvas.gradient(0.30, 0.95, 80)
    sun = _spot(canvas, dice, (0.62, 0.84), (0.2, 0.3), alone=(0.6, 0.36))
    canvas.glow(sun, 560, 0.7, 0.5)
    canvas.fill(_disc(canvas, sun, dice.between(52, 84)), canvas.gradient(1, 0.8, 90))
    ridges = 6
    for step in range(ridges):
        near = step / (ridges - 1)
        ridge = _wave(canvas, dice, height * (0.40 + 0.5 * near**1.1), ((26, 46), (700, 1100)), ((8, 20), (260, 460)))
        mask = _polygon(canvas, [*ridge, (width + 8, height), (-8, height)])
        canvas.shadow(mask, 26, (0, -8), 0.3)
        tone = 0.60 - 0.54 * near
        canvas.fill(mask, canvas.gradient(tone + 0.08, tone - 0.14, 90))


def planes(canvas: Canvas, dice: Dice) -> None:
    """Sheets of paper, cut at an angle and stacked."""
    width, height = canvas.width, canvas.height
    canvas.image = canvas.gradient(0.70, 0.96, -50)
    slant = dice.between(25, 62)
    sheets, far = 7, 3000
    spread, depth = (0.64, 0.62) if canvas.titled else (0.82, 0.5)
    for step in range(sheets):
        near = step / (sheets - 1)
        angle = math.radians(slant + dice.between(-9, 9))
        # Each edge crosses the diagonal that climbs to the upper right; the paper lies below it.
        reach = 0.92 - spread * near + dice.between(-0.03, 0.03)
        x, y = width * reach, height * (1 - reach)
        down, along = far * math.sin(angle), far * math.cos(angle)
        edge = [(x - down, y - along), (x + down, y + along)]
        mask = _polygon(canvas, [*edge, (x + down - along, y + along + down), (x - down - along, y - along + down)])
        canvas.shadow(mask, 30, (12, -8), 0.5)
        tone = 0.76 - depth * near
        canvas.fill(mask, canvas.gradient(tone - 0.14, tone + 0.08, -40))


def rings(canvas: Canvas, dice: Dice) -> None:
    """Nested discs with a shadow between each and the next, as if cut from paper."""
    _ground(canvas, dice, 0.5)
    centre = _spot(canvas, dice, (0.72, 0.92), (0.1, 0.3))
    drift = (dice.between(-10, 10), dice.between(-4, 12))
    discs = 8
    for step in range(discs):
        near = step / (discs - 1)
        middle = (centre[0] + drift[0] * step, centre[1] + drift[1] * step)
        mask = _disc(canvas, middle, 62 + 660 * (1 - near) ** 1.15)
        canvas.shadow(mask, 24, (-8, 12), 0.5)
        tone = 0.12 + (0.80 if canvas.titled else 0.60) * near**1.15
        canvas.fill(mask, canvas.gradient(tone - 0.05, tone + 0.1, -60))


def strands(canvas: Canvas, dice: Dice) -> None:
    """Many fine lines that turn one curve into another."""
    _ground(canvas, dice, 0.72)
    height = canvas.height
    canvas.glow(_spot(canvas, dice, (0.6, 0.9), (0.1, 0.35)), 520, 0.62, 0.5)
    lower = 0 if canvas.titled else height * 0.19
    top = _wave(
        canvas, dice, lower + height * dice.between(0.08, 0.16), ((50, 90), (800, 1300)), ((15, 35), (420, 560))
    )
    bottom = _wave(
        canvas, dice, lower + height * dice.between(0.42, 0.56), ((70, 150), (700, 1300)), ((15, 35), (420, 560))
    )
    lines = Shapes(canvas.size)
    count = 34
    for step in range(count):
        share = step / (count - 1)
        curve = [(x, y + (end - y) * share) for (x, y), (_, end) in zip(top, bottom, strict=True)]
        lines.line(curve, 2.4, round(255 * (0.2 + 0.8 * math.sin(math.pi * share))))
    mask = ImageChops.multiply(lines.mask(), canvas.fade(-20, 1.3 if canvas.titled else 1.8))
    canvas.shadow(mask, 12, (-4, 10), 0.5)
    canvas.fill(mask, canvas.gradient(0.55, 0.98, -25))


def petals(canvas: Canvas, dice: Dice) -> None:
    """A flower of translucent ellipses, brighter where they overlap."""
    _ground(canvas, dice, 0.62)
    centre = _spot(canvas, dice, (0.68, 0.84), (0.28, 0.4))
    canvas.glow(centre, 480, 0.5, 0.5)
    count = dice.pick((7, 8, 9))
    length, girth, turn = dice.between(340, 430), dice.between(90, 130), dice.between(0, math.tau)
    light, rims = canvas.gradient(0.22, 0.7, -50), Shapes(canvas.size)
    for step in range(count):
        outline = _petal(centre, length, girth, turn + math.tau * step / count)
        canvas.shine(_polygon(canvas, outline), light, 0.6 if canvas.titled else 0.45)
        rims.line(outline, 1.3)
    canvas.fill(ImageChops.multiply(rims.mask(), canvas.fade(-40, 1.0)), canvas.palette.tone(1), 0.6)


def _petal(centre: Point, length: float, girth: float, angle: float) -> list[Point]:
    """The outline of an ellipse that touches ``centre`` with one end; ``girth`` is half its width."""
    cos, sin = math.cos(angle), math.sin(angle)
    turns = [math.tau * step / 120 for step in range(121)]
    shape = [(length / 2 * (1 + math.cos(turn)), girth * math.sin(turn)) for turn in turns]
    return [(centre[0] + along * cos - aside * sin, centre[1] + along * sin + aside * cos) for along, aside in shape]


def _ground(canvas: Canvas, dice: Dice, brightness: float) -> None:
    """A dark ground with some light in the upper right, never twice the same."""
    tones = ((0.30, 0.42, 0.62, 0.74), (0.16, 0.26, 0.44, 0.52), (0.05, 0.10, 0.22, 0.28))
    canvas.image = canvas.mesh([[(tone + dice.between(-0.05, 0.05)) * brightness for tone in row] for row in tones])


def _spot(
    canvas: Canvas,
    dice: Dice,
    across: tuple[float, float],
    down: tuple[float, float],
    *,
    alone: tuple[float, float] = (0.5, 0.5),
) -> Point:
    """A point between two shares of the width and of the height, beside a title; as far around ``alone`` without."""
    x, y = dice.between(*across), dice.between(*down)
    if not canvas.titled:
        x, y = x - sum(across) / 2 + alone[0], y - sum(down) / 2 + alone[1]
    return canvas.width * x, canvas.height * y


def _wave(canvas: Canvas, dice: Dice, level: float, *sines: tuple[tuple[float, float], ...]) -> list[Point]:
    """A smooth line across the canvas around ``level`` down; a sine is a range of heights and one of lengths."""
    waves = [(dice.between(*heights), dice.between(*lengths), dice.between(0, 1000)) for heights, lengths in sines]
    return [
        (x, level + sum(height * math.sin((x + shift) * math.tau / length) for height, length, shift in waves))
        for x in range(-8, math.ceil(canvas.width) + 9, 8)
    ]


def _disc(canvas: Canvas, centre: Point, radius: float) -> Image.Image:
    shapes = Shapes(canvas.size)
    shapes.disc(centre, radius)
    return shapes.mask()


def _polygon(canvas: Canvas, points: list[Point]) -> Image.Image:
    shapes = Shapes(canvas.size)
    shapes.polygon(points)
    return shapes.mask()


COMPOSITIONS: tuple[Callable[[Canvas, Dice], None], ...] = (orbs, hills, planes, rings, strands, petals)
