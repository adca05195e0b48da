"""Builds and commands in forks of one process that has imported Pelican: a tenth of a second less CPU for each.

    with ForkServer(env) as server, server.start("pelican", ["-s", "pelicanconf.py"], folder, env) as forked:
        assert forked.end() == 0

The process is a clean one of its own, without threads. fal_client is left to each fork to import, for it reads its
hosts from the environment then.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, NoReturn, Self

Program = Literal["pelican", "falhero"]

# What Pelican and fal_client import late or in turn.
_PRELOADED = ("pelican.readers", "markdown", "PIL.PngImagePlugin", "filelock", "rich.progress", "requests")
_BEFORE_FAL = ("aiofiles", "asyncio", "asyncstdlib", "concurrent.futures.thread", "httpx", "httpx_sse")


class ForkServer:
    """The process that is forked, from the start to the end of the ``with``; for one thread at a time."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**env, "PYTHONUNBUFFERED": "1"},
            # Ctrl-C is for whoever runs the tests.
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    def start(self, program: Program, arguments: Sequence[str], folder: Path, env: Mapping[str, str]) -> Forked:
        """Run a program in a folder, with this environment and no other."""
        out = tempfile.NamedTemporaryFile()  # noqa: SIM115 - open as long as the fork runs
        order = {"program": program, "arguments": list(arguments), "folder": str(folder), "env": dict(env)}
        return Forked(self, self.ask(order | {"out": out.name}), out)

    def ask(self, order: Mapping[str, Any], timeout: float | None = None) -> int:
        """Send an order, and return the number that answers it."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self.answer(timeout)

    def answer(self, timeout: float | None = None) -> int:
        """The answer to the last order."""
        assert self._process.stdout
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            raise TimeoutError
        line = self._process.stdout.readline()
        assert line, "the fork server has ended"
        return int(line)


class Forked:
    """One run; ``kill`` may be called from any thread."""

    def __init__(self, server: ForkServer, pid: int, out: IO[bytes]) -> None:
        self._server = server
        self._pid = pid
        self._out = out
        self._code: int | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self.end()
        self._out.close()

    def kill(self) -> None:
        """End it as a power cut does; a process that has ended already is left alone."""
        with self._lock:
            if self._code is None:
                os.kill(self._pid, signal.SIGKILL)

    def end(self, timeout: float = 90) -> int:
        """Wait for its end, and return its exit code: negative for a signal."""
        if self._code is None:
            try:
                self._reap(self._server.ask({"wait": self._pid}, timeout))
            except TimeoutError:
                self.kill()
                self._reap(self._server.answer())
                raise AssertionError(f"it did not end within {timeout:.0f} s:\n{self.output}") from None
        assert self._code is not None
        return self._code

    def _reap(self, code: int) -> None:
        # Until here it is a zombie at least, so that no other process can have got its number.
        with self._lock:
            self._code = code
        self._server.ask({"reap": self._pid})

    @property
    def output(self) -> str:
        """What it has printed so far, on both channels."""
        return Path(self._out.name).read_text(encoding="utf-8", errors="replace")


def _serve() -> None:
    answers = os.dup(sys.stdout.fileno())
    _preload()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if "wait" in order:
            answer = _wait(order["wait"])
        elif "reap" in order:
            answer = os.waitpid(order["reap"], 0)[0]
        else:
            answer = os.fork()
            if not answer:
                os.close(answers)
                _run(order)
        os.write(answers, b"%d\n" % answer)


def _preload() -> None:
    import pelican_falhero  # noqa: PLC0415 - only the server needs it

    for name in (*_PRELOADED, *_BEFORE_FAL):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(pelican_falhero.__path__, "pelican_falhero."):
        if ".providers.fal" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert "fal_client" not in sys.modules, "fal_client would keep the hosts that it found in this process"


def _wait(pid: int) -> int:
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert ended
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def _run(order: Mapping[str, Any]) -> NoReturn:
    """Become the program."""
    code: object = 70
    try:
        os.setsid()
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["folder"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(order["out"], os.O_WRONLY | os.O_APPEND), 1)
        os.dup2(1, 2)
        sys.argv = [order["program"], *order["arguments"]]
        code = _main(order["program"], order["arguments"])
    except SystemExit as ended:
        code = ended.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _main(program: str, arguments: list[str]) -> object:
    if program == "pelican":
        from pelican import main as build  # noqa: PLC0415

        return build(arguments)
    from pelican_falhero.cli.main import main as falhero  # noqa: PLC0415

    return falhero(arguments)


if __name__ == "__main__":
    _serve()
