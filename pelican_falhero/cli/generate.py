"""``falhero generate``: makes the heroes of a site or of named posts."""

from __future__ import annotations

from collections.abc import Sequence

from ..content.front_matter_edit import write_field
from ..content.post import Post
from ..content.site import OpenSite
from ..errors import HeroError
from ..generation.run import dry_run
from ..planning.briefs import BriefIndex
from ..planning.prompt import template_of_brief
from ..storage.assets import hero_stem
from ..storage.attempts import attempts_of
from .candidate_drawing import draw_to_choose, plan_to_choose
from .drawing import draw, open_posts_to_draw
from .exits import FAILED, SUCCESS
from .options import GenerateOptions
from .output import Reporter, shown
from .overrides import work_for
from .plan_view import show
from .selection import named_posts

BRIEF_FIELD = "Hero_Prompt"


def run(options: GenerateOptions, reporter: Reporter) -> int:
    """Make the missing heroes of the site or of the named posts; with ``--dry-run`` only show the plan."""
    options.check()
    site, posts = open_posts_to_draw(options, reporter)
    if options.dry_run:
        show_plan = _show_plan if options.candidates is None else plan_to_choose
        return show_plan(site, posts, options, reporter)
    draw_posts = draw if options.candidates is None else draw_to_choose
    code = draw_posts(site, posts, options, reporter)
    # Where the new brief that was asked for could not be written, the old one is not what is wanted either.
    is_wanted = options.write_brief and not (options.new_brief and code)
    are_written = not is_wanted or _write_briefs(site, posts, reporter)
    return code if are_written else code or FAILED


def _show_plan(site: OpenSite, posts: Sequence[Post], options: GenerateOptions, reporter: Reporter) -> int:
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


def _write_briefs(site: OpenSite, posts: Sequence[Post], reporter: Reporter) -> bool:
    """Put the brief of each post into its front matter; say what became of it, and return whether all went well."""
    briefs = BriefIndex.of(attempts_of(site.ledger.read().events))
    is_well = True
    for post in posts:
        brief = briefs.written(hero_stem(post.title), [post]) if post.takes_hero else None
        if not brief:
            reporter.note(f"{shown(post.path)}: it has no brief; --new-brief has one written, and draws with it")
            continue
        if post.overrides.prompt:
            reporter.note(f"{shown(post.path)}: it has a {BRIEF_FIELD} already, which stays")
            continue
        try:
            write_field(post.path, BRIEF_FIELD, template_of_brief(brief.last.text))
        except HeroError as error:
            reporter.note(f"falhero: {error}", style="red")
            is_well = False
        else:
            reporter.note(f"{shown(post.path)}: the brief is its {BRIEF_FIELD} now")
    return is_well
