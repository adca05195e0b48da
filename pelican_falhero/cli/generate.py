"""``falhero generate``: makes the heroes of a site or of named posts."""

from __future__ import annotations

from ..generation.run import dry_run
from .candidate_drawing import draw_to_choose
from .drawing import draw, open_posts_to_draw
from .exits import SUCCESS
from .options import GenerateOptions
from .output import Reporter
from .overrides import work_for
from .plan_view import show
from .selection import named_posts


def run(options: GenerateOptions, reporter: Reporter) -> int:
    """Make the missing heroes of the site or of the named posts; with ``--dry-run`` only show the plan."""
    options.check()
    if options.candidates is not None:
        return draw_to_choose(options, reporter)
    return _show_plan(options, reporter) if options.dry_run else draw(options, reporter)


def _show_plan(options: GenerateOptions, reporter: Reporter) -> int:
    site, posts = open_posts_to_draw(options, reporter)
    plan, selection = dry_run(work_for(site, posts, options, named=named_posts(posts, options)))
    show(
        plan,
        selection,
        site=site,
        posts=posts,
        options=options,
        command="generate",
        reporter=reporter,
        budget=options.budget,
    )
    return SUCCESS
