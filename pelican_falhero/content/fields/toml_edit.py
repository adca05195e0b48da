"""Changes of TOML front matter, line by line: no parser of the standard library tells where a value stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

from .values import Value, quoted

_KEY = r"""(?:[\w-]+|"[^"\\\n]*"|'[^'\n]*')"""
_LINE = re.compile(
    rf"(?P<start>[ \t]*(?P<key>{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*)[ \t]*=)(?P<space>[ \t]*)"
    r"""(?P<value>[^"'#]*?|"[^"]*"|'[^']*'|.*?)(?P<end>(?:[ \t]+#[^"']*?)?[ \t]*\r?\n)""",
    re.DOTALL,
)
_LONGEST = 2000
"""Characters; a longer line has nothing of ours, and the pattern would take long for it."""
_HEADER = re.compile(r"[ \t]*\[(?P<key>[^\[\]]+)\][ \t]*(?:#.*)?\r?\n")


def changes(text: str, names: Sequence[str], value: Value, newline: str) -> Iterator[str]:
    """Yield the text with the field set, in every way that may be right: dotted, in a table, in an inline table.

    Args:
        text: valid TOML, up to the closing fence.
        names: of the field, and before it of those that it is in.
        value: what it is to be.
        newline: the file's line end.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    for number, new in [*_replaced(lines, names, value), *_in_inline_tables(lines, names, value)]:
        yield "".join([*lines[:number], new, *lines[number + 1 :]])
    for number, new in _inserted(lines, names, value):
        yield "".join([*lines[:number], new + newline, *lines[number:]])


def _replaced(lines: Sequence[str], names: Sequence[str], value: Value) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines):
        found = _field(line)
        if found and _is_end(_key(found["key"]), names):
            yield number, found["start"] + (found["space"] or " ") + quoted(value) + found["end"]


def _in_inline_tables(lines: Sequence[str], names: Sequence[str], value: Value) -> Iterator[tuple[int, str]]:
    """Yield the lines that have a table around the field within braces."""
    for number, line in enumerate(lines):
        found = _field(line)
        if not found or not found["value"].startswith("{"):
            continue
        key = _key(found["key"])
        for depth in range(1, len(names)):
            if not _is_end(key, names[:depth]):
                continue
            rest = ".".join(names[depth:])
            at = found.start("value") + 1
            old = re.compile(rf"""({re.escape(rest)}[ \t]*=[ \t]*)(?:"[^"]*"|'[^']*'|\[[^\[\]]*\])""")
            for there in old.finditer(line, at):
                yield number, line[: there.end(1)] + quoted(value) + line[there.end() :]
            is_empty = line[at:].lstrip().startswith("}")
            between = " " if is_empty else "," if line[at].isspace() else ", "
            yield number, f"{line[:at]} {rest} = {quoted(value)}{between}{line[at:]}"


def _inserted(lines: Sequence[str], names: Sequence[str], value: Value) -> Iterator[tuple[int, str]]:
    """Yield where a new line may go: below a header of a table around it, before the first table, or at the end."""
    headers = {number: _key(found["key"]) for number, line in enumerate(lines) if (found := _HEADER.fullmatch(line))}
    for depth in range(len(names) - 1, 0, -1):
        for number, key in headers.items():
            if key == list(names[:depth]):
                yield number + 1, f"{'.'.join(names[depth:])} = {quoted(value)}"
    new = f"{'.'.join(names)} = {quoted(value)}"
    first = next((line for line in lines if line.strip() and line.lstrip()[:1] != "#"), "")
    indent = first[: len(first) - len(first.lstrip())]
    for number, line in enumerate(lines):
        if line.lstrip().startswith("["):
            yield _above_comments(lines, number), indent + new
    yield len(lines), indent + new


def _above_comments(lines: Sequence[str], number: int) -> int:
    """Return the index above the comments and empty lines that precede a line."""
    while number > 0 and (not lines[number - 1].strip() or lines[number - 1].lstrip().startswith("#")):
        number -= 1
    return number


def _field(line: str) -> re.Match[str] | None:
    return _LINE.fullmatch(line) if len(line) <= _LONGEST else None


def _is_end(key: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a key names this field from some table on; in which table a line stands is seen by parsing the result."""
    return bool(key) and list(names[-len(key) :]) == list(key)


def _key(text: str) -> list[str]:
    """Return the parts of a key; empty if it is none, as in a line of a text of several lines."""
    try:
        found: Any = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return []
    parts: list[str] = []
    while isinstance(found, dict):
        ((part, found),) = found.items()
        parts.append(part)
    return parts
