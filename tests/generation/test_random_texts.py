"""Sites with briefs and descriptions to which random things happen: kills, faults, races, new titles, new briefs."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random
from typing import Any

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_exchange import Stage
from fal_server import FalServer
from fal_service import DESCRIPTION
from fal_timeouts import HURRY
from killing import Moment
from promises import assert_sound, paid_unknown, uncertain, write_posts
from running import Running

ROUTER = "openrouter/router"
VISION = "openrouter/router/vision"
MODEL = "google/gemini-2.5-flash"
POSTS = 3
SEEDS = 2
LONG_SEEDS = 62
FAULTS = (
    fal_faults.internal_error,
    fal_faults.downstream_unavailable,
    fal_faults.too_many_requests,
    fal_faults.drop_after,
    fal_faults.invalid_json,
)


def answer(arguments: dict[str, Any]) -> str:
    """A description, or a scene of its own for each question, so that no two heroes share a request."""
    if "image_urls" in arguments:
        return DESCRIPTION
    return f"A tower of {arguments['prompt'].split('Title: Post ')[1][0]} stones stands in the fog."


@dataclass
class Author:
    """A blog's author, who counts what was asked for beside the first picture of each post."""

    blog: Blog
    fal: FalServer
    random: Random
    titles: list[str]
    again: int = 0
    """How many pictures, each with a brief, were asked for once more."""

    def run(self, *commands: tuple[str, ...]) -> None:
        """Run builds (without arguments) and commands at once, and be sure of how they end."""
        self.blog.command()
        with ExitStack() as stack:
            runs = []
            for place, arguments in enumerate(commands):
                options = arguments or ("-o", f"output{place or ''}")
                module = "pelican_falhero" if arguments else ""
                running = Running(self.blog, *options, env=self.fal.environment(), module=module)
                runs.append(stack.enter_context(running))
                self._last = running
            for running in runs:
                ended = running.end()
                assert ended.code in (0, 1, -9), ended.output
                assert "Traceback" not in ended.output
        self.fal.wait_until_idle()
        self.fal.faults.clear()

    def _kill(self) -> None:
        self._last.kill()

    def command(self) -> tuple[str, ...]:
        """A build, or a new brief for a post."""
        if self.random.random() < 0.6:
            return ()
        self.again += 1
        return "generate", "--new-brief", f"content/post{self.random.randint(1, POSTS)}.md"

    def killed(self) -> None:
        """A run that is killed at a random moment, if it comes to it."""
        stages: tuple[Stage, ...] = ("submit", "submit", "status", "result", "download")
        points = ("received", "done", "half", "answered")
        moment = Moment(self.random.choice(stages), self.random.randint(1, 4), self.random.choice(points))
        self.fal.faults.add(moment.stage, moment.fault(self._kill), nth=moment.nth)
        self.run(self.command())

    def struck(self) -> None:
        """A run in which fal fails at some requests."""
        stage: Stage = self.random.choice(("submit", "result"))
        self.fal.faults.add(stage, self.random.choice(FAULTS)(), nth=self.random.randint(1, 4))
        self.run(self.command())

    def raced(self) -> None:
        """Two runs at once."""
        self.run(self.command(), self.command())

    def retitled(self) -> None:
        """A post gets a new title."""
        number = self.random.randint(1, POSTS)
        self.titles[number - 1] += " anew"
        self.blog.post(f"post{number}.md", self.titles[number - 1], Date=f"2026-10-{number:02d} 10:00")


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, id=f"seed{seed}", marks=[pytest.mark.long] if seed >= SEEDS else [])
        for seed in range(SEEDS + LONG_SEEDS)
    ],
)
def test_texts_are_paid_for_once(blog: Blog, fal: FalServer, seed: int) -> None:
    """Whatever happened, each hero has its picture, no text is paid for twice, the books are right, and builds rest."""
    random = Random(seed)
    author = Author(blog, fal, random, write_posts(blog, POSTS))
    fal.queue_polls = random.randrange(2)
    fal.language_model = answer
    blog.configure(HURRY, FALHERO_DIRECTOR=MODEL, FALHERO_ALT_MODEL=MODEL, FALHERO_CONCURRENCY=random.choice((1, 8)))
    for _ in range(random.randint(1, 4)):
        random.choice((author.killed, author.killed, author.struck, author.retitled, author.raced))()
    builds = [blog.build(env=fal.environment()) for _ in range(2)]
    before = len(fal.requests)
    builds.append(blog.build(env=fal.environment()))
    assert_sound(blog, fal, *builds)
    assert "hero" not in builds[-1].output
    assert len(fal.requests) == before, "a build with nothing to do asks fal"
    assert {hero_name(title) for title in author.titles} <= blog.heroes()
    unknown = paid_unknown(blog, fal)
    assert unknown <= len(uncertain(blog))
    charged = Counter(job.endpoint for job in fal.submissions if job.charged)
    pictures = charged.total() - charged[ROUTER] - charged[VISION]
    most = POSTS + author.again + unknown
    assert POSTS <= pictures <= most
    assert charged[ROUTER] <= most
    assert charged[VISION] <= most
    texts = Counter(event.get("sha256") for event in blog.events() if event["event"] == "written")
    assert all(number == 1 for digest, number in texts.items() if digest), "a picture was described twice"
    last = {event["attempt"]: event for event in blog.events()}
    known = {event["request_id"]: event for event in last.values() if event.get("request_id")}
    ended = {name: event for name, event in known.items() if event["event"] != "submitted"}
    billed = sum(job.cost_usd for job in fal.submissions if job.request_id in ended)
    assert sum(event.get("usd", 0.0) for event in ended.values()) == pytest.approx(billed)
    assert sum(event.get("usd", 0.0) for event in last.values()) >= fal.cost_usd - 1e-6
