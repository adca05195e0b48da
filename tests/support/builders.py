"""What the tests of single modules are made of: a post, an event, a picture, a disk that is full."""

from __future__ import annotations

import datetime
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from PIL import Image

from pelican_falhero.content.post import Overrides, Post
from pelican_falhero.planning.item import Item
from pelican_falhero.planning.plan import Plan, make_plan
from pelican_falhero.planning.request import build_request
from pelican_falhero.settings import Settings
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.attempts import Attempt, attempts_of
from pelican_falhero.storage.events import SAVED, SUBMITTED, SUBMITTING, Event

NOW = datetime.datetime(2026, 11, 15, 12, 0, tzinfo=datetime.UTC)

PROPERTY = hypothesis.settings(
    max_examples=80 if os.environ.get("CI") else 30, deadline=None, derandomize=True, database=None
)
"""How every property is tested: the same examples each time, more of them on CI, and not against the clock."""


def hours(number: float) -> datetime.timedelta:
    """A span of time."""
    return datetime.timedelta(hours=number)


@contextmanager
def clock_in(zone: str) -> Iterator[None]:
    """Have the machine's clock stand in this time zone."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TZ", zone)
        time.tzset()
        yield
    time.tzset()


def make_post(title: str = "Winter hikes", **fields: Any) -> Post:
    """A post; what ``names`` lists, and ``alt_override``, are overrides."""
    names = {"prompt", "style", "seed", "model", "size", "steps", "show"} & fields.keys()
    own = {name: fields.pop(name) for name in names}
    if "alt_override" in fields:
        own["alt"] = fields.pop("alt_override")
    day = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
    defaults: dict[str, Any] = {
        "source": f"{title.lower().replace(' ', '-')}.md",
        "date": day,
        "overrides": Overrides(**own),
    }
    return Post(title=title, **(defaults | fields))


def make_event(kind: str = SUBMITTING, **fields: Any) -> Event:
    """A line of the ledger, about the hero of "Winter hikes" unless told otherwise."""
    defaults: dict[str, Any] = {
        "attempt": "a1",
        "hero": f"{hero_stem('Winter hikes')}.png",
        "time": NOW,
        "title": "Winter hikes",
        "source": "winter-hikes.md",
        "endpoint": "fal-ai/flux/dev",
        "fingerprint": build_request(make_post(), Settings()).fingerprint,
        "usd": 0.025,
    }
    return Event(event=kind, **(defaults | fields))


def attempt_events(post: Post, outcome: str, *, settings: Settings | None = None, **fields: Any) -> tuple[Event, ...]:
    """Return all events of one attempt at a post's hero, up to its outcome, as a build writes them."""
    kinds = [SUBMITTING]
    if outcome != SUBMITTING:
        kinds += [SUBMITTED] + ([outcome] if outcome != SUBMITTED else [])
    same = {
        "attempt": f"{outcome} {post.source}",
        "hero": f"{hero_stem(post.title)}.png",
        "title": post.title,
        "source": post.source,
        "fingerprint": build_request(post, settings or Settings()).fingerprint,
    } | fields
    return tuple(make_event(kind, **same, request_id="" if kind == SUBMITTING else "r1") for kind in kinds)


def plan_of(
    *posts: Post,
    events: Iterable[Event] = (),
    files: Iterable[str] = (),
    settings: Settings | None = None,
    **options: Any,
) -> Plan:
    """Make the plan for these posts, with these events in the ledger and these files in the assets folder."""
    heroes = {name.rpartition(".")[0]: name for name in files}
    return make_plan(posts, heroes, settings or Settings(), attempts=attempts_of(events), **options)


def item_of(*posts: Post, **options: Any) -> Item:
    """Return the only item of such a plan."""
    (item,) = plan_of(*posts, **options).items
    return item


def bought(usd: float, at: datetime.datetime, *, attempt: str) -> Attempt:
    """Return a saved attempt that started at this time and cost this much."""
    (made,) = attempts_of([make_event(kind, attempt=attempt, usd=usd, time=at) for kind in (SUBMITTING, SAVED)])
    return made


def draw(width: int = 160, height: int = 120) -> Image.Image:
    """A small picture that shows something, and does not compress to nothing: a fractal between two gradients."""
    return _drawn(width, height).copy()


@cache
def _drawn(width: int, height: int) -> Image.Image:
    # The fractal takes a tenth of a second.
    ramp = Image.linear_gradient("L").resize((width, height))
    fractal = Image.effect_mandelbrot((width, height), (-2.0, -1.2, 0.8, 1.2), 100)
    return Image.merge("RGB", [ramp, fractal, ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM)])


def save_picture(path: Path, *, image: Image.Image | None = None, **options: Any) -> Path:
    """Write a picture, in the format that its name tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (image or draw()).save(path, **options)
    return path


@contextmanager
def disk_full_at(size: int) -> Iterator[None]:
    """Have the operating system refuse every byte beyond the first ``size`` of a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def modules_after(code: str) -> set[str]:
    """The names of all modules that a fresh Python has imported once it has run ``code``."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())
