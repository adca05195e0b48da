"""Colours of a card: a seeded source of numbers, and palettes chosen in OKLCH."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255, sRGB."""

_Item = TypeVar("_Item")

# Hues in OKLCH degrees: (deep, rich, accent). The deep hue fills the shadows, the rich one the middle, the accent the
# light. Picked by eye: a free choice of hue gives khaki and mud between 90 and 120 when it is dark.
_SCHEMES: tuple[tuple[float, float, float], ...] = (
    (278, 300, 22),  # indigo, violet, coral
    (262, 250, 205),  # ink, azure, cyan
    (205, 186, 92),  # petrol, teal, gold
    (168, 158, 108),  # forest, emerald, lime
    (318, 345, 48),  # plum, magenta, apricot
    (12, 24, 72),  # burgundy, crimson, amber
    (300, 8, 60),  # aubergine, raspberry, peach
    (258, 235, 48),  # navy, sky, orange
    (222, 208, 22),  # deep sea, lagoon, salmon
    (35, 45, 84),  # cocoa, terracotta, sand
    (285, 268, 168),  # indigo, ultramarine, mint
    (345, 305, 215),  # wine, violet, ice
    (180, 196, 55),  # pine, turquoise, tangerine
    (268, 325, 88),  # midnight, orchid, honey
)
_HUE_JITTER = 7.0
_STEPS = 33
# The ramp's stops, evenly spaced from shadow to light: lightness, chroma, and how far each leans from one hue to the
# next (0 deep, 1 rich, 2 accent).
_STOPS: tuple[tuple[float, float, float], ...] = (
    (0.20, 0.055, 0.0),
    (0.29, 0.095, 0.2),
    (0.41, 0.140, 0.8),
    (0.57, 0.165, 1.25),
    (0.76, 0.145, 1.9),
    (0.91, 0.070, 2.0),
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
    """The text: nearly white, with a breath of the accent."""

    def tone(self, position: float) -> Colour:
        """The colour at ``position`` of the ramp: 0 the shadow, 1 the light."""
        place = min(max(position, 0.0), 1.0) * (len(self.steps) - 1)
        low = min(int(place), len(self.steps) - 2)
        share = place - low
        red, green, blue = (round(a + (b - a) * share) for a, b in zip(*self.steps[low : low + 2], strict=True))
        return red, green, blue


def choose_palette(dice: Dice) -> Palette:
    """The palette that ``dice`` gives."""
    deep, rich, accent = (hue + dice.between(-_HUE_JITTER, _HUE_JITTER) for hue in dice.pick(_SCHEMES))
    steps = tuple(_on_ramp(step / (_STEPS - 1), (deep, rich, accent)) for step in range(_STEPS))
    return Palette(steps=steps, ink=oklch(0.98, 0.012, accent))


def oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """A colour of OKLCH (lightness 0 to 1, hue in degrees) in sRGB, with less chroma where sRGB cannot show it."""
    low, high = 0.0, chroma
    if _in_gamut(_linear_rgb(lightness, chroma, hue)):
        low = chroma
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if _in_gamut(_linear_rgb(lightness, middle, hue)) else (low, middle)
    red, green, blue = (round(255 * _encode(channel)) for channel in _linear_rgb(lightness, low, hue))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """WCAG's relative luminance, 0 to 1."""
    red, green, blue = (LINEAR[channel] for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _on_ramp(position: float, hues: tuple[float, float, float]) -> Colour:
    """The ramp's colour at ``position``, 0 to 1, for deep, rich and accent hues."""
    place = position * (len(_STOPS) - 1)
    low = min(int(place), len(_STOPS) - 2)
    lightness, chroma, lean = (a + (b - a) * (place - low) for a, b in zip(_STOPS[low], _STOPS[low + 1], strict=True))
    deep, rich, accent = hues
    hue = _turn(deep, rich, lean) if lean <= 1 else _turn(rich, accent, lean - 1)
    # Half-lit yellow is khaki; a little more light makes it gold or lime.
    yellow = max(0.0, 1 - abs(hue % 360 - 105) / 40)
    return oklch(lightness + 0.4 * yellow * lightness * (1 - lightness), chroma, hue)


def _turn(start: float, end: float, share: float) -> float:
    """The hue a share of the way from one to another, the short way round."""
    return start + ((end - start + 180) % 360 - 180) * share


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


def _in_gamut(channels: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= channel <= 1 + 1e-4 for channel in channels)


def _encode(channel: float) -> float:
    """A linear channel with sRGB's transfer curve."""
    channel = min(max(channel, 0.0), 1.0)
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055
