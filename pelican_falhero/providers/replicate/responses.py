"""Interpret Replicate's answers: predictions, and errors of the account, a request or a job.

Source: https://replicate.com/docs/reference/http, https://replicate.com/docs/topics/predictions/lifecycle and the pages
beside it on rate limits and on how long data is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from ...debug import redacted
from ...engines import ENGINES
from ...errors import AccountError, BusyError, HeroError, JobError, OutOfReachError, RefusedError, UncertainError
from ...planning.request import HeroRequest
from ..base import RemotePicture, Status
from ..http.once import AnswerError
from ..http.troubles import Reading

_ID = re.compile(r"[\w-]{1,100}", re.ASCII)
_LONGEST_REASON = 300
"""Characters."""
_STEP = re.compile(r"(\d+)/(\d+)")
_FLAGGED = re.compile(r"\bnsfw\b|flagged|sensitive|\(E005\)", re.IGNORECASE)
"""In the error of a prediction that a safety check has ended."""
_RESET = re.compile(r"resets in ~(\d+)s")


def prediction_id_of(response: httpx.Response) -> str:
    """Return the id in the answer to a submit if it is valid (it becomes part of addresses); empty if not."""
    found = _object_in(response).get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def picture_of(response: httpx.Response) -> RemotePicture | Status:
    """Return the picture of a prediction that has succeeded, or the progress of one that is not finished.

    Raises:
        RefusedError: a safety check has ended it.
        JobError: it has failed, or was stopped.
        OutOfReachError: it has succeeded, and Replicate has no picture of it, or no longer (then ``lost`` is true).
    """
    found = _object_in(response)
    status = found.get("status")
    if status == "succeeded":
        sent = found.get("input")
        seed = sent.get("seed") if isinstance(sent, Mapping) else None
        return RemotePicture(_output_of(found), seed=seed if isinstance(seed, int) else None)
    if status == "failed":
        raise _failure(found)
    if status in ("canceled", "aborted"):
        # One that has run may be charged for its time.
        raise JobError(
            f"Replicate has stopped the prediction ({status})", retryable=False, charged=status == "canceled"
        )
    return _progress(found)


def _output_of(found: Mapping[str, Any]) -> str:
    output = found.get("output")
    url = output[0] if isinstance(output, list) and output else output
    if isinstance(url, str) and url:
        return url
    if found.get("data_removed") is True:
        raise OutOfReachError("Replicate has deleted it, as it does an hour after it was drawn", lost=True)
    raise OutOfReachError("Replicate's answer contains no picture")


def _failure(found: Mapping[str, Any]) -> HeroError:
    """The error of a prediction that has failed. Official models are charged by the picture, so it costs nothing."""
    reason = _one_line(found.get("error")) or "it does not say why"
    if _FLAGGED.search(reason):
        return RefusedError(f"{reason}; write another prompt (Hero_Prompt)", charged=False)
    return JobError(f"Replicate failed: {reason}", retryable=True)


def _progress(found: Mapping[str, Any]) -> Status:
    """The step in the last line of the logs, which is a progress bar."""
    logs = found.get("logs")
    steps = _STEP.findall(logs) if isinstance(logs, str) else []
    return Status(step=int(steps[-1][0]), steps=int(steps[-1][1])) if steps else Status()


def submit_error(error: AnswerError, request: HeroRequest) -> HeroError:
    """Convert an HTTP error in answer to a submit."""
    match error.status:
        case 401 | 402 | 403:
            return account_error(error)
        case 404:
            return JobError(f"Replicate does not know the model {request.endpoint}", retryable=False)
        case 422:
            return RefusedError(reason_of(error), charged=False)
        case 429:
            return BusyError(reason_of(error), retry_after=_retry_after(error))
        case 400:
            return JobError(f"Replicate answered 400: {reason_of(error)}", retryable=False)
    return UncertainError(f"Replicate answered {error.status}, which does not say whether it accepted the request")


def account_error(error: AnswerError) -> AccountError:
    """Convert a 401, 402 or 403: nothing more can be bought."""
    reason = reason_of(error).rstrip(".")
    remedy = ENGINES["replicate"].how_to_set_key
    if error.status == 402:
        remedy = "see https://replicate.com/account/billing"
    return AccountError(f"Replicate refuses the account ({error.status}): {reason}; {remedy}")


def is_unknown(error: AnswerError) -> bool:
    """Whether Replicate itself answers that it does not know a prediction; a proxy's 404 does not count."""
    return error.status == 404 and isinstance(error.body, Mapping) and bool(error.body.get("detail"))


READING = Reading(
    service="Replicate",
    is_unknown=is_unknown,
    account_error=account_error,
    account_statuses=frozenset({401, 403}),
)


def reason_of(error: AnswerError) -> str:
    """Return Replicate's own message for an error, in one line of at most ``_LONGEST_REASON`` characters."""
    detail = error.body.get("detail") if isinstance(error.body, Mapping) else None
    return _one_line(detail) or f"HTTP {error.status}"


def _retry_after(error: AnswerError) -> float:
    """Return the seconds after which Replicate takes requests again; 0 if it does not say."""
    header = error.headers.get("retry-after", "")
    if header.isdecimal():
        return float(header)
    found = _RESET.search(reason_of(error))
    return float(found[1]) if found else 0.0


def _one_line(text: object) -> str:
    return redacted(" ".join(text.split()))[:_LONGEST_REASON] if isinstance(text, str) else ""


def _object_in(response: httpx.Response) -> Mapping[str, Any]:
    """Return the JSON object in an answer; an empty one if there is none."""
    try:
        result = response.json()
    except (ValueError, RecursionError):
        return {}
    return result if isinstance(result, Mapping) else {}
