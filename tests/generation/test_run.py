"""A run: which heroes are bought, which are copied, and what becomes of all others."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, attempt_events, hours, make_post, save_picture
from filelock import FileLock
from scripted_provider import ScriptedProvider, run, site_in, written

from pelican_falhero.content.post import Post
from pelican_falhero.errors import AccountError, JobError, LedgerError, OutOfReachError, RefusedError
from pelican_falhero.generation import run as module
from pelican_falhero.generation.policy import NoSpending
from pelican_falhero.generation.report import Report
from pelican_falhero.generation.result import HeroResult, Outcome
from pelican_falhero.generation.run import dry_run, generate, purchase
from pelican_falhero.generation.run_state import Silent
from pelican_falhero.planning.item import Item
from pelican_falhero.planning.request import build_request
from pelican_falhero.planning.site import Site
from pelican_falhero.planning.survey import survey
from pelican_falhero.providers.base import Status
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.events import FAILED, REFUSED, SAVED, SUBMITTED, SUBMITTING, Event
from pelican_falhero.storage.ledger import Ledger

USD = 0.025
POST = make_post()
FILE = f"{hero_stem(POST.title)}.png"
RENAMED = replace(POST, title="Hikes in winter")


pytestmark = pytest.mark.usefixtures("pauses")


def posts(count: int, **fields: Any) -> list[Post]:
    """Posts of one day each, the last the newest."""
    return [make_post(f"Post {n}", date=NOW + hours(24 * n), **fields) for n in range(count)]


def alike(count: int) -> list[Post]:
    """Posts that ask for the very same picture."""
    return posts(count, prompt="One prompt for all", seed=1)


def states(report: Report) -> dict[str, Outcome]:
    """What became of each post."""
    return {result.item.post.title: result.state for result in report.results}


# The budget.


def test_the_newest_heroes_are_bought_as_far_as_the_money_goes(tmp_path: Path, provider: ScriptedProvider) -> None:
    """The others are told by the setting that stands in their way, and so is whether the user knows it already."""
    site = site_in(tmp_path, *posts(3), budget=0.05)
    report = run(site, provider)
    assert states(report) == {"Post 2": Outcome.MADE, "Post 1": Outcome.MADE, "Post 0": Outcome.UNAFFORDABLE}
    assert (report.usd, len(provider.sent)) == (0.05, 2)
    assert report.selection
    assert report.selection.limiting_setting == "FALHERO_BUDGET"
    assert report.spent_nothing_before
    again = run(site, provider)
    assert not again.spent_nothing_before
    assert (len(provider.sent), again.usd) == (2, 0.0)


def test_what_a_run_has_set_aside_is_not_spent_on_a_loss(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Where the planned heroes take all that is left, a lost picture waits for another day's budget."""
    lost, *others = posts(3)
    site = site_in(tmp_path, lost, *others, events=attempt_events(lost, SUBMITTED), budget=0.08, concurrency=1)
    provider.wait_errors.append(OutOfReachError("it is gone", lost=True))
    report = run(site, provider)
    assert states(report) == {"Post 2": Outcome.MADE, "Post 1": Outcome.MADE, "Post 0": Outcome.FAILED}
    assert len(provider.sent) == 2


@pytest.mark.parametrize(("budget", "state"), [(0.099, Outcome.FAILED), (0.1, Outcome.MADE)])
def test_a_loss_is_bought_again_with_what_the_others_leave(
    tmp_path: Path, provider: ScriptedProvider, budget: float, state: Outcome
) -> None:
    """What is pending was paid for, so a plan sets nothing aside for it; to the cent, the rest may replace it."""
    lost, *others = posts(3)
    site = site_in(tmp_path, lost, *others, events=attempt_events(lost, SUBMITTED), budget=budget, concurrency=1)
    provider.wait_errors.append(OutOfReachError("it is gone", lost=True))
    assert states(run(site, provider))["Post 0"] is state


def test_heroes_that_cost_nothing_take_nothing_from_a_loss(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Where all other heroes are free, the rest of the budget may replace a lost picture."""
    free = make_post("Free", model="fal-ai/flux/schnell")
    lost = attempt_events(POST, SUBMITTED)
    site = site_in(tmp_path, POST, free, events=lost, budget=0.05, prices={"schnell": 0.0}, concurrency=1)
    provider.wait_errors.append(OutOfReachError("it is gone", lost=True))
    assert states(run(site, provider)) == {POST.title: Outcome.MADE, "Free": Outcome.MADE}


# Equal requests.


def test_posts_that_ask_the_same_share_a_picture(tmp_path: Path, provider: ScriptedProvider) -> None:
    """One request is sent and paid for; the others get copies, written down as what they are."""
    site = site_in(tmp_path, *alike(3), budget=USD)
    report = run(site, provider)
    assert set(states(report).values()) == {Outcome.MADE}
    assert sorted(result.usd for result in report.results) == [0.0, 0.0, USD]
    assert len(provider.sent) == 1
    leader = report.results[0].item
    first, second = (event for event in site.ledger.read().events if event.kept_from)
    assert re.fullmatch(r"[0-9a-f]{12}", first.attempt)
    assert first.attempt != second.attempt
    follower = report.results[1].item
    picture = site.library.folder / f"{follower.stem}.png"
    assert first == Event(
        event=SAVED,
        attempt=first.attempt,
        hero=picture.name,
        time=NOW,
        title=follower.post.title,
        source=follower.post.source,
        endpoint="fal-ai/flux/dev",
        fingerprint=leader.request.fingerprint,
        sha256=hashlib.sha256(picture.read_bytes()).hexdigest(),
        folder="images/heroes",
        kept_from=leader.name,
    )
    assert picture.read_bytes() == (site.library.folder / leader.name).read_bytes()
    assert all(result.kept_from == "" and result.was_tried for result in report.results)


def test_posts_that_ask_the_same_fail_together(tmp_path: Path, provider: ScriptedProvider) -> None:
    """All have the reason, and what was charged is counted once."""
    provider.wait_errors.append(RefusedError("flagged"))
    report = run(site_in(tmp_path, *alike(2)), provider)
    assert [(result.state, result.reason) for result in report.results] == [(Outcome.REFUSED, "flagged")] * 2
    first, second = report.results
    assert first.item is not second.item
    assert (first.usd, second.usd) == (USD, 0.0)
    assert (first.seconds > 0, second.seconds) == (True, 0.0)


def test_a_loss_that_posts_share_is_told_once(tmp_path: Path, provider: ScriptedProvider) -> None:
    """The first one's result has it; the others only say that they failed."""
    both = alike(2)
    site = site_in(tmp_path, *both, events=attempt_events(both[1], SUBMITTED), budget=0.04)
    provider.wait_errors.append(OutOfReachError("it is gone", lost=True))
    report = run(site, provider)
    assert [(result.state, bool(result.lost)) for result in report.results] == [
        (Outcome.FAILED, True),
        (Outcome.FAILED, False),
    ]


def test_a_post_that_asks_for_what_is_pending_gets_a_copy(tmp_path: Path, provider: ScriptedProvider) -> None:
    """What another post has paid for is fetched, and nothing is bought, even without money."""
    both = alike(2)
    site = site_in(tmp_path, *both, events=attempt_events(both[0], SUBMITTED), budget=0)
    assert set(states(run(site, provider)).values()) == {Outcome.MADE}
    assert (provider.sent, len(provider.waited)) == ([], 1)


def test_a_try_that_two_titles_ask_for_is_fetched_once(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Where the fingerprint decides, one pending try may be wanted by several heroes."""
    both = alike(2)
    site = site_in(tmp_path, *both, events=attempt_events(both[0], SUBMITTED), refresh="changed")
    assert set(states(run(site, provider)).values()) == {Outcome.MADE}
    assert (provider.sent, len(provider.waited)) == ([], 1)


def test_two_paid_tries_of_one_request_are_both_fetched(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Each was paid for, so each gives its own post a picture."""
    both = alike(2)
    events = [event for post in both for event in attempt_events(post, SUBMITTED)]
    site = site_in(tmp_path, *both, events=events)
    assert set(states(run(site, provider)).values()) == {Outcome.MADE}
    assert (provider.sent, len(provider.waited)) == ([], 2)
    assert written(site, after=4) == [(SAVED, USD)] * 2


def test_of_two_paid_tries_the_one_with_a_picture_serves_the_others(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Where one of them fails, the third post with the same request gets the other's picture, in whichever order."""
    for nth, folder in enumerate("ab"):
        three = alike(3)
        events = [event for post in three[:2] for event in attempt_events(post, SUBMITTED)]
        site = site_in(tmp_path / folder, *three, events=events, concurrency=1)
        provider.wait_errors.extend([None] * nth + [OutOfReachError("an outage")])
        report = run(site, provider)
        assert sorted(states(report).values()) == [Outcome.MADE, Outcome.MADE, Outcome.PENDING]


def test_a_copy_that_can_not_be_made_is_a_failure_of_its_own(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The post whose copy the disk refuses says so; the one that was drawn is there."""

    def copyfile(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    report = run(site_in(tmp_path, *alike(2)), provider)
    assert [result.state for result in report.results] == [Outcome.MADE, Outcome.FAILED]
    failed = report.results[1]
    assert "images/heroes can't be written (No space left on device)" in failed.reason
    assert (failed.was_tried, failed.remedy) == (True, "The next build tries again")


# Pictures that are there under another name.


@pytest.mark.parametrize("is_paying", [True, False])
def test_a_retitled_posts_picture_is_copied(tmp_path: Path, provider: ScriptedProvider, is_paying: bool) -> None:
    """It is copied with or without a provider, keeps its type, and is written down with what drew it."""
    old = f"{hero_stem(POST.title)}.webp"
    site = site_in(tmp_path, RENAMED, events=attempt_events(POST, SAVED))
    save_picture(site.library.folder / old)
    (result,) = run(site, provider if is_paying else None).results
    name = f"{hero_stem(RENAMED.title)}.webp"
    assert (result.state, result.kept_from, result.was_tried) == (Outcome.KEPT, f"images/heroes/{old}", True)
    assert result.usd == 0.0
    assert (site.library.folder / name).read_bytes() == (site.library.folder / old).read_bytes()
    copied = site.ledger.read().events[-1]
    assert (copied.event, copied.hero, copied.kept_from, copied.title) == (SAVED, name, old, RENAMED.title)
    assert copied.fingerprint == build_request(POST, site.settings).fingerprint
    assert provider.sent == []


def test_a_picture_of_another_folder_is_copied_without_that_folders_name(tmp_path: Path) -> None:
    """What the ledger says of the copy names the file alone, and the folder that it is in now."""
    site = site_in(tmp_path, events=attempt_events(POST, SAVED, folder="images/covers"))
    save_picture(tmp_path / "images" / "covers" / FILE)
    (result,) = run(site, None).results
    assert (result.state, result.kept_from) == (Outcome.KEPT, f"images/covers/{FILE}")
    copied = site.ledger.read().events[-1]
    assert (copied.kept_from, copied.folder) == (FILE, "images/heroes")


def test_a_copy_that_can_not_be_written_down_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's own error is the reason."""
    site = site_in(tmp_path, RENAMED, events=attempt_events(POST, SAVED))
    save_picture(site.library.folder / FILE)

    def append(ledger: Ledger, event: Event) -> None:
        raise LedgerError("the disk is full")

    monkeypatch.setattr(Ledger, "append", append)
    (result,) = run(site, None).results
    assert (result.state, result.reason, result.was_tried) == (Outcome.FAILED, "the disk is full", True)
    assert result.remedy == "The next build tries again"


# What halts a run.


def test_a_provider_that_is_not_ready_is_asked_for_nothing(tmp_path: Path, provider: ScriptedProvider) -> None:
    """Its error halts the run; each hero that would have been made says so, its followers too."""
    provider.check_error = AccountError("the key is wrong")
    site = site_in(tmp_path, *alike(2), make_post("Another"))
    report = run(site, provider)
    assert report.halt_error is provider.check_error
    assert [(result.state, result.reason) for result in report.halted] == [(Outcome.FAILED, "the key is wrong")] * 3
    assert all(result.was_tried for result in report.results)
    assert (provider.sent, written(site)) == ([], [])


def test_a_provider_is_not_even_checked_when_there_is_nothing_to_make(
    tmp_path: Path, provider: ScriptedProvider
) -> None:
    """A run with nothing to buy or to fetch needs no key."""
    provider.check_error = AccountError("the key is wrong")
    report = run(site_in(tmp_path, budget=0), provider)
    assert report.halt_error is None
    assert states(report) == {POST.title: Outcome.UNAFFORDABLE}


def test_an_account_that_is_empty_halts_the_run(tmp_path: Path, provider: ScriptedProvider) -> None:
    """The first request shows it; no other is sent, and followers of what was not tried are halted as well."""
    provider.submit_errors.append(AccountError("the balance is exhausted"))
    site = site_in(tmp_path, *alike(2), *[replace(post, title=f"New {post.title}") for post in posts(3)], concurrency=1)
    report = run(site, provider)
    assert str(report.halt_error) == "the balance is exhausted"
    assert len(provider.sent) == 1
    assert {result.reason for result in report.results} == {"the balance is exhausted"}
    assert all(result.is_halted and result.was_tried for result in report.results)
    assert [kind for kind, _ in written(site)] == [SUBMITTING, FAILED]


def test_a_ledger_that_is_full_halts_the_run_and_loses_no_picture(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was accepted by then is fetched and there, although its id could not be written down; no more is sent."""
    append, full = Ledger.append, LedgerError("the disk is full")

    def append_until_submitted(ledger: Ledger, event: Event) -> None:
        if event.event == SUBMITTED:
            raise full
        append(ledger, event)

    monkeypatch.setattr(Ledger, "append", append_until_submitted)
    report = run(site_in(tmp_path, *posts(2), concurrency=1), provider)
    assert report.halt_error is full
    assert states(report) == {"Post 1": Outcome.MADE, "Post 0": Outcome.FAILED}
    assert len(provider.sent) == 1


def test_a_hero_that_fails_for_itself_halts_nothing(tmp_path: Path, provider: ScriptedProvider) -> None:
    """The others are made, and it is not counted among those that were halted."""
    provider.wait_errors.append(JobError("broken", retryable=False))
    report = run(site_in(tmp_path, *posts(2), concurrency=1), provider)
    assert report.halt_error is None
    assert [result.is_halted for result in report.results] == [False, False]
    assert sorted(states(report).values()) == [Outcome.FAILED, Outcome.MADE]


# What is reported.


def test_lines_that_can_not_be_read_are_reported(tmp_path: Path, provider: ScriptedProvider) -> None:
    """With and without a provider, by their numbers."""
    site = site_in(tmp_path)
    site.ledger.path.write_text("damage\n", encoding="utf-8")
    assert run(site, None).unreadable == (1,)
    assert run(site, provider).unreadable == (1,)


def test_a_listener_hears_of_each_hero(tmp_path: Path, provider: ScriptedProvider) -> None:
    """How many there are, what the provider says of each, and what became of it."""
    heard: list[tuple[Any, ...]] = []

    class Listener(Silent):
        def started(self, count: int) -> None:
            heard.append((count,))

        def progressed(self, item: Item, status: Status) -> None:
            heard.append((item.post, status))

        def finished(self, result: HeroResult) -> None:
            heard.append((result.item.post, result.state))

    generate(site_in(tmp_path), provider, listener=Listener(), say=lambda text: None)
    assert heard == [(1,), (POST, Status(queue_position=1)), (POST, Outcome.MADE)]


def test_a_dry_run_tells_what_would_be_bought(tmp_path: Path) -> None:
    """Plan and selection are those of a real run; a survey that is there already is used."""
    site = site_in(tmp_path, *posts(3), budget=0.05)
    plan, selection = dry_run(site)
    assert [item.post.title for item in plan.items] == ["Post 2", "Post 1", "Post 0"]
    assert (len(selection.affordable), len(selection.unaffordable)) == (2, 1)
    found = survey(site)
    assert dry_run(site, found)[0] is found.plan


# A command's purchase.

KEY = {"FAL_KEY": "id:secret"}


def bought(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    provider: ScriptedProvider,
    environ: Mapping[str, str],
    say: Callable[[str], None] = lambda text: None,
) -> Report:
    """What a command reports that finds this provider for fal."""
    from pelican_falhero.providers.fal import provider as fal  # noqa: PLC0415 - imports fal_client

    monkeypatch.setattr(fal, "FalProvider", lambda: provider)
    environ = {"HOME": str(site.library.root), **environ}
    return purchase(site, listener=Silent(), say=say, environ=environ)


def test_a_command_buys_what_is_missing(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With credentials, and outside of CI."""
    report = bought(site_in(tmp_path), monkeypatch, provider, KEY)
    assert states(report) == {POST.title: Outcome.MADE}


@pytest.mark.parametrize("outcome", [None, SUBMITTED])
@pytest.mark.parametrize(("environ", "reason"), [({}, NoSpending.NO_CREDENTIALS), (KEY | {"CI": "1"}, NoSpending.CI)])
def test_a_command_that_may_not_spend_says_why(
    tmp_path: Path,
    provider: ScriptedProvider,
    monkeypatch: pytest.MonkeyPatch,
    outcome: str | None,
    environ: dict[str, str],
    reason: NoSpending,
) -> None:
    """Where something is to be bought, or to be fetched, the reason is an error."""
    site = site_in(tmp_path, events=attempt_events(POST, outcome) if outcome else ())
    with pytest.raises(AccountError, match=re.escape(reason.value)):
        bought(site, monkeypatch, provider, environ)
    assert (provider.sent, provider.waited) == ([], [])


def test_a_command_without_credentials_copies_what_is_there(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run with nothing to buy needs none."""
    site = site_in(tmp_path, RENAMED, events=attempt_events(POST, SAVED))
    save_picture(site.library.folder / FILE)
    assert states(bought(site, monkeypatch, provider, {})) == {RENAMED.title: Outcome.KEPT}


def test_a_command_with_cards_buys_nothing(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that draws locally leaves the hero missing, and nothing is asked of fal."""
    report = bought(site_in(tmp_path, provider="card"), monkeypatch, provider, KEY)
    assert states(report) == {POST.title: Outcome.MISSING}
    assert provider.sent == []


def test_a_command_plans_once(tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """The survey that shows what is to be bought is the one that the run goes by."""
    surveys: list[Site] = []

    def counted(site: Site) -> Any:
        surveys.append(site)
        return survey(site)

    monkeypatch.setattr(module, "survey", counted)
    for folder, events in (("a", ()), ("b", attempt_events(POST, REFUSED))):
        surveys.clear()
        bought(site_in(tmp_path / folder, events=events), monkeypatch, provider, KEY)
        assert len(surveys) == 1


@pytest.mark.parametrize("name", ["auto", "card"])
def test_a_command_says_what_it_waits_for(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Whether it buys or only copies, it tells the user of another run that holds the lock, and then goes on."""
    site = site_in(tmp_path, provider=name)
    lock = FileLock(site.library.state / "lock")
    lock.acquire()
    told: list[str] = []

    def say(text: str) -> None:
        told.append(text)
        lock.release()

    bought(site, monkeypatch, provider, KEY, say)
    assert len(told) == 1
    assert told[0].startswith("another build is drawing this site's heroes; waiting for it")
