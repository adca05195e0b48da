"""Changes of JSON front matter, at the places that a scan of its objects tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from .values import Value, quoted

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def changes(text: str, names: Sequence[str], value: Value, newline: str) -> Iterator[str]:
    """Yield the text with the field set.

    Args:
        text: a valid object, after white space.
        names: of the field, and before it of those that it is in.
        value: what it is to be.
        newline: the file's line end; new members have the white space of those beside them.
    """
    start = _after_space(text, 0)
    end = len(text)
    for depth, name in enumerate(names):
        rest = names[depth:]
        if text[start:end] == "null":
            yield f"{text[:start]}{{{_member(rest, value)}}}{text[end:]}"
        if text[start] != "{":
            return
        found = _members(text, start).get(name)
        if found is None:
            yield _inserted(text, start, rest, value)
            return
        start, end = found
    is_empty_list = _DECODER.raw_decode(text, start)[0] == []
    if isinstance(value, list) and text[start] == "[" and not is_empty_list:
        start = _after_space(text, start + 1)
        end, value = _DECODER.raw_decode(text, start)[1], value[0]
    if text[start] not in "{[" or is_empty_list:
        yield text[:start] + quoted(value) + text[end:]


def _inserted(text: str, brace: int, names: Sequence[str], value: Value) -> str:
    space = text[brace + 1 : _after_space(text, brace + 1)]
    is_empty = text[brace + 1 + len(space)] == "}"
    new = space + _member(names, value) + ("" if is_empty else "," if "\n" in space else f",{'' if space else ' '}")
    return text[: brace + 1] + new + text[brace + 1 :]


def _members(text: str, brace: int) -> dict[str, tuple[int, int]]:
    """Return start and end of each member's value of the object that begins at ``brace``."""
    found: dict[str, tuple[int, int]] = {}
    at = _after_space(text, brace + 1)
    while text[at] == '"':
        name, at = _DECODER.raw_decode(text, at)
        start = _after_space(text, _after_space(text, at) + 1)
        _, at = _DECODER.raw_decode(text, start)
        found[name] = start, at
        at = _after_space(text, at)
        if text[at] == ",":
            at = _after_space(text, at + 1)
    return found


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _member(names: Sequence[str], value: Value) -> str:
    return ": {".join(map(quoted, names)) + f": {quoted(value)}" + "}" * (len(names) - 1)
