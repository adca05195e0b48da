"""Checks whether posts are fit to be published: each has an undamaged hero that git tracks."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from ..content.post import Post
from ..content.site import OpenSite
from ..errors import PictureError, PostError, RangeError
from ..planning.item import State
from ..planning.request import build_request
from ..planning.survey import site_of, survey
from ..providers.cards.card import art_name
from ..providers.cards.fonts import CardFonts
from ..storage.assets import hero_stem
from ..storage.images import verify
from . import git


class Kind(StrEnum):
    """The kinds of problem."""

    UNUSABLE = "unusable"
    """The post's own fields can't be used."""
    MISSING = "missing"
    UNWRITTEN = "unwritten"
    """The post has its hero, and does not name it in its front matter."""
    CARD = "card"
    """The post has only a title card."""
    BROKEN = "broken"
    UNTRACKED = "untracked"
    IGNORED = "ignored"
    """git does not track the picture, because a .gitignore excludes it."""
    STALE = "stale"
    """The picture was drawn for an earlier request; found only with ``--fresh``."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A problem that makes a post unfit to be published."""

    post: Post
    kind: Kind
    text: str
    file: Path | None = None
    """The picture with the problem, if there is one."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A git work tree, and the site's files that it tracks."""

    top: Path
    """Root folder of the work tree."""
    tracked: frozenset[Path] = frozenset()
    """Absolute paths."""

    @classmethod
    def around(cls, folder: Path) -> Tree | None:
        """The work tree that contains a folder, or None.

        Raises:
            GitError: there is one, and git can't read it.
        """
        top = git.top_of(folder)
        return cls(top=top, tracked=git.tracked(top, folder)) if top else None


def check_site(site: OpenSite, posts: Sequence[Post], *, tree: Tree | None, fresh: bool) -> list[Finding]:
    """Find what is wrong with the heroes of these posts, at most one problem a post. Opens no connection.

    Args:
        site: the site of the posts.
        posts: the posts to check.
        tree: the git work tree; None to skip git's part.
        fresh: whether a hero whose request has changed is a problem.
    """
    heroes = site.library.heroes()
    found: dict[Path, Finding] = {}

    def add(findings: Iterable[Finding | None]) -> None:
        found.update({finding.post.path: finding for finding in findings if finding})

    def pictures() -> dict[Path, tuple[Post, Path]]:
        files = {post.path: picture_of(site, post, heroes) for post in posts if post.path not in found}
        return {post.path: (post, file) for post in posts if (file := files.get(post.path))}

    cards = site.library.card_names()
    add(missing_hero(site, post, heroes, cards=cards) for post in posts)
    add(_broken(pictures().values()))
    add(unwritten_hero(site, post, heroes) for post in posts if post.path not in found)
    if tree:
        add(_untracked(pictures().values(), tree))
    if fresh:
        add(_stale(site, [post for post in posts if post.path not in found]))
    return [found[post.path] for post in posts if post.path in found]


def missing_hero(
    site: OpenSite, post: Post, heroes: Mapping[str, str], *, cards: Collection[str] = ()
) -> Finding | None:
    """Why a post has no hero; None when it has one, or wants none.

    ``heroes`` (stem to file name) and ``cards`` (file names) are the existing ones.
    """
    if post.problem:
        source = post.path.relative_to(site.root).as_posix()
        return Finding(post=post, kind=Kind.UNUSABLE, text=post.problem.removeprefix(f"{source}: "))
    if not post.takes_hero or hero_stem(post.title) in heroes:
        return None
    try:
        build_request(post, site.settings)
    except RangeError as error:
        return Finding(post=post, kind=Kind.UNUSABLE, text=f"{error.field} {error.problem}")
    except PostError:
        pass  # for example a control image that is not in the commit; the run that draws the hero reports it
    if cards and art_name(CardFonts(site.library, site.settings.card_font).card_stem(post.title, site.name)) in cards:
        return Finding(post=post, kind=Kind.CARD, text="only a title card")
    return Finding(post=post, kind=Kind.MISSING, text="no hero")


def unwritten_hero(site: OpenSite, post: Post, heroes: Mapping[str, str]) -> Finding | None:
    """Why a post's page shows no hero though there is one; None where its front matter names it, or need not."""
    value = site.to_write(post, heroes)
    if not (site.hero_field and value):
        return None
    text = f"its front matter does not name its hero ({site.hero_field.name}: {value})"
    return Finding(post=post, kind=Kind.UNWRITTEN, text=text, file=picture_of(site, post, heroes))


def picture_of(site: OpenSite, post: Post, heroes: Mapping[str, str]) -> Path | None:
    """The file of the post's own picture or of its hero; None when there is neither. A card does not count."""
    if post.own:
        return site.root / post.own
    name = heroes.get(hero_stem(post.title)) if post.takes_hero else None
    return site.library.folder / name if name else None


def _broken(pictures: Iterable[tuple[Post, Path]]) -> list[Finding]:
    everything = list(pictures)
    readable = _readable_formats() if everything else frozenset()
    damage: dict[Path, str] = {}

    def check(file: Path) -> None:
        try:
            verify(file)
        except PictureError as error:
            damage[file] = str(error)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(check, {file for _, file in everything if file.suffix.lower() in readable}))
    return [
        Finding(post=post, kind=Kind.BROKEN, text=f"its picture is broken: {damage[file]}", file=file)
        for post, file in everything
        if file in damage
    ]


def _readable_formats() -> frozenset[str]:
    """The extensions that Pillow can read; an author's own picture may be of another kind, such as SVG."""
    from PIL import Image  # noqa: PLC0415 - slow, and needed only if there are pictures to check

    return frozenset(Image.registered_extensions())


def _untracked(pictures: Iterable[tuple[Post, Path]], tree: Tree) -> list[Finding]:
    missing = [(post, file) for post, file in pictures if file.resolve() not in tree.tracked]
    ignored = git.ignored(tree.top, [file for _, file in missing])
    kinds: dict[bool, tuple[Kind, str]] = {
        False: (Kind.UNTRACKED, "its picture is not in git"),
        True: (Kind.IGNORED, "its picture is not in git, because a .gitignore excludes it"),
    }
    found = ((post, file, *kinds[file in ignored]) for post, file in missing)
    return [Finding(post=post, kind=kind, text=text, file=file) for post, file, kind, text in found]


def _stale(site: OpenSite, posts: Sequence[Post]) -> list[Finding]:
    settings = replace(site.settings, refresh="changed")
    plan = survey(site_of(site, site.with_same_title(posts), settings=settings)._replace(retry=True)).plan
    stale = {item.stem for item in plan.items if item.file and item.state not in (State.PRESENT, State.INVALID)}
    return [
        Finding(post=post, kind=Kind.STALE, text="its picture was drawn for another request")
        for post in posts
        if post.takes_hero and hero_stem(post.title) in stale
    ]
