"""A feed of a built site: what its items are about, and the pictures that they bring."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .page import Page, read_page

_ATOM = "{http://www.w3.org/2005/Atom}"
_TEXTS = ("description", f"{_ATOM}summary", f"{_ATOM}content", "{http://purl.org/rss/1.0/modules/content/}encoded")
_ROOTS = frozenset({"rss", f"{_ATOM}feed"})


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """A file that an item names."""

    url: str
    length: str
    """Bytes, as the feed says."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """An item of RSS, or an entry of Atom."""

    link: str
    """Without what stands behind a question mark."""
    enclosures: tuple[Enclosure, ...]
    texts: tuple[Page, ...]
    """Its summary and its content, read as parts of pages."""


def is_feed(file: Path) -> bool:
    """Whether an XML file is one.

    Raises:
        OSError, ElementTree.ParseError: it can't be read.
    """
    for _, root in ET.iterparse(file, events=("start",)):  # noqa: S314 - files that the site's own build wrote
        return root.tag in _ROOTS
    return False


def read_items(text: str) -> Iterator[Item]:
    """The items of a feed.

    Raises:
        ElementTree.ParseError: it is no XML.
    """
    root = ET.fromstring(text)  # noqa: S314 - as above
    for item in (*root.iter("item"), *root.iter(f"{_ATOM}entry")):
        links = [(link.get("rel", "alternate"), link) for link in item.iter(f"{_ATOM}link")]
        link = item.findtext("link") or next((one.get("href", "") for rel, one in links if rel == "alternate"), "")
        named = [*item.iter("enclosure"), *(one for rel, one in links if rel == "enclosure")]
        yield Item(
            link=link.strip().partition("?")[0],
            enclosures=tuple(
                Enclosure(url=one.get("url") or one.get("href") or "", length=one.get("length", "")) for one in named
            ),
            texts=tuple(read_page(f"<body>{part.text}") for name in _TEXTS for part in item.iter(name)),
        )
