"""How long a build takes that draws all its heroes, and how much memory: measured with fal in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from blog import Blog
from cold_build import ColdBuild, measure_cold_build
from fal_server import FalServer
from promises import write_posts

MAX_RATIO = 1.5
"""Of the ideal, on a machine that may be slow but has nothing else to do."""
MAX_MB = 60.0
MAX_GROWTH_MB = 10.0


def test_connections_are_kept(blog: Blog, fal: FalServer) -> None:
    """Each of a run's threads, two for each slot, shakes hands at most once with the queue and once with the CDN."""
    fal.latency = 0.2
    blog.configure(FALHERO_CONCURRENCY=2)
    write_posts(blog, 10)
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == 10
    assert fal.connections <= 2 * 2 * 2


def measured(folder: Path, heroes: int, tries: int) -> list[ColdBuild]:
    """Measurements of the same build until one is fast enough: something else may have used the machine meanwhile."""
    builds: list[ColdBuild] = []
    while len(builds) < tries and not (builds and builds[-1].ratio <= MAX_RATIO):
        builds.append(measure_cold_build(folder / f"try-{len(builds)}", heroes=heroes))
    return builds


@pytest.mark.clock
def test_a_cold_build_takes_little_longer_than_fal_and_no_more_memory_for_more_heroes(tmp_path: Path) -> None:
    """Heroes of a second, ten at a time, take little longer than they must; 300 need no more memory than 60.

    Measured on two idle cores: 1.10 to 1.11 of the ideal at 60 heroes and 1.05 at 300; 38 to 41 MB over Pelican without
    the plugin at both.
    """
    few = measured(tmp_path, 60, tries=5)
    many = measured(tmp_path, 300, tries=3)
    print(*few, *many, sep="\n")  # noqa: T201 - pytest shows it when the test fails
    assert min(built.ratio for built in few) <= MAX_RATIO
    assert min(built.ratio for built in many) <= MAX_RATIO
    peaks = [max(built.peak_mb for built in builds) for builds in (few, many)]
    assert max(peaks) <= MAX_MB
    assert peaks[1] - peaks[0] <= MAX_GROWTH_MB


@pytest.mark.long
def test_lighter_copies_need_no_more_memory_for_more_heroes(tmp_path: Path) -> None:
    """The memory of pictures that were decoded for their copies goes back to the system.

    Measured: 48.7 MB over Pelican alone at 60 heroes, 52.7 at 300 and 55.4 at 1,000; 65 and 67 where glibc keeps it.
    """
    few, many = (
        measure_cold_build(tmp_path / str(heroes), heroes=heroes, seconds=0.2, formats=("webp",))
        for heroes in (60, 300)
    )
    assert max(few.peak_mb, many.peak_mb) <= MAX_MB
    assert many.peak_mb - few.peak_mb <= MAX_GROWTH_MB
