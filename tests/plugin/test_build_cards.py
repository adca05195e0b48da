"""Whole builds without fal: title cards, and what becomes of them."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

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
    assert page["preview"] == page["url"].replace("-art.png", "-social.jpg") != page["url"]
    for picture, expected in ((page["url"], ("PNG", (1024, 768))), (page["preview"], ("JPEG", (1200, 630)))):
        with Image.open(blog.output / picture) as image:
            assert (image.format, image.size) == expected
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
    assert not (blog.content / ".falhero" / "cards").exists()
    assert not blog.ledger.exists()
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


def test_awkward_titles_build(blog: Blog) -> None:
    """Titles in any script and of any length give a page that shows a picture."""
    titles = ["图像生成与图", "صور البطل", "🎉🎉", "A" * 200, "x", "<em>Marked</em> &amp; up"]
    for number, title in enumerate(titles):
        blog.post(f"{number}.md", title, Slug=f"awkward-{number}")
    built = blog.build("--fatal", "warnings")
    assert built.code == 0, built.output
    for number, title in enumerate(titles):
        assert (blog.output / blog.page(f"awkward-{number}.html")["url"]).is_file(), title


def test_a_state_folder_that_cannot_be_written_costs_only_the_cards(blog: Blog) -> None:
    """Where cards can't be kept the site is built without them, and one warning names the folder."""
    (blog.content / ".falhero").write_text("in the way")
    blog.post("a.md", "First")
    built = blog.build()
    assert built.code == 0
    assert built.output.count(".falhero can't be written") == 1
    assert blog.page("first.html")["url"] == ""


def test_a_draft_shows_a_card_in_its_preview(blog: Blog, fal: FalServer) -> None:
    """A draft that is not drawn shows a card, for nothing and without a word, drawn once; with "none" it shows none."""
    blog.post("a.md", "Drawn")
    blog.post("b.md", "Half-written", Status="draft")
    blog.post("c.md", "Too old", Status="draft", Date="2020-01-01")
    blog.post("pages/about.md", "About", Status="draft")
    blog.configure(FALHERO_SINCE="2026-01-01")
    built = blog.build(env=fal.environment())
    assert built.tally == "heroes: 1 made, 0 there, $0.025"
    assert blog.page("drafts/half-written.html")["card"] == "True"
    assert (blog.output / blog.page("drafts/half-written.html")["url"]).is_file()
    assert blog.page("drafts/too-old.html")["url"] == ""
    assert fal.charges == 1
    cards = {path: path.stat().st_mtime_ns for path in (blog.content / ".falhero" / "cards").iterdir()}
    assert len(cards) == 2
    again = blog.build(env=fal.environment())
    assert "heroes: 1 there" not in again.output
    assert {path: path.stat().st_mtime_ns for path in (blog.content / ".falhero" / "cards").iterdir()} == cards
    blog.configure(FALHERO_PROVIDER="none")
    blog.build(env=fal.environment())
    assert blog.page("drafts/half-written.html")["url"] == ""


def test_cards_of_earlier_builds_leave_the_output_folder(blog: Blog, fal: FalServer) -> None:
    """A card that was replaced, or whose title changed, is not published for ever; no other file is touched."""
    blog.configure(FALHERO_INCLUDE=["drafts"])
    published = blog.output / "images" / "heroes"
    blog.post("a.md", "First")
    blog.post("b.md", "Second")
    blog.build(env=fal.environment(key=None))
    assert len(list(published.iterdir())) == 4
    kept = {published / "card-0123456789ab-small.png", published / "card-list.png", published / "card-0123456789AB.png"}
    for path in kept:
        path.write_bytes(b"an author's")
    blog.write("images/heroes/card-0123456789ab.png", "an author's")
    blog.post("b.md", "Retitled")
    (published / "card-ba9876543210.png").write_bytes(b"of an earlier version")
    blog.build(env=fal.environment(key=None))
    cards = {path for path in published.iterdir() if path not in kept}
    assert len(cards) == 5, "two of each title, and the author's"
    assert {blog.output / blog.page(name)["url"] for name in ("first.html", "retitled.html")} < cards
    blog.build(env=fal.environment())
    assert {path.name for path in published.iterdir()} == {
        *(path.name for path in kept),
        "card-0123456789ab.png",
        hero_name("First"),
        hero_name("Retitled"),
    }


def test_sub_sites_lose_their_old_cards_too(blog: Blog, fal: FalServer) -> None:
    """Each site of i18n_subsites keeps the cards that its own pages show, until heroes take their place."""
    blog.configure(
        PLUGINS=["i18n_subsites", "pelican_falhero"], DEFAULT_LANG="en", I18N_SUBSITES={"tr": {}}, STATIC_PATHS=[]
    )
    blog.post("a.md", "Both", Slug="both", Lang="en")
    blog.post("a-tr.md", "Ikisi", Slug="both", Lang="tr")
    for key, kind in ((None, "card-"), ("test-key:secret", "hero-")):
        assert blog.build(env=fal.environment(key=key)).code == 0
        for folder in (blog.output, blog.output / "tr"):
            names = {path.name for path in folder.joinpath("images", "heroes").iterdir()}
            assert names
            assert all(name.startswith(kind) for name in names), names


def test_what_a_killed_build_left_is_removed_by_a_later_one(blog: Blog) -> None:
    """Temporary files of days ago go when cards are drawn; a new one may be of a build that is still running."""
    temporary = blog.content / ".falhero" / "tmp"
    temporary.mkdir(parents=True)
    for name, days in (("card-old", 3), ("hero-old", 3), ("card-new", 0)):
        (temporary / name).write_bytes(b"half a picture")
        then = time.time() - days * 24 * 3600
        os.utime(temporary / name, (then, then))
    blog.post("a.md", "First")
    blog.build()
    assert [path.name for path in temporary.iterdir()] == ["card-new"]
