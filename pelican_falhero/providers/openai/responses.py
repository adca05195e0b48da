"""Interpret the answers of a server that speaks OpenAI's ``POST /v1/images/generations``.

Source: https://platform.openai.com/docs/api-reference/images/create, and what LocalAI and stable-diffusion.cpp answer.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from ...debug import redacted
from ...errors import AccountError, BusyError, HeroError, JobError, RefusedError, UncertainError
from ..http.at_once import Answered
from ..http.once import AnswerError

_LONGEST_REASON = 300
"""Characters."""
_NO_MONEY = {"insufficient_quota", "billing_hard_limit_reached"}


def picture_in(response: httpx.Response) -> Answered | None:
    """Return the picture in an answer; None if there is none."""
    try:
        image = response.json()["data"][0]
        if encoded := image.get("b64_json"):
            return Answered(data=base64.b64decode(encoded.rpartition(",")[2], validate=True))
        url = image.get("url")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError, binascii.Error):
        return None
    return Answered(url=url) if isinstance(url, str) and url else None


@dataclass(frozen=True, kw_only=True)
class Server:
    """What messages need to know of the server."""

    name: str
    """Its host, as ``the server at localhost:8080``."""
    is_own: bool
    """Whether it is the author's own, on which a picture costs nothing."""
    how_to_set_key: str
    key: str = field(repr=False)

    def submit_error(self, error: AnswerError) -> HeroError:
        """Convert an HTTP error in answer to a request for a picture."""
        reason = self._reason(error)
        if error.status in (401, 402, 403) or _code(error) in _NO_MONEY:
            return AccountError(f"{self.name} refuses the key ({error.status}): {reason}; {self.how_to_set_key}")
        if error.status in (404, 405):
            advice = "check FALHERO_BASE_URL, which mostly ends with /v1, and FALHERO_MODEL"
            return AccountError(f"{self.name} draws nothing there ({error.status}): {reason}; {advice}")
        if error.status == 429 or (error.status == 503 and self.is_own):
            # One's own server answers 503 while it loads a model.
            return BusyError(reason, retry_after=_seconds(error.headers.get("retry-after", "")))
        if error.status in (400, 413, 415, 422):
            return RefusedError(reason, charged=False)
        if error.status >= 500 and self.is_own:
            return JobError(f"{self.name} failed ({error.status}): {reason}", retryable=False)
        return UncertainError(f"{self.name} answered {error.status} ({reason}), so it may have charged for it")

    def _reason(self, error: AnswerError) -> str:
        """The server's own message in one line of at most ``_LONGEST_REASON`` characters, without the key."""
        found = _error_of(error)
        text = found.get("message") if isinstance(found, Mapping) else found
        if not isinstance(text, str) or not text.strip():
            return f"HTTP {error.status}"
        line = redacted(" ".join(text.split()))
        return (line.replace(self.key, "***") if self.key else line)[:_LONGEST_REASON]


def _error_of(error: AnswerError) -> Any:
    body = error.body if isinstance(error.body, Mapping) else {}
    return body.get("error", body.get("detail", body.get("message")))


def _code(error: AnswerError) -> object:
    found = _error_of(error)
    return found.get("code") if isinstance(found, Mapping) else None


def _seconds(text: str) -> float:
    """Return the seconds of a Retry-After header; 0 if it names none."""
    return float(text) if text.isdecimal() else 0.0
