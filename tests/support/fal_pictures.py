"""Pictures as the test double of fal draws them: real files, decided by prompt and seed alone."""

from __future__ import annotations

import functools
import hashlib
import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageDraw

SUFFIXES = {"jpeg": "jpg", "png": "png", "webp": "webp"}
_DRAWN_WIDTH = 96


@dataclass(frozen=True)
class Picture:
    """What decides the bytes of one file; `format` is fal's word: jpeg, png or webp."""

    prompt: str
    seed: int
    width: int
    height: int
    format: str
    black: bool = False

    @property
    def content_type(self) -> str:
        """The media type that fal gives."""
        return f"image/{self.format}"


def encode(image: Image.Image, format_: str) -> bytes:
    """Return an image as the bytes of a file, made for speed rather than size."""
    buffer = io.BytesIO()
    if format_ == "png":
        image.save(buffer, "PNG", compress_level=1)
    elif format_ == "webp":
        image.save(buffer, "WEBP", quality=80, method=0)
    else:
        image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def solid(width: int, height: int, format_: str, colour: tuple[int, int, int]) -> bytes:
    """Return a picture of one colour, such as the black one that fal gives for a prompt it will not draw."""
    return encode(Image.new("RGB", (width, height), colour), format_)


@functools.lru_cache(maxsize=64)
def render(picture: Picture) -> bytes:
    """Return the file of a picture: a gradient with shapes on it, drawn small and enlarged."""
    if picture.black:
        return solid(picture.width, picture.height, picture.format, (0, 0, 0))
    digest = hashlib.sha256(f"{picture.seed} {picture.prompt}".encode()).digest()
    size = (_DRAWN_WIDTH, max(1, round(_DRAWN_WIDTH * picture.height / picture.width)))
    gradient = Image.linear_gradient("L").resize(size)
    image = Image.merge("RGB", [gradient.point(_ramp(digest[at], digest[at + 3])) for at in range(3)])
    draw = ImageDraw.Draw(image)
    for at in range(6, 26, 5):
        left, top, radius = digest[at] % size[0], digest[at + 1] % size[1], 4 + digest[at + 2] % 16
        box = (left - radius, top - radius, left + radius, top + radius)
        shape = draw.ellipse if digest[at + 3] % 2 else draw.rectangle
        shape(box, fill=(digest[at + 4], digest[at + 2], digest[at]))
    return encode(image.resize((picture.width, picture.height), Image.Resampling.BILINEAR), picture.format)


def _ramp(start: int, end: int) -> list[int]:
    return [start + (end - start) * step // 255 for step in range(256)]


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of some hundred bytes whose header claims a picture of gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1 + 3 * width))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
