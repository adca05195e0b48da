"""Makes heroes and shows progress, for ``falhero generate``, the hook and the script for single posts."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..content.post import Post
from ..content.site import OpenSite, SiteError
from ..errors import HeroError
from ..generation import messages
from ..generation.progress import RichListener
from ..generation.report import Report
from ..generation.run import purchase
from ..planning.site import Site
from ..prepublish import git
from .closing import Closing
from .confirmation import may_redraw
from .options import GenerateOptions
from .output import Reporter
from .overrides import work_for
from .selection import open_posts, reasons_without_hero


class CommandProgress(RichListener):
    """Prints how many heroes are being drawn and, on a terminal, shows progress bars."""

    def __init__(self, reporter: Reporter) -> None:
        super().__init__(reporter.err)
        self._reporter = reporter

    def started(self, count: int) -> None:
        """Print the number of heroes, and show the bar for them."""
        self._reporter.note(f"drawing {messages.count(count, 'hero')}")
        super().started(count)


def make_heroes(work: Site, reporter: Reporter) -> Report:
    """Make the missing heroes, and show progress on standard error.

    Raises:
        AccountError, AssetsError, LedgerError: no hero can be made.
    """
    with CommandProgress(reporter) as progress:
        return purchase(work, listener=progress, say=reporter.note)


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
    site: OpenSite, posts: Sequence[Post], options: GenerateOptions, reporter: Reporter, *, advises_commit: bool = True
) -> int:
    """Draw the missing heroes of these posts, print the result of each, and return the exit code.

    ``advises_commit`` is whether the last line says that new pictures want to be committed.

    Raises:
        HeroError: no hero can be made, an option can't be used, or the user did not want to pay.
    """
    began = time.monotonic()
    work = work_for(site, posts, options)
    if not may_redraw(work, options, reporter):
        raise HeroError("nothing was drawn")
    report = make_heroes(work, reporter)
    closing = Closing(
        report=report,
        work=work,
        site=site,
        posts=posts,
        options=options,
        reporter=reporter,
        advises_commit=advises_commit and git.is_in_repository(site.root),
    )
    return closing.show(time.monotonic() - began)
