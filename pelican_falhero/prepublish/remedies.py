"""The commands that fix findings, ready to be pasted into the user's shell."""

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
    """The user's shell: its folder, and how to call falhero there."""

    folder: Path
    settings_file: str | None = None
    """The Pelican settings file that the user named, if any."""

    def generate(self, posts: Iterable[Path], *options: str) -> str:
        """The command that makes these posts' heroes."""
        settings = ("-s", self.quote_path(Path(self.settings_file))) if self.settings_file else ()
        return " ".join(["falhero generate", *options, *settings, *map(self.quote_path, posts)])

    def add(self, files: Iterable[Path], *options: str) -> str:
        """The command that adds these files to git."""
        return " ".join(["git add", *options, *map(self.quote_path, files)])

    def quote_path(self, path: Path) -> str:
        """A path relative to the shell's folder, quoted."""
        relative = os.path.relpath(path, self.folder)
        return quote(f"./{relative}" if relative.startswith("-") else relative)


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What fixes one post."""

    post: Path
    generate: tuple[str, ...] | None = None
    """Options of the command that makes its hero; None if no hero needs to be made."""
    add: tuple[Path, ...] = ()
    """Files to add to git."""
    by_hand: str = ""
    """What only the author can do: a phrase that ends with the post's path."""


def remedy_for(finding: Finding, site: OpenSite, tree: Tree | None) -> Remedy:
    """What fixes a finding in the work tree."""
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
    """The files of a post's picture that belong in git: the picture and, for a hero of ours, the state folder."""
    records = [] if post.own or not site.ledger.path.exists() else [site.library.state]
    return (_picture_path(site, post), *records)


def _picture_path(site: OpenSite, post: Post) -> Path:
    """The file of the post's picture, or the future file of its hero."""
    if existing := picture_of(site, post, site.library.heroes()):
        return existing
    (item,) = survey(site_of(site, [post])).plan.items
    # A retitled post keeps its picture, and so its format.
    suffix = Path(item.copied_from).suffix or ".png"
    return site.library.folder / (item.stem + suffix)


def commands(remedies: Iterable[Remedy], shell: Shell, tree: Tree | None) -> list[str]:
    """The commands of several remedies, joined where they are the same: notes, then ``falhero``, then ``git add``."""
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
    """The calls of ``git add`` that add these files: options and files of each."""
    everything = sorted(dict.fromkeys(files), key=lambda file: file.name == STATE_DIR)
    ignored = git.ignored(top, everything)
    plain = [file for file in everything if file not in ignored]
    # An author may ignore the ledger on purpose. A picture must be published with its post, so it is forced.
    forced = [file for file in everything if file in ignored and file.name != STATE_DIR]
    return [(options, some) for options, some in (((), plain), (("--force",), forced)) if some]
