"""A finished page as far as it must be understood: tags, what is no markup, and where head and body begin."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

# None of these has a possessive group, which Python before 3.11.5 gets wrong, and none can match in two ways, which
# would take for ever on a page that never closes a tag.
COMMENT = r"<!--.*?-->"
TAG_REST = r"""[^>=]*(?:=\s*(?:"[^"]*"|'[^']*'|(?![\s"']))[^>=]*)*>"""
"""The rest of a tag behind its name; quotes only mean something after an equals sign."""

_TAG = re.compile(rf"<([a-zA-Z/][^\s/>]*){TAG_REST}")
# Not compiled yet, for few pages need it; re remembers what it compiled last.
_ATTRIBUTE = r"""([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?"""
_NO_MARKUP = r"!--|(script|style|title|textarea|noscript|template|select|svg)\b"
# What stands after the "<" is looked at first, for most of a page's tags are none of these (this halves the time).
_OPAQUE = re.compile(rf"<(?=[!sStTnN])(?:{_NO_MARKUP})", re.IGNORECASE)
_UP_TO_BODY = re.compile(rf"<(?=[!/sStTnNbB])(?:{_NO_MARKUP}|(?P<body>body(?=[\s>])|/head\s*>))", re.IGNORECASE)


def body_start(text: str) -> int:
    """Where the head ends or the body's tag begins, for either may be left out; -1 without both, as in JSON."""
    at = 0
    while landmark := _UP_TO_BODY.search(text, at):
        if landmark["body"]:
            return landmark.start()
        at = _end_of_opaque(text, landmark)
    return -1


def is_opaque(text: str, at: int, *, start: int) -> bool:
    """Whether ``at`` stands in a comment, or in an element that shows no other elements, such as a script.

    ``start`` is a place before it that does not.
    """
    while landmark := _OPAQUE.search(text, start, at):
        start = _end_of_opaque(text, landmark)
        if start > at:
            return True
    return False


def _end_of_opaque(text: str, landmark: re.Match[str]) -> int:
    """Where an element or comment ends; one that is never closed is passed over as if it were text."""
    if landmark[1]:
        closing = _closing(landmark[1].lower()).search(text, landmark.end())
        return closing.end() if closing else landmark.end()
    end = text.find("-->", landmark.end())
    return end + 3 if end >= 0 else landmark.end()


@cache
def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}\s*>", re.IGNORECASE)


def tag_around(text: str, at: int) -> re.Match[str] | None:
    """The tag in which ``at`` stands, its name as the first group; None where it stands in text."""
    start = at
    for _ in range(3):  # an attribute may hold a "<" before it
        start = text.rfind("<", 0, start)
        if start < 0:
            return None
        if (tag := _TAG.match(text, start)) and tag.end() > at:
            return tag
    return None


class Attribute:
    """An attribute of a tag: its unescaped value, and where that stands."""

    def __init__(self, found: re.Match[str]) -> None:
        group = found.lastindex or 1
        self.value = unescape(found[group]) if group > 1 else ""
        self.start, self.end = found.span()
        self.spelled = found[1]


def attributes(tag: str) -> dict[str, Attribute]:
    """The attributes of a start tag by their names in lower case; the first of a name counts, as in browsers."""
    found: dict[str, Attribute] = {}
    name_end = re.match(r"<[^\s/>]*", tag)
    for match in re.compile(_ATTRIBUTE).finditer(tag, name_end.end() if name_end else 0):
        found.setdefault(match[1].lower(), Attribute(match))
    return found
