"""How one run of Pelican shows its heroes: what its pages, figures and feeds ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from pelican.contents import Article, Content
from pelican.generators import ArticlesGenerator

from ..content.post import Post
from ..settings import Settings
from . import feeds, tokens
from .fields import FieldPlan, show_in_fields
from .figure import HIGH, LAZY, UNSAID, absolute_address, add_templates, render_figure
from .hero import Hero
from .markup import body_start
from .placement import insert_figures, opens_with_picture
from .previews import Preview, add_previews, preview_tags
from .rendering import GLOBAL, hook_rendering
from .visibility import names_of, shows

_ABSOLUTE = re.compile("https?://[^/]", re.IGNORECASE)
_MOST_NAMED = 3


@dataclass(frozen=True, eq=False)
class Shown:
    """An article or page with a hero."""

    content: Content
    hero: Hero
    title: str
    """Plain text."""
    names: frozenset[str]
    """How the hero's address can be told in a page."""
    is_inserted: bool
    """Whether its text is to begin with the figure where nothing else shows the hero."""
    is_shown: bool = True
    """Whether pages and feeds show it by themselves; templates can in any case."""


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
        self._env: Environment | None = None
        self._page: Page | None = None
        self._is_paused = False
        self._figures: dict[tuple[Shown, str, Markup], Markup] = {}
        self._figured_page: str | None = None
        """The output file whose first figure was printed last."""
        self._unshown: dict[Shown, None] = {}
        self._inserted: set[Shown] = set()
        """Articles and pages whose own page had their figure inserted."""
        self._has_theme_shown = False
        """Whether the theme showed a hero on its own page by itself."""

    def connect(self, env: Environment) -> None:
        """Let an environment's templates include ours; its pages show heroes unless the site wants none shown."""
        self._env = self._env or env
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
            self.plan = show_in_fields(articles, pairs, self._settings)
            self.constants = self.plan.default_pictures(str(self._values["SITEURL"]))
        self._by_number = [item for item in self._shown.values() if item.is_inserted][: tokens.LIMIT]
        for number, item in enumerate(self._by_number):
            self._mark(item, tokens.token(number))

    # Called by templates ------------------------------------------------------------------------------------------

    def figure(self, content: object, siteurl: str, output_file: str = "") -> Markup:
        """The figure of an article or page, for a page that calls the site ``siteurl``; empty where it has no hero."""
        item = self._shown.get(id(content))
        if item is None or self._env is None:
            return Markup()
        loading = LAZY if output_file == self._figured_page else HIGH
        self._figured_page = output_file
        return self._figure(self._env, item, siteurl, loading)

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
            self._note_own_page(page.own, text, body=body, has_place=page.own in shown)
            if preview := self._preview(page.own, page.siteurl):
                finished = add_previews(finished, preview)
        self.on_text(finished)
        return finished

    def _note_own_page(self, item: Shown, text: str, *, body: int, has_place: bool) -> None:
        """Remember who shows a hero on its own page: the theme, a figure of ours, or nobody."""
        if shows(text, item.names, body=body):
            self._has_theme_shown = True
        elif has_place:
            self._inserted.add(item)
        elif item.is_inserted:
            self._unshown[item] = None

    def end_page(self) -> None:
        """The page is rendered, or failed."""
        self._page = None

    # Called at the end ---------------------------------------------------------------------------------------------

    def fill_feed(self, feed: Any) -> None:
        """Give the items of a feedgenerator's feed their heroes, where the site has an absolute address."""
        siteurl = self._absolute(self._values["SITEURL"]) or self._absolute(self._values.get("FEED_DOMAIN"))
        if self._settings.show == "never" or not siteurl:
            return
        for entry in feed.items:
            if (item := self._by_link.get(feeds.by_link(entry))) and item.is_shown:
                feeds.enclose(entry, item.hero, siteurl)
                self.on_text(item.hero.url)
                if item.is_inserted and self._env:
                    feeds.show(entry, item.hero, self._figure(self._env, item, siteurl, UNSAID))

    def summary(self) -> str:
        """How heroes were shown, for the user; empty where none was to be."""
        if not any(item.is_shown for item in self._shown.values()) or self._settings.show == "never":
            return ""
        ways = []
        if fields := self.plan.names("page"):
            ways.append(f"shown by the theme's {_and(fields)} field")
        elif self._has_theme_shown:
            ways.append("shown by the theme's own templates")
        if fields := self.plan.names("lists"):
            ways.append(f"shown in lists by its {_and(fields)} field")
        if self._inserted:
            ways.append("inserted above the text of articles")
        return f"heroes: {', '.join(ways) or 'not shown on any article page'}"

    def previews(self) -> str:
        """Whether other sites' previews of a page have its hero, for the user."""
        return "previews added" if self._absolute(self._values["SITEURL"]) else "no previews without SITEURL"

    def unshown(self) -> str:
        """A line that names the posts whose own page shows no hero, though it was to; empty where there are none."""
        sources = [str(item.content.get_relative_source_path()) for item in self._unshown]
        named = ", ".join(sources[:_MOST_NAMED])
        more = f" and {len(sources) - _MOST_NAMED} more" if len(sources) > _MOST_NAMED else ""
        place = "its page" if len(sources) == 1 else "their pages"
        text = f"heroes: {len(sources)} not shown on {place}, whose template prints neither hero nor content: "
        return f"{text}{named}{more}" if sources else ""

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

    def _figure(self, env: Environment, item: Shown, siteurl: str, loading: Markup) -> Markup:
        """The figure, kept: rendering it is most of what a page costs."""
        key = item, siteurl, loading
        if key not in self._figures:
            inline_style = self._settings.inline_style and loading != UNSAID  # feeds have their readers' style
            self._figures[key] = render_figure(env, item.hero, siteurl, loading=loading, inline_style=inline_style)
        return self._figures[key]

    def _page_for_tokens(self) -> Page | None:
        return None if self._is_paused else self._page

    def _preview(self, item: Shown, siteurl: str) -> Preview | None:
        base = self._absolute(siteurl) or self._absolute(self._values["SITEURL"])
        if not base:
            return None
        picture = item.hero.preview
        article = {}
        if isinstance(item.content, Article):
            url = f"{base}/{item.content.url}"
            article = {"@context": "https://schema.org", "@type": "BlogPosting", "headline": item.title}
            article |= {"url": url, "mainEntityOfPage": url, "datePublished": item.content.date.isoformat()}

        def is_ours(address: str) -> bool:
            return any(name in address for name in item.names)

        def is_replaceable(address: str) -> bool:
            whole = base + address.removeprefix(siteurl) if siteurl and address.startswith(siteurl) else address
            return not address or is_ours(address) or not self.constants.isdisjoint((address, whole))

        return Preview(
            address=absolute_address(picture, base),
            is_ours=is_ours,
            is_replaceable=is_replaceable,
            alt=item.hero.alt.unescape() or item.title,
            width=picture.width,
            height=picture.height,
            mime=picture.mime,
            article=article,
        )

    def _absolute(self, siteurl: object) -> str:
        """The address of the site where it has scheme and host; else empty."""
        return str(siteurl).rstrip("/") if _ABSOLUTE.match(str(siteurl or "")) else ""

    @cached_property
    def _by_link(self) -> dict[str, Shown]:
        return {feeds.link_of(item.content, self._values): item for item in self._shown.values()}


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
