"""The commands that mend what is wrong with posts, as they can be pasted where the user types."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from ..content.post import Post
from ..content.site import OpenSite
from ..planning.survey import site_of, survey
from ..settings import STATE_DIR
from . import git
from .check import Finding, Kind, Tree, picture_of


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Where the user types, and how."""

    folder: Path
    settings_file: str | None = None
    """The Pelican settings file that was named."""

    def generate(self, posts: Iterable[Path], *options: str) -> str:
        """The command that makes these posts' heroes."""
        settings = ("-s", self.quote_path(Path(self.settings_file))) if self.settings_file else ()
        return " ".join(["falhero generate", *options, *settings, *map(self.quote_path, posts)])

    def add(self, files: Iterable[Path], *options: str) -> str:
        """The command that has git take these files."""
        return " ".join(["git add", *options, *map(self.quote_path, files)])

    def quote_path(self, path: Path) -> str:
        """A path as it is typed here."""
        spelled = os.path.relpath(path, self.folder)
        return quote(f"./{spelled}" if spelled.startswith("-") else spelled)


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What mends one post."""

    post: Path
    generate: tuple[str, ...] | None = None
    """Options of the command that makes its hero; None where there is no need for it."""
    add: tuple[Path, ...] = ()
    """Files that git is to take."""
    by_hand: str = ""
    """What only the author can do; the post follows."""


def remedy_for(finding: Finding, site: OpenSite, tree: Tree | None) -> Remedy:
    """What mends a finding in the work tree."""
    post = finding.post
    if finding.kind is Kind.UNUSABLE:
        return Remedy(post=post.path, by_hand="edit")
    if finding.kind in (Kind.UNTRACKED, Kind.IGNORED):
        return Remedy(post=post.path, add=files_of(site, post))
    if post.own:
        return Remedy(post=post.path, by_hand=f"replace {post.own}, or name another picture in")
    options = ["--force"] if finding.kind in (Kind.BROKEN, Kind.STALE) else []
    if site.settings.provider in ("card", "none"):
        options += ["--provider", "fal"]
    add = (_picture_path(site, post), site.library.state) if tree else ()
    return Remedy(post=post.path, generate=tuple(options), add=add)


def files_of(site: OpenSite, post: Post) -> tuple[Path, ...]:
    """What git should have of a post's picture: the file, and the ledger beside a hero of ours."""
    records = [] if post.own or not site.ledger.path.exists() else [site.library.state]
    return (_picture_path(site, post), *records)


def _picture_path(site: OpenSite, post: Post) -> Path:
    """The file of the post's picture, or what its hero will be."""
    if there := picture_of(site, post, site.library.heroes()):
        return there
    (item,) = survey(site_of(site, [post])).plan.items
    # A retitled post keeps its picture, in the format that it has.
    suffix = Path(item.copied_from).suffix or ".png"
    return site.library.folder / (item.stem + suffix)


def commands(remedies: Iterable[Remedy], shell: Shell, tree: Tree | None) -> list[str]:
    """The commands of several remedies, the same ones together: first what is made, then what git takes."""
    everything = list(remedies)
    lines = [f"# {remedy.by_hand} {shell.quote_path(remedy.post)}" for remedy in everything if remedy.by_hand]
    for options in dict.fromkeys(remedy.generate for remedy in everything if remedy.generate is not None):
        posts = [remedy.post for remedy in everything if remedy.generate == options]
        lines.append(shell.generate(posts, *options))
    if tree:
        files = [file for remedy in everything for file in remedy.add]
        lines += [shell.add(some, *options) for options, some in git_add_calls(files, tree.top)]
    return lines


def git_add_calls(files: Iterable[Path], top: Path) -> list[tuple[tuple[str, ...], list[Path]]]:
    """What ``git add`` is to be called with, so that it takes these files: options, and those of the files."""
    everything = sorted(dict.fromkeys(files), key=lambda file: file.name == STATE_DIR)
    ignored = git.ignored(top, everything)
    plain = [file for file in everything if file not in ignored]
    # The ledger is of use in git, but whoever ignores it has said so; a picture belongs to its post.
    forced = [file for file in everything if file in ignored and file.name != STATE_DIR]
    return [(options, some) for options, some in (((), plain), (("--force",), forced)) if some]
