"""fal_client's way to fal, narrowed: every request is sent once, to fal alone, and for a bounded time.

Left to itself fal_client repeats a POST up to ten times after a lost connection, and each may be charged; it follows
the addresses in fal's answers with the key, whatever host they name; and it reads for up to two minutes. The transport
below turns whatever goes wrong into errors that are not httpx's, which fal_client passes on at once.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from functools import cached_property
from urllib.parse import urlsplit
from urllib.request import getproxies

import fal_client.auth
import fal_client.client
import httpx

from ...errors import ProviderError, UncertainError, UnsentError

CONNECT_SECONDS = 2.0
"""For each of fal's two domains."""
READ_SECONDS = 10.0
SUBMIT_SECONDS = 60.0
MAX_ANSWER = 8 * 1024 * 1024
"""Bytes; fal's answers are JSON of a few kilobytes."""

_REDIRECT = 300


class AnswerError(ProviderError):
    """fal answered with an HTTP error; what it means is for the provider to say."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"fal answered {response.status_code}")
        self.status = response.status_code
        self.headers = response.headers
        try:
            self.body = response.json()
        except ValueError:
            self.body = None


class BrokenOffError(ProviderError):
    """A connection broke or took too long while fal was asked about a request; asking again is free."""


class ForeignHostError(ProviderError):
    """fal's answer names an address that must not be sent the key."""


def trusted_hosts() -> frozenset[str]:
    """The hosts, with their ports where they name one, that may be sent the key."""
    named = (fal_client.auth.FAL_RUN_HOST, fal_client.auth.FAL_QUEUE_RUN_HOST)
    return frozenset({"fal.run", "queue.fal.run", "falrun.com", "queue.falrun.com", *map(_without_port, named)})


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


def look_up(seconds: float) -> None:
    """Be sure that names are looked up at all, which no timeout of httpx bounds and may take minutes without network.

    Raises:
        UnsentError: there is no answer, good or bad, within so many seconds.
    """
    host = urlsplit(f"https://{fal_client.auth.FAL_QUEUE_RUN_HOST}").hostname
    if {"https", "all"} & getproxies().keys():
        return  # which looks them up itself
    answered = threading.Event()

    def ask() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            socket.getaddrinfo(host, 443)
        answered.set()

    threading.Thread(target=ask, daemon=True).start()
    if not answered.wait(seconds):
        raise UnsentError(f"fal can't be reached (no answer about where {host} is); check the network")


class OnceTransport(httpx.BaseTransport):
    """Sends each request once and reads its whole answer; see the module's text."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._mine = threading.local()

    def limit(self, seconds: float, *, connect: float = CONNECT_SECONDS) -> None:
        """Bound what this thread sends next to so many seconds, of which so many to connect to each domain."""
        self._mine.until = time.monotonic() + seconds
        self._mine.connect = connect
        self._mine.sends = False
        self._mine.named = ""

    @property
    def has_sent(self) -> bool:
        """Whether this thread has sent anything since ``limit``."""
        return bool(getattr(self._mine, "sends", False))

    @property
    def named(self) -> str:
        """What fal called this thread's request in the head of its answer; empty where it did not."""
        return str(getattr(self._mine, "named", ""))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it.

        Raises:
            ForeignHostError: the address is not fal's, or not https.
            UnsentError: no connection could be made.
            UncertainError: a POST left, and what became of it is not known.
            BrokenOffError: anything else broke.
            AnswerError: fal answered with an HTTP error, or a redirect.
        """
        if not is_trusted(request.url):
            raise ForeignHostError(f"fal named an address that is not its own ({request.url.host})")
        submits = request.method == "POST"
        now = time.monotonic()
        left = getattr(self._mine, "until", now + SUBMIT_SECONDS) - now
        seconds = max(0.1, min(SUBMIT_SECONDS if submits else READ_SECONDS, left))
        connect = min(getattr(self._mine, "connect", CONNECT_SECONDS), seconds)
        request.extensions["timeout"] = {"connect": connect, "pool": seconds, "read": seconds, "write": seconds}
        self._mine.sends, self._mine.named = True, ""
        try:
            response = self._inner.handle_request(request)
            self._mine.named = response.headers.get("x-fal-request-id", "")
            answer = _read(request, response, until=now + seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            said = str(error) or type(error).__name__
            raise UnsentError(f"fal can't be reached ({said}); check the network") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            if submits:
                raise UncertainError("the connection broke before fal answered") from error
            raise BrokenOffError(f"the connection to fal broke ({type(error).__name__})") from error
        if answer.status_code >= _REDIRECT:
            raise AnswerError(answer)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


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

    @cached_property
    def transport(self) -> OnceTransport:
        """What all requests go through."""
        return OnceTransport(fal_client.client.BackupDomainTransport())

    @cached_property
    def _client(self) -> httpx.Client:
        return httpx.Client(
            transport=self.transport,
            headers={"Authorization": self._auth.header_value, "User-Agent": fal_client.client.USER_AGENT},
            timeout=self.default_timeout,
            follow_redirects=False,
        )
