"""Builds that draw every hero, beside the guide's own ways to draw them; all against one fal on this machine."""

from __future__ import annotations

import math
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cold_build import measure_cold_build
from fal_process import FalProcess, Seen
from measured import measure

from . import guide

CONCURRENCY = 10
_FORMATS: Mapping[str, tuple[str, ...]] = {"falhero": ("webp",), "falhero, FALHERO_FORMATS = ()": ()}
_LOOP = "guide's loop"
_GUIDE = {"guide's gather": "at once", _LOOP: "in turn"}


def measure_cold_builds(
    *, heroes: int, seconds: float, rounds: int, with_loop: bool, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Draw so many heroes in each way in turn, ``rounds`` times; a row for each way, of its median round.

    Args:
        heroes: how many posts there are.
        seconds: how long fal takes for each hero.
        rounds: how often each way is measured.
        with_loop: whether the guide's loop is too, once: it takes as long as all heroes together.
        tell: is told what comes next.
    """
    ways = [*_FORMATS, *(name for name in _GUIDE if with_loop or name != _LOOP)]
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for number in range(rounds):
        for way in ways if number == 0 else filter(_LOOP.__ne__, ways):
            tell(f"cold: {heroes} heroes, round {number + 1} of {rounds}, {way}")
            with tempfile.TemporaryDirectory() as folder:
                found[way].append(_measure(way, Path(folder), heroes=heroes, seconds=seconds))
    return [{"heroes": heroes, "way": way, "rounds": len(found[way])} | _median(found[way]) for way in ways]


def measure_memory(*, heroes: int, seconds: float, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """How much memory a build takes at its peak that draws so many heroes and makes their lighter copies."""
    tell(f"memory: {heroes} heroes")
    with tempfile.TemporaryDirectory() as folder:
        built = measure_cold_build(Path(folder), heroes=heroes, seconds=seconds, formats=("webp",))
    return [{"heroes": heroes, "alone_mb": built.alone.peak_bytes / 1e6, "over_mb": built.peak_mb}]


def _measure(way: str, folder: Path, *, heroes: int, seconds: float) -> dict[str, Any]:
    load = os.getloadavg()[0]
    ideal = math.ceil(heroes / CONCURRENCY) * seconds
    if way in _FORMATS:
        built = measure_cold_build(
            folder, heroes=heroes, seconds=seconds, concurrency=CONCURRENCY, formats=_FORMATS[way]
        )
        took, processor = built.cold.seconds - built.alone.seconds, built.cold.processor_seconds
        processor -= built.alone.processor_seconds
        seen = built.seen
    else:
        took, processor, seen = _guide(_GUIDE[way], folder, heroes=heroes, seconds=seconds)
    return {
        "seconds": took,
        "ratio": took / ideal,
        "drawing_ratio": seen.drawing_seconds / ideal,
        "processor_seconds": processor,
        "load": load,
    }


def _guide(way: str, folder: Path, *, heroes: int, seconds: float) -> tuple[float, float, Seen]:
    """Its seconds, processor seconds, and what fal has seen."""
    with FalProcess(latency=seconds) as fal:
        command = [sys.executable, guide.__file__, way, str(folder), str(heroes), str(CONCURRENCY)]
        ran = measure(command, folder=folder, env={**os.environ, "PYTHONPATH": "", **fal.environment})
    assert len(list(folder.glob("*.png"))) == fal.seen.charges == heroes, ran.output
    return ran.seconds, ran.processor_seconds, fal.seen


def _median(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The row in the middle, by its seconds."""
    seconds = statistics.median_low(row["seconds"] for row in rows)
    return next(row for row in rows if row["seconds"] == seconds)
