"""How a title breaks into lines, and how large they can be drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .scripts import UNSPACED, needs_font
from .text import TITLE, Style, ink_height, text_width

LARGEST = 118
"""The largest size of a title of several lines, in pixels per em; one line alone may be larger by ``_ALONE``."""

_ALONE = 1.3
# A title that would be smaller than this is cut.
_SMALLEST = 34
# A word that does not fit a line at this size is broken.
_SMALLEST_UNBROKEN = 52
# No longer title is readable, and it would take long to break into lines.
_MOST_CHARACTERS = 500
# How much a further line and uneven lines count against a larger size.
_LINE_COST = 0.93
_EVENNESS = 0.6
# From one baseline to the next, in em, and the least space between the ink of two lines.
_PITCH = 1.08
_GAP = 0.05

# Characters of a word in a script without spaces that stands between spaces, as in a title in another language.
_LONGEST_UNBROKEN_UNSPACED = 4
_NO_BREAK_SPACE = "\u00a0"
_OPENING = r"&(\[«‹“‘„¿¡"
_BEFORE_LONE_SIGN = re.compile(rf" (?=[^\w\s{_OPENING}]+(?: |$))")
_AFTER_OPENING = re.compile(rf"(?<!\S)([{_OPENING}]+) ")
# No line starts with what closes, or with a small kana; none ends with what opens.
_NOT_FIRST = (
    "、。，．・：；？！）」』】〉》〕］｝〟’”)\\]}»,.:;?!%…‥ー〜～々ゝゞヽヾ"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
_NOT_LAST = "（「『【〈《〔［｛〝‘“(\\[{«"
_UNSPACED_PIECE = re.compile(
    f"[{_NOT_LAST}]*(?:{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern})[^{_NOT_LAST}{_NOT_FIRST}])+|$)?[{_NOT_FIRST}]*"
)
_BREAK_AFTER = re.compile(r"(?<=[-/_.@&=?#:~+])")


@dataclass(frozen=True)
class Block:
    """A title in lines."""

    lines: tuple[str, ...]
    size: int
    """Pixels per em."""

    pitch: float
    """From one baseline to the next, in em."""


def fit_title(text: str, width: float, height: float, style: Style = TITLE) -> Block:
    """A cleaned title in even lines, as large as fits ``width`` and ``height`` (pixels, first top to last baseline).

    A title too long for any readable size is cut, with an ellipsis.
    """
    length = min(len(text), _MOST_CHARACTERS)
    while True:
        block = _best_block(_pieces(cut(text, length), width / _SMALLEST_UNBROKEN, style), width, height, style)
        if block.size >= _SMALLEST or length == 1:
            return block
        length = int(length * 0.94)


def fit_line(text: str, style: Style, size: int, width: float) -> str:
    """A cleaned text, cut with an ellipsis so that one line of ``size`` pixels per em fits ``width`` pixels."""
    length = min(len(text), _MOST_CHARACTERS)
    while text_width(cut(text, length), style) * size > width and length > 1:
        length -= 1
    return cut(text, length)


def cut(text: str, length: int) -> str:
    """``text``, or its first ``length`` characters, to the end of a word when one is near, and an ellipsis."""
    if length >= len(text):
        return text
    kept = text[:length]
    if not text[length:].startswith(" "):
        whole = kept.rpartition(" ")[0]
        kept = whole if len(whole) > length - 20 else kept
    return kept.rstrip(" ,.;:–—-") + "…"


def _best_block(pieces: Sequence[str], width: float, height: float, style: Style) -> Block:
    """The number of lines that looks best: large letters in few lines of similar length."""
    best, best_looks = Block(lines=(), size=0, pitch=_PITCH), 0.0
    for count in range(1, len(pieces) + 1):
        lines = [_as_drawn(line) for line in _even_lines(pieces, count, style)]
        heights = [ink_height(line, style) for line in lines]
        # Accents must not touch the tails of the line above: Vietnamese stacks two on a capital.
        pitch = max([_PITCH, *(below + above + _GAP for (_, below), (above, _) in pairwise(heights))])
        rise = heights[0][0] + pitch * (len(lines) - 1)
        largest_by_height = height / rise if rise else math.inf  # "_" does not reach above its baseline.
        if largest_by_height < best.size:
            break  # More lines can only be smaller.
        widths = [text_width(line, style) for line in lines]
        size = min(width / max(widths), largest_by_height, LARGEST if len(lines) > 1 else LARGEST * _ALONE)
        looks = size * _LINE_COST ** len(lines) * (sum(widths) / len(widths) / max(widths)) ** _EVENNESS
        if looks > best_looks:
            best, best_looks = Block(lines=tuple(lines), size=int(size), pitch=pitch), looks
    return best


def _even_lines(pieces: Sequence[str], count: int, style: Style) -> list[str]:
    """``pieces`` in at most ``count`` lines, whose longest is as short as possible."""
    widths = [text_width(piece, style) for piece in pieces]
    too_narrow, wide_enough = max(widths) - 0.01, sum(widths) + 0.01
    for _ in range(12):
        middle = (too_narrow + wide_enough) / 2
        if middle >= max(widths) and len(_wrap(pieces, middle, style)) <= count:
            wide_enough = middle
        else:
            too_narrow = middle
    return _wrap(pieces, wide_enough, style)


def _wrap(pieces: Sequence[str], width: float, style: Style) -> list[str]:
    """``pieces`` in lines, each filled up to ``width`` em before the next is started."""
    lines: list[str] = []
    room = 0.0
    for piece in pieces:
        if not lines or text_width(piece, style) > room:
            lines.append("")
            room = width
        lines[-1] += piece
        room -= text_width(piece, style)
    return lines


def _as_drawn(line: str) -> str:
    """``line`` without the space at its end, or with a hyphen where a word is broken."""
    return line.rstrip(" ").replace(_NO_BREAK_SPACE, " ") + (
        "-" if line[-1].isalpha() and not needs_font(line[-1]) else ""
    )


def _pieces(text: str, limit: float, style: Style) -> list[str]:
    """What stays together on a line: words, each with a space after it, and parts of words wider than ``limit`` em."""
    # Lone signs ("?", "–", "«") stay with the word they belong to.
    joined = _AFTER_OPENING.sub(rf"\1{_NO_BREAK_SPACE}", _BEFORE_LONE_SIGN.sub(_NO_BREAK_SPACE, text))
    pieces: list[str] = []
    for word in joined.split(" "):
        if UNSPACED.search(word) and len(word) > _LONGEST_UNBROKEN_UNSPACED:
            pieces += filter(None, _UNSPACED_PIECE.findall(word))
        elif style.is_rtl:
            pieces.append(word)  # its letters are joined, so it is not broken
        else:
            pieces += _parts(word, limit, style) if text_width(word, style) > limit else [word]
        pieces[-1] += " "
    return pieces


def _parts(word: str, limit: float, style: Style) -> list[str]:
    """``word`` broken after signs, and into parts of similar length where a stretch is wider than ``limit`` em."""
    parts = []
    for stretch in filter(None, _BREAK_AFTER.split(word)):
        number = math.ceil(text_width(stretch + "-", style) / limit)
        length = math.ceil(len(stretch) / number)
        parts += [stretch[start : start + length] for start in range(0, len(stretch), length)]
    return parts
