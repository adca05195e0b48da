"""Inspect picture files: read the size, check that the file is complete, convert it to PNG."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AssetsError, PictureError
from ..models import MAX_PIXELS, MIN_SIDE

if TYPE_CHECKING:
    from PIL.Image import Image

BLANK_RANGE = 4
"""A picture is blank if no channel (0 to 255) varies by more than this."""

_SAMPLE = (64, 64)
"""Width and height in pixels of the sample that is compared first."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""The formats that Pillow may open. For some others it runs programs, which is unsafe for downloaded files."""

_ORIENTATION = 0x0112
_ROTATED = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""

_PNG_START = b"\x89PNG\r\n\x1a\n"


class BlankPictureError(PictureError):
    """The picture has one colour only, or none; fal sends such a picture when its safety check rejects the real one."""


@dataclass(frozen=True)
class ImageInfo:
    """What was found out about a valid picture: width and height in pixels, and Pillow's name of its format."""

    width: int
    height: int
    format: str


def size_of(path: Path) -> tuple[int, int]:
    """Return (width, height) in pixels as a viewer shows the picture; only the file's header is read.

    Raises:
        PictureError: the file can't be read or is not a picture.
    """
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except OSError as error:
        raise PictureError(f"{path} can't be read ({error.strerror})") from error
    if head.startswith(_PNG_START) and head[12:16] == b"IHDR" and len(head) == 24:
        # Our own pictures are PNG. Without Pillow, which is slow to import, a warm build stays fast.
        width, height = struct.unpack(">II", head[16:24])
        return int(width), int(height)
    with _open(path) as image:
        is_rotated = image.getexif().get(_ORIENTATION, 1) in _ROTATED
        return (image.height, image.width) if is_rotated else image.size


def make_png(path: Path) -> ImageInfo:
    """Decode the whole picture to check it, and convert the file to PNG if it has another format or is animated.

    A converted picture is upright, as its EXIF orientation says; of an animated one the first frame is kept.

    Raises:
        BlankPictureError: the picture is blank or wholly transparent.
        PictureError: the file is not a picture, is incomplete, or has too many or too few pixels.
        AssetsError: the PNG can't be written.
    """
    with _open(path) as image:
        width, height = image.size
        found = str(image.format)
        if width * height > MAX_PIXELS:
            raise PictureError(f"the picture has {width} × {height} pixels, more than this plugin decodes")
        if min(width, height) < MIN_SIDE:
            raise PictureError(f"the picture has only {width} × {height} pixels")
        _load(image)
        if _is_blank(image):
            raise BlankPictureError("the picture is blank")
        if found != "PNG" or getattr(image, "is_animated", False):
            whole = _upright(image).convert("RGBA" if image.has_transparency_data else "RGB")
            width, height = whole.size
            try:
                whole.save(path, format="PNG")
            except OSError as error:
                raise AssetsError.of(path.parent, error) from error
    return ImageInfo(width, height, found)


def verify(path: Path) -> None:
    """Decode the whole picture to check it.

    Raises:
        PictureError: the picture can't be decoded.
    """
    with _open(path) as image:
        _load(image)


def _open(path: Path) -> Image:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - a warm build decodes nothing

    try:
        return Image.open(path, formats=(*_FORMATS, *(("AVIF",) if find_spec("PIL.AvifImagePlugin") else ())))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("the picture has more pixels than this plugin decodes") from error
    except UnidentifiedImageError as error:
        raise PictureError("the file is not a picture") from error
    except Exception as error:  # a decoder may raise any error for a damaged file
        raise PictureError(f"the picture can't be decoded ({error})") from error


def _load(image: Image) -> None:
    try:
        image.load()
    except Exception as error:  # as above
        raise PictureError(f"the picture can't be decoded ({error})") from error


def _is_blank(image: Image) -> bool:
    # Nearly every picture varies enough in a few of its pixels, and all of a large one take long to compare.
    sample = image.resize(_SAMPLE, resample=0) if image.width * image.height > _SAMPLE[0] * _SAMPLE[1] else image
    return _is_uniform(sample) and (sample is image or _is_uniform(image))


def _is_uniform(image: Image) -> bool:
    if image.mode.startswith(("I", "F")):
        # 16 bits per channel: a conversion to 8 bits would clip the values.
        low, high = image.getextrema()
        return float(high) - float(low) <= BLANK_RANGE * 257  # type: ignore[arg-type]
    ranges: Any = image.convert("RGBA" if image.has_transparency_data else "RGB").getextrema()
    is_clear = len(ranges) == 4 and ranges[3][1] <= BLANK_RANGE
    return is_clear or all(high - low <= BLANK_RANGE for low, high in ranges[:3])


def _upright(image: Image) -> Image:
    """Return the picture as a viewer shows it: turned as its EXIF data say, which the PNG does not keep."""
    from PIL import ImageOps  # noqa: PLC0415 - a warm build decodes nothing

    with contextlib.suppress(Exception):  # damaged EXIF data may raise any error; the picture itself is sound
        return ImageOps.exif_transpose(image)
    return image
