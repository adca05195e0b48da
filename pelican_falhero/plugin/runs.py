"""Pelican's runs: one for each build and, under i18n_subsites, for each of its languages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..content.output_folder import read_site_settings
from ..presentation.publishing import HeroPublisher
from ..presentation.showing import Showing
from ..settings import Settings


@dataclass(eq=False, repr=False)
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
        settings, problem = read_site_settings(values, Path(values["PATH"]))
        _runs[id(values)] = Run(settings, problem, Showing(values, settings))
    return _runs[id(values)]


def known_run(key: int) -> Run | None:
    """The run of the settings with this id, if one has begun."""
    return _runs.get(key)


def end(values: dict[str, Any]) -> Run | None:
    """Forget the run of these settings, and return it."""
    return _runs.pop(id(values), None)
