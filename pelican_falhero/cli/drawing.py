"""Makes heroes and shows progress, for ``falhero generate``, the hook and the script for single posts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from ..content.post import Post
from ..content.site import OpenSite, SiteError
from ..errors import HeroError
from ..gallery.choice import update_choices_of
from ..generation import messages
from ..generation.progress import RichListener
from ..generation.report import Report
from ..generation.run import purchase
from ..planning.site import Site
from ..prepublish import git
from ..prepublish.remedies import Shell
from .closing import Closing
from .confirmation import may_redraw
from .field_writing import tell, write_fields
from .options import GenerateOptions
from .output import Reporter
from .overrides import work_for
from .selection import named_posts, open_posts, reasons_without_hero


class CommandProgress(RichListener):
    """Prints how many pictures are being drawn and, on a terminal, shows progress bars."""

    def __init__(self, reporter: Reporter, *, noun: str = "hero") -> None:
        super().__init__(reporter.err, label="heroes" if noun == "hero" else f"{noun}s")
        self._reporter = reporter
        self._noun = noun

    def started(self, count: int) -> None:
        """Print the number of pictures, and show the bar for them."""
        self._reporter.note(f"drawing {messages.count(count, self._noun)}")
        super().started(count)


def make_heroes(work: Site, reporter: Reporter, *, settings_file: str | None) -> Report:
    """Make the missing heroes, and show progress on standard error; ``settings_file`` is what the user named.

    Raises:
        AccountError, AssetsError, LedgerError: no hero can be made.
    """
    with CommandProgress(reporter) as progress:
        report = purchase(work, listener=progress, say=reporter.note)
    update_choices_of(report, work, Shell(folder=Path.cwd(), settings_file=settings_file))
    return report


def open_posts_to_draw(options: GenerateOptions, reporter: Reporter) -> tuple[OpenSite, tuple[Post, ...]]:
    """Return the site and its posts; print which named posts get no hero, and why.

    Raises:
        SiteError, SettingsError: there is no post, or no named post gets a hero.
    """
    site, posts = open_posts(options, reporter)
    reasons = reasons_without_hero(posts, options)
    if reasons and len(reasons) == len(posts):
        raise SiteError("; ".join(reasons))
    for reason in reasons:
        reporter.note(reason)
    return site, posts


def draw(
    site: OpenSite, posts: Sequence[Post], options: GenerateOptions, reporter: Reporter, *, is_hook: bool = False
) -> int:
    """Draw the missing heroes of these posts, print the result of each, and return the exit code.

    For git's hook the last line does not say that new pictures want to be committed, and what has candidates to choose
    from is left alone, though the hook names each post.

    Raises:
        HeroError: no hero can be made, an option can't be used, or the user did not want to pay.
    """
    began = time.monotonic()
    work = work_for(site, posts, options, named=() if is_hook else named_posts(posts, options))
    if not may_redraw(work, options, reporter):
        raise HeroError("nothing was drawn")
    try:
        report = make_heroes(work, reporter, settings_file=options.settings)
    except BaseException:
        # What is there is written also where a run ends early.
        tell(write_fields(site, work.posts), reporter)
        raise
    closing = Closing(
        report=report,
        written=write_fields(site, work.posts),
        work=work,
        site=site,
        posts=posts,
        options=options,
        reporter=reporter,
        advises_commit=not is_hook and git.is_in_repository(site.root),
    )
    return closing.show(time.monotonic() - began)
