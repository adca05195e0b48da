"""A process that has Pelican and the plugin loaded, and forks a child for each build or command that a test wants.

A new interpreter takes several times as long as a fork. fal_client is left out, for it fixes its hosts when it is
imported; so every child has its own.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).parent


class Child:
    """A build or command that runs, or has ended."""

    def __init__(self, pid: int, out: Path, server: ForkServer) -> None:
        self._pid = pid
        self._out = out
        self._server = server

    def kill(self) -> None:
        """End it as a power cut does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)

    def end(self) -> tuple[int, str]:
        """Wait for its end; its exit code (negative for a signal) and what it printed."""
        return self._server.code_of(self._pid), self._out.read_text(errors="replace")


class ForkServer:
    """To be entered before use. Its children are ended with it."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(HERE / "guard")},
        )
        self._codes: dict[int, int] = {}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout
        self._process.stdout.close()

    def start(self, program: str, arguments: list[str], *, folder: Path, env: Mapping[str, str], out: Path) -> Child:
        """Run ``pelican`` or ``falhero`` with these arguments in a folder, with this environment."""
        order = {"program": program, "arguments": arguments, "folder": str(folder), "env": dict(env), "out": str(out)}
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return Child(self._told("pid"), out, self)

    def code_of(self, pid: int) -> int:
        """The exit code of a child, once it has ended."""
        while pid not in self._codes:
            self._told("code")
        return self._codes[pid]

    def _told(self, wanted: str) -> int:
        assert self._process.stdout
        while True:
            told: dict[str, int] = json.loads(self._process.stdout.readline())
            if "code" in told:
                self._codes[told["ended"]] = told["code"]
            if wanted in told:
                return told[wanted]


def _serve() -> None:
    import select  # noqa: PLC0415 - all below runs in the server alone
    from importlib import import_module  # noqa: PLC0415

    import pelican  # noqa: PLC0415
    from PIL import Image, PngImagePlugin  # noqa: F401, PLC0415

    from pelican_falhero.cli import check, generate, main, plan, prune  # noqa: F401, PLC0415
    from pelican_falhero.plugin import signals  # noqa: F401, PLC0415

    import_module("markdown.extensions.codehilite")
    running: set[int] = set()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    orders = b""
    while True:
        ready, _, _ = select.select([0, reader], [], [])
        if reader in ready:
            os.read(reader, 1024)
        for pid in list(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                running.discard(pid)
                _tell(ended=pid, code=os.waitstatus_to_exitcode(status))
        if 0 not in ready:
            continue
        more = os.read(0, 65536)
        if not more:
            break
        orders += more
        while b"\n" in orders:
            line, _, orders = orders.partition(b"\n")
            order = json.loads(line)
            pid = os.fork()
            if not pid:
                _run(order, {"pelican": pelican.main, "falhero": main.main}[order["program"]])
            running.add(pid)
            _tell(pid=pid)
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _tell(**values: int) -> None:
    os.write(1, json.dumps(values).encode() + b"\n")


def _run(order: dict[str, Any], program: Any) -> None:
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        out = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["folder"])
        sys.path.insert(0, order["folder"])
        try:
            code = program(order["arguments"]) or 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(bool(error.code))
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # the child must never return into the server's loop
        import traceback  # noqa: PLC0415

        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
