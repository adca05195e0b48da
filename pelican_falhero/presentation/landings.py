"""Where on a finished page a marker landed, and with what in front of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from html.parser import HTMLParser

MARKER = "falhero-probe.png"
"""What a field holds while the theme is probed: a name that a template takes for a picture's."""


class Kind(Enum):
    """What a page uses an address for."""

    PICTURE = "picture"
    """A reader sees it: an image in the body, or a background."""
    PREVIEW = "preview"
    """Other sites see it: og:image and the like, JSON-LD."""
    LINK = "link"
    """A reader may follow it."""
    TEXT = "text"
    """A reader reads it."""
    FAILURE = "failure"
    """The template raises."""
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Landing:
    """One place where the marker stands."""

    kind: Kind
    element: int
    """The element's number on the page; all of a ``<picture>`` have that of the picture."""
    prefix: str | None
    """What stands in front of the field in the address; None where field and address are otherwise related."""


FAILED = Landing(kind=Kind.FAILURE, element=0, prefix=None)

_IMAGES = frozenset({"img", "source", "video", "image", "amp-img"})
_ONE_ADDRESS = frozenset({"src", "poster", "href", "xlink:href", "data-src", "data-original", "data-lazy-src"})
_SEVERAL = frozenset({"srcset", "data-srcset", "data-lazy-srcset"})
_PREVIEWS = re.compile(r"(?:og|twitter):image(?::src|:url|:secure_url)?|image|thumbnail(?:url)?", re.IGNORECASE)
_IN_CSS = re.compile(rf"""url\(\s*["']?([^"')]*{re.escape(MARKER)}[^"')]*)""", re.IGNORECASE)
_IMAGE_IN_JSON = re.compile(r'"image"\s*:\s*(?:\{[^{}]*?"url"\s*:\s*)?"([^"]+)"')
_IN_JSON = re.compile(rf'"([^"]*{re.escape(MARKER)}[^"]*)"')
_IN_SET = re.compile(rf"[^\s,]*{re.escape(MARKER)}[^\s,]*")
_UNSEEN = frozenset({"noscript", "template"})


def find_landings(page: str) -> tuple[Landing, ...]:
    """All places of the marker on an HTML page, in their order; those in comments are none."""
    return tuple(_read(page).landings) if MARKER in page else ()


def preview_addresses(page: str) -> frozenset[str]:
    """What an HTML page's meta elements and JSON-LD name as its picture, as they name it."""
    return frozenset(_read(page).previews)


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader


class _Reader(HTMLParser):
    """Notes the landings of a page, and the pictures that its meta elements name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.landings: list[Landing] = []
        self.previews: list[str] = []
        self._element = 0
        self._picture = 0
        self._unseen = 0
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._element += 1
        values = {name: value or "" for name, value in attrs}
        if tag == "picture":
            self._picture = self._element
        elif tag in _UNSEEN:
            self._unseen += 1
        elif tag in ("script", "style"):
            self._raw = "json" if values.get("type", "").strip().lower() == "application/ld+json" else tag
        is_preview = tag == "meta" and any(
            _PREVIEWS.fullmatch(values.get(key, "").strip()) for key in ("property", "name", "itemprop")
        )
        if is_preview and (named := values.get("content", "").strip()):
            self.previews.append(named)
        for name, value in values.items():
            if MARKER in value:
                self._note_attribute(tag, name, value, is_preview=is_preview)

    def handle_endtag(self, tag: str) -> None:
        if tag == "picture":
            self._picture = 0
        elif tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in ("script", "style"):
            self._raw = ""

    def handle_data(self, data: str) -> None:
        if self._raw == "json":
            self.previews += _IMAGE_IN_JSON.findall(data.replace("\\/", "/"))
        if MARKER not in data:
            return
        if self._raw == "style":
            self._note(Kind.PICTURE, _IN_CSS.findall(data))
        elif self._raw == "json":
            self._note(Kind.PREVIEW, _IN_JSON.findall(data.replace("\\/", "/")))
        elif not self._raw:
            self._note(Kind.TEXT, [data])

    def _note_attribute(self, tag: str, name: str, value: str, *, is_preview: bool) -> None:
        if name == "style":
            self._note(Kind.PICTURE, _IN_CSS.findall(value))
        elif tag in _IMAGES and name in _ONE_ADDRESS:
            self._note(Kind.PICTURE, [value])
        elif tag in _IMAGES and name in _SEVERAL:
            self._note(Kind.PICTURE, _IN_SET.findall(value))
        elif tag == "meta":
            self._note(Kind.PREVIEW if is_preview else Kind.OTHER, [value])
        elif tag == "a" and name == "href" and "?" not in value.partition(MARKER)[0]:  # not one to share it
            self._note(Kind.LINK, [value])
        else:
            self._note(Kind.OTHER, [value])

    def _note(self, kind: Kind, addresses: list[str]) -> None:
        if self._unseen:
            kind = Kind.OTHER
        for address in addresses:
            landing = Landing(kind=kind, element=self._picture or self._element, prefix=_prefix(address.strip()))
            self.landings.append(landing)


def _prefix(address: str) -> str | None:
    before, _, after = address.partition(MARKER)
    if (after and after[0] not in "?#") or "?" in before or re.search(r"\s", before):
        return None
    # One that is relative to the page can't be right on pages of every depth.
    return before if not before or before.startswith("/") or ":" in before else None
