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
from .chunks import PNG_START, parts_of

if TYPE_CHECKING:
    from PIL.Image import Image

BLANK_RANGE = 4
"""A picture is blank if no channel (0 to 255) varies by more than this."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""The formats that Pillow may open. For some others it runs programs, which is unsafe for downloaded files."""

ORIENTATION = 0x0112
"""The EXIF tag that says how a picture is turned; 1 is upright."""
ROTATED = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""


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
    if head.startswith(PNG_START) and head[12:16] == b"IHDR" and len(head) == 24:
        # Our own pictures are PNG. Without Pillow, which is slow to import, a warm build stays fast.
        width, height = struct.unpack(">II", head[16:24])
        return int(width), int(height)
    with open_picture(path) as image:
        is_rotated = image.getexif().get(ORIENTATION, 1) in ROTATED
        return (image.height, image.width) if is_rotated else image.size


def check_picture(path: Path) -> ImageInfo:
    """Decode the whole picture to check that it can be a hero; the file stays as it is.

    Raises:
        BlankPictureError: the picture is blank or wholly transparent.
        PictureError: the file is not a picture, is incomplete, or has too many or too few pixels.
    """
    with open_picture(path) as image:
        _check(image)
        return ImageInfo(*upright(image).size, str(image.format))


def make_png(path: Path) -> ImageInfo:
    """Check as ``check_picture``, and convert the file to PNG if it is another format, animated, or a damaged PNG.

    A converted picture is upright, as its EXIF orientation says; of an animated one the first frame is kept. Of a
    damaged PNG all pixels are there: only what surrounds them is not.

    Raises:
        BlankPictureError, PictureError: as ``check_picture``.
        AssetsError: the PNG can't be written.
    """
    with open_picture(path) as image:
        _check(image)
        width, height = image.size
        found = str(image.format)
        if found != "PNG" or getattr(image, "is_animated", False) or not _has_whole_chunks(path):
            whole = upright(image).convert("RGBA" if image.has_transparency_data else "RGB")
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
    with open_picture(path) as image:
        load_picture(image)


def open_picture(path: Path) -> Image:
    """Open a picture file in one of the formats that are safe to open; only its header is read.

    Raises:
        PictureError: the file can't be read, is not a picture, or claims more pixels than anybody decodes.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - a warm build decodes nothing

    try:
        return Image.open(path, formats=(*_FORMATS, *(("AVIF",) if find_spec("PIL.AvifImagePlugin") else ())))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("the picture has more pixels than this plugin decodes") from error
    except UnidentifiedImageError as error:
        raise PictureError("the file is not a picture") from error
    except Exception as error:  # a decoder may raise any error for a damaged file
        raise PictureError(f"the picture can't be decoded ({error})") from error


def _check(image: Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PictureError(f"the picture has {width} × {height} pixels, more than this plugin decodes")
    if min(width, height) < MIN_SIDE:
        raise PictureError(f"the picture has only {width} × {height} pixels")
    load_picture(image)
    if _is_blank(image):
        raise BlankPictureError("the picture is blank")


def _has_whole_chunks(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return any(part.kind == b"IEND" for part in parts_of(file))
    except PictureError:
        return False


def load_picture(image: Image) -> None:
    """Decode all pixels of an opened picture.

    Raises:
        PictureError: the picture is damaged or incomplete.
    """
    try:
        image.load()
    except Exception as error:  # as above
        raise PictureError(f"the picture can't be decoded ({error})") from error


def _is_blank(image: Image) -> bool:
    if image.mode.startswith(("I", "F")):
        # 16 bits per channel: a conversion to 8 bits would clip the values.
        low, high = image.getextrema()
        return float(high) - float(low) <= BLANK_RANGE * 257  # type: ignore[arg-type]
    ranges: Any = image.convert("RGBA" if image.has_transparency_data else "RGB").getextrema()
    is_clear = len(ranges) == 4 and ranges[3][1] <= BLANK_RANGE
    return is_clear or all(high - low <= BLANK_RANGE for low, high in ranges[:3])


def upright(image: Image) -> Image:
    """Return a copy of the picture as a viewer shows it: turned as its EXIF data say, which the copy does not keep."""
    from PIL import ImageOps  # noqa: PLC0415 - a warm build decodes nothing

    with contextlib.suppress(Exception):  # damaged EXIF data may raise any error; the picture itself is sound
        return ImageOps.exif_transpose(image)
    return image.copy()
