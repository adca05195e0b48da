"""What is known of each master's variants: the names of their files, and the index that remembers them.

Nothing here decodes or hashes a picture, and nothing imports Pillow: this is all that a warm build needs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ...validators import PICTURE_FORMATS
from ..labels import Label

FILE_NAME = "index.json"
VERSION = 1
"""Raised when files are named, encoded or cut in another way, so that all are made again."""

SOCIAL_SIZE = (1200, 630)
"""Width and height in pixels of the social cut, as link previews show it."""


@dataclass(frozen=True)
class Recipe:
    """Which variants a master gets: widths in pixels, ascending; formats, the most modern first."""

    widths: tuple[int, ...]
    formats: tuple[str, ...]

    def widths_for(self, width: int) -> tuple[int, ...]:
        """Return the widths of a master's variants, ascending; its own is the last, for none is enlarged."""
        return (*(narrow for narrow in self.widths if narrow < width), width)


def make_recipe(widths: Iterable[int], formats: Iterable[str]) -> Recipe:
    """Make the recipe of a site's settings; a format that this Pillow can't write is left out."""
    asked = set(formats)
    usable = (name for name in PICTURE_FORMATS if name in asked and can_write(name))
    return Recipe(tuple(sorted(set(widths))), tuple(usable))


def can_write(format_: str) -> bool:
    """Whether this Pillow was built with the format's encoder; Pillow itself is not imported."""
    pillow = find_spec("PIL")
    if format_ == "jpeg" or pillow is None:
        return pillow is not None
    return PathFinder.find_spec(f"PIL._{format_}", pillow.submodule_search_locations) is not None


def variant_name(path: str) -> str:
    """Return the name for the variants of an author's own picture: its stem, and 8 digits of its path's MD5.

    Args:
        path: relative to the content folder. A space or a comma in an address would end it in ``srcset``.
    """
    stem = re.sub(r"[^\w.-]+", "-", Path(path).stem)
    return f"{stem}-{hashlib.md5(path.encode(errors='surrogatepass'), usedforsecurity=False).hexdigest()[:8]}"


@dataclass(frozen=True)
class Master:
    """A picture that variants are made of."""

    file: Path
    name: str
    """What the names of its variants begin with; no other master has it."""
    size: int
    """Bytes."""
    mtime_ns: int
    label: Label | None = None
    """What its variants say; None: what the picture itself says, for an author's own."""
    wants_social: bool = True
    """Whether it gets a social cut."""

    @cached_property
    def maker(self) -> str:
        """The label without the tool, whose new versions are no reason to make the files again."""
        return f"{self.label.source} {self.label.model}".strip() if self.label else ""


@dataclass(frozen=True)
class VariantSet:
    """The variants of one master."""

    name: str
    width: int
    """Pixels of the master, as it is shown; 0 if it is no picture that can be decoded."""
    height: int
    sha256: str
    """Of the master's bytes."""
    widths: Mapping[str, tuple[int, ...]]
    """Format, the most modern first, to the widths that exist, ascending; the master's own may be missing."""
    has_social: bool
    problem: str = ""
    """Why there are no variants, if there can't be any."""

    def file_name(self, format_: str, width: int) -> str:
        """Return the name of a variant's file."""
        return f"{self.name}-{width}.{'jpg' if format_ == 'jpeg' else format_}"

    @property
    def social_name(self) -> str:
        """The name of the social cut's file."""
        return f"{self.name}-social.jpg"

    def file_names(self) -> list[str]:
        """Return the names of all files that exist."""
        names = [self.file_name(format_, width) for format_, widths in self.widths.items() for width in widths]
        return names + [self.social_name] * self.has_social


@dataclass(frozen=True)
class Entry:
    """What the index remembers of a master and of all that was ever encoded of this content."""

    size: int
    mtime_ns: int
    sha256: str
    maker: str
    width: int = 0
    height: int = 0
    encoded: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Format to width to bytes, of files that were too large to be kept too; 0: the format can't hold the picture."""
    social: int = 0
    """Bytes; 0: none was made."""
    problem: str = ""

    def is_of(self, master: Master) -> bool:
        """Whether this is the master as it was when it was last hashed, by its size and time."""
        return (self.size, self.mtime_ns, self.maker) == (master.size, master.mtime_ns, master.maker)

    def variants(self, master: Master, recipe: Recipe) -> VariantSet:
        """Return the variants that are worth their bytes.

        Each is smaller than the master, and smaller than the file of the same width in a more widely supported format.
        """
        kept: dict[str, tuple[int, ...]] = {}
        if not self.problem:
            least = dict.fromkeys(recipe.widths_for(self.width), self.size)
            for format_ in reversed(recipe.formats):
                sizes = self.encoded.get(format_, {})
                kept[format_] = tuple(width for width, limit in least.items() if 0 < sizes.get(width, 0) < limit)
                least |= {width: sizes[width] for width in kept[format_]}
        widths = dict(reversed(kept.items()))
        has_social = master.wants_social and self.social > 0
        return VariantSet(master.name, self.width, self.height, self.sha256, widths, has_social, self.problem)

    def missing(self, master: Master, recipe: Recipe, files: Mapping[str, int]) -> tuple[list[tuple[str, int]], bool]:
        """Return which files have to be encoded, as (format, width), and whether the social cut is among them.

        Args:
            master: whose entry this is.
            recipe: what it gets.
            files: names and bytes of the files that exist.
        """
        if self.problem:
            return [], False
        there = self.variants(master, recipe)
        wanted = [
            (format_, width)
            for format_ in recipe.formats
            for width in recipe.widths_for(self.width)
            if (size := self.encoded.get(format_, {}).get(width)) is None
            or (width in there.widths[format_] and files.get(there.file_name(format_, width)) != size)
        ]
        has_social = there.has_social and files.get(there.social_name) == self.social
        return wanted, master.wants_social and not has_social

    def with_encoded(self, sizes: Mapping[tuple[str, int], int]) -> Entry:
        """Return the entry with the bytes of some more files, by format and width."""
        encoded = {format_: dict(widths) for format_, widths in self.encoded.items()}
        for (format_, width), size in sizes.items():
            encoded.setdefault(format_, {})[width] = size
        return replace(self, encoded=encoded)


def read_index(file: Path) -> dict[str, Entry]:
    """Read the index, by the masters' names; one that is missing, damaged or of another version is as none."""
    try:
        found = json.loads(file.read_bytes())
        if found["version"] != VERSION:
            return {}
        return {name: _entry(values) for name, values in found["masters"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def index_bytes(entries: Mapping[str, Entry]) -> bytes:
    """Return the index as it is written."""
    masters = {name: asdict(entry) for name, entry in sorted(entries.items())}
    return json.dumps({"version": VERSION, "masters": masters}).encode()


def _entry(values: Mapping[str, Any]) -> Entry:
    encoded = {
        format_: {int(width): int(size) for width, size in widths.items()}
        for format_, widths in values["encoded"].items()
    }
    return Entry(
        size=int(values["size"]),
        mtime_ns=int(values["mtime_ns"]),
        sha256=str(values["sha256"]),
        maker=str(values["maker"]),
        width=int(values["width"]),
        height=int(values["height"]),
        encoded=encoded,
        social=int(values["social"]),
        problem=str(values["problem"]),
    )
