"""Opens the site and selects the posts that a command works on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..content.post import Post
from ..content.site import OpenSite, SiteError, open_site, path_forms
from ..errors import PostError
from .options import PostOptions, SiteOptions
from .output import Reporter, relative


def open_posts(options: PostOptions, reporter: Reporter) -> tuple[OpenSite, tuple[Post, ...]]:
    """Open the site and return it with the named posts, or with all posts that a build makes heroes for.

    Raises:
        SiteError, SettingsError: there is no such site or post, or the settings can't be used.
    """
    paths = [Path(name) for name in options.posts]
    if not paths:
        site = open_whole_site(options, reporter)
        return site, site.wanted_posts()
    site = _open(options, paths, reporter)
    return site, site.posts_in(paths)


def open_post(options: PostOptions, reporter: Reporter) -> tuple[OpenSite, Post]:
    """Open the site and return it with the one post that is named, which takes a hero.

    Raises:
        PostError, SiteError, SettingsError: there is no such post, or its author has a problem to fix or opted out.
    """
    (name,) = options.posts
    if Path(name).is_dir():
        raise SiteError(f"{name} is a folder; name one post")
    site, (post,) = open_posts(options, reporter)
    if post.problem:
        raise PostError(post.problem)
    if reason := why_no_hero(post):
        raise SiteError(reason)
    return site, post


def open_whole_site(options: SiteOptions, reporter: Reporter) -> OpenSite:
    """Open the site with all its posts.

    Raises:
        SiteError, SettingsError: it can't be read, or it is not known where its posts are.
    """
    site = _open(options, [], reporter)
    if not site.has_all_posts:
        raise SiteError(
            f"{site.root} is not a Pelican site (it has no pelicanconf.py); name posts, "
            'or say where they are in its pyproject.toml: [tool.falhero] content = "posts", '
            'or what builds it: generator = "astro", "hugo", "jekyll" or "eleventy"'
        )
    return site


def _open(options: SiteOptions, paths: Sequence[Path], reporter: Reporter) -> OpenSite:
    site = open_site(options.settings, paths)
    reporter.notes(site.warnings)
    return site


def problems_of(site: OpenSite, posts: Iterable[Post], options: PostOptions) -> list[str]:
    """The problems of these posts, and of the files among the selected ones that can't be read."""
    selected = [Path(name).resolve() for name in options.posts]
    files = (
        file for file in site.unreadable if not selected or any(path in (file, *file.parents) for path in selected)
    )
    return [*(post.problem for post in posts if post.problem), *(site.unreadable[file] for file in files)]


def reasons_without_hero(posts: Iterable[Post], options: PostOptions) -> list[str]:
    """For each post that was named itself (not by its folder) and gets no hero: the reason."""
    return [reason for post in named_posts(posts, options) if (reason := why_no_hero(post))]


def named_posts(posts: Iterable[Post], options: PostOptions) -> list[Post]:
    """The posts that were named themselves, and not by their folder."""
    names = [Path(name) for name in options.posts]
    files = {spelling for name in names if name.is_file() for spelling in path_forms(name)}
    return [post for post in posts if post.path in files]


def why_no_hero(post: Post) -> str:
    """Why a post gets no hero; empty when its author did not opt out."""
    why = f"has its own picture ({post.own})" if post.own else post.reason
    return f"{relative(post.path)} {why}, so nothing is drawn for it" if why else ""
