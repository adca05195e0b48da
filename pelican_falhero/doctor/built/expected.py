"""What each published post is to show, and where its page is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from markupsafe import escape

from ...content.pelican_post import status_of
from ...content.post import Post
from ...content.site import OpenSite
from ...providers.cards.fonts import CardFonts
from ...storage.assets import hero_stem
from ...storage.variants.variant_set import master_name
from ...text import is_address


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A published post, and how its pictures can be told."""

    post: Post
    place: str
    """Of its page, in the output folder."""
    url: str
    """Of its page, below SITEURL."""
    hero: tuple[str, ...] = ()
    """What the addresses of its hero, of the hero's copies or of its own picture contain; empty where it has none."""
    card: tuple[str, ...] = ()
    """The same of its title card."""
    file: Path | None = None
    """Its hero or its own picture; None where there is none, or on another host."""


def expected_posts(site: OpenSite, values: Mapping[str, Any]) -> list[Expected]:
    """The published posts that have a picture, or for which a build makes one; drafts and hidden ones are left out.

    Args:
        site: a Pelican site.
        values: Pelican's settings, as they are after the site was read.
    """
    heroes = site.library.heroes()
    fonts = CardFonts(site.library, site.settings.card_font)
    found = []
    for post in site.posts:
        file = _file(site, post, heroes)
        is_known = bool(file or post.picture)
        if status_of(post.origin) != "published" or not (post.wanted or is_known):
            continue
        place, url = _where(post.origin, values)
        found.append(
            Expected(
                post=post,
                place=place,
                url=url,
                hero=tuple(_names(post)) if is_known else (),
                card=(fonts.card_stem(post.title, site.name),) if post.shows_hero and not post.picture else (),
                file=file,
            )
        )
    return found


def _file(site: OpenSite, post: Post, heroes: Mapping[str, str]) -> Path | None:
    if post.picture:
        return None if is_address(post.picture) else site.root / post.picture
    name = heroes.get(hero_stem(post.title)) if post.shows_hero else None
    return site.library.folder / name if name else None


def _names(post: Post) -> Iterator[str]:
    """As ``presentation.visibility`` tells them in the finished page."""
    if not post.picture:
        yield hero_stem(post.title)
        return
    yield from dict.fromkeys((post.picture, quote(post.picture, safe="/:%?&=#"), str(escape(post.picture))))
    if not is_address(post.picture):
        yield f"{master_name(post.picture, is_ours=False)}-"


def _where(content: Any, values: Mapping[str, Any]) -> tuple[str, str]:
    """Place and address of a page; i18n_subsites has one of another language in that language's sub-site."""
    overrides = (values.get("I18N_SUBSITES") or {}).get(content.lang)
    if not overrides or content.lang == values["DEFAULT_LANG"]:
        return str(content.save_as), str(content.url)
    there = copy(content)
    there.settings = {**values, **overrides}
    there.in_default_lang = True
    output = overrides.get("OUTPUT_PATH") or os.path.join(values["OUTPUT_PATH"], content.lang)  # noqa: PTH118 - text
    below = PurePosixPath(Path(os.path.relpath(output, values["OUTPUT_PATH"])).as_posix())
    return f"{below}/{there.save_as}", f"{below}/{there.url}"
