"""A JSON API over HTTP: one base address, one key, each request sent once."""

from __future__ import annotations

import datetime
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import httpx

from ...errors import UnsentError
from ..base import Deadline, Timeouts, backoff
from .once import MAX_ANSWER, send_once, time_of


class Api:
    """Sends requests to one service, and nothing to any other: redirects are errors. Thread-safe."""

    def __init__(self, service: str, base_url: str, *, headers: Mapping[str, str], timeouts: Timeouts) -> None:
        """
        Args:
            service: its name, for messages.
            base_url: without a slash at its end. Over plain http it is asked directly, and not through a proxy.
            headers: of every request.
            timeouts: time limits and pauses.
        """
        self._service = service
        self._base = base_url
        self._timeouts = timeouts
        is_plain = base_url.startswith("http:")
        self._client = httpx.Client(headers=headers, follow_redirects=False, trust_env=not is_plain)
        self._thread = threading.local()

    @property
    def server_time(self) -> datetime.datetime | None:
        """The service's time (UTC) in its last answer to this thread; None if there was none."""
        time_of_answer: datetime.datetime | None = getattr(self._thread, "server_time", None)
        return time_of_answer

    def get(self, path: str, seconds: float) -> httpx.Response:
        """Ask within ``seconds``, and within ``timeouts.read``.

        Raises:
            UnsentError, ConnectionLostError, AnswerError: see ``send_once``.
        """
        return self._send("GET", path, None, seconds=min(seconds, self._timeouts.read), connect=self._timeouts.connect)

    def post(
        self, path: str, content: Mapping[str, Any], deadline: Deadline, *, seconds: float, max_answer: int = MAX_ANSWER
    ) -> httpx.Response:
        """Send a request that may be charged. It is sent once; a connection is tried again while there is time.

        Args:
            path: behind the base address.
            content: sent as JSON.
            deadline: of the whole request.
            seconds: to wait for the answer.
            max_answer: bytes of the answer.

        Raises:
            UnsentError, UncertainError, AnswerError: see ``send_once``.
            DeadlineError: see Deadline.
        """
        # Half an emoji becomes an escape, so that nothing can fail between here and the network.
        body = json.dumps(content).encode()
        began, timeouts = time.monotonic(), self._timeouts
        connect = timeouts.connect / 2
        while True:
            try:
                left = min(seconds, deadline.left())
                return self._send("POST", path, body, seconds=left, connect=connect, max_answer=max_answer)
            except UnsentError:
                waited = time.monotonic() - began
                pause = backoff(waited, shortest=timeouts.retry_shortest, longest=timeouts.retry_longest)
                connect = timeouts.connect - waited - pause
                if connect < timeouts.connect / 10:
                    raise
                deadline.pause(pause)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        seconds: float,
        connect: float,
        max_answer: int = MAX_ANSWER,
    ) -> httpx.Response:
        headers = {"Content-Type": "application/json"} if body else {}
        request = self._client.build_request(method, f"{self._base}{path}", content=body, headers=headers)
        return send_once(
            lambda request: self._client.send(request, stream=True),
            request,
            service=self._service,
            seconds=seconds,
            connect=min(connect, seconds),
            heard=self._hear,
            max_answer=max_answer,
        )

    def _hear(self, response: httpx.Response) -> str:
        self._thread.server_time = time_of(response) or self.server_time
        return ""
