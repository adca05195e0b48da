"""What a build does about its heroes when all are there: nothing. Otherwise it imports what can help."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Console

from ..errors import HeroError
from ..generation.policy import RunContext
from ..planning.item import State
from ..planning.survey import Site, Survey, plan_without_ledger, survey


@dataclass(kw_only=True)
class Result:
    """What a build found and made."""

    placeholders: dict[str, str] = field(default_factory=dict)
    """Stem of a hero that is not there to what is shown for it, relative to the content folder."""
    lines: list[str] = field(default_factory=list)
    """To be printed."""
    warnings: list[str] = field(default_factory=list)
    """To be logged, once all is attached."""
    failure: str = ""
    """Why the build is to fail, if it is."""


def run_build(site: Site, context: RunContext, *, site_name: str, console: Console) -> Result:
    """Make what is missing, as far as settings and context allow."""
    if site.settings.provider == "none" and not site.settings.dry_run:
        return Result()
    found: Survey | None = None
    try:
        found = survey(site)
        plan = found.plan
    except HeroError:
        # Whatever is in the way is met again, and told, by what wants to buy.
        plan = plan_without_ledger(site)
    if len(plan.in_state(State.PRESENT)) == len(plan.items) and not any(item.reason for item in plan.items):
        return Result()
    from .missing import MissingHeroes  # noqa: PLC0415 - a warm build costs nothing, and this imports a lot

    return MissingHeroes(site, context, site_name=site_name, console=console, found=found).run(plan)
