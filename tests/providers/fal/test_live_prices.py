"""The catalogue on the command line, and fal's prices of today beside it."""

from __future__ import annotations

import json

import fal_faults
import pytest
from fal_exchange import Fault
from fal_schemas import Price
from fal_server import FalServer

from pelican_falhero.cli.main import main
from pelican_falhero.providers.fal import live_prices as pricing


@pytest.fixture
def platform(fal: FalServer, monkeypatch: pytest.MonkeyPatch) -> FalServer:
    """fal's platform API on this machine, for this process."""
    for name, value in fal.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(pricing, "PLATFORM", fal.platform_url)
    return fal


def test_the_catalogue_is_printed_without_asking_anyone(capsys: pytest.CaptureFixture[str], fal: FalServer) -> None:
    """``falhero models`` tells of every model its price, seconds and best use, and opens no connection."""
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split()[0] for line in lines[:-1]]
    assert names[:2] == ["schnell", "dev"]
    assert set(names) >= {"krea", "pro", "ultra", "lora", "general", "flux-2", "flux-2-flash", "flux-2-turbo"}
    assert set(names) >= {"flux-2-pro", "flux-2-klein", "flux-2-edit", "flux-2-flash-edit"}
    assert "$0.025/MP" in lines[1]
    assert not fal.requests


def test_live_prices_show_where_the_catalogue_has_drifted(
    capsys: pytest.CaptureFixture[str], platform: FalServer
) -> None:
    """``falhero models --live`` marks exactly the models whose price is another one at fal."""
    platform.prices["fal-ai/flux/dev"] = Price(0.03, "megapixels")
    assert main(["models", "--live", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["models"]}
    assert {name for name, row in rows.items() if row.get("drifted")} == {"dev"}
    assert (rows["dev"]["usd"], rows["dev"]["live_usd"]) == (0.025, 0.03)
    assert "live_usd" not in rows["canny"]
    (request,) = platform.requests_of("pricing")
    assert request.authorization == "Key test-key:secret"


def test_live_prices_need_a_key(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key ``--live`` says how to have one, and exits with 1."""
    monkeypatch.delenv("FAL_KEY", raising=False)
    assert main(["models", "--live"]) == 1
    assert "set FAL_KEY" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (fal_faults.status(401, {"error": {"type": "auth", "message": "bad key"}}), "fal refuses the key (401)"),
        (fal_faults.status(500, "oops"), "answers 500"),
        (fal_faults.invalid_json(), "can't be understood"),
        (fal_faults.replaced('{"prices": [{"endpoint_id": "x"}]}'), "can't be understood"),
        (fal_faults.drop_before(), "can't be reached"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_a_price_list_that_cannot_be_had_is_one_line(
    capsys: pytest.CaptureFixture[str], platform: FalServer, fault: Fault, says: str
) -> None:
    """Whatever keeps the price list away is one line without the key, and exit code 1."""
    platform.faults.add("pricing", fault)
    assert main(["models", "--live"]) == 1
    told = capsys.readouterr().err
    assert says in told
    assert "secret" not in told
