"""The slots of a run: taken before a request is sent, free while its picture is fetched."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from scripted_provider import ScriptedProvider, site_in, written

from pelican_falhero.errors import DeadlineError
from pelican_falhero.generation.run_state import RunState, Silent
from pelican_falhero.generation.slots import Slot
from pelican_falhero.generation.submit import Submitter
from pelican_falhero.generation.try_log import TryLog
from pelican_falhero.planning.budget import Allowance
from pelican_falhero.planning.survey import survey
from pelican_falhero.providers.base import Deadline


def test_a_hero_takes_one_slot_and_gives_one_back() -> None:
    """However often it asks for it, and however often it has done with it."""
    slots = threading.BoundedSemaphore(2)
    one, other = Slot(slots), Slot(slots)
    one.take()
    one.take()
    other.take()
    one.free()
    one.free()
    one.take()
    assert not slots.acquire(blocking=False)


def test_a_hero_that_is_sent_again_waits_for_a_slot_as_long_as_it_has_time() -> None:
    """A slot that it has given back may be another hero's by then."""
    slots = threading.BoundedSemaphore(1)
    one, other = Slot(slots), Slot(slots)
    one.take()
    one.free()
    other.take()
    with pytest.raises(DeadlineError):
        one.take(Deadline(time.monotonic() + 0.05))
    other.free()
    one.take(Deadline(time.monotonic() + 10))
    assert not slots.acquire(blocking=False)


def test_a_request_is_not_sent_without_a_slot(tmp_path: Path, provider: ScriptedProvider) -> None:
    """A hero whose slot another has taken meanwhile waits no longer than its time, and writes nothing down."""
    site = site_in(tmp_path)
    (item,) = survey(site).plan.items
    run = RunState(
        provider=provider,
        settings=site.settings,
        library=site.library,
        ledger=site.ledger,
        listener=Silent(),
        money=Allowance(day=1.0, month=1.0),
        retry=False,
    )
    slots = threading.BoundedSemaphore(1)
    Slot(slots).take()
    deadline = Deadline(time.monotonic() + 0.05)
    submitter = Submitter(run, item, TryLog(run, item), deadline=deadline, slot=Slot(slots))
    with pytest.raises(DeadlineError):
        submitter.submit(item.request, item.request.fingerprint)
    assert (provider.sent, written(site)) == ([], [])
