"""Masters and their variants: which there are to be, and the names of their files.

Nothing here opens a file, and nothing imports Pillow: this is what a warm build needs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ...validators import PICTURE_FORMATS

SOCIAL_SIZE = (1200, 630)
"""Width and height in pixels of the social cut, as link previews show it."""


EXTENSIONS: Mapping[str, str] = {"avif": "avif", "webp": "webp", "jpeg": "jpg"}
"""Format to how the names of its files end."""


class Recipe(NamedTuple):
    """Which variants a master gets: widths in pixels, ascending; formats, the most modern first."""

    widths: tuple[int, ...]
    formats: tuple[str, ...]
    has_social: bool = True
    """Whether there are social cuts."""

    def widths_for(self, width: int) -> tuple[int, ...]:
        """Return the widths of a master's variants, ascending; its own is the last, for none is enlarged."""
        return (*(narrow for narrow in self.widths if narrow < width), width)


def make_recipe(widths: Iterable[int], formats: Iterable[str]) -> Recipe:
    """Make the recipe of a site's settings: nothing without formats, and none that this Pillow can't write."""
    asked = set(formats)
    usable = (name for name in PICTURE_FORMATS if name in asked and can_write(name))
    return Recipe(tuple(sorted(set(widths))), tuple(usable), has_social=bool(asked))


def can_write(format_: str) -> bool:
    """Whether this Pillow was built with the format's encoder; Pillow itself is not imported."""
    pillow = find_spec("PIL")
    if format_ == "jpeg" or pillow is None:
        return pillow is not None
    return PathFinder.find_spec(f"PIL._{format_}", pillow.submodule_search_locations) is not None


_OURS = r"(?:(?:hero|card)-[0-9a-f]{12}(?:-art)?|.+-[0-9a-f]{8})-(?:\d+\.(?:webp|avif|jpg)|social\.jpg)"


def is_variant_name(name: str) -> bool:
    """Whether a file name may be that of a variant or a social cut."""
    return re.fullmatch(_OURS, name, re.DOTALL) is not None


def master_name(path: str, *, is_ours: bool) -> str:
    """Return what the names of a picture's variants begin with: its stem, and 8 digits of an author's own's path.

    Args:
        path: relative to the content folder.
        is_ours: whether it is a hero or a card, of which no two have one name.
    """
    stem = path[path.rfind("/") + 1 :].rpartition(".")[0]
    if is_ours:
        return stem
    # A space or a comma in an address would end it in ``srcset``.
    readable = re.sub(r"[^\w.-]+", "-", stem)
    return f"{readable}-{hashlib.md5(path.encode(errors='surrogatepass'), usedforsecurity=False).hexdigest()[:8]}"


class Master(NamedTuple):
    """A picture that variants are made of."""

    path: str
    """Of its file; a Path for each of thousands of pictures is slow."""
    name: str
    """What the names of its variants begin with; no other master has it."""
    size: int
    """Bytes."""
    mtime_ns: int
    is_card: bool = False
    """Whether it is a title card, which has a social picture of its own."""

    @property
    def file(self) -> Path:
        """The picture's file."""
        return Path(self.path)


class VariantSet(NamedTuple):
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
    is_ai: bool = False
    """Whether a model drew it."""
    model: str = ""
    """The endpoint that drew it, if it is known."""
    problem: str = ""
    """Why there are no variants, if there can't be any."""

    def file_name(self, format_: str, width: int) -> str:
        """Return the name of a variant's file."""
        return f"{self.name}-{width}.{EXTENSIONS[format_]}"

    @property
    def social_name(self) -> str:
        """The name of the social cut's file."""
        return f"{self.name}-social.jpg"

    def file_names(self) -> list[str]:
        """Return the names of all files that exist."""
        names = [self.file_name(format_, width) for format_, widths in self.widths.items() for width in widths]
        return names + [self.social_name] * self.has_social
