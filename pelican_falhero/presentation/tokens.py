"""Tokens: four characters that stand for an article's figure while a page is rendered.

They are no markup and no words, so that whatever a template does to a text (escape, strip, cut, count), what is left of
a token is still known for one and can be taken out again. They are control characters that XML allows and nobody types,
of one byte each in Python: a page with characters that need four takes a hundred times as long to put together.
"""

from __future__ import annotations

import re

LEAD = "\x90"
"""The first character of every token."""

# But for LEAD, and for U+0085, which is white space.
_DIGITS = "".join(chr(code) for code in range(0x80, 0xA0) if code not in (0x85, 0x90))
_DIGIT = f"[{_DIGITS}]"
_LENGTH = 3
_WHOLE = 1 + _LENGTH
LIMIT = len(_DIGITS) ** _LENGTH
"""How many articles can have a token."""

# These are not compiled yet, for few pages need them; re remembers what it compiled last.
_WHOLE_OR_CUT = f"{LEAD}{_DIGIT}{{0,{_LENGTH}}}"
_ALL_DIGITS = frozenset(_DIGITS)
_ENCODED = (
    rf"\\u0090(?:\\u00[89][0-9a-f]){{0,{_LENGTH}}}",
    f"%c2%90(?:%c2%[89][0-9a-f]){{0,{_LENGTH}}}",
)
"""What a token becomes in JSON and in an address."""


def token(number: int) -> str:
    """The token of the article with this number, from 0 to below ``LIMIT``."""
    base = len(_DIGITS)
    return LEAD + "".join(_DIGITS[number // base**place % base] for place in reversed(range(_LENGTH)))


def put_before(text: str, mark: str) -> str:
    """``text`` with ``mark`` in front of its first word or tag: behind white space, or it would be a word itself."""
    if text and not text[0].isspace():
        return mark + text
    at = len(text) - len(text.lstrip())
    return text[:at] + mark + text[at:]


def take_out(text: str) -> tuple[str, list[tuple[int, str]]]:
    """The text without any token, and where in it which whole tokens stood, in their order."""
    if _has_encoded(text):
        text = _without_encoded(text)
    parts: list[str] = []
    marks: list[tuple[int, str]] = []
    kept = length = 0
    at = text.find(LEAD)
    while at >= 0:
        parts.append(text[kept:at])
        length += at - kept
        mark = text[at : at + _WHOLE]
        if len(mark) == _WHOLE and _ALL_DIGITS.issuperset(mark[1:]):
            marks.append((length, mark))
            kept = at + _WHOLE
        else:
            cut = re.match(_WHOLE_OR_CUT, mark)
            kept = at + (cut.end() if cut else 1)
        at = text.find(LEAD, kept)
    return "".join([*parts, text[kept:]]), marks


def without_tokens(text: str) -> str:
    """``text`` without any token: whole, cut, and encoded in JSON or an address."""
    if LEAD in text:
        text = re.sub(_WHOLE_OR_CUT, "", text)
    return _without_encoded(text) if _has_encoded(text) else text


def _without_encoded(text: str) -> str:
    for pattern in _ENCODED:
        text = re.sub(pattern, "", text, flags=re.IGNORECASE)
    return text


def _has_encoded(text: str) -> bool:
    # Looking for one character takes almost no time, and for a few still less than a pattern.
    return ("\\" in text and "\\u0090" in text) or ("%" in text and ("%C2%90" in text or "%c2%90" in text))
