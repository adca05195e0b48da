"""fal's answers in words and JSON: refusals, the queue's objects, every model's result, and files."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from fal_exchange import Hosts, Recorded
from fal_jobs import Submission
from fal_pictures import Picture, render
from fal_wire import Reply

EXHAUSTED_BALANCE = "Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
ADMIN_LOCK = "Admin lock. Please contact support@fal.ai"
TOP_UP = "TOP_UP."

NOT_FOUND = Reply.of({"status": "NOT_FOUND"}, 404)


def unauthorized(recorded: Recorded, valid_keys: Collection[str]) -> Reply | None:
    """Return the 401 for a missing, malformed or wrong key, or None for a good one."""
    scheme, _, key = (recorded.authorization or "").partition(" ")
    if scheme != "Key" or not key:
        text = f'Cannot access application "{recorded.endpoint}". '
        return Reply.of({"detail": text + "Authentication is required to access this application."}, 401)
    if not all(key.partition(":")):
        text = "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."
        return Reply.of({"detail": text}, 401)
    if key not in valid_keys:
        return Reply.of({"detail": "No user found for Key ID and Secret"}, 401)
    return None


def locked(reason: str) -> Reply:
    """Return the 403 of an account that is locked for this reason."""
    return Reply.of({"detail": f"User is locked. Reason: {reason}"}, 403)


def too_many() -> Reply:
    """Return the 429 of a direct run over the limit."""
    body = {"detail": "Too many concurrent requests", "error_type": "concurrent_requests_limit"}
    return Reply.of(body, 429, {"x-fal-error-type": "concurrent_requests_limit"})


def platform_error(code: int, kind: str, message: str) -> Reply:
    """Return an error as the platform API words it."""
    return Reply.of({"error": {"type": kind, "message": message}}, code)


def queued(job: Submission, hosts: Hosts, code: int, **values: object) -> Reply:
    """Return the object that the queue tells of a job, with the addresses of its request."""
    base = f"https://{hosts.queue}/{job.app}/requests/{job.request_id}"
    body: dict[str, object] = {
        "request_id": job.request_id,
        "response_url": base,
        "status_url": f"{base}/status",
        "cancel_url": f"{base}/cancel",
        "logs": None,
        "metrics": {},
    }
    return Reply.of({**body, **values}, code, {"x-fal-request-id": job.request_id})


def completed(job: Submission, hosts: Hosts, logs: list[dict[str, str]] | None) -> Reply:
    """Return the status of a job that is over, whether well or not."""
    failure = {}
    if job.outcome.error is not None:
        failure = {"error": job.outcome.error, "error_type": job.outcome.error_type}
    metrics = {"inference_time": job.inference_seconds}
    return queued(job, hosts, 200, status="COMPLETED", logs=logs, metrics=metrics, **failure)


def ended(job: Submission, hosts: Hosts) -> Reply:
    """Return the result of a job: the model's own answer, or the error that it ended with."""
    headers = {
        "x-fal-request-id": job.request_id,
        "x-fal-billable-units": str(job.billable_units),
        "x-fal-served-from": "00000000-0000-0000-0000-000000000001",
    }
    outcome = job.outcome
    body = _result(job, hosts) if outcome.body is None else outcome.body
    return Reply.of(body, outcome.status, {**headers, **outcome.headers})


def _result(job: Submission, hosts: Hosts) -> dict[str, Any]:
    if job.model.envelope == "text":
        return spoken(job.text, job.cost_usd)
    images = [_image(job, hosts, path, picture) for path, picture in job.pictures.items()]
    if job.model.envelope == "image":
        return {"image": images[0]}
    if job.model.envelope == "flux-2-pro":
        return {"images": images, "seed": job.seed}
    return {
        "images": images,
        "timings": {"inference": job.inference_seconds},
        "seed": job.seed,
        "has_nsfw_concepts": [job.outcome.black] * len(images),
        "prompt": job.values["prompt"],
    }


def spoken(text: str, usd: float, error: object = None) -> dict[str, Any]:
    """Return the result of a language model; a failure, too, comes with the status 200."""
    usage = {"prompt_tokens": 400, "completion_tokens": 80, "total_tokens": 480, "cost": usd}
    return {"output": text, "reasoning": None, "partial": False, "error": error, "usage": usage}


def _image(job: Submission, hosts: Hosts, path: str, picture: Picture) -> dict[str, Any]:
    url = f"https://{hosts.cdn}{path}"
    if job.values.get("sync_mode"):
        data = render(replace(picture, black=job.outcome.black))
        url = f"data:{picture.content_type};base64,{base64.b64encode(data).decode()}"
    image = {"url": url, "width": picture.width, "height": picture.height, "content_type": picture.content_type}
    if job.model.envelope != "flux-1":
        image |= {"file_name": path.rpartition("/")[2], "file_size": None}
    return image


def served(picture: Picture, asked: Mapping[str, str]) -> Reply:
    """Return a file as the CDN does, or the part of it that the request headers ask for."""
    data = render(picture)
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {"content-type": picture.content_type, "etag": etag, "accept-ranges": "bytes"}
    span = re.fullmatch(r"bytes=(\d*)-(\d*)", asked.get("range", ""))
    if span is None or span[0] == "bytes=-" or asked.get("if-range", etag) != etag:
        return Reply(200, headers, data)
    first, last = span[1], span[2]
    start = int(first) if first else max(0, len(data) - int(last))
    stop = min(len(data), int(last) + 1) if first and last else len(data)
    if start >= stop:
        return Reply(416, {**headers, "content-range": f"bytes */{len(data)}"})
    return Reply(206, {**headers, "content-range": f"bytes {start}-{stop - 1}/{len(data)}"}, data[start:stop])
