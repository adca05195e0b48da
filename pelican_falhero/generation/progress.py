"""Progress bars on a terminal: one for all heroes, and one for each that is being drawn."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from ..planning.item import Item
from ..providers.base import Status
from ..text import printable


class RichListener:
    """Shows progress on a rich console, if that is a terminal. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._all: TaskID | None = None
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> RichListener:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def started(self, count: int) -> None:
        """Show the bar for ``count`` heroes."""
        self._all = self._progress.add_task("heroes", total=count, note="")

    def progressed(self, item: Item, status: Status) -> None:
        """Show a hero's place in the queue, or its inference step."""
        with self._lock:
            task = self._tasks.get(item.stem)
            if task is None:
                title = item.post.title
                name = title if len(title) <= 32 else title[:31] + "…"
                task = self._tasks[item.stem] = self._progress.add_task(f"  {printable(name)}", total=None, note="")
        if status.queue_position is not None:
            self._progress.update(task, note=f"queue: {status.queue_position + 1}")
        elif status.step is not None:
            self._progress.update(task, completed=status.step, total=status.steps, note="")

    def finished(self, item: Item) -> None:
        """Remove the hero's bar, and count it."""
        with self._lock:
            task = self._tasks.pop(item.stem, None)
        if task is not None:
            self._progress.remove_task(task)
        if self._all is not None:
            self._progress.advance(self._all)
