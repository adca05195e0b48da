"""What falhero doctor says of key, network, prices and budgets: without asking anybody, and never the key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from builders import attempt_events, make_post

from pelican_falhero.doctor.findings import Finding, Mark
from pelican_falhero.doctor.money import money_findings
from pelican_falhero.doctor.subject import Subject
from pelican_falhero.prepublish.remedies import Shell
from pelican_falhero.settings import Settings
from pelican_falhero.storage.events import SAVED
from pelican_falhero.storage.ledger import utc_now

KEY = "key-id:key-secret"


def told(root: Path, *, values: Mapping[str, Any] | None = None, **settings: Any) -> list[Finding]:
    """What is told of a Pelican site with these settings."""
    subject = Subject(
        shell=Shell(folder=root),
        file=root / "pelicanconf.py",
        values={"PATH": "content"} if values is None else values,
        root=root,
        settings=Settings(**settings),
    )
    return list(money_findings(subject))


def lines(found: list[Finding]) -> list[str]:
    """Marks and texts."""
    return [f"{finding.mark} {finding.text}" for finding in found]


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({}, "note key: none, so title cards are drawn"),
        ({"FAL_KEY": KEY}, "ok key: from FAL_KEY; whether fal takes it is not asked"),
        ({"FAL_KEY_ID": "key-id", "FAL_KEY_SECRET": "key-secret"}, "ok key: from FAL_KEY_ID and FAL_KEY_SECRET;"),
        ({"FAL_KEY": f"{KEY} …"}, "wrong key: FAL_KEY contains characters that are not allowed in a key"),
        ({"FAL_KEY": KEY, "FAL_FORCE_AUTH_BY_USER": "1"}, "note key: none, so title cards are drawn"),
    ],
)
def test_the_key_is_told_by_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], line: str
) -> None:
    """Whether there is a key, and from where; no line ever has a part of it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = told(tmp_path)
    assert lines(found)[0].startswith(line)
    assert "key-secret" not in str(found)


def test_a_login_is_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `fal auth login` has left is told as that."""
    monkeypatch.setenv("FAL_HOME_DIR", str(tmp_path))
    (tmp_path / "auth0_token").write_text("token")
    assert lines(told(tmp_path))[0].startswith("ok key: from `fal auth login`")


def test_no_key_is_wrong_where_fal_is_asked_for_by_name(tmp_path: Path) -> None:
    """With FALHERO_PROVIDER = "fal" nothing stands in for a key."""
    found = told(tmp_path, provider="fal")[0]
    assert (found.mark, found.text) == (Mark.WRONG, "key: none, so nothing can be bought")
    assert found.remedy[0].startswith("export FAL_KEY=")


def test_a_key_in_the_settings_file_is_wrong(tmp_path: Path) -> None:
    """It is not used there, and is published with the file; its value is not told."""
    found = told(tmp_path, values={"FAL_KEY": KEY})[0]
    assert found.text == "key: FAL_KEY in pelicanconf.py is not used, and may be published with it"
    assert KEY not in str(found)


def test_a_settings_file_may_read_the_key_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it holds none of its own."""
    monkeypatch.setenv("FAL_KEY", KEY)
    assert lines(told(tmp_path, values={"FAL_KEY": KEY}))[0].startswith("ok key: from FAL_KEY")


def test_what_keeps_from_buying_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build server, a dry run and another provider are told; they may be intended."""
    monkeypatch.setenv("CI", "true")
    found = told(tmp_path, provider="card", dry_run=True)
    assert lines(found)[0] == 'note FALHERO_PROVIDER = "card": title cards are drawn, and nothing is bought'
    assert not [line for line in lines(found) if "key" in line]
    assert "note FALHERO_DRY_RUN: builds print the plan, and make nothing" in lines(found)
    (ci,) = (finding for finding in found if finding.text.startswith("CI is set"))
    assert ci.remedy == ("FALHERO_SPEND_IN_CI = True",)
    assert not [line for line in lines(told(tmp_path, spend_in_ci=True)) if "CI" in line]


def test_an_environment_that_no_connection_can_be_made_with_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that is none is told before anything is bought."""
    monkeypatch.setenv("HTTPS_PROXY", "foo://proxy")
    assert any(
        line.startswith("wrong network: HTTPS_PROXY names a proxy of an unknown type") for line in lines(told(tmp_path))
    )


def test_model_and_price_are_told(tmp_path: Path) -> None:
    """What a hero costs; a model without a price is wrong, and the line to paste gives it one."""
    assert "ok model: fal-ai/flux/dev, $0.025 a hero" in lines(told(tmp_path))
    (wrong,) = (finding for finding in told(tmp_path, model="fal-ai/other") if finding.mark is Mark.WRONG)
    assert wrong.text == "model: fal-ai/other, whose price is not known, so nothing is bought"
    values: dict[str, Any] = {}
    exec(wrong.remedy[0], values)
    assert "ok model: fal-ai/other, $0.05 a hero" in lines(
        told(tmp_path, model="fal-ai/other", prices=values["FALHERO_PRICES"])
    )
    (wrong,) = (finding for finding in told(tmp_path, values={}, model="fal-ai/other") if finding.mark is Mark.WRONG)
    assert wrong.remedy == ('prices = { "fal-ai/other" = 0.05 }',)


def test_what_is_left_of_the_budgets_is_told(tmp_path: Path) -> None:
    """By the ledger; an empty budget is a note."""
    (tmp_path / ".falhero").mkdir()
    events = attempt_events(make_post(), SAVED, time=utc_now(), usd=0.7)
    ledger = tmp_path / ".falhero" / "ledger.jsonl"
    ledger.write_text("".join(event.to_line() + "\n" for event in events))
    assert lines(told(tmp_path, budget=1.0, monthly_budget=0.5))[-2:] == [
        "ok FALHERO_BUDGET: $0.30 of $1.00 left in 24 hours",
        "note FALHERO_MONTHLY_BUDGET: $0.00 of $0.50 left in this month",
    ]
    ledger.unlink()
    ledger.mkdir()
    assert not [line for line in lines(told(tmp_path)) if "BUDGET" in line]


SERVER: dict[str, Any] = {"provider": "openai", "base_url": "http://localhost:8080/v1", "model": "flux"}


@pytest.mark.parametrize(
    ("settings", "environment", "line"),
    [
        ({"provider": "replicate"}, {"FAL_KEY": KEY}, "wrong key: none, so nothing can be drawn"),
        (
            {"provider": "replicate"},
            {"REPLICATE_API_TOKEN": "r8_a"},
            "ok key: from REPLICATE_API_TOKEN; whether Replicate takes it is not asked",
        ),
        ({"provider": "huggingface"}, {"HF_TOKEN": "hf_a"}, "ok key: from HF_TOKEN; whether Hugging Face takes it"),
        (SERVER, {}, "ok key: the image server is asked without one"),
        (SERVER | {"api_key_name": "GPU_KEY"}, {}, "wrong key: none, so nothing can be drawn"),
    ],
)
def test_another_engines_key_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], environment: dict[str, str], line: str
) -> None:
    """The key of the engine that draws counts, with its own variable; fal's is asked for where texts are wanted."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = told(tmp_path, **settings)
    assert lines(found)[0].startswith(line)
    assert not any("FAL_KEY" in str(finding) for finding in found)
    monkeypatch.delenv("FAL_KEY", raising=False)
    with_texts = told(tmp_path, alt_model="google/gemini-2.5-flash", **settings)
    assert "wrong key: none, so nothing can be bought" in lines(with_texts)


def test_another_engines_key_in_the_settings_file_is_wrong(tmp_path: Path) -> None:
    """A token or a server's key is published with the settings file, too."""
    for name in ("REPLICATE_API_TOKEN", "HF_TOKEN", "GPU_KEY"):
        found = told(tmp_path, values={name: KEY}, **SERVER, api_key_name="GPU_KEY")[0]
        assert found.text == f"key: {name} in pelicanconf.py is not used, and may be published with it"


def test_ones_own_machine_has_a_price_of_nothing(tmp_path: Path) -> None:
    """A picture of one's own machine is told as free."""
    assert "ok model: flux, $0.00 a hero" in lines(told(tmp_path, **SERVER))
