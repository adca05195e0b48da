"""A TrueType font whose letters are all squares, for tests that must not depend on the fonts of a machine."""

from __future__ import annotations

import struct
from pathlib import Path

EM = 1000


def save_square_font(path: Path, characters: str, *, side: int = 800) -> Path:
    """Write a font that has these characters, each an em wide with a square of ``side`` thousandths of it."""
    start = (EM - side) // 2
    square = struct.pack(">hhhhh", 1, start, 0, start + side, side)  # one contour, and its box
    square += struct.pack(">HH4B", 3, 0, 1, 1, 1, 1)  # it ends at point 3; no instructions; four points on the curve
    square += struct.pack(">4h4h", start, 0, side, 0, 0, side, 0, -side)
    groups = b"".join(struct.pack(">III", ord(char), ord(char), 1) for char in sorted(set(characters)))
    mapping = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(groups) // 12) + groups
    tables = {
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 10, 12) + mapping,
        b"glyf": square,
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh", 65536, 65536, 0, 0x5F0F3CF5, 0, EM, 0, 0, 0, 0, EM, EM, 0, 8, 2, 1, 0
        ),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 65536, 880, -120, 0, EM, 0, 0, EM, 1, 0, 0, 0, 0, 0, 0, 0, 2),
        b"hmtx": struct.pack(">HhHh", EM, 0, EM, start),
        b"loca": struct.pack(">III", 0, 0, len(square)),  # the sign for a missing glyph is empty
        b"maxp": struct.pack(">IH13H", 65536, 2, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    offset = 12 + 16 * len(tables)
    head, body = struct.pack(">IHHHH", 65536, len(tables), 64, 2, 48), b""
    for name, table in tables.items():
        head += struct.pack(">4sIII", name, 0, offset + len(body), len(table))
        body += table + b"\0" * (-len(table) % 4)
    path.write_bytes(head + body)
    return path
