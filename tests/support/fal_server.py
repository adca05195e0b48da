"""A test double of fal: a loopback HTTPS server that speaks fal's protocol to the real fal_client in another process.

    with FalServer() as server:
        server.faults.add("submit", fal_faults.drop_after(), nth=1)
        subprocess.run([sys.executable, "-m", "pelican", ...], env={**os.environ, **server.environment()})
        assert server.charges == 1

It counts every inference that fal would have charged, and it breaks connections, answers and pictures on demand
(fal_faults). The facts are fal's documented ones; the package under test is never imported.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from fal_exchange import Door, Exchange, Faults, Hosts, Recorded, Stage
from fal_service import FalService
from fal_wire import TLS_HANDSHAKE, Doors, Incoming, Reply, Wire, authority, server_tls

__all__ = ["FalServer", "Recorded"]

_REQUEST = re.compile(r"/(?P<app>[^/]+/[^/]+)/requests/(?P<id>[^/]+)(?P<leaf>/status|/cancel|/response|)")
_LEAVES: dict[tuple[str, str], Stage] = {
    ("GET", "/status"): "status",
    ("GET", ""): "result",
    ("GET", "/response"): "result",
    ("PUT", "/cancel"): "cancel",
}


class FalServer(FalService):
    """fal on 127.0.0.1, with TLS for "localhost", behind four doors of their own ports.

    `host` is the queue and the platform API, `run_host` the synchronous host, `cdn_host` the file CDN, and
    `foreign_host` a host that is none of fal's: it answers like the others, and must never see the key.

    faults: what goes wrong, and when.
    on_request: called with every request, before anything is done about it.
    on_answer: called with the request and its answer, when the work is done and not a byte is sent.
    connections, plaintext_connections, failed_handshakes: how many there were.
    bytes_sent: of all bodies. peak_exchanges: how many requests were being answered at the same time at most.
    """

    def __init__(self) -> None:
        """Make a server; entering it as a context starts it."""
        super().__init__()
        self.faults = Faults()
        self.on_request: Callable[[Recorded], None] | None = None
        self.on_answer: Callable[[Recorded, Reply], None] | None = None
        self.connections = 0
        self.plaintext_connections = 0
        self.failed_handshakes = 0
        self.bytes_sent = 0
        self.peak_exchanges = 0
        self._exchanges = 0
        self._requests: list[Recorded] = []
        self._stages: Counter[Stage] = Counter()
        self._news = threading.Condition(self._lock)
        self._errors: list[Exception] = []
        self._doors = Doors(("queue", "run", "cdn", "foreign"), self._welcome)
        self._sockets: dict[threading.Thread, socket.socket] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="fal-server-", ignore_cleanup_errors=True)

    def __enter__(self) -> Self:
        """Start to listen."""
        folder = Path(self._folder.name)
        (folder / "fal-home").mkdir()
        self.ca_file = folder / "ca.pem"
        authority().cert_pem.write_to_path(str(self.ca_file))
        self.plug()
        self.hosts = Hosts(**{name: f"localhost:{port}" for name, port in self._doors.ports.items()})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every connection and thread; raise what went wrong inside the server itself."""
        self._stopping.set()
        self.unplug()
        self._doors.leave()
        self._folder.cleanup()
        if self._errors and error is None:
            raise ExceptionGroup("the test double of fal failed", self._errors)

    @property
    def host(self) -> str:
        """host:port of the queue, and of the platform API."""
        return self.hosts.queue

    @property
    def run_host(self) -> str:
        """host:port of the synchronous host."""
        return self.hosts.run

    @property
    def cdn_host(self) -> str:
        """host:port of the file CDN."""
        return self.hosts.cdn

    @property
    def foreign_host(self) -> str:
        """host:port of a host that is not fal's."""
        return self.hosts.foreign

    @property
    def platform_url(self) -> str:
        """The base of the platform API, in place of https://api.fal.ai/v1."""
        return f"https://{self.host}/v1"

    @property
    def requests(self) -> list[Recorded]:
        """Every HTTP request so far, in order."""
        with self._lock:
            return list(self._requests)

    def requests_of(self, *stages: Stage) -> list[Recorded]:
        """Return the requests of some stages."""
        return [request for request in self.requests if request.stage in stages]

    def environment(self, key: str | None = "test-key:secret") -> dict[str, str]:
        """Return what turns an unmodified fal_client, and requests, to this server; `key` None: no credentials."""
        proxies = ("http_proxy", "https_proxy", "all_proxy")
        return {
            "FAL_KEY": key or "",
            "FAL_KEY_ID": "",
            "FAL_KEY_SECRET": "",
            "FAL_FORCE_AUTH_BY_USER": "",
            "FAL_HOME_DIR": str(Path(self._folder.name) / "fal-home"),
            "FAL_RUN_HOST": self.run_host,
            "FAL_QUEUE_RUN_HOST": self.host,
            "SSL_CERT_FILE": str(self.ca_file),
            "REQUESTS_CA_BUNDLE": str(self.ca_file),
            "NO_PROXY": "*",
            "no_proxy": "*",
            **dict.fromkeys(proxies, ""),
            **{name.upper(): "" for name in proxies},
        }

    def wait_for(self, stage: Stage, count: int = 1, timeout: float = 10.0) -> None:
        """Wait until so many requests of a stage have come; fail after `timeout` seconds."""
        with self._news:
            arrived = self._news.wait_for(lambda: len(self.requests_of(stage)) >= count, timeout)
        assert arrived, f"{len(self.requests_of(stage))} of {count} {stage} requests came within {timeout} s"

    def wait_until_idle(self, timeout: float = 10.0) -> None:
        """Wait until no connection is open, so that nothing of a process that has ended is still being answered."""
        end = time.monotonic() + timeout
        while self._sockets:
            assert time.monotonic() < end, f"{len(self._sockets)} connections are still open after {timeout} s"
            time.sleep(0.002)

    def unplug(self) -> None:
        """Be gone: every connection breaks, and new ones are refused."""
        self._doors.close()
        with self._lock:
            threads = list(self._sockets)
            for sock in self._sockets.values():
                # The thread that owns an SSLSocket is the one that closes it; this only ends its reads and writes.
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(timeout=5)

    def plug(self) -> None:
        """Be there again, on the same ports."""
        self._doors.open()

    # Connections.

    def _welcome(self, sock: socket.socket, door: str) -> None:
        thread = threading.Thread(target=self._serve, args=(sock, door), name=f"fal-{door}", daemon=True)
        with self._lock:
            self.connections += 1
            self._sockets[thread] = sock
        thread.start()

    def _serve(self, sock: socket.socket, door: Door) -> None:
        try:
            self._converse(sock, door)
        except OSError:
            pass  # the client has gone, as it may
        except Exception as error:
            self._errors.append(error)
        finally:
            sock.close()
            with self._lock:
                self._sockets.pop(threading.current_thread(), None)

    def _converse(self, sock: socket.socket, door: Door) -> None:
        for fault in self.faults.take("connect"):
            if fault.greet is not None and not fault.greet(sock, self._stopping):
                return
        first = sock.recv(1, socket.MSG_PEEK)
        if first and first[0] != TLS_HANDSHAKE:
            with self._lock:
                self.plaintext_connections += 1
            return
        with self._lock:
            secure = server_tls().wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            self._sockets[threading.current_thread()] = secure
        with secure:
            try:
                secure.do_handshake()
            except ssl.SSLError:
                with self._lock:
                    self.failed_handshakes += 1
                return
            self._talk(secure, door)

    def _talk(self, sock: socket.socket, door: Door) -> None:
        """Answer the requests of one connection."""
        wire = Wire(sock, self._stopping, self._count)
        try:
            while wire.open and not self._stopping.is_set():
                incoming = wire.read()
                if incoming is None:
                    return
                self._exchange(incoming, wire, door)
        finally:
            wire.close()

    def _count(self, size: int) -> None:
        with self._lock:
            self.bytes_sent += size

    # Exchanges.

    def _exchange(self, incoming: Incoming, wire: Wire, door: Door) -> None:
        with self._lock:
            self._exchanges += 1
            self.peak_exchanges = max(self.peak_exchanges, self._exchanges)
        try:
            self._answer_one(incoming, wire, door)
        finally:
            with self._lock:
                self._exchanges -= 1

    def _answer_one(self, incoming: Incoming, wire: Wire, door: Door) -> None:
        exchange = self._record(incoming, door)
        recorded = exchange.recorded
        if self.on_request is not None:
            self.on_request(recorded)
        faults = self.faults.take(recorded.stage, recorded.endpoint)
        for fault in faults:
            if fault.before is not None:
                fault.before(exchange)
        reply = self.work(exchange) if all(fault.works for fault in faults) else Reply()
        for fault in faults:
            if fault.edit is not None:
                reply = fault.edit(reply, exchange)
        if self.on_answer is not None:
            self.on_answer(recorded, reply)
        deliveries = [fault.deliver for fault in faults if fault.deliver is not None]
        (deliveries or [Wire.send])[-1](wire, reply)

    def _record(self, incoming: Incoming, door: Door) -> Exchange:
        target = urlsplit(incoming.target)
        path = unquote(target.path)
        stage, endpoint, request_id = self._route(incoming.method, path, door)
        job = self._jobs.get(request_id or "")
        found = self.picture(path)
        picture = None
        if found is not None:
            job, picture = found
        with self._news:
            self._stages[stage] += 1
            recorded = Recorded(
                method=incoming.method,
                path=path,
                query=parse_qs(target.query),
                headers=dict(incoming.headers),
                body=incoming.body,
                json=_json(incoming.body),
                stage=stage,
                door=door,
                endpoint=job.endpoint if job is not None else endpoint,
                request_id=job.request_id if job is not None else request_id,
                nth=self._stages[stage],
                at=time.monotonic(),
            )
            self._requests.append(recorded)
            self._news.notify_all()
        return Exchange(recorded, self.hosts, self._stopping, job=job, picture=picture)

    def _route(self, method: str, path: str, door: Door) -> tuple[Stage, str | None, str | None]:
        match = _REQUEST.fullmatch(path)
        if match is not None:
            return _LEAVES.get((method, match["leaf"]), "unknown"), match["app"], match["id"]
        if path.startswith("/files/") and method in ("GET", "HEAD"):
            return "download", None, None
        if path == "/v1/models/pricing" and method == "GET":
            return "pricing", None, None
        if method == "POST" and door in ("queue", "run"):
            return ("submit" if door == "queue" else "run"), path.strip("/"), None
        return "unknown", None, None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
