"""Marking: an article's texts begin with its token while a page is rendered, for templates only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .shown import Shown
from .tokens import put_before

if TYPE_CHECKING:
    from .showing import Showing


def mark_texts(showing: Showing, item: Shown, mark: str) -> None:
    """Have the texts of ``item`` begin with ``mark`` where pages of ``showing`` are rendered; elsewhere as ever.

    Pelican memoises both methods on the class; what is put on the object hides them.
    """
    content = item.content
    content.get_content = _ContentWithToken(showing, item, mark, content.get_content)
    content.get_summary = _SummaryWithToken(showing, item, mark, content.get_summary)


class _WithToken:
    """One of an article's methods that give a text: it begins with the token when it is read for a page."""

    __slots__ = ("_item", "_mark", "_method", "_showing", "_texts")

    def __init__(self, showing: Showing, item: Shown, mark: str, method: Callable[[str], str]) -> None:
        self._showing = showing
        self._item = item
        self._mark = mark
        self._method = method
        self._texts: dict[str, str] = {}
        """What Pelican would look up too, but this is faster."""


class _ContentWithToken(_WithToken):
    """On its own page, and on pages that are about no article."""

    __slots__ = ()

    def __call__(self, siteurl: str) -> str:
        text = self._texts.get(siteurl)
        if text is None:
            text = self._texts[siteurl] = self._method(siteurl)
        page = self._showing.page
        if page is None or self._showing.is_paused:
            return text
        if page.own is self._item or (text and not page.is_article):
            page.has_tokens = True
            return put_before(text or "", self._mark)
        return text


class _SummaryWithToken(_WithToken):
    """On pages that are about no article, but for its own page."""

    __slots__ = ("_marked",)

    def __init__(self, showing: Showing, item: Shown, mark: str, method: Callable[[str], str]) -> None:
        super().__init__(showing, item, mark, method)
        self._marked: dict[str, str] = {}

    def __call__(self, siteurl: str) -> str:
        if siteurl not in self._texts:
            self._read(siteurl)
        page = self._showing.page
        if page is None or self._showing.is_paused or page.is_article or page.own is self._item:
            return self._texts[siteurl]
        page.has_tokens = True
        return self._marked[siteurl]

    def _read(self, siteurl: str) -> None:
        showing = self._showing
        was_paused, showing.is_paused = showing.is_paused, True  # it reads the content, and is remembered
        try:
            text = self._method(siteurl)
        finally:
            showing.is_paused = was_paused
        self._texts[siteurl] = text
        self._marked[siteurl] = put_before(text, self._mark) if text else text
