"""The backgrounds of cards: eight compositions, each varied by the dice that a title gives.

The light comes from the upper right; the lower left stays quiet, because the title stands there.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import ImageChops

from .canvas import Canvas, Point, Stencil, wave
from .palette import Dice, choose_palette


def paint_background(seed: str, size: tuple[int, int]) -> Canvas:
    """The canvas of ``seed``, finished but for the words."""
    dice = Dice(seed)
    canvas = Canvas(size, choose_palette(dice))
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
    for step, (radius, away) in enumerate(((330, 0), (225, 130), (165, 200), (108, 240), (58, 262))):
        # The golden angle, so that no two lie in one direction.
        angle = math.radians(turn + step * 137.5)
        centre = (middle[0] + away * math.cos(angle), middle[1] + away * math.sin(angle) * 0.8)
        _glass(canvas, centre, radius * dice.between(0.9, 1.1), 0.46 + 0.11 * step)


def _glass(canvas: Canvas, centre: Point, radius: float, tone: float) -> None:
    cut = canvas.stencil()
    cut.disc(centre, radius)
    mask = cut.mask()
    canvas.shadow(mask, radius * 0.16, (-radius * 0.08, radius * 0.14), 0.5)
    canvas.fill(mask, canvas.slope(tone - 0.28, tone + 0.12, -55), 0.86)
    # The lit rim is what a copy of the disc, moved away from the light, leaves uncovered.
    moved = mask.copy()
    moved.paste(mask, (-2, 2))
    canvas.fill(ImageChops.subtract(mask, moved), canvas.palette.tone(1), 0.35)


def hills(canvas: Canvas, dice: Dice) -> None:
    """Ridges that fade into the distance under a low sun."""
    width, height = canvas.size
    canvas.image = canvas.slope(0.30, 0.95, 80)
    sun = _spot(canvas, dice, (0.62, 0.84), (0.2, 0.3))
    canvas.glow(sun, 560, 0.7, 0.5)
    disc = canvas.stencil()
    disc.disc(sun, dice.between(52, 84))
    canvas.fill(disc.mask(), canvas.slope(1, 0.8, 90))
    ridges = 6
    for step in range(ridges):
        near = step / (ridges - 1)
        swells = [_swell(dice, (26, 46), (700, 1100)), _swell(dice, (8, 20), (260, 460))]
        cut = canvas.stencil()
        ridge = wave(canvas.size, height * (0.40 + 0.5 * near**1.1), swells)
        cut.polygon([*ridge, (width + 8, height), (-8, height)])
        mask = cut.mask()
        canvas.shadow(mask, 26, (0, -8), 0.3)
        tone = 0.60 - 0.54 * near
        canvas.fill(mask, canvas.slope(tone + 0.08, tone - 0.14, 90))


def planes(canvas: Canvas, dice: Dice) -> None:
    """Sheets of paper, cut on a slant and stacked."""
    width, height = canvas.size
    canvas.image = canvas.slope(0.70, 0.96, -50)
    slant = dice.between(25, 62)
    sheets = 7
    for step in range(sheets):
        near = step / (sheets - 1)
        angle = math.radians(slant + dice.between(-9, 9))
        # Each edge crosses the diagonal that climbs to the upper right; the paper lies below it.
        reach = 0.92 - 0.64 * near + dice.between(-0.03, 0.03)
        cut = canvas.stencil()
        cut.polygon(_half_plane((width * reach, height * (1 - reach)), (math.cos(angle), -math.sin(angle))))
        mask = cut.mask()
        canvas.shadow(mask, 30, (12, -8), 0.5)
        tone = 0.76 - 0.62 * near
        canvas.fill(mask, canvas.slope(tone - 0.14, tone + 0.08, -40))


def _half_plane(foot: Point, up: Point) -> list[Point]:
    """All that lies below a line through ``foot``, where ``up`` is at a right angle to the line."""
    far = 3000.0
    left = (foot[0] + far * up[1], foot[1] - far * up[0])
    right = (foot[0] - far * up[1], foot[1] + far * up[0])
    return [left, right, *((x - far * up[0], y - far * up[1]) for x, y in (right, left))]


def rings(canvas: Canvas, dice: Dice) -> None:
    """Nested discs with a shadow between each and the next, as if cut from paper."""
    _ground(canvas, dice, 0.5)
    centre = _spot(canvas, dice, (0.72, 0.92), (0.1, 0.3))
    drift = (dice.between(-10, 10), dice.between(-4, 12))
    discs = 8
    for step in range(discs):
        near = step / (discs - 1)
        cut = canvas.stencil()
        cut.disc((centre[0] + drift[0] * step, centre[1] + drift[1] * step), 62 + 660 * (1 - near) ** 1.15)
        mask = cut.mask()
        canvas.shadow(mask, 24, (-8, 12), 0.5)
        tone = 0.12 + 0.80 * near**1.15
        canvas.fill(mask, canvas.slope(tone - 0.05, tone + 0.1, -60))


def strands(canvas: Canvas, dice: Dice) -> None:
    """Many fine lines that turn one curve into another."""
    _ground(canvas, dice, 0.72)
    height = canvas.size[1]
    canvas.glow(_spot(canvas, dice, (0.6, 0.9), (0.1, 0.35)), 520, 0.62, 0.5)
    first = [_swell(dice, (50, 90), (800, 1300)), _swell(dice, (15, 35), (420, 560))]
    last = [_swell(dice, (70, 150), (700, 1300)), _swell(dice, (15, 35), (420, 560))]
    top = wave(canvas.size, height * dice.between(0.08, 0.16), first)
    bottom = wave(canvas.size, height * dice.between(0.42, 0.56), last)
    cut = canvas.stencil()
    count = 34
    for step in range(count):
        share = step / (count - 1)
        curve = [(x, y + (end - y) * share) for (x, y), (_, end) in zip(top, bottom, strict=True)]
        cut.line(curve, 2.4, round(255 * (0.2 + 0.8 * math.sin(math.pi * share))))
    mask = ImageChops.multiply(cut.mask(), canvas.fade(-20, 0.0, 1.3))
    canvas.shadow(mask, 12, (-4, 10), 0.5)
    canvas.fill(mask, canvas.slope(0.55, 0.98, -25))


def tiles(canvas: Canvas, dice: Dice) -> None:
    """A quilt of discs and quarter discs that dissolves towards the title."""
    _ground(canvas, dice, 0.6)
    side = 128
    tones = (0.35, 0.5, 0.62, 0.78, 0.92)
    layers = [canvas.stencil() for _ in tones]
    for top in range(0, canvas.size[1], side):
        for left in range(0, canvas.size[0], side):
            _motif(dice.pick(layers), (left, top), side, dice)
    veil = canvas.fade(-38, -0.75, 1.35)
    for cut, tone in zip(layers, tones, strict=True):
        mask = ImageChops.multiply(cut.mask(), veil)
        canvas.shadow(mask, 14, (-4, 8), 0.45)
        canvas.fill(mask, canvas.slope(tone - 0.16, tone + 0.1, -60), 0.95)


def _motif(cut: Stencil, corner: Point, side: float, dice: Dice) -> None:
    """One tile: in six, one is empty, one a disc, and four a quarter disc."""
    x, y = corner
    kind = dice.pick(("disc", "none", *("quarter",) * 4))
    quarter = dice.pick((0, 1, 2, 3))
    if kind == "disc":
        cut.disc((x + side / 2, y + side / 2), side / 2)
    elif kind == "quarter":
        centre = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))[quarter]
        cut.slice(centre, side, quarter * 90, quarter * 90 + 90)


def dots(canvas: Canvas, dice: Dice) -> None:
    """A field of dots that swells with the light."""
    _ground(canvas, dice, 0.7)
    focus = _spot(canvas, dice, (0.65, 0.9), (0.12, 0.4))
    canvas.glow(focus, 560, 0.62, 0.6)
    ripples, start, pitch = dice.between(36, 60), dice.between(0, math.tau), 34
    cut = canvas.stencil()
    for row in range(-1, canvas.size[1] // 29 + 2):
        for column in range(-1, canvas.size[0] // pitch + 2):
            x, y = (column + 0.5 * (row % 2)) * pitch, row * pitch * 0.866
            away = math.hypot(x - focus[0], y - focus[1])
            near = max(0.0, 1 - away / 640)
            swell = 0.65 + 0.35 * math.sin(away / ripples + start)
            cut.disc((x, y), 1.2 + 13.5 * near**1.2 * swell, round(40 + 215 * near**0.7))
    mask = cut.mask()
    canvas.shadow(mask, 9, (-4, 7), 0.5)
    canvas.fill(mask, canvas.slope(0.55, 0.98, -40), 0.95)


def petals(canvas: Canvas, dice: Dice) -> None:
    """A flower of translucent ellipses, brighter where they overlap."""
    _ground(canvas, dice, 0.62)
    centre = _spot(canvas, dice, (0.68, 0.84), (0.28, 0.4))
    canvas.glow(centre, 480, 0.5, 0.5)
    count = dice.pick((7, 8, 9))
    length, girth, turn = dice.between(340, 430), dice.between(90, 130), dice.between(0, math.tau)
    light, rims = canvas.slope(0.22, 0.7, -50), canvas.stencil()
    for step in range(count):
        outline = _petal(centre, length, girth, turn + math.tau * step / count)
        cut = canvas.stencil()
        cut.polygon(outline)
        rims.line(outline, 1.3)
        canvas.shine(cut.mask(), light, 0.6)
    canvas.fill(ImageChops.multiply(rims.mask(), canvas.fade(-40, -0.3, 1.1)), canvas.palette.tone(1), 0.6)


def _petal(centre: Point, length: float, girth: float, angle: float) -> list[Point]:
    """An ellipse that touches ``centre`` with one end; ``girth`` is half its width."""
    cos, sin = math.cos(angle), math.sin(angle)
    turns = [math.tau * step / 120 for step in range(121)]
    shape = [(length / 2 * (1 + math.cos(turn)), girth * math.sin(turn)) for turn in turns]
    return [(centre[0] + along * cos - aside * sin, centre[1] + along * sin + aside * cos) for along, aside in shape]


def _ground(canvas: Canvas, dice: Dice, brightness: float) -> None:
    """A deep ground with some light in the upper right, never twice the same."""
    tones = ((0.30, 0.42, 0.62, 0.74), (0.16, 0.26, 0.44, 0.52), (0.05, 0.10, 0.22, 0.28))
    canvas.image = canvas.mesh([[(tone + dice.between(-0.05, 0.05)) * brightness for tone in row] for row in tones])


def _spot(canvas: Canvas, dice: Dice, across: tuple[float, float], down: tuple[float, float]) -> Point:
    """A point between two shares of the width and of the height."""
    return canvas.size[0] * dice.between(*across), canvas.size[1] * dice.between(*down)


def _swell(dice: Dice, heights: tuple[float, float], lengths: tuple[float, float]) -> tuple[float, float, float]:
    """A swell of a wave: its height, its length and its shift, in pixels."""
    return dice.between(*heights), dice.between(*lengths), dice.between(0, 1000)


COMPOSITIONS: tuple[Callable[[Canvas, Dice], None], ...] = (orbs, hills, planes, rings, strands, tiles, dots, petals)
