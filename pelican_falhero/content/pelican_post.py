"""Convert Pelican's articles and pages to posts: which of them need a hero, and which have their own picture."""

from __future__ import annotations

import contextlib
import datetime
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pelican.contents import Article, Content, Page
from pelican.generators import PagesGenerator

from ..errors import PostError
from ..settings import Settings
from ..text import is_address, plain_text
from .mistyped import ThemeTemplates, mistyped_field
from .post import (
    NO_OVERRIDES,
    OPT_OUT,
    Overrides,
    Post,
    find_picture,
    hero_field,
    metadata_text,
    read_overrides,
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
"""Fields from which themes read an author's picture; fields for the article page come first.

Found in the templates of 136 themes; ``banner`` and ``hero_image`` are this plugin's own."""

_PICTURE_NAMES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".svg")
"""How they end."""
_YES_NO_WORDS = frozenset({"yes", "no", "true", "false", "on", "off", "none", "0", "1"})
"""Values of a field such as ``Featured`` that say yes or no and name no picture."""


def all_contents(context: Mapping[str, Any], pages: PagesGenerator) -> list[Content]:
    """Return all articles and pages of every status, including those that i18n_subsites adds from other languages."""
    lists = [context.get(name) or () for name in ("articles", "drafts", "hidden_articles")]
    kinds = ("pages", "translations", "hidden_pages", "hidden_translations", "draft_pages", "draft_translations")
    lists += [getattr(pages, name) for name in kinds]
    everything = itertools.chain(context["generated_content"].values(), *lists)
    # generated_content comes first: it has all articles with their real status.
    unique = {id(content): content for content in everything if isinstance(content, Content)}
    return list(unique.values())


def read_post(
    content: Content,
    settings: Settings,
    root: Path,
    *,
    templates: ThemeTemplates,
    exists: Callable[[Path], bool] = Path.is_file,
) -> Post:
    """Convert an article or page to a post.

    Args:
        content: the article or page.
        settings: the site's settings.
        root: the content folder.
        templates: the theme's, to which some of the fields may belong.
        exists: tells whether a picture that the post names exists.
    """
    metadata = content.metadata
    source = content.relative_source_path or ""  # worked out when Pelican read the file
    status = status_of(content)
    included = _is_included(content, settings, status)
    named = hero_field(metadata)
    if named in OPT_OUT:
        return Post(source=source, root=root, wanted=False, origin=content, reason=f"says Hero: {named}")
    try:
        own = _own_picture(named, source, root, exists) if named else ""
    except PostError as error:
        return Post(source=source, root=root, wanted=included, origin=content, problem=str(error))
    overrides, problem = _overrides(metadata, source, root)
    title = plain_text(str(getattr(content, "title", "")))
    if not own and (field := _picture_field(metadata, content.settings)):
        return Post(
            source=source,
            root=root,
            wanted=False,
            origin=content,
            title=title,
            overrides=overrides,
            picture=_theme_picture(metadata_text(metadata[field]), source, root, content.settings),
            problem=problem,
            reason=f"has its own picture in {field}",
        )
    if not problem and (lack := mistyped_field(metadata, is_read=templates.mention) or _lack(title or own)):
        problem = f"{source}: {lack}"
    return Post(
        source=source,
        root=root,
        origin=content,
        title=title,
        overrides=overrides,
        wanted=included,
        is_previewed=status == "draft" and not included and _is_included(content, settings, "published"),
        own=own,
        picture=own,
        problem=problem,
        **_subject(content),
    )


def _overrides(metadata: Mapping[str, Any], source: str, root: Path) -> tuple[Overrides, str]:
    """Return the post's overrides, and what is wrong with them: a typo takes no hero away that is there."""
    try:
        return read_overrides(metadata, source=source, root=root), ""
    except PostError as error:
        return NO_OVERRIDES, str(error)


def _subject(content: Content) -> dict[str, Any]:
    """Return the fields of a post that say what it is about."""
    date = getattr(content, "date", None)
    return {
        "date": date if isinstance(date, datetime.datetime) else None,
        "lang": str(getattr(content, "lang", "")),
        "category": str(getattr(content, "category", "")),
        "tags": tuple(map(str, getattr(content, "tags", ()))),
        # Not .summary or .content: Pelican caches them, and would publish links that are not resolved yet.
        "excerpt_markup": str(content.metadata.get("summary") or content._content or ""),
        "text_markup": str(content._content or ""),
    }


def _lack(title: str) -> str:
    return "" if title else "has no title"


def status_of(content: Content) -> str:
    """Its status as its author wrote it, in lower case."""
    # Use the status from the page's metadata: i18n_subsites sets pages of other languages to hidden.
    status = content.metadata.get("status", content.default_status) if isinstance(content, Page) else content.status
    return str(status).lower()


def _is_included(content: Content, settings: Settings, status: str) -> bool:
    kinds = {"published": None, "hidden": "hidden", "draft": "drafts"}
    kind = kinds.get(status, "")
    if isinstance(content, Page) and "pages" not in settings.include:
        return False
    if not isinstance(content, Page | Article) or (kind is not None and kind not in settings.include):
        return False
    date = getattr(content, "date", None)
    return settings.since is None or not isinstance(date, datetime.datetime) or date.date() >= settings.since


def _picture_field(metadata: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return the field in which the author named a picture; empty if there is none.

    A value that DEFAULT_METADATA gives every post does not count.
    """
    if metadata.keys().isdisjoint(PICTURE_FIELDS):
        return ""
    defaults = dict(settings.get("DEFAULT_METADATA") or {})
    chosen = (
        name
        for name in PICTURE_FIELDS
        if name in metadata
        and _names_picture(name, metadata_text(metadata[name]))
        and metadata_text(metadata[name]) != metadata_text(defaults.get(name))
    )
    return next(chosen, "")


def _names_picture(field: str, text: str) -> bool:
    """Whether a field names a picture. Themes may make an address from any word, but not from ``Featured: yes``."""
    if field == "featured":
        return is_address(text) or text.partition("?")[0].lower().endswith(_PICTURE_NAMES)
    return bool(text) and text.lower() not in _YES_NO_WORDS


def _theme_picture(named: str, source: str, root: Path, settings: Mapping[str, Any]) -> str:
    """Return the picture that a theme's field names: a file in the content folder or an address; empty if neither.

    A theme may put SITEURL or ``SITEURL/images`` before the value, or use it unchanged.
    """
    siteurl = str(settings.get("SITEURL") or "").rstrip("/")
    local = named.removeprefix(f"{siteurl}/") if siteurl else named
    if is_address(local):
        return local
    for path in (local, f"images/{local.lstrip('/')}"):
        with contextlib.suppress(ValueError):
            return find_picture(path, source, root)
    return ""


def _own_picture(named: str, source: str, root: Path, exists: Callable[[Path], bool]) -> str:
    """Return the picture that ``Hero:`` names, relative to the content folder.

    Raises:
        PostError: the picture does not exist, or is not in the content folder.
    """
    try:
        return find_picture(named, source, root, exists=exists)
    except ValueError as error:
        raise PostError(f"{source}: Hero {error}; add the picture, or write `Hero: none` for no hero") from None
