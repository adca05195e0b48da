"""Pelican's articles and pages as posts: which of them want a hero, and which have a picture of their own."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pelican.contents import Article, Content, Page
from pelican.generators import PagesGenerator

from ..errors import PostError
from ..settings import Settings
from ..text import plain_text
from .post import (
    OPT_OUT,
    Post,
    find_picture,
    own_hero,
    read_overrides,
    written,
)

PICTURE_FIELDS = (
    "cover",
    "image",
    "featured_image",
    "og_image",
    "header_cover",
    "illustration",
    "thumbnail",
    "headerimage",
    "hero_image",
)
"""Fields in which themes look for an author's own picture."""


def all_contents(context: Mapping[str, Any], pages: PagesGenerator) -> list[Content]:
    """Every article and page of every status, with the copies that i18n_subsites makes of other languages' posts."""
    lists = [context.get(name) or () for name in ("articles", "drafts", "hidden_articles")]
    kinds = ("pages", "translations", "hidden_pages", "hidden_translations", "draft_pages", "draft_translations")
    lists += [getattr(pages, name) for name in kinds]
    everything = itertools.chain(context["generated_content"].values(), *lists)
    # generated_content first: it has every article with its true status.
    unique = {id(content): content for content in everything if isinstance(content, Content)}
    return list(unique.values())


def read_post(
    content: Content, settings: Settings, root: Path, *, exists: Callable[[Path], bool] = Path.is_file
) -> Post:
    """An article or page as a post; ``exists`` says whether a picture that it names is there."""
    metadata = content.metadata
    source = str(content.get_relative_source_path() or "")
    included = _is_included(content, settings)
    nothing = Post(source=source, path=root / source, wanted=False, origin=content)
    named = own_hero(metadata)
    if named in OPT_OUT:
        return replace(nothing, reason=f"says Hero: {named}")
    try:
        overrides = read_overrides(metadata, source=source, root=root)
        own = _own_picture(named, source, root, exists) if named else ""
    except PostError as error:
        return replace(nothing, wanted=included, problem=str(error))
    title = plain_text(str(getattr(content, "title", "")))
    field = _picture_field(metadata, content.settings)
    if not own and (field or not title):
        return replace(nothing, reason=f"has a picture of its own in {field}" if field else "has no title")
    date = getattr(content, "date", None)
    return replace(
        nothing,
        title=title,
        date=date if isinstance(date, datetime.datetime) else None,
        lang=str(getattr(content, "lang", "")),
        category=str(getattr(content, "category", "")),
        tags=tuple(str(tag) for tag in getattr(content, "tags", ())),
        overrides=overrides,
        # Not .summary or .content: they are memoised, and would publish links that are not resolved yet.
        excerpt_markup=str(metadata.get("summary") or content._content or ""),
        wanted=included,
        own=own,
    )


def _is_included(content: Content, settings: Settings) -> bool:
    # A page's status by its author's word: i18n_subsites hides the pages of other languages.
    status = content.metadata.get("status", content.default_status) if isinstance(content, Page) else content.status
    kinds = {"published": None, "hidden": "hidden", "draft": "drafts"}
    kind = kinds.get(str(status).lower(), "")
    if isinstance(content, Page) and "pages" not in settings.include:
        return False
    if not isinstance(content, Page | Article) or (kind is not None and kind not in settings.include):
        return False
    date = getattr(content, "date", None)
    return settings.since is None or not isinstance(date, datetime.datetime) or date.date() >= settings.since


def _picture_field(metadata: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Where the author chose a picture, if at all; one that DEFAULT_METADATA puts on every post is no choice."""
    defaults = dict(settings.get("DEFAULT_METADATA") or {})
    chosen = (
        name
        for name in PICTURE_FIELDS
        if written(metadata.get(name)) and written(metadata[name]) != written(defaults.get(name))
    )
    return next(chosen, "")


def _own_picture(named: str, source: str, root: Path, exists: Callable[[Path], bool]) -> str:
    """The picture that ``Hero:`` names, relative to the content folder.

    Raises:
        PostError: it is not there, or not in the content folder.
    """
    try:
        return find_picture(named, source, root, exists=exists)
    except ValueError as error:
        raise PostError(f"{source}: Hero {error}; put it there, or write `Hero: none` for no hero") from None
