"""When a request is looked at: how often, and how soon its end is seen. The time is counted, not waited for."""

from __future__ import annotations

import itertools

import pytest
from builders import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

from pelican_falhero.providers.base import DEFAULT_TIMEOUTS
from pelican_falhero.providers.http.pace import Fastest, pause_before_look

SECONDS = st.floats(0.05, 300)


def looks(seconds: float, *, fastest: float | None = None) -> list[float]:
    """When a request that takes so long is looked at: seconds after its submit, up to the look that sees its end."""
    at = [0.0]
    while at[-1] < seconds:
        at.append(at[-1] + pause_before_look(at[-1], fastest=fastest, timeouts=DEFAULT_TIMEOUTS))
    return at


@pytest.mark.parametrize("seconds", [0.7, 1.0, 3.0, 8.0])
def test_requests_that_take_equally_long_are_seen_at_once(seconds: float) -> None:
    """Once one of them has ended, the others are seen within 4 % of their time, in fewer looks than without it."""
    first = looks(seconds)
    others = looks(seconds, fastest=first[-1])
    assert others[-1] <= 1.04 * seconds
    assert len(others) <= min(len(first), 10)


@PROPERTY
@given(seconds=SECONDS)
def test_the_first_request_is_seen_within_a_tenth_of_its_time(seconds: float) -> None:
    """Before anything is known of how long requests take, the pauses grow with the time waited."""
    assert looks(seconds)[-1] <= max(1.1 * seconds, seconds + DEFAULT_TIMEOUTS.poll_shortest)


@PROPERTY
@given(seconds=SECONDS, fastest=SECONDS)
def test_a_request_is_seen_within_a_tenth_of_its_time_or_before_the_fastest(seconds: float, fastest: float) -> None:
    """A slower one is seen within a tenth of its time; a faster one not later than just after the fastest until now."""
    seen = looks(seconds, fastest=fastest)[-1]
    assert seen <= max(1.1 * seconds + 0.02, 1.02 * fastest + 0.02)


@PROPERTY
@given(seconds=SECONDS, fastest=SECONDS)
def test_fal_is_not_hurried(seconds: float, fastest: float) -> None:
    """Two looks are never closer than a fiftieth of a second, nor further apart than two seconds."""
    pauses = [later - earlier for earlier, later in itertools.pairwise(looks(seconds, fastest=fastest))]
    assert all(0.0199 <= pause <= 2.0001 for pause in pauses)
    assert len(pauses) <= 25 + seconds


def test_each_endpoint_has_a_fastest_request_of_its_own() -> None:
    """What schnell takes says nothing of ultra, and a slow request nothing of the next."""
    known = Fastest()
    for endpoint, seconds in (("schnell", 1.2), ("ultra", 10.0), ("schnell", 4.0)):
        known.learn(endpoint, seconds)
    assert [known.seconds(name) for name in ("schnell", "ultra", "dev")] == [1.2, 10.0, None]
