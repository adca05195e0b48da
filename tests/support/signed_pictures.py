"""Picture files with a C2PA manifest where their format has it; nobody has signed it, and nobody here asks."""

from __future__ import annotations

import struct
import zlib

MANIFEST = b"\0\0\0\x28jumb\0\0\0\x20jumdc2pa\0\x11\0\x10\x80\0\0\xaa\x008\x9bq\x03c2pa\0"


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def signed(data: bytes) -> bytes:
    """The bytes of a PNG, JPEG or WebP with a manifest."""
    if data.startswith(b"\x89PNG"):
        return data[:33] + png_chunk(b"caBX", MANIFEST) + data[33:]
    if data.startswith(b"\xff\xd8"):
        segment = b"JP\0\1\0\0\0\1" + MANIFEST
        return data[:2] + b"\xff\xeb" + struct.pack(">H", len(segment) + 2) + segment + data[2:]
    body = data[8:] + b"C2PA" + struct.pack("<I", len(MANIFEST)) + MANIFEST + b"\0" * (len(MANIFEST) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body
