"""Prints the results of commands, as text or as JSON.

The JSON is one object: ``schema`` (1), ``command``, ``root`` (the folder that paths are relative to), one list of
rows, ``summary`` (numbers) and ``problems`` (texts). The README documents the rows.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from ..content.site import OpenSite
from ..errors import PostError
from ..planning.item import TO_COPY, Item, State
from ..text import printable

SCHEMA = 1
MANY = 5
_FREE = (State.PRESENT, State.PENDING, *TO_COPY)


class Reporter:
    """Writes results to standard output, and everything else to standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.out = _console(sys.stdout)
        self.err = _console(sys.stderr)

    def line(self, text: str = "", style: str = "") -> None:
        """Print a line of the result; nothing with ``--json``."""
        if not self.as_json:
            self.out.print(printable(text), style=style or None)

    def note(self, text: str = "") -> None:
        """Print a line that is not part of the result."""
        self.err.print(printable(text))

    def notes(self, texts: Iterable[str]) -> None:
        """Print up to ``MANY`` notes, and the number of the others."""
        everything = list(texts)
        for text in everything[:MANY]:
            self.note(f"falhero: {text}")
        if len(everything) > MANY:
            self.note(f"falhero: and {len(everything) - MANY} more")

    def document(self, command: str, site: OpenSite | None, **parts: Any) -> None:
        """Print the result as JSON; nothing without ``--json``."""
        if self.as_json:
            root = str(site.root) if site else ""
            document = {"schema": SCHEMA, "command": command, "root": root, **parts}
            is_utf8 = sys.stdout.encoding.lower().replace("-", "") == "utf8"
            lines = json.dumps(document, ensure_ascii=not is_utf8, indent=2).split("\n")
            # json itself escapes C0 only.
            sys.stdout.write("\n".join(map(printable, lines)) + "\n")


def _console(stream: TextIO) -> Console:
    # A title may hold characters that the terminal can't show, and text that rich would replace by an emoji.
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)


def hero_row(item: Item, *, state: str = "") -> dict[str, Any]:
    """The row of a hero: ``file``, ``state``, ``sources``, ``title``, ``prompt``, ``endpoint``, ``usd``, ``reason``.

    ``usd`` is its price: 0 if nothing needs to be bought, None if it is not known.
    """
    prompt, endpoint, usd, reason = None, None, None, item.reason
    try:
        prompt, endpoint = item.prompt, item.pending.first.endpoint if item.pending else item.request.endpoint
        usd = 0.0 if item.state in _FREE else item.price
    except PostError as error:
        reason = reason or str(error)
    return {
        "file": item.file if item.state is State.PRESENT else item.name,
        "state": state or str(item.state),
        "sources": [post.source for post in item.posts],
        "title": item.post.title,
        "prompt": prompt,
        "endpoint": endpoint,
        "usd": usd,
        "reason": reason,
    }


def relative(path: Path) -> str:
    """A path relative to the working directory."""
    return os.path.relpath(path)
