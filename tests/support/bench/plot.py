"""Draws how what was measured grows with the size of a blog."""

from __future__ import annotations

from collections.abc import Iterable
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
    over = [row for row in warm if row["plugin"] != ALONE and row["over_ms"] > 0]
    commands = [row for row in results.get("commands", []) if row["size"] and not row["what"].startswith("git")]
    memory = [row | {"what": "over Pelican alone"} for row in results.get("memory", [])]
    figure = Figure(figsize=(10, 8), layout="constrained")
    axes = figure.subplots(2, 2).flat
    _draw(axes[0], warm, "plugin", x="articles", y="seconds")
    axes[0].set(title="Warm build", ylabel="processor seconds", yscale="log")
    _draw(axes[1], over, "plugin", x="articles", y="over_ms")
    axes[1].set(title="Warm build, what is over Pelican alone", ylabel="processor milliseconds", yscale="log")
    _draw(axes[2], commands, "what", x="size", y="processor_ms")
    axes[2].set(title="Commands", xlabel="posts, or lines", ylabel="processor milliseconds", yscale="log")
    _draw(axes[3], memory, "what", x="heroes", y="over_mb")
    axes[3].set(title="Cold build, memory at its peak", ylabel="MB")
    axes[3].set_ylim(bottom=0)
    figure.savefig(file, format="png", dpi=100, metadata={"Software": None})


def _draw(axes: Axes, rows: Iterable[Row], name: str, *, x: str, y: str) -> None:
    """A line for each name."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        lines.setdefault(row[name], []).append((row[x], row[y]))
    for label, points in lines.items():
        axes.plot(*zip(*sorted(points), strict=True), marker="o", label=label)
    axes.set(xlabel=x, xscale="log")
    axes.grid(visible=True, alpha=0.3)
    if lines:
        axes.legend()
