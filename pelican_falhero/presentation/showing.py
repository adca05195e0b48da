"""How one run of Pelican shows its heroes: what its pages, figures and feeds ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from pelican.contents import Content
from pelican.generators import ArticlesGenerator

from ..content.post import Post
from ..settings import Settings
from . import feeds, tokens
from .fields import FieldPlan, show_in_fields
from .figure import HIGH, LAZY, UNSAID, FigureRenderer, add_templates
from .hero import Hero
from .markup import body_start
from .placement import insert_figures, opens_with_picture
from .previews import Preview, add_previews, preview_tags
from .rendering import GLOBAL, hook_rendering
from .shown import Shown, absolute_site
from .shown_report import ShownReport
from .visibility import names_of, shows


@dataclass(eq=False)
class Page:
    """A page that is being rendered."""

    own: Shown | None
    """What the page is about, if that has a hero."""
    is_article: bool
    """Whether it is about an article: then it shows no other article's hero."""
    siteurl: str
    """What the page calls the site; relative under RELATIVE_URLS."""
    output_file: str
    has_tokens: bool = False


class Showing:
    """One run's heroes, and how its pages, previews and feeds show them."""

    def __init__(self, values: Mapping[str, Any], settings: Settings) -> None:
        """Begin a run with Pelican's settings (``values``) and ours."""
        self.constants: frozenset[str] = frozenset()
        """Pictures that the theme names in the head of every page, at the addresses that Pelican's SITEURL makes."""
        self.plan = FieldPlan()
        """The theme's fields that show heroes."""
        self.on_text: Callable[[str], object] = lambda text: None
        """Is given each finished page, and the addresses that feeds name."""
        self._values = values
        self._settings = settings
        self._inserts = settings.show in {"auto", "insert"}
        self._shown: dict[int, Shown] = {}
        self._by_number: list[Shown] = []
        self._envs: list[Environment] = []
        self._page: Page | None = None
        self._is_paused = False
        self._figured_page: str | None = None
        """The output file whose first figure was printed last."""
        self._report = ShownReport()
        self.problems: list[str] = []
        """What went wrong, for warnings when all is written; the site has been built all the same."""

    def connect(self, env: Environment) -> None:
        """Let an environment's templates include ours; its pages show heroes unless the site wants none shown."""
        self._envs.append(env)
        add_templates(env)
        env.globals[GLOBAL] = self
        if self._settings.show != "never":
            hook_rendering(env)

    def add(self, post: Post, hero: Hero) -> None:
        """Take on an article or page; a falsy hero is none."""
        if hero:
            self._shown[id(post.origin)] = Shown(
                content=post.origin,
                hero=hero,
                title=post.title,
                names=names_of(hero) | names_of(hero.preview),
                is_shown=post.overrides.show,
                is_inserted=self._inserts
                and post.overrides.show
                and not opens_with_picture(str(post.origin._content or "")),
            )

    def prepare(self, articles: ArticlesGenerator | None = None) -> None:
        """Set the theme's fields, and have the texts begin with tokens while pages are rendered.

        Args:
            articles: what tells about the theme; its context is complete.
        """
        if articles and self._settings.show != "never":
            pairs = [(item.content, item.hero) for item in self._shown.values() if item.is_shown]
            try:
                self.plan = show_in_fields(articles, pairs, self._settings)
            except Exception as error:  # a theme, and its extensions, may raise whatever they like
                self._note_problem("the theme's templates could not be tried", error)
            self.constants = self.plan.default_pictures(str(self._values["SITEURL"]))
        self._by_number = [item for item in self._shown.values() if item.is_inserted][: tokens.LIMIT]
        for number, item in enumerate(self._by_number):
            self._mark(item, tokens.token(number))

    # Called by templates ------------------------------------------------------------------------------------------

    def figure(self, content: object, siteurl: str, output_file: str = "") -> Markup:
        """The figure of an article or page, for a page that calls the site ``siteurl``; empty where it has no hero."""
        item = self._shown.get(id(content))
        if item is None:
            return Markup()
        loading = LAZY if output_file == self._figured_page else HIGH
        self._figured_page = output_file
        return self._figures.figure(item.hero, siteurl, loading)

    def meta(self, content: object, siteurl: str) -> Markup:
        """The head's tags for an article or page; empty where it has no hero, or the site no absolute address."""
        item = self._shown.get(id(content))
        preview = self._preview(item, siteurl) if item else None
        return Markup(preview_tags(preview)) if preview else Markup()  # noqa: S704 - escaped where it is made

    # Called by rendering ------------------------------------------------------------------------------------------

    def begin_page(self, context: Mapping[str, Any]) -> Page | None:
        """The page that is rendered now; None inside of another one's rendering, which finishes both."""
        if self._page is not None:
            return None
        article = context.get("article")
        about = article if isinstance(article, Content) else context.get("page")
        own = self._shown.get(id(about))
        self._page = Page(
            own=own if own and own.is_shown else None,
            is_article=isinstance(article, Content),
            siteurl=str(context.get("SITEURL", "")),
            output_file=str(context.get("output_file", "")),
        )
        return self._page

    def finish_page(self, text: str, page: Page) -> str:
        """The rendered page with its figures and previews, and without tokens."""
        try:
            return self._with_heroes(text, page)
        except Exception as error:  # a page without its picture is better than no page
            self._note_problem(f"{page.output_file} could not be given its heroes", error)
            return tokens.without_tokens(text)

    def _with_heroes(self, text: str, page: Page) -> str:
        body = body_start(text) if page.has_tokens or page.own else -1
        shown: set[Shown] = set()

        def figure(number: int) -> str:
            item = self._by_number[number]
            shown.add(item)
            if shows(text, item.names, body=body):
                return ""
            return self.figure(item.content, page.siteurl, page.output_file)

        finished = text
        if page.has_tokens:
            finished = insert_figures(text, body, figure) if body >= 0 else tokens.without_tokens(text)
        if page.own and body >= 0:
            by_theme = shows(text, page.own.names, body=body)
            self._report.note(page.own, by_theme=by_theme, is_inserted=page.own in shown and not by_theme)
            if preview := self._preview(page.own, page.siteurl):
                finished = add_previews(finished, preview)
        self.on_text(finished)
        return finished

    def _note_problem(self, what: str, error: Exception) -> None:
        self.problems.append(f"{what} ({type(error).__name__}: {error})")

    def end_page(self) -> None:
        """The page is rendered, or failed."""
        self._page = None

    # Called at the end ---------------------------------------------------------------------------------------------

    def fill_feed(self, feed: Any) -> None:
        """Give the items of a feedgenerator's feed their heroes, where the site has an absolute address."""
        siteurl = absolute_site(self._values["SITEURL"]) or absolute_site(self._values.get("FEED_DOMAIN"))
        if self._settings.show == "never" or not siteurl:
            return
        for entry in feed.items:
            if (item := self._by_link.get(feeds.by_link(entry))) and item.is_shown:
                feeds.enclose(entry, item.hero, siteurl)
                self.on_text(item.hero.url)
                if item.is_inserted:
                    feeds.show(entry, item.hero, self._figures.figure(item.hero, siteurl, UNSAID))

    def news(self) -> tuple[str, str]:
        """How heroes were shown, in two parts of which only the first says what the theme does; empty where not."""
        if self._settings.show == "never" or not any(item.is_shown for item in self._shown.values()):
            return "", ""
        has_previews = absolute_site(self._values["SITEURL"])
        return self._report.ways(self.plan), "previews added" if has_previews else "no previews without SITEURL"

    def unshown(self) -> str:
        """A line that names the posts whose own page shows no hero, though it was to; empty where there are none."""
        return self._report.unshown()

    # ---------------------------------------------------------------------------------------------------------------

    def _mark(self, item: Shown, mark: str) -> None:
        """Put the token before the content's text, for templates only.

        Pelican memoises both methods on the class; what is put on the object hides them, and outside of a rendering
        gives what they give.
        """
        content = item.content
        get_content, get_summary = content.get_content, content.get_summary

        def get_content_with_token(siteurl: str) -> str:
            text: str = get_content(siteurl)
            page = self._page_for_tokens()
            if page and (page.own is item or (text and not page.is_article)):
                page.has_tokens = True
                return tokens.put_before(text or "", mark)
            return text

        def get_summary_with_token(siteurl: str) -> str:
            was_paused, self._is_paused = self._is_paused, True  # it reads the content, and is memoised
            try:
                text: str = get_summary(siteurl)
            finally:
                self._is_paused = was_paused
            page = self._page_for_tokens()
            if page and text and page.own is not item and not page.is_article:
                page.has_tokens = True
                return tokens.put_before(text, mark)
            return text

        content.get_content, content.get_summary = get_content_with_token, get_summary_with_token

    @cached_property
    def _figures(self) -> FigureRenderer:
        return FigureRenderer(self._envs[0], inline_style=self._settings.inline_style)

    def _page_for_tokens(self) -> Page | None:
        return None if self._is_paused else self._page

    def _preview(self, item: Shown, siteurl: str) -> Preview | None:
        base = absolute_site(siteurl) or absolute_site(self._values["SITEURL"])
        return item.preview(siteurl, base, self.constants)

    @cached_property
    def _by_link(self) -> dict[str, Shown]:
        return {feeds.link_of(item.url, self._values): item for item in self._shown.values()}
