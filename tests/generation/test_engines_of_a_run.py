"""A run and its engines: who is asked for what was paid for, and what an engine without ids means for the ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import attempt_events, make_post
from scripted_provider import ScriptedProvider, execute, run, site_in, written

from pelican_falhero.errors import AccountError, BusyError, OutOfReachError, PictureError, UncertainError
from pelican_falhero.generation import run_state
from pelican_falhero.generation.result import Outcome
from pelican_falhero.planning.request import build_request
from pelican_falhero.settings import Settings
from pelican_falhero.storage.events import FAILED, REFUSED, SAVED, SUBMITTED, SUBMITTING

POST = make_post()
USD = 0.025
pytestmark = pytest.mark.usefixtures("pauses")


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> ScriptedProvider:
    """The provider of every engine but the chosen one."""
    provider = ScriptedProvider()
    monkeypatch.setattr(run_state, "open_provider", lambda engine, settings: provider)
    return provider


def test_what_another_engine_was_paid_for_is_fetched_from_it(
    tmp_path: Path, provider: ScriptedProvider, other: ScriptedProvider
) -> None:
    """A pending picture goes on at the engine that its line of the ledger names, and the chosen one hears nothing."""
    events = [replace(event, provider="replicate") for event in attempt_events(POST, SUBMITTED)]
    site = site_in(tmp_path, events=events)
    assert execute(site, provider).state is Outcome.MADE
    assert (len(other.waited), len(other.fetched)) == (1, 1)
    assert (provider.sent, provider.waited, provider.fetched) == ([], [], [])
    assert site.ledger.read().events[-1].provider == "replicate"


def test_the_account_at_another_engine_stops_nothing(
    tmp_path: Path, provider: ScriptedProvider, other: ScriptedProvider
) -> None:
    """Where that engine refuses the key, its picture stays pending and is told, and the others are drawn."""
    events = [replace(event, provider="replicate") for event in attempt_events(POST, SUBMITTED)]
    site = site_in(tmp_path, POST, make_post("Summer hikes"), events=events)
    other.wait_errors.append(AccountError("no key"))
    report = run(site, provider)
    states = {result.item.post.title: result for result in report.results}
    assert states[POST.title].state is Outcome.PENDING
    assert states[POST.title].reason == "Replicate can't be asked for it: no key"
    assert states["Summer hikes"].state is Outcome.MADE
    assert report.halt_error is None


def test_what_an_engine_of_a_later_version_was_paid_for_waits(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A picture of an engine that this version does not know stays pending, with its name."""
    events = [replace(event, provider="later") for event in attempt_events(POST, SUBMITTED)]
    site = site_in(tmp_path, events=events)
    result = execute(site, provider)
    assert (result.state, result.reason) == (Outcome.PENDING, "this version knows no engine later")
    assert provider.sent == []


def test_each_request_is_written_down_with_its_engine(tmp_path: Path, provider: ScriptedProvider) -> None:
    """The ledger names the engine that the request itself is for."""
    provider.name = "replicate"
    site = site_in(tmp_path, provider="replicate")
    assert execute(site, provider).state is Outcome.MADE
    assert {event.provider for event in site.ledger.read().events} == {"replicate"}
    assert provider.sent == [build_request(POST, Settings(provider="replicate"))]


def test_an_engine_without_ids_is_uncertain_until_its_picture_is_saved(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """The ledger goes from sent to saved, with no id in between that nobody could use."""
    provider.keeps_requests = False
    site = site_in(tmp_path)
    seen: list[list[str]] = []
    provider.on_step = lambda step: seen.append([event.event for event in site.ledger.read().events])
    result = execute(site, provider)
    assert (result.state, result.usd) == (Outcome.MADE, USD)
    assert seen == [[], [SUBMITTING], [SUBMITTING], [SUBMITTING]]
    assert written(site) == [(SUBMITTING, USD), (SAVED, USD)]
    assert [event.request_id for event in site.ledger.read().events] == ["", ""]


def test_a_picture_that_can_be_had_once_is_refused_if_it_is_unusable(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """It was paid for, can't be fetched again, and is not bought again by the next run."""
    provider.keeps_requests = False
    provider.fetch_errors.append(PictureError("no picture"))
    site = site_in(tmp_path)
    result = execute(site, provider)
    assert (result.state, result.usd, result.reason) == (Outcome.REFUSED, USD, "no picture")
    assert written(site) == [(SUBMITTING, USD), (REFUSED, USD)]
    assert len(provider.fetched) == 1
    run(site, provider)
    assert len(provider.sent) == 1


def test_an_answer_that_is_lost_is_counted(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Nobody knows whether it was charged, so its price counts, and the line stays open."""
    provider.keeps_requests = False
    provider.submit_errors.append(UncertainError("no answer"))
    site = site_in(tmp_path)
    result = execute(site, provider)
    assert (result.state, result.usd) == (Outcome.FAILED, USD)
    assert written(site) == [(SUBMITTING, USD)]


def test_a_busy_engine_is_asked_again_when_it_says(
    tmp_path: Path, provider: ScriptedProvider, pauses: list[float]
) -> None:
    """The seconds that an engine names are waited for, and the same try goes on."""
    provider.submit_errors += [BusyError("busy", retry_after=30.0), BusyError("busy")]
    site = site_in(tmp_path)
    assert execute(site, provider).state is Outcome.MADE
    assert pauses == [30.0, 16.0]
    assert [kind for kind, _ in written(site)] == [SUBMITTING, SUBMITTED, SAVED]


def test_texts_need_fals_account_whoever_draws(
    tmp_path: Path, provider: ScriptedProvider, other: ScriptedProvider
) -> None:
    """Where descriptions are wanted and fal has no key, nothing is bought at the engine that draws."""
    provider.name = "replicate"
    other.check_error = AccountError("no key")
    site = site_in(tmp_path, provider="replicate", alt_model="google/gemini-2.5-flash")
    report = run(site, provider)
    assert str(report.halt_error) == "FALHERO_DIRECTOR and FALHERO_ALT_MODEL ask fal: no key"
    assert (provider.sent, written(site)) == ([], [])


def test_a_lost_picture_of_another_engine_is_bought_at_the_chosen_one(
    tmp_path: Path, provider: ScriptedProvider, other: ScriptedProvider
) -> None:
    """When the other engine says that it is gone, the loss is told and the post's own request is sent."""
    events = [replace(event, provider="replicate") for event in attempt_events(POST, SUBMITTED)]
    site = site_in(tmp_path, events=events)
    other.wait_errors.append(OutOfReachError("deleted", lost=True))
    result = execute(site, provider)
    assert result.state is Outcome.MADE
    assert "is lost: deleted" in result.lost
    assert [(event.event, event.provider) for event in site.ledger.read().events[len(events) :]] == [
        (FAILED, "replicate"),
        (SUBMITTING, "fal"),
        (SUBMITTED, "fal"),
        (SAVED, "fal"),
    ]
