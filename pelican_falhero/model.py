"""What there is to know of one model: the arguments it takes, their ranges, and its price."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

MAX_SIDE = 14142
"""The largest width or height in pixels that fal's schemas allow."""

MIN_SIDE = 64
"""Pixels; what arrives smaller is a placeholder or an error page's icon, not a hero, so none is asked for."""

MAX_PIXELS = 64_000_000
"""The most that is decoded, in 256 MB, and so the most that is asked for; far over what fal draws (4 MP)."""

MEGAPIXEL = 1024 * 1024
"""Pixels in a billed megapixel: fal's flux-2-pro page bills 1024 by 1024 as one."""


@dataclass(frozen=True)
class Range:
    """The values a numeric argument may have, both ends included, and the one we send unasked."""

    minimum: float
    maximum: float
    default: float

    def __str__(self) -> str:
        return f"{self.minimum:g} to {self.maximum:g}"

    def holds(self, value: object) -> bool:
        """Whether it is a number in this range."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and self.minimum <= value <= self.maximum  # type: ignore[operator]


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one picture costs, in USD."""

    usd: float
    unit: str
    """``megapixel`` (each one begun counts) or ``image``."""
    further: float | None = None
    """USD for each megapixel after the first, where that differs."""

    def of(self, pixels: int) -> float:
        """USD for a picture of so many pixels."""
        return self.of_units(self.units(pixels))

    def units(self, pixels: int) -> int:
        """How many units a picture of so many pixels is expected to be billed as."""
        return 1 if self.unit == "image" else max(1, ceil(pixels / MEGAPIXEL))

    def of_units(self, units: float) -> float:
        """USD for so many units, which may be parts of one."""
        further = self.usd if self.further is None else self.further
        return min(units, 1) * self.usd + max(0, units - 1) * further


@dataclass(frozen=True, kw_only=True)
class Sides:
    """What width and height may be, in pixels."""

    minimum: int = MIN_SIDE
    maximum: int = MAX_SIDE
    multiple: int = 1
    most: int = MAX_PIXELS
    """Pixels in all."""

    def problem(self, width: int, height: int) -> str:
        """What a size must be and is not; empty where it is right."""
        if not all(self.minimum <= side <= self.maximum and side % self.multiple == 0 for side in (width, height)):
            steps = f", in steps of {self.multiple}" if self.multiple > 1 else ""
            return f"must have sides of {self.minimum} to {self.maximum} pixels{steps}"
        if width * height > self.most:
            return f"must have at most {self.most} pixels"
        return ""


@dataclass(frozen=True, kw_only=True)
class Model:
    """One endpoint: its short name, what it accepts, and what it costs."""

    name: str
    endpoint: str
    best_for: str
    seconds: float
    """Typical seconds for one picture of a megapixel.

    Told by others for schnell, dev, pro, ultra, flux-2-turbo and flux-2-flash (Replicate's blog of 2024-10, fal's
    pages and samples, users); for the rest estimated from their steps beside those.
    """
    price: Price | None
    """None where fal publishes none; ``FALHERO_PRICES`` can give one."""
    base: str
    """The weights beneath. What the settings say of steps and guidance holds for endpoints of one base."""
    steps: Range | None = None
    """``num_inference_steps``; None where the endpoint ignores it."""
    guidance: Range | None = None
    """``guidance_scale``; None where the endpoint ignores it."""
    sizing: str = "image_size"
    """The argument that carries the size: ``image_size`` or ``aspect_ratio``."""
    sides: Sides = Sides()
    lora_scale: Range | None = None
    """The scale of each of ``loras``; None where the endpoint takes none."""
    negative_prompt: bool = False
    control: str = ""
    """How it takes a control image: ``control_lora``, ``control_union`` or not at all."""
    control_scale: Range | None = None
    formats: tuple[str, ...] = ("png", "jpeg")
