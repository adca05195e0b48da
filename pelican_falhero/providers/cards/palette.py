"""The colours of a card, chosen in OKLCH by numbers that follow from its title."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255, sRGB."""

_Item = TypeVar("_Item")

# Hues in OKLCH degrees: (deep, rich, accent), for the shadows, the middle and the light. Past 360 where the way to the
# next hue leads through red. Picked by eye: a free choice gives khaki and mud between 90 and 120 when it is dark.
_SCHEMES: tuple[tuple[float, float, float], ...] = (
    (278, 300, 382),  # indigo, violet, coral
    (262, 250, 205),  # ink, azure, cyan
    (205, 186, 92),  # petrol, teal, gold
    (168, 158, 108),  # forest, emerald, lime
    (318, 345, 408),  # plum, magenta, apricot
    (12, 24, 72),  # burgundy, crimson, amber
    (300, 368, 420),  # aubergine, raspberry, peach
    (258, 235, 408),  # navy, sky, orange
    (222, 208, 382),  # deep sea, lagoon, salmon
    (35, 45, 84),  # cocoa, terracotta, sand
    (285, 268, 168),  # indigo, ultramarine, mint
    (345, 305, 215),  # wine, violet, ice
    (180, 196, 55),  # pine, turquoise, tangerine
    (268, 325, 448),  # midnight, orchid, honey
)
_HUE_JITTER = 7.0
_STEPS = 33
# Evenly spaced from shadow to light: lightness, chroma, and the share of the deep, the rich and the accent hue.
_STOPS: tuple[tuple[float, ...], ...] = (
    (0.20, 0.055, 1.0, 0.0, 0.0),
    (0.29, 0.095, 0.8, 0.2, 0.0),
    (0.41, 0.140, 0.2, 0.8, 0.0),
    (0.57, 0.165, 0.0, 0.75, 0.25),
    (0.76, 0.145, 0.0, 0.1, 0.9),
    (0.91, 0.070, 0.0, 0.0, 1.0),
)

LINEAR: tuple[float, ...] = tuple(
    v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in range(256)
)
"""The light, 0 to 1, of each value of an sRGB channel."""


class Dice:
    """An endless supply of numbers that follows from a text alone, the same on every machine and Python."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._rolls = 0

    def between(self, low: float, high: float) -> float:
        """The next number from ``low`` up to ``high``."""
        digest = hashlib.sha256(f"{self._rolls}:{self._seed}".encode()).digest()
        self._rolls += 1
        return low + (high - low) * int.from_bytes(digest[:6], "big") / 2**48

    def pick(self, items: Sequence[_Item]) -> _Item:
        """One of ``items``."""
        return items[int(self.between(0, len(items)))]


@dataclass(frozen=True)
class Palette:
    """The colours of one card."""

    steps: tuple[Colour, ...]
    """From the deepest shadow to the brightest light."""

    ink: Colour
    """The colour of the text: nearly white, with a little of the accent."""

    def tone(self, position: float) -> Colour:
        """The colour at ``position``: 0 is the shadow, 1 the light."""
        red, green, blue = (round(channel) for channel in _between_rows(self.steps, min(max(position, 0.0), 1.0)))
        return red, green, blue


def choose_palette(dice: Dice) -> Palette:
    """The palette that ``dice`` gives."""
    hues = [hue + dice.between(-_HUE_JITTER, _HUE_JITTER) for hue in dice.pick(_SCHEMES)]
    steps = tuple(_colour_at(step / (_STEPS - 1), hues) for step in range(_STEPS))
    return Palette(steps=steps, ink=_oklch(0.98, 0.012, hues[2]))


def luminance(colour: Colour) -> float:
    """WCAG's relative luminance, 0 to 1."""
    red, green, blue = (LINEAR[channel] for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colour_at(position: float, hues: Sequence[float]) -> Colour:
    """The colour at ``position``, 0 to 1, of a palette with these deep, rich and accent hues."""
    lightness, chroma, *shares = _between_rows(_STOPS, position)
    hue = sum(share * hue for share, hue in zip(shares, hues, strict=True))
    # Half-lit yellow is khaki; a little more light makes it gold or lime.
    yellow = max(0.0, 1 - abs(hue % 360 - 105) / 40)
    return _oklch(lightness + 0.4 * yellow * lightness * (1 - lightness), chroma, hue)


def _between_rows(rows: Sequence[Sequence[float]], position: float) -> list[float]:
    """The values at ``position``, 0 to 1, between evenly spaced rows."""
    place = position * (len(rows) - 1)
    low = min(int(place), len(rows) - 2)
    return [a + (b - a) * (place - low) for a, b in zip(rows[low], rows[low + 1], strict=True)]


def _oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """A colour of OKLCH (lightness 0 to 1, hue in degrees) in sRGB, with less chroma where sRGB cannot show it."""
    light = _linear_rgb(lightness, chroma, hue)
    while min(light) < 0 or max(light) > 1:
        chroma *= 0.98
        light = _linear_rgb(lightness, chroma, hue)
    red, green, blue = (round(255 * _encode(channel)) for channel in light)
    return red, green, blue


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    # The matrices are Björn Ottosson's: https://bottosson.github.io/posts/oklab/
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encode(channel: float) -> float:
    """A linear channel with sRGB's transfer curve."""
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055
