"""The generators themselves build what ``falhero generate`` has written: their pages show the heroes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from blog import hero_name
from fal_server import FalServer
from PIL import Image
from terminal import Terminal

SITES = Path(__file__).parent / "sites"
INSTALLED = Path(__file__).parent.parent.parent / ".site-generators"
WINTER, SUMMER = hero_name("Winter hikes"), hero_name("Summer hikes")

pytestmark = pytest.mark.long


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path, fal: FalServer) -> Path:
    """A generator's project, each of whose posts without a picture has got its hero."""
    root = tmp_path / "site"
    shutil.copytree(SITES / request.param, root)
    ran = Terminal(root, fal.environment()).falhero("generate")
    assert ran.code == 0, ran.out + ran.err
    return root


def installed(*patterns: str) -> Path:
    """A file of an installed generator; without it the test is skipped."""
    found = [path for pattern in patterns for path in INSTALLED.glob(pattern)]
    if not found:
        pytest.skip(f"no .site-generators/{patterns[0]}; scripts/site-generators installs it")
    return found[0]


def build(site: Path, *command: str | Path, env: Mapping[str, str] | None = None) -> None:
    """Run a generator, which must succeed."""
    program = shutil.which(command[0])
    if not program:
        pytest.skip(f"no {command[0]} on the PATH")
    done = subprocess.run(
        [program, *command[1:]],
        cwd=site,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def pictures(output: Path, *, base: str = "/") -> dict[str, str]:
    """Page to the file that it shows for its hero, for all pages that have one; the site is published at ``base``."""
    found = {}
    for page in output.rglob("*.html"):
        for tag in re.findall(r"<img[^>]*class=\"hero\"[^>]*>", page.read_text()):
            address = urlsplit(re.findall(r'src="([^"]+)"', tag)[0]).path
            if Path(address).name.startswith("hero-"):
                name = found[page.relative_to(output).as_posix()] = address.removeprefix(base)
                with Image.open(output / name) as image:
                    assert image.width == 1024
    return found


@pytest.mark.parametrize("site", ["astro"], indirect=True)
def test_astro(site: Path) -> None:
    """Its ``image()`` finds the hero from the post's own folder, and ``<Image>`` makes a smaller file of it."""
    (site / "node_modules").symlink_to(installed("astro/node_modules"))
    build(site, "node", "node_modules/astro/astro.js", "build", env={"ASTRO_TELEMETRY_DISABLED": "1"})
    shown = pictures(site / "dist")
    assert shown.keys() == {
        "blog/winter-hikes/index.html",
        "blog/2026/summer-hikes/index.html",
    }
    assert shown["blog/winter-hikes/index.html"].startswith(f"_astro/{Path(WINTER).stem}.")
    assert shown["blog/2026/summer-hikes/index.html"].startswith(f"_astro/{Path(SUMMER).stem}.")
    assert (site / "dist" / "blog" / "own" / "index.html").is_file()


@pytest.mark.parametrize("site", ["eleventy"], indirect=True)
def test_eleventy(site: Path) -> None:
    """What is copied from ``public`` is where the field says."""
    (site / "node_modules").symlink_to(installed("eleventy/node_modules"))
    build(site, "node", "node_modules/@11ty/eleventy/cmd.cjs")
    assert pictures(site / "_site") == {
        "blog/winter-hikes/index.html": f"images/heroes/{WINTER}",
        "blog/2026-10-01-summer-hikes/index.html": f"images/heroes/{SUMMER}",
    }


@pytest.mark.parametrize("site", ["hugo"], indirect=True)
def test_hugo(site: Path) -> None:
    """Below a folder of the host, heroes are found in pages, bundles and posts in JSON; an own cover stays."""
    build(site, installed("hugo/hugo/binaries/hugo*"))
    names = {"winter-hikes": WINTER, "snow": hero_name("Kinds of snow"), "tables": hero_name("Tables")}
    assert pictures(site / "public", base="/notes/") == {
        f"posts/{page}/index.html": f"images/heroes/{name}" for page, name in names.items()
    }
    own = (site / "public" / "posts" / "own" / "index.html").read_text()
    assert 'content="https://example.org/notes/posts/own/cover.png"' in own


@pytest.mark.parametrize("site", ["jekyll"], indirect=True)
def test_jekyll(site: Path) -> None:
    """Below a ``baseurl``, the filter that templates use finds the heroes."""
    build(site, "jekyll", "build", "--quiet")
    assert pictures(site / "_site", base="/notes/") == {
        "2026/11/01/winter-hikes.html": f"assets/images/heroes/{WINTER}",
        "2026/10/01/summer-hikes.html": f"assets/images/heroes/{SUMMER}",
    }
