"""What a build does about its heroes when all are there: nothing. Otherwise it imports what can help, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console

from ..content.post import Post
from ..errors import HeroError
from ..generation.policy import RunContext
from ..planning.item import State
from ..planning.survey import Site, Survey, plan_by_files, plan_without_ledger, survey


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


def run_build(
    site: Site, context: RunContext, *, site_name: str, console: Console, unusable: Sequence[Post] = ()
) -> Result:
    """Make what is missing, as far as settings and context allow.

    Args:
        site: the posts that are to have a hero, and where heroes are kept.
        context: how the build was started.
        site_name: for cards.
        console: where progress is shown.
        unusable: posts that would be in ``site`` if their fields could be used.
    """
    found: Survey | None = None
    try:
        makes_nothing = site.settings.provider == "none" and not context.is_dry_run
        if makes_nothing or context.has_invalid_settings:
            plan = plan_by_files(site)
        else:
            found = survey(site)
            plan = found.plan
    except HeroError:
        # Whatever is in the way is met again, and told, by what wants to buy.
        plan = plan_without_ledger(site)
    is_complete = len(plan.in_state(State.PRESENT)) == len(plan.items) and not any(item.reason for item in plan.items)
    if is_complete and not unusable:
        return Result()
    from .missing import MissingHeroes  # noqa: PLC0415 - a warm build costs nothing, and this imports a lot

    missing = MissingHeroes(site, context, site_name=site_name, console=console, found=found, unusable=unusable)
    return missing.run(plan)
