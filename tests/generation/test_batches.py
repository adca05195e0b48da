"""Batches: several heroes in flight, without idle slots."""

from __future__ import annotations

import fal_faults
import pytest
from blog import Blog
from fal_server import FalServer
from promises import write_posts
from running import Running

LATENCY = 1.0


def drawing_seconds(fal: FalServer) -> float:
    """From the first request to the last byte that was asked for."""
    times = [request.at for request in fal.requests]
    return max(times) - min(times)


@pytest.mark.parametrize(
    ("heroes", "concurrency", "rounds"),
    [(6, 3, 2), pytest.param(8, 8, 1, marks=pytest.mark.long), pytest.param(9, 3, 3, marks=pytest.mark.long)],
)
def test_a_batch_takes_as_many_rounds_as_it_must(
    blog: Blog, fal: FalServer, heroes: int, concurrency: int, rounds: int
) -> None:
    """N heroes with c in flight take about ceil(N/c) times as long as one."""
    fal.latency = LATENCY
    blog.configure(FALHERO_CONCURRENCY=concurrency)
    write_posts(blog, heroes)
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == heroes
    assert fal.peak_in_progress == concurrency
    # A look at a request every so often, and the first one's way ahead of the others, come on top. One after the other
    # they would take longer.
    assert rounds * LATENCY <= drawing_seconds(fal) < min(rounds * (LATENCY + 0.5) + 3.0, heroes * LATENCY)


def test_downloads_overlap_with_drawing(blog: Blog, fal: FalServer) -> None:
    """While pictures are slow to arrive, their slots at fal are already drawing the next."""
    gate = fal_faults.Gate()
    fal.faults.add("download", fal_faults.hold(gate))
    blog.configure(FALHERO_CONCURRENCY=2)
    write_posts(blog, 4)
    with Running(blog, env=fal.environment()) as build:
        fal.wait_for("download", 2)
        # In the slots of the downloads the last ones would wait until the first had come.
        fal.wait_for("submit", 4)
        gate.open()
        assert build.end().code == 0
    assert len(blog.heroes()) == 4


def test_one_slow_hero_does_not_hold_up_the_others(blog: Blog, fal: FalServer) -> None:
    """A hero that never comes keeps one slot; the others of the batch are drawn meanwhile."""
    fal.faults.add("submit", fal_faults.never_completes(), nth=1)
    blog.configure(FALHERO_CONCURRENCY=2, FALHERO_TIMEOUT=3)
    write_posts(blog, 4)
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert len(blog.heroes()) == 3
    assert "timed out after 3 s (FALHERO_TIMEOUT)" in built.output
    assert "the next build" in built.output
