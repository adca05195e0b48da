"""Markup into plain text, plain text to length, and what an address is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Everything else separates words.
_INLINE = frozenset(
    """a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q ruby s samp small span strong sub sup
    time tt u var wbr""".split()  # noqa: SIM905 - a list of forty quoted names reads worse
)
_UNREAD = frozenset({"math", "pre", "script", "style", "svg", "template"})
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_CHUNK = 4096
_LONGEST_WORD = 40
"""Characters; a longer stretch without spaces is a text in a script that writes none."""


class _TextParser(HTMLParser):
    # Python's versions differ in the elements whose content they take as it is; here none are, or a name could change
    # with the Python version, and a second picture be bought.
    CDATA_CONTENT_ELEMENTS = ()  # type: ignore[misc]  # typeshed calls them final
    RCDATA_CONTENT_ELEMENTS = ()  # type: ignore[misc]

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.length = 0
        self._parts: list[str] = []
        self._unread: list[str] = []
        self._passed_over: list[str] = []

    def text(self, *, is_whole: bool) -> str:
        """What was read; in a whole text, an element that was never closed was a word in a text about it."""
        parts = [*self._parts, *self._passed_over] if self._unread and is_whole else self._parts
        return " ".join("".join(parts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread.append(tag)
        self._separate(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._separate(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            # With all that stands open in it: what looks like a tag in a script is none.
            del self._unread[self._unread.index(tag) :]
            if not self._unread:
                self._passed_over.clear()
        self._separate(tag)

    def handle_data(self, data: str) -> None:
        if self._unread:
            self._passed_over.append(data)
        else:
            self._parts.append(data)
            self.length += sum(map(len, data.split()))

    def _separate(self, tag: str) -> None:
        if tag not in _INLINE:
            (self._passed_over if self._unread else self._parts).append(" ")


def is_address(text: str) -> bool:
    """Whether a text is a whole address (``https://…``, ``//…``) and not a path of this site."""
    return bool(_ADDRESS.match(text))


def plain_text(markup: str, *, stop_after: int | None = None) -> str:
    """The text a reader sees of ``markup``: no tags, no entities, white space (no-break spaces too) collapsed.

    With ``stop_after`` the rest is left unread once so many characters are there; the text may be somewhat longer.
    """
    if "<" not in markup and "&" not in markup:
        return " ".join(markup.split())
    # An angle bracket that no tag closes is text, and a marked section is a comment; again versions disagree.
    closed = markup.rfind(">") + 1
    markup = markup[:closed].replace("<![", "<!-[") + markup[closed:].replace("<", "&lt;")
    parser = _TextParser()
    for start in range(0, len(markup), _CHUNK):
        parser.feed(markup[start : start + _CHUNK])
        if stop_after is not None and parser.length >= stop_after:
            return parser.text(is_whole=False)
    parser.close()
    return parser.text(is_whole=True)


def cut_at_word(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters, cut between words; nothing where not even the first word fits.

    Scripts that are written without spaces are cut between characters.
    """
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    head = text[:limit]
    if not (text[limit].isspace() or head[-1].isspace()):
        words = head.split()
        if len(words) > 1:
            head = head[: head.rindex(words[-1])]
        elif limit < len(text.split(None, 1)[0]) <= _LONGEST_WORD and len(text.split()) > 1:
            head = ""
    return head.rstrip(" \t\n,;:–—-")
