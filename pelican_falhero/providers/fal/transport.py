"""fal_client's way to fal, narrowed: every request is sent once, to fal alone, and for a bounded time.

Left to itself fal_client repeats a POST up to ten times after a lost connection, and each may be charged; it follows
the addresses in fal's answers with the key, whatever host they name; and it reads for up to two minutes. The transport
below turns whatever goes wrong into errors that are not httpx's, which fal_client passes on at once.
"""

from __future__ import annotations

import contextlib
import datetime
import socket
import threading
import time
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import fal_client.auth
import fal_client.client
import httpx

from ...errors import HeroError, UncertainError, UnsentError
from ..base import Timeouts
from .environment import finishes_within, is_certificate_error, proxy_variable, unverified_fal

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes; fal's answers are JSON of a few kilobytes."""

_REDIRECT = 300


class AnswerError(HeroError):
    """fal answered with an HTTP error; what it means is for the provider to say."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"fal answered {response.status_code}")
        self.status = response.status_code
        self.headers = response.headers
        try:
            self.body = response.json()
        except ValueError:
            self.body = None


class ConnectionLostError(HeroError):
    """A connection broke or took too long while fal was asked about a request; asking again is free."""


def trusted_hosts() -> frozenset[str]:
    """The hosts, with their ports where they name one, that may be sent the key."""
    named = (fal_client.auth.FAL_RUN_HOST, fal_client.auth.FAL_QUEUE_RUN_HOST)
    own = filter(None, map(_without_port, named))
    return frozenset({"fal.run", "queue.fal.run", "falrun.com", "queue.falrun.com", *own})


def is_trusted(url: object) -> bool:
    """Whether the key may travel to this address."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return False
    return parts.scheme == "https" and _without_port(parts.netloc) in trusted_hosts()


def _without_port(host: str) -> str:
    """The host without the port that https has anyway."""
    return host.lower().removesuffix(":443")


def check_name_lookup(seconds: float) -> None:
    """Be sure that names are looked up at all, which no timeout of httpx bounds and may take minutes without network.

    Raises:
        UnsentError: there is no answer, good or bad, within so many seconds.
    """
    host = urlsplit(f"https://{fal_client.auth.FAL_QUEUE_RUN_HOST}").hostname
    if {"https", "all"} & getproxies().keys():
        return  # which looks them up itself

    def ask() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            socket.getaddrinfo(host, 443)

    if not finishes_within(seconds, ask):
        raise UnsentError(f"fal can't be reached (no answer about where {host} is); check the network")


class OnceTransport(httpx.BaseTransport):
    """Sends each request once and reads its whole answer; see the module's text."""

    def __init__(self, inner: httpx.BaseTransport, timeouts: Timeouts) -> None:
        self._inner = inner
        self._timeouts = timeouts
        self._mine = threading.local()

    def limit(self, seconds: float, *, connect: float | None = None) -> None:
        """Bound what this thread sends next to so many seconds, of which so many to connect to each of two domains."""
        self._mine.until = time.monotonic() + seconds
        self._mine.connect = self._connect if connect is None else connect
        self._mine.sends = False
        self._mine.named = ""

    @property
    def has_sent(self) -> bool:
        """Whether anything that fal could act on has left this thread since ``limit``."""
        return bool(getattr(self._mine, "sends", False))

    @property
    def server_time(self) -> datetime.datetime | None:
        """fal's own time (UTC), as of the last answer to this thread."""
        time_of_answer: datetime.datetime | None = getattr(self._mine, "server_time", None)
        return time_of_answer

    @property
    def _connect(self) -> float:
        # Both domains, and a little for the pauses between two tries.
        return self._timeouts.connect / 2.5

    @property
    def named(self) -> str:
        """What fal called this thread's request in the head of its answer; empty where it did not."""
        return str(getattr(self._mine, "named", ""))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it.

        Raises:
            HeroError: the address is not fal's, or not https, and must not be sent the key.
            UnsentError: nothing of it has left: no connection, a proxy that refuses one, a certificate.
            UncertainError: a POST left, and what became of it is not known.
            ConnectionLostError: anything else broke.
            AnswerError: fal answered with an HTTP error, or a redirect.
        """
        if not is_trusted(request.url):
            raise HeroError(f"fal named an address that is not its own ({request.url.host})")
        submits = request.method == "POST"
        now = time.monotonic()
        longest = self._timeouts.submit if submits else self._timeouts.read
        seconds = max(0.1, min(longest, getattr(self._mine, "until", now + longest) - now))
        connect = min(getattr(self._mine, "connect", self._connect), seconds)
        request.extensions["timeout"] = {"connect": connect, "pool": seconds, "read": seconds, "write": seconds}
        departure = _Departure(request.method)
        request.extensions["trace"] = departure.note
        self._mine.sends, self._mine.named = False, ""
        try:
            response = self._inner.handle_request(request)
            self._mine.named = response.headers.get("x-fal-request-id", "")
            self._mine.server_time = _time_of(response) or self.server_time
            answer = _read(request, response, until=now + seconds)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            if departure.is_excluded(error):
                raise UnsentError(_why_unsent(error)) from error
            if submits:
                raise UncertainError("the connection broke before fal answered") from error
            raise ConnectionLostError(f"the connection to fal broke ({type(error).__name__})") from error
        finally:
            self._mine.sends = not departure.is_excluded()
        if answer.status_code >= _REDIRECT:
            raise AnswerError(answer)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class _Departure:
    """Watches, through httpx's ``trace`` extension, whether a request has begun to leave this machine."""

    _NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

    def __init__(self, method: str) -> None:
        self._method = method.encode()
        self._has_traced = False
        self._has_begun = False

    def note(self, event: str, info: dict[str, Any]) -> None:
        """Take note of a step; a proxy's CONNECT goes through the same steps and is not the request."""
        self._has_traced = True
        request = info.get("request")
        if event.endswith("send_request_body.started") and getattr(request, "method", None) == self._method:
            self._has_begun = True

    def is_excluded(self, error: Exception | None = None) -> bool:
        """Whether nothing of the request's body can have left; what can't be told counts as left."""
        if isinstance(error, self._NEVER_CONNECTED):
            return True
        return self._has_traced and not self._has_begun


def _why_unsent(error: Exception) -> str:
    if is_certificate_error(error):
        return unverified_fal()
    said = str(error) or type(error).__name__
    if isinstance(error, httpx.ProxyError):
        name = proxy_variable()
        return f"fal can't be reached: the proxy refuses the connection ({said}); check {name}"
    return f"fal can't be reached ({said}); check the network"


def _time_of(response: httpx.Response) -> datetime.datetime | None:
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(datetime.UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _read(request: httpx.Request, response: httpx.Response, *, until: float) -> httpx.Response:
    """The response with its whole body, so that no error is left to come outside of this transport."""
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
    """fal's own client over OnceTransport.

    ``_client`` and ``_auth`` are private names of fal_client, which is why its version is bounded and a test holds what
    this class is for.
    """

    def __init__(self, *, key: str | None, timeouts: Timeouts) -> None:
        super().__init__(key=key)
        self.timeouts = timeouts

    @cached_property
    def transport(self) -> OnceTransport:
        """What all requests go through."""
        return OnceTransport(fal_client.client.BackupDomainTransport(), self.timeouts)

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            transport=self.transport,
            headers={"Authorization": self._auth.header_value, "User-Agent": fal_client.client.USER_AGENT},
            timeout=self.default_timeout,
            follow_redirects=False,
        )
