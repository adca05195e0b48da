"""Pelican's articles and pages as posts: which of them want a hero, and which have a picture of their own."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pelican.contents import Article, Content, Page
from pelican.generators import PagesGenerator

from ..errors import PostError
from ..settings import Settings
from ..text import is_address, plain_text
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
    "header_cover",
    "illustration",
    "cover_image",
    "picture",
    "titleimage",
    "headerimage",
    "header_img",
    "banner",
    "featured",
    "hero_image",
    "thumbnail",
    "thumb",
    "previewimage",
    "og_image",
    "ogimage",
    "ogp_image_url",
    "social_image",
    "twitter_image",
    "facebookimage",
)
"""Fields in which themes look for an author's own picture, those of the article page first.

Read by the templates of 136 themes; ``banner`` and ``hero_image`` are ours."""

_PICTURE_NAME = re.compile(r"\.(?:png|jpe?g|webp|avif|gif|svg)$", re.IGNORECASE)
_NO_PICTURE = frozenset({"yes", "no", "true", "false", "on", "off", "none", "0", "1"})
"""What a field that says whether a post is featured holds."""


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
    if not own and (field := _picture_field(metadata, content.settings)):
        picture = _find_named(written(metadata[field]), source, root, content.settings)
        return replace(
            nothing, title=title, overrides=overrides, picture=picture, reason=f"has a picture of its own in {field}"
        )
    if not own and not title:
        return replace(nothing, reason="has no title")
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
        picture=own,
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
        if name in metadata
        and _names_picture(name, written(metadata[name]))
        and written(metadata[name]) != written(defaults.get(name))
    )
    return next(chosen, "")


def _names_picture(field: str, text: str) -> bool:
    """Whether a field chooses a picture. Themes may make an address of any word, but ``Featured: yes`` is none."""
    if field == "featured":
        return is_address(text) or bool(_PICTURE_NAME.search(text.partition("?")[0]))
    return bool(text) and text.lower() not in _NO_PICTURE


def _find_named(named: str, source: str, root: Path, settings: Mapping[str, Any]) -> str:
    """The picture that a theme's field names: below the content folder, else an address on another host, else none.

    Themes put such a field behind SITEURL, or behind ``SITEURL/images``, or use it as it is.
    """
    siteurl = str(settings.get("SITEURL") or "").rstrip("/")
    local = named.removeprefix(f"{siteurl}/") if siteurl else named
    if is_address(local):
        return local
    for spelled in (local, f"images/{local.lstrip('/')}"):
        with contextlib.suppress(ValueError):
            return find_picture(spelled, source, root)
    return ""


def _own_picture(named: str, source: str, root: Path, exists: Callable[[Path], bool]) -> str:
    """The picture that ``Hero:`` names, relative to the content folder.

    Raises:
        PostError: it is not there, or not in the content folder.
    """
    try:
        return find_picture(named, source, root, exists=exists)
    except ValueError as error:
        raise PostError(f"{source}: Hero {error}; put it there, or write `Hero: none` for no hero") from None
