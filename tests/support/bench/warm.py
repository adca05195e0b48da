"""Builds of blogs that have been built before with all their heroes there: Pelican alone, and each plugin over it."""

from __future__ import annotations

import os
import shutil
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from typing import Any

from blog import Blog
from measured import count_instructions, measure

from .sites import ENVIRONMENT, give_heroes, make_blog, write_articles

ALONE = "Pelican alone"
FALHERO = "pelican-falhero"


@dataclass(frozen=True)
class Plugin:
    """A plugin as its own documentation has it set up."""

    shows: str
    """Stands in every article's page when it works; empty where the theme shows nothing of it."""
    settings: Mapping[str, Any] = field(default_factory=dict)


OTHERS: Mapping[str, Plugin] = {
    "pelican-featured-image": Plugin("", {"PLUGINS": ["pelican.plugins.featured_image"]}),
    "pelican-image-process": Plugin(
        "derivatives/article-image",
        {"PLUGINS": ["pelican.plugins.image_process"], "IMAGE_PROCESS": {"article-image": ["scale_in 300 300 True"]}},
    ),
}
"""By their names in the package index."""
_FALHERO = Plugin('<figure class="falhero', {"PLUGINS": ["pelican_falhero"], "FALHERO_BUDGET": 0})


def missing_of(names: Sequence[str]) -> list[str]:
    """Those packages that are not installed."""
    return [name for name in names if not _is_installed(name)]


def measure_warm_builds(
    folder: Path, *, articles: int, rounds: int, beside: Sequence[str], tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Build one blog with each plugin in turn, ``rounds`` times; a row for each plugin.

    Args:
        folder: where the blogs are made, for a while.
        articles: of each blog.
        rounds: how often each is built, after a first time that does not count.
        beside: names in ``OTHERS``.
        tell: is told what comes next.
    """
    plugins = {ALONE: Plugin(""), FALHERO: _FALHERO} | {name: OTHERS[name] for name in beside}
    tell(f"warm: writing {articles:,} articles")
    blogs = _blogs(folder / f"warm-{articles}", articles, plugins)
    seconds: dict[str, list[float]] = {name: [] for name in plugins}
    for number in range(rounds + 1):
        for name, blog in blogs.items():
            tell(f"warm: {articles:,} articles, round {number} of {rounds}, {name}")
            built = measure(blog.command("--fatal", "errors"), folder=blog.root, env={**os.environ, **ENVIRONMENT})
            if number:
                seconds[name].append(built.processor_seconds)
            assert plugins[name].shows in _a_page(blog), f"{name} does not show anything\n{built.output}"
    shutil.rmtree(folder / f"warm-{articles}")
    return [
        {
            "articles": articles,
            "plugin": name,
            "rounds": rounds,
            "seconds": statistics.median(seconds[name]),
            # What else a machine does can only add to a time, also to processor time, where processors share a core.
            "least_over_ms": 1000 * (min(seconds[name]) - min(seconds[ALONE])),
            # Of each round by itself, for a machine is not equally fast all the time.
            "over_ms": 1000 * statistics.median(map(float.__sub__, seconds[name], seconds[ALONE])),
        }
        for name in plugins
    ]


def count_warm_builds(
    folder: Path, *, articles: int, beside: Sequence[str], tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Build the same blogs, and count the instructions of each one's second build; a row for each plugin."""
    plugins = {ALONE: Plugin(""), FALHERO: _FALHERO} | {name: OTHERS[name] for name in beside}
    tell(f"instructions: writing {articles:,} articles")
    counted: dict[str, int] = {}
    for name, blog in _blogs(folder / f"counted-{articles}", articles, plugins).items():
        tell(f"instructions: {articles:,} articles, {name}")
        command, env = blog.command("--fatal", "errors"), {**os.environ, **ENVIRONMENT}
        measure(command, folder=blog.root, env=env)
        counted[name] = count_instructions(command, folder=blog.root, env=env)
    shutil.rmtree(folder / f"counted-{articles}")
    return [
        {"articles": articles, "plugin": name, "millions": count / 1e6, "over_millions": (count - counted[ALONE]) / 1e6}
        for name, count in counted.items()
    ]


def growth(warm: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What each plugin takes whatever the size, and for each article, between each two sizes and over all of them.

    Of the least times, which tell more than medians on a machine that is busy.
    """
    rows: list[dict[str, Any]] = []
    for name in dict.fromkeys(row["plugin"] for row in warm if row["plugin"] != ALONE):
        points = sorted((row["articles"], row["least_over_ms"]) for row in warm if row["plugin"] == name)
        spans = list(pairwise(points))
        if len(spans) > 1:
            spans.append((points[0], points[-1]))
        for (few, few_ms), (many, many_ms) in spans:
            each = (many_ms - few_ms) / (many - few)
            line = {"constant_ms": few_ms - few * each, "us": 1000 * each}
            rows.append({"plugin": name, "from": few, "to": many} | line)
    return rows


def _blogs(folder: Path, articles: int, plugins: Mapping[str, Plugin]) -> dict[str, Blog]:
    """The same blog for each plugin; their content is hard links to one."""
    source = make_blog(folder / "source")
    write_articles(source, articles)
    give_heroes(source, articles)
    blogs: dict[str, Blog] = {}
    for name, plugin in plugins.items():
        blogs[name] = blog = make_blog(folder / name.replace(" ", "-"))
        blog.configure(**plugin.settings)
        # What the plugin keeps for itself is not in the way of the others.
        ignored = shutil.ignore_patterns(*(() if name == FALHERO else (".falhero",)))
        shutil.copytree(source.content, blog.content, copy_function=os.link, ignore=ignored, dirs_exist_ok=True)
    return blogs


def _a_page(blog: Blog) -> str:
    return (blog.output / "notes-of-a-walk-part-0.html").read_text(encoding="utf-8")


def _is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False
