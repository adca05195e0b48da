"""Small sites to which everything happens that happens to blogs: kills, faults, edits, retitles, clean-ups, races.

A site is driven by a seed. Each step notes what it may cost, so that what fal charged can be held against it.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import fal_faults
from blog import Blog, hero_name
from fal_exchange import Fault, Stage
from fal_server import FalServer
from fal_timeouts import shortened
from fork_server import Child, ForkServer
from PIL import Image
from promises import KEY, paid_unknown

AMPLE = 100.0
MONTH = 30 * 24 * 3600
STAGES: tuple[Stage, ...] = ("submit", "status", "result", "download")
FAULTS: tuple[tuple[Stage, Callable[[], Fault]], ...] = (
    ("submit", fal_faults.drop_before),
    ("submit", fal_faults.drop_after),
    ("submit", fal_faults.nginx),
    ("submit", lambda: fal_faults.nginx(after_work=True)),
    ("submit", fal_faults.too_many_requests),
    ("submit", fal_faults.content_policy),
    ("submit", fal_faults.nsfw),
    ("submit", fal_faults.internal_error),
    ("status", fal_faults.drop_after),
    ("status", lambda: fal_faults.nginx(503)),
    ("status", lambda: fal_faults.nginx(404)),
    ("result", fal_faults.unhandled),
    ("result", lambda: fal_faults.replaced("{}")),
    ("download", fal_faults.half_file),
    ("download", lambda: fal_faults.nginx(503)),
    ("download", fal_faults.black),
)


class RandomSite:
    """One blog, one fal and one seed; ``play`` does the steps, ``settle`` two clean builds at their end."""

    def __init__(self, seed: int, blog: Blog, fal: FalServer, forks: ForkServer) -> None:
        self.random = random.Random(seed)
        self.blog = blog
        self.fal = fal
        self.forks = forks
        self.steps: list[str] = [f"seed {seed}"]
        self.posts: dict[str, str] = {}
        self.wanted: set[str] = set()
        """The names of all heroes that a run was to make."""
        self.allowed = 0
        """What may be bought beside them: redraws that were asked for, and heroes whose file was deleted."""
        self._titles = iter(range(1, 1000))
        self._runs = 0
        self.budget = AMPLE
        blog.configure(shortened(withheld=0.3, connect=0.5, forgotten=0.5), FALHERO_TIMEOUT=2, FALHERO_CONCURRENCY=3)
        for number in range(self.random.randint(2, 4)):
            self.posts[f"post{number}.md"] = self._new_title()
            self._write(f"post{number}.md")

    def play(self, count: int) -> None:
        """So many random steps, the first of them a build."""
        actions = [
            *[self.build] * 2,
            *[self.killed_build] * 3,
            *[self.faulty_build] * 3,
            *[self.edit] * 2,
            *[self.retitle] * 2,
            self.delete_hero,
            self.delete_post,
            self.prune,
            self.force,
            self.two_builds,
            self.tight_budget,
        ]
        self.random.choice([self.build, self.killed_build, self.faulty_build])()
        for _ in range(count):
            self.random.choice(actions)()

    def settle(self) -> None:
        """Two builds without faults and with money; the second asks fal for nothing."""
        self.fal.faults.clear()
        for job in self.fal.submissions:
            job.outcome = job.outcome if job.outcome.ends else type(job.outcome)()
        self.budget = AMPLE
        self._run(note="settle")
        self._run(note="settle again")
        before = len(self.fal.requests)
        self._run(note="warm")
        assert len(self.fal.requests) == before, self.told("a warm build asked fal for something")

    def told(self, problem: str) -> str:
        """A problem, with all that led to it."""
        return "\n".join([problem, *self.steps, self.blog.ledger.read_text() if self.blog.ledger.exists() else ""])

    # Steps.

    def build(self) -> None:
        """An ordinary build."""
        self._run(note="build")

    def killed_build(self) -> None:
        """A build that is killed at some request, or ends before it comes to that."""
        stage, nth = self.random.choice(STAGES), self.random.randint(1, 4)
        children: list[Child] = []
        works = self.random.random() < 0.7
        fault = Fault(name="kill", works=works, deliver=lambda _wire, _reply: children[0].kill())
        self.fal.faults.add(stage, fault, nth=nth)
        self._run(note=f"build killed at {stage} {nth} {'done' if works else 'received'}", children=children)
        self.fal.faults.clear()

    def faulty_build(self) -> None:
        """A build in which some requests of a stage go wrong."""
        stage, fault = self.random.choice(FAULTS)
        made, times = fault(), self.random.randint(1, 3)
        self.fal.faults.add(stage, made, times=times)
        self._run(note=f"build with {times} × {made.name} at {stage}")
        self.fal.faults.clear()

    def two_builds(self) -> None:
        """Two builds at once, the one with an output folder of its own."""
        first = self._start("pelican", ["-s", "pelicanconf.py"])
        second = self._start("pelican", ["-s", "pelicanconf.py", "-o", "output2"])
        self._ended("two builds", first, second)

    def edit(self) -> None:
        """Other words in a post, or another look for the blog."""
        if self.random.random() < 0.5 and self.posts:
            name = self.random.choice(sorted(self.posts))
            self._write(name, words=f"Other words, {self.random.randint(1, 999)}.")
            self.steps.append(f"edit {name}")
        else:
            style = self.random.choice(["Ink", "Watercolour", "A photograph"])
            self.blog.configure(FALHERO_STYLE=style, FALHERO_MODEL=self.random.choice(["dev", "schnell"]))
            self.steps.append(f"style {style}")

    def retitle(self) -> None:
        """A new title for a post."""
        if self.posts:
            name = self.random.choice(sorted(self.posts))
            self.posts[name] = self._new_title()
            self._write(name)
            self.steps.append(f"retitle {name}: {self.posts[name]}")

    def delete_hero(self) -> None:
        """A hero's file is deleted, which is how an author asks for another one."""
        if names := sorted(self.blog.heroes()):
            name = self.random.choice(names)
            (self.blog.assets / name).unlink()
            self.allowed += 1
            self.steps.append(f"delete {name}")

    def delete_post(self) -> None:
        """A post goes."""
        if len(self.posts) > 1:
            name = self.random.choice(sorted(self.posts))
            del self.posts[name]
            (self.blog.content / name).unlink()
            self.steps.append(f"delete {name}")

    def prune(self) -> None:
        """Everything that no post uses is deleted, whatever its age."""
        for path in self.blog.assets.iterdir() if self.blog.assets.exists() else ():
            os.utime(path, (time.time() - MONTH, time.time() - MONTH))
        self._ended("prune", self._start("falhero", ["prune", "--apply"]))

    def force(self) -> None:
        """A hero is drawn anew, and sometimes that is killed."""
        if not self.posts:
            return
        name = self.random.choice(sorted(self.posts))
        self.allowed += hero_name(self.posts[name]) in self.blog.heroes()
        child = self._start("falhero", ["generate", "--force", f"content/{name}"])
        if self.random.random() < 0.5:
            self.fal.faults.add("status", Fault(name="kill", deliver=lambda _wire, _reply: child.kill()), nth=1)
        self._ended(f"generate --force {name}", child)
        self.fal.faults.clear()

    def tight_budget(self) -> None:
        """A build with money for about one hero."""
        self.budget = round(self.recorded_usd() + self.random.choice([0.0, 0.01, 0.03]), 3)
        self._run(note=f"build with a budget of {self.budget}")
        self.budget = AMPLE

    # What holds.

    def recorded_usd(self) -> float:
        """What the ledger says was spent or may have been."""
        last: dict[str, tuple[int, float]] = {}
        for event in self._events():
            rank = ("submitting", "submitted", "failed", "refused", "saved").index(event["event"])
            last[event["attempt"]] = max(last.get(event["attempt"], (-1, 0.0)), (rank, event.get("usd", 0.0)))
        return float(sum(usd for _, usd in last.values()))

    def check_money(self) -> None:
        """Nothing was bought that nobody asked for, and the ledger knows of all that was."""
        refused = sum(event["event"] == "refused" and event.get("usd", 0.0) > 0 for event in self._events())
        unknown = paid_unknown(self.blog, self.fal)
        allowed = len(self.wanted) + self.allowed + refused + unknown
        assert self.fal.charges <= allowed, self.told(f"{self.fal.charges} charges, {allowed} allowed")
        tries: dict[str, set[str]] = {}
        ids: dict[str, str] = {}
        for event in self._events():
            tries.setdefault(event["attempt"], set()).add(event["event"])
            if event.get("request_id"):
                ids[event["attempt"]] = event["request_id"]
        charged = {job.request_id for job in self.fal.submissions if job.charged}
        never_named = sum(kinds == {"submitting"} for kinds in tries.values())
        assert unknown <= never_named, self.told("the ledger does not know of a charge")
        assert len(charged) == len(charged & set(ids.values())) + unknown, self.told("charges are not in the ledger")

    def check_heroes(self) -> None:
        """Every hero is there and whole, unless fal refused it."""
        refused = self._refused()
        for name in sorted(self.posts):
            hero = self.blog.assets / hero_name(self.posts[name])
            if not hero.exists():
                assert hero.name in refused, self.told(f"{name} has no hero")
                continue
            with Image.open(hero) as image:
                image.load()
        for path in self.blog.root.rglob("*"):
            assert not path.is_file() or KEY not in path.read_bytes(), self.told(f"the key is in {path}")

    def _refused(self) -> set[str]:
        child = self._start("falhero", ["plan", "--json"])
        _, out = child.end()
        rows = json.loads(out[out.index("{") :])["heroes"]
        states = Counter(row["state"] for row in rows)
        assert set(states) <= {"present", "refused"}, self.told(f"after all: {dict(states)}")
        return {row["file"] for row in rows if row["state"] == "refused"}

    # How it is done.

    def _new_title(self) -> str:
        return f"Title {next(self._titles)}"

    def _write(self, name: str, words: str = "Words of the post.") -> None:
        self.blog.post(name, self.posts[name], words)

    def _events(self) -> list[dict[str, Any]]:
        lines = self.blog.ledger.read_text().splitlines() if self.blog.ledger.exists() else []
        # A kill may have left half a line.
        whole = lines if not lines or self.blog.ledger.read_bytes().endswith(b"\n") else lines[:-1]
        return [json.loads(line) for line in whole]

    def _start(self, program: str, arguments: list[str]) -> Child:
        self.blog.configure(FALHERO_BUDGET=self.budget)
        self.blog.command()
        self._runs += 1
        out = self.blog.root / f"run{self._runs}.txt"
        self.wanted |= {hero_name(title) for title in self.posts.values()}
        env = self.blog.environment(self.fal.environment())
        return self.forks.start(program, arguments, folder=self.blog.root, env=env, out=out)

    def _run(self, *, note: str, children: list[Child] | None = None) -> None:
        child = self._start("pelican", ["-s", "pelicanconf.py", "--log-handler", "plain"])
        if children is not None:
            children.append(child)
        self._ended(note, child)

    def _ended(self, note: str, *children: Child) -> None:
        before = self.recorded_usd() if not children else None
        for child in children:
            code, out = child.end()
            self.steps.append(f"{note} -> {code}")
            heard = [line for line in out.splitlines() if "hero" in line]
            self.steps += [f"    {line}" for line in heard]
            assert code in (0, 1, -9), self.told(out)
            assert "Traceback" not in out, self.told(out)
        assert before is None or before <= self.recorded_usd()
        spent = self.recorded_usd()
        assert self.budget == AMPLE or spent <= self.budget + 1e-9, self.told(f"${spent} spent of {self.budget}")
