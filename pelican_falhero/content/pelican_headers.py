"""Set a field in the header lines of Pelican's own formats; every other byte of the file stays the same.

Markdown has ``Name: value`` at its start, reStructuredText ``:name: value`` below its title. Both go on in indented
lines.
"""

from __future__ import annotations

import re
from pathlib import Path

_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
_MARKDOWN_LINE = re.compile(rb"[ ]{0,3}(?P<name>[A-Za-z0-9_-]+):(?:\s|$)")
"""As Markdown's own extension ``meta`` reads them."""
_RST_LINE = re.compile(rb":(?P<name>[A-Za-z][\w -]*):(?:\s|$)")
_RST_ADORNMENT = re.compile(rb"(?P<sign>[!-/:-@\[-`{-~])(?P=sign)*\s*")
"""The line below a title, and maybe above it."""
_RST_COMMENT = re.compile(rb"\.\.(?:\s+(?!\S+::)|\s*$)")
_RST_LIST = re.compile(r"(?:\(?(?:[A-Za-z]|[0-9]+|[ivxlcdmIVXLCDM]+|#)[.)]|[-+*•‣⁃]|\.\.)(?:\s|$)|:")
"""What would make a value a list, with another text."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def with_header(data: bytes, path: Path, field: str, value: str) -> bytes | None:
    """Return a post with a header line set; None if it has no header lines of this kind.

    Args:
        data: the post.
        path: its file, whose extension tells the format.
        field: the name, in any case; a line that has it already is replaced.
        value: one line of text.
    """
    is_rst = path.suffix == ".rst"
    if not is_rst and path.suffix not in _MARKDOWN:
        return None
    pattern = _RST_LINE if is_rst else _MARKDOWN_LINE
    lines = data.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if pattern.match(_bare(line, number))), None) or 0
    if not lines or not pattern.match(_bare(lines[start], start)) or (start and not is_rst):
        return None
    if not _begins_with_title(lines[:start]):
        return None
    end = _end_of_block(lines, start, pattern)
    sign = f":{field}:" if is_rst else f"{field}:"
    newline = b"\r\n" if lines[start].endswith(b"\r\n") else b"\n"
    escape = "\\" if is_rst and _RST_LIST.match(value) else ""
    new = f"{sign} {escape}{value}".encode() + newline
    if not lines[end - 1].endswith(b"\n"):
        lines[end - 1] += newline
    for number in range(start, end):
        found = pattern.match(_bare(lines[number], number))
        if found and found["name"].decode().lower() == field.lower():
            mark = _BYTE_ORDER_MARK if number == 0 and lines[0].startswith(_BYTE_ORDER_MARK) else b""
            rest = _end_of_block(lines, number + 1, pattern, is_value=True)
            return b"".join([*lines[:number], mark + new, *lines[rest:]])
    return b"".join([*lines[:end], new, *lines[end:]])


def _begins_with_title(lines: list[bytes]) -> bool:
    """Whether lines of reStructuredText are titles and comments only: fields below anything else are text."""
    is_comment = False
    for number, line in enumerate(lines):
        bare = _bare(line, number)
        is_title = any(map(_RST_ADORNMENT.fullmatch, [bare, *lines[number + 1 : number + 2]]))
        is_comment = bool(_RST_COMMENT.match(bare)) or (is_comment and bare[:1].isspace())
        if bare.strip() and not (is_title or is_comment):
            return False
    return True


def _bare(line: bytes, number: int) -> bytes:
    return line.removeprefix(_BYTE_ORDER_MARK) if number == 0 else line


def _end_of_block(lines: list[bytes], start: int, pattern: re.Pattern[bytes], *, is_value: bool = False) -> int:
    """Return the number of the first line that is no header line; with ``is_value`` no line of one field's value."""
    for number in range(start, len(lines)):
        goes_on = bool(lines[number].strip()) and lines[number][:1].isspace()
        if not goes_on and (is_value or not pattern.match(_bare(lines[number], number))):
            return number
    return len(lines)
