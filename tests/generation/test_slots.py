"""The slots of a run: taken before a request is sent, free while its picture is fetched."""

from __future__ import annotations

import threading
import time

import pytest

from pelican_falhero.errors import DeadlineError
from pelican_falhero.generation.slots import Slot
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
