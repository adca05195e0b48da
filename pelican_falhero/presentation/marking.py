"""Marking: an article's texts begin with its token while a page is rendered, for templates only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pelican.contents import Content

from .shown import Shown
from .tokens import put_before

if TYPE_CHECKING:
    from .showing import Showing


_NOT_READ = object()


def mark_texts(showing: Showing, item: Shown, mark: str) -> None:
    """Have the texts of ``item`` begin with ``mark`` where pages of ``showing`` are rendered; elsewhere as ever.

    Pelican memoises both methods on the class; what is put on the object hides them.
    """
    content = item.content
    content.get_content = _ContentWithToken(showing, item, mark, vars(content).get("get_content"))
    content.get_summary = _SummaryWithToken(showing, item, mark, vars(content).get("get_summary"))


class _WithToken:
    """One of an article's methods that give a text: it begins with the token when it is read for a page.

    It remembers its last text, as Pelican does, but that takes longer, and has four more objects for each article.
    """

    __slots__ = ("_item", "_mark", "_marked", "_method", "_showing", "_siteurl", "_text")

    name: str

    def __init__(self, showing: Showing, item: Shown, mark: str, method: Callable[[str], str] | None) -> None:
        """``method`` is what another plugin has put on the article; without it, its class has one."""
        self._showing = showing
        self._item = item
        self._mark = mark
        self._method = method
        self._siteurl: object = _NOT_READ
        self._text = self._marked = ""

    def _read(self, siteurl: str) -> None:
        content = self._item.content
        method = self._method or self._showing.method_of(content.__class__, self.name).__get__(
            content, content.__class__
        )
        self._text = method(siteurl) or ""
        self._siteurl = siteurl


class _ContentWithToken(_WithToken):
    """On its own page, and on pages that are about no article."""

    __slots__ = ()
    name = "get_content"

    def __call__(self, siteurl: str) -> str:
        if siteurl != self._siteurl:
            self._read(siteurl)
        page = self._showing.page
        if page is None or self._showing.is_paused:
            return self._text
        if page.own is self._item or (self._text and not page.is_article):
            page.has_tokens = True
            return put_before(self._text, self._mark)
        return self._text


class _SummaryWithToken(_WithToken):
    """On pages that are about no article, but for its own page."""

    __slots__ = ()
    name = "get_summary"

    def __call__(self, siteurl: str) -> str:
        if siteurl != self._siteurl:
            self._read(siteurl)
        page = self._showing.page
        if page is None or self._showing.is_paused or page.is_article or page.own is self._item:
            return self._text
        page.has_tokens = True
        return self._marked

    def _read(self, siteurl: str) -> None:
        showing = self._showing
        was_paused, showing.is_paused = showing.is_paused, True  # it reads the content, and is remembered
        try:
            super()._read(siteurl)
        finally:
            showing.is_paused = was_paused
        self._marked = put_before(self._text, self._mark) if self._text else ""


def method_of(kind: type[Content], name: str) -> Any:
    """A class's method as it is defined: what hides it on an object does not matter, and what memoises it is there."""
    return next(vars(base)[name] for base in kind.__mro__ if name in vars(base))
