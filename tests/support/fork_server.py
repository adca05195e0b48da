"""A process that has imported Pelican and this package, and becomes a Python program in each of its forks.

A fork costs a fraction of what a new Python does, which imports all of it anew. What a program is given is what
``subprocess`` would give it: arguments, folder, environment, standard streams; it ends by the same steps, and with the
same exit code. It is a session of its own. What a fork can not be the same as, a client is told to start as a process
of its own (``_differs``).

    python -P fork_server.py NUMBER

serves at the listening socket of this number until its standard input ends, and then kills what it has started. It
imports nothing before somebody wants a fork.
``guard.sitecustomize`` is the client.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import marshal
import os
import runpy
import select
import selectors
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn, TextIO

_HERE = Path(__file__).parent
_GUARDS = {str(_HERE / name) for name in ("guard", "closed")}

_FIXED_AT_START = ("PYTHON", "LC_", "LANG")
"""How the variables begin that a Python reads when it starts, and never again."""


class _Server:
    """What has been started, each with the connection of whoever waits for it."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._running: dict[int, socket.socket] = {}
        self._bell, self._ringer = socket.socketpair()
        self._selector = selectors.DefaultSelector()

    def serve(self) -> None:
        """Start what is asked for, until standard input ends."""
        self._ringer.setblocking(False)
        self._bell.setblocking(False)
        signal.set_wakeup_fd(self._ringer.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for file in (sys.stdin, self._listener, self._bell):
            self._selector.register(file, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is sys.stdin:
                    self._kill_all()
                    return
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._bell:
                    self._bell.recv(4096)
                    self._reap()
                else:
                    self._signal(key.data)

    def _accept(self) -> None:
        connection = self._listener.accept()[0]
        header, streams, _, _ = socket.recv_fds(connection, 4, 3)
        order = b""
        while header and len(order) < int.from_bytes(header, "big"):
            order += connection.recv(1_000_000)
        command, folder, env = marshal.loads(order)
        # Who is in a folder that nobody may search can stay there, and nobody else can come there.
        is_alike = not _differs(command, env) and os.access(folder, os.X_OK)
        pid = (os.fork() or self._become(command, folder, env, streams)) if is_alike else 0
        for stream in streams:
            os.close(stream)
        with contextlib.suppress(OSError):
            connection.sendall(b"%d\n" % pid)
        if pid:
            self._running[pid] = connection
            self._selector.register(connection, selectors.EVENT_READ, pid)
        else:
            connection.close()

    def _signal(self, pid: int) -> None:
        """Send the signals that somebody asks for; whoever is not there any more wants it dead."""
        if connection := self._running.get(pid):
            numbers = connection.recv(16) if connection.fileno() >= 0 else b""
            for number in numbers or bytes([signal.SIGKILL]):
                # Until it is reaped no other process can have its number.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    (os.killpg if number == signal.SIGKILL else os.kill)(pid, number)
            if not numbers:
                self._selector.unregister(connection)

    def _reap(self) -> None:
        for pid in list(self._running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                connection = self._running.pop(pid)
                with contextlib.suppress(KeyError):
                    self._selector.unregister(connection)
                with contextlib.suppress(OSError):
                    connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
                connection.close()

    def _kill_all(self) -> None:
        for pid in self._running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _become(self, command: Sequence[str], folder: str, env: Mapping[str, str], streams: Sequence[int]) -> NoReturn:
        """Be the program, in a fork."""
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        self._selector.close()
        for file in (self._listener, self._bell, self._ringer, *self._running.values()):
            file.close()
        os.environ.clear()
        os.environ.update(env)
        sys.dont_write_bytecode = bool(env.get("PYTHONDONTWRITEBYTECODE"))
        os.chdir(folder)
        time.tzset()
        _run(command)


def _differs(command: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether a fork would not be the same as a new Python."""
    # An environment's Python has several names.
    is_ours = Path(command[0]).parent == Path(sys.executable).parent and Path(command[0]).samefile(sys.executable)
    if not is_ours or "IMPORTED" in env:
        return True
    path = env.get("PYTHONPATH", "")
    fixed = {name for name in env.keys() | os.environ if name.startswith(_FIXED_AT_START)}
    fixed -= {"PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    return path not in _GUARDS or any(env.get(name) != os.environ.get(name) for name in fixed)


def _run(command: Sequence[str]) -> NoReturn:
    """Run it to its end, as Python does."""
    code, is_interrupted = 1, False
    try:
        _start()
        _main(list(command[1:]))
        code = 0
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            code = ended.code or 0
        else:
            sys.stderr.write(f"{ended.code}\n")
    except BaseException as error:
        is_interrupted = isinstance(error, KeyboardInterrupt)
        sys.excepthook(type(error), error, error.__traceback__)
    threading._shutdown()  # type: ignore[attr-defined] # what a Python's end begins with
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    if is_interrupted:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(code & 255)


def _start() -> None:
    """Do again what depends on streams and environment and was done before there were any."""
    sys.stdin, sys.stdout, sys.stderr = (_stream(number) for number in range(3))
    # The rest of the file needs neither.
    from fork_preload import point_fal_client, point_hugging_face  # noqa: PLC0415
    from pelican.log import console  # noqa: PLC0415

    # It reads the terminal's name and width when it is made.
    console.__init__()
    point_fal_client()
    point_hugging_face()
    guard = os.environ["PYTHONPATH"]
    if guard not in sys.path:
        sys.path[:] = [guard, *(entry for entry in sys.path if entry not in _GUARDS)]
        del sys.modules["sitecustomize"]
        importlib.import_module("sitecustomize")


def _stream(number: int) -> TextIO:
    """A standard stream such as Python makes when it starts."""
    old = (sys.__stdin__, sys.__stdout__, sys.__stderr__)[number]
    assert old
    stream = open(  # noqa: SIM115
        number,
        "w" if number else "r",
        buffering=1 if number == 2 else -1,
        encoding=old.encoding,
        errors=old.errors,
        closefd=False,
    )
    stream.reconfigure(write_through=bool(number and os.environ.get("PYTHONUNBUFFERED")))
    return stream


def _main(arguments: list[str]) -> None:
    if is_safe := arguments[0] == "-P":
        arguments.pop(0)
    if arguments[0] == "-m":
        first = str(Path.cwd())
        sys.argv = arguments[1:]
    elif arguments[0] == "-c":
        first = ""
        sys.argv = ["-c", *arguments[2:]]
    else:
        first = str(Path(arguments[0]).resolve().parent)
        sys.argv = arguments
    if not is_safe:
        sys.path.insert(0, first)
    if arguments[0] == "-m":
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments[0] == "-c":
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(compile(arguments[1], "<string>", "exec"), main.__dict__)
    else:
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        if sys.stdin in select.select([sys.stdin, listening], [], [])[0]:
            sys.exit()  # nobody wanted a fork
        sys.path.insert(0, str(_HERE))
        from fork_preload import preload

        sys.path.remove(str(_HERE))
        preload(Path(listening.getsockname()).parent)
        gc.collect()
        gc.freeze()
        _Server(listening).serve()
