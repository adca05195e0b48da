"""How one run of Pelican shows its heroes: what its pages, figures and feeds ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from feedgenerator import Enclosure
from jinja2 import Environment
from markupsafe import Markup
from pelican.contents import Content
from pelican.generators import ArticlesGenerator

from ..content.post import Post
from ..settings import Settings
from . import feeds, tokens
from .fields import FieldPlan, show_in_fields
from .figure import FigureRenderer, Loading, add_templates
from .hero import Hero
from .marking import mark_texts, method_of
from .markup import body_start
from .placement import insert_figures, opens_with_picture
from .previews import Preview, add_previews, preview_tags
from .rendering import GLOBAL, hook_rendering
from .shown import Shown, absolute_site
from .shown_report import ShownReport
from .visibility import Visibility, names_of


@dataclass(eq=False, repr=False)
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
        self.on_text: Callable[[str], object] | None = None
        """Is given each finished page, and the addresses that feeds name."""
        self._values = values
        self._settings = settings
        self._inserts = settings.show in {"auto", "insert"}
        self._shown: dict[int, Shown] = {}
        self._by_token: dict[str, Shown] = {}
        self._contents: list[Content] = []
        """All articles and pages, with a hero or without."""
        self._enclosed: dict[int, Enclosure | None] = {}
        self._envs: list[Environment] = []
        self.page: Page | None = None
        """The page that is rendered now."""
        self.is_paused = False
        """Whether texts are read without tokens although a page is rendered."""
        self.method_of = cache(method_of)
        """How a class gives a text; another plugin may change that between runs."""
        self._figured_page: str | None = None
        """The output file whose first figure was printed last."""
        self._report = ShownReport()
        self.problems: list[str] = []
        """What went wrong, for warnings when all is written; the site has been built all the same."""

    def connect(self, env: Environment) -> None:
        """Let an environment's templates include ours, and its pages show heroes."""
        self._envs.append(env)
        add_templates(env)
        env.globals[GLOBAL] = self
        hook_rendering(env)

    def add(self, post: Post, hero: Hero) -> None:
        """Take on an article or page; a falsy hero is none."""
        self._contents.append(post.origin)
        if hero:
            self._shown[id(post.origin)] = Shown(
                content=post.origin,
                hero=hero,
                title=post.title,
                names=names_of(hero),
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
        inserted = [item for item in self._shown.values() if item.is_inserted][: tokens.LIMIT]
        self._by_token = {tokens.token(number): item for number, item in enumerate(inserted)}
        for mark, item in self._by_token.items():
            mark_texts(self, item, mark)

    @property
    def page_siteurl(self) -> str:
        """What the page that is rendered now calls the site."""
        return self.page.siteurl if self.page else str(self._values["SITEURL"])

    @property
    def names_all_copies(self) -> bool:
        """Whether figures on pages name all copies of each hero; otherwise pages tell which of them are needed."""
        return not any(self.plan.choices.values()) and all(item.is_inserted for item in self._shown.values())

    # Called by templates ------------------------------------------------------------------------------------------

    def figure(self, content: object, siteurl: str, output_file: str = "") -> Markup:
        """The figure of an article or page, for a page that calls the site ``siteurl``; empty where it has no hero."""
        item = self._shown.get(id(content))
        return Markup(self._figure(item, siteurl, output_file) if item else "")  # noqa: S704 - escaped where it is printed

    def _figure(self, item: Shown, siteurl: str, output_file: str) -> str:
        loading: Loading = "lazy" if output_file == self._figured_page else "high"
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
        if self.page is not None:
            return None
        article = context.get("article")
        about = article if isinstance(article, Content) else context.get("page")
        own = self._shown.get(id(about))
        self.page = Page(
            own=own if own and own.is_shown else None,
            is_article=isinstance(article, Content),
            siteurl=str(context.get("SITEURL", "")),
            output_file=str(context.get("output_file", "")),
        )
        return self.page

    def finish_page(self, text: str, page: Page) -> str:
        """The rendered page with its figures and previews, and without tokens."""
        try:
            return self._with_heroes(text, page)
        except Exception as error:  # a page without its picture is better than no page
            self._note_problem(f"{page.output_file} could not be given its heroes", error)
            return tokens.without_tokens(text)

    def _with_heroes(self, text: str, page: Page) -> str:
        marks: list[tuple[int, str]] = []
        if page.has_tokens:
            text, marks = tokens.take_out(text)
        is_changed = marks or (page.own and self._settings.show != "never")
        if is_changed and (body := body_start(text)) >= 0:
            text = self._with_figures(text, body, marks, page)
        if self.on_text:
            self.on_text(text)
        return text

    def _with_figures(self, text: str, body: int, marks: list[tuple[int, str]], page: Page) -> str:
        """The page, whose body begins at ``body``, with figures for tokens and with previews."""
        visibility = Visibility(text, body=body, questions=len(marks))
        by_theme = page.own is not None and visibility.shows(page.own.names)
        shown: set[Shown] = set()

        def figure(mark: str) -> str:
            item = self._by_token.get(mark)
            if item is None:
                return ""
            shown.add(item)
            if by_theme if item is page.own else visibility.shows(item.names):
                return ""
            return self._figure(item, page.siteurl, page.output_file)

        finished = insert_figures(text, body, marks, figure) if marks else text
        if page.own:
            self._report.note(page.own, by_theme=by_theme, is_inserted=page.own in shown and not by_theme)
            if preview := self._preview(page.own, page.siteurl):
                finished = add_previews(finished, preview, body=body)
        return finished

    def _note_problem(self, what: str, error: Exception) -> None:
        self.problems.append(f"{what} ({type(error).__name__}: {error})")

    def end_page(self) -> None:
        """The page is rendered, or failed."""
        self.page = None

    # Called at the end ---------------------------------------------------------------------------------------------

    def fill_feed(self, feed: Any) -> None:
        """Give the items of a feedgenerator's feed their heroes, where the site has an absolute address."""
        siteurl = absolute_site(self._values["SITEURL"]) or absolute_site(self._values.get("FEED_DOMAIN"))
        if self._settings.show == "never" or not siteurl:
            return
        for entry in feed.items:
            if (item := self._feed_items.find(entry)) and item.is_shown:
                if not entry.get("enclosures"):  # RSS allows one
                    entry["enclosures"] = self._enclosures(item, siteurl)
                if self.on_text:
                    self.on_text(f"{item.hero.url} {item.hero.preview.url}")
                if item.is_inserted:
                    feeds.show(entry, item.names, self._figures.figure(item.hero, siteurl, ""))

    def _enclosures(self, item: Shown, siteurl: str) -> list[Enclosure]:
        """The item's hero for a feed; the same articles are in many."""
        if id(item) not in self._enclosed:
            self._enclosed[id(item)] = feeds.enclosure(item.hero, siteurl)
        found = self._enclosed[id(item)]
        return [found] if found else []

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

    @cached_property
    def _figures(self) -> FigureRenderer:
        return FigureRenderer(self._envs[0], inline_style=self._settings.inline_style)

    def _preview(self, item: Shown, siteurl: str) -> Preview | None:
        base = absolute_site(siteurl) or absolute_site(self._values["SITEURL"])
        return item.preview(siteurl, base, self.constants)

    @cached_property
    def _feed_items(self) -> feeds.FeedItems:
        return feeds.FeedItems(self._shown.values(), self._contents, self._values)
