"""Loaded by Pythons that must stay alone: whoever connects to anything at all fails, and is written down.

At its end each also writes down what it has imported.
"""

import atexit
import os
import socket
import sys
from pathlib import Path
from typing import Any


def _refuse(*address: Any) -> Any:
    with Path(os.environ["NETWORK_ATTEMPTS"]).open("a") as file:
        file.write(f"{address}\n")
    raise ConnectionRefusedError(f"nobody is to be reached, not even {address}")


def _tell() -> None:
    if log := os.environ.get("IMPORTED"):
        with Path(log).open("a") as file:
            file.writelines(f"{name}\n" for name in sorted(sys.modules))


socket.socket.connect = lambda self, address: _refuse(address)  # type: ignore[method-assign]
socket.socket.connect_ex = lambda self, address: _refuse(address)  # type: ignore[method-assign]
socket.getaddrinfo = _refuse  # type: ignore[assignment]
atexit.register(_tell)
