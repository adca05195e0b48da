"""``falhero models``: the models of the chosen engine, and what heroes cost at each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pelican_falhero.cli.main import main
from pelican_falhero.engines import ENGINES


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The lines of ``falhero models`` with these arguments."""
    assert main(["models", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_that_is_named_shows_its_own_models(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``--provider`` lists the models of that engine and no other's, with the date of their prices if there is one."""
    lines = printed(capsys, "--provider", engine)
    names = [model.name for model in ENGINES[engine].catalogue]
    assert [line.split()[0] for line in lines[: len(names)]] == names
    assert ENGINES[engine].prices_date in lines[-1]
    assert ("FALHERO_PRICES" in lines[-1]) == (not ENGINES[engine].prices_date)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pelicanconf.py", 'PATH = "."\nFALHERO_PROVIDER = "replicate"\n'),
        ("pyproject.toml", '[tool.falhero]\nprovider = "replicate"'),
    ],
)
def test_a_sites_engine_is_shown(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the folder of a site its own engine's models are listed, whatever else its settings are."""
    (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert printed(capsys)[-1] == "prices as Replicate published them by 2026-10-07"
    (tmp_path / name).write_text("broken =")
    assert "prices as fal published them" in printed(capsys)[-1]


def test_prices_of_today_are_fals(capsys: pytest.CaptureFixture[str]) -> None:
    """``--live`` with another engine is an error that says what to add."""
    assert main(["models", "--live", "--provider", "replicate"]) == 2
    assert (
        "--live asks fal for its prices, but the provider is replicate; add --provider fal" in capsys.readouterr().err
    )


def test_a_thousand_heroes_are_compared_with_dates(capsys: pytest.CaptureFixture[str]) -> None:
    """``--compare`` shows what 1,000 heroes cost of each model at each engine with prices, and of when they are."""
    lines = printed(capsys, "--compare")
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    assert lines[0].split() == ["fal", "Replicate"]
    assert rows["schnell"] == ["$3.00", "$3.00"]
    assert rows["dev"] == ["$25.00", "$25.00"]
    assert rows["ultra"] == ["$60.00", "$60.00"]
    assert rows["krea"] == ["$25.00", "-"]
    assert "flux-2-edit" not in rows
    assert "1,000 heroes of 1024 x 768 pixels, as published by: fal 2026-08-21, Replicate 2026-10-07" in lines[-2]


def test_programs_get_every_engine(capsys: pytest.CaptureFixture[str]) -> None:
    """``--compare --json`` has a row for each model of each engine, with its price for 1,000 heroes or null."""
    assert main(["models", "--compare", "--json"]) == 0
    rows = {(row["engine"], row["name"]): row for row in json.loads(capsys.readouterr().out)["models"]}
    assert len(rows) == sum(len(engine.catalogue) for engine in ENGINES.values())
    assert rows["replicate", "dev"]["usd_1000"] == 25.0
    assert rows["replicate", "dev"]["prices_date"] == "2026-10-07"
    assert rows["huggingface", "dev"]["usd_1000"] is None
    assert rows["fal", "flux-2-edit"]["usd_1000"] is None
