"""Pictures that weigh what FLUX's weigh: shapes under clouds of noise in every size, and a fine grain."""

from __future__ import annotations

import random
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

GRAIN = 3
"""How far a pixel's brightness strays; it decides what the PNG weighs, and hardly what the WebP does."""


def photograph(width: int = 1024, height: int = 768, seed: int = 0) -> Image.Image:
    """A picture that compresses as FLUX's do: at 1024 × 768, some 1,140 KB as PNG and 80 KB as WebP of quality 80.

    The same numbers always give the same pixels.
    """
    rng = random.Random(seed)
    image = Image.merge("RGB", [_clouds(rng, width, height, 2) for _ in range(3)])
    _draw_shapes(rng, image)
    texture = _clouds(rng, width, height, 8)
    image = ImageChops.add(image, Image.merge("RGB", [texture] * 3), 1, -128)
    grain = _noise(rng, width, height).point([128 + (value - 128) * GRAIN // 128 for value in range(256)])
    return ImageChops.add(image, Image.merge("RGB", [grain] * 3), 1, -128)


def save_photograph(path: Path, *, seed: int = 0) -> Path:
    """Write one as PNG, as fal's pictures come."""
    path.parent.mkdir(parents=True, exist_ok=True)
    photograph(seed=seed).save(path)
    return path


def _clouds(rng: random.Random, width: int, height: int, finest: int) -> Image.Image:
    """Grey noise in sizes that halve, ``finest`` times; each is weaker than the one before."""
    mixed = Image.new("L", (width, height), 128)
    for octave in range(finest):
        cells = 4 << octave
        layer = _noise(rng, cells, max(2, cells * height // width)).resize((width, height), Image.Resampling.BICUBIC)
        weakened = layer.point([128 + (value - 128) * 2 // (2 + 3 * octave) for value in range(256)])
        mixed = ImageChops.add(mixed, weakened, 1, -128)
    return mixed


def _noise(rng: random.Random, width: int, height: int) -> Image.Image:
    return Image.frombytes("L", (width, height), rng.randbytes(width * height))


def _draw_shapes(rng: random.Random, image: Image.Image) -> None:
    mask = Image.new("L", image.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(60):
        x, y, radius = rng.randrange(image.width), rng.randrange(image.height), rng.randrange(8, 90)
        box = (x - radius, y - radius // 2, x + radius, y + radius)
        shape = rng.choice((draw.ellipse, draw.rectangle))
        shape(box, fill=rng.randrange(40, 200))
    image.paste(ImageChops.invert(image), mask=mask.filter(ImageFilter.GaussianBlur(1)))
