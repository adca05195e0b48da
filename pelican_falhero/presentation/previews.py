"""What other sites show of a page: ``og:image``, Twitter's tags and JSON-LD, put right in the finished page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from markupsafe import escape

from .json_ld import as_script, with_image
from .markup import COMMENT, TAG_REST, Attribute, attributes, body_start

# Not compiled yet, as in markup.
_HEAD = (
    rf"(?is){COMMENT}|<(?P<raw>script|style|title|noscript|template)\b{TAG_REST}.*?</(?P=raw)\s*>"
    rf"|(?P<meta><meta\b{TAG_REST})"
)
_OPEN_GRAPH = "og:image"
_TWITTER = frozenset({"twitter:image", "twitter:image:src"})
_TWITTER_ALT = "twitter:image:alt"
_CARD = "twitter:card"
_LARGE = "summary_large_image"
_OTHER_CARDS = frozenset({"player", "app"})


class Preview(NamedTuple):
    """What previews of one page are to show."""

    address: str
    """Of the picture, with scheme and host."""
    is_replaceable: Callable[[str], bool]
    """Whether an address gives way to ours: it is ours in another form, or one that the site has on every page."""
    is_ours: Callable[[str], bool]
    """Whether an address names our picture in whatever form."""
    alt: str = ""
    width: int | str = ""
    height: int | str = ""
    mime: str = ""
    article: Mapping[str, Any] = MappingProxyType({})
    """What JSON-LD is to say of the article where a page has none; empty for what is no article."""


class _Meta(NamedTuple):
    """A meta tag of the head."""

    text: str
    start: int
    end: int
    name: str
    content: Attribute | None

    @property
    def value(self) -> str:
        return self.content.value.strip() if self.content else ""


def preview_tags(preview: Preview) -> str:
    """All tags for a head that has none of them, each on its line."""
    return "\n".join([_picture_tags(preview), _CARD_TAG, *_script(preview)])


def add_previews(text: str, preview: Preview, *, body: int) -> str:
    """The page with exactly one of each tag; an address that its author chose is kept.

    ``body`` is where the head ends and the body begins.
    """
    has_article = True
    if preview.article:
        filled, has_article = with_image(text, preview.address, preview.is_replaceable)
        if filled is not text:
            text, body = filled, body_start(filled)
    metas = _read_head(text[:body])
    pictures = [meta for meta in metas if meta.name == _OPEN_GRAPH]
    added: list[str] = []
    if pictures and not all(preview.is_replaceable(meta.value) for meta in pictures):
        edits = [(meta, "") for meta in pictures if preview.is_ours(meta.value)]
    else:
        edits, added = _ours(metas, preview)
    if not has_article:
        added += _script(preview)
    return _edited(text, edits, body, added)


def _read_head(head: str) -> list[_Meta]:
    """The head's meta tags that are about pictures."""
    metas: list[_Meta] = []
    if "image" not in head and _CARD not in head:
        return metas
    for found in re.finditer(_HEAD, head):
        if found["meta"] and ("image" in found[0] or _CARD in found[0]):
            given = attributes(found[0])
            name = given.get("property") or given.get("name")
            metas.append(
                _Meta(found[0], *found.span(), name.value.strip().lower() if name else "", given.get("content"))
            )
    return metas


def _ours(metas: list[_Meta], preview: Preview) -> tuple[list[tuple[_Meta, str]], list[str]]:
    """What becomes of each tag where the page's picture is ours, and what is to be added."""
    edits: list[tuple[_Meta, str]] = []
    added = [_picture_tags(preview)]
    has_card = False
    for meta in metas:
        new = meta.text
        if meta.name == _OPEN_GRAPH:
            new = f"{_set(meta, preview.address)}{_details(preview)}" if added else ""
            added = []
        elif meta.name.startswith(f"{_OPEN_GRAPH}:"):
            new = ""
        elif meta.name in _TWITTER and preview.is_replaceable(meta.value):
            new = _set(meta, preview.address)
        elif meta.name == _TWITTER_ALT:
            new = _set(meta, preview.alt)
        elif meta.name == _CARD:
            has_card = True
            new = meta.text if meta.value.lower() in _OTHER_CARDS else _set(meta, _LARGE)
        edits.append((meta, new))
    return edits, added if has_card else [*added, _CARD_TAG]


def _edited(text: str, edits: list[tuple[_Meta, str]], end: int, added: list[str]) -> str:
    parts, kept = [], 0
    for meta, new in edits:
        before = text[kept : meta.start]
        # A tag that goes takes the line break before it with it.
        parts += [before if new else before.rstrip(), new]
        kept = meta.end
    indented = text[kept:end]
    line = len(indented.rstrip(" \t"))
    return "".join([*parts, indented[:line], *(f"{tag}\n" for tag in added), indented[line:], text[end:]])


def _set(meta: _Meta, value: str) -> str:
    """The tag with this content, and all else as it is."""
    if meta.value == value:
        return meta.text
    written = f'content="{escape(value)}"'
    if meta.content:
        return meta.text[: meta.content.start] + written + meta.text[meta.content.end :]
    close = len(meta.text) - (2 if meta.text.endswith("/>") else 1)
    return f"{meta.text[:close].rstrip()} {written}{meta.text[close:]}"


def _tag(kind: str, name: str, value: object) -> str:
    return f'<meta {kind}="{name}" content="{escape(value)}">'


_CARD_TAG = _tag("name", _CARD, _LARGE)


def _picture_tags(preview: Preview) -> str:
    return _tag("property", _OPEN_GRAPH, preview.address) + _details(preview)


def _details(preview: Preview) -> str:
    """Lines that follow the picture's own."""
    shape = _shape(preview.width, preview.height, preview.mime)
    return f"{shape}\n{_tag('property', f'{_OPEN_GRAPH}:alt', preview.alt)}" if preview.alt else shape


@lru_cache
def _shape(width: int | str, height: int | str, mime: str) -> str:
    """What most pictures of a site have in common."""
    values = {"width": width, "height": height, "type": mime}
    return "".join([f"\n{_tag('property', f'{_OPEN_GRAPH}:{name}', value)}" for name, value in values.items() if value])


def _script(preview: Preview) -> list[str]:
    return [as_script({**preview.article, "image": preview.address})] if preview.article else []
