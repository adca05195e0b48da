"""Pelican's runs: one for each build and, under i18n_subsites, for each of its languages."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..presentation.publishing import HeroPublisher
from ..presentation.showing import Showing
from ..settings import Settings, read_what_is_right


@dataclass
class Run:
    """One run of Pelican, of which ``pelican -r`` and i18n_subsites make several."""

    settings: Settings
    """Ours; those that are invalid have their defaults."""
    problem: str
    """What is wrong with them; empty if nothing is."""
    showing: Showing
    publisher: HeroPublisher | None = None


_runs: dict[int, Run] = {}
"""By the id of Pelican's settings, which a run holds on to. Not kept in those, for Pelican's caches pickle them."""


def run_of(values: dict[str, Any]) -> Run:
    """The run of these settings of Pelican's, which begins with the first question for it."""
    if id(values) not in _runs:
        settings, problem = _settings(values, Path(values["PATH"]))
        _runs[id(values)] = Run(settings, problem, Showing(values, settings))
    return _runs[id(values)]


def known_run(key: int) -> Run | None:
    """The run of the settings with this id, if one has begun."""
    return _runs.get(key)


def end(values: dict[str, Any]) -> Run | None:
    """Forget the run of these settings, and return it."""
    return _runs.pop(id(values), None)


def _settings(values: dict[str, Any], root: Path) -> tuple[Settings, str]:
    """The settings, and what is wrong with them."""
    settings, problem = read_what_is_right(values, root=root)
    output = Path(os.path.realpath(values["OUTPUT_PATH"]))
    # Not Path.resolve, which fails for links that lead in circles.
    if Path(os.path.realpath(root / settings.assets_dir)).is_relative_to(output):
        settings = replace(settings, assets_dir=Settings.assets_dir)
        lies = f"FALHERO_ASSETS_DIR must not lie in the output folder ({output}), which Pelican may empty"
        problem = "; ".join(filter(None, [problem, lies]))
    return settings, problem
