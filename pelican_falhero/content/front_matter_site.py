"""Read a site without Pelican: settings from pyproject.toml, posts from files with front matter."""

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
from .mistyped import mistyped_field, no_template
from .post import (
    OPT_OUT,
    Post,
    hero_field,
    metadata_text,
    read_overrides,
)
from .site import OpenSite

EXCERPT_FIELDS = ("excerpt", "description", "summary")
"""Fields for the excerpt; the first that is not empty is used."""

_LONGEST_START = 5000
"""Characters of a post's text that are read for want of an excerpt."""

_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
"""Booleans, also as they are after they were quoted."""

_GENERATED_HERO = re.compile(r"(?:^|/)hero-[0-9a-f]{12}\.\w+$")
"""A hero that we made, in a post's ``hero`` field, where ``falhero generate --write hero`` puts it."""


def read_front_matter_site(root: Path, paths: Sequence[Path] = (), *, content: Path | None = None) -> OpenSite:
    """Read the site in a folder.

    Args:
        root: the folder, see ``site.find_root``.
        paths: more posts, or folders of posts, than ``content`` in ``[tool.falhero]`` names.
        content: a folder to read posts from instead of the root, with the same relative paths.

    Raises:
        SettingsError: ``[tool.falhero]`` is invalid.
    """
    settings, folders = front_matter_settings(root)
    base = content or root
    named = {path.resolve() for path in paths}
    posts: list[Post] = []
    unreadable: dict[Path, str] = {}
    for file in dict.fromkeys(_files([*(base / folder for folder in folders), *named])):
        source = Path(os.path.relpath(file, base)).as_posix()
        try:
            post = _read_post(file, source, root, settings, is_named=file in named)
        except FrontMatterError as error:
            unreadable[root / source] = str(error)
            continue
        if post:
            posts.append(post)
    return OpenSite(
        root=root, settings=settings, posts=tuple(posts), unreadable=unreadable, has_all_posts=bool(folders)
    )


def front_matter_settings(root: Path) -> tuple[Settings, list[str]]:
    """Read the settings in ``[tool.falhero]``, and the folders of posts in its ``content``.

    Raises:
        SettingsError: they are invalid.
    """
    table, folders = read_table(root)
    try:
        return read_settings(table, root=root, prefix=""), folders
    except SettingsError as error:
        raise SettingsError(f"{root / 'pyproject.toml'}: [tool.falhero] {error}") from error


def post_of(document: Document, source: str, settings: Settings, root: Path) -> Post | None:
    """Make the Post of a document; None if it has no title.

    Raises:
        PostError: its hero fields are invalid.
    """
    metadata = document.lower_case_fields()
    title = plain_text(metadata_text(metadata.get("title")))
    if not title:
        return None
    excerpt = next((metadata_text(metadata[name]) for name in EXCERPT_FIELDS if metadata_text(metadata.get(name))), "")
    mistyped = mistyped_field(metadata, is_read=no_template)
    return Post(
        title=title,
        source=source,
        problem=f"{source}: {mistyped}" if mistyped else "",
        date=_date(metadata.get("date") or metadata.get("pubdate")),
        lang=metadata_text(metadata.get("lang")),
        category=_first_value(metadata, "category", "categories"),
        tags=tuple(_as_list(metadata.get("tags"))),
        overrides=read_overrides(metadata, source=source, root=root),
        excerpt_markup=excerpt,
        excerpt_markdown="" if excerpt else document.body[:_LONGEST_START],
        text_markup=document.body[:_LONGEST_START] if excerpt else "",
    )


def read_table(root: Path) -> tuple[dict[str, Any], list[str]]:
    """Read ``[tool.falhero]`` without checking it, and the folders of posts in its ``content``.

    Raises:
        SettingsError: the file can't be read, or ``content`` is invalid.
    """
    file = root / "pyproject.toml"
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} can't be read: {error}") from error
    table = dict(document.get("tool", {}).get("falhero", {}))
    content = table.pop("content", [])
    folders = [content.strip("/")] if isinstance(content, str) else content
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise SettingsError(f"{file}: [tool.falhero] content must be a folder of posts, or a list of them")
    for folder in folders:
        if not (root / folder).is_dir():
            raise SettingsError(f"{file}: [tool.falhero] content names the folder {folder}, which does not exist")
    return table, folders


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_file():
            found.append(path)
            continue
        for folder, folders, names in os.walk(path.resolve()):
            folders[:] = sorted(name for name in folders if name not in (STATE_DIR, ".git", "node_modules"))
            found += [Path(folder, name) for name in sorted(names) if name.endswith(SUFFIXES)]
    return found


def _read_post(file: Path, source: str, root: Path, settings: Settings, *, is_named: bool) -> Post | None:
    """Read the post in a file; None if it is no post: a file in a folder, without front matter, or an untitled draft.

    Raises:
        FrontMatterError: the file can't be read, or has no title.
    """
    document = read_document(file)
    metadata = document.lower_case_fields()
    hero = hero_field(metadata)
    if hero in OPT_OUT:
        return Post(root=root, source=source, wanted=False, reason=f"says hero: {hero}")
    if hero and not _GENERATED_HERO.search(hero):
        # Do not look for the file: only the site's generator knows how to resolve the path.
        return Post(root=root, source=source, wanted=False, reason=f"has its own picture ({hero})")
    try:
        post = post_of(document, source, settings, root)
    except PostError as error:
        return Post(root=root, source=source, wanted=not _is_draft(metadata), problem=str(error))
    if post is None:
        if is_named or (document.kind and not _is_draft(metadata)):
            raise FrontMatterError(f"{file} has no title in its front matter; add one, or `hero: none`")
        return None
    return replace(post, root=root, wanted=not _is_draft(metadata) and _is_recent(post, settings))


def _is_draft(metadata: Mapping[str, Any]) -> bool:
    def word(name: str) -> str:
        return metadata_text(metadata.get(name)).lower()

    return word("draft") in _YES or word("published") in _NO or word("status") == "draft"


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


def _first_value(metadata: Mapping[str, Any], *names: str) -> str:
    return next((values[0] for name in names if (values := _as_list(metadata.get(name)))), "")


def _as_list(value: object) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [metadata_text(part) for part in value] if isinstance(value, list | tuple) else []
