"""``falhero generate``: makes the heroes of a site, or of single posts, and tells as it goes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace

from ..content.site import OpenSite, Post, SiteError
from ..errors import SettingsError
from ..generation import messages
from ..generation.progress import RichListener
from ..generation.run import dry_run, purchase
from ..planning.survey import Site
from ..storage.assets import hero_stem
from . import plan
from .closing import Closing
from .main import GOOD
from .output import Reporter
from .selection import excuses_for, open_posts, with_options, with_overrides


class Teller(RichListener):
    """Tells how many heroes are being drawn, and on a terminal how far each has come."""

    def __init__(self, reporter: Reporter) -> None:
        super().__init__(reporter.err)
        self._reporter = reporter

    def began(self, count: int) -> None:
        """So many heroes are going to be made."""
        self._reporter.aside(f"drawing {messages.count(count, 'hero')}")
        super().began(count)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Make what is missing, or the heroes of the posts that were named."""
    began = time.monotonic()
    site, posts = open_posts(options, reporter)
    excuses = excuses_for(posts, options)
    if excuses and len(excuses) == len(posts):
        raise SiteError("; ".join(excuses))
    for excuse in excuses:
        reporter.aside(excuse)
    work = work_for(site, posts, options)
    if options.dry_run:
        plan.show(dry_run(work), site, posts, options=options, reporter=reporter)
        return GOOD
    with Teller(reporter) as teller:
        report = purchase(work, listener=teller, say=reporter.aside)
    closing = Closing(report=report, work=work, site=site, posts=posts, options=options, reporter=reporter)
    return closing.tell(time.monotonic() - began)


def work_for(site: OpenSite, posts: Sequence[Post], options: argparse.Namespace) -> Site:
    """What is to be made, with the command line's own settings.

    Raises:
        SettingsError: an option's value can't be used.
    """
    settings = with_options(site, options)
    if options.force and settings.provider in ("card", "none"):
        raise SettingsError(f"--force draws with fal, and the provider is {settings.provider}")
    work = site.of(with_overrides(site, site.with_title_fellows(posts), options), settings=settings)
    redo = (hero_stem(post.subject.title) for post in posts if post.subject and options.force)
    return replace(work, redo=frozenset(redo), retry=options.retry)
