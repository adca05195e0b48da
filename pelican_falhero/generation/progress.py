"""Progress bars on a terminal: one for all heroes, and one for each that is being drawn."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column

from ..planning.item import Item
from ..providers.base import Status
from ..text import printable
from . import messages
from .result import HeroResult

ROOM_FOR_BARS = 60
"""Columns of the narrowest terminal that shows bars; narrower ones show titles, steps and times."""


def progress_on(console: Console) -> Progress:
    """Bars of one look: a title, a bar where there is room, the field ``note``, and the time. Only on a terminal."""
    # Titles get all the width that the others leave.
    title = TextColumn("{task.description}", markup=False, table_column=_column(ratio=1))
    bars = [BarColumn(bar_width=16)] if console.width >= ROOM_FOR_BARS else []
    note = TextColumn("{task.fields[note]}", table_column=_column(min_width=len("99/99, $0.025")))
    return Progress(
        title,
        *bars,
        note,
        TimeElapsedColumn(),
        expand=True,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class RichListener:
    """Shows progress on a rich console, if that is a terminal. Use it as a context manager."""

    def __init__(self, console: Console, *, label: str = "heroes") -> None:
        self._progress = progress_on(console)
        self._label = label
        self._all: TaskID | None = None
        self._count = 0
        self._finished = 0
        self._usd = 0.0
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> RichListener:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def started(self, count: int) -> None:
        """Show the bar for ``count`` heroes."""
        self._count = count
        self._all = self._progress.add_task(self._label, total=count, note=self._tally())

    def progressed(self, item: Item, status: Status) -> None:
        """Show a hero's place in the queue, or its inference step."""
        with self._lock:
            task = self._tasks.get(item.key)
            if task is None:
                task = self._progress.add_task(f"  {printable(item.post.title)}", total=None, note="waiting")
                self._tasks[item.key] = task
        if status.queue_position is not None:
            self._progress.update(task, note=f"queue: {status.queue_position + 1}")
        elif status.step is not None:
            note = f"step {status.step}/{status.steps}"
            self._progress.update(task, completed=status.step, total=status.steps, note=note)

    def finished(self, result: HeroResult) -> None:
        """Remove the hero's bar, and count it and what it cost."""
        with self._lock:
            task = self._tasks.pop(result.item.key, None)
            self._finished += 1
            self._usd += result.usd
            if self._all is not None:
                self._progress.update(self._all, completed=self._finished, note=self._tally())
        if task is not None:
            self._progress.remove_task(task)

    def _tally(self) -> str:
        return f"{self._finished}/{self._count}, {messages.dollars(self._usd)}"


def _column(*, ratio: int | None = None, min_width: int | None = None) -> Column:
    return Column(ratio=ratio, min_width=min_width, no_wrap=True, overflow="ellipsis")
