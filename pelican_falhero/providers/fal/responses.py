"""What fal's answers mean: pictures, and errors of the account, of a request, of a job."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import fal_client
import httpx

from ...errors import (
    AccountError,
    BusyError,
    HeroError,
    JobError,
    OutOfReachError,
    RefusedError,
    UncertainError,
)
from ...planning.request import HeroRequest
from ..base import RemotePicture, Status
from .credentials import HOW_TO_SET_KEY, redacted
from .transport import AnswerError

_REQUEST_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_STEP = re.compile(r"(\d+)/(\d+)")


def request_id_of(value: object) -> str:
    """A request's id as fal gives it, which becomes part of addresses; empty where it is none."""
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else ""


def status_of(status: Any) -> Status:
    """How far a request has come, from what fal_client read; nothing in it is sure to be there."""
    if isinstance(status, fal_client.Queued):
        position: object = status.position
        return Status(queue_position=position if isinstance(position, int) else None)
    lines = status.logs if isinstance(status.logs, list) else []
    for line in reversed(lines):
        if isinstance(line, Mapping) and (match := _STEP.search(str(line.get("message", "")))):
            return Status(step=int(match[1]), steps=int(match[2]))
    return Status()


def picture_of(response: httpx.Response) -> RemotePicture:
    """The picture that a result names; of all its fields only the address is needed.

    Raises:
        RefusedError: fal's safety check replaced it.
        OutOfReachError: it names none.
    """
    try:
        result = response.json()
    except ValueError:
        result = None
    result = result if isinstance(result, Mapping) else {}
    flagged = result.get("has_nsfw_concepts")
    if isinstance(flagged, list) and flagged and flagged[0] is True:
        raise RefusedError("fal's safety check blacked the picture out; say it differently with Hero_Prompt")
    # What makes a control map answers with one image.
    images = result.get("images") or [result.get("image")]
    image = images[0] if isinstance(images, list) and images else None
    url = image.get("url") if isinstance(image, Mapping) else None
    if not isinstance(url, str) or not url:
        raise OutOfReachError("fal's answer names no picture")
    seed = result.get("seed")
    return RemotePicture(
        url, seed if isinstance(seed, int) else None, _units(response.headers.get("x-fal-billable-units"))
    )


def _units(text: str | None) -> float | None:
    """What fal bills for a result, in the unit of the endpoint's price."""
    try:
        units = float(text or "")
    except ValueError:
        return None
    return units if math.isfinite(units) and units >= 0 else None


def submit_error(error: AnswerError, request: HeroRequest) -> HeroError:
    """What an HTTP error in answer to a submit means."""
    status = error.status
    if status in (401, 403):
        return account_error(error)
    if status == 404:
        return JobError(f"fal does not know the endpoint {request.endpoint}", retryable=False)
    if status == 422:
        return RefusedError(reason_of(error), charged=False)
    if status == 429:
        return BusyError("fal has too many requests at the moment")
    if status < 400 or status >= 500 or status in (408, 409, 499):
        return UncertainError(f"fal answered {status}, and does not say whether it took the request")
    return JobError(f"fal answered {status}: {reason_of(error)}", retryable=False)


def is_unknown(error: AnswerError) -> bool:
    """Whether fal itself says that it does not know a request; a 404 of a proxy's, or of nginx, is not fal's word."""
    body = error.body if isinstance(error.body, Mapping) else {}
    return error.status == 404 and (body.get("status") == "NOT_FOUND" or bool(body.get("detail")))


def account_error(error: AnswerError) -> AccountError:
    """What a 401 or 403 means: nothing more can be bought."""
    reason = reason_of(error).rstrip(".")
    if error.status == 401:
        remedy = f"; {HOW_TO_SET_KEY}"
    else:
        remedy = "" if "fal.ai" in reason else "; see https://fal.ai/dashboard/billing"
    return AccountError(f"fal refuses the account ({error.status}): {reason}{remedy}")


def job_error(error: AnswerError, *, has_failed: bool) -> HeroError | None:
    """What an HTTP error in place of a result says of the job; None where it may speak of this one answer only.

    The model's own errors carry x-fal-retryable or a list of details; any other error is only believed where the
    job's status says that it has failed, for a job that is given up is paid for again.
    """
    body = error.body if isinstance(error.body, Mapping) else {}
    if error.status == 422 and body.get("detail"):
        # A request that fal's checks turn away costs nothing; one that was drawn first may.
        return RefusedError(reason_of(error), charged=error.headers.get("x-fal-billable-units") != "0")
    of_the_model = "x-fal-retryable" in error.headers or isinstance(body.get("detail"), list)
    if error.status in (401, 403, 404, 429) or not (has_failed or of_the_model):
        return None
    retryable = error.headers.get("x-fal-retryable", str(error.status >= 500)).lower() == "true"
    return JobError(f"fal could not draw it ({error.status}): {reason_of(error)}", retryable=retryable)


def reason_of(error: AnswerError) -> str:
    """fal's own words for an error, in one line."""
    detail = error.body.get("detail") if isinstance(error.body, Mapping) else None
    if isinstance(detail, list):
        detail = "; ".join(_item(item) for item in detail if isinstance(item, Mapping))
    text = detail if isinstance(detail, str) and detail else f"HTTP {error.status}"
    return redacted(" ".join(text.split()))[:300]


def _item(item: Mapping[str, Any]) -> str:
    loc = item.get("loc")
    where = ".".join(str(part) for part in loc if part != "body") if isinstance(loc, list) else ""
    return f"{where}: {item.get('msg', '')}" if where else str(item.get("msg", ""))
