"""Draws how what was measured grows with the size of a blog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .report import Results, Row
from .warm import ALONE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw(results: Results, file: Path) -> None:
    """Draw four diagrams as PNG. Where both axes are logarithmic, what is linear rises by a power of ten for each.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 - in the bench group only

    warm = results.get("warm", [])
    plugins = list(dict.fromkeys(row["plugin"] for row in warm))
    over = [row for row in warm if row["plugin"] != ALONE and row["least_over_ms"] > 0]
    commands = [row for row in results.get("commands", []) if row["size"] and not row["what"].startswith("git")]
    whats = list(dict.fromkeys(row["what"] for row in commands))
    memory = [row | {"what": "falhero"} for row in results.get("memory", [])]
    figure = Figure(figsize=(10, 8), layout="constrained")
    axes = figure.subplots(2, 2).flat
    _draw(axes[0], warm, "plugin", plugins, x="articles", y="seconds")
    axes[0].set(title="Warm build", ylabel="processor seconds", yscale="log")
    _draw(axes[1], over, "plugin", plugins, x="articles", y="least_over_ms")
    axes[1].set(title="Warm build, what is over Pelican alone", ylabel="processor milliseconds", yscale="log")
    _draw(axes[2], commands, "what", whats, x="size", y="processor_ms")
    axes[2].set(title="Commands", xlabel="posts, or lines", ylabel="processor milliseconds", yscale="log")
    _draw(axes[3], memory, "what", ["falhero"], x="heroes", y="over_mb")
    axes[3].set(title="Cold build, memory over Pelican alone", ylabel="MB at the peak")
    axes[3].set_ylim(0, 1.25 * max((row["over_mb"] for row in memory), default=1))
    figure.savefig(file, format="png", dpi=100, metadata={"Software": None})


def _draw(axes: Axes, rows: Sequence[Row], by: str, names: Sequence[str], *, x: str, y: str) -> None:
    """A line for each name, which has the same colour in every diagram."""
    for number, name in enumerate(names):
        if points := sorted((row[x], row[y]) for row in rows if row[by] == name):
            axes.plot(*zip(*points, strict=True), marker="o", label=name, color=f"C{number}")
    axes.set(xlabel=x, xscale="log")
    sizes = sorted({row[x] for row in rows})
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_xticks([], minor=True)
    axes.grid(visible=True, alpha=0.3)
    if rows:
        axes.legend()
