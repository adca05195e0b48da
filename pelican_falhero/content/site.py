"""Find and open the site that a command works on: a Pelican site, or a folder of posts with front matter."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from glob import escape
from pathlib import Path
from typing import Any

from ..errors import HeroError
from ..settings import Settings
from ..storage.assets import Library, hero_stem
from ..storage.ledger import FILE_NAME, Ledger
from .fields.hero_field import HeroField
from .post import Post

PELICAN_SETTINGS = "pelicanconf.py"
PLUGIN = "pelican_falhero"
UNLISTED = f"PLUGINS does not list {PLUGIN}, so builds make no heroes and show none"


class SiteError(HeroError):
    """The site or a post was not found, or can't be read; the text names the file."""


@dataclass(frozen=True, kw_only=True)
class OpenSite:
    """A site whose settings and posts were read. Reading buys nothing."""

    root: Path
    """The folder that the paths of posts and pictures are relative to."""
    settings: Settings
    posts: tuple[Post, ...] = ()
    name: str = ""
    unreadable: Mapping[Path, str] = field(default_factory=dict)
    """Files that should be posts but can't be read, with the reason."""
    has_all_posts: bool = True
    """Whether all posts of the site were read, so that a picture that none of them uses is unused."""
    warnings: tuple[str, ...] = ()
    """What its author should know: errors that Pelican or its plugins logged, and that ours is not listed."""
    articles: Any = field(default=None, repr=False, compare=False)
    """Pelican's generator of articles, which has read them; None for a site without Pelican."""
    hero_field: HeroField | None = None
    """The front-matter field that names a post's hero; None if nothing is written into posts."""

    @property
    def library(self) -> Library:
        """The pictures of the site."""
        return Library(self.root, self.settings.assets_dir)

    @property
    def ledger(self) -> Ledger:
        """The ledger of the site."""
        return Ledger(self.library.state / FILE_NAME)

    def to_write(self, post: Post, heroes: Mapping[str, str]) -> str:
        """Return what a post's field has still to say; empty if it says it, or there is no field or no hero.

        ``heroes`` maps stems to the file names of the heroes that exist.
        """
        name = heroes.get(hero_stem(post.title))
        if not (self.hero_field and post.takes_hero and name):
            return ""
        value = self.hero_field.value(post.source, f"{self.settings.assets_dir}/{name}")
        return value if value != post.written else ""

    def wanted_posts(self) -> tuple[Post, ...]:
        """Return the posts for which a build makes heroes."""
        return tuple(post for post in self.posts if post.wanted)

    def posts_in(self, paths: Sequence[Path]) -> tuple[Post, ...]:
        """Return the posts in these files, of any status, and the wanted posts in these folders.

        Raises:
            SiteError: a path does not exist, or is not a post of this site.
        """
        found: dict[Path, Post] = {}
        for path in paths:
            check_exists(path)
            forms = path_forms(path)
            posts = [post for post in self.posts if forms & {post.path, *post.path.parents}]
            if not posts:
                why = next((why for file, why in self.unreadable.items() if file in forms), "")
                kind = "contains no post" if path.is_dir() else "is not a post"
                raise SiteError(why or f"{path} {kind} of the site in {self.root}")
            if path.is_dir():
                found = {post.path: post for post in posts if post.wanted} | found
            else:
                found |= {post.path: replace(post, wanted=True) for post in posts}
        return tuple(found.values())

    def with_same_title(self, posts: Sequence[Post]) -> tuple[Post, ...]:
        """Return these posts, and the wanted posts with the same titles: the oldest one determines the shared hero."""
        paths = {post.path for post in posts}
        titles = {post.title for post in posts if post.takes_hero}
        others = (post for post in self.posts if post.wanted and post.path not in paths)
        return (*posts, *(post for post in others if post.takes_hero and post.title in titles))


def path_forms(path: Path) -> set[Path]:
    """Return the absolute path as given, and with all symbolic links resolved."""
    return {Path(os.path.abspath(path)), path.resolve()}  # noqa: PTH100 - does not resolve links


def check_exists(path: Path) -> None:
    """Check that a file or folder exists.

    Raises:
        SiteError: it does not exist, or that can't be known.
    """
    if not _is_there(path):
        raise SiteError(f"{path}: there is no such file")


def open_site(settings_file: str | None, paths: Sequence[Path] = ()) -> OpenSite:
    """Open the site that contains a folder; it is a Pelican site if the folder or a parent has a ``pelicanconf.py``.

    Args:
        settings_file: another Pelican settings file to use.
        paths: posts, or folders of posts. The search starts at the first; without any, at the working directory.

    Raises:
        SiteError, SettingsError: there is no site, or its settings are invalid.
    """
    for path in paths:
        if not _is_there(path):
            raise SiteError(f"{path}: there is no such file{_suggestion(path, settings_file)}")
    start = Path.cwd() if not paths else paths[0] if paths[0].is_dir() else paths[0].parent
    if file := find_pelican_settings(settings_file, start.resolve()):
        from .pelican_site import open_conf, read_pelican_site  # noqa: PLC0415 - other sites don't need Pelican

        return read_pelican_site(open_conf(file))
    from .front_matter_site import read_front_matter_site  # noqa: PLC0415

    return read_front_matter_site(find_root(start.resolve()), paths)


def provider_here() -> str:
    """Return the provider that the site around the working directory sets; empty if none is. Posts are not read.

    Raises:
        SiteError, SettingsError: its settings can't be read.
    """
    here = Path.cwd().resolve()
    if file := find_pelican_settings(None, here):
        from .pelican_site import open_conf  # noqa: PLC0415 - other sites don't need Pelican

        return str(open_conf(file).values.get("FALHERO_PROVIDER", ""))
    from .site_table import read_table  # noqa: PLC0415

    return str(read_table(find_root(here)).settings.get("provider", ""))


def _suggestion(path: Path, settings_file: str | None) -> str:
    """Which post of the site around the working directory may be meant; empty if that is not certain."""
    try:
        if conf := find_pelican_settings(settings_file, Path.cwd()):
            from .pelican_site import open_conf  # noqa: PLC0415 - other sites don't need Pelican

            folders = [open_conf(conf).root]
        else:
            from .front_matter_site import front_matter_settings  # noqa: PLC0415

            root = find_root(Path.cwd())
            folders = [root / folder for folder in front_matter_settings(root)[1].folders]
    except HeroError:
        return ""
    found = [folder / path for folder in folders if (folder / path).exists()]
    if not found and path.name:
        found = [file for folder in folders for file in folder.rglob(escape(path.name)) if file.is_file()]
    return f"; did you mean {os.path.relpath(found[0])}?" if len(found) == 1 else ""


def lists_plugin(values: Mapping[str, Any]) -> bool:
    """Whether Pelican's settings list this plugin."""
    listed = values.get("PLUGINS") or ()
    return PLUGIN in [entry if isinstance(entry, str) else getattr(entry, "__name__", "") for entry in listed]


def find_pelican_settings(settings_file: str | None, start: Path) -> Path | None:
    """Return the given settings file, or the nearest ``pelicanconf.py`` in a folder or its parents; None without any.

    Raises:
        SiteError: the given settings file does not exist, or a folder can't be searched.
    """
    if settings_file is not None:
        if not _is_there(Path(settings_file)) or Path(settings_file).is_dir():
            raise SiteError(f"{settings_file}: there is no such settings file")
        return Path(settings_file)
    for folder in (start, *start.parents):
        if _is_there(folder / PELICAN_SETTINGS) and (folder / PELICAN_SETTINGS).is_file():
            return folder / PELICAN_SETTINGS
        if (folder / ".git").exists():
            break
    return None


def _is_there(path: Path) -> bool:
    """Whether a file or folder exists.

    Raises:
        SiteError: that can't be known.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise SiteError(
            f"{path.parent} can't be searched for {path.name} ({error.strerror}); check its permissions"
        ) from error
    return True


def find_root(start: Path) -> Path:
    """Return the root of a site without Pelican: ``start`` or its nearest parent with a ``pyproject.toml`` or ``.git``.

    If there is none, it is the working directory, or ``start`` if that is not in the working directory.
    """
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    here = Path.cwd()
    return here if start.is_relative_to(here) else start
