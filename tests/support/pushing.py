"""Pushes of a blog with the hook: what the hook says, and pushes about which it says nothing."""

from __future__ import annotations

from blog import Blog
from fal_server import FalServer
from terminal import Terminal, repository


def published(blog: Blog, fal: FalServer) -> Terminal:
    """A blog without posts, pushed to a bare remote, with the pre-push hook installed."""
    blog.command()
    blog.write("images/.keep", "")
    terminal = repository(blog.root, fal.environment())
    terminal.commit()
    terminal.git("push", "--quiet", "--set-upstream", "origin", "main")
    assert terminal.falhero("hook", "install").code == 0
    return terminal


def post(blog: Blog, terminal: Terminal, title: str = "Winter hikes", name: str = "a.md", **fields: str) -> None:
    """Write a post and commit it."""
    blog.post(name, title, **fields)
    terminal.commit(f"Write {title}")


def stopped(terminal: Terminal, *arguments: str) -> str:
    """What the hook says, of a push that it must stop."""
    before = terminal.git("ls-remote", "origin").out
    ran = terminal.git("push", *arguments, code=1)
    assert terminal.git("ls-remote", "origin").out == before
    return ran.err


def passes(terminal: Terminal, *arguments: str) -> None:
    """A push about which the hook says nothing."""
    assert "falhero" not in terminal.git("push", *arguments).err
