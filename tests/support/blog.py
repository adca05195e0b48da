"""A blog in a folder, and real Pelican builds of it, each in a process of its own."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import run

HERE = Path(__file__).parent
SMALL = (256, 192)
"""The size of the pictures that blogs ask for, in pixels."""
SMALL_SHEETS = "from pelican_falhero.gallery import contact_sheet; contact_sheet.WIDTH = 400"
"""Source for ``Blog.configure``: sheets of candidates, which take most of a command's time, are a quarter as wide."""
DEFAULTS: Mapping[str, Any] = {
    "SITENAME": "Test blog",
    "SITEURL": "",
    "PATH": "content",
    "OUTPUT_PATH": "output",
    "TIMEZONE": "UTC",
    "PLUGINS": ["pelican_falhero"],
    "THEME": str(HERE / "theme"),
    "FALHERO_FORMATS": [],
    # To draw and read a picture of the default size takes longer than all else that a hero needs.
    "FALHERO_IMAGE_SIZE": SMALL,
    "FEED_ALL_ATOM": None,
    "CATEGORY_FEED_ATOM": None,
    "TRANSLATION_FEED_ATOM": None,
    "AUTHOR_FEED_ATOM": None,
    "AUTHOR_FEED_RSS": None,
}


def hero_name(title: str) -> str:
    """The name that a plain title's hero has; written down here independently of the package."""
    return f"hero-{hashlib.md5(title.encode()).hexdigest()[:12]}.png"


@dataclass(frozen=True)
class Built:
    """A build that has ended."""

    code: int
    output: str
    """What it printed, on both channels, on one line for each paragraph."""

    def line(self, start: str) -> str:
        """The line that begins so; empty where there is none."""
        return next((line for line in self.output.splitlines() if line.startswith(start)), "")

    @property
    def tally(self) -> str:
        """What it says of its heroes' numbers and costs, without what it advises after them."""
        return self.line("heroes:").partition(";")[0]


class Blog:
    """A Pelican site; settings are set with ``configure``, in Python source where a value is not plain data."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.content = root / "content"
        self.output = root / "output"
        self.assets = self.content / "images" / "heroes"
        self.content.mkdir(parents=True)
        self.settings: dict[str, Any] = dict(DEFAULTS)
        self.source = ""

    @property
    def ledger(self) -> Path:
        """Where its ledger is kept."""
        return self.content / ".falhero" / "ledger.jsonl"

    def configure(self, source: str = "", **settings: Any) -> None:
        """Set Pelican settings; ``source`` is added to pelicanconf.py as it is."""
        self.settings |= settings
        self.source += source + "\n"

    def write(self, name: str, text: str) -> Path:
        """Write a file below the content folder."""
        path = self.content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def post(self, name: str, title: str, body: str = "Some words of the post.", **fields: str) -> Path:
        """A Markdown post with Pelican's native headers."""
        headers = {"Title": title, "Date": "2026-11-01 10:00"} | fields
        return self.write(name, "".join(f"{key}: {value}\n" for key, value in headers.items()) + f"\n{body}\n")

    def command(self, *options: str) -> list[str]:
        """How to build it."""
        conf = "".join(f"{name} = {value!r}\n" for name, value in self.settings.items())
        (self.root / "pelicanconf.py").write_text(conf + self.source, encoding="utf-8")
        return [sys.executable, "-m", "pelican", "-s", "pelicanconf.py", "--log-handler", "plain", *options]

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a build."""
        guard = str(HERE / "guard")
        return {**os.environ, "PYTHONPATH": guard, "COLUMNS": "400", "TERM": "dumb"} | dict(extra or {})

    def build(
        self, *options: str, env: Mapping[str, str] | None = None, timeout: float = 60, fresh: bool = False
    ) -> Built:
        """Build it, and wait for the end; ``fresh``: in a Python that has imported nothing yet."""
        command, env = self.command(*options), self.environment(env)
        done = run(command, folder=self.root, env=env, is_merged=True, timeout=timeout, fresh=fresh)
        return Built(done.returncode, done.stdout.decode())

    def python(self, code: str, env: Mapping[str, str] | None = None, timeout: float = 60, fresh: bool = False) -> str:
        """Run Python code beside the blog's settings file, and return what it prints; ``fresh`` as in ``build``."""
        self.command()
        command, env = [sys.executable, "-c", code], self.environment(env)
        done = run(command, folder=self.root, env=env, timeout=timeout, fresh=fresh)
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
        return done.stdout.decode()

    def page(self, name: str) -> Page:
        """A page that was built."""
        return Page(self.output / name)

    def heroes(self) -> set[str]:
        """The names in the assets folder."""
        return {path.name for path in self.assets.iterdir()} if self.assets.exists() else set()

    def events(self) -> list[dict[str, Any]]:
        """The ledger's lines."""
        if not self.ledger.exists():
            return []
        return [json.loads(line) for line in self.ledger.read_text(encoding="utf-8").splitlines()]


class Page:
    """A page that the test theme wrote."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")

    def __getitem__(self, field: str) -> str:
        """What the page shows of one field of its hero."""
        found = re.search(rf'data-{field}="([^"]*)"', self.text)
        assert found, f"{self.path.name} shows no {field}"
        return html.unescape(found[1])

    @property
    def picture(self) -> Path:
        """The file that the page's image is loaded from, as a browser at the site's root would find it."""
        source = self["src"]
        assert source, f"{self.path.name} shows no picture"
        return (self.path.parent / source).resolve()
