"""The site and the posts that a command is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..content.post import Post
from ..content.site import OpenSite, SiteError, open_site, spellings
from .options import PostOptions, SiteOptions
from .output import Reporter, relative


def open_posts(options: PostOptions, reporter: Reporter) -> tuple[OpenSite, tuple[Post, ...]]:
    """The site, and the posts that the command is about: those that were named, or all that a build cares for.

    Raises:
        SiteError, SettingsError: there are none.
    """
    paths = [Path(name) for name in options.posts]
    if not paths:
        site = open_whole_site(options, reporter)
        return site, site.wanted()
    site = _open(options, paths, reporter)
    return site, site.named(paths)


def open_whole_site(options: SiteOptions, reporter: Reporter) -> OpenSite:
    """The site with all its posts.

    Raises:
        SiteError, SettingsError: it can't be read, or nobody said where its posts are.
    """
    site = _open(options, [], reporter)
    if not site.is_whole:
        raise SiteError(
            f"{site.root} is no Pelican site (it has no pelicanconf.py); name posts, "
            'or say where they are in its pyproject.toml: [tool.falhero] content = "posts"'
        )
    return site


def _open(options: SiteOptions, paths: Sequence[Path], reporter: Reporter) -> OpenSite:
    site = open_site(options.settings, paths)
    reporter.notes(site.warnings)
    return site


def problems_of(site: OpenSite, posts: Iterable[Post], options: PostOptions) -> list[str]:
    """What is wrong with these posts, and with the files in their place that can't be read."""
    places = [Path(name).resolve() for name in options.posts]
    files = (file for file in site.unreadable if not places or any(place in (file, *file.parents) for place in places))
    return [*(post.problem for post in posts if post.problem), *(site.unreadable[file] for file in files)]


def reasons_without_hero(posts: Iterable[Post], options: PostOptions) -> list[str]:
    """Why nothing is drawn for some of the posts that were named one by one."""
    names = [Path(name) for name in options.posts]
    files = {spelling for name in names if name.is_file() for spelling in spellings(name)}
    return [reason for post in posts if post.path in files and (reason := why_no_hero(post))]


def why_no_hero(post: Post) -> str:
    """Why nothing is drawn for a post; empty where its author has not said so."""
    why = f"has its own picture ({post.own})" if post.own else post.reason
    return f"{relative(post.path)} {why}, so nothing is drawn for it" if why else ""
