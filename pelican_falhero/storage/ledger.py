"""The ledger: an append-only record of requests to fal, their results and their costs.

``.falhero/ledger.jsonl`` holds one JSON object per line. A line is flushed to the disk before the step that it records
is taken. Lines of one attempt have the same ``attempt``, so lines merged from two git branches may be in any order.
Lines and fields that a later version wrote are ignored and kept.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import threading
from collections import deque
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LedgerError
from ..language_models import VISION_ROUTER
from .assets import sync

if TYPE_CHECKING:
    from .events import Event, History

# ``events`` and ``ledger_search`` are imported where they are needed: a build in which no hero is missing only looks
# whether there is anything for them to do, and to import them takes as long as to show ten heroes.

FILE_NAME = "ledger.jsonl"

Clock = Callable[[], datetime.datetime]
"""A function that returns the time in UTC."""


def utc_now() -> datetime.datetime:
    """Return the time in UTC, without fractions of a second."""
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


class Ledger:
    """The ledger file. Thread-safe; ``generation.lock`` prevents two processes from buying at the same time."""

    def __init__(self, path: Path, *, clock: Clock = utc_now) -> None:
        self.path = path
        self.clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[_Line] = deque()

    def read(self) -> History:
        """Read all events; a partial last line, left by a crash, is ignored.

        Raises:
            LedgerError: the file exists and can't be read.
        """
        from .events import PARSE_ERRORS, History, parse_line  # noqa: PLC0415

        lines = self._read_bytes().splitlines(keepends=True)
        events: list[Event] = []
        unreadable: list[int] = []
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                event = parse_line(line)
            except PARSE_ERRORS:
                if line.endswith(_LINE_ENDS):
                    unreadable.append(number)
            else:
                if event:
                    events.append(event)
        return History(tuple(events), tuple(unreadable))

    def pending_heroes(self) -> set[str]:
        """Return the stems of heroes with a redraw or a candidate that fal has accepted and that was not fetched yet.

        For builds in which no hero is missing: it takes a few milliseconds where ``read`` takes a hundred.

        Raises:
            LedgerError: the file exists and can't be read.
        """
        data = self._read_bytes()
        if not any(word in data for word in _OF_EXTRAS):
            return set()
        from .ledger_search import pending_extras  # noqa: PLC0415

        return pending_extras(data)

    def alternative_texts(self) -> dict[str, str]:
        """Map the SHA-256 of pictures to the alternative texts that language models have written; empty: decorative.

        Other lines are not parsed: this is for builds in which no hero is missing.

        Raises:
            LedgerError: the file exists and can't be read.
        """
        from .ledger_search import alternative_texts  # noqa: PLC0415

        return alternative_texts(self._read_bytes())

    def append(self, event: Event) -> None:
        """Append a line and wait until it is on the disk. Lines of several threads are flushed together.

        Raises:
            LedgerError: the line could not be written; no part of it remains.
        """
        # A lone surrogate (half an emoji) can't be encoded as UTF-8; write it as a JSON escape.
        line = _Line((event.to_line() + "\n").encode(errors="backslashreplace"))
        self._waiting.append(line)
        with self._lock:
            # While this thread waited for the lock, another one may have written its line too.
            if not line.is_done:
                self._write_waiting()
        if line.error:
            raise self._write_error(line.error) from line.error

    def _write_waiting(self) -> None:
        """Write the lines of all threads that wait: all of them are on the disk then, or none is."""
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            is_new = not self.path.exists()
            with self.path.open("ab+", buffering=0) as file:
                _append(file, b"".join(line.data for line in lines))
            if is_new:
                # Otherwise the whole file could be lost in a power cut.
                sync(self.path.parent)
        except OSError as error:
            for line in lines:
                line.error = error
        else:
            for line in lines:
                line.error = None
        finally:
            for line in lines:
                line.is_done = True

    def _read_bytes(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise LedgerError(f"{self.path} can't be read ({error.strerror}); check its permissions") from error

    def _write_error(self, error: OSError) -> LedgerError:
        return LedgerError(
            f"{self.path} can't be written ({error.strerror or error}), so nothing is bought; "
            "check its permissions and the space on the disk"
        )


class _Line:
    """A line that a thread wants to have written."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.is_done = False
        """Whether it was written, or can't be."""
        self.error: OSError | None = OSError("the run was interrupted")
        """Why it is not on the disk; None when it is."""


_OF_EXTRAS = (b'"redraw"', b'"candidate"', VISION_ROUTER.encode())
"""What stands in the lines of all that a hero which is there may wait for."""

_LINE_ENDS = (b"\n", b"\r")
"""Editors and git may convert line ends. Inside a JSON string both are always escaped."""


def _append(file: FileIO, data: bytes) -> None:
    end = _repair_tail(file)
    try:
        _write_all(file, data)
        os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            file.truncate(end)
        raise


def _repair_tail(file: FileIO) -> int:
    """Remove a partial last line, or add a missing newline to a complete one; return the file's length in bytes."""
    from .events import is_json_object  # noqa: PLC0415

    length = file.seek(0, os.SEEK_END)
    tail = b""
    start = length
    while start and not any(end in tail for end in _LINE_ENDS):
        step = min(4096, start)
        start -= step
        file.seek(start)
        tail = file.read(step) + tail
    last = tail[max(tail.rfind(end) for end in _LINE_ENDS) + 1 :]
    if not last:
        return length
    if not is_json_object(last):
        file.truncate(length - len(last))
        return length - len(last)
    _write_all(file, b"\n")
    return length + 1


def _write_all(file: FileIO, data: bytes) -> None:
    while data:
        data = data[file.write(data) :]
