"""Pictures that are paid for and can't be had: when they count as lost, and what that costs."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, attempt_events, draw, hours, make_post, save_picture
from scripted_provider import ScriptedProvider, execute, site_in, written

from pelican_falhero.errors import HeroError, JobError, OutOfReachError, PictureError, RefusedError
from pelican_falhero.generation.result import Outcome
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.events import FAILED, REFUSED, SAVED, SUBMITTED, SUBMITTING

POST = make_post()
USD = 0.025
pytestmark = pytest.mark.usefixtures("pauses")


@pytest.mark.parametrize(
    ("error", "provider_time", "now", "is_lost"),
    [
        (OutOfReachError("gone", lost=True), NOW, None, True),
        (OutOfReachError("gone"), NOW, NOW + hours(23.99), False),
        (OutOfReachError("gone"), NOW, NOW + hours(24), True),
        (OutOfReachError("gone"), NOW, None, False),
        # Our own clock was a day behind fal's.
        (OutOfReachError("gone"), NOW + hours(24), NOW + hours(24), False),
        (OutOfReachError("gone"), None, NOW + hours(24), True),
        (PictureError("half"), NOW, NOW + hours(24), True),
        (JobError("worker lost"), NOW, NOW, True),
    ],
)
def test_a_paid_picture_is_lost_when_fal_says_so_or_after_a_day(
    tmp_path: Path,
    provider: ScriptedProvider,
    error: HeroError,
    provider_time: datetime.datetime | None,
    now: datetime.datetime | None,
    is_lost: bool,
) -> None:
    """Only then it is paid for once more; by fal's clock, and by our own where fal's was not written down."""
    site = site_in(tmp_path, events=attempt_events(POST, SUBMITTED, provider_time=provider_time))
    provider.clock = now
    if isinstance(error, PictureError):
        provider.fetch_errors.extend([error] * 3)
    else:
        provider.wait_errors.append(error)
    result = execute(site, provider)
    assert len(provider.sent) == is_lost
    if is_lost:
        usd = 0.0 if isinstance(error, JobError) else USD
        assert result.state is Outcome.MADE
        assert result.usd == USD
        assert written(site, after=2) == [(FAILED, usd), (SUBMITTING, USD), (SUBMITTED, USD), (SAVED, USD)]
        assert site.ledger.read().events[2].reason == str(error)
    else:
        assert (result.state, result.reason) == (Outcome.PENDING, "gone")
        assert result.remedy == "It is paid for; the next build fetches it"
        assert written(site, after=2) == []


def test_a_loss_is_told_with_its_date_and_price(tmp_path: Path, provider: ScriptedProvider) -> None:
    """The result says which paid picture is gone, and why."""
    provider.wait_errors.append(OutOfReachError("fal no longer knows the request", lost=True))
    result = execute(site_in(tmp_path, events=attempt_events(POST, SUBMITTED)), provider)
    assert result.lost == (
        "the picture that was paid for on 2026-11-15 ($0.025) is lost: fal no longer knows the request"
    )


@pytest.mark.parametrize("retryable", [True, False])
def test_a_pending_job_that_failed_is_sent_anew_if_that_helps(
    tmp_path: Path, provider: ScriptedProvider, retryable: bool
) -> None:
    """A job of an earlier build that came to nothing is no loss: it cost nothing."""
    provider.wait_errors.append(JobError("worker lost", retryable=retryable))
    result = execute(site_in(tmp_path, events=attempt_events(POST, SUBMITTED)), provider)
    assert (len(provider.sent), result.lost) == (retryable, "")
    assert result.state is (Outcome.MADE if retryable else Outcome.FAILED)


@pytest.mark.parametrize(
    ("error", "budget"), [(OutOfReachError("it is gone", lost=True), 0.049), (JobError("worker lost"), 0.024)]
)
def test_what_is_lost_is_bought_again_within_the_budget_only(
    tmp_path: Path, provider: ScriptedProvider, error: HeroError, budget: float
) -> None:
    """What the loss has cost counts, too; where both do not fit, nothing is sent, and the result says why."""
    site = site_in(tmp_path, events=attempt_events(POST, SUBMITTED), budget=budget)
    provider.wait_errors.append(error)
    result = execute(site, provider)
    assert (provider.sent, result.usd) == ([], 0.0)
    assert (result.state, result.reason) == (Outcome.FAILED, f"{error}, and a new one does not fit the budget")


def test_what_is_lost_and_has_no_price_is_not_bought_again(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A new request would go to an endpoint whose price nobody knows."""
    site = site_in(tmp_path, events=attempt_events(POST, SUBMITTED), model="me/mine")
    provider.wait_errors.append(OutOfReachError("it is gone", lost=True))
    result = execute(site, provider)
    assert (provider.sent, result.state) == ([], Outcome.FAILED)


def test_retry_gives_up_a_picture_that_is_no_use(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Told to, a run buys anew what never passes the checks; what is only out of reach it still waits for."""
    pending = attempt_events(POST, SUBMITTED)
    provider.fetch_errors.extend([PictureError("half of it is missing")] * 3)
    assert execute(site_in(tmp_path / "a", events=pending, retry=True), provider).state is Outcome.MADE
    assert len(provider.sent) == 1
    provider.wait_errors.append(OutOfReachError("an outage"))
    assert execute(site_in(tmp_path / "b", events=pending, retry=True), provider).state is Outcome.PENDING
    assert len(provider.sent) == 1


def test_what_fails_after_a_retitle_is_written_down_for_the_title_of_today(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """The last line of a try names the hero that it was to become."""
    post = replace(POST, title="Hikes in winter")
    site = site_in(tmp_path, post, events=attempt_events(POST, SUBMITTED))
    provider.wait_errors.append(RefusedError("flagged"))
    execute(site, provider)
    last = site.ledger.read().events[-1]
    assert (last.event, last.hero, last.title) == (REFUSED, f"{hero_stem(post.title)}.png", post.title)


REFINING: dict[str, Any] = {"endpoint": "fal-ai/flux-2/edit", "fingerprint": "0" * 16, "redraw": True, "usd": 0.024}


@pytest.mark.parametrize(
    ("errors", "kind", "usd", "told"),
    [
        (
            ("wait", OutOfReachError("gone", lost=True)),
            FAILED,
            0.024,
            "($0.024) is lost: gone; the hero stays as it is",
        ),
        (("wait", JobError("worker lost")), FAILED, 0.0, "came to nothing: worker lost; the hero stays as it is"),
        (("wait", JobError("no", retryable=False)), FAILED, 0.0, "came to nothing: no; the hero stays as it is"),
        (("wait", RefusedError("flagged")), REFUSED, 0.024, "came to nothing: flagged; the hero stays as it is"),
        (("fetch", PictureError("half")), FAILED, 0.024, "($0.024) is lost: half; the hero stays as it is"),
    ],
    ids=str,
)
@pytest.mark.parametrize("refresh", ["missing", "changed"])
def test_a_change_that_comes_to_nothing_leaves_the_hero(
    tmp_path: Path,
    provider: ScriptedProvider,
    refresh: str,
    errors: tuple[str, Exception],
    kind: str,
    usd: float,
    told: str,
) -> None:
    """Nothing is drawn in its place: the post's own request is for quite another picture."""
    own = attempt_events(POST, SUBMITTED)[0].fingerprint
    events = attempt_events(POST, SUBMITTED, **REFINING, own_fingerprint=own)
    site = site_in(tmp_path, events=events, retry=True, refresh=refresh)
    hero = save_picture(site.library.folder / f"{hero_stem(POST.title)}.png")
    before = hero.read_bytes()
    (provider.wait_errors if errors[0] == "wait" else provider.fetch_errors).extend([errors[1]] * 3)
    result = execute(site, provider)
    assert (result.state, provider.sent, hero.read_bytes()) == (Outcome.PRESENT, [], before)
    assert result.lost.endswith(told)
    assert written(site, after=2) == [(kind, usd)]
    assert execute(site, provider).lost == ""
    assert provider.sent == []


def test_a_change_that_is_out_of_reach_is_waited_for(tmp_path: Path, provider: ScriptedProvider) -> None:
    """An outage gives nothing up, and the next run makes it the hero."""
    site = site_in(tmp_path, events=attempt_events(POST, SUBMITTED, **REFINING))
    save_picture(site.library.folder / f"{hero_stem(POST.title)}.png", image=draw(200, 200))
    provider.wait_errors.append(OutOfReachError("an outage"))
    assert execute(site, provider).state is Outcome.PENDING
    assert execute(site, provider).state is Outcome.MADE
    assert (provider.sent, provider.waited[0]) == ([], ("fal-ai/flux-2/edit", "r1"))


def test_a_lost_change_of_a_hero_that_was_deleted_is_told(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Without a hero the run fails and buys nothing; the next one draws what the post asks for."""
    site = site_in(tmp_path, events=attempt_events(POST, SUBMITTED, **REFINING))
    provider.wait_errors.append(OutOfReachError("gone", lost=True))
    result = execute(site, provider)
    assert (result.state, result.reason, provider.sent) == (Outcome.FAILED, "gone", [])
    assert execute(site, provider).state is Outcome.MADE
    assert [request.endpoint for request in provider.sent] == ["fal-ai/flux/dev"]


def test_a_lost_change_of_a_retitled_post_keeps_the_picture(tmp_path: Path, provider: ScriptedProvider) -> None:
    """After a new title nothing is bought for what was lost, and the next run copies the hero that there was."""
    events = (*attempt_events(POST, SAVED), *attempt_events(POST, SUBMITTED, **REFINING))
    site = site_in(tmp_path, replace(POST, title="Hikes in winter"), events=events)
    save_picture(site.library.folder / f"{hero_stem(POST.title)}.png")
    provider.wait_errors.append(OutOfReachError("gone", lost=True))
    assert execute(site, provider).state is Outcome.FAILED
    assert execute(site, provider).state is Outcome.KEPT
    assert provider.sent == []
