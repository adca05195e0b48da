"""falhero prune: what no post uses any more, and never anything that was not drawn here."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import fal_faults
import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from terminal import Terminal, at_home

DAY = 24 * 3600


def age(path: Path, days: float) -> Path:
    """Make a file as old as that."""
    then = time.time() - days * DAY
    os.utime(path, (then, then))
    return path


@pytest.fixture
def retitled(blog: Blog, fal: FalServer) -> Terminal:
    """A blog whose one post was "Winter hikes" and is now "Spring hikes", both pictures a month old."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate").code == 0
    blog.post("a.md", "Spring hikes")
    assert terminal.falhero("generate").code == 0
    for path in blog.assets.iterdir():
        age(path, 30)
    return terminal


def test_what_no_post_uses_is_listed_and_deleted_when_asked(retitled: Terminal, blog: Blog, fal: FalServer) -> None:
    """A retitled post's old picture is listed, stays, and goes to the history with --apply; the one in use stays."""
    old = f"content/images/heroes/{hero_name('Winter hikes')}"
    ran = retitled.alone().falhero("prune")
    assert ran.code == 0
    assert ran.lines[0] == f"unused   {old}"
    assert re.fullmatch(r"1 file to delete, \d\.\d MB: falhero prune --apply", ran.lines[1])
    assert blog.heroes() == {hero_name("Winter hikes"), hero_name("Spring hikes")}
    deleted = retitled.falhero("prune", "--apply").lines
    assert deleted[0] == f"deleted  {old}"
    assert re.fullmatch(
        r"1 file deleted, \d\.\d MB; the heroes are in the history now: falhero prune --history", deleted[1]
    )
    (kept,) = (blog.content / ".falhero" / "history").iterdir()
    assert kept.name.startswith(hero_name("Winter hikes").removesuffix(".png"))
    assert blog.heroes() == {hero_name("Spring hikes")}
    assert retitled.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]
    assert fal.charges == 1


def test_deleted_posts_leave_pictures_behind(retitled: Terminal, blog: Blog) -> None:
    """The pictures of a post that is gone are unused; so is that of a post with a picture of its own now."""
    blog.post("b.md", "Summer hikes")
    retitled.falhero("generate")
    age(blog.assets / hero_name("Summer hikes"), 30)
    blog.post("b.md", "Summer hikes", Cover="images/own.png")
    (blog.content / "a.md").unlink()
    files = retitled.falhero("prune", "--json").json["files"]
    assert {row["file"] for row in files} == {f"images/heroes/{name}" for name in blog.heroes()}
    assert len(files) == 3


def test_drafts_and_hidden_posts_use_their_pictures(retitled: Terminal, blog: Blog) -> None:
    """A post of any status uses its picture, for it may be published tomorrow."""
    blog.post("a.md", "Spring hikes", Status="draft")
    blog.post("b.md", "Winter hikes", Status="hidden")
    assert retitled.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]


def test_young_files_stay(retitled: Terminal, blog: Blog) -> None:
    """What is younger than seven days is told and left alone, what is older goes."""
    old = age(blog.assets / hero_name("Winter hikes"), 6.9)
    ran = retitled.falhero("prune", "--apply")
    assert ran.lines == [
        f"young    content/images/heroes/{old.name} (younger than 7 days)",
        "nothing to delete; 1 file younger than 7 days kept",
    ]
    assert old.exists()
    age(old, 7.1)
    retitled.falhero("prune", "--apply")
    assert not old.exists()


def test_what_was_not_drawn_here_is_never_touched(retitled: Terminal, blog: Blog) -> None:
    """A picture that was changed since, one that the ledger does not know, and other files stay whatever happens."""
    changed = blog.assets / hero_name("Winter hikes")
    changed.write_bytes(changed.read_bytes() + b"\0")
    unknown = save_picture(blog.assets / hero_name("Somebody's own"))
    other = save_picture(blog.assets / "photo.png")
    for path in (changed, unknown, other):
        age(path, 400)
    assert retitled.falhero("prune", "--apply").lines == ["nothing to delete: every picture in the ledger is in use"]
    assert all(path.exists() for path in (changed, unknown, other))
    blog.ledger.unlink()
    assert retitled.falhero("prune", "--apply").lines == ["nothing to delete: every picture in the ledger is in use"]


def test_pictures_for_bare_titles_stay(blog: Blog, fal: FalServer) -> None:
    """What was drawn for a title without a post may be used anywhere, so it is not listed."""
    blog.post("a.md", "Winter hikes", Hero="none")
    terminal = at_home(blog, fal.environment())
    assert terminal.script("--title", "About us").code == 0
    age(blog.assets / hero_name("About us"), 30)
    assert terminal.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]


def test_pictures_that_a_post_names_stay(retitled: Terminal, blog: Blog) -> None:
    """A picture whose name stands in a post, as its cover or in its text, is in use."""
    name = hero_name("Winter hikes")
    blog.post("b.md", "Summer hikes", f"![before]({{static}}/images/heroes/{name})", Hero="none")
    assert retitled.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]
    blog.post("b.md", "Summer hikes", Cover=f"images/heroes/{name}")
    assert retitled.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]


def test_cards_that_gave_way_are_pruned(blog: Blog, fal: FalServer) -> None:
    """Both pictures of the card of a post that has its hero now are unused, those of one that has none in use."""
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    assert blog.build(env=fal.environment(key=None)).code == 0
    cards = blog.content / ".falhero" / "cards"
    for path in cards.iterdir():
        age(path, 30)
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]
    terminal.falhero("generate", "content/a.md")
    assert terminal.falhero("prune", "--apply").lines[-1].startswith("2 files deleted, ")
    assert len(list(cards.iterdir())) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("only text\n", "Pelican can't read b.md: could not find information about 'title'"),
        ("Title: Summer\nDate: 2026-11-01\nHero_Seed: x\nStatus: draft\n\nx\n", "b.md: Hero_Seed must be"),
    ],
)
def test_nothing_is_pruned_while_a_post_cannot_be_read(retitled: Terminal, blog: Blog, text: str, says: str) -> None:
    """A post that can't be read may use any picture: prune names it, and deletes nothing."""
    blog.write("b.md", text)
    ran = retitled.falhero("prune", "--apply")
    assert ran.code == 2
    assert says in ran.err
    assert (blog.assets / hero_name("Winter hikes")).exists()
    blog.configure(IGNORE_FILES=["b.md"])
    blog.command()
    assert retitled.falhero("prune", "--apply").code == 0


def test_a_site_whose_posts_nobody_named_is_not_pruned(tmp_path: Path, fal: FalServer) -> None:
    """Elsewhere than in a Pelican site, prune needs to know where all posts are."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a.md").write_text("---\ntitle: Winter hikes\n---\n")
    terminal = Terminal(tmp_path, fal.environment())
    terminal.falhero("generate", "a.md")
    ran = terminal.falhero("prune")
    assert ran.code == 2
    assert '[tool.falhero] content = "posts"' in ran.err


def test_translations_use_their_pictures(retitled: Terminal, blog: Blog) -> None:
    """A picture of a translated post is in use."""
    blog.post("a.tr.md", "Winter hikes", Lang="tr", Slug="spring-hikes")
    assert retitled.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]


def test_the_picture_that_a_retitled_post_will_keep_stays(blog: Blog, fal: FalServer) -> None:
    """What the next build copies to a post's new title is in use until then, and after it no more."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate").code == 0
    old = age(blog.assets / hero_name("Winter hikes"), 30)
    blog.post("a.md", "Spring hikes")
    assert terminal.alone().falhero("prune", "--apply").lines == [
        "nothing to delete: every picture in the ledger is in use"
    ]
    assert old.exists()
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == 1
    assert terminal.falhero("prune", "--apply").lines[:-1] == [f"deleted  content/images/heroes/{old.name}"]
    assert blog.heroes() == {hero_name("Spring hikes")}


def test_a_refused_title_does_not_lose_its_post_the_picture(blog: Blog, fal: FalServer) -> None:
    """While fal refuses a post's present request, the picture of its last title stays: an edit lets it be kept."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    fal.faults.add("submit", fal_faults.content_policy())
    assert terminal.falhero("generate").code == 1
    fal.faults.clear()
    blog.post("a.md", "Spring hikes")
    assert terminal.falhero("generate").code == 0
    old = age(blog.assets / hero_name("Spring hikes"), 30)
    blog.post("a.md", "Winter hikes")
    assert terminal.falhero("prune", "--apply").lines == ["nothing to delete: every picture in the ledger is in use"]
    assert old.exists()
    blog.post("a.md", "Winter hikes", "Other words.")
    assert terminal.falhero("generate").code == 0
    assert fal.charges == 1
