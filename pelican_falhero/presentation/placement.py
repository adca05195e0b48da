"""Where figures go in a finished page: at the first token of an article that stands where an element may stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from .markup import TAG_REST, is_opaque, tag_around

_WRAPPERS = "p|a|div|span|center|strong|em|b|i|section|article|main"
_OPENS_WITH_PICTURE = re.compile(
    rf"(?:\s|<!--(?:(?!-->).)*-->|</?(?:{_WRAPPERS})\b{TAG_REST})*"
    r"<(?:img|picture|figure\b(?:(?!</figure).)*?<(?:img|picture))\b",
    re.IGNORECASE | re.DOTALL,
)
_ENDS_PARAGRAPH = re.compile(
    r"</p\b|</?(?:address|article|aside|blockquote|body|dd|details|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header"
    r"|hr|li|main|nav|ol|pre|section|summary|table|td|th|tr|ul)\b",
    re.IGNORECASE,
)
_FARTHEST_PARAGRAPH = 2000
"""Characters before a token in which the paragraph that it stands in is looked for."""


def opens_with_picture(markup: str) -> bool:
    """Whether a text begins with a picture of its own, be it in a paragraph, a link or a box."""
    return _OPENS_WITH_PICTURE.match(markup) is not None


def insert_figures(text: str, body: int, marks: Iterable[tuple[int, str]], figure: Callable[[str], str]) -> str:
    """The page with figures at the places of their tokens.

    Args:
        text: the finished page, without tokens.
        body: where its body begins.
        marks: where which tokens stood, in their order.
        figure: called once with each token that stood at a place for a figure, in their order; empty where there is to
            be none.
    """
    parts: list[str] = []
    done: set[str] = set()
    kept = 0
    start = body
    for at, token in marks:
        if at < body or tag_around(text, at) is not None or is_opaque(text, at, start=start):
            continue
        if token not in done:
            done.add(token)
            place = max(kept, _before_paragraph(text, at, body=body, start=start))
            parts += text[kept:place], figure(token)
            kept = place
        start = at
    parts.append(text[kept:])
    return "".join(parts)


def _before_paragraph(text: str, at: int, *, body: int, start: int) -> int:
    """The start of the paragraph in which ``at`` stands, for a figure would end it; else ``at``.

    ``start`` is a place before ``at`` where an element may stand.
    """
    tag = text.rfind("<", body, at)
    if text.startswith("<!", tag):  # many themes say in a comment which element ends there
        tag = text.rfind("<", body, tag)
    if _ENDS_PARAGRAPH.match(text, max(tag, body)):  # the usual case, told in no time
        return at
    opened = _last_paragraph(text, max(body, at - _FARTHEST_PARAGRAPH), at)
    if opened < 0 or _ENDS_PARAGRAPH.search(text, opened + 1, at):
        return at
    return at if is_opaque(text, opened, start=start if start <= opened else body) else opened


def _last_paragraph(text: str, start: int, end: int) -> int:
    """Where the last paragraph between the two is opened; -1 if none is. A regular expression takes longer."""
    while (end := max(text.rfind("<p", start, end), text.rfind("<P", start, end))) >= 0:
        if text[end + 2] == ">" or text[end + 2].isspace():
            return end
    return -1
