"""A test double of Replicate: a loopback HTTPS server that speaks its predictions, and counts what they would cost.

It is the double of fal with other addresses, answers and prices, so that faults, kills and promises are the same. The
stages of a request are "submit", "status" (a look at a prediction) and "download".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fal_exchange import Door, Exchange, Fault, Recorded, Stage
from fal_jobs import Outcome, Submission
from fal_schemas import Endpoint, Field, Price
from fal_server import FalServer
from fal_wire import Reply

RATIOS = ("1:1", "16:9", "21:9", "3:2", "2:3", "4:5", "5:4", "3:4", "4:3", "9:16", "9:21")
AREA = 256 * 192
"""Pixels of every picture, far fewer than Replicate's: drawing and reading them is what takes the time."""


def _schema(*ratios: str, **more: Field) -> Mapping[str, Field]:
    return {
        "prompt": Field("text", required=True),
        "seed": Field("whole", nullable=True),
        "aspect_ratio": Field("choice", "1:1", choices=ratios or RATIOS),
        "output_format": Field("choice", "webp", choices=("webp", "jpg", "png")),
        **more,
    }


def _endpoint(usd: float, schema: Mapping[str, Field]) -> Endpoint:
    return Endpoint(schema, Price(usd, "images"), frame="aspect_ratio", area=AREA)


_SEVERAL = {"num_outputs": Field("whole", 1, low=1, high=4), "go_fast": Field("flag", True)}
MODELS: Mapping[str, Endpoint] = {
    "black-forest-labs/flux-schnell": _endpoint(
        0.003, _schema(num_inference_steps=Field("whole", 4, low=1, high=4), **_SEVERAL)
    ),
    "black-forest-labs/flux-dev": _endpoint(
        0.025,
        _schema(
            num_inference_steps=Field("whole", 28, low=1, high=50),
            guidance=Field("number", 3, low=0, high=10),
            **_SEVERAL,
        ),
    ),
    "black-forest-labs/flux-1.1-pro": _endpoint(
        0.04, _schema(*(ratio for ratio in RATIOS if "21" not in ratio), prompt_upsampling=Field("flag", False))
    ),
    "black-forest-labs/flux-1.1-pro-ultra": _endpoint(0.06, _schema(raw=Field("flag", False))),
}

_ROUTES: tuple[tuple[str, str, Stage], ...] = (
    ("POST", r"/v1/models/(?P<model>[^/]+/[^/]+)/predictions", "submit"),
    ("GET", r"/v1/predictions/(?P<id>[^/]+)", "status"),
    ("GET", r"/files/.*", "download"),
)


class ReplicateServer(FalServer):
    """Replicate on this machine.

    expired: ids of predictions whose data Replicate has deleted, as it does after an hour.
    """

    endpoints = MODELS

    def __init__(self) -> None:
        """Make a server; entering it as a context starts it."""
        super().__init__()
        self.valid_keys = {"r8_test-key"}
        self.has_credit = True
        self.expired: set[str] = set()

    def environment(self, key: str | None = "r8_test-key") -> dict[str, str]:
        """Return what turns the plugin to this server; `key` None: no credentials. There are none for fal."""
        return super().environment(key=None) | {
            "REPLICATE_API_TOKEN": key or "",
            "REPLICATE_API_BASE_URL": f"https://{self.host}",
        }

    def expire_all(self) -> None:
        """Delete the data of every prediction so far, and their files."""
        self.expired |= {job.request_id for job in self.submissions}
        self._files.clear()

    def arguments_in(self, recorded: Recorded) -> Any:
        """Return what is in ``input``."""
        return recorded.json.get("input", {})

    def _route(self, method: str, path: str, door: Door) -> tuple[Stage, str | None, str | None]:
        for verb, pattern, stage in _ROUTES:
            if (found := re.fullmatch(pattern, path)) and verb == method:
                named = found.groupdict()
                return stage, named.get("model"), named.get("id")
        return "unknown", None, None

    def _refusal(self, recorded: Recorded) -> Reply | None:
        scheme, _, token = (recorded.authorization or "").partition(" ")
        if scheme != "Bearer" or token not in self.valid_keys:
            text = "You did not pass a valid authentication token"
            return _problem(401, "Unauthenticated", text)
        return None

    def _submit(self, exchange: Exchange) -> Reply:
        recorded = exchange.recorded
        with self._lock:
            if refusal := self._refusal(recorded):
                return refusal
            if not self.has_credit:
                return _problem(402, "Insufficient credit", "You have insufficient credit to run this model.")
            if recorded.endpoint not in MODELS:
                return _problem(404, "Not found", "The requested resource could not be found.")
            assert "prefer" not in recorded.headers
            job = self._order(exchange, "submit")
            if job.invalid:
                error = job.outcome.body["detail"][0]  # type: ignore[index]
                field = ".".join(map(str, error["loc"][1:]))
                return _problem(422, "Input validation failed", f"- input.{field}: {error['msg']}\n")
            self._accept(exchange, job)
            return Reply.of(self._prediction(job, "starting"), 201)

    def _status(self, exchange: Exchange) -> Reply:
        if refusal := self._refusal(exchange.recorded):
            return refusal
        job = exchange.job
        if job is None or job.forgotten:
            return _problem(404, "Not found", "The requested resource could not be found.")
        with self._lock:
            state = self._runners.poll(job)
            if state == "COMPLETED":
                return Reply.of(self._prediction(job, job.outcome.error_type or "succeeded"))
            return Reply.of(self._prediction(job, "starting" if state == "IN_QUEUE" else "processing"))

    def _prediction(self, job: Submission, status: str) -> dict[str, Any]:
        is_gone = job.request_id in self.expired
        is_drawn = status == "succeeded" and not is_gone
        lines = [line["message"] for line in job.logs(job.accepted_at)]
        return {
            "id": job.request_id,
            "model": job.endpoint,
            "version": "hidden",
            "input": {} if is_gone else job.arguments,
            "logs": "" if is_gone else "\n".join(lines),
            "output": [f"https://{self.cdn_host}{path}" for path in job.pictures] if is_drawn else None,
            "data_removed": is_gone,
            "error": job.outcome.error if status == "failed" else None,
            "status": status,
            "created_at": datetime.now(UTC).isoformat(),
            "urls": {"get": f"https://{self.host}/v1/predictions/{job.request_id}"},
        }


def _problem(status: int, title: str, detail: str) -> Reply:
    return Reply.of({"title": title, "detail": detail, "status": status}, status)


def ends(status: str, error: str = "") -> Fault:
    """Have a prediction end with this status, such as ``failed``, and cost nothing."""

    def before(exchange: Exchange) -> None:
        exchange.outcome = Outcome(error=error, error_type=status, charged=False)

    return Fault(name=f"{status} {error}", before=before)


def throttled(seconds: int) -> Fault:
    """Answer 429 and say for how long, as Replicate does: in words."""

    def edit(_reply: Reply, _exchange: Exchange) -> Reply:
        return Reply.of({"detail": f"Request was throttled. Your rate limit resets in ~{seconds}s."}, 429)

    return Fault(name="throttled", works=False, edit=edit)
