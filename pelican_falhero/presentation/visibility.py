"""Whether a reader of a finished page sees a picture in it, whoever put it there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from markupsafe import escape

from .hero import Picture
from .markup import is_opaque, tag_around

_GENERATED = re.compile(r"hero-[0-9a-f]{12}(?=[^/]*$)")
_PICTURE_ELEMENTS = frozenset({"img", "source", "video", "image", "input", "embed", "object", "amp-img"})
_PICTURE_ATTRIBUTES = frozenset({"src", "srcset", "poster", "data", "href", "xlink:href"})
_LAZY = re.compile("data-.*(?:src|bg|background|image|img|cover|poster|parallax|original)")
_IN_ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)\s*=\s*(?:"[^"]*|'[^']*|[^\s"'>]*)$""")
_IN_URL = re.compile(r"url\([^)]*$", re.IGNORECASE)


def names_of(picture: Picture) -> frozenset[str]:
    """How the picture's address can be told in a page, whatever stands before it.

    A name of ours is enough, so that copies in other sizes count; of an author's own picture it takes the whole
    address below SITEURL, for many posts may have a ``cover.jpg``.
    """
    if generated := _GENERATED.search(picture.url):
        return frozenset({generated[0]})
    url = picture.url
    return frozenset({url, quote(url, safe="/:%?&=#"), str(escape(url))} - {""})


def shows(text: str, names: frozenset[str], *, body: int = 0) -> bool:
    """Whether an element in the body, or a style anywhere, loads the picture that is known by these names.

    Args:
        text: a page, or a part of one.
        names: from :func:`names_of`.
        body: where the body begins.
    """
    return any(_is_seen(text, at, body) for name in names if name in text for at in _occurrences(text, name))


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
        return start > text.rfind("</style", 0, at) and _IN_URL.search(text, start, at) is not None
    element = tag[1].lower()
    if tag.start() < body or (element != "image" and is_opaque(text, at, start=body)):  # which an SVG may hold
        return False
    attribute = _IN_ATTRIBUTE.search(text, tag.start(), at)
    if attribute is None:
        return False
    name = attribute[1].lower()
    if name == "style":
        return _IN_URL.search(text, attribute.start(), at) is not None
    if _LAZY.match(name):
        return True
    return name in _PICTURE_ATTRIBUTES and element in _PICTURE_ELEMENTS
