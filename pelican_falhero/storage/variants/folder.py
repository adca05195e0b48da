"""The folder of variants on the disk: its files, and the index that says what they are."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Collection
from pathlib import Path

from ...errors import AssetsError
from ..assets import Library
from ..copies import remove_files
from .index import FILE_NAME, Entry, Index
from .variant_set import Master, Recipe, VariantSet

SAVE_EVERY = 1.0
"""Seconds; a killed run loses the entries of what it has made in them."""
_SAVES_SHARE = 20
"""Of a run's time, saving takes at most one part in so many: the index of a large site takes long to write."""


class VariantFolder:
    """Files and index entries. Thread-safe. Read once; what another process writes meanwhile is not seen."""

    def __init__(self, library: Library, recipe: Recipe) -> None:
        self.path = library.variants
        self.recipe = recipe
        self._library = library
        self._lock = threading.Lock()
        self._index = Index(self.path / FILE_NAME, recipe)
        self._next_save = time.monotonic() + SAVE_EVERY
        self._files = _sizes(self.path)
        """Name to bytes of the files that exist."""

    def ready(self, master: Master) -> VariantSet | None:
        """Return a master's variants, if they are all there and the master has not changed since they were made."""
        variants = self._index.unchanged(master)
        if variants and all(map(self._files.get, variants.file_names())):
            return variants
        with self._lock:
            entry = self._index.get(master.name)
        is_ready = entry and entry.is_of(master) and self.has_all(entry, master)
        return entry.variants(master.name, self.recipe) if entry and is_ready else None

    def has_all(self, entry: Entry, master: Master) -> bool:
        """Whether every file that a master should have by its entry is there."""
        return self.missing(entry, master) == ([], False)

    def missing(self, entry: Entry, master: Master) -> tuple[list[tuple[str, int]], bool]:
        """Return the files to encode, as (format, width), and whether the social cut is to be made."""
        return entry.missing(master, self.recipe, self._files)

    def entry_of_content(self, master: Master, sha256: str) -> Entry:
        """Return what is known of a master's content; if that had another name until now, its files get the new one.

        Raises:
            AssetsError: the folder can't be written.
        """
        with self._lock:
            known = self._index.of_content(sha256)
        name = master.name if master.name in known else next(iter(known), None)
        if name is None:
            return Entry(master.size, master.mtime_ns, sha256)
        entry = known[name]._replace(size=master.size, mtime_ns=master.mtime_ns)
        if name != master.name:
            for old in entry.variants(name, self.recipe).file_names():
                with contextlib.suppress(FileNotFoundError):
                    self.put(master.name + old.removeprefix(name), (self.path / old).read_bytes())
        return entry

    def put(self, name: str, data: bytes) -> None:
        """Write a file under its name, whole or not at all.

        Raises:
            AssetsError: the folder can't be written.
        """
        self._write(name, data)
        with self._lock:
            self._files[name] = len(data)

    def remember(self, master: Master, entry: Entry) -> VariantSet:
        """Put an entry into the index, which is written now and then, and return the master's variants.

        Raises:
            AssetsError: the folder can't be written.
        """
        with self._lock:
            self._index.put(master.name, entry)
            if time.monotonic() >= self._next_save:
                self._save()
        return entry.variants(master.name, self.recipe)

    def save(self) -> None:
        """Write the index, if anything in it has changed.

        Raises:
            AssetsError: the folder can't be written.
        """
        with self._lock:
            self._save()

    def _save(self) -> None:
        if not self._index.is_changed:
            return
        began = time.monotonic()
        self._write(FILE_NAME, self._index.as_bytes())
        self._index.is_changed = False
        now = time.monotonic()
        self._next_save = now + max(SAVE_EVERY, _SAVES_SHARE * (now - began))

    def keep_only(self, used: Collection[VariantSet]) -> list[AssetsError]:
        """Remove all other files and entries; return what went wrong."""
        names = {name for variants in used for name in variants.file_names()}
        masters = {variants.name for variants in used}
        with self._lock:
            self._index.keep_only(masters)
            is_stale = not self._files.keys() <= names
            self._files = {name: size for name, size in self._files.items() if name in names}
        problems = remove_files(self.path, lambda name: name not in names and name != FILE_NAME) if is_stale else []
        try:
            self.save()
        except AssetsError as error:
            problems.append(error)
        return problems

    def _write(self, name: str, data: bytes) -> None:
        # Nobody waits until it is on the disk: it can be made again, and its size is looked at.
        with self._library.temporary_file("variant") as temporary:
            try:
                self.path.mkdir(exist_ok=True)
                temporary.write_bytes(data)
                temporary.chmod(0o644)
                os.replace(temporary, self.path / name)  # noqa: PTH105 - clearer than Path.replace
            except OSError as error:
                raise AssetsError.of(self.path, error) from error


def _sizes(folder: Path) -> dict[str, int]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.stat().st_size for entry in entries if entry.name != FILE_NAME}
    except OSError:
        return {}  # what can't be read is made again, or the attempt says why not
