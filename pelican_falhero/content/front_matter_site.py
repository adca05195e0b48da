"""Reads a site without Pelican: settings from pyproject.toml, posts from their front matter."""

from __future__ import annotations

import datetime
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import PostError, SettingsError
from ..settings import STATE_DIR, Settings, read_settings
from ..text import plain_text
from .front_matter import SUFFIXES, Document, FrontMatterError, read_document
from .post import (
    OPT_OUT,
    Post,
    hero_field,
    metadata_text,
    read_overrides,
)
from .site import OpenSite

EXCERPT_FIELDS = ("excerpt", "description", "summary")
"""Where a post tells of itself, the first that is filled."""

_OURS = re.compile(r"(?:^|/)hero-[0-9a-f]{12}\.\w+$")
"""A hero of ours in a post's own field, as ``--write hero`` leaves it there."""


def read_front_matter_site(root: Path, paths: Sequence[Path] = (), *, content: Path | None = None) -> OpenSite:
    """The site in a folder.

    Args:
        root: the folder, see ``sites.find_root``.
        paths: posts, or folders of posts, beside those that ``content`` in ``[tool.falhero]`` names.
        content: a folder to read posts from instead of the root, with the same relative paths.

    Raises:
        SettingsError: ``[tool.falhero]`` can't be used.
    """
    settings, folders = front_matter_settings(root)
    base = content or root
    named = {path.resolve() for path in paths}
    posts: list[Post] = []
    unreadable: dict[Path, str] = {}
    for file in dict.fromkeys(_files([*(base / folder for folder in folders), *named])):
        source = Path(os.path.relpath(file, base)).as_posix()
        try:
            post = _read_post(file, source, root, settings)
        except FrontMatterError as error:
            unreadable[root / source] = str(error)
            continue
        if post:
            posts.append(post)
        elif file in named:
            unreadable[root / source] = f"{file} has no title in its front matter"
    return OpenSite(
        root=root, settings=settings, posts=tuple(posts), unreadable=unreadable, has_all_posts=bool(folders)
    )


def front_matter_settings(root: Path) -> tuple[Settings, list[str]]:
    """The settings of ``[tool.falhero]``, and the folders of posts that it names as ``content``.

    Raises:
        SettingsError: they can't be used.
    """
    table, folders = read_table(root)
    try:
        return read_settings(table, root=root, prefix=""), folders
    except SettingsError as error:
        raise SettingsError(f"{root / 'pyproject.toml'}: [tool.falhero] {error}") from error


def post_of(document: Document, source: str, settings: Settings, root: Path) -> Post | None:
    """What a post's hero is for; None when it has no title.

    Raises:
        PostError: its own hero fields can't be used.
    """
    metadata = document.lower()
    title = plain_text(metadata_text(metadata.get("title")))
    if not title:
        return None
    excerpt = next((metadata_text(metadata[name]) for name in EXCERPT_FIELDS if metadata_text(metadata.get(name))), "")
    return Post(
        title=title,
        source=source,
        date=_date(metadata.get("date") or metadata.get("pubdate")),
        lang=metadata_text(metadata.get("lang")),
        category=_first(metadata, "category", "categories"),
        tags=tuple(_several(metadata.get("tags"))),
        overrides=read_overrides(metadata, source=source, root=root),
        excerpt_markup=excerpt or _html(document.body),
    )


def read_table(root: Path) -> tuple[dict[str, Any], list[str]]:
    """``[tool.falhero]``, and the folders of posts that it names as ``content``.

    Raises:
        SettingsError: the file can't be read, or ``content`` can't be used.
    """
    file = root / "pyproject.toml"
    try:
        whole = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} can't be read: {error}") from error
    table = dict(whole.get("tool", {}).get("falhero", {}))
    content = table.pop("content", [])
    folders = [content.strip("/")] if isinstance(content, str) else content
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise SettingsError(f"{file}: [tool.falhero] content must be a folder of posts, or a list of them")
    for folder in folders:
        if not (root / folder).is_dir():
            raise SettingsError(f"{file}: [tool.falhero] content names {folder}, and there is no such folder")
    return table, folders


def _files(places: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for place in places:
        if place.is_file():
            found.append(place)
            continue
        for folder, folders, names in os.walk(place.resolve()):
            folders[:] = sorted(name for name in folders if name not in (STATE_DIR, ".git", "node_modules"))
            found += [Path(folder, name) for name in sorted(names) if name.endswith(SUFFIXES)]
    return found


def _read_post(file: Path, source: str, root: Path, settings: Settings) -> Post | None:
    """The post in a file; None where there is none, for it has no title.

    Raises:
        FrontMatterError: the file can't be read.
    """
    document = read_document(file)
    metadata = document.lower()
    path = root / source
    hero = hero_field(metadata)
    if hero in OPT_OUT:
        return Post(path=path, source=source, wanted=False, reason=f"says hero: {hero}")
    if hero and not _OURS.search(hero):
        # Only the site's own generator understands the path.
        return Post(path=path, source=source, wanted=False, reason=f"has a picture of its own ({hero})")
    try:
        post = post_of(document, source, settings, root)
    except PostError as error:
        return Post(path=path, source=source, wanted=not _is_draft(metadata), problem=str(error))
    if post is None:
        return None
    return replace(post, path=path, wanted=not _is_draft(metadata) and _is_recent(post, settings))


def _is_draft(metadata: Mapping[str, Any]) -> bool:
    return (
        metadata.get("draft") is True
        or metadata.get("published") is False
        or metadata_text(metadata.get("status")) == "draft"
    )


def _is_recent(post: Post, settings: Settings) -> bool:
    return settings.since is None or post.date is None or post.date.date() >= settings.since


def _date(value: object) -> datetime.datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime.datetime):
        return value
    return datetime.datetime.combine(value, datetime.time()) if isinstance(value, datetime.date) else None


def _first(metadata: Mapping[str, Any], *names: str) -> str:
    return next((values[0] for name in names if (values := _several(metadata.get(name)))), "")


def _several(value: object) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [metadata_text(part) for part in value] if isinstance(value, list | tuple) else []


def _html(markdown: str) -> str:
    """The beginning of a Markdown text as HTML, with a parser that rich brings anyway."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only posts that don't tell of themselves need it

    return str(MarkdownIt().render(markdown[:5000]))
