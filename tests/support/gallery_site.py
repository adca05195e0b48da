"""A small blog in which every kind of hero and gap occurs once, made by the real command and a fal on this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import fal_faults
from blog import Blog
from builders import save_picture
from fal_server import FalServer
from terminal import Terminal, at_home

TITLES = {
    "card.md": "Only a card",
    "drawn.md": "Winter hikes",
    "fetched.md": "Paid and not fetched",
    "missing.md": "رحلة الشتاء",
    "own.md": "My own picture",
    "refused.md": "Refused & sorry",
    "silent.md": "No picture, please",
}


def make_site(blog: Blog, fal: FalServer) -> Terminal:
    """Fill a blog with a post of each kind: drawn, pending, refused, missing, a card, an own picture, and none."""
    blog.configure(FALHERO_TIMEOUT=1)
    blog.post("card.md", TITLES["card.md"], Date="2026-11-01")
    assert blog.build(env=fal.environment(key=None)).code == 0
    blog.post("drawn.md", TITLES["drawn.md"], Date="2026-11-02", Hero_Seed="42")
    blog.post("fetched.md", TITLES["fetched.md"], Date="2026-11-03")
    blog.post("missing.md", TITLES["missing.md"], Date="2026-11-04")
    blog.post("own.md", TITLES["own.md"], Date="2026-11-05", Hero="images/mine.png")
    blog.post("refused.md", TITLES["refused.md"], Date="2026-11-06")
    blog.post("silent.md", TITLES["silent.md"], Date="2026-11-07", Hero="none")
    save_picture(blog.content / "images" / "mine.png")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate", "content/drawn.md").code == 0
    fal.faults.add("submit", fal_faults.content_policy())
    assert terminal.falhero("generate", "content/refused.md").code == 1
    fal.faults.clear()
    fal.faults.add("status", fal_faults.status(500))
    assert terminal.falhero("generate", "content/fetched.md").code == 1
    fal.faults.clear()
    return terminal.alone()


@dataclass
class Post:
    """A post as the page shows it."""

    state: str
    texts: dict[str, str] = field(default_factory=dict)
    """Name of an element or class to its text."""
    images: list[str] = field(default_factory=list)


class GalleryPage(HTMLParser):
    """A page of ``falhero gallery``, parsed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.posts: list[Post] = []
        self.addresses: list[str] = []
        """Every address that an attribute names."""
        self.tags: list[tuple[str, ...]] = []
        """Each element's name, and the names of its attributes."""
        self.policy = ""
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a post, an address, or what is open."""
        values = {name: value or "" for name, value in attrs}
        self.tags.append((tag, *values))
        self.addresses += [values[name] for name in ("src", "href", "srcset", "action") if name in values]
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if values.get("class") == "post":
            self.posts.append(Post(values["data-state"]))
        if tag == "img":
            self.posts[-1].images.append(values["src"])
        elif tag not in ("meta", "input", "br"):
            self._open.append(values.get("class") or tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the element that it is in."""
        if self.posts and self._open:
            texts = self.posts[-1].texts
            texts[self._open[-1]] = texts.get(self._open[-1], "") + data


def external_addresses(html: str) -> list[str]:
    """What a page has a browser load from elsewhere: addresses that are no data and not relative, and those of CSS."""
    found = [address for address in GalleryPage(html).addresses if re.match(r"(?!data:)\w+:|//", address)]
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    return found + [part for style in styles for part in re.findall(r"url\(.*?\)|@import", style)]
