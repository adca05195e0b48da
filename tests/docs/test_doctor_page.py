"""The examples of falhero doctor's page are what it prints."""

from __future__ import annotations

from pathlib import Path

from blog import Blog, hero_name
from builders import draw, save_picture
from documents import BLOCKS
from terminal import Terminal, at_home, repository


def example(command: str) -> list[str]:
    """The lines that the page shows for a command."""
    texts = [block.text for block in BLOCKS if block.document.stem == "doctor"]
    (shown,) = (text for text in texts if text.startswith(f"$ {command}\n"))
    return shown.splitlines()[1:]


def a_blog(root: Path) -> Blog:
    """A blog as it may be after a day: two posts, one of them with its hero, and a mistyped setting."""
    blog = Blog(root / "blog")
    del blog.settings["FALHERO_IMAGE_SIZE"]
    blog.configure(THEME="notmyidea", FALHERO_FORMATS=["webp"], FEED_ALL_ATOM="feeds/all.atom.xml")
    blog.configure(FALHERO_BUGDET=2)
    blog.post("winter-hikes.md", "Winter hikes")
    blog.post("why-graphs.md", "Why graphs?")
    save_picture(blog.assets / hero_name("Winter hikes"), image=draw(320, 240))
    (blog.root / "publishconf.py").write_text('from pelicanconf import *\nSITEURL = "https://example.org"\n')
    return blog


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    """Of a blog with a problem and some notes; versions, which differ, are left out."""
    blog = a_blog(tmp_path)
    blog.command()
    terminal: Terminal = repository(blog.root, {"FAL_KEY": "id:secret"})
    lines = terminal.falhero("doctor").lines
    shown = example("falhero doctor")
    assert len(shown) == len(lines), "\n".join(lines)
    assert [line for line, told in zip(lines, shown, strict=True) if line != told and "…" not in told] == []


def test_the_page_shows_what_is_printed_of_a_built_site(tmp_path: Path) -> None:
    """Of the same blog, built."""
    blog = a_blog(tmp_path)
    del blog.settings["FALHERO_BUGDET"]
    blog.configure(SITEURL="https://example.org", FALHERO_PROVIDER="none")
    assert blog.build().code == 0
    assert at_home(blog).falhero("doctor", "output").lines == example("falhero doctor output")
