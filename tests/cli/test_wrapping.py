"""Lines that are broken for a terminal: between words, and commands so that a shell still takes them."""

from __future__ import annotations

import subprocess

import pytest
from rich.cells import cell_len

from pelican_falhero.cli.wrapping import plain, unbroken, wrap, wrap_command

HERO = "content/images/heroes/hero-cae721a1cfcf.png"


def test_lines_break_between_words_only() -> None:
    """Words stay whole, further lines are indented, and a word that is wider than the terminal has its own line."""
    assert wrap(f"a.md: see {HERO} now", 48, indent=4) == f"a.md: see\n    {HERO}\n    now"
    assert wrap(HERO, 20) == HERO
    assert wrap("  two  columns", 60) == "  two  columns"
    assert wrap("", 60) == ""


def test_a_path_with_spaces_stays_whole() -> None:
    """What is marked as unbroken goes to the next line as one."""
    assert plain(wrap(f"missing  {unbroken('my new post.md')} $0.025", 20)) == "missing\n  my new post.md\n  $0.025"


def test_wide_letters_count_twice() -> None:
    """The width is that on the terminal, where a Chinese letter takes two columns."""
    assert all(cell_len(line) <= 30 for line in wrap("山の散歩 " * 12, 30).splitlines())


@pytest.mark.parametrize("width", [20, 40, 60])
def test_a_broken_command_does_the_same(width: int) -> None:
    """A shell reads the same words from a command that was broken, whatever stands in quotes."""
    command = f"""  printf '%s|' a 'b  c' 'it'"'"'s so' ./-d.md {HERO} 'x \\ y' e"""
    broken = wrap_command(command, width)
    assert " \\\n" in broken
    told = [subprocess.run(["sh", "-c", text], capture_output=True, check=True).stdout for text in (command, broken)]
    assert told[0] == told[1]


def test_every_line_of_a_broken_comment_is_one() -> None:
    """A comment among the commands stays a comment when it is broken."""
    lines = wrap_command("  # raise FALHERO_MONTHLY_BUDGET, of which $0.01 is left", 30).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("  # ") and len(line) <= 30 for line in lines)
