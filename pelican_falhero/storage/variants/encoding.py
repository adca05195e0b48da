"""Decode a master once, and encode it in other sizes and formats."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ...errors import PictureError
from ...models import MAX_PIXELS
from ..images import ORIENTATION, ROTATED, load_picture, open_picture, upright

if TYPE_CHECKING:
    from PIL.Image import Image

_OPTIONS: dict[str, dict[str, Any]] = {
    "avif": {"quality": 65, "speed": 8},
    "webp": {"quality": 80, "method": 4},
    "jpeg": {"quality": 82, "progressive": True},
}
_LONGEST_SIDE = {"avif": 65_536, "webp": 16_383, "jpeg": 65_500}
"""Pixels; the formats hold no more, or their encoders take no more."""
_FLAT = 256
"""A picture with no more colours is a drawing or a screenshot, which is smaller and clearer without loss."""

_LONGEST_XMP = 60_000
"""Bytes. JPEG holds little more, and what is longer is an editor's history, which would outweigh the picture."""
_PLACE = re.compile(
    rb"""\s+exif:GPS\w+=(?:"[^"]*"|'[^']*')|<exif:GPS(\w+)\b[^>]*?(?:/>|>.*?</exif:GPS\1>)""", re.DOTALL
)
_PADDING = re.compile(rb"\s{100,}(?=<\?xpacket end)")


@dataclass(frozen=True)
class Picture:
    """A decoded master: upright, in sRGB, RGB or RGBA."""

    image: Image
    is_flat: bool
    xmp: bytes
    """What its file says about it, without the place where it was taken; empty if nothing."""


class OpenMaster:
    """A master whose header was read. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """
        Raises:
            PictureError: the file is not a picture that variants can be made of.
        """
        if path.suffix.lower() == ".svg":
            raise PictureError("an SVG has no pixels")
        self._image = open_picture(path)
        self._orientation = 1
        with contextlib.suppress(Exception):  # damaged EXIF data may raise any error; the picture itself is sound
            self._orientation = self._image.getexif().get(ORIENTATION, 1)
        self.size = self._image.size[::-1] if self._orientation in ROTATED else self._image.size
        """Width and height in pixels, as a viewer shows the picture."""
        try:
            self._require_still_and_small()
        except PictureError:
            self._image.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._image.close()

    def decode(self, least_width: int) -> Picture:
        """Decode the picture; a JPEG may come smaller, but at least twice as wide as ``least_width``.

        Raises:
            PictureError: the picture is damaged or incomplete.
        """
        factor = min(1.0, 2 * least_width / self.size[0])
        self._image.draft(None, (round(self._image.width * factor) or 1, round(self._image.height * factor) or 1))
        load_picture(self._image)
        said = _without_place(self._image.info.get("xmp") or b"")  # in a PNG it may come after the pixels
        try:
            image = _without_blank_alpha(_to_srgb(upright(self._image)))  # a copy, which stays open
        except Exception as error:  # a conversion may raise any error for an odd picture
            raise PictureError(f"the picture can't be converted ({error})") from error
        # Encoders write some of what stands here: a profile that no longer holds, or EXIF data with a place.
        image.info.clear()
        return Picture(image, image.getcolors(_FLAT) is not None, said)

    def _require_still_and_small(self) -> None:
        # A photograph of a phone may hold a second picture, such as a map of its brightness: that is no animation.
        if getattr(self._image, "is_animated", False) and self._image.format != "MPO":
            raise PictureError("it is animated")
        width, height = self.size
        if width * height > MAX_PIXELS:
            raise PictureError(f"it has {width} × {height} pixels, more than this plugin decodes")


def _without_place(packet: bytes | str) -> bytes:
    packet = packet.encode() if isinstance(packet, str) else packet
    packet = _PADDING.sub(b"\n", _PLACE.sub(b"", packet))
    return packet if len(packet) <= _LONGEST_XMP else b""


def resized(picture: Picture, width: int, height: int) -> Picture:
    """Return the picture in another size, in pixels."""
    if picture.image.size == (width, height):
        return picture
    from PIL.Image import Resampling  # noqa: PLC0415 - a warm build decodes nothing

    # Shrunk to twice the size by averaging, which is fast, before the filter that is sharp.
    image = picture.image.resize((width, height), Resampling.LANCZOS, reducing_gap=2.0)
    return replace(picture, image=image)


def encode(picture: Picture, format_: str, xmp: bytes) -> bytes:
    """Return the picture as the bytes of a file; empty if the format has no room for it, or for its transparency.

    Raises:
        PictureError: the encoder failed.
    """
    image = picture.image
    if max(image.size) > _LONGEST_SIDE[format_] or (format_ == "jpeg" and image.mode == "RGBA"):
        return b""
    data = save(image, format_, xmp=xmp, **_OPTIONS[format_])
    if format_ == "webp" and picture.is_flat:
        exact = save(image, format_, xmp=xmp, lossless=True, quality=80, method=4)
        return min(exact, data, key=len)
    return data


def save(image: Image, format_: str, *, xmp: bytes, **options: Any) -> bytes:
    """Return what Pillow writes.

    Raises:
        PictureError: the encoder failed.
    """
    buffer = io.BytesIO()
    try:
        image.save(buffer, format_.upper(), xmp=xmp, **options)
    except Exception as error:  # an encoder may raise any error
        raise PictureError(f"it can't be encoded as {format_} ({error})") from error
    return buffer.getvalue()


def _to_srgb(image: Image) -> Image:
    """Return a picture of any mode and colour profile as RGB, or RGBA if it is transparent anywhere."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        # 16 bits: a plain conversion to 8 would clip nearly all of them to white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    target = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode not in ("L", "CMYK", target):
        image = image.convert(target)
    if profile:
        with contextlib.suppress(Exception):  # a damaged profile may raise any error; without it, colours are near
            image = _with_profile(image, profile, target)
    return image if image.mode == target else image.convert(target)


def _with_profile(image: Image, data: bytes, target: str) -> Image:
    from PIL import ImageCms  # noqa: PLC0415 - few pictures have a profile

    profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
    if "srgb" in ImageCms.getProfileDescription(profile).lower():
        return image
    converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode=target)
    return converted or image


def _without_blank_alpha(image: Image) -> Image:
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image
