"""Whether a reader of a finished page sees a picture in it, whoever put it there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import escape

from .hero import Hero
from .markup import is_opaque, tag_around

_GENERATED = re.compile("(?:hero|card)-[0-9a-f]{12}")
_MANY = 4
PICTURE_ELEMENTS = frozenset({"img", "source", "video", "image", "input", "embed", "object", "amp-img"})
PICTURE_ATTRIBUTES = frozenset({"src", "srcset", "poster", "data", "href", "xlink:href"})
LAZY = "data-.*(?:src|bg|background|image|img|cover|poster|parallax|original)"
"""The pattern of attributes from which scripts of themes load pictures."""
# Not compiled yet, as in markup.
_IN_ATTRIBUTE = r"""([^\s"'=<>/]+)\s*=\s*(?:"[^"]*|'[^']*|[^\s"'>]*)$"""
_IN_URL = r"(?i)url\([^)]*$"


class Names(NamedTuple):
    """How a picture's address can be told in a page, whatever stands before it."""

    stems: tuple[str, ...] = ()
    """Of a picture of ours: what the names of its copies in all sizes begin with."""
    addresses: tuple[str, ...] = ()
    """Of an author's own picture: the whole address below SITEURL, for many posts may have a ``cover.jpg``."""


def names_of(hero: Hero) -> Names:
    """How the hero can be told in a page: by its master, by each copy, and by what previews show."""
    stem = ""
    stems: dict[str, None] = {}
    addresses: dict[str, None] = {}
    for url in (hero.url, hero.variants.base, hero.master.url, hero.preview.url):
        if stem and stem in url:
            continue
        if generated := _GENERATED.match(url, url.rfind("/") + 1):
            stems[stem := generated[0]] = None
        elif url:
            addresses |= dict.fromkeys((url, quote(url, safe="/:%?&=#"), str(escape(url))))
    return Names(tuple(stems), tuple(addresses))


class Visibility:
    """What a reader of one page, or of a part of one, sees: what an element in the body, or a style anywhere, loads."""

    def __init__(self, text: str, *, body: int = 0, questions: int = 1) -> None:
        """Begin with a text whose body begins at ``body``; about so many pictures will be asked for."""
        self._text = text
        self._body = body
        # Looking once for what all names begin with is faster than looking for many names.
        self._may_have_ours = questions < _MANY or "hero-" in text or "card-" in text

    def shows(self, names: Names) -> bool:
        """Whether it loads the picture that is known by these names."""
        return (self._may_have_ours and self._loads_any(names.stems)) or self._loads_any(names.addresses)

    def _loads_any(self, names: Iterable[str]) -> bool:
        text = self._text
        for name in names:
            if name in text and any(_is_seen(text, at, self._body) for at in _occurrences(text, name)):
                return True
        return False


def _occurrences(text: str, name: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        if at == 0 or not (text[at - 1].isalnum() or text[at - 1] in "-_"):
            yield at
        at = text.find(name, at + 1)


def _is_seen(text: str, at: int, body: int) -> bool:
    tag = tag_around(text, at)
    if tag is None:
        start = text.rfind("<style", 0, at)
        return start > text.rfind("</style", 0, at) and re.search(_IN_URL, text[start:at]) is not None
    element = tag[1].lower()
    if tag.start() < body or (element != "image" and is_opaque(text, at, start=body)):  # which an SVG may hold
        return False
    before = text[tag.start() : at]
    attribute = re.search(_IN_ATTRIBUTE, before)
    if attribute is None:
        return False
    name = attribute[1].lower()
    if name == "style":
        return re.search(_IN_URL, before[attribute.start() :]) is not None
    if re.match(LAZY, name):
        return True
    return name in PICTURE_ATTRIBUTES and element in PICTURE_ELEMENTS
