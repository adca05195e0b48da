"""``falhero generate``: makes the heroes of a site, or of single posts, and tells as it goes."""

from __future__ import annotations

from ..generation.run import dry_run
from .drawing import draw, open_posts_to_draw
from .exits import SUCCESS
from .options import GenerateOptions
from .output import Reporter
from .overrides import work_for
from .plan_view import show


def run(options: GenerateOptions, reporter: Reporter) -> int:
    """Make what is missing, or the heroes of the posts that were named."""
    return _show(options, reporter) if options.dry_run else draw(options, reporter)


def _show(options: GenerateOptions, reporter: Reporter) -> int:
    site, posts = open_posts_to_draw(options, reporter)
    plan, selection = dry_run(work_for(site, posts, options))
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
