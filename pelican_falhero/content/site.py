"""The site that a command works on: a Pelican site, or any folder of posts with front matter."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import HeroError
from ..settings import Settings
from ..storage.assets import Library
from ..storage.ledger import FILE_NAME, Ledger
from .post import Post

PELICAN_SETTINGS = "pelicanconf.py"


class SiteError(HeroError):
    """There is no such site, or no such post in it; the text names it."""


@dataclass(frozen=True, kw_only=True)
class OpenSite:
    """A site that was read. Reading buys nothing."""

    root: Path
    """The folder that sources and pictures are relative to."""
    settings: Settings
    posts: tuple[Post, ...] = ()
    name: str = ""
    unreadable: Mapping[Path, str] = field(default_factory=dict)
    """Files that should be posts and can't be read, and why; their posts, if any, are not known."""
    has_all_posts: bool = True
    """Whether all posts were read, so that what none of them uses is used by none."""
    warnings: tuple[str, ...] = ()
    """What else was heard while it was read."""

    @property
    def library(self) -> Library:
        """Its pictures."""
        return Library(self.root, self.settings.assets_dir)

    @property
    def ledger(self) -> Ledger:
        """Its ledger."""
        return Ledger(self.library.state / FILE_NAME)

    def wanted_posts(self) -> tuple[Post, ...]:
        """The posts that a build cares for."""
        return tuple(post for post in self.posts if post.wanted)

    def posts_in(self, paths: Sequence[Path]) -> tuple[Post, ...]:
        """The posts in these files, whatever their status, and the wanted ones below these folders.

        Raises:
            SiteError: there is no such file, or it is no post of this site.
        """
        found: dict[Path, Post] = {}
        for path in paths:
            check_exists(path)
            known = path_forms(path)
            posts = [post for post in self.posts if known & {post.path, *post.path.parents}]
            if not posts:
                why = next((why for file, why in self.unreadable.items() if file in known), "")
                kind = "holds no post" if path.is_dir() else "is no post"
                raise SiteError(why or f"{path} {kind} of the site in {self.root}")
            if path.is_dir():
                found = {post.path: post for post in posts if post.wanted} | found
            else:
                found |= {post.path: replace(post, wanted=True) for post in posts}
        return tuple(found.values())

    def with_same_title(self, posts: Sequence[Post]) -> tuple[Post, ...]:
        """These posts and the wanted ones that share a hero with them, for the oldest decides its request."""
        paths = {post.path for post in posts}
        titles = {post.title for post in posts if post.takes_hero}
        others = (post for post in self.posts if post.wanted and post.path not in paths)
        return (*posts, *(post for post in others if post.takes_hero and post.title in titles))


def path_forms(path: Path) -> set[Path]:
    """A path with its links as they were typed, and with all of them resolved."""
    return {Path(os.path.abspath(path)), path.resolve()}  # noqa: PTH100 - resolves nothing


def check_exists(path: Path) -> None:
    """Be sure that a file or folder that was named is there.

    Raises:
        SiteError: it is not.
    """
    if not path.exists():
        raise SiteError(f"{path}: there is no such file")


def open_site(settings_file: str | None, paths: Sequence[Path] = ()) -> OpenSite:
    """The site around a folder: Pelican's where there is a ``pelicanconf.py`` at or above it.

    Args:
        settings_file: Pelican's settings file, where it is another.
        paths: posts, or folders of them. The first says where to look; without any it is the working directory.

    Raises:
        SiteError, SettingsError: there is none, or its settings can't be used.
    """
    for path in paths:
        check_exists(path)
    start = Path.cwd() if not paths else paths[0] if paths[0].is_dir() else paths[0].parent
    if file := find_pelican_settings(settings_file, start.resolve()):
        from .pelican_site import open_conf, read_pelican_site  # noqa: PLC0415 - other sites do without Pelican

        return read_pelican_site(open_conf(file))
    from .front_matter_site import read_front_matter_site  # noqa: PLC0415

    return read_front_matter_site(find_root(start.resolve()), paths)


def find_pelican_settings(settings_file: str | None, start: Path) -> Path | None:
    """The settings file that was named, or the nearest ``pelicanconf.py`` at or above a folder; None without any.

    Raises:
        SiteError: the one that was named is not there.
    """
    if settings_file is not None:
        if not Path(settings_file).is_file():
            raise SiteError(f"{settings_file}: there is no such settings file")
        return Path(settings_file)
    for folder in (start, *start.parents):
        if (folder / PELICAN_SETTINGS).is_file():
            return folder / PELICAN_SETTINGS
        if (folder / ".git").exists():
            break
    return None


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` with a ``pyproject.toml`` or ``.git``, for a site without Pelican.

    Without any it is the working directory, or ``start`` where that lies elsewhere.
    """
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    here = Path.cwd()
    return here if start.is_relative_to(here) else start
