"""Sockets, TLS and HTTP/1.1 for the test double of fal: enough to speak it well, and to speak it badly."""

from __future__ import annotations

import functools
import http
import http.client
import json
import selectors
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import trustme

TLS_HANDSHAKE = 0x16
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
MAX_BODY = 64 * 2**20


@functools.cache
def authority() -> trustme.CA:
    """Return the certificate authority of this process: made once, since keys are what makes a start slow."""
    return trustme.CA()


@functools.cache
def server_tls() -> ssl.SSLContext:
    """Return the TLS context of every listener, with a certificate for localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    # A client that closes before it has read the session tickets makes the kernel answer RST: noise in fault tests.
    context.num_tickets = 0
    authority().issue_cert("localhost", "127.0.0.1", "::1").configure_cert(context)
    return context


@dataclass(frozen=True)
class Incoming:
    """One HTTP request as it was read: header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """One HTTP answer; Content-Length is added when it is sent."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of(cls, data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """Return an answer with a JSON body."""
        return cls(status, {"content-type": "application/json", **(headers or {})}, json.dumps(data).encode())

    def data(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def with_headers(self, **headers: str) -> Reply:
        """Return this answer with more headers; underscores in their names stand for dashes."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(self.status, {**self.headers, **more}, self.body)


class Wire:
    """One accepted connection that speaks HTTP/1.1 with keep-alive."""

    def __init__(self, sock: socket.socket, stopping: threading.Event, count: Callable[[int], None]) -> None:
        """Read from and write to `sock`; `count` hears how many bytes of bodies were sent."""
        self._sock = sock
        self._file = sock.makefile("rb")
        self._count = count
        self._without_body = False
        self.stopping = stopping
        self.open = True

    def read(self) -> Incoming | None:
        """Return the next request, or None when the client is done."""
        line = self._file.readline(65537).decode("latin-1").split()
        if len(line) != 3:
            return None
        method, target, _ = line
        headers: dict[str, str] = {}
        for given, value in http.client.parse_headers(self._file).items():
            name = given.lower()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        length = int(headers.get("content-length", "0"))
        if length > MAX_BODY:
            return None
        body = self._file.read(length)
        if len(body) < length:
            return None
        self._without_body = method == "HEAD"
        if headers.get("connection", "").lower() == "close":
            self.open = False
        return Incoming(method, target, headers, body)

    def head(self, reply: Reply, framing: str) -> bytes:
        """Return status line and headers; `framing` is the header that says how long the body is."""
        try:
            phrase = http.HTTPStatus(reply.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {reply.status} {phrase}", f"date: {formatdate(usegmt=True)}", framing]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def send(self, reply: Reply) -> None:
        """Send the whole answer."""
        self.send_part(reply, len(reply.body))
        if reply.headers.get("connection") == "close":
            self.open = False

    def send_part(self, reply: Reply, size: int) -> None:
        """Send the head of the answer, which promises all of the body, and only `size` bytes of it."""
        body = b"" if self._without_body else reply.body[:size]
        self.write(self.head(reply, f"content-length: {len(reply.body)}") + body)
        self._count(len(body))

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._sock.sendall(data)

    def write_body(self, data: bytes) -> None:
        """Send bytes that count as body."""
        self._sock.sendall(data)
        self._count(len(data))

    def reset(self) -> None:
        """End the connection with a TCP reset, as a dying router does."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.open = False

    def close(self) -> None:
        """Give both file descriptors back."""
        self._file.close()
        self._sock.close()


def _bound(port: int) -> socket.socket:
    """A socket with this port, or for 0 with any that is free, at which nobody listens yet."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock


class Doors:
    """Listening sockets by name, all on 127.0.0.1, and the one thread that accepts on them."""

    def __init__(self, names: tuple[str, ...], welcome: Callable[[socket.socket, str], None]) -> None:
        """Hand every accepted socket to `welcome`, with the name of the door it came through."""
        self.ports = dict.fromkeys(names, 0)
        self._welcome = welcome
        self._listeners: dict[str, socket.socket] = {}
        self._reserved: dict[str, socket.socket] = {}
        self._thread: threading.Thread | None = None
        self._wake: tuple[socket.socket, socket.socket] | None = None

    def open(self) -> None:
        """Listen, unless it does; a second time on the same ports as the first."""
        if self._thread is not None:
            return
        for name, port in self.ports.items():
            self._listeners[name] = listener = self._reserved.pop(name, None) or _bound(port)
            listener.listen(128)
            self.ports[name] = listener.getsockname()[1]
        self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, name="fal-doors", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more: a client is refused. The ports stay reserved, so that nobody else gets them until `open`."""
        if self._thread is None or self._wake is None:
            return
        self._wake[1].send(b"x")
        self._thread.join()
        self._thread = None
        for sock in (*self._listeners.values(), *self._wake):
            sock.close()
        self._listeners.clear()
        self._reserved = {name: _bound(port) for name, port in self.ports.items()}

    def leave(self) -> None:
        """Listen no more, and give up the ports."""
        self.close()
        for sock in self._reserved.values():
            sock.close()
        self._reserved.clear()

    def _accept(self) -> None:
        assert self._wake is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake[0], selectors.EVENT_READ, None)
            for name, listener in self._listeners.items():
                listener.setblocking(False)
                selector.register(listener, selectors.EVENT_READ, (name, listener))
            while True:
                for key, _ in selector.select():
                    if key.data is None:
                        return
                    name, listener = key.data
                    try:
                        client, _ = listener.accept()
                    except OSError:
                        continue  # it had gone again before we came to the door
                    client.setblocking(True)
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._welcome(client, name)
