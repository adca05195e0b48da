"""Heroes in feeds: an enclosure for each item, and the figure in its text."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urljoin

from feedgenerator import Enclosure

from .figure import absolute_address
from .hero import Hero
from .visibility import names_of, shows

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


def by_link(item: Mapping[str, Any]) -> str:
    """The link of a feed's item as :func:`link_of` tells it."""
    return str(item["link"]).removesuffix(_REFERENCE)


def enclose(item: dict[str, Any], hero: Hero, siteurl: str) -> None:
    """Give the item its hero as an enclosure, unless it has one (RSS allows one) or size or type can't be known."""
    if hero.mime and hero.length is not None and not item.get("enclosures"):
        item["enclosures"] = [Enclosure(absolute_address(hero, siteurl), str(hero.length), hero.mime)]


def show(item: dict[str, Any], hero: Hero, figure: str) -> None:
    """Put the figure before the item's text: the whole article where the feed has it, else the summary."""
    part = "content" if item.get("content") else "description"
    text = item.get(part)
    if text and not shows(text, names_of(hero)):
        item[part] = f"{figure}{text}"  # not "+", which would escape the text where the figure is Markup
