"""Which variants are up to date, and making those that are not."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from ...errors import AssetsError, PictureError
from ..assets import Library
from ..memory import release_large_blocks
from .folder import VariantFolder
from .variant_set import Master, Recipe, VariantSet

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


class Found(NamedTuple):
    """What is there for some masters."""

    ready: dict[str, VariantSet]
    """Name of each master that is up to date to its variants."""
    missing: list[Master]
    """Masters that are new or have changed, or lack a file."""


@dataclass(eq=False, repr=False)
class Made:
    """What a run has made."""

    ready: dict[str, VariantSet] = field(default_factory=dict)
    """Name of each master that is up to date now to its variants."""
    notes: list[str] = field(default_factory=list)
    """Why a master has no variants, so that it serves itself; a sentence each, said once for each content."""
    error: AssetsError | None = None
    """The folder can't be written, so the run has stopped; what was made before is ready."""


class VariantStore:
    """The variants of one site, in ``.falhero/variants``. Two processes that make the same files do no harm."""

    def __init__(self, library: Library, recipe: Recipe, makers: Callable[[], Mapping[str, str]] = dict) -> None:
        """
        Args:
            library: the site's pictures.
            recipe: what each of them gets.
            makers: returns, for pictures that don't say who drew them, SHA-256 to the endpoint that did.
        """
        self._library = library
        self._folder = VariantFolder(library, recipe)
        self._makers = makers
        self.folder = self._folder.path

    def look_up(self, masters: Iterable[Master]) -> Found:
        """Return which masters are up to date, by their sizes and times; nothing is decoded or hashed."""
        found = Found({}, [])
        for master in masters:
            if variants := self._folder.ready(master):
                found.ready[master.name] = variants
            else:
                found.missing.append(master)
        return found

    def start(self, on_done: Callable[[Master], None] | None = None) -> VariantRun:
        """Return a run that makes variants beside other work; use it as a context manager."""
        release_large_blocks()
        return VariantRun(self._folder, self._library, cache(self._makers), on_done)

    def make(self, masters: Iterable[Master], on_done: Callable[[Master], None] | None = None) -> Made:
        """Make what is missing of these masters, and wait for it; see ``VariantRun``."""
        with self.start(on_done) as run:
            run.add(masters)
        return run.made

    def remove_stale(self, used: Iterable[VariantSet]) -> list[AssetsError]:
        """Remove the files that none of these sets names, and forget their masters; return what went wrong."""
        return self._folder.keep_only(list(used))


class VariantRun:
    """Makes variants, with as many threads as there are processors, until its ``with`` ends.

    One picture that fails never raises: it gets a note. An exception in the ``with``, such as Ctrl-C, cancels what has
    not begun. What was made is remembered in any case.
    """

    def __init__(
        self,
        folder: VariantFolder,
        library: Library,
        makers: Callable[[], Mapping[str, str]],
        on_done: Callable[[Master], None] | None,
    ) -> None:
        """
        Args:
            folder: where they lie.
            library: the site's.
            makers: returns SHA-256 to endpoint.
            on_done: called for each master that is done with, from the run's threads, by one at a time.
        """
        self.made = Made()
        self._folder = folder
        self._library = library
        self._makers = makers
        self._on_done = on_done
        self._lock = threading.Lock()
        self._futures: dict[str, Future[None]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def add(self, masters: Iterable[Master]) -> None:
        """Have the variants of more masters made; returns at once. Each name counts once."""
        for master in masters:
            with self._lock:
                if master.name not in self._futures:
                    self._futures[master.name] = self._threads().submit(self._work_on, master)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is None:
            return
        try:
            self._pool.shutdown(cancel_futures=kind is not None)
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)  # a second Ctrl-C ends the wait above
            self._save()
        if kind is None:
            for future in self._futures.values():
                future.result()  # an error of ours, if any, is not lost

    def _threads(self) -> ThreadPoolExecutor:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a warm build makes nothing

        # Pillow decodes, resizes and encodes without Python's lock. More threads would only hold more pictures.
        self._pool = self._pool or ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="variants")
        return self._pool

    def _save(self) -> None:
        try:
            self._folder.save()
        except AssetsError as error:
            self.made.error = self.made.error or error
        self._library.remove_old_leftovers()

    def _work_on(self, master: Master) -> None:
        from .making import bring_up_to_date  # noqa: PLC0415 - a warm build makes nothing

        if self.made.error:
            return
        variants: VariantSet | None = None
        try:
            variants = bring_up_to_date(self._folder, master, self._makers)
        except AssetsError as error:
            with self._lock:
                self.made.error = self.made.error or error
            return
        except (PictureError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            with self._lock:
                self.made.notes.append(f"{master.path} has no lighter copies and is served itself: {reason}")
            variants = self._folder.ready(master)
        with self._lock:
            if variants is not None:
                self.made.ready[master.name] = variants
            if self._on_done:
                self._on_done(master)
