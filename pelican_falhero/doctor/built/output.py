"""A folder that a site was built into: its pages and feeds, and what their addresses lead to."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from .feed import Item, is_feed, read_items
from .page import Page, read_page

_NOWHERE = "http://falhero.invalid"
"""The address of a site that has none, so that addresses on its pages can be resolved."""
_INDEX = "index.html"


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be read."""

    place: str
    why: str


class BuiltSite:
    """What was built, as its visitors get it."""

    def __init__(self, folder: Path, siteurl: str, urls: Collection[str]) -> None:
        """
        Args:
            folder: the output folder.
            siteurl: the settings' SITEURL; the site may have been built with another one.
            urls: addresses of posts below SITEURL, by which the one that it was built with is known.
        """
        self.folder = folder
        self.unreadable: list[Unreadable] = []
        self._siteurl = siteurl.rstrip("/")
        self._urls = {plain_url(url) for url in urls}

    @cached_property
    def pages(self) -> dict[str, Page]:
        """Each HTML page by its place in the folder."""
        found = {}
        for file in sorted(self.folder.rglob("*.html")):
            place = file.relative_to(self.folder).as_posix()
            try:
                found[place] = read_page(file.read_text(encoding="utf-8", errors="replace"))
            except (OSError, AssertionError) as error:
                self.unreadable.append(Unreadable(place, str(error)))
        return found

    @cached_property
    def items(self) -> dict[str, list[Item]]:
        """The items of each feed, by its place."""
        found = {}
        for file in sorted(path for path in self.folder.rglob("*") if path.suffix in (".xml", ".atom", ".rss")):
            place = file.relative_to(self.folder).as_posix()
            try:
                if file.is_file() and is_feed(file):
                    found[place] = list(read_items(file.read_text(encoding="utf-8")))
            except (OSError, ValueError, ET.ParseError) as error:
                self.unreadable.append(Unreadable(place, str(error)))
        return found

    @cached_property
    def address(self) -> str:
        """Scheme, host and path that the site was built for; empty where nothing tells."""
        guesses = Counter(self._guesses())
        if urlsplit(self._siteurl).netloc and (self._siteurl in guesses or not guesses):
            return self._siteurl
        return next((guess for guess, _ in guesses.most_common(1)), "")

    def target(self, url: str, place: str) -> str | None:
        """Where in the site an address on a page leads, by its path below SITEURL; None where that is elsewhere."""
        base = self.address or _NOWHERE
        try:
            whole = urljoin(f"{base}/{place}", url)
            parts, root = urlsplit(whole), urlsplit(base)
        except ValueError:
            return None
        if parts.netloc != root.netloc or not f"{parts.path}/".startswith(f"{root.path}/"):
            return None
        return plain_url(parts.path.removeprefix(root.path))

    def file(self, url: str, place: str = "") -> Path | None:
        """The file that an address on a page leads to; None where there is none in the folder."""
        target = self.target(url, place)
        file = self.folder / target if target else None
        return file if file and file.is_file() else None

    def is_elsewhere(self, url: str) -> bool:
        """Whether an address leads to another host, whose files are not looked at."""
        return bool(_split(url).netloc) and self.target(url, "") is None

    def _guesses(self) -> Iterator[str]:
        """For each whole address of a post, what stands before it."""
        links = [item.link for items in self.items.values() for item in items]
        links += [link for page in self.pages.values() for link in page.links if "://" in link]
        for parts in map(_split, links):
            path = unquote(parts.path)
            before = [at for at, sign in enumerate(path) if sign == "/" and plain_url(path[at:]) in self._urls]
            if before and parts.netloc:
                yield f"{parts.scheme}://{parts.netloc}{path[: before[0]]}"


def _split(url: str) -> SplitResult:
    """The parts of an address; of one that is none, empty ones."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def plain_url(path: str) -> str:
    """An address below SITEURL in the one form in which two of them are compared: without ``index.html``, decoded."""
    return unquote(path.partition("?")[0].partition("#")[0]).lstrip("/").removesuffix(_INDEX)
