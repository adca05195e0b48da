"""What was measured, as tables for people and as JSON for programs."""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .warm import growth

Row = Mapping[str, Any]
Results = dict[str, list[dict[str, Any]]]
"""Name of each table to its rows; see ``TABLES``."""


@dataclass(frozen=True)
class Table:
    """A table: its title, and the columns that are shown, each with its heading and format."""

    title: str
    keys: tuple[str, ...]
    """The columns that tell a row from the others; they come first, as they are."""
    columns: Mapping[str, tuple[str, str]]
    """Further columns."""


TABLES: Mapping[str, Table] = {
    "warm": Table(
        "Warm builds: nothing to draw or to make; processor time",
        ("articles", "plugin"),
        {
            "rounds": ("rounds", "d"),
            "seconds": ("build, s", ".2f"),
            "over_ms": ("over Pelican alone, ms", "+,.0f"),
            "least_over_ms": ("least over least, ms", "+,.0f"),
        },
    ),
    "growth": Table(
        "Warm builds: growth of what is over Pelican alone",
        ("plugin", "from", "to"),
        {"constant_ms": ("constant, ms", "+,.0f"), "us": ("for each article, µs", "+,.0f")},
    ),
    "instructions": Table(
        "Warm builds: instructions executed",
        ("articles", "plugin"),
        {"millions": ("build, millions", ",.0f"), "over_millions": ("over Pelican alone, millions", "+,.0f")},
    ),
    "cold": Table(
        "Cold builds: every hero is drawn, ten at a time; time on the clock",
        ("heroes", "way"),
        {
            "rounds": ("rounds", "d"),
            "seconds": ("seconds", ".2f"),
            "ratio": ("of the ideal", ".2f"),
            "drawing_ratio": ("drawing, of the ideal", ".2f"),
            "processor_seconds": ("processor, s", ".2f"),
            "load": ("load before", ".1f"),
        },
    ),
    "memory": Table(
        "Memory at its peak, when every hero is drawn",
        ("heroes",),
        {"alone_mb": ("Pelican alone, MB", ".1f"), "over_mb": ("over it, MB", "+.1f")},
    ),
    "commands": Table(
        "Commands",
        ("what", "size"),
        {"rounds": ("rounds", "d"), "processor_ms": ("processor, ms", ",.1f"), "clock_ms": ("clock, ms", ",.1f")},
    ),
    "variants": Table(
        "Variants of pictures of 1024 × 768, each format by itself, with all processors",
        ("format",),
        {
            "pictures": ("pictures", "d"),
            "pictures_per_second": ("pictures a second", ".1f"),
            "files_per_second": ("files a second", ".1f"),
            "processor_ms": ("processor, ms a picture", ".0f"),
            "kb_master": ("PNG, KB", ",.0f"),
            "kb_480": ("480 px", ".0f"),
            "kb_800": ("800 px", ".0f"),
            "kb_1024": ("1024 px", ".0f"),
            "kb_social": ("preview", ".0f"),
        },
    ),
}


def complete(results: Results) -> Results:
    """Return the results in their order, with what is computed from others."""
    if "warm" in results:
        results = results | {"growth": growth(results["warm"])}
    return {name: sorted(results[name], key=_order(name)) for name in TABLES if results.get(name)}


def merged(old: Mapping[str, Sequence[Row]], new: Mapping[str, Sequence[Row]]) -> Results:
    """Return all rows, the new ones in the place of old ones with the same keys."""
    results: Results = {}
    for name, table in TABLES.items():
        rows = {tuple(row[key] for key in table.keys): dict(row) for row in (*old.get(name, ()), *new.get(name, ()))}
        results[name] = list(rows.values())
    return results


def text_of(results: Results) -> str:
    """Return the tables in Markdown, with aligned columns."""
    return "\n".join(_table(TABLES[name], rows) for name, rows in results.items())


def as_json(results: Results) -> str:
    """Return what ``read_json`` reads."""
    return json.dumps({"machine": machine(), "tables": results}, indent=2) + "\n"


def read_json(file: Path) -> Results:
    """Read what was measured before; nothing if there is no such file."""
    return dict(json.loads(file.read_text(encoding="utf-8"))["tables"]) if file.exists() else {}


def machine() -> dict[str, Any]:
    """Where and with what it was measured."""
    packages = ("pelican", "pelican-falhero", "markdown", "fal-client", "pillow")
    return {
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def _order(name: str) -> Any:
    """By size, where there is one; otherwise as measured."""
    by = {
        "warm": ("articles",),
        "instructions": ("articles",),
        "cold": ("heroes",),
        "memory": ("heroes",),
        "commands": ("what", "size"),
    }.get(name, ())
    return lambda row: tuple(row[key] for key in by)


def _table(table: Table, rows: Iterable[Row]) -> str:
    heads = [*table.keys, *(head for head, _ in table.columns.values())]
    lines = [heads, ["---"] * len(heads)]
    for row in rows:
        keys = [f"{row[key]:,}" if isinstance(row[key], int) else str(row[key]) for key in table.keys]
        lines.append(keys + [format(row[key], how) for key, (_, how) in table.columns.items()])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    body = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return f"{table.title}\n\n" + "\n".join(f"| {line} |" for line in body) + "\n"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
