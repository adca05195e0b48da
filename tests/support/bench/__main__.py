"""Measures builds, memory and commands, beside Pelican alone, other plugins and a guide's own code.

Processor time is compared, because it changes little with what else a machine does; for cold builds the clock counts,
so keep the machine quiet. Instructions are counted where valgrind is installed: they do not change with the machine.
Everything happens in a temporary folder, against a fal on this machine: nothing is bought.
"""

from __future__ import annotations

import argparse
import compileall
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from measured import can_count_instructions

import pelican_falhero

from . import report
from .cold import measure_cold_builds, measure_memory
from .commands import measure_help, measure_hook, measure_ledger, measure_plan
from .plot import draw
from .report import Results
from .variants import measure_variants
from .warm import OTHERS, count_warm_builds, measure_warm_builds, missing_of


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    articles: tuple[int, ...] = (100, 1_000, 10_000)
    """Of warm builds and of ``falhero plan``."""
    heroes: tuple[int, ...] = (60, 300)
    """Of cold builds."""
    memory: tuple[int, ...] = (60, 300, 1_000)
    seconds: float = 1.0
    """For which fal draws each."""
    hook: int = 500
    lines: tuple[int, ...] = (1_000, 10_000, 100_000)
    """Of ledgers."""
    pictures: int = 24
    rounds: int | None = None
    """None: more for what is short."""
    beside: tuple[str, ...] = ()
    counted: tuple[int, ...] = (100, 500)
    """Articles of builds whose instructions are counted."""

    def rounds_for(self, size: int, most: int = 9) -> int:
        """How often something of a size is measured."""
        return self.rounds or max(2, min(most, 5_000 // max(size, 1)))


SHORT = Sizes((10, 20), (6,), (6, 12), 0.1, 10, (300, 600), 2, 1, counted=(10,))


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")


def _warm(folder: Path, sizes: Sizes) -> Iterator[Results]:
    for articles in sizes.articles:
        rounds = sizes.rounds_for(articles)
        rows = measure_warm_builds(folder, articles=articles, rounds=rounds, beside=sizes.beside, tell=_say)
        yield {"warm": rows}


def _instructions(folder: Path, sizes: Sizes) -> Iterator[Results]:
    if not can_count_instructions():
        _say("instructions: not counted, for want of valgrind")
        return
    for articles in sizes.counted:
        yield {"instructions": count_warm_builds(folder, articles=articles, beside=sizes.beside, tell=_say)}


def _cold(_folder: Path, sizes: Sizes) -> Iterator[Results]:
    for heroes in sizes.heroes:
        rounds = sizes.rounds or max(1, 180 // heroes)
        # The loop at more heroes takes as much longer as there are more.
        with_loop = heroes == min(sizes.heroes)
        rows = measure_cold_builds(heroes=heroes, seconds=sizes.seconds, rounds=rounds, with_loop=with_loop, tell=_say)
        yield {"cold": rows}


def _memory(_folder: Path, sizes: Sizes) -> Iterator[Results]:
    for heroes in sizes.memory:
        yield {"memory": measure_memory(heroes=heroes, seconds=sizes.seconds / 4, tell=_say)}


def _commands(folder: Path, sizes: Sizes) -> Iterator[Results]:
    _say("commands: falhero --help")
    yield {"commands": measure_help(folder, rounds=sizes.rounds_for(1, 15))}
    for posts in sizes.articles:
        _say(f"commands: falhero plan, {posts:,} posts")
        yield {"commands": measure_plan(folder, posts=posts, rounds=sizes.rounds_for(posts // 5))}
    _say(f"commands: the hook, {sizes.hook:,} posts")
    yield {"commands": measure_hook(folder, posts=sizes.hook, rounds=sizes.rounds_for(sizes.hook))}
    for lines in sizes.lines:
        _say(f"commands: a ledger of {lines:,} lines")
        yield {"commands": measure_ledger(folder, lines=lines, rounds=sizes.rounds_for(lines // 100))}


def _variants(folder: Path, sizes: Sizes) -> Iterator[Results]:
    yield {"variants": measure_variants(folder, pictures=sizes.pictures, tell=_say)}


PARTS = {
    "warm": _warm,
    "instructions": _instructions,
    "cold": _cold,
    "memory": _memory,
    "commands": _commands,
    "variants": _variants,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--short", action="store_true", help="small sizes and one round, in a minute: to see it work")
    parser.add_argument(
        "--articles", type=_size, nargs="+", metavar="N", help="articles of warm builds, posts of falhero plan"
    )
    parser.add_argument("--heroes", type=_size, nargs="+", metavar="N", help="heroes of cold builds, and for memory")
    parser.add_argument("--rounds", type=_size, metavar="N", help="how often each is measured; the median counts")
    parser.add_argument(
        "--beside",
        nargs="*",
        choices=OTHERS,
        metavar="PLUGIN",
        help=f"other plugins, as installed: {', '.join(OTHERS)} (default: all)",
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write JSON, beside what FILE has of sizes not measured now; -: print it"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the growth as PNG")
    return parser


def _size(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def main() -> None:
    """Measure, and print tables or JSON."""
    parser = _parser()
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    if options.plot and missing_of(["matplotlib"]):
        parser.error("--plot needs matplotlib: pip install --group bench")
    sizes = SHORT if options.short else Sizes()
    beside = list(OTHERS) if options.beside is None else options.beside
    if missing := missing_of(beside):
        _say(f"not beside {', '.join(missing)}, for want of it: pip install --group bench")
    sizes = replace(sizes, beside=tuple(name for name in beside if name not in missing))
    if options.articles:
        sizes = replace(sizes, articles=tuple(options.articles), counted=tuple(options.articles))
    if options.heroes:
        sizes = replace(sizes, heroes=tuple(options.heroes), memory=tuple(options.heroes))
    if options.rounds:
        sizes = replace(sizes, rounds=options.rounds)
    file = Path(options.json) if options.json not in (None, "-") else None
    # As pip does: an editable install may have no compiled modules, and each build would compile them anew.
    compileall.compile_dir(str(Path(pelican_falhero.__file__).parent), quiet=1)
    results = report.read_json(file) if file else {}
    for part in options.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for found in PARTS[part](Path(folder), sizes):
                results = report.complete(report.merged(results, found))
                if file:  # at once, for the larger sizes take long
                    file.write_text(report.as_json(results), encoding="utf-8")
    if options.json == "-":
        sys.stdout.write(report.as_json(results))
    else:
        sys.stdout.write(report.text_of(results))
    if options.plot:
        draw(results, options.plot)


if __name__ == "__main__":
    main()
