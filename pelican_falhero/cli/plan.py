"""``falhero plan``: which heroes are there, which are missing, and their price. Opens no connection."""

from __future__ import annotations

from ..generation.run import dry_run
from ..planning.survey import site_of
from .exits import SUCCESS
from .options import PlanOptions
from .output import Reporter
from .plan_view import show
from .selection import open_posts


def run(options: PlanOptions, reporter: Reporter) -> int:
    """Show the plan."""
    site, posts = open_posts(options, reporter)
    plan, selection = dry_run(site_of(site, site.with_same_title(posts)))
    show(plan, selection, site=site, posts=posts, options=options, command="plan", reporter=reporter)
    return SUCCESS
