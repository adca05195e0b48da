"""falhero show: the state, the picture and what made it, of named posts, without any connection."""

from __future__ import annotations

from pathlib import Path

import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from gallery_site import make_site
from terminal import Terminal, at_home


def test_each_kind_of_hero_is_shown_with_what_made_it(blog: Blog, fal: FalServer) -> None:
    """Drawn, card, own, missing, refused, pending and none: state, picture, what made it, and the next command."""
    terminal = make_site(blog, fal)
    names = sorted(path.name for path in blog.content.glob("*.md"))
    document = terminal.falhero("show", "--json", *(f"content/{name}" for name in names)).json
    rows = {row["source"]: row for row in document["posts"]}
    assert {source: (row["state"], row["picture"]) for source, row in rows.items()} == {
        "card.md": ("missing", "card"),
        "drawn.md": ("present", "hero"),
        "fetched.md": ("pending", None),
        "missing.md": ("missing", None),
        "own.md": ("own", "own"),
        "refused.md": ("refused", None),
        "silent.md": ("none", None),
    }
    assert document["summary"] == {"posts": 7, "known": 1}
    drawn = rows["drawn.md"]
    submitted = next(event for event in blog.events() if event.get("source") == "drawn.md")
    assert drawn["prompt"] == submitted["prompt"]
    assert (drawn["seed"], drawn["endpoint"], drawn["usd"]) == (42, "fal-ai/flux/dev", 0.025)
    assert (drawn["file"], drawn["width"]) == (f"images/heroes/{hero_name('Winter hikes')}", 256)
    commands = {source: row["next"] and row["next"]["command"] for source, row in rows.items()}
    assert commands == {
        "card.md": "falhero generate content/card.md",
        "drawn.md": "falhero generate --force content/drawn.md",
        "fetched.md": "falhero generate content/fetched.md",
        "missing.md": "falhero generate content/missing.md",
        "own.md": None,
        "refused.md": "falhero generate --retry content/refused.md",
        "silent.md": None,
    }
    assert rows["fetched.md"]["next"]["usd"] == 0
    assert any("refused" in note and "content checker" in note for note in rows["refused.md"]["notes"])
    shown = terminal.falhero("show", "content/drawn.md").lines
    assert shown[0] == "content/drawn.md  Winter hikes"
    assert "  seed      42" in shown
    assert shown[-2:] == ["  next      draw another, for $0.025:", "    falhero generate --force content/drawn.md"]


def test_a_picture_of_unknown_origin_is_told_in_words(blog: Blog) -> None:
    """A hero that the ledger does not know says so; what another one costs, and the command for it, follow."""
    blog.post("a.md", "Winter hikes")
    save_picture(blog.assets / hero_name("Winter hikes"))
    assert at_home(blog).alone().falhero("show", "content/a.md").lines == [
        "content/a.md  Winter hikes",
        "  state     present",
        "            The ledger does not know this picture: nobody recorded what made it.",
        f"  picture   content/images/heroes/{hero_name('Winter hikes')}, 160 × 120 pixels",
        "  next      draw another, for $0.025:",
        "    falhero generate --force content/a.md",
    ]


def test_the_command_buys_what_it_says(blog: Blog, fal: FalServer) -> None:
    """The command for another picture draws one, also beyond the day's budget and after a retitle."""
    blog.configure(FALHERO_BUDGET=0.03)
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate").code == 0
    blog.post("a.md", "Spring hikes")
    assert terminal.falhero("generate").code == 0
    (row,) = terminal.falhero("show", "--json", "content/a.md").json["posts"]
    assert row["prompt"].startswith("Winter hikes. ")
    command = row["next"]["command"]
    assert command == "falhero generate --force --budget 0.03 content/a.md"
    assert terminal.sh(command).code == 0
    assert fal.charges == 2
    (row,) = terminal.falhero("show", "--json", "content/a.md").json["posts"]
    assert row["prompt"].startswith("Spring hikes. ")


def test_posts_without_pelican_are_shown_too(tmp_path: Path) -> None:
    """A file with front matter on any other site is shown with what a hero would cost."""
    (tmp_path / "pyproject.toml").write_text('[tool.falhero]\ncontent = "posts"\n')
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: Winter hikes\n---\nSome words.\n")
    (tmp_path / "posts" / "b.md").write_text("---\ntitle: Bad\nhero_size: huge\n---\n")
    document = Terminal(tmp_path).alone().falhero("show", "--json", "posts").json
    good, bad = sorted(document["posts"], key=lambda row: row["source"])
    assert (good["state"], good["next"]["command"]) == ("missing", "falhero generate posts/a.md")
    assert (bad["state"], bad["next"]["command"]) == ("unusable", "# edit posts/b.md")
    assert bad["notes"][0].startswith("Hero_Size must be one of")
    assert len(document["problems"]) == 1


@pytest.mark.parametrize("named", [[], ["content/nowhere.md"]])
def test_a_post_must_be_named(blog: Blog, named: list[str]) -> None:
    """Without a post, or with one that is not there, the command says so and exits with 2."""
    ran = at_home(blog).falhero("show", *named)
    assert (ran.code, ran.out) == (2, "")
    assert "POST" in ran.err or "there is no such file" in ran.err
