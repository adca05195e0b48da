"""Find mistyped ``Hero_…`` fields: without their field, posts would be drawn in another way than their authors want."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from .post import OVERRIDE_NAMES, metadata_text

_PREFIX = "hero_"


class ThemeTemplates:
    """The text of a theme's templates; they are only read when a field is looked up, and once."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """``settings`` are Pelican's."""
        self._folders = [Path(settings["THEME"], "templates"), *map(Path, settings["THEME_TEMPLATES_OVERRIDES"])]

    def mention(self, field: str) -> bool:
        """Whether a template contains the name of a field."""
        return bool(re.search(rf"\b{re.escape(field)}\b", self._text))

    @cached_property
    def _text(self) -> str:
        return "\n".join(_texts(file for folder in self._folders for file in folder.rglob("*") if file.is_file()))


def no_template(_: str) -> bool:
    """Answer for a site whose templates are not known: none reads the field."""
    return False


def mistyped_field(metadata: Mapping[str, Any], *, is_read: Callable[[str], bool]) -> str:
    """Return what is wrong with the first field that is one edit away from one of ours; empty if there is none.

    Args:
        metadata: a post's metadata, with names in lower case.
        is_read: whether a template reads a field, so that it belongs to the theme.
    """
    for field in metadata:
        if not field.startswith(_PREFIX):
            continue
        name = field.removeprefix(_PREFIX)
        if name in OVERRIDE_NAMES or not metadata_text(metadata[field]):
            continue
        meant = next((known for known in OVERRIDE_NAMES if _is_one_edit(name, known)), "")
        if meant and not is_read(field):
            return f"{field.title()} is not a field (did you mean Hero_{meant.title()}?)"
    return ""


def _is_one_edit(one: str, other: str) -> bool:
    """Whether two different words differ by one letter inserted, deleted or replaced, or by two swapped neighbours."""
    pairs = enumerate(zip(one, other, strict=False))
    same = next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))
    one, other = one[same:], other[same:]
    is_swapped = one[:2] == other[:2][::-1] and one[2:] == other[2:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or is_swapped


def _texts(files: Iterable[Path]) -> Iterable[str]:
    for file in files:
        with contextlib.suppress(OSError):
            yield file.read_text(encoding="utf-8", errors="replace")
