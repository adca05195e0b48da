"""The social cut: a picture in the shape and weight that link previews want."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .encoding import Picture, save
from .variant_set import SOCIAL_SIZE

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 300_000
"""Some messengers show no preview of a larger picture."""

_QUALITIES = (85, 80, 75, 70, 60, 50, 40, 30)
_MAX_ENLARGED = 1.25
"""A picture is enlarged by no more, so that nobody sees it."""
_LEAST_KEPT = 0.5
"""Of a picture that would lose more by cutting, the whole is shown."""
_PULL = 0.2
"""How much of its detail the outermost window must have more than the middle one, to be preferred."""
_DETAIL_SIDE = 192
"""Pixels of the longer side of the copy in which detail is looked for."""


def social_cut(picture: Picture, xmp: bytes) -> bytes:
    """Return a JPEG of ``SOCIAL_SIZE`` and at most ``MAX_BYTES``: cut towards detail, or extended at its sides.

    The same picture always gives the same cut.

    Raises:
        PictureError: the encoder failed.
    """
    return encode_social(compose(_on_white(picture.image)), xmp)


def encode_social(image: Image, xmp: bytes) -> bytes:
    """Return an RGB picture of ``SOCIAL_SIZE`` as a JPEG of at most ``MAX_BYTES``, in the best quality that fits.

    Raises:
        PictureError: the encoder failed.
    """
    data = b""
    for quality in _QUALITIES:
        data = save(image, "jpeg", xmp=xmp, quality=quality, progressive=True)
        if len(data) <= MAX_BYTES:
            break
    return data


def needed_width(width: int, height: int) -> int:
    """Return how wide a picture of this size has to be decoded for its cut, in pixels."""
    return min(width, math.ceil(width * _covering_scale(width, height)))


def compose(image: Image) -> Image:
    """Return an RGB picture in ``SOCIAL_SIZE``, cut or extended."""
    width, height = SOCIAL_SIZE
    covering = _covering_scale(*image.size)
    kept = (width * height) / (image.width * image.height * covering**2)
    if covering <= _MAX_ENLARGED and kept >= _LEAST_KEPT:
        return _cut(image, covering)
    return _extended(image)


def _covering_scale(width: int, height: int) -> float:
    return max(SOCIAL_SIZE[0] / width, SOCIAL_SIZE[1] / height)


def _cut(image: Image, scale: float) -> Image:
    from PIL.Image import Resampling  # noqa: PLC0415 - a warm build decodes nothing

    width, height = (side / scale for side in SOCIAL_SIZE)
    left, top = (max(0.0, image.width - width), max(0.0, image.height - height))
    across, down = _detail_place(image, width / image.width, height / image.height)
    box = (left * across, top * down, left * across + width, top * down + height)
    box = (box[0], box[1], min(box[2], image.width), min(box[3], image.height))
    return image.resize(SOCIAL_SIZE, Resampling.LANCZOS, box=box, reducing_gap=2.0)


def _detail_place(image: Image, width: float, height: float) -> tuple[float, float]:
    """Return where the window with most detail lies, across and down: 0 is left or top, 1 right or bottom.

    Args:
        image: RGB.
        width: of the window, as a part of the image's.
        height: likewise.
    """
    from PIL import ImageChops, ImageFilter  # noqa: PLC0415 - a warm build decodes nothing
    from PIL.Image import Resampling  # noqa: PLC0415

    scale = _DETAIL_SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.convert("L").resize(size, Resampling.BOX)
    # What a blur takes away: edges and textures, but neither slow gradients nor the darkness at the corners.
    detail = ImageChops.difference(small, small.filter(ImageFilter.GaussianBlur(4))).convert("F")
    columns = detail.resize((size[0], 1), Resampling.BOX)
    rows = detail.resize((1, size[1]), Resampling.BOX)
    return _best_start(array("f", columns.tobytes()), width), _best_start(array("f", rows.tobytes()), height)


def _best_start(detail: Sequence[float], part: float) -> float:
    """Return the start of the best window over a row of numbers, from 0 (at the first) to 1 (ends at the last)."""
    length = min(len(detail), round(len(detail) * part))
    last = len(detail) - length
    total = sum(detail)
    if not last or not total:
        return 0.5

    def worth(start: int) -> float:
        off_middle = abs(2 * start / last - 1)
        return sum(detail[start : start + length]) / total - _PULL * off_middle * (1 - part)

    return max(range(last + 1), key=lambda start: (round(worth(start), 6), -abs(2 * start - last))) / last


def _extended(image: Image) -> Image:
    """Return the whole picture before a blurred and darker copy of itself."""
    from PIL import ImageEnhance, ImageFilter, ImageOps  # noqa: PLC0415 - a warm build decodes nothing
    from PIL.Image import Resampling  # noqa: PLC0415

    width, height = SOCIAL_SIZE
    # Blurred while it is small, which is fast.
    small = ImageOps.fit(image, (width // 20, height // 20), Resampling.BOX).filter(ImageFilter.GaussianBlur(2))
    canvas = ImageEnhance.Brightness(small).enhance(0.8).resize(SOCIAL_SIZE, Resampling.BICUBIC)
    scale = min(width / image.width, height / image.height, _MAX_ENLARGED)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    whole = image.resize(size, Resampling.LANCZOS, reducing_gap=2.0)
    canvas.paste(whole, ((width - size[0]) // 2, (height - size[1]) // 2))
    return canvas


def _on_white(image: Image) -> Image:
    if image.mode == "RGB":
        return image
    from PIL import Image as images  # noqa: PLC0415 - a warm build decodes nothing

    white = images.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white
