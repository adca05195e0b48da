"""Builds with briefs and descriptions that are killed, or meet faults, at random moments, several times in a row."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import fal_faults
import pytest
from blog import Blog
from fal_exchange import Stage
from fal_server import FalServer
from fal_service import DESCRIPTION
from fal_timeouts import HURRY
from killing import Moment
from promises import assert_all_there, assert_sound, paid_unknown, uncertain, write_posts
from running import Running

ROUTER = "openrouter/router"
VISION = "openrouter/router/vision"
MODEL = "google/gemini-2.5-flash"
POSTS = 3
SEEDS = 4
LONG_SEEDS = 60
FAULTS = (fal_faults.internal_error, fal_faults.downstream_unavailable, fal_faults.too_many_requests)


def answer(arguments: dict[str, Any]) -> str:
    """A description, or a scene of its own for each post, so that no two heroes share a request."""
    if "image_urls" in arguments:
        return DESCRIPTION
    return f"A tower of {arguments['prompt'].split('Title: Post ')[1][0]} stones stands in the fog."


def killed(blog: Blog, fal: FalServer, random: Random) -> None:
    """A build that is killed at a random moment, if it comes to it."""
    stages: tuple[Stage, ...] = ("submit", "submit", "status", "result", "download")
    points = ("received", "done", "half", "answered")
    moment = Moment(random.choice(stages), random.randint(1, 3), random.choice(points))
    running: list[Running] = []

    def kill() -> None:
        running[0].kill()

    fal.faults.add(moment.stage, moment.fault(kill), nth=moment.nth)
    with Running(blog, env=fal.environment()) as build:
        running.append(build)
        build.end()
    fal.faults.clear()


def struck(blog: Blog, fal: FalServer, random: Random) -> None:
    """A build in which fal fails at some requests."""
    fal.faults.add("submit", random.choice(FAULTS)(), nth=random.randint(1, 4))
    blog.build(env=fal.environment())
    fal.faults.clear()


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, id=f"seed{seed}", marks=[pytest.mark.long] if seed >= SEEDS else [])
        for seed in range(SEEDS + LONG_SEEDS)
    ],
)
def test_texts_are_paid_for_once(blog: Blog, fal: FalServer, seed: int) -> None:
    """Whatever happened, each hero has one picture, at most one brief and one description, and the books are right."""
    random = Random(seed)
    titles = write_posts(blog, POSTS)
    fal.queue_polls = random.randrange(2)
    fal.language_model = answer
    blog.configure(HURRY, FALHERO_DIRECTOR=MODEL, FALHERO_ALT_MODEL=MODEL, FALHERO_CONCURRENCY=random.choice((1, 8)))
    for _ in range(random.randint(1, 4)):
        random.choice((killed, killed, struck))(blog, fal, random)
    builds = [blog.build(env=fal.environment()) for _ in range(2)]
    assert_sound(blog, fal, *builds)
    assert_all_there(blog, titles)
    assert "hero" not in builds[1].output
    unknown = paid_unknown(blog, fal)
    assert unknown <= len(uncertain(blog))
    charged = Counter(job.endpoint for job in fal.submissions if job.charged)
    pictures = charged.total() - charged[ROUTER] - charged[VISION]
    assert POSTS <= pictures <= POSTS + unknown
    assert charged[ROUTER] <= POSTS + unknown
    assert charged[VISION] <= POSTS + unknown
    written = Counter((event["hero"], event["endpoint"]) for event in blog.events() if event["event"] == "written")
    assert set(written.values()) <= {1}
    last = {event["attempt"]: event for event in blog.events()}
    known = sum(event["usd"] for event in last.values() if event["event"] != "submitting")
    billed = {event["request_id"] for event in last.values() if event.get("request_id")}
    assert known == pytest.approx(sum(job.cost_usd for job in fal.submissions if job.request_id in billed))
