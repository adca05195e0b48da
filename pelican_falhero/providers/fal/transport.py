"""An HTTP transport for fal_client that sends each request once, to fal's hosts only, with a time limit.

Without it fal_client repeats a POST up to ten times after a lost connection, and each may be charged; it sends the key
to any address in fal's answers; and it waits for an answer for up to two minutes. The transport raises errors that are
not httpx's: fal_client does not retry those.
"""

from __future__ import annotations

import datetime
import threading
import time
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import fal_client.auth
import fal_client.client
import httpx

from ...debug import shown_request
from ...errors import HeroError, UncertainError, UnsentError
from ..base import Timeouts
from .environment import is_certificate_error, proxy_variable, untrusted_fal

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes; fal's answers are JSON of a few kilobytes."""

_FIRST_REDIRECT = 300


class AnswerError(HeroError):
    """fal answered with an HTTP error; ``responses`` interprets it."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"fal answered {response.status_code}")
        self.status = response.status_code
        self.headers = response.headers
        try:
            self.body = response.json()
        except (ValueError, RecursionError):
            self.body = None


class ConnectionLostError(HeroError):
    """A connection broke or timed out during a request other than a submit; a retry is free."""


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
            UnsentError: nothing was sent: no connection, a proxy refused it, or a certificate is not trusted.
            UncertainError: a POST was sent, and it is not known whether fal accepted it.
            ConnectionLostError: the connection broke during another request.
            AnswerError: fal answered with an HTTP error, or a redirect.
        """
        if not is_trusted(request.url):
            raise HeroError(f"fal's answer contains an address on another host ({request.url.host})")
        is_submit = request.method == "POST"
        now = time.monotonic()
        longest = self._timeouts.submit if is_submit else self._timeouts.read
        seconds = max(0.1, min(longest, getattr(self._thread, "ends_at", now + longest) - now))
        connect = min(getattr(self._thread, "connect", self._connect), seconds)
        request.extensions["timeout"] = {"connect": connect, "pool": seconds, "read": seconds, "write": seconds}
        send_watch = _SendWatch(request.method)
        request.extensions["trace"] = send_watch.record
        self._thread.may_have_sent, self._thread.request_id, self._thread.sent_at = False, "", now
        try:
            with shown_request(request.method, request.url, request.content) as shown:
                response = self._inner.handle_request(request)
                shown.status = response.status_code
                self._thread.request_id = shown.request_id = response.headers.get("x-fal-request-id", "")
                self._thread.server_time = _time_of(response) or self.server_time
                answer = _read(request, response, until=now + seconds)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            if send_watch.nothing_was_sent(error):
                raise UnsentError(_why_unsent(error)) from error
            if is_submit:
                raise UncertainError("the connection broke before fal answered") from error
            raise ConnectionLostError(f"the connection to fal broke ({type(error).__name__})") from error
        finally:
            self._thread.may_have_sent = not send_watch.nothing_was_sent()
        if answer.status_code >= _FIRST_REDIRECT:
            raise AnswerError(answer)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class _SendWatch:
    """Records, through httpx's ``trace`` extension, whether sending a request has started."""

    _NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

    def __init__(self, method: str) -> None:
        self._method = method.encode()
        self._has_traced = False
        self._has_begun = False

    def record(self, event: str, info: dict[str, Any]) -> None:
        """Record a step. A proxy's CONNECT has the same steps; it is told apart by its method."""
        self._has_traced = True
        request = info.get("request")
        if event.endswith("send_request_body.started") and getattr(request, "method", None) == self._method:
            self._has_begun = True

    def nothing_was_sent(self, error: Exception | None = None) -> bool:
        """Whether certainly no part of the request's body was sent."""
        if isinstance(error, self._NEVER_CONNECTED):
            return True
        return self._has_traced and not self._has_begun


def _why_unsent(error: Exception) -> str:
    if is_certificate_error(error):
        return untrusted_fal()
    reason = str(error) or type(error).__name__
    if isinstance(error, httpx.ProxyError):
        name = proxy_variable()
        return f"fal can't be reached: the proxy refuses the connection ({reason}); check {name}"
    return f"fal can't be reached ({reason}); check the network"


def _time_of(response: httpx.Response) -> datetime.datetime | None:
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(datetime.UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _read(request: httpx.Request, response: httpx.Response, *, until: float) -> httpx.Response:
    """Return the response with its whole body, so that no error can occur outside this transport."""
    body = bytearray()
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_ANSWER or time.monotonic() > until:
                raise httpx.ReadTimeout("the answer is too long or too slow", request=request)
    finally:
        response.close()
    return httpx.Response(
        response.status_code,
        headers=response.headers,
        content=bytes(body),
        extensions=response.extensions,
        request=request,
    )


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
