"""Sends each request once, with a time limit, and tells whether anything was sent.

Every error is one of ours: a service may charge for a request of which httpx only knows that its answer did not arrive.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from ...debug import shown_request
from ...errors import HeroError, UncertainError, UnsentError
from .environment import is_certificate_error, proxy_variable, untrusted_service

MAX_ANSWER = 8 * 1024 * 1024
"""Bytes of an answer without a picture: JSON of a few kilobytes."""

_FIRST_REDIRECT = 300


class AnswerError(HeroError):
    """A service answered with an HTTP error, or a redirect; each provider interprets its own."""

    def __init__(self, response: httpx.Response, service: str) -> None:
        super().__init__(f"{service} answered {response.status_code}")
        self.status = response.status_code
        self.headers = response.headers
        try:
            self.body = response.json()
        except (ValueError, RecursionError):
            self.body = None


class ConnectionLostError(HeroError):
    """A connection broke or timed out during a request other than a submit; a retry is free."""


class SendWatch:
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


def send_once(
    send: Callable[[httpx.Request], httpx.Response],
    request: httpx.Request,
    *,
    service: str,
    seconds: float,
    connect: float,
    watch: SendWatch | None = None,
    heard: Callable[[httpx.Response], str] = lambda response: "",
    max_answer: int = MAX_ANSWER,
) -> httpx.Response:
    """Send a request, and read its whole answer.

    Args:
        send: sends a request and returns its answer, of which only the headers were read.
        request: a POST is one that may be charged.
        service: its name, for messages.
        seconds: time limit of the whole exchange, and of each of its steps.
        connect: time limit of the connection.
        watch: is told what is sent.
        heard: is given the answer once its headers are there; returns the request's id, if they hold one.
        max_answer: bytes; a longer answer is not read.

    Raises:
        UnsentError: nothing was sent: no connection, a proxy refused it, or a certificate is not trusted.
        UncertainError: a POST was sent, and it is not known whether the service accepted it.
        ConnectionLostError: the connection broke during another request.
        AnswerError: the service answered with an HTTP error, or a redirect.
    """
    watch = watch or SendWatch(request.method)
    request.extensions["timeout"] = {"connect": connect, "pool": seconds, "read": seconds, "write": seconds}
    request.extensions["trace"] = watch.record
    until = time.monotonic() + seconds
    try:
        with shown_request(request.method, request.url, request.content) as shown:
            response = send(request)
            shown.status = response.status_code
            shown.request_id = heard(response)
            answer = _read(request, response, until=until, max_answer=max_answer)
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
        if watch.nothing_was_sent(error):
            raise UnsentError(_why_unsent(service, error)) from error
        if request.method == "POST":
            raise UncertainError(f"the connection broke before {service} answered") from error
        raise ConnectionLostError(f"the connection to {service} broke ({type(error).__name__})") from error
    if answer.status_code >= _FIRST_REDIRECT:
        raise AnswerError(answer, service)
    return answer


def time_of(response: httpx.Response) -> datetime.datetime | None:
    """Return the time (UTC) in the ``Date`` header of an answer; None if there is none."""
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(datetime.UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _why_unsent(service: str, error: Exception) -> str:
    if is_certificate_error(error):
        return untrusted_service(service)
    reason = str(error) or type(error).__name__
    if isinstance(error, httpx.ProxyError):
        name = proxy_variable()
        return f"{service} can't be reached: the proxy refuses the connection ({reason}); check {name}"
    return f"{service} can't be reached ({reason}); check the network"


def _read(request: httpx.Request, response: httpx.Response, *, until: float, max_answer: int) -> httpx.Response:
    """Return the response with its whole body, so that no error can occur outside ``send_once``."""
    body = bytearray()
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > max_answer or time.monotonic() > until:
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
