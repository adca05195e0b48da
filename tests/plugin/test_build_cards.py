"""Whole builds without fal: title cards, and what becomes of them."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from PIL import Image


def test_without_credentials_every_article_gets_a_card(blog: Blog, fal: FalServer) -> None:
    """By default a build without credentials draws cards, says so in one line once, and asks nobody."""
    blog.post("a.md", "First")
    blog.post("b.md", "İkinci")
    built = blog.build(env=fal.environment(key=None))
    assert built.code == 0
    line = built.line("heroes:")
    assert line.startswith("heroes: 0 there, 2 cards (no key: falhero plan); for heroes set FAL_KEY (")
    assert "fal auth login" in line
    page = blog.page("first.html")
    assert (page["card"], page["width"], page["height"]) == ("True", "1024", "768")
    assert page["url"].startswith("images/heroes/card-")
    assert page["preview"] == page["url"].replace("-art.png", ".png") != page["url"]
    for picture in (page["url"], page["preview"]):
        with Image.open(blog.output / picture) as image:
            assert (image.format, image.size) == ("PNG", (1024, 768))
    assert blog.heroes() == set()
    assert not blog.assets.exists()
    again = blog.build(env=fal.environment(key=None))
    assert again.line("heroes:") == "heroes: 0 there, 2 cards (no key: falhero plan)"
    assert not fal.requests


def test_a_card_gives_way_to_the_hero(blog: Blog, fal: FalServer) -> None:
    """When there are credentials the hero is drawn, and the page shows it instead of the card."""
    blog.post("a.md", "First")
    blog.build(env=fal.environment(key=None))
    assert blog.page("first.html")["card"] == "True"
    blog.build(env=fal.environment())
    page = blog.page("first.html")
    assert (page["card"], page["url"]) == ("False", f"images/heroes/{hero_name('First')}")
    assert fal.charges == 1


def test_a_login_counts_as_credentials(blog: Blog, fal: FalServer, tmp_path: Path) -> None:
    """With ``fal auth login`` done, the automatic provider tries fal instead of drawing cards."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": 4_000_000_000}).encode()).decode().rstrip("=")
    home = tmp_path / "fal"
    home.mkdir()
    (home / "auth0_token").write_text(f"refresh\nhead.{claims}.signature\n")
    blog.post("a.md", "First")
    built = blog.build(env=fal.environment(key=None) | {"FAL_HOME_DIR": str(home)})
    assert built.code == 0
    assert "title card" not in built.output
    assert [request.authorization for request in fal.requests_of("submit")] == [f"Bearer head.{claims}.signature"]
    assert claims not in built.output


def test_the_card_provider_needs_no_word_about_credentials(blog: Blog, fal: FalServer) -> None:
    """Who asks for cards gets them, with or without a key, and no advice."""
    blog.configure(FALHERO_PROVIDER="card")
    blog.post("a.md", "First")
    built = blog.build(env=fal.environment())
    assert built.tally == "heroes: 0 there, 1 card"
    assert not fal.requests


def test_the_provider_none_makes_nothing(blog: Blog, fal: FalServer) -> None:
    """With the provider none a build shows what is there, makes nothing, and says what is missing."""
    blog.post("a.md", "First")
    blog.post("b.md", "Second")
    blog.assets.mkdir(parents=True)
    Image.linear_gradient("L").save(blog.assets / hero_name("First"))
    blog.configure(FALHERO_PROVIDER="none")
    built = blog.build(env=fal.environment())
    assert built.tally == "heroes: 1 there, 1 missing (provider none)"
    assert blog.page("first.html")["url"] == f"images/heroes/{hero_name('First')}"
    assert blog.page("second.html")["url"] == ""
    assert not (blog.content / ".falhero").exists()
    assert not fal.requests


def test_cards_stay_out_of_git(blog: Blog) -> None:
    """The state folder's own .gitignore keeps cards out of the author's commits, and the ledger in."""
    blog.post("a.md", "First")
    blog.build()
    (blog.content / ".falhero" / "ledger.jsonl").write_text("{}\n")
    git = shutil.which("git")
    assert git
    subprocess.run([git, "init", "-q"], cwd=blog.root, check=True)
    listed = subprocess.run(
        [git, "status", "--porcelain", "-uall", "content/.falhero"],
        cwd=blog.root,
        check=True,
        capture_output=True,
        text=True,
    )
    assert sorted(line.split()[1] for line in listed.stdout.splitlines()) == [
        "content/.falhero/.gitignore",
        "content/.falhero/ledger.jsonl",
    ]


@pytest.mark.parametrize(
    "title", ["图像生成与图", "صور البطل", "🎉🎉", "A" * 200, "x", "<em>Marked</em> &amp; up", "  "]
)
def test_awkward_titles_build(blog: Blog, title: str) -> None:
    """Titles in any script and of any length give a page that shows a picture, or none where there is no title."""
    blog.write("a.md", f"Title: {title}\nDate: 2026-11-01\nSlug: awkward\n\nText.\n")
    built = blog.build("--fatal", "warnings") if title.strip() else blog.build()
    if title.strip():
        assert built.code == 0, built.output
        assert (blog.output / blog.page("awkward.html")["url"]).is_file()


def test_a_state_folder_that_cannot_be_written_costs_only_the_cards(blog: Blog) -> None:
    """Where cards can't be kept the site is built without them, and one warning names the folder."""
    (blog.content / ".falhero").write_text("in the way")
    blog.post("a.md", "First")
    built = blog.build()
    assert built.code == 0
    assert built.output.count(".falhero can't be written") == 1
    assert blog.page("first.html")["url"] == ""
