"""Interpret fal's answers: progress, pictures, and errors of the account, a request or a job."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import fal_client
import httpx

from ...debug import redacted
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
from ..base import RemotePicture, RemoteText, Status
from ..http.once import AnswerError
from ..http.troubles import Reading
from .credentials import HOW_TO_SET_KEY

_REQUEST_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_LONGEST_REASON = 300
"""Characters."""
_STEP = re.compile(r"(\d+)/(\d+)")


def request_id_of(value: object) -> str:
    """Return a request id from fal if it is valid (it becomes part of addresses); empty if not."""
    return value if isinstance(value, str) and _REQUEST_ID.fullmatch(value) else ""


def status_of(status: Any) -> Status:
    """Return the progress from a status of fal_client; any part of it may be missing."""
    if isinstance(status, fal_client.Queued):
        position: object = status.position
        return Status(queue_position=position if isinstance(position, int) else None)
    lines = status.logs if isinstance(status.logs, list) else []
    for line in reversed(lines):
        if isinstance(line, Mapping) and (match := _STEP.search(str(line.get("message", "")))):
            return Status(step=int(match[1]), steps=int(match[2]))
    return Status()


def picture_of(response: httpx.Response) -> RemotePicture:
    """Return the picture of a result; only its address is required, all other fields may be missing.

    Raises:
        RefusedError: fal's safety check has replaced the picture.
        OutOfReachError: the result contains no picture.
    """
    result = _object_in(response)
    flagged = result.get("has_nsfw_concepts")
    if isinstance(flagged, list) and flagged and flagged[0] is True:
        raise RefusedError(
            "fal's safety check replaced the picture with a black one; "
            "write another prompt (Hero_Prompt, or what refine was given)"
        )
    # The result of an endpoint for control maps has one ``image``, not a list.
    images = result.get("images") or [result.get("image")]
    image = images[0] if isinstance(images, list) and images else None
    url = image.get("url") if isinstance(image, Mapping) else None
    if not isinstance(url, str) or not url:
        raise OutOfReachError("fal's answer contains no picture")
    seed = result.get("seed")
    return RemotePicture(
        url, seed if isinstance(seed, int) else None, _units(response.headers.get("x-fal-billable-units"))
    )


def text_of(response: httpx.Response) -> RemoteText:
    """Return the text of a language model's result. A result with the status 200 can still say that it has failed.

    Raises:
        JobError: the model has failed, or has written nothing.
        OutOfReachError: the result is none of a language model.
    """
    result = _object_in(response)
    usage = result.get("usage")
    cost: object = usage.get("cost") if isinstance(usage, Mapping) else None
    usd = _amount(cost)
    if error := result.get("error"):
        text = error.get("message") if isinstance(error, Mapping) else error
        said = text if isinstance(text, str) else "it does not say why"
        reason = redacted(" ".join(said.split()))[:_LONGEST_REASON]
        raise JobError(f"the language model failed: {reason}", retryable=False, charged=usd != 0, usd=usd)
    output = result.get("output")
    if not isinstance(output, str):
        raise OutOfReachError("fal's answer contains no text")
    if not output.strip():
        raise JobError("the language model has written nothing", retryable=False, charged=usd != 0, usd=usd)
    return RemoteText(output, usd)


def _amount(value: object) -> float | None:
    """Return an amount of money; None if it is none."""
    if not isinstance(value, int | float):
        return None
    try:
        usd = float(value)
    except OverflowError:
        return None
    return usd if math.isfinite(usd) and usd >= 0 else None


def _object_in(response: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object in an answer; an empty one if there is none."""
    try:
        result = response.json()
    except (ValueError, RecursionError):
        return {}
    return result if isinstance(result, Mapping) else {}


def _units(text: str | None) -> float | None:
    """Return the units that fal bills for a result; None if the header is missing or invalid."""
    try:
        units = float(text or "")
    except ValueError:
        return None
    return units if math.isfinite(units) and units >= 0 else None


def submit_error(error: AnswerError, request: HeroRequest) -> HeroError:
    """Convert an HTTP error in answer to a submit."""
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
        return UncertainError(f"fal answered {status}, which does not say whether it accepted the request")
    return JobError(f"fal answered {status}: {reason_of(error)}", retryable=False)


def is_unknown(error: AnswerError) -> bool:
    """Whether fal itself answers that it does not know a request; a 404 from a proxy or nginx does not count."""
    body = error.body if isinstance(error.body, Mapping) else {}
    return error.status == 404 and (body.get("status") == "NOT_FOUND" or bool(body.get("detail")))


def account_error(error: AnswerError) -> AccountError:
    """Convert a 401 or 403: nothing more can be bought."""
    reason = reason_of(error).rstrip(".")
    if error.status == 401:
        remedy = f"; {HOW_TO_SET_KEY}"
    else:
        remedy = "" if "fal.ai" in reason else "; see https://fal.ai/dashboard/billing"
    return AccountError(f"fal refuses the account ({error.status}): {reason}{remedy}")


READING = Reading(service="fal", is_unknown=is_unknown, account_error=account_error)


def job_error(error: AnswerError, *, has_failed: bool) -> HeroError | None:
    """Convert an HTTP error in answer to a request for a result; None if it does not prove that the job has failed.

    Errors of the model have the header ``x-fal-retryable`` or a list of details. Any other error only counts if the
    job's status is failed too (``has_failed``): a job that is wrongly given up would be paid for again.
    """
    body = error.body if isinstance(error.body, Mapping) else {}
    if error.status == 422 and body.get("detail"):
        # A request that fal's checks reject is free, unless it was drawn first.
        return RefusedError(reason_of(error), charged=error.headers.get("x-fal-billable-units") != "0")
    is_model_error = "x-fal-retryable" in error.headers or isinstance(body.get("detail"), list)
    if error.status in (401, 403, 404, 429) or not (has_failed or is_model_error):
        return None
    retryable = error.headers.get("x-fal-retryable", str(error.status >= 500)).lower() == "true"
    return JobError(f"fal failed ({error.status}): {reason_of(error)}", retryable=retryable)


def reason_of(error: AnswerError) -> str:
    """Return fal's own message for an error, in one line of at most ``_LONGEST_REASON`` characters."""
    detail = error.body.get("detail") if isinstance(error.body, Mapping) else None
    if isinstance(detail, list):
        detail = "; ".join(_detail_text(item) for item in detail if isinstance(item, Mapping))
    text = detail if isinstance(detail, str) and detail else f"HTTP {error.status}"
    return redacted(" ".join(text.split()))[:_LONGEST_REASON]


def _detail_text(item: Mapping[str, Any]) -> str:
    loc = item.get("loc")
    where = ".".join(str(part) for part in loc if part != "body") if isinstance(loc, list) else ""
    return f"{where}: {item.get('msg', '')}" if where else str(item.get("msg", ""))
