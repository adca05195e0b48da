"""A plan from before the lock is used again only where nothing has changed since."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from builders import attempt_events, make_post, save_picture

from pelican_falhero.generation.lock import BuyingLock
from pelican_falhero.generation.run import generate
from pelican_falhero.generation.run_state import Silent
from pelican_falhero.planning.item import State
from pelican_falhero.planning.site import Site
from pelican_falhero.planning.survey import survey
from pelican_falhero.settings_reading import read_settings
from pelican_falhero.storage.assets import Library, hero_stem
from pelican_falhero.storage.events import REFUSED, SAVED, SUBMITTED, Event
from pelican_falhero.storage.ledger import FILE_NAME, Ledger

POST = make_post()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with one hero that is missing, and an empty ledger."""
    library = Library(tmp_path, "images/heroes")
    library.prepare_state()
    settings = read_settings({}, root=tmp_path, prefix="")
    return Site(posts=(POST,), settings=settings, library=library, ledger=Ledger(library.state / FILE_NAME))


def generated(site: Site, **options: Any) -> Any:
    """What a run without a provider reports."""
    return generate(site, None, listener=Silent(), say=lambda text: None, **options)


@pytest.mark.parametrize("events", [(), attempt_events(POST, REFUSED)], ids=["no ledger", "a ledger"])
def test_a_plan_is_made_once_where_nothing_changed(site: Site, events: Iterable[Event]) -> None:
    """The survey from before the lock is the one that the run goes by."""
    for event in events:
        site.ledger.append(event)
    found = survey(site)
    assert generated(site, found=found).plan is found.plan


def test_what_was_submitted_meanwhile_is_seen(site: Site) -> None:
    """A request that another process sent between plan and lock is fetched, and not bought once more."""
    found = survey(site)
    for event in attempt_events(POST, SUBMITTED):
        site.ledger.append(event)
    report = generated(site, found=found)
    assert [item.state for item in found.plan.items] == [State.MISSING]
    assert [item.state for item in report.plan.items] == [State.PENDING]


def test_what_was_saved_meanwhile_is_seen(site: Site) -> None:
    """A picture that another process finished between plan and lock is not drawn again."""
    found = survey(site)
    save_picture(site.library.folder / f"{hero_stem(POST.title)}.png")
    assert [item.state for item in generated(site, found=found).plan.items] == [State.PRESENT]
    for event in attempt_events(POST, SAVED):
        site.ledger.append(event)
    assert [item.state for item in generated(site, found=found).plan.items] == [State.PRESENT]


def test_a_line_that_arrives_while_the_ledger_is_read_is_seen(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A survey is out of date already when the ledger grew after it was read, before the survey was done."""
    read = Ledger.read

    def read_then_grow(ledger: Ledger) -> Any:
        history = read(ledger)
        for event in attempt_events(POST, SUBMITTED):
            ledger.append(event)
        return history

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "read", read_then_grow)
        found = survey(site)
    assert [item.state for item in generated(site, found=found).plan.items] == [State.PENDING]


def test_after_waiting_for_the_lock_the_plan_is_made_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waited for another run plans again, whatever the files look like."""
    found = survey(site)
    made = BuyingLock.__init__

    def waited(lock: BuyingLock, *parts: Any, was_waited_for: bool, **known: Any) -> None:
        made(lock, *parts, was_waited_for=True, **known)

    monkeypatch.setattr(BuyingLock, "__init__", waited)
    assert generated(site, found=found).plan is not found.plan
