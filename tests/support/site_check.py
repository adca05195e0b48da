"""What is wrong with a built site: heroes that are not seen once, previews and addresses that lead nowhere."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

_PICTURE = re.compile(r"\.(?:png|jpe?g|webp)$", re.IGNORECASE)
_CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)""")
_NO_ELEMENTS = frozenset({"noscript", "template", "textarea", "title", "script"})
_LEFT_OVER = re.compile("[\x80-\x84\x86-\x9f]|\\\\u0090|%c2%90|&#(?:x90|144);", re.IGNORECASE)
_ATOM = "{http://www.w3.org/2005/Atom}"
_TEXTS = ("description", f"{_ATOM}summary", f"{_ATOM}content", "{http://purl.org/rss/1.0/modules/content/}encoded")


@dataclass(frozen=True)
class Shows:
    """What one page is to show."""

    hero: str
    """A part of its file's name that no other picture has."""
    preview: str = ""
    """The same for what other sites are to show; the hero unless given."""
    is_article: bool = True


def problems_of(output: Path, siteurl: str, pages: Mapping[str, Shows]) -> list[str]:
    """What is wrong, a line each.

    Args:
        output: the folder that was built.
        siteurl: where it will be published.
        pages: what is to be seen on which, by their places in the output folder.
    """
    site = _Site(output, siteurl)
    found = [f"{name}: {problem}" for name, shows in pages.items() for problem in site.problems_of_page(name, shows)]
    by_link = {f"{siteurl}/{name}": shows for name, shows in pages.items()}
    for file in sorted(path for path in output.rglob("*") if path.suffix in {".html", ".xml", ".json"}):
        name, text = file.relative_to(output).as_posix(), file.read_text(encoding="utf-8")
        found += [f"{name}: left over: {match[0]!r}" for match in _LEFT_OVER.finditer(text)]
        if file.suffix == ".html":
            found += [f"{name}: {url} is not there" for url in read_page(text).pictures if not site.has(url, name)]
        elif file.suffix == ".xml":
            found += [f"{name}: {problem}" for problem in site.problems_of_feed(text, by_link)]
    return found


class _Site:
    """A folder that was built, as its visitors see it."""

    def __init__(self, output: Path, siteurl: str) -> None:
        self.output = output
        self.siteurl = siteurl

    def file(self, url: str, page: str = "") -> Path | None:
        """What a browser loads for an address on a page; None where that is no file of the site."""
        whole = urljoin(f"{self.siteurl}/{page}", url)
        if not whole.startswith(f"{self.siteurl}/"):
            return None
        file = self.output / unquote(urlsplit(whole).path.removeprefix(f"{urlsplit(self.siteurl).path}/"))
        return file if file.is_file() else None

    def has(self, url: str, page: str = "") -> bool:
        """Whether an address on a page leads to a file of the site."""
        return self.file(url, page) is not None

    def is_public(self, url: str, name: str) -> bool:
        """Whether an address has scheme and host, and leads to a file of that name."""
        return url.startswith(self.siteurl) and name in url and self.has(url)

    def problems_of_page(self, name: str, shows: Shows) -> Iterator[str]:
        """What is wrong with one that has a hero."""
        if not (self.output / name).is_file():
            yield "is not there"
            return
        preview = shows.preview or shows.hero
        page = read_page((self.output / name).read_text(encoding="utf-8"))
        if (seen := page.times_seen(shows.hero)) != 1:
            yield f"shows {shows.hero} {seen} times"
        images = page.metas.get("og:image", [])
        if len(images) != 1 or not self.is_public(images[0], preview):
            yield f"og:image: {images}"
        if (cards := page.metas.get("twitter:card", [])) != ["summary_large_image"]:
            yield f"twitter:card: {cards}"
        named = [image for block in page.json_ld for image in _images_of(block)]
        if shows.is_article and not (named and all(self.is_public(image, preview) for image in named)):
            yield f"JSON-LD: {page.json_ld}"

    def problems_of_feed(self, text: str, by_link: Mapping[str, Shows]) -> Iterator[str]:
        """What is wrong with the items of articles that have a hero; ``by_link`` tells them."""
        root = ET.fromstring(text)
        for item in (*root.iter("item"), *root.iter(f"{_ATOM}entry")):
            links = {link.get("rel", "alternate"): link.get("href", "") for link in item.iter(f"{_ATOM}link")}
            link = (item.findtext("link") or links.get("alternate", "")).partition("?")[0]
            if link not in by_link:
                continue
            hero = by_link[link].hero
            preview = by_link[link].preview or hero
            enclosures = [*item.iter("enclosure")] + [
                a for a in item.iter(f"{_ATOM}link") if a.get("rel") == "enclosure"
            ]
            urls = [enclosure.get("url") or enclosure.get("href") or "" for enclosure in enclosures]
            if len(urls) != 1 or not self.is_public(urls[0], preview):
                yield f"{link}: enclosures {urls}"
            elif (file := self.file(urls[0])) and enclosures[0].get("length") != str(file.stat().st_size):
                yield f"{link}: an enclosure of {enclosures[0].get('length')} bytes"
            texts = [read_page(f"<body>{part.text}") for name in _TEXTS for part in item.iter(name)]
            if [text.times_seen(hero) for text in texts if text.pictures] != [1]:
                yield f"{link}: its text does not show {hero} once"
            yield from (f"{link}: {url}" for text in texts for url in text.pictures if not self.is_public(url, ""))


def read_page(text: str) -> _Page:
    """The page, or a part of one that begins with ``<body>``."""
    page = _Page()
    page.feed(text)
    page.close()
    return page


class _Page(HTMLParser):
    """What a page has by way of pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[str] = []
        """All addresses of pictures, wherever they stand."""
        self.metas: dict[str, list[str]] = {}
        self.json_ld: list[object] = []
        """What each block says; None for one that is no JSON."""
        self._seen: list[str] = []
        """The addresses that each element loads, together."""
        self._is_body = False
        self._inside = ""
        self._block: str | None = None
        self._alternatives: list[str] | None = None

    def times_seen(self, name: str) -> int:
        """How many elements show a picture of this name to a reader."""
        return sum(name in addresses for addresses in self._seen)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the element loads or tells."""
        given = {name: value or "" for name, value in attrs}
        self._is_body = self._is_body or tag == "body"
        if tag == "meta":
            self.metas.setdefault(given.get("property") or given.get("name", ""), []).append(given.get("content", ""))
        self._block = "" if given.get("type") == "application/ld+json" else None
        if tag in _NO_ELEMENTS or tag == "style":
            self._inside = tag
        if tag == "picture":
            self._alternatives = []
        names = ("src", "poster", "data-src") if tag in {"img", "source", "video"} else ()
        loaded = [given[name] for name in names if name in given]
        loaded += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        loaded += _CSS_URL.findall(given.get("style", ""))
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


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _images_of(block: object) -> list[str]:
    """The pictures of an article that JSON-LD describes; one that is no JSON has an empty address."""
    if block is None:
        return [""]
    nodes = block if isinstance(block, list) else [block]
    return [str(node.get("image", "")) for node in nodes if isinstance(node, dict) and "headline" in node]
