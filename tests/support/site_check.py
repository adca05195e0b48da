"""What is wrong with a built site: heroes that are not seen once, previews and addresses that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from pelican_falhero.doctor.built.feed import read_items
from pelican_falhero.doctor.built.page import read_page

_LEFT_OVER = re.compile("[\x80-\x84\x86-\x9f]|\\\\u0090|%c2%90|&#(?:x90|144);", re.IGNORECASE)


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
        if (seen := page.times_seen([shows.hero])) != 1:
            yield f"shows {shows.hero} {seen} times"
        images = page.metas.get("og:image", [])
        if len(images) != 1 or not self.is_public(images[0], preview):
            yield f"og:image: {images}"
        if (cards := page.metas.get("twitter:card", [])) != ["summary_large_image"]:
            yield f"twitter:card: {cards}"
        named = page.images_told()
        if shows.is_article and not (named and all(self.is_public(image, preview) for image in named)):
            yield f"JSON-LD: {page.json_ld}"

    def problems_of_feed(self, text: str, by_link: Mapping[str, Shows]) -> Iterator[str]:
        """What is wrong with the items of articles that have a hero; ``by_link`` tells them."""
        for item in read_items(text):
            if item.link not in by_link:
                continue
            hero = by_link[item.link].hero
            preview = by_link[item.link].preview or hero
            urls = [enclosure.url for enclosure in item.enclosures]
            if len(urls) != 1 or not self.is_public(urls[0], preview):
                yield f"{item.link}: enclosures {urls}"
            elif (file := self.file(urls[0])) and item.enclosures[0].length != str(file.stat().st_size):
                yield f"{item.link}: an enclosure of {item.enclosures[0].length} bytes"
            if [text.times_seen([hero]) for text in item.texts if text.pictures] != [1]:
                yield f"{item.link}: its text does not show {hero} once"
            yield from (
                f"{item.link}: {url}" for text in item.texts for url in text.pictures if not self.is_public(url, "")
            )
