"""Faults of the connection: before TLS, and while an answer is on its way."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field

from fal_exchange import Exchange, Fault
from fal_wire import RESET_ON_CLOSE, Reply, Wire

# Connections: for the stage "connect", which counts connections rather than requests.


def refuse() -> Fault:
    """Close a new connection before a byte of it is read."""
    return Fault(name="refuse", greet=lambda _sock, _stopping: False)


def reset_handshake() -> Fault:
    """Reset the connection in the middle of the TLS handshake."""

    def greet(sock: socket.socket, _stopping: threading.Event) -> bool:
        sock.recv(4096)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        return False

    return Fault(name="reset_handshake", greet=greet)


def stall_handshake(seconds: float | None = None) -> Fault:
    """Accept, and then say nothing for `seconds` (None: until the server closes)."""

    def greet(_sock: socket.socket, stopping: threading.Event) -> bool:
        stopping.wait(seconds)
        return False

    return Fault(name="stall_handshake", greet=greet)


# The wire: for every stage whose request was read.


def _hang_up(wire: Wire, _reply: Reply) -> None:
    wire.open = False


def drop_before() -> Fault:
    """Read the request, do nothing, and close without an answer."""
    return Fault(name="drop_before", works=False, deliver=_hang_up)


def drop_after() -> Fault:
    """Do the work (an order is charged), and close without an answer."""
    return Fault(name="drop_after", deliver=_hang_up)


def truncate(share: float = 0.5) -> Fault:
    """Promise the whole body, send a share of it, and close."""

    def deliver(wire: Wire, reply: Reply) -> None:
        wire.send_part(reply, int(len(reply.body) * share))
        wire.open = False

    return Fault(name="truncate", deliver=deliver)


def reset(share: float = 0.5) -> Fault:
    """Promise the whole body, send a share of it, and reset the connection.

    Python's ssl hides the reset behind an end of file, so that a client may hear of too few bytes instead.
    """

    def deliver(wire: Wire, reply: Reply) -> None:
        wire.send_part(reply, int(len(reply.body) * share))
        # What was sent must arrive before the reset overtakes it.
        wire.stopping.wait(0.02)
        wire.reset()

    return Fault(name="reset", deliver=deliver)


def silence(seconds: float | None = None, *, after_work: bool = True) -> Fault:
    """Read the request and say nothing for `seconds` (None: until the server closes), then close."""

    def deliver(wire: Wire, _reply: Reply) -> None:
        wire.stopping.wait(seconds)
        wire.open = False

    return Fault(name="silence", works=after_work, deliver=deliver)


def stall(seconds: float | None = None, *, share: float = 0.5) -> Fault:
    """Send the head and a share of the body, hang for `seconds` (None: until the server closes), then close."""

    def deliver(wire: Wire, reply: Reply) -> None:
        wire.send_part(reply, int(len(reply.body) * share))
        wire.stopping.wait(seconds)
        wire.open = False

    return Fault(name="stall", deliver=deliver)


def delay(seconds: float) -> Fault:
    """Answer well, but late by so many seconds."""

    def deliver(wire: Wire, reply: Reply) -> None:
        wire.stopping.wait(seconds)
        wire.send(reply)

    return Fault(name="delay", deliver=deliver)


def trickle(chunk: int = 64, pause: float = 0.01) -> Fault:
    """Send the body `chunk` bytes at a time, with a pause in seconds between."""

    def deliver(wire: Wire, reply: Reply) -> None:
        wire.send_part(reply, 0)
        for start in range(0, len(reply.body), chunk):
            wire.write_body(reply.body[start : start + chunk])
            if wire.stopping.wait(pause):
                break

    return Fault(name="trickle", deliver=deliver)


@dataclass
class Gate:
    """Holds exchanges still until it is opened; `reached` is set when the first one stands at it."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        """Let everything through, now and later."""
        self.opened.set()

    def stand(self, stopping: threading.Event) -> None:
        """Wait until the gate opens or the server stops."""
        self.reached.set()
        while not (self.opened.wait(0.01) or stopping.is_set()):
            pass


def hold(gate: Gate, *, after_work: bool = False) -> Fault:
    """Hold the request at a gate before the work, or the answer after it."""

    def before(exchange: Exchange) -> None:
        gate.stand(exchange.stopping)

    def edit(reply: Reply, exchange: Exchange) -> Reply:
        gate.stand(exchange.stopping)
        return reply

    return Fault(name="hold", edit=edit) if after_work else Fault(name="hold", before=before)
