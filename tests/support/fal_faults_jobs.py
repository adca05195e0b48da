"""Faults of jobs: how the work itself ends. For "submit" and "run", or later for "status" and "result"."""

from __future__ import annotations

from dataclasses import replace

from fal_answers import spoken
from fal_exchange import Exchange, Fault
from fal_jobs import Outcome

RETRYABLE = {"x-fal-retryable": "true"}
FINAL = {"x-fal-retryable": "false"}
POLICY = "The content could not be processed because it contained material flagged by a content checker."


def ends(name: str, outcome: Outcome) -> Fault:
    """Let the job end like this."""

    def before(exchange: Exchange) -> None:
        exchange.outcome = outcome
        if exchange.job is not None:
            exchange.job.outcome = outcome

    return Fault(name=name, before=before)


def internal_error() -> Fault:
    """Let the model fail: COMPLETED with an error, 500 as the result, worth retrying, not charged."""
    message = "The model failed unexpectedly."
    return ends("internal_error", _failed(500, "internal_server_error", message, RETRYABLE))


def downstream_unavailable() -> Fault:
    """Let the service behind the model be away: 500, not charged."""
    message = "The downstream service is unavailable."
    return ends("downstream_unavailable", _failed(500, "downstream_service_unavailable", message, RETRYABLE))


def generation_timeout() -> Fault:
    """Let the model take too long: 504, not charged."""
    return ends("generation_timeout", _failed(504, "generation_timeout", "Generation timed out.", RETRYABLE))


def no_media() -> Fault:
    """Let the model draw nothing: 422, never to be retried."""
    return ends("no_media", _failed(422, "no_media_generated", "No media was generated.", FINAL))


def content_policy(*, charged: bool = False, in_status: bool = True) -> Fault:
    """Let the prompt be refused: 422 as the result; the status says so only when `in_status`."""
    outcome = _failed(422, "content_policy_violation", POLICY, FINAL, at=("body", "prompt"))
    if not in_status:
        outcome = replace(outcome, error=None, error_type=None)
    return ends("content_policy", replace(outcome, charged=charged))


def nsfw() -> Fault:
    """Let the safety checker black the picture out: 200, flagged, the same size, and charged."""
    return ends("nsfw", Outcome(black=True))


def language_model_error(message: str = "Provider returned error", *, usd: float = 0.0) -> Fault:
    """Let a language model fail as fal's router tells it: 200, with the error in the answer."""
    return ends("language_model_error", Outcome(body=spoken("", usd, message), charged=usd > 0))


def never_completes() -> Fault:
    """Let the job start and never end, if it has not ended yet; it counts as charged: fal still works on it."""
    return ends("never_completes", Outcome(ends=False))


def _failed(code: int, kind: str, message: str, headers: dict[str, str], at: tuple[str, ...] = ("body",)) -> Outcome:
    detail = {"loc": list(at), "msg": message, "type": kind, "url": f"https://docs.fal.ai/errors/#{kind}", "input": {}}
    return Outcome(code, {"detail": [detail]}, headers, error=message, error_type=kind, charged=False)
