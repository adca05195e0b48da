"""Heroes of two steps: the control map, and the picture that follows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import attempt_events, make_post, save_picture
from scripted_provider import URL, ScriptedProvider, execute, site_in, written

from pelican_falhero.content.post import Overrides, Post
from pelican_falhero.errors import JobError, OutOfReachError, UncertainError
from pelican_falhero.generation.result import Outcome
from pelican_falhero.planning.request import build_request
from pelican_falhero.settings_reading import read_settings
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.events import FAILED, SAVED, SUBMITTED, SUBMITTING, Event

GENERAL = "fal-ai/flux-general"
SCRIBBLE = "fal-ai/image-preprocessors/scribble"
PRICES = {SCRIBBLE: 0.01}
BOTH = 0.01 + 0.075
"""USD for a map and its hero."""

pytestmark = pytest.mark.usefixtures("pauses")


def two_steps(folder: Path) -> Post:
    """A post with a control image that fal turns into a map first."""
    sketch = save_picture(folder / "sketch.png")
    return make_post(overrides=Overrides(control=sketch, control_type="scribble"))


def map_events(post: Post, outcome: str, **fields: Any) -> tuple[Event, ...]:
    """The lines of an earlier try at the map."""
    preparation = build_request(post, read_settings({}, root=Path(), prefix="")).preparation
    assert preparation
    told: dict[str, Any] = {"fingerprint": preparation.fingerprint, "endpoint": SCRIBBLE, "usd": 0.01, "attempt": "map"}
    return attempt_events(post, outcome, **(told | fields))


def test_a_control_map_is_made_first(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Two requests are sent and written down, each with its own price; the second has the address of the map."""
    post = two_steps(tmp_path)
    site = site_in(tmp_path, post, prices=PRICES)
    save_picture(site.library.folder / f"{hero_stem(post.title)}.png")
    site = site._replace(redo=frozenset([hero_stem(post.title)]))
    result = execute(site, provider)
    assert (result.state, result.usd) == (Outcome.MADE, BOTH)
    request = build_request(post, site.settings)
    assert request.preparation
    assert provider.sent == [request.preparation.with_control_image(), request.with_control_map(URL)]
    assert "data:image/jpeg" in provider.sent[0].arguments_json
    assert provider.waited == [(SCRIBBLE, "r1"), (GENERAL, "r2")]
    assert [(event.event, event.usd, event.fingerprint, event.redraw) for event in site.ledger.read().events] == [
        (SUBMITTING, 0.01, request.preparation.fingerprint, False),
        (SUBMITTED, 0.01, request.preparation.fingerprint, False),
        (SUBMITTING, 0.075, request.fingerprint, True),
        (SUBMITTED, 0.075, request.fingerprint, True),
        (SAVED, 0.075, request.fingerprint, False),
    ]
    prompts = [event.prompt for event in site.ledger.read().events]
    assert prompts == ["", "", request.arguments["prompt"], "", ""]


def test_a_control_image_that_needs_no_map_is_sent_with_the_request(tmp_path: Path, provider: ScriptedProvider) -> None:
    """One step is enough where the model reads the picture itself."""
    sketch = save_picture(tmp_path / "sketch.png")
    site = site_in(tmp_path, make_post(overrides=Overrides(control=sketch, control_type="canny")))
    assert execute(site, provider).state is Outcome.MADE
    (sent,) = provider.sent
    assert "data:image/jpeg" in sent.arguments_json


def test_a_control_map_that_fal_still_has_is_not_paid_for_again(tmp_path: Path, provider: ScriptedProvider) -> None:
    """The map of an earlier build is waited for by its id, and only the hero is sent."""
    post = two_steps(tmp_path)
    site = site_in(tmp_path, post, events=map_events(post, SUBMITTED), prices=PRICES)
    result = execute(site, provider)
    assert (result.state, result.usd) == (Outcome.MADE, 0.075)
    assert [request.endpoint for request in provider.sent] == [GENERAL]
    assert provider.waited == [(SCRIBBLE, "r1"), (GENERAL, "r1")]


@pytest.mark.parametrize("budget", [1.0, 0.01 + BOTH])
def test_a_control_map_that_is_lost_is_made_again_within_the_budget(
    tmp_path: Path, provider: ScriptedProvider, budget: float
) -> None:
    """The loss is written down and told; where a new map does not fit, nothing is sent."""
    post = two_steps(tmp_path)
    site = site_in(tmp_path, post, events=map_events(post, SUBMITTED), prices=PRICES, budget=budget)
    provider.wait_errors.append(OutOfReachError("fal no longer knows it", lost=True))
    result = execute(site, provider)
    assert written(site, after=2)[0] == (FAILED, 0.01)
    assert result.lost == "the picture that was paid for on 2026-11-15 ($0.010) is lost: fal no longer knows it"
    if budget == 1.0:
        assert (result.state, result.usd) == (Outcome.MADE, BOTH)
        assert [request.endpoint for request in provider.sent] == [SCRIBBLE, GENERAL]
    else:
        assert (result.state, result.usd, provider.sent) == (Outcome.FAILED, 0.0, [])
        assert result.reason == "fal no longer knows it, and a new map does not fit the budget"


def test_a_control_map_that_is_out_of_reach_is_waited_for(tmp_path: Path, provider: ScriptedProvider) -> None:
    """An outage does not make anybody pay for a map twice."""
    post = two_steps(tmp_path)
    site = site_in(tmp_path, post, events=map_events(post, SUBMITTED), prices=PRICES)
    provider.wait_errors.append(OutOfReachError("an outage"))
    result = execute(site, provider)
    assert (result.state, result.reason, provider.sent) == (Outcome.FAILED, "an outage", [])
    assert written(site, after=2) == []


def test_a_job_for_a_control_map_that_failed_is_sent_again(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A map is sent again like a hero."""
    provider.wait_errors.append(JobError("worker lost"))
    result = execute(site_in(tmp_path, two_steps(tmp_path), prices=PRICES), provider)
    assert (result.state, result.usd) == (Outcome.MADE, BOTH)
    assert [request.endpoint for request in provider.sent] == [SCRIBBLE, SCRIBBLE, GENERAL]


def test_a_hero_whose_answer_is_lost_costs_its_map_as_well(tmp_path: Path, provider: ScriptedProvider) -> None:
    """What was paid for before is not forgotten."""
    site = site_in(tmp_path, two_steps(tmp_path), prices=PRICES)
    provider.submit_errors.extend([None, UncertainError("the connection broke")])
    result = execute(site, provider)
    assert (result.state, result.usd) == (Outcome.FAILED, BOTH)
    assert written(site) == [(SUBMITTING, 0.01), (SUBMITTED, 0.01), (SUBMITTING, 0.075)]
