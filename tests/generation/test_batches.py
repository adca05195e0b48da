"""Batches: several heroes in flight, without idle slots."""

from __future__ import annotations

import fal_faults
import pytest
from blog import Blog
from fal_server import FalServer

LATENCY = 2.0


def drawing_seconds(fal: FalServer) -> float:
    """From the first request to the last byte that was asked for."""
    times = [request.at for request in fal.requests]
    return max(times) - min(times)


@pytest.mark.parametrize(("heroes", "concurrency", "rounds"), [(8, 8, 1), (8, 4, 2), (9, 3, 3)])
def test_a_batch_takes_as_many_rounds_as_it_must(
    blog: Blog, fal: FalServer, heroes: int, concurrency: int, rounds: int
) -> None:
    """N heroes with c in flight take about ceil(N/c) times as long as one."""
    fal.latency = LATENCY
    blog.configure(FALHERO_CONCURRENCY=concurrency)
    for number in range(heroes):
        blog.post(f"{number}.md", f"Post {number}")
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == heroes
    assert fal.peak_in_progress == concurrency
    # A look at a request every so often, and the first one's way ahead of the others, come on top.
    assert rounds * LATENCY <= drawing_seconds(fal) < rounds * (LATENCY + 1.0) + 3.0


def test_downloads_overlap_with_drawing(blog: Blog, fal: FalServer) -> None:
    """While pictures are slow to arrive, their slots at fal are already drawing the next."""
    fal.latency = 0.5
    fal.faults.add("download", fal_faults.delay(3.0))
    blog.configure(FALHERO_CONCURRENCY=2)
    for number in range(4):
        blog.post(f"{number}.md", f"Post {number}")
    assert blog.build(env=fal.environment()).code == 0
    submits = [request.at for request in fal.requests_of("submit")]
    first_download = min(request.at for request in fal.requests_of("download"))
    # In the slots of the downloads the last ones would wait until the first had come.
    assert max(submits) < first_download + 2.0


def test_one_slow_hero_does_not_hold_up_the_others(blog: Blog, fal: FalServer) -> None:
    """A hero that never comes keeps one slot; the others of the batch are drawn meanwhile."""
    fal.faults.add("submit", fal_faults.never_completes(), nth=1)
    blog.configure(FALHERO_CONCURRENCY=2, FALHERO_TIMEOUT=6)
    for number in range(6):
        blog.post(f"{number}.md", f"Post {number}")
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert len(blog.heroes()) == 5
    assert "timed out after 6 s (FALHERO_TIMEOUT)" in built.output
    assert "the next build" in built.output
