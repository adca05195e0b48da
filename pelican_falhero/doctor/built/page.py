"""A page of a built site: the pictures that it shows, what it tells other sites, and where it links to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html.parser import HTMLParser

from ...presentation.visibility import LAZY, PICTURE_ATTRIBUTES, PICTURE_ELEMENTS

_PICTURE = re.compile(r"\.(?:png|jpe?g|webp|avif|gif|svg)$", re.IGNORECASE)
_CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)""")
_NO_ELEMENTS = frozenset({"noscript", "template", "textarea", "title", "script"})
_JSON_LD = "application/ld+json"


def read_page(text: str) -> Page:
    """The page, or a part of one that begins with ``<body>``."""
    page = Page()
    # Python versions differ in what they make of a marked section; some raise.
    page.feed(text.replace("<![", "<!-["))
    page.close()
    return page


class Page(HTMLParser):
    """What a page has by way of pictures and links."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[str] = []
        """All addresses of pictures, wherever they stand."""
        self.links: list[str] = []
        """The addresses that its readers may follow."""
        self.metas: dict[str, list[str]] = {}
        """Property or name of each meta element to what is told."""
        self.json_ld: list[object] = []
        """What each block says; None for one that is no JSON."""
        self._seen: list[str] = []
        """The addresses that each element loads, together."""
        self._is_body = False
        self._inside = ""
        self._block: str | None = None
        self._alternatives: list[str] | None = None

    def times_seen(self, names: Iterable[str]) -> int:
        """How many elements show a picture with one of these in its address to a reader."""
        wanted = tuple(names)
        return sum(any(name in addresses for name in wanted) for addresses in self._seen)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the element loads or tells."""
        given = {name: value or "" for name, value in attrs}
        self._is_body = self._is_body or tag == "body"
        if tag == "a" and "href" in given:
            self.links.append(given["href"].strip())
        if tag == "meta":
            self.metas.setdefault(given.get("property") or given.get("name", ""), []).append(given.get("content", ""))
        self._block = "" if given.get("type") == _JSON_LD else None
        if tag in _NO_ELEMENTS or tag == "style":
            self._inside = tag
        if tag == "picture":
            self._alternatives = []
        loaded = _loaded(tag, given)
        told = [given.get("href", ""), given.get("content", "") if "image" in str(given.get("property")) else ""]
        self.pictures += [url for url in (*loaded, *told) if _PICTURE.search(url.partition("?")[0])]
        if self._is_body and self._inside not in _NO_ELEMENTS:
            if self._alternatives is None:
                self._seen.append(" ".join(loaded))
            else:
                self._alternatives += loaded

    def handle_endtag(self, tag: str) -> None:
        """Note the end of what shows no elements."""
        if tag == self._inside:
            self._inside = ""
        if tag == "script" and self._block is not None:
            self.json_ld.append(_json(self._block))
            self._block = None
        if tag == "picture" and self._alternatives is not None:
            self._seen.append(" ".join(self._alternatives))
            self._alternatives = None

    def handle_data(self, data: str) -> None:
        """Keep the addresses of a stylesheet, and data."""
        if self._inside == "style":
            urls = _CSS_URL.findall(data)
            self._seen += urls
            self.pictures += [url for url in urls if _PICTURE.search(url)]
        if self._block is not None:
            self._block += data

    def images_told(self) -> list[str]:
        """The pictures of the article that JSON-LD describes; a block that is no JSON has an empty address."""
        return [image for block in self.json_ld for image in _images_of(block)]


def _loaded(tag: str, given: dict[str, str]) -> list[str]:
    """The addresses that an element loads pictures from."""
    loaded = _CSS_URL.findall(given.get("style", ""))
    for name, value in given.items():
        if name == "srcset" or (re.match(LAZY, name) and name.endswith("set")):
            loaded += [part.split()[0] for part in value.split(",") if part.strip()]
        elif (tag in PICTURE_ELEMENTS and name in PICTURE_ATTRIBUTES) or re.match(LAZY, name):
            loaded.append(value.strip())
    return loaded


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _images_of(block: object) -> list[str]:
    if block is None:
        return [""]
    nodes = block if isinstance(block, list) else [block]
    nodes = [part for node in nodes for part in _graph(node)]
    images = (node.get("image", "") for node in nodes if isinstance(node, dict) and "headline" in node)
    return [_address(image) for image in images]


def _graph(node: object) -> list[object]:
    """What a block describes beside each other."""
    graph = node.get("@graph") if isinstance(node, dict) else None
    return graph if isinstance(graph, list) else [node]


def _address(image: object) -> str:
    """The address of what JSON-LD names as an image: a text, an ImageObject, or a list of them."""
    if isinstance(image, list):
        return _address(image[0]) if image else ""
    return str((image.get("url") if isinstance(image, dict) else image) or "")
