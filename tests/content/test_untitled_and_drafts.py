"""Which files are posts to draw for: drafts are not, and a post without a title is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from blog import Blog
from fal_server import FalServer
from terminal import Terminal, at_home

from pelican_falhero.content.front_matter_site import read_front_matter_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The posts of a site without Pelican."""
    posts = tmp_path / "posts"
    posts.mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.falhero]\ncontent = "posts"\n')
    return posts


def test_drafts_are_drafts_however_they_are_written(folder: Path) -> None:
    """A capital letter, quotes and other words for yes publish nothing; the same words for no are no drafts."""
    drafts = ["status: Draft", 'draft: "true"', 'draft: "True"', "draft: yes", 'draft: "yes"', "draft: 1"]
    drafts += ["published: false", 'published: "no"']
    for number, line in enumerate(drafts):
        (folder / f"draft{number}.md").write_text(f"---\ntitle: Draft {number}\n{line}\n---\n")
    for number, line in enumerate(["status: published", 'draft: "false"', "draft: 0", 'published: "true"']):
        (folder / f"post{number}.md").write_text(f"---\ntitle: Post {number}\n{line}\n---\n")
    rows = Terminal(folder.parent).falhero("plan", "--json").json["heroes"]
    assert sorted(row["title"] for row in rows) == ["Post 0", "Post 1", "Post 2", "Post 3"]


def test_a_post_without_a_title_is_named(folder: Path, fal: FalServer) -> None:
    """Plan, check and generate name the file; notes without front matter, drafts and opt-outs need no title."""
    (folder / "a.md").write_text("---\ntitle: A\n---\n")
    (folder / "b.md").write_text("---\ntitel: B\n---\n")
    (folder / "draft.md").write_text("---\ndraft: true\n---\n")
    (folder / "index.md").write_text("---\nhero: none\n---\n")
    (folder / "notes.md").write_text("no front matter\n")
    terminal = Terminal(folder.parent, fal.environment())
    problem = f"{folder / 'b.md'} has no title in its front matter; add one, or `hero: none`"
    assert f"unusable      {problem}" in terminal.falhero("plan").lines
    assert terminal.falhero("check").err == f"falhero: {problem}\n"
    ran = terminal.falhero("generate", "posts")
    assert (ran.code, ran.err) == (0, f"drawing 1 hero\nfalhero: {problem}\n")


def test_what_a_hook_cannot_read_is_named_where_it_is(folder: Path) -> None:
    """A hook reads copies of the posts, and names the posts."""
    copies = folder.parent / "copies"
    (copies / "posts").mkdir(parents=True)
    (copies / "posts" / "a.md").write_text("---\ntitle: [\n---\n")
    (copies / "posts" / "b.md").write_text("---\ntitel: B\n---\n")
    unreadable = read_front_matter_site(folder.parent, content=copies).unreadable
    assert list(unreadable) == [folder / "a.md", folder / "b.md"]
    assert all(text.startswith(str(file)) for file, text in unreadable.items())


def test_a_pelican_post_without_a_title_is_named(blog: Blog) -> None:
    """Where Pelican takes an empty title, or one of tags only, plan and build name the file."""
    blog.post("a.md", "A")
    blog.post("b.md", "<br>", Slug="b")
    blog.post("c.md", "<br>", Slug="c", Status="draft")
    ran = at_home(blog).falhero("plan")
    assert "unusable      content/b.md: has no title" in ran.lines
    assert "c.md" not in ran.out + ran.err
    assert "falhero: b.md: has no title" in blog.build().output
