"""How a title breaks into lines, and how large they can be set."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from .text import TITLE, Block, Style, measure

# Smaller than this (pixels per em) a title is no title; only then is its end cut off.
_SMALLEST = 34
# No title of more characters is readable; the time to set one grows with their square.
_LONGEST = 500
# A long word is set whole down to this size, and broken rather than set smaller.
_SMALLEST_UNBROKEN = 52
# What each further line costs a setting, and how much its evenness counts, beside its size.
_LINE_COST = 0.93
_EVENNESS = 0.4
# A line that stands alone may be this much larger.
_ALONE = 1.3
# From one baseline to the next, in em, and the least that stays free between the ink of two lines.
_PITCH = 1.08
_GAP = 0.05
# A last line shorter than this, as a share of the average line, is an orphan.
_ORPHAN = 0.5
# A line that ends with one of these reads better, and may be a little less even for it.
_PAUSES = ",.:;!?–—…"
_PAUSE_COST = 0.85
_BREAK_AFTER = re.compile(r"(?<=[-/_.@&=?#:~+])")


@dataclass(frozen=True)
class _Piece:
    """What stays together on one line."""

    text: str
    space: str = " "
    """What stands between it and the next piece on the same line."""

    ending: str = ""
    """What is added when the line ends here."""


@dataclass(frozen=True)
class _Setting:
    """A title in a certain number of lines."""

    block: Block
    highest: float
    """The size that the height alone would allow."""

    looks: float
    """The higher the better."""


def fit_title(text: str, width: float, height: float, largest: int) -> Block:
    """A cleaned title in balanced lines, as large as fits ``width`` and ``height``, all in pixels.

    The height counts from the top of the first line to the last baseline. A title too long for any readable size
    loses its end to an ellipsis.
    """
    length = min(len(text), _LONGEST)
    block = _set(_cut(text, length), width, height, largest)
    while block.size < _SMALLEST and length > 1:
        length = int(length * 0.94)
        block = _set(_cut(text, length), width, height, largest)
    return block


def fit_line(text: str, style: Style, size: int, width: float) -> Block:
    """A cleaned text in one line of ``size`` pixels per em, cut with an ellipsis to ``width`` pixels."""
    length = min(len(text), _LONGEST)
    line = measure(_cut(text, length), style)
    while (line.right - line.left) * size > width and length > 1:
        length -= 1
        line = measure(_cut(text, length), style)
    return Block(style=style, lines=(line,), size=size, pitch=0.0)


def _cut(text: str, length: int) -> str:
    """``text``, or its first ``length`` characters, to the end of a word when one is near, and an ellipsis."""
    if length >= len(text):
        return text
    kept = text[:length]
    if not text[length:].startswith(" "):
        whole = kept.rpartition(" ")[0]
        kept = whole if len(whole) > length - 20 else kept
    return kept.rstrip(" ,.;:–—-") + "…"


def _set(text: str, width: float, height: float, largest: int) -> Block:
    """The largest setting of a title; it may be unreadably small."""
    whole, parts = _pieces(text, math.inf), _pieces(text, width / _SMALLEST_UNBROKEN)
    block = _largest(whole, width, height, largest)
    if block.size >= _SMALLEST_UNBROKEN or len(parts) == len(whole):
        return block
    broken = _largest(parts, width, height, largest)
    return broken if broken.size > block.size else block


def _largest(pieces: Sequence[_Piece], width: float, height: float, largest: int) -> Block:
    """The setting that looks best: large, and not ragged."""
    settings = (_setting(texts, width, height, largest) for texts in _line_breaks(pieces))
    best = next(settings)
    for setting in settings:
        if setting.highest < best.block.size:
            break  # More lines can only be smaller.
        if setting.looks > best.looks:
            best = setting
    return best.block


def _setting(texts: Sequence[str], width: float, height: float, largest: int) -> _Setting:
    lines = tuple(measure(text, TITLE) for text in texts)
    # Accents of one line must not touch the tails of the line above: Vietnamese stacks two over a capital.
    pitch = max([_PITCH, *(upper.bottom - lower.top + _GAP for upper, lower in pairwise(lines))])
    widths = [line.right - line.left for line in lines]
    rise = pitch * (len(lines) - 1) - lines[0].top
    highest = height / rise if rise else math.inf  # A lone "_" does not rise above its baseline.
    size = min(width / max(widths), highest, largest if len(lines) > 1 else largest * _ALONE)
    evenness = sum(widths) / len(widths) / max(widths)
    looks = size * evenness**_EVENNESS * _LINE_COST ** len(lines)
    block = Block(style=TITLE, lines=lines, size=int(size), pitch=pitch)
    return _Setting(block=block, highest=highest, looks=looks)


def _line_breaks(pieces: Sequence[_Piece]) -> Iterator[list[str]]:
    """For one line, two lines and so on, the most even way to set ``pieces`` in that many."""
    starts = list(accumulate((_width(piece.text + piece.space) for piece in pieces), initial=0.0))
    tails = [_width(piece.ending) - _width(piece.space) for piece in pieces]
    # By number of lines: for every piece that may end the last of them, the least sum of squares and all the ends.
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}
    for count in range(1, len(pieces) + 1):
        shortest = _ORPHAN * starts[-1] / count

        def cost(start: int, end: int, shortest: float = shortest) -> float:
            span = starts[end] - starts[start] + tails[end - 1]
            if start > 0 and end == len(pieces) and span < shortest:
                return 9 * span**2 + 9 * shortest**2
            return span**2 * (_PAUSE_COST if pieces[end - 1].text[-1] in _PAUSES else 1.0)

        best = {
            end: min((sofar + cost(start, end), (*ends, end)) for start, (sofar, ends) in best.items() if start < end)
            for end in range(count, len(pieces) + 1)
        }
        yield [_join(pieces[start:end]) for start, end in pairwise(best[len(pieces)][1])]


def _join(pieces: Sequence[_Piece]) -> str:
    return "".join(piece.text + piece.space for piece in pieces[:-1]) + pieces[-1].text + pieces[-1].ending


def _pieces(text: str, limit: float) -> list[_Piece]:
    """The words of ``text``, each cut into parts when it is wider than ``limit`` em."""
    return [piece for word in _words(text) for piece in _parts(word, limit)]


def _words(text: str) -> list[str]:
    """The words, with lone signs ("?", "–", "«") kept beside the word they belong to."""
    words: list[str] = []
    opening = ""
    for sign in text.split(" "):
        if words and not any(char.isalnum() for char in sign):
            if sign == "&" or unicodedata.category(sign[-1]) in {"Ps", "Pi"}:
                opening += sign + " "
            else:
                words[-1] += " " + sign
        else:
            words.append(opening + sign)
            opening = ""
    return [*words[:-1], f"{words[-1]} {opening}".rstrip()]


def _parts(word: str, limit: float) -> list[_Piece]:
    if _width(word) <= limit:
        return [_Piece(word)]
    texts = [chunk for stretch in _BREAK_AFTER.split(word) if stretch for chunk in _chunks(stretch, limit)]
    parts = [
        _Piece(text, space="", ending="-" if text[-1].isalpha() and after[0].isalpha() else "")
        for text, after in pairwise(texts)
    ]
    return [*parts, _Piece(texts[-1])]


def _chunks(stretch: str, limit: float) -> list[str]:
    """``stretch`` in the fewest parts of at most about ``limit`` em, all much the same width."""
    count = math.ceil(_width(stretch) / (limit - _width("-")))
    share = _width(stretch) / count
    chunks = [""] * count
    reached = 0.0
    for char in stretch:
        reached += _width(char)
        chunks[min(math.ceil(reached / share), count) - 1] += char
    return [chunk for chunk in chunks if chunk]


def _width(text: str) -> float:
    """The width in em, kerning left out."""
    return measure(text, TITLE).advance if text else 0.0
