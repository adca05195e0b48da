"""Read a site without Pelican: settings from pyproject.toml, posts from files with front matter."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import HeroError, PostError, SettingsError
from ..settings import STATE_DIR, Settings
from ..settings_reading import read_settings
from ..storage.assets import hero_stem
from ..text import plain_text
from .fields.hero_field import is_generated_hero, why_not_ours
from .front_matter import SUFFIXES, Document, FrontMatterError, parse, read_data
from .front_matter_edit import edited
from .mistyped import mistyped_field, no_template
from .post import (
    OPT_OUT,
    Post,
    hero_field,
    metadata_text,
    read_overrides,
)
from .site import OpenSite
from .site_table import SiteTable, read_table

EXCERPT_FIELDS = ("excerpt", "description", "summary")
"""Fields for the excerpt; the first that is not empty is used."""

_LONGEST_START = 5000
"""Characters of a post's text that are read for want of an excerpt."""

_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
"""Booleans, also as they are after they were quoted."""

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(?=-)")
"""The start of a file name that has the post's date, as Jekyll and Eleventy read it."""


def read_front_matter_site(root: Path, paths: Sequence[Path] = (), *, content: Path | None = None) -> OpenSite:
    """Read the site in a folder.

    Args:
        root: the folder, see ``site.find_root``.
        paths: more posts, or folders of posts, than ``content`` in ``[tool.falhero]`` names.
        content: a folder to read posts from instead of the root, with the same relative paths.

    Raises:
        SettingsError: ``[tool.falhero]`` is invalid.
    """
    settings, table = front_matter_settings(root)
    base = content or root
    named = {path.resolve() for path in paths}
    reader = _Reader(root=root, settings=settings, table=table)
    posts: list[Post] = []
    unreadable: dict[Path, str] = {}
    for file in dict.fromkeys(_files([*(base / folder for folder in table.folders), *named])):
        source = Path(os.path.relpath(file, base)).as_posix()
        try:
            post = reader.read(file, source, is_named=file in named)
        except FrontMatterError as error:
            unreadable[root / source] = str(error)
            continue
        if post:
            posts.append(post)
    return OpenSite(
        root=root,
        settings=settings,
        posts=tuple(posts),
        unreadable=unreadable,
        has_all_posts=bool(table.folders),
        hero_field=table.field,
    )


def front_matter_settings(root: Path) -> tuple[Settings, SiteTable]:
    """Read ``[tool.falhero]``, and check the settings in it.

    Raises:
        SettingsError: they are invalid.
    """
    table = read_table(root)
    try:
        return read_settings(table.settings, root=root, prefix=""), table
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
        date=_date(metadata.get("date") or metadata.get("pubdate") or _date_in_name(source)),
        lang=metadata_text(metadata.get("lang")),
        category=_first_value(metadata, "category", "categories"),
        tags=tuple(_as_list(metadata.get("tags"))),
        overrides=read_overrides(metadata, source=source, root=root),
        excerpt_markup=excerpt,
        excerpt_markdown="" if excerpt else document.body[:_LONGEST_START],
        text_markup=document.body[:_LONGEST_START] if excerpt else "",
    )


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


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """Reads the posts of one site."""

    root: Path
    settings: Settings
    table: SiteTable

    def read(self, file: Path, source: str, *, is_named: bool) -> Post | None:
        """Read the post in a file; None if it is none: a file in a folder without front matter, or an untitled draft.

        Raises:
            FrontMatterError: the file can't be read, or has no title.
        """
        # A hook reads a copy; what is told names the post itself.
        path = self.root / source
        generator = self.table.generator
        if generator and not is_named and not generator.is_post(path):
            return None
        data = read_data(file)
        document = parse(data, path)
        metadata = document.lower_case_fields()
        if reason := self._reason_against(document, source):
            return Post(root=self.root, source=source, wanted=False, reason=reason)
        is_draft = _is_draft(metadata) or bool(generator and generator.is_draft(source))
        try:
            post = post_of(document, source, self.settings, self.root)
        except PostError as error:
            return Post(root=self.root, source=source, wanted=not is_draft, problem=str(error))
        if post is None:
            if is_named or (document.kind and not is_draft):
                raise FrontMatterError(f"{path} has no title in its front matter; add one, or `hero: none`")
            return None
        post = replace(post, root=self.root, wanted=not is_draft and _is_recent(post, self.settings))
        return self._with_field(post, document, data) if post.wanted or is_named else post

    def _reason_against(self, document: Document, source: str) -> str:
        """Return why a post gets no hero; empty if its author has left it to us."""
        hero = hero_field(document.lower_case_fields())
        if hero in OPT_OUT:
            return f"says hero: {hero}"
        if hero and not is_generated_hero(hero):
            # Do not look for the file: only the site's generator knows how to resolve the path.
            return f"has its own picture ({hero})"
        if why := why_not_ours(document.metadata, self.table.own_fields, field=self.table.field):
            return why
        beside = self.table.generator.bundled_picture(self.root / source) if self.table.generator else ""
        return f"has its own picture ({beside})" if beside else ""

    def _with_field(self, post: Post, document: Document, data: bytes) -> Post:
        """Return the post with what its field says, and with a problem if it can't be made to name the hero."""
        field = self.table.field
        if not field:
            return post
        written = field.written(document.metadata)
        stem = hero_stem(post.title)
        post = replace(post, written=written)
        if post.problem or PurePosixPath(written).stem == stem:
            return post
        value = field.value(post.source, f"{self.settings.assets_dir}/{stem}.png")
        try:
            edited(data, Path(post.source), field.name, field.as_value(value))
        except HeroError as error:
            return replace(post, problem=f"{post.source}: {str(error).removeprefix(f'{post.source} ')}")
        return post


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


def _date_in_name(source: str) -> str:
    found = _DATED.match(PurePosixPath(source).name)
    return found[0] if found else ""


def _first_value(metadata: Mapping[str, Any], *names: str) -> str:
    return next((values[0] for name in names if (values := _as_list(metadata.get(name)))), "")


def _as_list(value: object) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [metadata_text(part) for part in value] if isinstance(value, list | tuple) else []
