"""What a picture file is: its size, whether it is whole, and into PNG if it is not one."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AssetsError, PictureError
from ..models import MAX_PIXELS, MIN_SIDE

if TYPE_CHECKING:
    from PIL.Image import Image

FLAT = 4
"""A picture in which no channel differs by more than this, of 255, shows nothing."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""What Pillow may open; of others it knows some that run programs, which bytes from elsewhere should not."""

_ORIENTATION = 0x0112
_LYING = (5, 6, 7, 8)
"""EXIF orientations in which width and height change places."""

_PNG_START = b"\x89PNG\r\n\x1a\n"


class BlankPictureError(PictureError):
    """The picture is of one colour, as fal sends when its safety check fires."""


@dataclass(frozen=True)
class ImageInfo:
    """A whole, plausible picture: its size in pixels and its format as Pillow calls it."""

    width: int
    height: int
    format: str


def size_of(path: Path) -> tuple[int, int]:
    """(width, height) in pixels as it is shown, read from the file's header alone.

    Raises:
        PictureError: the file can't be read or is not a picture.
    """
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except OSError as error:
        raise PictureError(f"{path} can't be read ({error.strerror})") from error
    if head.startswith(_PNG_START) and head[12:16] == b"IHDR" and len(head) == 24:
        # Our own pictures are all PNG; Pillow would import its plugins for these eight bytes.
        width, height = struct.unpack(">II", head[16:24])
        return int(width), int(height)
    with _opened(path) as image:
        lies = image.getexif().get(_ORIENTATION, 1) in _LYING
        return (image.height, image.width) if lies else image.size


def make_png(path: Path) -> ImageInfo:
    """Check the picture in ``path`` by decoding it whole, and make it a PNG where it is something else.

    Raises:
        BlankPictureError: it shows nothing.
        PictureError: it is no picture, not whole, or of an implausible size.
        AssetsError: there is no room for the PNG.
    """
    with _opened(path) as image:
        width, height = image.size
        found = str(image.format)
        if width * height > MAX_PIXELS:
            raise PictureError(f"the picture claims {width} × {height} pixels, more than this plugin decodes")
        if min(width, height) < MIN_SIDE:
            raise PictureError(f"the picture has only {width} × {height} pixels")
        _load(image)
        if _is_flat(image):
            raise BlankPictureError("the picture is blank")
        if found != "PNG":
            whole = image.convert("RGBA" if image.has_transparency_data else "RGB")
            try:
                whole.save(path, format="PNG")
            except OSError as error:
                raise AssetsError.of(path.parent, error) from error
    return ImageInfo(width, height, found)


def verify(path: Path) -> None:
    """Decode a picture whole.

    Raises:
        PictureError: it does not decode.
    """
    with _opened(path) as image:
        _load(image)


def _opened(path: Path) -> Image:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - a warm build decodes nothing

    try:
        return Image.open(path, formats=(*_FORMATS, *(("AVIF",) if find_spec("PIL.AvifImagePlugin") else ())))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("the picture claims more pixels than this plugin decodes") from error
    except UnidentifiedImageError as error:
        raise PictureError("it is no picture") from error
    except Exception as error:  # a decoder that is fed with damage raises what it likes
        raise PictureError(f"the picture does not decode ({error})") from error


def _load(image: Image) -> None:
    try:
        image.load()
    except Exception as error:  # likewise
        raise PictureError(f"the picture does not decode ({error})") from error


def _is_flat(image: Image) -> bool:
    if image.mode.startswith(("I", "F")):
        # 16 bits a channel; a conversion to 8 would clip them.
        low, high = image.getextrema()
        return float(high) - float(low) <= FLAT * 257  # type: ignore[arg-type]
    extrema = image.convert("RGB").getextrema()
    return all(high - low <= FLAT for low, high in extrema)  # type: ignore[misc]
