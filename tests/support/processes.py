"""Programs that tests start: Python ones in forks of one server, everything else as processes of their own.

``FRESH=1 pytest …`` starts them all as processes of their own. So does ``fresh``, where what is tested is how a Python
starts, what it imports, or how it dies.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from guard.sitecustomize import ADDRESS, Fork

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
_shared: list[str] = []
_IS_FORKING = sys.platform == "linux" and not os.environ.get("FRESH")


class Process:
    """A program from its start to the end of the ``with``."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        folder: Path,
        env: Mapping[str, str],
        streams: tuple[IO[bytes], IO[bytes], IO[bytes]],
        fresh: bool = False,
    ) -> None:
        words = [str(part) for part in command]
        self._code: int | None = None
        self._lock = threading.Lock()
        self._fork = None if fresh else _fork(words, folder, env, [stream.fileno() for stream in streams])
        self._popen = None if self._fork else _start(words, folder, env, streams)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if self._fork:
            self._fork.close()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return its exit code: negative for a signal.

        Raises:
            TimeoutError: it has not ended within so many seconds.
        """
        with self._lock:
            if self._code is None and self._fork:
                self._code = self._fork.wait(timeout)
            elif self._code is None and self._popen:
                try:
                    self._code = self._popen.wait(timeout)
                except subprocess.TimeoutExpired as error:
                    raise TimeoutError(str(error)) from None
            assert self._code is not None
            return self._code

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        with contextlib.suppress(TimeoutError):
            self.wait(0.001)
        return self._code is None

    def send(self, number: int) -> None:
        """Send it a signal; SIGKILL goes to all processes of its session. From any thread."""
        if self._fork:
            self._fork.send(number)
        elif self._popen and self._code is None:
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if number == signal.SIGKILL else os.kill)(self._popen.pid, number)

    def kill(self) -> None:
        """End it as a power cut does, and be sure that it has ended. From any thread."""
        if self._code is None:
            self.send(signal.SIGKILL)
            self.wait()


def run(
    command: Sequence[str | Path],
    *,
    folder: Path,
    env: Mapping[str, str],
    stdin: bytes = b"",
    is_merged: bool = False,
    timeout: float = 60,
    fresh: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run a program and wait for its end.

    Args:
        command: its words.
        folder: where it runs.
        env: its environment, and no other.
        stdin: what it reads.
        is_merged: both of its channels are in ``stdout``.
        timeout: in seconds.
        fresh: never in a fork.

    Raises:
        TimeoutError: it has not ended by then, and was killed.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        streams = (given, out, out if is_merged else err)
        with Process(command, folder=folder, env=env, streams=streams, fresh=fresh) as process:
            code = process.wait(timeout)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, code, out.read(), err.read())


def server_address() -> Mapping[str, str]:
    """The variable that hands the programs of shells and git to forks."""
    return {ADDRESS: server()} if _IS_FORKING else {}


def server() -> str:
    """The address of the server: another process's (``share``), or that of one that is started and ends with this."""
    return _shared[-1] if _shared else _started()


def share(address: str) -> None:
    """Use the server of another process."""
    _shared.append(address)


@cache
def _started() -> str:
    folder = tempfile.mkdtemp()
    address = f"{folder}/socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        server = subprocess.Popen(
            [sys.executable, "-P", HERE / "fork_server.py", str(listener.fileno())],
            stdin=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(HERE / "guard")},
            pass_fds=[listener.fileno()],
            # Ctrl-C is for whoever runs the tests.
            start_new_session=True,
        )
    atexit.register(_end, server, folder)
    return address


def _end(server: subprocess.Popen[bytes], folder: str) -> None:
    assert server.stdin
    server.stdin.close()
    server.wait(10)
    shutil.rmtree(folder)


def _fork(words: list[str], folder: Path, env: Mapping[str, str], streams: Sequence[int]) -> Fork | None:
    command = _python_command(words, env) if _IS_FORKING else None
    if not command:
        return None
    fork = Fork(server(), command, folder=str(folder), env=env, streams=streams)
    return fork if fork.pid else None


def _python_command(words: list[str], env: Mapping[str, str]) -> list[str] | None:
    """What a Python is started with; None where none is."""
    if words[0] == sys.executable:
        return words
    path = env.get("PATH", "")
    program = Path(shutil.which(words[0], path=path) or words[0])
    if program in (BIN / "falhero", BIN / "pelican"):
        return [sys.executable, str(program), *words[1:]]
    if program.name == "generate-fal-hero.py" and Path(shutil.which("python3", path=path) or "").parent == BIN:
        return [sys.executable, *words]
    return None


def _start(
    words: list[str], folder: Path, env: Mapping[str, str], streams: tuple[IO[bytes], IO[bytes], IO[bytes]]
) -> subprocess.Popen[bytes]:
    # Whoever runs the tests in the background has Ctrl-C ignored, and so would the program.
    is_ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    return subprocess.Popen(
        words,
        cwd=folder,
        env=dict(env),
        stdin=streams[0],
        stdout=streams[1],
        stderr=streams[2],
        # A session of its own, so that all its processes can be killed.
        start_new_session=True,
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) if is_ignored else None,  # noqa: PLW1509
    )
