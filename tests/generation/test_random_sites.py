"""Whatever happens to small sites in whatever order, nothing is paid for twice, and in the end all heroes are there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blog import Blog
from fal_server import FalServer
from fork_server import ForkServer
from random_sites import RandomSite

SEEDS = 14
MORE_SEEDS = 150


@pytest.fixture(scope="module")
def forks() -> Iterator[ForkServer]:
    """A process from which builds are forked."""
    with ForkServer() as server:
        yield server


def play(seed: int, blog: Blog, fal: FalServer, forks: ForkServer) -> None:
    """One site's life, and what must hold at its end."""
    site = RandomSite(seed, blog, fal, forks)
    site.play(4)
    site.settle()
    site.check_money()
    site.check_heroes()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nothing_is_paid_for_twice(seed: int, blog: Blog, fal: FalServer, forks: ForkServer) -> None:
    """After any five steps and two clean builds: every hero is there, and what was charged was asked for and noted."""
    play(seed, blog, fal, forks)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + MORE_SEEDS))
def test_nothing_is_paid_for_twice_on_many_sites(seed: int, blog: Blog, fal: FalServer, forks: ForkServer) -> None:
    """The same on more sites."""
    play(seed, blog, fal, forks)
