"""Convert markup to plain text, shorten text at a word, escape it for a terminal, and recognise absolute addresses."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# Elements inside a word or between words; every other element separates words.
_INLINE = frozenset(
    """a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q ruby s samp small span strong sub sup
    time tt u var wbr""".split()  # noqa: SIM905 - forty quoted names are harder to read
)
_SKIPPED = frozenset({"math", "pre", "script", "style", "svg", "template"})
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_CONTROL = "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
"""C0, DEL and C1, other line breaks, characters that turn the direction of text round, and halves of characters."""
_CHUNK = 4096
_LONGEST_WORD = 40
"""Characters. A longer run without spaces is text in a script that is written without spaces."""


class _TextParser(HTMLParser):
    # Python versions differ in the elements whose content they do not parse. Parse all elements, or a title's text, and
    # with it the hero's name, could depend on the Python version, and a second picture would be bought.
    CDATA_CONTENT_ELEMENTS = ()  # type: ignore[misc]  # typeshed declares them final
    RCDATA_CONTENT_ELEMENTS = ()  # type: ignore[misc]

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.length = 0
        self._parts: list[str] = []
        self._open_skipped: list[str] = []
        self._skipped_parts: list[str] = []

    def text(self, *, is_complete: bool) -> str:
        """Return the text; in a complete input an unclosed ``<script>`` is literal text, e.g. a title about HTML."""
        parts = [*self._parts, *self._skipped_parts] if self._open_skipped and is_complete else self._parts
        return " ".join("".join(parts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._open_skipped.append(tag)
        self._separate(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._separate(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open_skipped:
            # Close all elements inside it too: what looks like a tag in a script is none.
            del self._open_skipped[self._open_skipped.index(tag) :]
            if not self._open_skipped:
                self._skipped_parts.clear()
        self._separate(tag)

    def handle_data(self, data: str) -> None:
        if self._open_skipped:
            self._skipped_parts.append(data)
        else:
            self._parts.append(data)
            self.length += sum(map(len, data.split()))

    def _separate(self, tag: str) -> None:
        if tag not in _INLINE:
            (self._skipped_parts if self._open_skipped else self._parts).append(" ")


def is_address(text: str) -> bool:
    """Whether a text is an absolute address (``https://…``, ``//…``) and not a path of this site."""
    scheme, slashes, _ = text.partition("//")
    return bool(slashes) and (not scheme or re.fullmatch(_SCHEME, scheme) is not None)


def printable(text: str) -> str:
    """Return a text as one line that can't steer a terminal: control characters are escaped, as in ``\\u001b``.

    Text in JSON stays the same text.
    """
    return re.sub(_CONTROL, lambda match: f"\\u{ord(match[0]):04x}", text)


def plain_text(markup: str, *, stop_after: int | None = None) -> str:
    """Return the text that a reader sees: no tags, no entities, each run of white space (also no-break) as one space.

    With ``stop_after``, parsing stops after about that many characters; the result may be somewhat longer.
    """
    if "<" not in markup and "&" not in markup:
        return " ".join(markup.split())
    # Treat an unclosed angle bracket as text and a marked section as a comment: here too Python versions differ.
    closed = markup.rfind(">") + 1
    markup = markup[:closed].replace("<![", "<!-[") + markup[closed:].replace("<", "&lt;")
    parser = _TextParser()
    for start in range(0, len(markup), _CHUNK):
        parser.feed(markup[start : start + _CHUNK])
        if stop_after is not None and parser.length >= stop_after:
            return parser.text(is_complete=False)
    parser.close()
    return parser.text(is_complete=True)


def cut_at_word(text: str, limit: int) -> str:
    """Shorten ``text`` to at most ``limit`` characters, cut between words; empty if the first word does not fit.

    Text in a script that is written without spaces is cut between characters.
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
