"""Pelican's side: when heroes are made, and what templates get of them.

Heroes are made at ``page_generator_finalized``: every article and page is read by then, and Pelican has not yet looked
for static files. Nothing is written to the content folder later, for a file that appears there after a build makes
``pelican -r`` build for ever. The output folder gets what Pelican does not publish itself when all pages are written.
"""

from __future__ import annotations

import itertools
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pelican
from pelican import signals
from pelican.contents import Content
from pelican.generators import PagesGenerator
from pelican.log import console as pelican_console

from ..content.pelican_post import all_contents, read_entry
from ..errors import GenerationError, SettingsError, Terminated
from ..generation.policy import RunContext
from ..planning.survey import Site
from ..presentation.hero import NO_HERO, Hero
from ..presentation.publishing import HeroPublisher
from ..settings import READ_ONLY, STATE_DIR, Settings, read_settings
from ..storage.assets import Library
from ..storage.ledger import FILE_NAME, Ledger
from ..text import plain_text
from .build import Result, run_build

log = logging.getLogger(__name__)

MARK = "_FALHERO_MAIN"
"""The setting by which the runs of sub-sites, which get a copy of the main run's settings, are told from it."""

INTERRUPTED = 130
"""The exit code that a shell expects after Ctrl-C."""

UNPUBLISHED = (STATE_DIR, f"*/{STATE_DIR}/*")

PUBLISHER = "_FALHERO_PUBLISHER"
"""The setting that holds the HeroPublisher of a run."""

_main_builds = itertools.count()


def register() -> None:
    """Connect to Pelican; it may call this more than once."""
    signals.initialized.connect(prepare)
    signals.page_generator_finalized.connect(give_heroes)
    signals.page_writer_finalized.connect(publish_heroes)
    signals.finalized.connect(publish_seen_heroes)


def prepare(instance: pelican.Pelican) -> None:
    """Mark the main run's settings, and keep the state folder from being published or watched."""
    settings = instance.settings
    if MARK not in settings:
        settings[MARK] = {"main": id(settings), "site_name": plain_text(str(settings.get("SITENAME", "")))}
    ignored = list(settings["IGNORE_FILES"])
    settings["IGNORE_FILES"] = ignored + [pattern for pattern in UNPUBLISHED if pattern not in ignored]


def give_heroes(generator: PagesGenerator) -> None:
    """Make what is missing, and give every article and page its hero.

    Raises:
        GenerationError: heroes are missing and ``FALHERO_ON_ERROR = "fail"``.
    """
    generator.settings[PUBLISHER] = None
    if generator.settings.get(READ_ONLY):
        return
    shared = generator.settings[MARK]
    is_main = _is_main(generator.settings)
    contents = all_contents(generator.context, generator)
    root = Path(generator.settings["PATH"])
    settings, problem = _settings(generator.settings, root)
    if settings is None:
        for content in contents:
            _give(content, NO_HERO)
        if is_main:
            log.error("falhero: %s. There are no heroes in this build.", problem)
        return
    entries = [read_entry(content, settings, root) for content in contents]
    library = Library(root, settings.assets_dir)
    result = Result(placeholders=shared.get("placeholders", {}))
    if is_main:
        site = Site(
            subjects=tuple(entry.subject for entry in entries if entry.subject and entry.wanted),
            settings=settings,
            library=library,
            ledger=Ledger(library.state / FILE_NAME),
        )
        context = RunContext(
            is_first=next(_main_builds) == 0,
            is_autoreload=_is_autoreload(),
            is_dry_run=settings.dry_run,
        )
        result = _build(site, context, shared["site_name"])
        shared["placeholders"] = result.placeholders
    publisher = generator.settings[PUBLISHER] = HeroPublisher(generator, library, result.placeholders)
    for entry in entries:
        _give(entry.content, publisher.hero(entry))
    if is_main:
        _speak(result, [entry.problem for entry in entries if entry.problem and entry.wanted])


def publish_heroes(generator: PagesGenerator, **_: object) -> None:
    """In the main run, publish all heroes: before ``finalized``, when other plugins shrink or compress pictures."""
    publisher = generator.settings.get(PUBLISHER)
    if publisher and _is_main(generator.settings):
        _warn(publisher.publish())


def publish_seen_heroes(instance: pelican.Pelican) -> None:
    """In the run of a sub-site, publish what its pages show, once all are written."""
    publisher = instance.settings.get(PUBLISHER)
    if publisher and not _is_main(instance.settings):
        _warn(publisher.publish_seen())


def _is_main(settings: Mapping[str, Any]) -> bool:
    return bool(settings[MARK]["main"] == id(settings))


def _warn(problems: Iterable[object]) -> None:
    for problem in problems:
        log.warning("falhero: %s", problem)


def _build(site: Site, context: RunContext, site_name: str) -> Result:
    """The build's work; a signal ends the process with the code of that signal.

    Pelican itself exits with 0 after Ctrl-C, and ``pelican content && rsync`` would publish half a site.
    """
    try:
        return run_build(site, context, site_name=site_name, console=pelican_console)
    except (KeyboardInterrupt, Terminated) as error:
        what, code = ("terminated", error.code) if isinstance(error, Terminated) else ("interrupted", INTERRUPTED)
        text = f"heroes: {what}; the site is not built. What was bought is in the ledger, and the next build fetches it"
        pelican_console.print(text, markup=False, highlight=False, soft_wrap=True)
        raise SystemExit(code) from error


def _settings(values: dict[str, Any], root: Path) -> tuple[Settings, str] | tuple[None, str]:
    """The settings, or what is wrong with them."""
    try:
        settings = read_settings(values, root=root)
    except SettingsError as error:
        return None, str(error)
    output = Path(os.path.realpath(values["OUTPUT_PATH"]))
    # Not Path.resolve, which fails for links that lead in circles.
    if Path(os.path.realpath(root / settings.assets_dir)).is_relative_to(output):
        return None, f"FALHERO_ASSETS_DIR must not lie in the output folder ({output}), which Pelican may empty"
    return settings, ""


def _give(content: Content, hero: Hero) -> None:
    """Pelican copies metadata into attributes once, at construction, so both are set."""
    content.hero = hero
    content.metadata["hero"] = hero
    if hero or not hasattr(content, "hero_image"):
        content.hero_image = content.metadata["hero_image"] = hero.url


def _speak(result: Result, problems: list[str]) -> None:
    """Tell the user, last of all: under ``--fatal warnings`` a warning is an exception."""
    for line in result.lines:
        pelican_console.print(line, markup=False, highlight=False, soft_wrap=True)
    _warn((*problems, *result.warnings))
    if result.failure:
        raise GenerationError(result.failure)


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
