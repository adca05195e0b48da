"""Rendering pages of a site before their time, without a trace."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment
from pelican.contents import Content, Page
from pelican.generators import ArticlesGenerator
from pelican.paginator import Paginator

from .addresses import SENTINEL

_FEW = 5


class TrialRenderer:
    """Renders as Pelican's writer does, for a SITEURL of ``SENTINEL``; whatever a template raises gets through."""

    def __init__(self, generator: ArticlesGenerator) -> None:
        """``generator`` has a complete context."""
        self._generator = generator
        self._settings = generator.settings
        self._has_sites_by_language = "I18N_SUBSITES" in generator.settings
        self._env: Environment = generator.env
        if self._has_sites_by_language and "gettext" not in self._env.globals:
            self._env = _with_gettext(self._env)

    def page(self, content: Any) -> str:
        """The page of an article or page."""
        context = self._context(content.save_as)
        if isinstance(content, Page):
            context |= {"page": content}
        else:
            context |= {"article": content, "category": getattr(content, "category", None), "blog": True}
        context |= {"override_output": False, "url": content.url}
        return self._render(content.template, context)

    def list_of(self, article: Any, *, template: str) -> str:
        """A list of one article, by ``index`` or ``category``."""
        address = f"{template}.html"
        context = self._context(address)
        context |= {"blog": True, "template_name": template, "page_name": template, "url": address}
        if template == "category":
            context |= {"category": article.category, "all_articles": context["articles"]}
        per_page = self._settings["PAGINATED_TEMPLATES"].get(template) or self._settings["DEFAULT_PAGINATION"]
        for order in ("articles", "dates"):
            paginator = Paginator(address, address, [article], self._settings, per_page)
            context |= {
                order: [article],
                f"{order}_paginator": paginator,
                f"{order}_page": paginator.page(1),
                f"{order}_previous_page": None,
                f"{order}_next_page": None,
            }
        return self._render(template, context)

    def _context(self, output_file: str) -> dict[str, Any]:
        context = dict(self._generator.context)
        if self._has_sites_by_language:
            # Only known when the sites of all languages have been read.
            sites: dict[str, Any] = {"main_lang": "", "main_siteurl": SENTINEL, "relpath_to_site": lambda *_: ""}
            context = sites | {"lang_siteurls": {}, "extra_siteurls": {}} | context
        context |= {"SITEURL": SENTINEL, "localsiteurl": SENTINEL, "output_file": output_file}
        # Sidebars that name every article of a large site would take their time.
        return context | {name: list(context.get(name) or ())[:_FEW] for name in ("articles", "dates")}

    def _render(self, name: str, context: dict[str, Any]) -> str:
        template = self._env.select_template([name + suffix for suffix in self._settings["TEMPLATE_EXTENSIONS"]])
        # Not render, which is where finished pages are worked on.
        return "".join(template.generate(context))


def _with_gettext(env: Environment) -> Environment:
    """A copy that leaves texts as they are: i18n_subsites installs translations when it has read all languages.

    A copy also because templates are compiled according to what is installed, and kept.
    """

    def gettext(message: str, **values: object) -> str:
        return message % values if values else message

    def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
        return gettext(singular if number == 1 else plural, **values)

    copy = env.overlay()
    copy.globals = {**env.globals, "gettext": gettext, "ngettext": ngettext}
    return copy


@contextlib.contextmanager
def without_a_trace() -> Iterator[None]:
    """Let templates read articles without a link being resolved, a text being memoised or anything being logged.

    Otherwise a sidebar of summaries keeps links as they are before Pelican can resolve them, and warns of them.
    """
    methods = (vars(Content)[name] for name in ("get_content", "get_summary"))
    memos = [method for method in methods if hasattr(method, "cache")]  # another plugin may have put others there
    kept = [memo.cache for memo in memos]
    resolve, level = Content._update_content, logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    Content._update_content = lambda self, content, siteurl: content
    for memo in memos:
        memo.cache = dict(memo.cache)
    try:
        yield
    finally:
        for memo, cache in zip(memos, kept, strict=True):
            memo.cache = cache
        Content._update_content = resolve
        logging.disable(level)
