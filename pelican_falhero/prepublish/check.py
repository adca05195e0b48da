"""Whether posts are fit to be published: each has a hero that is whole, and that git has."""

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
from ..providers.cards.card import card_name
from ..storage.assets import hero_stem
from ..storage.images import verify
from . import git


class Kind(StrEnum):
    """What is wrong."""

    UNUSABLE = "unusable"
    """The post's own fields can't be used."""
    MISSING = "missing"
    CARD = "card"
    """There is only a title card."""
    BROKEN = "broken"
    UNTRACKED = "untracked"
    IGNORED = "ignored"
    """git does not track the picture, and is told to ignore it."""
    STALE = "stale"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that keeps a post from being published as it should be."""

    post: Post
    kind: Kind
    text: str
    file: Path | None = None
    """The picture it is about, where there is one."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """What git has of a site."""

    top: Path
    tracked: frozenset[Path] = frozenset()

    @classmethod
    def around(cls, folder: Path) -> Tree | None:
        """The work tree that a folder lies in, or None."""
        top = git.top_of(folder)
        return cls(top=top, tracked=git.tracked(top, folder)) if top else None


def check_site(site: OpenSite, posts: Sequence[Post], *, tree: Tree | None, fresh: bool) -> list[Finding]:
    """What is wrong with the heroes of these posts, at most one finding each; no network.

    Args:
        site: where they are.
        posts: what is to be published.
        tree: what git has; None where there is no git.
        fresh: whether a hero whose request has changed is a finding.
    """
    heroes = site.library.heroes()
    found: dict[Path, Finding] = {}

    def keep(findings: Iterable[Finding | None]) -> None:
        found.update({finding.post.path: finding for finding in findings if finding})

    def pictures() -> dict[Path, tuple[Post, Path]]:
        files = {post.path: picture_of(site, post, heroes) for post in posts if post.path not in found}
        return {post.path: (post, file) for post in posts if (file := files.get(post.path))}

    cards = site.library.card_names()
    keep(missing_hero(site, post, heroes, cards=cards) for post in posts)
    keep(_broken(pictures().values()))
    if tree:
        keep(_untracked(pictures().values(), tree))
    if fresh:
        keep(_stale(site, [post for post in posts if post.path not in found]))
    return [found[post.path] for post in posts if post.path in found]


def missing_hero(
    site: OpenSite, post: Post, heroes: Mapping[str, str], *, cards: Collection[str] = ()
) -> Finding | None:
    """What keeps a post from having any hero; ``heroes`` and ``cards`` are those that are there."""
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
        pass  # a control image need not be in a commit's copy; whoever draws the hero tells
    if card_name(post.title, site.name) in cards:
        return Finding(post=post, kind=Kind.CARD, text="only a title card")
    return Finding(post=post, kind=Kind.MISSING, text="no hero")


def picture_of(site: OpenSite, post: Post, heroes: Mapping[str, str]) -> Path | None:
    """The post's picture, its own or ours; a card is none."""
    if post.own:
        return site.root / post.own
    name = heroes.get(hero_stem(post.title)) if post.takes_hero else None
    return site.library.folder / name if name else None


def _broken(pictures: Iterable[tuple[Post, Path]]) -> list[Finding]:
    everything = list(pictures)
    readable = _readable_formats() if everything else frozenset()
    damages: dict[Path, str] = {}

    def look(file: Path) -> None:
        try:
            verify(file)
        except PictureError as error:
            damages[file] = str(error)

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(look, {file for _, file in everything if file.suffix.lower() in readable}))
    return [
        Finding(post=post, kind=Kind.BROKEN, text=f"its picture is broken: {damages[file]}", file=file)
        for post, file in everything
        if file in damages
    ]


def _readable_formats() -> frozenset[str]:
    """The extensions that Pillow can judge; an author's own picture may be a drawing (SVG)."""
    from PIL import Image  # noqa: PLC0415 - a plan has nothing to decode

    return frozenset(Image.registered_extensions())


def _untracked(pictures: Iterable[tuple[Post, Path]], tree: Tree) -> list[Finding]:
    missing = [(post, file) for post, file in pictures if file.resolve() not in tree.tracked]
    ignored = git.ignored(tree.top, [file for _, file in missing])
    kinds: dict[bool, tuple[Kind, str]] = {
        False: (Kind.UNTRACKED, "its picture is not in git"),
        True: (Kind.IGNORED, "its picture is not in git, because a .gitignore names it"),
    }
    verdicts = ((post, file, *kinds[file in ignored]) for post, file in missing)
    return [Finding(post=post, kind=kind, text=text, file=file) for post, file, kind, text in verdicts]


def _stale(site: OpenSite, posts: Sequence[Post]) -> list[Finding]:
    settings = replace(site.settings, refresh="changed")
    plan = survey(replace(site_of(site, site.with_title_fellows(posts), settings=settings), retry=True)).plan
    stale = {item.stem for item in plan.items if item.file and item.state not in (State.PRESENT, State.INVALID)}
    return [
        Finding(post=post, kind=Kind.STALE, text="its picture was drawn for another request")
        for post in posts
        if post.takes_hero and hero_stem(post.title) in stale
    ]
