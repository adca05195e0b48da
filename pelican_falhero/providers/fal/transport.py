"""An HTTP transport for fal_client that sends each request once, to fal's hosts only, with a time limit.

Without it fal_client repeats a POST up to ten times after a lost connection, and each may be charged; it sends the key
to any address in fal's answers; and it waits for an answer for up to two minutes. The transport raises errors that are
not httpx's: fal_client does not retry those.
"""

from __future__ import annotations

import datetime
import threading
import time
from functools import cached_property
from urllib.parse import urlsplit

import fal_client.auth
import fal_client.client
import httpx

from ...errors import HeroError
from ..base import Timeouts
from ..http.once import SendWatch, send_once, time_of


def trusted_hosts() -> frozenset[str]:
    """Return the hosts, with a port if it is not 443, to which the key may be sent."""
    named = (fal_client.auth.FAL_RUN_HOST, fal_client.auth.FAL_QUEUE_RUN_HOST)
    own = filter(None, map(_without_port, named))
    return frozenset({"fal.run", "queue.fal.run", "falrun.com", "queue.falrun.com", *own})


def is_trusted(url: object) -> bool:
    """Whether the key may be sent to this address."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return False
    return parts.scheme == "https" and _without_port(parts.netloc) in trusted_hosts()


def _without_port(host: str) -> str:
    """Return the host without the default port of https."""
    return host.lower().removesuffix(":443")


class OnceTransport(httpx.BaseTransport):
    """Sends each request once and reads its whole answer; see the docstring of this module."""

    def __init__(self, inner: httpx.BaseTransport, timeouts: Timeouts) -> None:
        self._inner = inner
        self._timeouts = timeouts
        self._thread = threading.local()

    def limit(self, seconds: float, *, connect: float | None = None) -> None:
        """Limit this thread's next request to ``seconds``, and the connection to each of two domains to ``connect``."""
        self._thread.ends_at = time.monotonic() + seconds
        self._thread.connect = self._connect if connect is None else connect
        self._thread.may_have_sent = False
        self._thread.request_id = ""

    @property
    def has_sent(self) -> bool:
        """Whether this thread's last request since ``limit`` may have reached fal."""
        return bool(getattr(self._thread, "may_have_sent", False))

    @property
    def sent_at(self) -> float:
        """When this thread's last request was sent, on the monotonic clock."""
        return float(self._thread.sent_at)

    @property
    def server_time(self) -> datetime.datetime | None:
        """fal's time (UTC) in its last answer to this thread."""
        time_of_answer: datetime.datetime | None = getattr(self._thread, "server_time", None)
        return time_of_answer

    @property
    def _connect(self) -> float:
        # Time for both domains, and some for the pause between two tries.
        return self._timeouts.connect / 2.5

    @property
    def request_id(self) -> str:
        """The request id in the headers of fal's last answer to this thread; empty if there is none."""
        return str(getattr(self._thread, "request_id", ""))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and read its whole answer.

        Raises:
            HeroError: the address is not fal's, or not https, so the key must not be sent there.
            UnsentError, UncertainError, ConnectionLostError, AnswerError: see ``send_once``.
        """
        if not is_trusted(request.url):
            raise HeroError(f"fal's answer contains an address on another host ({request.url.host})")
        is_submit = request.method == "POST"
        now = time.monotonic()
        longest = self._timeouts.submit if is_submit else self._timeouts.read
        seconds = max(0.1, min(longest, getattr(self._thread, "ends_at", now + longest) - now))
        connect = min(getattr(self._thread, "connect", self._connect), seconds)
        watch = SendWatch(request.method)
        self._thread.may_have_sent, self._thread.request_id, self._thread.sent_at = False, "", now
        try:
            return send_once(
                self._inner.handle_request,
                request,
                service="fal",
                seconds=seconds,
                connect=connect,
                watch=watch,
                heard=self._hear,
            )
        finally:
            self._thread.may_have_sent = not watch.nothing_was_sent()

    def _hear(self, response: httpx.Response) -> str:
        """Keep what the headers of fal's answer say, even if its body does not arrive; return the request id."""
        self._thread.request_id = response.headers.get("x-fal-request-id", "")
        self._thread.server_time = time_of(response) or self.server_time
        return self.request_id

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class OnceClient(fal_client.client.SyncClient):
    """fal_client's client, with OnceTransport.

    ``_client`` and ``_auth`` are private names of fal_client, so its version is limited in pyproject.toml, and a test
    checks that a submit is sent only once.
    """

    def __init__(self, *, key: str | None, timeouts: Timeouts) -> None:
        super().__init__(key=key)
        self.timeouts = timeouts

    @cached_property
    def transport(self) -> OnceTransport:
        """The transport of all requests."""
        return OnceTransport(fal_client.client.BackupDomainTransport(), self.timeouts)

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            transport=self.transport,
            headers={"Authorization": self._auth.header_value, "User-Agent": fal_client.client.USER_AGENT},
            timeout=self.default_timeout,
            follow_redirects=False,
        )
