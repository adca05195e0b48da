"""Whether a run may spend, and the first reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pelican_falhero.generation.policy import NoSpending, why_not_spend
from pelican_falhero.generation.run_context import RunContext
from pelican_falhero.settings_reading import read_settings

KEY = {"FAL_KEY": "id:secret"}
CI = {"CI": "true"}
SERVER = {"provider": "openai", "base_url": "https://gpu.example/v1", "model": "flux"}


@pytest.mark.parametrize(
    ("settings", "environ", "context", "reason"),
    [
        ({}, KEY, {}, None),
        ({"provider": "fal"}, KEY, {}, None),
        ({}, KEY, {"is_dry_run": True}, NoSpending.DRY_RUN),
        ({}, KEY, {"has_invalid_settings": True}, NoSpending.SETTINGS),
        ({}, KEY, {"is_first": False}, NoSpending.WRITING),
        ({}, KEY, {"is_autoreload": True}, NoSpending.WRITING),
        ({"provider": "card"}, KEY, {}, NoSpending.PROVIDER),
        ({"provider": "none"}, KEY, {}, NoSpending.PROVIDER),
        ({}, {}, {}, NoSpending.NO_CREDENTIALS),
        ({}, CI, {}, NoSpending.NO_CREDENTIALS),
        ({"provider": "fal"}, {}, {}, NoSpending.NO_CREDENTIALS),
        ({"provider": "fal"}, CI, {}, NoSpending.CI),
        ({"provider": "replicate"}, KEY, {}, NoSpending.NO_CREDENTIALS),
        ({"provider": "replicate"}, {"REPLICATE_API_TOKEN": "r8_a"}, {}, None),
        ({"provider": "huggingface"}, KEY, {}, NoSpending.NO_CREDENTIALS),
        ({"provider": "huggingface"}, {"HF_TOKEN": "hf_a"}, {}, None),
        (SERVER, {}, {}, None),
        (SERVER | {"api_key_name": "GPU_KEY"}, KEY, {}, NoSpending.NO_CREDENTIALS),
        (SERVER | {"api_key_name": "GPU_KEY"}, {"GPU_KEY": "a"}, {}, None),
        ({}, KEY | CI, {}, NoSpending.CI),
        ({"spend_in_ci": True}, KEY | CI, {}, None),
        ({}, KEY | {"CI": "false"}, {}, None),
    ],
)
def test_the_first_reason_counts(
    settings: dict[str, Any],
    environ: Mapping[str, str],
    context: dict[str, bool],
    reason: NoSpending | None,
    tmp_path: Path,
) -> None:
    """A run may spend with credentials, outside of CI, and when nobody is writing; else the first reason is given."""
    read = read_settings(settings, root=tmp_path, prefix="")
    environ = {"HOME": str(tmp_path), **environ}
    assert why_not_spend(read, RunContext(environ=environ, **context)) is reason
