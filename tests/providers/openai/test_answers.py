"""What is sent to a server that speaks OpenAI's images API, and how its answers are read."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from builders import make_post

from pelican_falhero.errors import AccountError, BusyError, HeroError, JobError, RefusedError, UncertainError
from pelican_falhero.planning.price import price_of
from pelican_falhero.planning.request import HeroRequest, build_request, ignored_arguments
from pelican_falhero.providers.base import Deadline
from pelican_falhero.providers.http.at_once import Answered
from pelican_falhero.providers.http.once import AnswerError
from pelican_falhero.providers.openai.provider import OpenAIProvider
from pelican_falhero.providers.openai.responses import Server, picture_in
from pelican_falhero.settings import Settings

POST = make_post("Winter hikes")
OPENAI = Settings(provider="openai", base_url="https://api.openai.com/v1", model="gpt-image-1", seed=7, steps=4)


def sent(settings: Settings, request: HeroRequest) -> dict[str, Any]:
    """What a server would be sent."""
    return OpenAIProvider(settings)._content(request)


def test_openai_is_sent_nothing_that_its_schema_lacks() -> None:
    """OpenAI gets one of its own sizes, no seed and no format of the answer, and what it ignores is told."""
    request = build_request(POST, OPENAI)
    assert sent(OPENAI, request.with_seed(3)) == {
        "model": "gpt-image-1",
        "prompt": request.arguments["prompt"],
        "size": "1536x1024",
        "n": 1,
    }
    assert ignored_arguments(POST, OPENAI) == [
        "FALHERO_STEPS is ignored by gpt-image-1; no known model of the image server supports it",
        "FALHERO_SEED is ignored by gpt-image-1; no known model of the image server supports it",
    ]


@pytest.mark.parametrize(
    ("settings", "usd"),
    [
        (Settings(provider="openai", base_url="http://127.0.0.1:8080/v1", model="flux"), 0.0),
        (Settings(provider="openai", base_url="http://gpu.lan/v1", insecure_host="gpu.lan", model="flux"), 0.0),
        (Settings(provider="openai", base_url="http://127.0.0.1/v1", model="flux", prices={"flux": 0.001}), 0.001),
        (OPENAI, None),
        (Settings(provider="openai", base_url="https://api.openai.com/v1", model="flux", prices={"flux": 0.06}), 0.06),
    ],
)
def test_pictures_are_free_on_ones_own_machine_alone(settings: Settings, usd: float | None) -> None:
    """A paid server needs a price in FALHERO_PRICES, which counts for one's own machine too."""
    assert price_of(build_request(POST, settings), settings) == usd


ANSWERS = [
    ({"data": [{"b64_json": base64.b64encode(b"picture").decode()}]}, Answered(data=b"picture")),
    ({"data": [{"b64_json": "data:image/png;base64," + base64.b64encode(b"picture").decode()}]}, Answered(b"picture")),
    ({"data": [{"url": "https://example.org/a.png"}]}, Answered(url="https://example.org/a.png")),
    ({"data": [{}]}, None),
    ({"data": {}}, None),
    ({"data": [7]}, None),
    ([], None),
]


@pytest.mark.parametrize(("body", "found"), ANSWERS)
def test_the_picture_is_found_in_an_answer(body: object, found: Answered | None) -> None:
    """Bytes as Base64, with or without a data URI before them, or an address; anything else is no picture."""
    assert picture_in(httpx.Response(200, json=body)) == found


KINDS = [
    (401, "", AccountError),
    (400, "billing_hard_limit_reached", AccountError),
    (429, "insufficient_quota", AccountError),
    (404, "", AccountError),
    (429, "rate_limit_exceeded", BusyError),
    (400, "moderation_blocked", RefusedError),
    (500, "", UncertainError),
    (503, "", UncertainError),
    (302, "", UncertainError),
]


@pytest.mark.parametrize(("status", "code", "kind"), KINDS)
def test_a_paid_servers_error_says_what_is_known(status: int, code: str, kind: type[HeroError]) -> None:
    """What surely was not drawn is free; of an error of the server nobody knows, so it counts."""
    error = failure(status, code, is_own=False)
    assert type(error) is kind
    assert not getattr(error, "charged", False)


def test_ones_own_servers_errors_are_no_doubt() -> None:
    """A picture costs nothing there, so an error is a failure, and 503 a model that is being loaded."""
    assert type(failure(500, "", is_own=True)) is JobError
    assert type(failure(503, "", is_own=True)) is BusyError


def failure(status: int, code: str, *, is_own: bool) -> HeroError:
    """What is made of an error."""
    server = Server(name="the server at a", is_own=is_own, how_to_set_key="set KEY", key="sk-secret-key")
    body = {"error": {"message": "No, sk-secret-key", "code": code}}
    error = server.submit_error(AnswerError(httpx.Response(status, json=body), "a"))
    assert "sk-secret-key" not in str(error)
    return error


def test_a_picture_of_another_run_is_lost() -> None:
    """What no server keeps can't be asked for again."""
    with pytest.raises(HeroError) as caught:
        OpenAIProvider(OPENAI).wait("gpt-image-1", "unknown", Deadline(0.0), lambda status: None)
    assert caught.value.lost
