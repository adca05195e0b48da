"""Heroes in feeds: an enclosure for each item, and the figure in its text."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urljoin

from feedgenerator import Enclosure
from pelican.contents import Content

from .addresses import absolute_address
from .hero import Hero
from .shown import Shown
from .visibility import Names, Visibility

_REFERENCE = "?ref=feed"
"""What Pelican appends to an item's link with FEED_APPEND_REF."""


def link_of(url: str, settings: Mapping[str, Any]) -> str:
    """A content's link, by its address below SITEURL, as Pelican's feeds and feedgenerator write it."""
    siteurl = settings["SITEURL"]
    if settings["RELATIVE_URLS"]:
        link = posixpath.join(siteurl, url)
    else:
        link = urljoin(siteurl if siteurl.endswith("/") else f"{siteurl}/", url)
    return quote(link, safe="/#%[]=:;$&()+,!?*@'~")


class FeedItems:
    """Finds what a feed's items are about, by date and link."""

    def __init__(self, shown: Iterable[Shown], contents: Iterable[Content], settings: Mapping[str, Any]) -> None:
        """
        Args:
            shown: articles and pages with a hero.
            contents: all articles and pages.
            settings: Pelican's.
        """
        self._settings = settings
        self._dates = Counter(getattr(content, "date", None) for content in contents)
        self._by_date: dict[object, list[Shown]] = {}
        for item in shown:
            self._by_date.setdefault(getattr(item.content, "date", None), []).append(item)
        self._links: dict[object, dict[str, Shown]] = {}

    def find(self, entry: Mapping[str, Any]) -> Shown | None:
        """The article or page with a hero that an item is about, if it is about one."""
        date = entry.get("pubdate")
        link = str(entry["link"]).removesuffix(_REFERENCE)
        items = self._by_date.get(date, ())
        # To work out a link takes longer than all else that a feed takes of us, and few articles share a date.
        if items and self._dates[date] == 1 and (slug := getattr(items[0].content, "slug", "")) and slug in link:
            return items[0]
        if date not in self._links:
            self._links[date] = {link_of(item.url, self._settings): item for item in items}
        return self._links[date].get(link)


def enclosure(hero: Hero, siteurl: str) -> Enclosure | None:
    """The hero as an enclosure; None where its size or type can't be known."""
    picture = hero.preview
    length = picture.length
    if not picture.mime or length is None:
        return None
    return Enclosure(absolute_address(picture.url, siteurl), str(length), picture.mime)


def show(item: dict[str, Any], names: Names, figure: str) -> None:
    """Put the figure before the item's text: the whole article where the feed has it, else the summary."""
    part = "content" if item.get("content") else "description"
    text = item.get(part)
    if text and not Visibility(text).shows(names):
        item[part] = f"{figure}{text}"  # not "+", which would escape the figure where the text is Markup
