"""Loaded by every Python that the tests start: to reach beyond this machine fails, and is written down."""

import os
import socket
from pathlib import Path
from typing import Any


def _is_local(host: object) -> bool:
    return str(host) in {"localhost", "::1", "0.0.0.0", ""} or str(host).startswith("127.") or host is None


def _refuse(host: object) -> None:
    if log := os.environ.get("NETWORK_ATTEMPTS"):
        with Path(log).open("a") as file:
            file.write(f"{host}\n")
    raise ConnectionRefusedError(f"tests don't reach the network, not even {host}")


def guard() -> None:
    """Let sockets connect to this machine alone."""
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


guard()
