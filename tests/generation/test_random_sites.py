"""Small sites to which random things happen: kills, faults, edits, retitles, prunes, races, in random order.

Whatever happened, two builds in good weather put everything right, and nothing was paid for twice. A failure prints its
seed and steps; `pytest -m "" "tests/generation/test_random_sites.py::test_paid_is_paid[seed7]"` runs seed 7 alone, and
`pytest -m long tests/generation` runs many more.
"""

from __future__ import annotations

from random import Random

import pytest
from blog import Blog
from fal_server import FalServer
from random_sites import RandomSite, told
from random_steps import draw_steps

SEEDS = 186
QUICK = {26, 44, 72, 90}
"""Among them they have every kind of step, and every kind of trouble at every stage."""


@pytest.mark.parametrize(
    "seed",
    [pytest.param(seed, id=f"seed{seed}", marks=[] if seed in QUICK else [pytest.mark.long]) for seed in range(SEEDS)],
)
def test_paid_is_paid(blog: Blog, fal: FalServer, seed: int) -> None:
    """After random steps and two builds all heroes are there, and each was bought once."""
    random = Random(seed)
    site = RandomSite(blog, fal, random)
    steps = draw_steps(random)
    with told(seed, steps, site):
        for step in steps:
            site.take(step)
        site.build_twice()
        site.check_end()
