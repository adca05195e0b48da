"""What a build does about its heroes when all are there: nothing. Otherwise it imports what can help."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console

from ..errors import HeroError
from ..planning.plan import State
from ..planning.survey import Site, glance, survey


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a build is, beside its settings."""

    is_first: bool
    """Whether it is the first in this process; later ones are rebuilds while somebody writes."""
    is_autoreload: bool
    """Whether ``pelican -r`` runs it."""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def is_ci(self) -> bool:
        """Whether a build server runs it, whose files are thrown away."""
        return self.environ.get("CI", "").lower() not in ("", "0", "false", "no")

    @property
    def is_writing(self) -> bool:
        """Whether posts are being typed, so that titles are half-written."""
        return self.is_autoreload or not self.is_first


@dataclass(kw_only=True)
class Result:
    """What a build found and made."""

    stand_ins: dict[str, str] = field(default_factory=dict)
    """Stem of a hero that is not there to what is shown for it, relative to the content folder."""
    lines: list[str] = field(default_factory=list)
    """To be printed."""
    warnings: list[str] = field(default_factory=list)
    """To be logged, once all is attached."""
    failure: str = ""
    """Why the build is to fail, if it is."""


def run_build(site: Site, circumstances: Circumstances, *, site_name: str, console: Console) -> Result:
    """Make what is missing, as far as settings and circumstances allow."""
    if site.settings.provider == "none" and not site.settings.dry_run:
        return Result()
    try:
        plan = survey(site).plan
    except HeroError:
        # Whatever is in the way is met again, and told, by what wants to buy.
        plan = glance(site)
    if len(plan.in_state(State.PRESENT)) == len(plan.items) and not any(item.reason for item in plan.items):
        return Result()
    from .production import Production  # noqa: PLC0415 - a warm build costs nothing, and this imports a lot

    return Production(site, circumstances, site_name=site_name, console=console).run(plan)
