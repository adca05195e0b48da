"""The index, which remembers what was made of each master. Nothing here decodes or hashes a picture."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from .variant_set import Master, Recipe, VariantSet

FILE_NAME = "index.json"
VERSION = 1
"""Raised when files are named, encoded or cut in another way, so that all are made again."""


class Entry(NamedTuple):
    """What the index remembers of a master and of all that was ever encoded of this content."""

    size: int
    mtime_ns: int
    sha256: str
    width: int = 0
    height: int = 0
    is_ai: bool = False
    model: str = ""
    encoded: Mapping[str, Mapping[int, int]] = MappingProxyType({})
    """Format to width to bytes, of files that were too large to be kept too; 0: the format can't hold the picture."""
    social: int = 0
    """Bytes; 0: none was made."""
    problem: str = ""

    def is_of(self, master: Master) -> bool:
        """Whether this is the master as it was when it was last hashed, by its size and time."""
        return self.size == master.size and self.mtime_ns == master.mtime_ns

    def variants(self, name: str, recipe: Recipe) -> VariantSet:
        """Return the variants that are worth their bytes, of the master with this name.

        Each is smaller than the master, and smaller than the file of the same width in a more widely supported format.
        """
        kept: dict[str, tuple[int, ...]] = {}
        if not self.problem:
            least = dict.fromkeys(recipe.widths_for(self.width), self.size)
            for format_ in reversed(recipe.formats):
                sizes = self.encoded.get(format_, {})
                kept[format_] = tuple(width for width, limit in least.items() if 0 < sizes.get(width, 0) < limit)
                least |= {width: sizes[width] for width in kept[format_]}
        return VariantSet(
            name,
            self.width,
            self.height,
            self.sha256,
            widths=dict(reversed(kept.items())),
            has_social=self.social > 0 and recipe.has_social,
            is_ai=self.is_ai,
            model=self.model,
            problem=self.problem,
        )

    def missing(self, master: Master, recipe: Recipe, files: Mapping[str, int]) -> tuple[list[tuple[str, int]], bool]:
        """Return which files have to be encoded, as (format, width), and whether the social cut is among them.

        Args:
            master: whose entry this is.
            recipe: what it gets.
            files: names and bytes of the files that exist.
        """
        if self.problem:
            return [], False
        there = self.variants(master.name, recipe)
        wanted = [
            (format_, width)
            for format_ in recipe.formats
            for width in recipe.widths_for(self.width)
            if (size := self.encoded.get(format_, {}).get(width)) is None
            or (width in there.widths[format_] and files.get(there.file_name(format_, width)) != size)
        ]
        has_social = there.has_social and files.get(there.social_name) == self.social
        return wanted, recipe.has_social and not master.is_card and not has_social

    def with_encoded(self, sizes: Mapping[tuple[str, int], int]) -> Entry:
        """Return the entry with the bytes of some more files, by format and width."""
        encoded = {format_: dict(widths) for format_, widths in self.encoded.items()}
        for (format_, width), size in sizes.items():
            encoded.setdefault(format_, {})[width] = size
        return self._replace(encoded=encoded)


_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


class Index:
    """The entries of all masters; one that is damaged, or of another version, is as none."""

    def __init__(self, file: Path, recipe: Recipe) -> None:
        self.is_changed = False
        self._recipe = recipe
        self._entries: dict[str, Entry] = {}
        """Those that were asked for or put here: converting them all takes a warm build too long."""
        self._read: dict[str, Any] = {}
        self._names: dict[str, set[str]] | None = None
        """Content to the names that masters of it have or had."""
        self._is_of_recipe = False
        try:
            found = json.loads(file.read_bytes())
            if found["version"] == VERSION:
                self._read = dict(found["masters"])
                self._is_of_recipe = found["recipe"] == _told(recipe)
        except (OSError, *_DAMAGE):
            pass

    def unchanged(self, master: Master) -> VariantSet | None:
        """Return a master's variants if it has not changed since the index was written, for this recipe."""
        values = self._read.get(master.name)
        if values is None or not self._is_of_recipe:
            return None
        try:
            if values["size"] != master.size or values["mtime_ns"] != master.mtime_ns:
                return None
            return VariantSet(
                master.name,
                values["width"],
                values["height"],
                values["sha256"],
                {format_: tuple(widths) for format_, widths in values["shown"].items()},
                has_social=values["social"] > 0 and self._recipe.has_social,
                is_ai=values["is_ai"],
                model=values["model"],
                problem=values["problem"],
            )
        except _DAMAGE:
            return None

    def get(self, name: str) -> Entry | None:
        """Return the entry of a master."""
        if name not in self._entries and name in self._read:
            try:
                self._entries[name] = _entry(self._read[name])
            except _DAMAGE:
                del self._read[name]
        return self._entries.get(name)

    def of_content(self, sha256: str) -> dict[str, Entry]:
        """Return the entries of this content, by their masters' names."""
        if self._names is None:
            self._names = {}
            for name in {*self._entries, *self._read}:
                if entry := self.get(name):
                    self._names.setdefault(entry.sha256, set()).add(name)
        names = self._names.get(sha256, ())
        return {name: entry for name in names if (entry := self.get(name)) and entry.sha256 == sha256}

    def put(self, name: str, entry: Entry) -> None:
        """Set the entry of a master."""
        self._entries[name] = entry
        self._read.pop(name, None)
        if self._names is not None:
            self._names.setdefault(entry.sha256, set()).add(name)
        self.is_changed = True

    def keep_only(self, names: Collection[str]) -> None:
        """Forget all other masters."""
        for known in (self._entries, self._read):
            for name in known.keys() - names:
                del known[name]
                self.is_changed = True

    def as_bytes(self) -> bytes:
        """Return the index as it is written."""
        for name in list(self._read):
            self.get(name)
        masters = {
            name: entry._asdict() | {"encoded": dict(entry.encoded), "shown": entry.variants(name, self._recipe).widths}
            for name, entry in sorted(self._entries.items())
        }
        return json.dumps({"version": VERSION, "recipe": _told(self._recipe), "masters": masters}).encode()


def _told(recipe: Recipe) -> list[list[Any]]:
    return [list(recipe.widths), list(recipe.formats)]


def _entry(values: Mapping[str, Any]) -> Entry:
    encoded = {
        format_: {int(width): int(size) for width, size in widths.items()}
        for format_, widths in values["encoded"].items()
    }
    return Entry(
        size=int(values["size"]),
        mtime_ns=int(values["mtime_ns"]),
        sha256=str(values["sha256"]),
        width=int(values["width"]),
        height=int(values["height"]),
        is_ai=bool(values["is_ai"]),
        model=str(values["model"]),
        encoded=encoded,
        social=int(values["social"]),
        problem=str(values["problem"]),
    )
