"""Control images: a picture of the author's own that says how the hero is composed."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

from ..errors import PictureError
from ..storage.images import verify

LONGEST_SIDE = 1024
"""Pixels; what is larger is brought down, for FLUX draws about a megapixel and the picture travels in the request."""

_QUALITY = 92


def digest(path: Path) -> str:
    """What stands for the picture in a fingerprint: the file's own bytes, which no version of Pillow changes.

    Raises:
        PictureError: it can't be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise PictureError(f"{path} can't be read ({error.strerror})") from error


def data_uri(path: Path) -> str:
    """The picture as fal takes it: upright, of a sensible size, on white, as a JPEG in a data URI.

    Raises:
        PictureError: it is no picture.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - only requests that are sent need it

    verify(path)
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGBA")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image).convert("RGB")
    data = io.BytesIO()
    flat.save(data, format="JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode()
