"""Pictures that are sent with a request: a control image of the author's, or a hero that is to be changed."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

from ..errors import PictureError
from ..storage.images import verify

LONGEST_SIDE = 1024
"""Pixels. Larger pictures are scaled down: FLUX draws about a megapixel, and the request contains the picture."""

_QUALITY = 92


def digest(path: Path) -> str:
    """Return the SHA-256 of the file, for fingerprints. (The converted picture could differ between Pillow versions.)

    Raises:
        PictureError: the file can't be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise PictureError(f"{path} can't be read ({error.strerror})") from error


def data_uri(path: Path) -> str:
    """Return the picture as a JPEG in a data URI: rotated by its EXIF data, scaled down, on a white background.

    Raises:
        PictureError: the file is not a picture.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - needed only to send a request

    verify(path)
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGBA")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    white = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(white, image).convert("RGB")
    data = io.BytesIO()
    flat.save(data, format="JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode()
