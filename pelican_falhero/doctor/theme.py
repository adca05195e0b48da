"""What the theme's own templates do with a hero, and what is done where they show none."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError

from ..presentation.addresses import SENTINEL
from ..presentation.fields import FieldChoice
from ..presentation.shown import absolute_site
from ..presentation.theme_reads import places_of
from ..presentation.theme_trial import ShownBy, TriedPage, TriedTemplate, TriedTheme, try_theme
from ..settings import Settings
from .findings import Finding, Findings, Group, described
from .subject import Subject

_THEME = Findings(Group.THEME)
_MOST_PLACES = 2
_FEEDS = tuple(
    f"{of}_{kind}"
    for of in ("FEED", "FEED_ALL", "CATEGORY_FEED", "AUTHOR_FEED", "TAG_FEED", "TRANSLATION_FEED")
    for kind in ("ATOM", "RSS")
)
"""Those of Pelican's settings that have feeds written."""
_EDIT_SHOW = 'FALHERO_SHOW = "auto"'


def theme_findings(subject: Subject) -> Iterator[Finding]:
    """What a build would do; nothing for a site without Pelican."""
    if not subject.is_pelican:
        return
    values, settings = subject.values, subject.settings
    yield _THEME.ok(f"theme: {Path(values['THEME']).name}")
    if settings.show == "never":
        yield _THEME.note('FALHERO_SHOW = "never": a hero is only shown where the theme itself reads article.hero')
    if subject.site is None:
        yield _THEME.note("not tried, because the posts can't be read")
        return
    articles = subject.site.articles
    tried = try_theme(articles, subject.site.posts, settings)
    if not tried.pages:
        yield _THEME.note("not tried: there is no post yet that takes a hero")
    yield from (_THEME.note(problem) for problem in tried.problems)
    for page in tried.pages:
        yield _page(page, settings, articles.env)
    if tried.index:
        yield _lists(tried, tried.index, settings, articles.env)
    yield from (
        _THEME.note(f"FALHERO_FIELDS names {field}, which no template reads")
        for field in settings.fields
        if not places_of(articles.env, field)
    )
    if settings.show != "never":
        yield _previews(tried, articles.env, values, subject)
        yield _feeds(values)


def _page(page: TriedTemplate, settings: Settings, env: Environment) -> Finding:
    name = "page" if page.template in ("article", "page") else f"page of {page.template}.html"
    if page.error:
        return _failed(name, page.template, page.error)
    fields = [choice for choice in page.choices if choice.role in ("page", "setting")]
    if page.shown_by is ShownBy.THEME:
        how = " and ".join(_field(choice, env) for choice in fields) or "the theme's own templates show article.hero"
        return _THEME.ok(f"{name}: {how}")
    if page.shown_by is ShownBy.FIGURE:
        return _THEME.ok(f"{name}: no field of the theme; a figure is put above the text")
    if settings.show == "never":
        return _THEME.note(f"{name}: shows no hero")
    if settings.show == "fields":
        text = f'{name}: no field of the theme, and FALHERO_SHOW = "fields" puts no figure'
        return _THEME.wrong(text, _EDIT_SHOW)
    text = f"{name}: shows no hero; {page.template}.html prints neither a picture field nor the whole content"
    return _THEME.wrong(text, f"# where it is to be, in {page.template}.html:", '{% include "falhero/hero.html" %}')


def _lists(tried: TriedTheme, index: TriedPage, settings: Settings, env: Environment) -> Finding:
    if index.error:
        return _failed("lists", index.template, index.error)
    choices = [choice for page in tried.pages for choice in page.choices]
    if index.shown_by is ShownBy.THEME:
        listed = [choice for choice in choices if choice.role == "lists"]
        listed = listed or [choice for choice in choices if choice.role in ("page", "setting")]
        return _THEME.ok(f"lists: {_field(listed[0], env) if listed else 'the index shows article.hero'}")
    if index.shown_by is ShownBy.FIGURE:
        return _THEME.ok("lists: no field of the theme; a figure is put above each summary or text")
    why = f'FALHERO_SHOW = "{settings.show}"' if settings.show != "auto" else "its index prints titles only"
    return _THEME.note(f"lists: show no hero; {why}")


def _field(choice: FieldChoice, env: Environment) -> str:
    """``field cover behind SITEURL/ (article.html, line 12)``."""
    before = choice.prefix.replace(SENTINEL, "SITEURL")
    places = [f"{name}, line {line}" for name, line in places_of(env, choice.field)]
    where = "; ".join(places[:_MOST_PLACES]) + ("; …" if len(places) > _MOST_PLACES else "")
    return f"field `{choice.field}` {f'behind {before}' if before else 'as it is'}{f' ({where})' if where else ''}"


def _failed(name: str, template: str, error: Exception) -> Finding:
    text = f"{name}: {template}.html can't be rendered ({described(error)}{_place_of(error)})"
    if isinstance(error, TemplateSyntaxError | TemplateNotFound):
        return _THEME.wrong(text, "# mend the template; Pelican fails on it too")
    return _THEME.note(f"{text}; a build, with all its plugins, may")


def _place_of(error: Exception) -> str:
    """File and line in a template, as Jinja tells them."""
    if isinstance(error, TemplateSyntaxError):
        return f"; {Path(error.filename or error.name or '').name}, line {error.lineno}"
    frames = [found for found in traceback.extract_tb(error.__traceback__) if not found.filename.endswith(".py")]
    return f"; {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""


def _previews(tried: TriedTheme, env: Environment, values: Mapping[str, Any], subject: Subject) -> Finding:
    if not absolute_site(values["SITEURL"]):
        publish = subject.file.with_name("publishconf.py") if subject.file else None
        text = f"previews: none, for SITEURL ({values['SITEURL']!r}) is not absolute"
        if publish and publish.is_file() and publish != subject.file:
            return _THEME.note(f"{text}; the published site's:", f"falhero doctor -s {subject.shown(publish)}")
        return _THEME.note(text, 'SITEURL = "https://example.org"  # yours')
    fields = [choice for page in tried.pages for choice in page.choices if choice.role == "head"]
    own = f"{_field(fields[0], env)}; " if fields else ""
    return _THEME.ok(f"previews: {own}og:image, twitter:card and JSON-LD on each page")


def _feeds(values: Mapping[str, Any]) -> Finding:
    if not any(values.get(name) for name in _FEEDS):
        return _THEME.note("feeds: these settings write none")
    if not (absolute_site(values["SITEURL"]) or absolute_site(values.get("FEED_DOMAIN"))):
        return _THEME.note("feeds: show no heroes, for neither SITEURL nor FEED_DOMAIN is absolute")
    return _THEME.ok("feeds: an enclosure, and the picture in the text, in each item")
