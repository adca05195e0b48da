"""Breaks lines at the width of a terminal, between words, so that no path is broken in its middle. Pure."""

from __future__ import annotations

import re

from rich.cells import cell_len

_WORD = re.compile(r"(\s*)(\S+)")
_SHELL_WORD = re.compile(r"""(\s*)((?:'[^']*'|"[^"]*"|[^\s'"])+)""")
_NARROW = 30
"""Columns; where less would remain beside an indentation, a small one is used."""


_KEPT_SPACE = "\ue000"
"""Stands for a space at which no line is broken; a character that no font and no text has."""


def unbroken(text: str) -> str:
    """Text at whose spaces no line will be broken, for example a path; ``plain`` brings its spaces back."""
    return text.replace(" ", _KEPT_SPACE)


def plain(text: str) -> str:
    """Undo ``unbroken``."""
    return text.replace(_KEPT_SPACE, " ")


def wrap(text: str, width: int, *, indent: int = 2) -> str:
    """Break text between words; further lines begin with ``indent`` spaces. A word that is too long stays whole."""
    indent = indent if width - indent >= _NARROW else 2
    return "\n".join(_lines(text, _WORD, width, start=" " * indent, end=""))


def wrap_command(text: str, width: int) -> str:
    """Break a shell command between its words, with backslashes, so that it can still be pasted; or a comment."""
    start = re.match(r" *(?:# )?", text)
    first = start[0] if start else ""
    if "#" in first:
        return "\n".join(_lines(text, _WORD, width, start=first, end=""))
    return "\n".join(_lines(text, _SHELL_WORD, width, start=first + "    ", end=" \\"))


def _lines(text: str, word: re.Pattern[str], width: int, *, start: str, end: str) -> list[str]:
    lines = [""]
    for space, part in word.findall(text):
        longer = lines[-1] + space + part
        if lines[-1].strip(" #") and cell_len(longer + end) > width:
            lines[-1] += end
            lines.append(start + part)
        else:
            lines[-1] = longer
    return lines
