"""The picture of an article in a page's JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any

from .markup import TAG_REST

_TYPE = "ld+json"
_PLUS = _TYPE.index("+")
# Not compiled yet, as in markup.
_SCRIPT = rf"(?is)(<script\b{TAG_REST})(.*?)(</script\s*>)"
_ARTICLES = frozenset({"Article", "BlogPosting", "NewsArticle", "TechArticle"})


def as_script(texts: Mapping[str, str]) -> str:
    """A block of JSON-LD for a page's head."""
    # json.dumps makes an encoder each time, which takes longer than all else.
    members = ", ".join([f"{encode_basestring(name)}: {encode_basestring(text)}" for name, text in texts.items()])
    return f'<script type="application/{_TYPE}">{_harmless("{" + members + "}")}</script>'


def with_image(text: str, address: str, is_replaceable: Callable[[str], bool]) -> tuple[str, bool]:
    """The page whose article's block names the picture, and whether there is such a block.

    A picture in it that does not give way stays, and so does a block that is no JSON.
    """
    at = _find_type(text, 0)
    while at >= 0:
        script = re.compile(_SCRIPT).match(text, max(0, text.rfind("<script", 0, at)))
        if script and script.end(1) > at and text.rfind("<!--", 0, at) <= text.rfind("-->", 0, at):
            new, is_article = _filled(script[2], address, is_replaceable)
            if is_article:
                return text[: script.start(2)] + new + text[script.end(2) :], True
            at = script.end()
        at = _find_type(text, at + len(_TYPE))
    return text, False


def _find_type(text: str, start: int) -> int:
    """Where the type of a block stands; -1 if it stands nowhere. One character is found in almost no time."""
    plus = text.find("+", start)
    while plus >= 0 and not text.startswith(_TYPE, plus - _PLUS):
        plus = text.find("+", plus + 1)
    return plus - _PLUS if plus >= 0 else -1


def _filled(raw: str, address: str, is_replaceable: Callable[[str], bool]) -> tuple[str, bool]:
    """A block with the picture in its first article, and whether it has one."""
    try:
        data = json.loads(raw)
    except ValueError:
        return raw, False  # a title with quotes spoils some themes' blocks, and nobody can read those
    article = next((node for node in _nodes(data) if _is_article(node)), None)
    if article is None:
        return raw, False
    image = article.get("image")
    if image == address or not all(map(is_replaceable, _addresses(image))):
        return raw, True
    article["image"] = address
    body = raw.strip()
    start = raw.index(body)
    return raw[:start] + _dumped(data, indent=2 if "\n" in body else None) + raw[start + len(body) :], True


def _nodes(data: object) -> Iterator[dict[str, Any]]:
    """The things that a block describes: one, a list of them, or a graph."""
    if isinstance(data, list):
        for item in data:
            yield from _nodes(item)
    elif isinstance(data, dict):
        yield data
        yield from _nodes(data.get("@graph"))


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(str(kind).rpartition("/")[2] in _ARTICLES for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _addresses(image: object) -> list[str]:
    """The addresses in an article's ``image``: text, an object with a url, or a list of either."""
    if isinstance(image, list):
        return [address for item in image for address in _addresses(item)]
    if isinstance(image, dict):
        return _addresses(image.get("url") or image.get("contentUrl") or image.get("@id"))
    return [str(image or "")]


def _dumped(data: object, *, indent: int | None) -> str:
    """JSON that can't end the script element or begin a comment in it."""
    return _harmless(json.dumps(data, ensure_ascii=False, indent=indent))


def _harmless(text: str) -> str:
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")
