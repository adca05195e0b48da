"""A theme tried with a hero that is no file, before any build: where its pages and lists would show one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from pelican.generators import ArticlesGenerator

from ..content.post import Post
from ..settings import Settings
from ..storage.assets import hero_stem
from . import tokens
from .addresses import SENTINEL
from .fields import FieldChoice
from .hero import NO_HERO, Hero, give_hero
from .markup import body_start
from .showing import Showing
from .theme_probe import TemplateKey, template_of
from .trial_render import TrialRenderer, without_a_trace
from .visibility import Visibility, names_of

_STAND_IN = "<p>Words of an article.</p>"


class ShownBy(Enum):
    """Who shows a hero on a page."""

    THEME = "theme"
    FIGURE = "figure"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class TriedPage:
    """A page that was rendered to try it."""

    template: str
    """Without its suffix."""
    shown_by: ShownBy = ShownBy.NOBODY
    error: Exception | None = None
    """Why the template could not be rendered; None where it could."""


@dataclass(frozen=True, kw_only=True)
class TriedTemplate(TriedPage):
    """The own page of articles or pages of one template."""

    choices: tuple[FieldChoice, ...] = ()
    """The theme's fields that would show the hero."""


@dataclass(frozen=True, kw_only=True)
class TriedTheme:
    """What became of it."""

    pages: tuple[TriedTemplate, ...]
    """For each template that a post has."""
    index: TriedPage | None
    """The list of all articles; None where there is no article."""
    problems: tuple[str, ...] = ()


def try_theme(articles: ArticlesGenerator, posts: Sequence[Post], settings: Settings) -> TriedTheme:
    """Render the own page of one post of each template, and the index, as a build would if they had a hero.

    The posts' articles can't be built afterwards.

    Args:
        articles: the generator that has read them.
        posts: of the site; those that a build makes heroes for are tried.
        settings: ours.
    """
    trial = _Trial(articles, settings)
    for post in posts:
        give_hero(post.origin, NO_HERO)
        if post.takes_hero and post.wanted:
            trial.add(post)
    with without_a_trace():
        trial.showing.prepare(articles)
        pages = tuple(trial.own_page(key) for key in trial.samples)
        index = next((trial.index(key) for key in trial.samples if key.variable == "article"), None)
    return TriedTheme(pages=pages, index=index, problems=tuple(trial.showing.problems))


class _Trial:
    """A run whose pages are not written."""

    def __init__(self, articles: ArticlesGenerator, settings: Settings) -> None:
        self.showing = Showing(articles.settings, settings)
        self.showing.connect(articles.env)
        self.samples: dict[TemplateKey, tuple[Any, Hero]] = {}
        """For each template an article or page, with its hero."""
        self._renderer = TrialRenderer(articles)
        self._folder = settings.assets_dir

    def add(self, post: Post) -> None:
        """Take on a copy of a post, if it is the first of its template."""
        key = template_of(post.origin)
        if key in self.samples:
            return
        content = copy(post.origin)
        content.metadata = dict(content.metadata)
        content._content = _STAND_IN
        hero = Hero(url=f"{self._folder}/{hero_stem(post.title)}.png", size=(1024, 768))
        give_hero(content, hero)
        self.showing.add(Post(title=post.title, origin=content), hero)
        self.samples[key] = content, hero

    def own_page(self, key: TemplateKey) -> TriedTemplate:
        """The own page of a template's sample."""
        content, hero = self.samples[key]
        about = {key.variable: content, "output_file": content.save_as}
        page = self._tried(key.name, hero, about, partial(self._renderer.page, content))
        choices = self.showing.plan.choices.get(key, ())
        return TriedTemplate(template=page.template, shown_by=page.shown_by, error=page.error, choices=choices)

    def index(self, key: TemplateKey) -> TriedPage:
        """A list of a template's sample."""
        content, hero = self.samples[key]
        about = {"output_file": "index.html"}
        return self._tried("index", hero, about, partial(self._renderer.list_of, content, template="index"))

    def _tried(self, template: str, hero: Hero, about: Mapping[str, Any], render: Callable[[], str]) -> TriedPage:
        page = self.showing.begin_page({**about, "SITEURL": SENTINEL})
        try:
            raw = render()
            finished = self.showing.finish_page(raw, page) if page else raw
        except Exception as error:  # a theme, and its extensions, may raise whatever they like
            return TriedPage(template=template, error=error)
        finally:
            self.showing.end_page()
        if _shows(tokens.without_tokens(raw), hero):
            return TriedPage(template=template, shown_by=ShownBy.THEME)
        return TriedPage(template=template, shown_by=ShownBy.FIGURE if _shows(finished, hero) else ShownBy.NOBODY)


def _shows(text: str, hero: Hero) -> bool:
    return Visibility(text, body=max(0, body_start(text))).shows(names_of(hero))
