"""Builds that a test has in hand while they run: to kill them, to interrupt them, to watch them."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from blog import Blog, Built
from processes import Process


class Running:
    """A build, or another command, from its start to the end of the ``with``."""

    def __init__(
        self,
        blog: Blog,
        *options: str,
        env: Mapping[str, str],
        module: str = "",
        code: str = "",
        fresh: bool = False,
    ) -> None:
        command = [sys.executable, "-m", module, *options] if module else blog.command(*options)
        if code:
            command = [sys.executable, "-c", code]
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the build runs
        env = blog.environment({"PYTHONUNBUFFERED": "1"} | dict(env))
        with tempfile.TemporaryFile() as nothing:
            streams = (nothing, self._out, self._out)
            self._process = Process(command, folder=blog.root, env=env, streams=streams, fresh=fresh)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.__exit__(kind, error, trace)
        self._out.close()

    def kill(self) -> None:
        """End it as a power cut does, and be sure that it has ended."""
        self._process.kill()

    def send(self, number: int) -> None:
        """Send it a signal."""
        self._process.send(number)

    def interrupt(self, number: int = signal.SIGINT) -> float:
        """Ctrl-C, or another signal; the seconds until it has ended."""
        began = time.monotonic()
        self.send(number)
        self._process.wait(30)
        return time.monotonic() - began

    def end(self, timeout: float = 60) -> Built:
        """Wait for its end."""
        try:
            code = self._process.wait(timeout)
        except TimeoutError:
            raise AssertionError(f"it did not end within {timeout:.0f} s:\n{self.output}") from None
        return Built(code, self.output)

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return os.pread(self._out.fileno(), 10_000_000, 0).decode()

    def wait_until(self, is_so: Callable[[], bool], timeout: float = 20) -> None:
        """Wait for something to become true while it runs."""
        end = time.monotonic() + timeout
        while not is_so():
            assert self._process.is_running(), self.output
            assert time.monotonic() < end, self.output
            threading.Event().wait(0.02)
