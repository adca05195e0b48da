"""Tokens: two characters that stand for an article's figure while a page is rendered.

They are no markup and no words, so that whatever a template does to a text (escape, strip, cut, count), what is left of
a token is still known for one and can be taken out again. Both are from Unicode's last private plane.
"""

from __future__ import annotations

import re

LEAD = "\U0010fffd"
"""The first character of every token."""

_FIRST = 0x100000
LIMIT = 0x10FFFC - _FIRST + 1
"""How many articles can have a token: the second character numbers them, and is never ``LEAD``."""

_SECOND = f"[{chr(_FIRST)}-{chr(_FIRST + LIMIT - 1)}]"
WHOLE = re.compile(LEAD + _SECOND)
"""A token that nothing was cut off from."""

_WHOLE_OR_CUT = re.compile(f"{LEAD}{_SECOND}?")
_ENCODED = {
    "\\": re.compile(r"\\udbff\\udffd(?:\\udb[c-f][0-9a-f]\\ud[c-f][0-9a-f]{2})?", re.IGNORECASE),
    "%": re.compile("%f4%8f%bf%bd(?:%f4%8[0-9a-f]%[89ab][0-9a-f]%[89ab][0-9a-f])?", re.IGNORECASE),
}
"""What a token becomes in JSON and in an address, by what such a form begins with."""


def token(number: int) -> str:
    """The token of the article with this number, from 0 to below ``LIMIT``."""
    return LEAD + chr(_FIRST + number)


def number_at(text: str, at: int) -> int:
    """The number of the whole token at ``at``."""
    return ord(text[at + 1]) - _FIRST


def put_before(text: str, mark: str) -> str:
    """``text`` with ``mark`` in front of its first word or tag: behind white space, or it would be a word itself."""
    at = len(text) - len(text.lstrip())
    return text[:at] + mark + text[at:]


def without_tokens(text: str) -> str:
    """``text`` without any token: whole, cut, and encoded in JSON or an address."""
    if LEAD in text:
        text = _WHOLE_OR_CUT.sub("", text)
    for start, pattern in _ENCODED.items():
        if start in text:
            text = pattern.sub("", text)
    return text
