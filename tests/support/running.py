"""Builds that a test has in hand while they run: to kill them, to interrupt them, to watch them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from blog import Blog, Built


class Running:
    """A build, or another command, in a process of its own, from its start to the end of the ``with``."""

    def __init__(self, blog: Blog, *options: str, env: Mapping[str, str], module: str = "", code: str = "") -> None:
        command = [sys.executable, "-m", module, *options] if module else blog.command(*options)
        if code:
            command = [sys.executable, "-c", code]
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the build runs
        self._process = subprocess.Popen(
            command,
            cwd=blog.root,
            env=blog.environment({"PYTHONUNBUFFERED": "1"} | dict(env)),
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            # A session of its own, so that all its processes can be killed.
            start_new_session=True,
            # Whoever runs the tests in the background has Ctrl-C ignored, and so would the build.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - takes no lock
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._process.wait()
        self._out.close()

    def kill(self) -> None:
        """End it as a power cut does, and be sure that it has ended."""
        if self._process.returncode is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            # A zombie until somebody waits for it, but it does nothing any more.
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)

    def send(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def interrupt(self, number: int = signal.SIGINT) -> float:
        """Ctrl-C, or another signal; the seconds until it has ended."""
        began = time.monotonic()
        self.send(number)
        self._process.wait(30)
        return time.monotonic() - began

    def end(self, timeout: float = 60) -> Built:
        """Wait for its end."""
        code = self._process.wait(timeout)
        return Built(code, self.output)

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return os.pread(self._out.fileno(), 10_000_000, 0).decode()

    def wait_until(self, is_so: Callable[[], bool], timeout: float = 20) -> None:
        """Wait for something to become true while it runs."""
        end = time.monotonic() + timeout
        while not is_so():
            assert self._process.poll() is None, self.output
            assert time.monotonic() < end, self.output
            threading.Event().wait(0.02)
