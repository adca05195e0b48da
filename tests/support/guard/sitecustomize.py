"""Loaded by every Python that the tests start: to reach beyond this machine fails, and is written down.

One that has ``FORK_SERVER`` in its environment, as what a shell or git starts, and runs a program of ours or Pelican,
has a fork of that server run it instead. Until then nothing is imported that a Python does not start with: that would
take longer than the start.
"""

from __future__ import annotations

import _socket
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

ADDRESS = "FORK_SERVER"
PROGRAMS = ("falhero", "generate-fal-hero.py", "pelican")
"""The names of scripts that a fork may run."""


def _is_local(host: object) -> bool:
    return str(host) in {"localhost", "::1", "0.0.0.0", ""} or str(host).startswith("127.") or host is None


def _refuse(host: object) -> None:
    if log := os.environ.get("NETWORK_ATTEMPTS"):
        with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 - without pathlib, for speed
            file.write(f"{host}\n")
    raise ConnectionRefusedError(f"tests don't reach the network, not even {host}")


def guard() -> None:
    """Let sockets connect to this machine alone."""
    import socket  # noqa: PLC0415 - who hands over needs none of it

    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            _refuse(address[0])
        connect(self, address)

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not _is_local(name):
            _refuse(name)
        return look_up(host, *args, **kwargs)

    socket.socket.connect = guarded_connect  # type: ignore[assignment, method-assign]
    socket.getaddrinfo = guarded_look_up


class Fork:
    """A program in a fork of the server at an address; `pid` is 0 where it has to be a process of its own."""

    def __init__(
        self, address: str, command: Sequence[str], *, folder: str, env: Mapping[str, str], streams: Sequence[int]
    ) -> None:
        order = marshal.dumps((list(command), folder, dict(env)))
        self._connection = _socket.socket(_socket.AF_UNIX)
        self._connection.connect(address)
        numbers = b"".join(stream.to_bytes(4, sys.byteorder) for stream in streams)
        rights = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, numbers)
        self._connection.sendmsg([len(order).to_bytes(4, "big")], [rights])
        self._connection.sendall(order)
        self.pid = self._number()
        if not self.pid:
            self._connection.close()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for a signal.

        Raises:
            TimeoutError: it has not ended within so many seconds.
        """
        self._connection.settimeout(timeout)
        return self._number()

    def send(self, number: int) -> None:
        """Send it a signal, from whatever thread, unless it has ended."""
        try:  # noqa: SIM105 - without contextlib, for speed
            self._connection.send(bytes([number]))
        except OSError:
            pass

    def close(self) -> None:
        """End the connection, and with it the program."""
        self._connection.close()

    def _number(self) -> int:
        text = b""
        while not text.endswith(b"\n"):
            # A byte at a time, for the exit code may be there already.
            byte = self._connection.recv(1)
            assert byte, "the fork server has ended"
            text += byte
        return int(text)


def _hand_over() -> None:
    address, program = os.environ.get(ADDRESS), sys.orig_argv[1:]
    is_module = program[:2] == ["-m", "pelican_falhero"] or program[1:3] == ["-m", "pelican_falhero"]
    is_script = bool(program) and program[0].rpartition("/")[2] in PROGRAMS
    if address and (is_module or is_script):
        try:
            folder = os.getcwd()  # noqa: PTH109 - without pathlib, for speed
            fork = Fork(address, [sys.executable, *program], folder=folder, env=os.environ, streams=(0, 1, 2))
        except PermissionError:
            # A user who may not reach the server may not have it run anything either.
            return
        if fork.pid:
            os._exit(fork.wait() & 255)


_hand_over()
guard()
