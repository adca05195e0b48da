"""Prints what a build says."""

from __future__ import annotations

from rich.console import Console

from ..text import printable


def print_line(console: Console, text: str) -> None:
    """Print one line as it is: a title may hold rich's markup, names of emoji, or control characters."""
    console.print(printable(text), markup=False, emoji=False, highlight=False, soft_wrap=True)
