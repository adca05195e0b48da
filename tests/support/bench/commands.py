"""What commands take: falhero's, git's with the hook, and reading a ledger."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from blog import Blog, hero_name
from measured import Measured, measure
from terminal import BIN, Terminal, repository

from pelican_falhero.storage.ledger import Ledger

from .sites import ENVIRONMENT, give_heroes, ledger_lines, make_blog, title_of, write_articles, write_front_matter_posts

_FALHERO = str(BIN / "falhero")


def measure_help(folder: Path, *, rounds: int) -> list[dict[str, Any]]:
    """``falhero --help``, beside a Python that does nothing."""
    python = [_run([sys.executable, "-c", "pass"], folder) for _ in range(rounds)]
    shown = [_run([_FALHERO, "--help"], folder) for _ in range(rounds)]
    return [_row("a Python that does nothing", 0, python), _row("falhero --help", 0, shown)]


def measure_plan(folder: Path, *, posts: int, rounds: int) -> list[dict[str, Any]]:
    """``falhero plan`` in a folder of posts with front matter, whose heroes are all there."""
    root = folder / f"plan-{posts}"
    write_front_matter_posts(root, posts)
    ran = [_run([_FALHERO, "plan"], root / "content") for _ in range(rounds)]
    assert ran[0].output.splitlines()[-1].startswith(f"{posts} hero"), ran[0].output[-500:]
    shutil.rmtree(root)
    return [_row("falhero plan", posts, ran)]


def measure_hook(folder: Path, *, posts: int, rounds: int) -> list[dict[str, Any]]:
    """``git push`` of one more post with its hero, in a Pelican site of so many, with the hook and without."""
    blog = make_blog(folder / "hook" / "blog")
    write_articles(blog, posts)
    give_heroes(blog, posts + 2 * rounds)
    blog.configure(PLUGINS=["pelican_falhero"], FALHERO_BUDGET=0)
    blog.command()
    terminal = repository(blog.root)
    terminal.commit()
    terminal.git("push", "--quiet", "--no-verify", "--set-upstream", "origin", "main")
    assert terminal.falhero("hook", "install").code == 0
    ran: dict[str, list[Measured]] = {"git push": [], "git push with the hook": []}
    for number in range(posts, posts + 2 * rounds, 2):
        ran["git push"].append(_push(blog, terminal, number, "--no-verify"))
        ran["git push with the hook"].append(_push(blog, terminal, number + 1))
    shutil.rmtree(folder / "hook")
    return [_row(name, posts, runs) for name, runs in ran.items()]


def measure_ledger(folder: Path, *, lines: int, rounds: int) -> list[dict[str, Any]]:
    """Reading a ledger: all events, as a run that buys does, and what a build does that buys nothing."""
    ledger = Ledger(folder / "ledger.jsonl")
    ledger.path.write_text("".join(list(ledger_lines(lines // 3 + 1))[:lines]), encoding="utf-8")
    assert len(ledger.read().events) == lines
    rows = []
    for name, read in (("reading a ledger", ledger.read), ("looking for pending redraws", ledger.pending_heroes)):
        rows.append(_row(name, lines, [_timed(read) for _ in range(rounds)]))
    ledger.path.unlink()
    return rows


def _push(blog: Blog, terminal: Terminal, number: int, *options: str) -> Measured:
    assert (blog.assets / hero_name(title_of(number))).exists()
    blog.post(f"new/post-{number}.md", title_of(number), "Some words of the post. " * 60)
    terminal.commit()
    return measure(
        ["git", "push", "--quiet", *options],
        folder=blog.root,
        env={**terminal.environment(), **ENVIRONMENT},
    )


def _run(command: Sequence[str], folder: Path) -> Measured:
    return measure(command, folder=folder, env={**os.environ, **ENVIRONMENT})


def _timed(function: Callable[[], object]) -> Measured:
    began, began_processor = time.monotonic(), time.process_time()
    function()
    return Measured(time.monotonic() - began, time.process_time() - began_processor, 0, "")


def _row(what: str, size: int, runs: Sequence[Measured]) -> dict[str, Any]:
    return {
        "what": what,
        "size": size,
        "rounds": len(runs),
        "processor_ms": 1000 * statistics.median(run.processor_seconds for run in runs),
        "clock_ms": 1000 * statistics.median(run.seconds for run in runs),
    }
