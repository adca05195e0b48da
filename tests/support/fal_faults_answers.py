"""Faults of the answers that fal gives: other statuses, and JSON that is not as it should be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fal_exchange import Exchange, Fault
from fal_wire import Reply

INFRASTRUCTURE = {
    "request_timeout": 504,
    "startup_timeout": 504,
    "runner_scheduling_failure": 503,
    "runner_connection_timeout": 503,
    "runner_connection_refused": 503,
    "runner_connection_error": 503,
    "runner_disconnected": 503,
    "runner_incomplete_response": 502,
    "runner_server_error": 500,
    "internal_error": 500,
    "client_disconnected": 499,
    "client_cancelled": 499,
    "bad_request": 400,
}
HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


# HTTP answers in place of fal's own.


def status(
    code: int,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    *,
    after_work: bool = False,
) -> Fault:
    """Answer with a status: a `body` of text is sent as HTML, anything else as JSON, None as {"detail": ...}."""
    if isinstance(body, str):
        given = Reply(code, {"content-type": "text/html"}, body.encode())
    else:
        given = Reply.of({"detail": f"Status {code}"} if body is None else body, code)

    def edit(reply: Reply, _exchange: Exchange) -> Reply:
        kept = {name: value for name, value in reply.headers.items() if name == "x-fal-request-id"}
        return Reply(code, {**kept, **given.headers, **(headers or {})}, given.body)

    return Fault(name=f"status {code}", works=after_work, edit=edit)


def nginx(code: int = 502, *, after_work: bool = False) -> Fault:
    """Answer as the ingress before fal does: nginx's page, and none of fal's headers."""
    titles = {502: "502 Bad Gateway", 503: "503 Service Temporarily Unavailable", 504: "504 Gateway Time-out"}
    title = titles.get(code, str(code))
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    page += "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"

    def edit(_reply: Reply, _exchange: Exchange) -> Reply:
        return Reply(code, {"content-type": "text/html", "server": "nginx"}, page.encode())

    return Fault(name=f"nginx {code}", works=after_work, edit=edit)


def infrastructure(error_type: str, *, after_work: bool = False) -> Fault:
    """Answer with one of fal's infrastructure errors, such as runner_disconnected, under its own status."""
    body = {"detail": f"Infrastructure error: {error_type}", "error_type": error_type}
    fault = status(INFRASTRUCTURE[error_type], body, {"x-fal-error-type": error_type}, after_work=after_work)
    return replace(fault, name=f"infrastructure {error_type}")


def unhandled(*, after_work: bool = False) -> Fault:
    """Answer 500 with the text of an exception that nobody caught."""
    return replace(status(500, {"detail": "Internal Server Error"}, after_work=after_work), name="unhandled")


def too_many_requests(retry_after: float = 1, *, after_work: bool = False) -> Fault:
    """Answer 429 with Retry-After, in seconds."""
    headers = {"retry-after": f"{retry_after:g}", "x-fal-error-type": "concurrent_requests_limit"}
    body = {"detail": "Too many concurrent requests", "error_type": "concurrent_requests_limit"}
    return replace(status(429, body, headers, after_work=after_work), name="too_many_requests")


def not_found() -> Fault:
    """Answer for a request id that fal doesn't know, or no longer."""
    return replace(status(404, {"status": "NOT_FOUND"}), name="not_found")


def start_timeout() -> Fault:
    """Answer 504 because the job did not start within the time that the client gave."""
    headers = {"x-fal-error-type": "request_timeout", "x-fal-request-timeout-type": "user"}
    body = {"detail": "Request timed out", "error_type": "request_timeout"}
    return replace(status(504, body, headers), name="start_timeout")


# Answers of fal's that are not as they should be.


def replaced(body: bytes | str, content_type: str = "application/json", *, name: str = "replaced") -> Fault:
    """Do the work, keep the status, and send another body."""
    data = body.encode() if isinstance(body, str) else body

    def edit(reply: Reply, _exchange: Exchange) -> Reply:
        return Reply(reply.status, {**reply.headers, "content-type": content_type}, data)

    return Fault(name=name, edit=edit)


def invalid_json() -> Fault:
    """Do the work and send JSON that ends in the middle."""
    return replaced('{"status": "IN_QUEUE", "request_id": ', name="invalid_json")


def html() -> Fault:
    """Do the work and send a web page with the status of success."""
    return replaced(HTML.format("Just a moment..."), "text/html", name="html")


def edited(name: str, change: Callable[[dict[str, Any], Exchange], None]) -> Fault:
    """Do the work and change the JSON of a successful answer in place; errors are left alone."""

    def edit(reply: Reply, exchange: Exchange) -> Reply:
        if reply.status >= 300 or not reply.body:
            return reply
        data = reply.data()
        change(data, exchange)
        return Reply(reply.status, reply.headers, json.dumps(data).encode())

    return Fault(name=name, edit=edit)


def without(*keys: str) -> Fault:
    """Leave top-level keys out of the answer, such as request_id, queue_position, logs or seed."""

    def change(data: dict[str, Any], _exchange: Exchange) -> None:
        for key in keys:
            data.pop(key, None)

    return edited("without " + ", ".join(keys), change)


def with_values(**values: object) -> Fault:
    """Set top-level keys of the answer."""
    return edited("with " + ", ".join(values), lambda data, _exchange: data.update(values))


def urls_on_foreign_host(host: str | None = None) -> Fault:
    """Name another host in every URL of the answer (None: a listener of ours that must never see the key)."""

    def change(data: dict[str, Any], exchange: Exchange) -> None:
        for key in ("response_url", "status_url", "cancel_url"):
            if key in data:
                data[key] = data[key].replace(exchange.hosts.queue, host or exchange.hosts.foreign)

    return edited("urls_on_foreign_host", change)


def urls_over_http() -> Fault:
    """Give every URL of the answer as http://."""

    def change(data: dict[str, Any], _exchange: Exchange) -> None:
        for key in ("response_url", "status_url", "cancel_url"):
            if key in data:
                data[key] = data[key].replace("https://", "http://")

    return edited("urls_over_http", change)


def unknown_status(word: str = "BROKEN") -> Fault:
    """Answer with a status that fal_client doesn't know."""
    return replace(with_values(status=word), name="unknown_status")
