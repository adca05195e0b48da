"""A server that speaks OpenAI's images API over plain http on this machine, as one's own GPU does.

It is the double of fal with one address, where the answer to a request is the picture. The stages of a request are
"submit" and "download".
"""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fal_exchange import Door, Exchange, Fault, Recorded, Stage
from fal_pictures import render
from fal_schemas import Endpoint, Field, Price
from fal_server import FalServer
from fal_wire import Reply

PATH = "/v1/images/generations"
_SCHEMA = {
    "model": Field("text", required=True),
    "prompt": Field("text", required=True),
    "n": Field("whole", 1, low=1, high=1),
    "size": Field("text", "1024x1024"),
    "response_format": Field("choice", "url", choices=("url", "b64_json")),
    "seed": Field("whole", nullable=True),
    "num_inference_steps": Field("whole", nullable=True),
}


class OpenAIServer(FalServer):
    """A server with one model.

    needs_key: whether a request without the key is refused.
    sends_addresses: whether it answers with the picture's address although its bytes were asked for.
    """

    endpoints: Mapping[str, Endpoint] = {PATH: Endpoint(_SCHEMA, None)}
    model = "flux.1-dev"

    def __init__(self) -> None:
        """Make a server; entering it as a context starts it."""
        super().__init__()
        self.valid_keys = {"sk-test-key"}
        self.needs_key = False
        self.sends_addresses = False

    @property
    def url(self) -> str:
        """The base of its API."""
        return f"http://{self.host}/v1"

    def asks(self, usd: float) -> None:
        """Charge so much for each picture."""
        self.prices[PATH] = Price(usd, "images")

    def environment(self, key: str | None = None) -> dict[str, str]:
        """Return the environment of a build, with the key if one is given; there is none for fal."""
        return super().environment(key=None) | ({"SERVER_KEY": key} if key else {})

    def _converse(self, sock: socket.socket, door: Door) -> None:
        for fault in self.faults.take("connect"):
            if fault.greet is not None and not fault.greet(sock, self._stopping):
                return
        self._talk(sock, door)

    def _route(self, method: str, path: str, door: Door) -> tuple[Stage, str | None, str | None]:
        if method == "POST" and path == PATH:
            return "submit", PATH, None
        return ("download" if path.startswith("/files/") else "unknown"), None, None

    def _submit(self, exchange: Exchange) -> Reply:
        refusal = self._refusal(exchange.recorded)
        if refusal:
            return refusal
        with self._lock:
            job = self._order(exchange, "submit")
            if job.invalid:
                return problem(400, str(job.outcome.body), "invalid_request_error")
            self._accept(exchange, job)
        while not self._stopping.wait(0.002):
            with self._lock:
                self._runners.advance()
                if self._runners.state(job) == "COMPLETED":
                    break
        (path, picture), *_ = job.pictures.items()
        if self.sends_addresses or job.values["response_format"] == "url":
            return Reply.of({"created": 1, "data": [{"url": f"http://{self.host}{path}"}]})
        data = render(replace(picture, black=job.outcome.black))
        return Reply.of({"created": 1, "data": [{"b64_json": base64.b64encode(data).decode()}]})

    def _refusal(self, recorded: Recorded) -> Reply | None:
        scheme, _, key = (recorded.authorization or "").partition(" ")
        if self.needs_key and (scheme != "Bearer" or key not in self.valid_keys):
            return problem(401, f"Incorrect API key provided: {key}", "invalid_api_key")
        if recorded.json.get("model") != self.model:
            return problem(404, f"model {recorded.json.get('model')} not found", "model_not_found")
        return None

    def _frame(self, model: Endpoint, values: dict[str, Any]) -> tuple[int, int]:
        found = re.fullmatch(r"(\d+)x(\d+)", values["size"])
        assert found, values["size"]
        return int(found[1]), int(found[2])


def problem(status: int, message: str, code: str = "") -> Reply:
    """Return an error as OpenAI words it."""
    return Reply.of({"error": {"message": message, "type": "error", "param": None, "code": code or None}}, status)


def answers(status: int, message: str, code: str = "", **headers: str) -> Fault:
    """Do nothing and answer with an error."""
    reply = problem(status, message, code).with_headers(**headers)
    return Fault(name=f"{status} {code}", works=False, edit=lambda _reply, _exchange: reply)


def has_moved(address: str) -> Fault:
    """Do nothing and redirect to another address."""
    moved = Reply(307, {"location": address})
    return Fault(name="moved", works=False, edit=lambda _reply, _exchange: moved)
