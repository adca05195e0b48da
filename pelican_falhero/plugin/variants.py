"""Makes the lighter copies of a build's pictures, beside all else that the build does."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Self

from rich.console import Console

from ..errors import HeroError
from ..planning.site import Site
from ..storage.variants import Made, Master, VariantRun, VariantSet, VariantStore, make_recipe, master_name
from .console import print_line

MANY = 20
"""Pictures whose copies are worth a line and a bar; fewer take a second or two."""


class SiteVariants:
    """The lighter copies of one site's pictures. Use it as a context manager; at its end all copies are made."""

    def __init__(self, site: Site, *, console: Console, may_write: bool) -> None:
        """
        Args:
            site: its ledger knows who drew a picture whose file does not say so.
            console: where progress is shown.
            may_write: whether missing copies are made.
        """
        self.found: dict[str, VariantSet] = {}
        """Each picture, relative to the content folder, to its copies."""
        self.lines: list[str] = []
        """To be printed."""
        self.warnings: list[str] = []
        self._site = site
        self._library = site.library
        recipe = make_recipe(site.settings.widths, site.settings.formats)
        self._store = VariantStore(site.library, recipe, self._makers)
        self._makes_copies = recipe.has_social
        self._console = console
        self._may_write = may_write
        self._lock = threading.Lock()
        self._masters: dict[str, Master] = {}
        self._by_name: dict[str, Master] = {}
        self._changed: dict[str, Master] = {}
        """Pictures that were replaced since they were added."""
        self._run: VariantRun | None = None
        self._asked = 0
        """Pictures whose copies were missing."""
        self._done = 0
        """Those of them that are done with."""
        self._bar: Callable[[int], None] | None = None
        """Shows ``_done``."""
        self._began = time.monotonic()

    def add(self, paths: Iterable[str]) -> None:
        """Have the copies of these pictures made, where they are missing; returns at once. Thread-safe.

        Those of a picture that was replaced since it was added are made at the end, for it has its predecessor's name.
        """
        with self._lock:
            new: list[Master] = []
            for path in paths:
                master = self._master(path)
                if master is None:
                    continue
                known = self._by_name.setdefault(master.name, master)
                if known is not master and known != master:
                    self._changed[path] = master
                elif path not in self._masters:
                    self._masters[path] = master
                    new.append(master)
            found = self._store.look_up(new)
            self._keep(found.ready)
            if found.missing and self._may_write:
                if self._run is None:
                    self._run = self._store.start(self._count).__enter__()
                self._asked += len(found.missing)
                self._run.add(found.missing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        runs = [self._run] if self._run else []
        with self._progress() if kind is None else nullcontext():
            if self._run:
                self._run.__exit__(kind, error, at)
            if self._changed and self._may_write and kind is None:
                self._masters |= self._changed
                with self._store.start(self._count) as run:
                    run.add(self._changed.values())
                runs.append(run)
        if kind is None:
            self._finish([run.made for run in runs])

    @contextmanager
    def _progress(self) -> Iterator[None]:
        """Tell how many copies there are to wait for, if that takes a while: with a bar on a terminal, else a line."""
        before = self._done
        count = self._asked - before + len(self._changed)
        if count < MANY or not self._makes_copies:
            yield
        elif not self._console.is_terminal:
            print_line(self._console, f"heroes: making lighter copies of {count} pictures")
            yield
        else:
            from ..generation.progress import progress_on  # noqa: PLC0415 - a warm build shows nothing

            with progress_on(self._console) as bars:
                task = bars.add_task("lighter copies", total=count, note="")
                self._bar = lambda done: bars.update(task, completed=done - before, note=f"{done - before}/{count}")
                yield

    def _count(self, _: Master) -> None:
        """Called by one thread at a time, which may wait for none that adds pictures."""
        self._done += 1
        if self._bar:
            self._bar(self._done)

    def _finish(self, runs: Sequence[Made]) -> None:
        count = 0
        for made in runs:
            self._keep(made.ready)
            # No warnings: a picture that moves, or is no picture, is shown as it is, and must not end a build.
            self.lines += [f"heroes: {note}" for note in made.notes if self._makes_copies]
            self.warnings += [str(made.error)] if made.error else []
            count += sum(bool(variants.widths) for variants in made.ready.values())
        if count >= MANY:
            seconds = time.monotonic() - self._began
            self.lines.append(f"heroes: made lighter copies of {count} pictures in {seconds:.0f} s")
        if self._may_write and not any(made.error for made in runs):
            self.warnings += map(str, self._store.remove_stale(self.found.values()))

    def _keep(self, ready: Mapping[str, VariantSet]) -> None:
        self.found |= {path: ready[master.name] for path, master in self._masters.items() if master.name in ready}

    def _makers(self) -> dict[str, str]:
        """SHA-256 to endpoint, of pictures that were saved before files said it."""
        from ..storage.events import endpoints_by_digest  # noqa: PLC0415 - a warm build asks for none

        try:
            events = self._site.ledger.read().events
        except HeroError:  # the build tells
            return {}
        return endpoints_by_digest(events)

    def _master(self, path: str) -> Master | None:
        file = f"{self._library.root}/{path}"
        try:
            found = os.stat(file)  # noqa: PTH116 - a Path for each of thousands of pictures is slow
        except OSError:
            return None  # its page says so
        is_ours = path.startswith((f"{self._library.assets_dir}/hero-", ".falhero/"))
        return Master(
            path=file,
            name=master_name(path, is_ours=is_ours),
            size=found.st_size,
            mtime_ns=found.st_mtime_ns,
            is_card=path.startswith(".falhero/"),
        )
