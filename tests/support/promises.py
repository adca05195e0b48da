"""What holds after every build, whatever went wrong in it: about money, files and the key."""

from __future__ import annotations

import datetime
import json
import re
from collections import defaultdict
from pathlib import Path

from blog import Blog, Built, hero_name
from fal_server import FalServer
from PIL import Image
from running import Running

KEY = b"test-key"
"""The part by which the tests' key is told anywhere."""


def write_posts(blog: Blog, count: int) -> list[str]:
    """Posts of consecutive days, the oldest first; their titles."""
    titles = [f"Post {number}" for number in range(1, count + 1)]
    for number, title in enumerate(titles, start=1):
        blog.post(f"post{number}.md", title, f"Words of post {number}.", Date=f"2026-10-{number:02d} 10:00")
    return titles


def names(titles: list[str]) -> set[str]:
    """The names of the heroes of these titles."""
    return {hero_name(title) for title in titles}


def uncertain(blog: Blog) -> list[str]:
    """The tries that left, and of which the ledger knows nothing more."""
    told: dict[str, set[str]] = defaultdict(set)
    for event in blog.events():
        told[event["attempt"]].add(event["event"])
    return [attempt for attempt, events in told.items() if events == {"submitting"}]


def paid_unknown(blog: Blog, fal: FalServer) -> int:
    """How many requests fal charged that the ledger has no id of."""
    known = {event.get("request_id") for event in blog.events()}
    return sum(job.charged and job.request_id not in known for job in fal.submissions)


def assert_sound(blog: Blog, fal: FalServer, *builds: Built, code: int = 0) -> None:
    """Nothing but whole pictures is shown, nothing temporary is left, and the key is where it belongs."""
    for build in builds:
        assert build.code == code, build.output
        assert KEY not in build.output.encode()
        assert "Traceback" not in build.output
        assert "unexpected error" not in build.output
    assert_whole(blog)
    assert_nothing_left(blog)
    assert_key_kept(blog, fal)


def assert_whole(blog: Blog) -> None:
    """Every file under a hero's name is a whole PNG that shows something, and the assets folder holds nothing else."""
    size = blog.settings.get("FALHERO_IMAGE_SIZE", (1024, 768))
    for path in _heroes(blog.assets) + _heroes(blog.output):
        with Image.open(path) as image:
            image.load()
            assert (image.format, image.size) == ("PNG", size), path
            assert sum(map(bool, image.convert("L").histogram())) > 1, f"{path} is blank"
    assert all(re.fullmatch(r"hero-[0-9a-f]{12}\.png", name) for name in blog.heroes()), blog.heroes()


def assert_nothing_left(blog: Blog) -> None:
    """No temporary file is there, and nothing of the state folder is published."""
    temporary = blog.content / ".falhero" / "tmp"
    assert not temporary.exists() or not list(temporary.iterdir())
    published = [path for path in blog.output.rglob("*") if "theme" not in path.parts]
    assert not [path for path in published if path.name.startswith(".") or path.suffix in (".part", ".jsonl")]


def assert_key_kept(blog: Blog, fal: FalServer) -> None:
    """The key is in no file, and went to no host but fal's own."""
    assert not [path for path in blog.root.rglob("*") if path.is_file() and KEY in path.read_bytes()]
    for request in fal.requests:
        if request.door in ("cdn", "foreign"):
            assert KEY not in f"{request.headers} {request.path} {request.query}".encode(), request
            assert request.authorization is None
    assert fal.plaintext_connections == 0


def assert_all_there(blog: Blog, titles: list[str]) -> None:
    """Every post shows its own hero."""
    assert blog.heroes() == names(titles)
    for title in titles:
        page = blog.page(f"{title.lower().replace(' ', '-')}.html")
        assert (page["url"], page["card"]) == (f"images/heroes/{hero_name(title)}", "False")
        assert (blog.output / page["url"]).is_file()


def _heroes(folder: Path) -> list[Path]:
    return list(folder.rglob("hero-*")) if folder.exists() else []


def age_ledger(blog: Blog, *, hours: float) -> None:
    """Have everything in the ledger happened so many hours earlier, by this machine's clock and by fal's."""
    lines = []
    for event in blog.events():
        for name in ("time", "provider_time"):
            if name in event:
                then = datetime.datetime.fromisoformat(event[name]) - datetime.timedelta(hours=hours)
                event[name] = f"{then:%Y-%m-%dT%H:%M:%SZ}"
        lines.append(json.dumps(event))
    blog.ledger.write_text("".join(f"{line}\n" for line in lines))


def assert_two_at_once_buy_once(blog: Blog, server: FalServer, titles: list[str]) -> None:
    """Of two builds that start together, one waits for the other and buys nothing."""
    env = server.environment()
    server.latency = 0.2
    with Running(blog, env=env) as one, Running(blog, "-o", "output2", env=env) as other:
        assert_sound(blog, server, one.end(), other.end())
    assert_all_there(blog, titles)
    assert server.charges == len(titles)
