"""The parts that picture files are made of: a PNG's and a WebP's chunks, a JPEG's segments. No pixel is decoded."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from ..errors import PictureError

PNG_START = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8"

_SCAN = 0xDA
_END_OF_JPEG = 0xD9
_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD8))


class Part(NamedTuple):
    """One chunk or segment; ``start`` and ``length`` say where in the file its data are, in bytes."""

    kind: bytes
    """Four letters, in a PNG or a WebP; a JPEG's marker, as ``b"\\xff\\xe1"``."""
    start: int
    length: int

    def read(self, file: BinaryIO) -> bytes:
        """Return its data."""
        file.seek(self.start)
        return file.read(self.length)


def parts_of(file: BinaryIO) -> Iterator[Part]:
    """Yield the parts of a PNG, a WebP or a JPEG (up to its pixels), in the file's order; none of another file.

    Raises:
        PictureError: the file ends within a part, or is damaged.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if head.startswith(PNG_START):
        yield from _png_chunks(file, size)
    elif head.startswith(JPEG_START):
        yield from _jpeg_segments(file, size)
    elif head.startswith(b"RIFF") and head.endswith(b"WEBP"):
        yield from _webp_chunks(file, min(size, 8 + int.from_bytes(head[4:8], "little")))


def _png_chunks(file: BinaryIO, size: int) -> Iterator[Part]:
    position, kind = len(PNG_START), b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", _read_at(file, position, 8))
        position += 12 + length
        if position > size:
            raise PictureError("the picture is incomplete")
        yield Part(kind, position - 4 - length, length)


def _jpeg_segments(file: BinaryIO, size: int) -> Iterator[Part]:
    position = len(JPEG_START)
    while True:
        start, marker = _read_at(file, position, 2)
        if start != 0xFF:
            raise PictureError("the picture is damaged: a part of its JPEG does not begin where it should")
        if marker in (_SCAN, _END_OF_JPEG):
            return
        if marker == 0xFF:  # padding
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        else:
            length = int.from_bytes(_read_at(file, position + 2, 2), "big")
            position += 2 + max(length, 2)
            if position > size:
                raise PictureError("the picture is incomplete")
            yield Part(bytes((start, marker)), position - max(length, 2) + 2, max(length, 2) - 2)


def _webp_chunks(file: BinaryIO, size: int) -> Iterator[Part]:
    position = 12
    while position < size:
        kind, length = struct.unpack("<4sI", _read_at(file, position, 8))
        position += 8 + length
        if position > size:
            raise PictureError("the picture is incomplete")
        yield Part(kind, position - length, length)
        position += length % 2


def _read_at(file: BinaryIO, position: int, length: int) -> bytes:
    file.seek(position)
    data = file.read(length)
    if len(data) < length:
        raise PictureError("the picture is incomplete")
    return data
