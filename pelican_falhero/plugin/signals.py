"""Pelican's side: when heroes are made, what templates get of them, and when pages and feeds are shown theirs.

Heroes are made at ``page_generator_finalized``: every article and page is read by then, and Pelican has not yet looked
for static files. Nothing is written to the content folder later, for a file that appears there after a build makes
``pelican -r`` build for ever. The output folder gets what Pelican does not publish itself when all pages are written.
"""

from __future__ import annotations

import itertools
import logging
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pelican
from pelican import signals
from pelican.contents import Content
from pelican.generators import ArticlesGenerator, Generator, PagesGenerator
from pelican.log import console as pelican_console

from ..content.mistyped import ThemeTemplates
from ..content.pelican_post import all_contents, read_post
from ..content.post import Post
from ..errors import Terminated
from ..generation.run_context import RunContext
from ..planning.site import Site
from ..presentation.hero import NO_HERO, give_hero
from ..presentation.publishing import HeroPublisher
from ..presentation.site_pictures import SitePictures
from ..settings import READ_ONLY, STATE_DIR
from ..storage.assets import Library
from ..storage.ledger import FILE_NAME, Ledger
from ..text import plain_text, printable
from . import runs
from .alt_texts import AltTexts
from .build import Result, run_build
from .console import print_line
from .runs import Run
from .variants import SiteVariants

log = logging.getLogger(__name__)

MARK = "_FALHERO_MAIN"
"""The setting by which the runs of sub-sites, which get a copy of the main run's settings, are told from it."""

RUN = "_FALHERO_RUN"
"""Where a run's context has the key of its ``runs.Run``."""

INTERRUPTED = 130
"""The exit code that a shell expects after Ctrl-C."""

UNPUBLISHED = (STATE_DIR, f"*/{STATE_DIR}/*")

_main_builds = itertools.count()


def register() -> None:
    """Connect to Pelican; it may call this more than once."""
    signals.initialized.connect(prepare)
    signals.get_generators.connect(begin_run)
    signals.generator_init.connect(connect_templates)
    signals.page_generator_finalized.connect(give_heroes)
    signals.all_generators_finalized.connect(prepare_pages)
    signals.feed_generated.connect(fill_feed)
    signals.page_writer_finalized.connect(publish_heroes)
    signals.finalized.connect(end_run)


def prepare(instance: pelican.Pelican) -> None:
    """Mark the main run's settings, and keep the state folder from being published or watched."""
    settings = instance.settings
    if MARK not in settings:
        settings[MARK] = {"main": id(settings), "site_name": plain_text(str(settings.get("SITENAME", "")))}
    ignored = list(settings["IGNORE_FILES"])
    settings["IGNORE_FILES"] = ignored + [pattern for pattern in UNPUBLISHED if pattern not in ignored]


def begin_run(instance: pelican.Pelican) -> None:
    """Read the settings: the first that is heard of a run."""
    runs.end(instance.settings)
    if not instance.settings.get(READ_ONLY):
        runs.run_of(instance.settings)


def connect_templates(generator: Generator) -> None:
    """Each generator has a template environment of its own."""
    if run := runs.known_run(id(generator.settings)):
        generator.context[RUN] = id(generator.settings)
        run.showing.connect(generator.env)


def give_heroes(generator: PagesGenerator) -> None:
    """Make what is missing, and give every article and page its hero.

    Raises:
        SystemExit: heroes are missing and ``FALHERO_ON_ERROR = "fail"``.
    """
    if generator.settings.get(READ_ONLY):
        return
    contents = all_contents(generator.context, generator)
    root = Path(generator.settings["PATH"])
    run = runs.run_of(generator.settings)
    templates = ThemeTemplates(generator.settings)
    posts = [read_post(content, run.settings, root, templates=templates) for content in contents]
    shared = generator.settings[MARK]
    library = Library(root, run.settings.assets_dir)
    result = None
    if is_main := _is_main(generator.settings):
        shared["published"] = set()
        result = _make_pictures(run, posts, library, shared)
    run.publisher = publisher = HeroPublisher(
        generator,
        shared.get("pictures") or SitePictures.of(library),
        variants=shared.get("variants", {}),
        published=shared.setdefault("published", set()),
    )
    texts = AltTexts(run.settings, library)
    for post in posts:
        is_elsewhere = not is_main and _is_hidden_by_language(post.origin)
        hero = NO_HERO if is_elsewhere else publisher.hero(post, partial(texts.of, post))
        give_hero(post.origin, hero)
        run.showing.add(post, hero)
    if result:
        _speak(result, run.problem)


def _make_pictures(run: Run, posts: Sequence[Post], library: Library, shared: dict[str, Any]) -> Result:
    """Draw what is missing, and make all pictures lighter; ``shared`` gets what there is to show."""
    site = Site(
        posts=tuple(post for post in posts if post.takes_hero and post.wanted),
        settings=run.settings,
        library=library,
        ledger=Ledger(library.state / FILE_NAME),
    )
    context = RunContext(
        is_first=next(_main_builds) == 0,
        is_autoreload=_is_autoreload(),
        is_dry_run=run.settings.dry_run,
        has_invalid_settings=bool(run.problem),
    )
    with SiteVariants(site, console=pelican_console, may_write=not context.is_dry_run) as variants:
        # What is there is made lighter while the rest is drawn.
        pictures = SitePictures.of(library)
        variants.add(pictures.shown(posts))
        result = _build(
            site,
            context,
            posts=posts,
            variants=variants,
            heroes=pictures.heroes,
            site_name=shared["site_name"],
        )
        if not result.is_complete or result.placeholders:
            pictures = SitePictures.of(library, result.placeholders)
            variants.add(pictures.shown(posts))
    result.lines += variants.lines
    result.warnings += variants.warnings
    shared["pictures"] = pictures
    shared["variants"] = variants.found
    return result


def prepare_pages(generators: list[Generator]) -> None:
    """All is read, and nothing is rendered yet."""
    settings = generators[0].settings
    if run := runs.known_run(id(settings)):
        run.showing.prepare(next((found for found in generators if isinstance(found, ArticlesGenerator)), None))
        if run.publisher:
            run.publisher.register_copies()
            if not (_is_main(settings) and run.showing.names_all_copies):
                run.showing.on_text = run.publisher.saw


def fill_feed(context: dict[str, Any], feed: Any) -> None:
    """A feed is complete, and not written yet."""
    if run := runs.known_run(context.get(RUN, 0)):
        run.showing.fill_feed(feed)


def publish_heroes(generator: PagesGenerator, **_: object) -> None:
    """In the main run, publish all heroes: before ``finalized``, when other plugins shrink or compress pictures."""
    run = runs.known_run(id(generator.settings))
    if run and run.publisher and _is_main(generator.settings):
        _warn(run.publisher.publish(seen_copies=run.showing.on_text is not None))


def end_run(instance: pelican.Pelican) -> None:
    """All is written; a sub-site publishes what its pages show."""
    run = runs.end(instance.settings)
    if run is None:
        return
    _warn(run.showing.problems)
    if not _is_main(instance.settings):
        if run.publisher:
            _warn(run.publisher.publish(seen_masters=True, seen_copies=True))
        return
    for line in filter(None, [_news(run), run.showing.unshown()]):
        print_line(pelican_console, line)


def _news(run: Run) -> str:
    """How heroes are shown, where that is not as it was in the last build."""
    ways, previews = run.showing.news()
    is_new = ways and run.publisher and run.publisher.library.is_new("shown", ways)
    return f"{ways}; {previews}" if is_new else ""


def _is_hidden_by_language(content: Content) -> bool:
    """Whether a sub-site has this only because i18n_subsites made a draft or hidden page of another language's post."""
    own = str(content.metadata.get("status", content.default_status)).lower()
    return bool(content.lang != content.settings["DEFAULT_LANG"] and content.status != own)


def _is_main(settings: Mapping[str, Any]) -> bool:
    return bool(settings[MARK]["main"] == id(settings))


def _warn(problems: Iterable[object]) -> None:
    for problem in problems:
        log.warning("falhero: %s", printable(str(problem)))


def _build(
    site: Site,
    context: RunContext,
    *,
    posts: Sequence[Post],
    variants: SiteVariants,
    heroes: Collection[str],
    site_name: str,
) -> Result:
    """The build's work; a signal ends the process with the code of that signal.

    Pelican itself exits with 0 after Ctrl-C, and ``pelican content && rsync`` would publish half a site.
    """
    try:
        return run_build(
            site,
            context,
            posts=posts,
            heroes=heroes,
            site_name=site_name,
            console=pelican_console,
            on_saved=variants.add,
        )
    except (KeyboardInterrupt, Terminated) as error:
        what, code = ("terminated", error.code) if isinstance(error, Terminated) else ("interrupted", INTERRUPTED)
        text = f"heroes: {what}; the site is not built. What was bought is in the ledger, and the next build fetches it"
        print_line(pelican_console, text)
        raise SystemExit(code) from error


def _speak(result: Result, settings_problem: str) -> None:
    """Tell the user, last of all: under ``--fatal warnings`` a warning is an exception."""
    for line in result.lines:
        print_line(pelican_console, line)
    _warn(result.warnings)
    if settings_problem:
        log.error(
            "falhero: %s. Until that is fixed, builds show the heroes that are there and draw none",
            printable(settings_problem),
        )
    if result.failure:
        # Not an exception for Pelican, which prints the traceback of any.
        log.critical("falhero: %s", printable(result.failure))
        raise SystemExit(1)


def _is_autoreload() -> bool:
    """Whether Pelican's autoreload is what runs this build.

    It is asked of the call stack because it holds for every way to start it: ``pelican -r``, ``-lr`` (where a child
    process builds), and ``pelican.main(["-r"])``.
    """
    reload = getattr(pelican, "autoreload", None)
    code = getattr(reload, "__code__", None)
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code is code:
            return True
    return False
