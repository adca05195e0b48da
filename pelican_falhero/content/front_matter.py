"""Read posts with front matter, of any site generator, with python-frontmatter's handlers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frontmatter.default_handlers import BaseHandler

from .front_matter_limits import LimitedYamlHandler, check_size, check_values, load_toml
from .site import SiteError

SUFFIXES = (".md", ".markdown", ".mdx", ".mkd", ".html", ".njk", ".adoc", ".rst")


class FrontMatterError(SiteError):
    """A post can't be read; the text names the file."""


class _TomlHandler(BaseHandler):
    """TOML between ``+++`` lines, read by the standard library; python-frontmatter's handler needs another package."""

    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)

    def load(self, fm: str, **_: object) -> dict[str, Any]:
        return load_toml(fm)


class _JsonHandler(BaseHandler):
    """A JSON object before the text, as in Hugo; python-frontmatter's handler ends it at the first brace on a line."""

    FM_BOUNDARY = re.compile(r'\{\s*["}]')

    def split(self, text: str) -> tuple[str, str]:
        _, end = json.JSONDecoder().raw_decode(text)
        return text[:end], text[end:]

    def load(self, fm: str, **_: object) -> Any:
        return json.loads(fm)


class _FencedJsonHandler(BaseHandler):
    """JSON between ``---json`` and ``---``, as in Eleventy."""

    FM_BOUNDARY = re.compile(r"^---(?:json)?\s*$", re.MULTILINE)

    def detect(self, text: str) -> bool:
        return text.startswith("---json")

    def load(self, fm: str, **_: object) -> Any:
        return json.loads(fm)


_HANDLERS: Mapping[str, BaseHandler] = {
    "json": _JsonHandler(),
    "toml": _TomlHandler(),
    "fenced json": _FencedJsonHandler(),
    "yaml": LimitedYamlHandler(),
}


_FENCES = {kind: handler.FM_BOUNDARY for kind, handler in _HANDLERS.items() if handler.FM_BOUNDARY}


@dataclass(frozen=True)
class Document:
    """A post: its fields as they are in the file, with names in upper or lower case, and its text."""

    metadata: Mapping[str, Any]
    body: str
    kind: str
    """Format of the front matter: ``yaml``, ``toml``, ``json`` or ``fenced json``; empty if there is none."""

    def lower_case_fields(self) -> dict[str, Any]:
        """Return the fields with their names in lower case."""
        return {str(name).lower(): value for name, value in self.metadata.items()}


def read_document(path: Path) -> Document:
    """Read the post in a file.

    Raises:
        FrontMatterError: the file can't be read, is not text, or its front matter is invalid.
    """
    return parse(read_data(path), path)


def read_data(path: Path) -> bytes:
    """Read the bytes of a post.

    Raises:
        FrontMatterError: the file can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise FrontMatterError(f"{path} can't be read: {error.strerror}") from error


def parse(data: bytes, path: Path) -> Document:
    """Parse the bytes of a post; ``path`` is only used in messages.

    Raises:
        FrontMatterError: the bytes are not text in UTF-8, or the front matter is invalid.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FrontMatterError(f"{path} is not text in UTF-8") from error
    if "\0" in text:
        raise FrontMatterError(f"{path} is not text")
    text = text.replace("\r\n", "\n")
    kind = next((kind for kind, handler in _HANDLERS.items() if handler.detect(text)), "")
    if not kind:
        return Document({}, text, "")
    handler = _HANDLERS[kind]
    try:
        front_matter, body = handler.split(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _unreadable(path, error) from error
    except ValueError as error:
        raise FrontMatterError(f"{path}: its front matter has no end; add the closing line") from error
    try:
        check_size(front_matter)
        metadata = handler.load(front_matter)
        check_values(metadata)
    except Exception as error:  # each of the parsers has its own errors
        raise _unreadable(path, error) from error
    if not isinstance(metadata, dict | None):
        raise FrontMatterError(f"{path}: its front matter is not a list of fields such as title")
    return Document(metadata or {}, body, kind)


def front_matter_span(text: str, kind: str) -> tuple[int, int]:
    """Return start and end of the front matter in a post that has been parsed, without its fences.

    Args:
        text: the post as it is in its file, byte order mark and line ends included.
        kind: the format that ``parse`` has found.
    """
    if kind == "json":
        start = text.index("{")
        return start, json.JSONDecoder().raw_decode(text, start)[1]
    start = text.index("\n") + 1
    return start, next(_FENCES[kind].finditer(text, start)).start()


def _unreadable(path: Path, error: Exception) -> FrontMatterError:
    return FrontMatterError(f"{path}: its front matter can't be read: {' '.join(str(error).split())}")
