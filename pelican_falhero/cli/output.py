"""Prints the results of commands, as text or as JSON.

The JSON is one object: ``schema`` (1), ``command``, ``root`` (the folder that paths are relative to), one list of
rows, ``summary`` (numbers) and ``problems`` (texts). ``falhero help json`` documents the rows.
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
from ..generation.result import HeroResult
from ..planning.item import TO_COPY, Item, State
from ..text import printable
from .wrapping import plain, unbroken, wrap, wrap_command

SCHEMA = 1
MANY = 5
_FREE = (State.PRESENT, State.PENDING, State.UNDECIDED, *TO_COPY)


class Reporter:
    """Writes results to standard output, and everything else to standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.out = _console(sys.stdout)
        self.err = _console(sys.stderr)

    def line(self, text: str = "", style: str = "", *, indent: int = 2) -> None:
        """Print a line of the result, with this indentation where a terminal is too narrow; nothing with ``--json``."""
        if not self.as_json:
            _print(self.out, text, style, indent=indent)

    def command(self, text: str) -> None:
        """Print a line of the result that is to be pasted into a shell."""
        if not self.as_json:
            _print_command(self.out, text)

    def text(self, text: str) -> None:
        """Print lines of the result as they are, for example of a script."""
        if not self.as_json:
            self.out.print("\n".join(map(printable, text.split("\n"))))

    def note(self, text: str, style: str = "", *, indent: int = 2) -> None:
        """Print a line that is not part of the result."""
        _print(self.err, text, style, indent=indent)

    def note_command(self, text: str) -> None:
        """Print a line that is not part of the result, and is to be pasted into a shell."""
        _print_command(self.err, text)

    def error(self, text: str) -> None:
        """Print why the command has failed."""
        self.note(f"falhero: {text}", style="red")

    @property
    def can_ask(self) -> bool:
        """Whether a user sits at a terminal who can be asked."""
        return bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty())

    def ask(self, question: str) -> bool:
        """Ask a question that only ``y`` or ``yes`` affirms."""
        self.err.print(f"{printable(question)} [y/N] ", end="")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def notes(self, texts: Iterable[str]) -> None:
        """Print up to ``MANY`` notes, and the number of the others."""
        everything = list(texts)
        for text in everything[:MANY]:
            self.note(f"falhero: {text}")
        if len(everything) > MANY:
            self.note(f"falhero: and {len(everything) - MANY} more")

    def document(self, command: str, site: OpenSite | Path | None, **parts: Any) -> None:
        """Print the result as JSON; nothing without ``--json``. ``site`` is known, or only its root, or nothing."""
        if self.as_json:
            root = str(site.root if isinstance(site, OpenSite) else site or "")
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


def _print(console: Console, text: str, style: str, *, indent: int) -> None:
    text = printable(text)
    # Where a program reads it, a line stays a line.
    wrapped = wrap(text, console.width, indent=indent) if console.file.isatty() else text
    console.print(plain(wrapped), style=style or None)


def _print_command(console: Console, text: str) -> None:
    text = printable(text)
    console.print(wrap_command(text, console.width) if console.file.isatty() else text, style="bold")


def hero_row(item: Item, *, state: str = "") -> dict[str, Any]:
    """The row of a hero, as ``falhero help json`` documents it.

    ``usd`` is its price: 0 if nothing needs to be bought, None if it is not known. ``prompt`` is None if it is not
    known, for example while the brief is not written.
    """
    prompt, endpoint, usd, reason = None, None, None, item.reason
    try:
        prompt, endpoint = item.prompt or None, item.pending.first.endpoint if item.pending else item.request.endpoint
        usd = 0.0 if item.state in _FREE else item.price
        usd = usd and round(usd, 6)
    except PostError as error:
        reason = reason or str(error)
    return {
        "file": item.file if item.state is State.PRESENT else item.name,
        "state": state or str(item.state),
        "sources": [post.source for post in item.posts],
        "title": item.post.title,
        "prompt": prompt,
        "brief": item.post.brief or None,
        "endpoint": endpoint,
        "usd": usd,
        "reason": reason,
    }


def candidate_row(result: HeroResult, *, folder: str = "") -> dict[str, Any]:
    """The row of a candidate: ``number``, ``state``, ``file``, what made or would make it, and ``reason``.

    ``folder`` is that of candidates, relative to the site's root; without it the row has no file.
    """
    item = result.item
    row = hero_row(item, state=str(result.state))
    seed = item.pending.first.seed if item.pending else item.request.arguments.get("seed")
    return {
        "number": None,
        "state": row["state"],
        "file": f"{folder}/{result.file}" if folder and result.has_picture else None,
        "prompt": row["prompt"],
        "endpoint": row["endpoint"],
        "seed": seed,
        "usd": result.usd if result.was_tried else row["usd"],
        "drawn": None,
        "reason": result.reason,
    }


def relative(path: Path) -> str:
    """A path relative to the working directory."""
    return os.path.relpath(path)


def shown(path: Path) -> str:
    """A path relative to the working directory, for a line in which it stays whole; only the reporter prints it."""
    return unbroken(relative(path))


def with_paths(text: str, site: OpenSite) -> str:
    """A message that begins with the names of posts, with their paths from the working directory in their place.

    Messages name posts as the ledger and the settings do, relative to the site's root.
    """
    sources = {post.source for post in site.posts}
    names, colon, rest = text.partition(": ")
    if colon and all(name in sources for name in names.split(", ")):
        return f"{', '.join(shown(site.root / name) for name in names.split(', '))}: {rest}"
    first = max((source for source in sources if source and text.startswith(f"{source} ")), key=len, default="")
    return shown(site.root / first) + text.removeprefix(first) if first else text
