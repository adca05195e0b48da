"""A small site to which random things happen, with an account of what may have been bought for it.

What may be bought: one picture for each post, one more for each picture that its author deleted and for each redraw
that was asked for with ``--force``, and one more wherever fal charged for a picture that it then refused to show.
Everything above that must be a submit whose outcome fal never told.
"""

from __future__ import annotations

import io
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from blog import SMALL, Blog, hero_name
from fal_pictures import render
from fal_server import FalServer
from fal_timeouts import HURRY
from PIL import Image
from promises import KEY, assert_key_kept, paid_unknown, uncertain
from random_steps import Command, DeleteHero, DeletePost, Edit, Kill, Prune, Race, Retitle, Run, Step, Strike
from running import Running

_PRICE = 0.025
"""USD for a picture of the dearer of the two models."""
_AMPLE = 100.0
_EPSILON = 1e-6
_FINALITY = ("submitting", "submitted", "failed", "refused", "saved")


@dataclass
class Post:
    """A post as its author last left it."""

    number: int
    title: str
    text: str = "Some words."
    summary: str = ""
    former: list[str] = field(default_factory=list)
    """Its earlier titles."""

    @property
    def source(self) -> str:
        """Its file below the content folder."""
        return f"post{self.number}.md"


@dataclass(frozen=True)
class Try:
    """One try at a hero, as the ledger tells it."""

    first: dict[str, Any]
    last: dict[str, Any]
    request_id: str

    @property
    def is_counted(self) -> bool:
        """Whether it counts against the budgets."""
        return bool(self.last.get("usd", 0.0) > 0)


class RandomSite:
    """The site, its author, and the books of both."""

    def __init__(self, blog: Blog, fal: FalServer, random: Random) -> None:
        self.blog = blog
        self.fal = fal
        self.log: list[str] = []
        """What became of each step."""
        self.allowed = random.randint(2, 5)
        """How many pictures may have been bought."""
        self.posts = [Post(number, f"Post {number}") for number in range(1, self.allowed + 1)]
        self._words = 0
        self._style = ""
        self._model = "dev"
        self._asked: dict[str, tuple[str, ...]] = {}
        """The fingerprint of each request to what its post and the site said then."""
        self._spent = 0.0
        blog.configure(FALHERO_CONCURRENCY=random.choice((1, 8)))
        fal.queue_polls = random.randrange(2)
        for post in self.posts:
            self._write(post)

    def take(self, step: Step) -> None:
        """Have it happen, and be sure that the books are right after it."""
        before = len(self.log)
        match step:
            case Run():
                self._run((step.command,), step.post, step.trouble, step.room)
            case Race():
                self._run((step.first, step.second), 0, step.trouble, None)
            case Edit():
                self._edit(step)
            case Retitle():
                self._retitle(self._post(step.post), back=step.back)
            case DeleteHero():
                self._delete_hero(step.hero)
            case DeletePost():
                if len(self.posts) > 1:
                    self._path(self._post(step.post)).unlink()
                    self.posts.remove(self._post(step.post))
            case Prune():
                self._prune()
        self.log[before:] = [f"{step}: {'; '.join(self.log[before:])}"]

    def build_twice(self) -> None:
        """Two builds with good weather and money enough."""
        for _ in range(2):
            self._run(("build",), 0, None, None)

    # What its author does.

    def _post(self, number: int) -> Post:
        return self.posts[number % len(self.posts)]

    def _path(self, post: Post) -> Path:
        return self.blog.content / post.source

    def _write(self, post: Post) -> None:
        summary = {"Summary": post.summary} if post.summary else {}
        self.blog.post(post.source, post.title, post.text, Date=f"2026-10-{post.number:02d} 10:00", **summary)

    def _new(self) -> str:
        """Words that were never said before."""
        self._words += 1
        return f"News {self._words}"

    def _edit(self, edit: Edit) -> None:
        post = self._post(edit.post)
        match edit.field:
            case "summary":
                post.summary = self._new()
            case "text":
                post.text = self._new()
            case "style":
                self._style = self._new()
                self.blog.configure(FALHERO_STYLE=self._style)
            case "model":
                self._model = "schnell" if self._model == "dev" else "dev"
                self.blog.configure(FALHERO_MODEL=self._model)
        self._write(post)

    def _retitle(self, post: Post, *, back: bool) -> None:
        title = post.former.pop() if back and post.former else f"{post.title} {self._new()}"
        post.former.append(post.title)
        post.title = title
        self._write(post)

    def _delete_hero(self, number: int) -> None:
        if names := sorted(self.blog.heroes()):
            (self.blog.assets / names[number % len(names)]).unlink()
            self.allowed += 1

    def _prune(self) -> None:
        month_ago = time.time() - 30 * 86400
        for name in self.blog.heroes():
            os.utime(self.blog.assets / name, (month_ago, month_ago))
        used = self.blog.heroes() & {hero_name(post.title) for post in self.posts}
        with self._started("pelican_falhero", "prune", "--apply") as prune:
            assert prune.end().code == 0, prune.output
            self.log += prune.output.splitlines()
        assert used <= self.blog.heroes(), "prune has deleted a picture in use"

    # What the machine does.

    def _run(self, commands: tuple[Command, ...], number: int, trouble: Kill | Strike | None, room: int | None) -> None:
        budget = _AMPLE if room is None else round(self._spent + room * _PRICE + 0.002, 6)
        is_hurried = isinstance(trouble, Strike)
        self.blog.configure(FALHERO_BUDGET=budget, FALHERO_TIMEOUT=2 if is_hurried else 30)
        self.blog.source = HURRY if is_hurried else ""
        self.blog.command()
        post = self._post(number)
        # Of two at once, the other one may make the hero that is then drawn anew.
        if hero_name(post.title) in self.blog.heroes() or len(commands) > 1:
            self.allowed += commands.count("force")
        with ExitStack() as stack:
            runs: list[Running] = []
            if trouble:
                # The process whose request is being answered is there, if not yet in the list.
                fault = trouble.fault(lambda: _first(runs).kill()) if isinstance(trouble, Kill) else trouble.fault()
                self.fal.faults.add(trouble.stage, fault, nth=trouble.nth)
            for place, command in enumerate(commands):
                runs.append(stack.enter_context(self._start_command(command, post, place)))
            for command, run in zip(commands, runs, strict=True):
                self._check_end(command, run, may_be_killed=isinstance(trouble, Kill))
        self.fal.wait_until_idle()
        self.fal.faults.clear()
        self._check_books(budget)

    def _start_command(self, command: Command, post: Post, place: int) -> Running:
        if command == "build":
            return self._started("", "-o", f"output{place or ''}")
        force = ["--force", str(self._path(post))] if command == "force" else []
        return self._started("pelican_falhero", "generate", *force)

    def _started(self, module: str, *options: str) -> Running:
        return Running(self.blog, *options, env=self.fal.environment(), module=module)

    def _check_end(self, command: Command, run: Running, *, may_be_killed: bool) -> None:
        code = run.end(90).code
        told = [line for line in run.output.splitlines() if line.startswith(("heroes:", "falhero:")) or "made" in line]
        self.log.append(f"{command} ended with {code} ({' / '.join(told)})")
        assert code in {0, -9 if may_be_killed else 0, 0 if command == "build" else 1}, run.output
        assert "Traceback" not in run.output, run.output
        assert "unforeseen" not in run.output, run.output
        assert KEY not in run.output.encode()

    # The books.

    def _tries(self) -> list[Try]:
        """What the ledger tells, in its own order."""
        grouped: dict[str, list[dict[str, Any]]] = {}
        for event in self.blog.events():
            grouped.setdefault(event["attempt"], []).append(event)
        return [
            Try(
                first=events[0],
                last=max(events, key=lambda event: _FINALITY.index(event["event"])),
                request_id=next((event["request_id"] for event in events if event.get("request_id")), ""),
            )
            for events in grouped.values()
        ]

    def _note_requests(self, tries: Iterable[Try]) -> None:
        for try_ in tries:
            self._asked.setdefault(
                try_.first["fingerprint"],
                next((self._words_of(post) for post in self.posts if post.source == try_.first.get("source")), ()),
            )

    def _words_of(self, post: Post) -> tuple[str, ...]:
        """All that decides the request for a post's hero."""
        return post.title, post.summary, post.text, self._style, self._model

    def _check_books(self, budget: float) -> None:
        tries = self._tries()
        self._note_requests(tries)
        unknown, unknown_charged = len(uncertain(self.blog)), paid_unknown(self.blog, self.fal)
        charged = {job.request_id for job in self.fal.submissions if job.charged}
        # Of a job that failed, a killed build may not have heard: it counts until a build has asked.
        unheard = sum(try_.last["event"] == "submitted" and try_.request_id not in charged for try_ in tries)
        counted = sum(try_.is_counted for try_ in tries) - unheard
        assert counted == self.fal.charges + unknown - unknown_charged, "the ledger counts what fal does not charge"
        refused = Counter(try_.first["fingerprint"] for try_ in tries if try_.last["event"] == "refused")
        assert max(refused.values(), default=0) <= 1, "a refused request was sent again"
        in_vain = sum(try_.last["event"] == "refused" and try_.request_id in charged for try_ in tries)
        assert self.fal.charges - unknown_charged - in_vain <= self.allowed, "something was paid for twice"
        spent = sum(try_.last.get("usd", 0.0) for try_ in tries)
        assert self.fal.cost_usd <= spent + _EPSILON, "fal bills more than the ledger counts"
        assert spent <= max(self._spent, budget) + _EPSILON, f"the budget of ${budget} was exceeded"
        self._spent = spent

    def check_end(self) -> None:
        """What holds after the last two builds."""
        tries = self._tries()
        refused = {self._asked[try_.first["fingerprint"]] for try_ in tries if try_.last["event"] == "refused"}
        for post in self.posts:
            name = hero_name(post.title)
            if self._words_of(post) not in refused:
                assert name in self.blog.heroes(), f"{post.source} has no hero"
            if name in self.blog.heroes():
                assert (self.blog.output / "images" / "heroes" / name).is_file(), f"{name} is not published"
        for name in self.blog.heroes():
            with Image.open(self.blog.assets / name) as image:
                image.load()
                assert (image.format, image.size) == ("PNG", SMALL), name
                assert len(set(image.convert("L").resize((8, 8)).tobytes())) > 1, f"{name} is blank"
        assert not list(self._left_at_fal(tries)), "a picture was paid for and not fetched"
        assert_key_kept(self.blog, self.fal)

    def _left_at_fal(self, tries: list[Try]) -> Iterator[Try]:
        """What was paid for, and neither fetched nor overtaken by a later picture of the same post."""
        sources = {post.source for post in self.posts}
        for place, try_ in enumerate(tries):
            source = try_.first.get("source")
            if try_.last["event"] != "submitted" or source not in sources:
                continue
            later = (other.last for other in tries[place + 1 :] if other.last["event"] == "saved")
            if not any(event.get("source") == source for event in later) and not self._is_there(try_):
                yield try_

    def _is_there(self, try_: Try) -> bool:
        """Whether a build was killed between the file and the line of the ledger that tells of it."""
        path = self.blog.assets / try_.first["hero"]
        (job,) = (job for job in self.fal.submissions if job.request_id == try_.request_id)
        return path.is_file() and any(_same(path, render(picture)) for picture in job.pictures.values())


def _same(path: Path, data: bytes) -> bool:
    with Image.open(path) as one, Image.open(io.BytesIO(data)) as other:
        return one.convert("RGB").tobytes() == other.convert("RGB").tobytes()


def _first(runs: list[Running]) -> Running:
    while not runs:
        time.sleep(0.001)
    return runs[0]


@contextmanager
def told(seed: int, steps: list[Step], site: RandomSite) -> Iterator[None]:
    """Have every failure say what led to it, and how to have it again."""
    try:
        yield
    except Exception as error:
        lines = [f"  {step!r}," for step in steps]
        raise AssertionError("\n".join([str(error), f"seed {seed}; steps = [", *lines, "]", *site.log])) from error
