"""The front-matter field that names a post's hero, and how an author's own picture is told from one of ours."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ..post import OPT_OUT, metadata_text

if TYPE_CHECKING:
    from .values import Value

_GENERATED_HERO = re.compile(r"(?:^|/)hero-[0-9a-f]{12}\.\w+$")
_PICTURE_KEYS = ("path", "src", "url", "image", "file", "filename")
"""What may hold the picture of a field that is a mapping, as ``path`` does for jekyll-seo-tag."""
_SAMPLE = "images/heroes/hero-0123456789ab.png"


@dataclass(frozen=True, kw_only=True)
class HeroField:
    """The field that ``[tool.falhero] write`` names, and the form of what is written into it."""

    name: str
    """With dots between the names of mappings and the field in them."""
    formats: Mapping[str, str]
    """Folder to path format: the first whose folder has the picture is used, and ``{path}`` is the path in there.

    An empty folder has every picture.
    """
    is_list: bool = False
    """Whether its value is a list of pictures."""

    def value(self, source: str, picture: str) -> str:
        """Return what the field is to say.

        Args:
            source: the post, relative to the site's root.
            picture: its hero, likewise.
        """
        folder = next(folder for folder in self.formats if picture.startswith(folder))
        relative = posixpath.relpath(picture, posixpath.dirname(source) or ".")
        return self.formats[folder].format(
            name=PurePosixPath(picture).name,
            path=picture.removeprefix(folder),
            relative=relative if relative.startswith("../") else f"./{relative}",
        )

    def as_value(self, text: str) -> Value:
        """Return a text as the field holds it."""
        return [text] if self.is_list else text

    def written(self, metadata: Mapping[str, Any]) -> str:
        """Return what the field says in a post's front matter; empty if it is not of the field's form."""
        value = value_at(metadata, self.name.split("."))
        if self.is_list and isinstance(value, list) and len(value) == 1:
            (value,) = value
            return value if isinstance(value, str) else ""
        return value if isinstance(value, str) and not self.is_list else ""


def value_at(metadata: Mapping[str, Any], names: Sequence[str]) -> Any:
    """Return the value of a field, None if there is none; the names before the last are those of mappings around it."""
    value: Any = metadata
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def check_path_format(text: str) -> None:
    """Check that a path format can be used, and that what it makes can be told from a picture of the author's.

    Raises:
        ValueError: it can't; the text says what it must be.
    """
    try:
        path = HeroField(name="", formats={"": text}).value("posts/a.md", _SAMPLE)
    except (AttributeError, IndexError, KeyError, ValueError) as error:
        raise ValueError(f"can hold {{name}}, {{path}} and {{relative}} only, not {text!r}") from error
    if not is_generated_hero(path):
        raise ValueError(
            "must end with {name}, {path} or {relative}, or a picture of falhero's "
            f"could not be told from one of yours, not {text!r}"
        )


def is_generated_hero(path: str) -> bool:
    """Whether a path names a hero that we made."""
    return bool(_GENERATED_HERO.search(path))


def why_not_ours(metadata: Mapping[str, Any], names: Iterable[str], *, field: HeroField | None) -> str:
    """Return why a post's own fields leave it without a hero; empty if none of them does.

    Args:
        metadata: the post's fields.
        names: of the fields that may name a picture of the author's, in any case, with dots into mappings.
        field: that of our hero, in which a word such as ``none`` or ``false`` says that there is to be none.
    """
    for name in names:
        for text in _texts(metadata, name.lower().split(".")):
            if text.lower() in OPT_OUT:
                if field and name == field.name:
                    return f"says {name}: {text.lower()}"
            elif not is_generated_hero(text):
                return f"has its own picture ({text})"
    return ""


def _texts(value: Any, names: Sequence[str]) -> list[str]:
    """Return the pictures that a field names; where a mapping is expected, a text is one too."""
    if isinstance(value, Mapping):
        fields = {str(key).lower(): inner for key, inner in value.items()}
        keys = names[:1] or _PICTURE_KEYS
        return [text for key in keys for text in _texts(fields.get(key), names[1:])]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner, ())]
    text = "" if value is True else metadata_text(value)
    return [text] if text else []
