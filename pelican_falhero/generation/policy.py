"""Decides whether a run may spend money: one rule for build, command, hook and Python API."""

from __future__ import annotations

from enum import StrEnum

from ..engines import ENGINES
from ..providers.opening import has_credentials
from ..settings import Settings
from .run_context import RunContext


class NoSpending(StrEnum):
    """Why a run may not spend."""

    SETTINGS = "a setting is invalid"
    DRY_RUN = "this is a dry run"
    WRITING = "a rebuild while posts are being written spends nothing"
    PROVIDER = "the provider draws nothing that costs money"
    NO_CREDENTIALS = "there are no credentials"
    CI = (
        "a build with CI set spends nothing: build on your own machine and commit the pictures, "
        "or set FALHERO_SPEND_IN_CI = True"
    )


def no_credentials(engine: str) -> str:
    """What is told when there are no credentials for an engine."""
    return f"there are no credentials for {ENGINES[engine].title}: {ENGINES[engine].how_to_set_key}"


def refusal_text(refusal: NoSpending, engine: str) -> str:
    """What is told when a run may not spend at an engine."""
    return no_credentials(engine) if refusal is NoSpending.NO_CREDENTIALS else refusal.value


def why_not_spend(settings: Settings, context: RunContext, *, engine: str = "") -> NoSpending | None:
    """The first reason why this run may not spend; None when it may.

    ``engine`` is the one that is asked; by default the one that draws.
    """
    if context.has_invalid_settings:
        return NoSpending.SETTINGS
    if context.is_dry_run or context.is_writing:
        return NoSpending.DRY_RUN if context.is_dry_run else NoSpending.WRITING
    if settings.provider in ("card", "none"):
        return NoSpending.PROVIDER
    is_ready = has_credentials(engine or settings.engine, settings, context.environ)
    if settings.provider == "auto" and not is_ready:
        return NoSpending.NO_CREDENTIALS
    # A build server often has no credentials on purpose, so CI is the more helpful reason.
    if context.is_ci and not settings.spend_in_ci:
        return NoSpending.CI
    return None if is_ready else NoSpending.NO_CREDENTIALS
