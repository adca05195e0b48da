"""Reads the posts that a commit changes, as the commit holds them, without touching the work tree."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..content.site import OpenSite, find_pelican_settings, find_root
from ..settings import STATE_DIR
from ..storage.assets import EXTENSIONS
from . import git
from .changes import Change


@dataclass(frozen=True, kw_only=True)
class Committed:
    """The posts of one site that a commit changes, as the commit holds them."""

    site: OpenSite
    """Holds only these posts; its root is the site's folder in the work tree."""
    files: frozenset[str]
    """All files of the commit below the site's root, relative to it."""
    reread: Callable[[Sequence[Path]], OpenSite]
    """Reads the given posts from the work tree."""

    def has(self, path: str) -> bool:
        """Whether the commit holds a file; ``path`` is relative to the site's root."""
        return path in self.files

    def heroes(self) -> dict[str, str]:
        """Stem to file name of every hero in the commit."""
        folder = PurePosixPath(self.site.settings.assets_dir)
        names = (PurePosixPath(name) for name in sorted(self.files) if PurePosixPath(name).parent == folder)
        return {name.stem: name.name for name in names if name.suffix in EXTENSIONS}


def committed_sites(top: Path, change: Change, settings_file: str | None) -> Iterator[Committed]:
    """Read the sites whose posts a commit changes.

    Args:
        top: the work tree.
        change: the commit, and the files that it changes.
        settings_file: the Pelican settings file of the only site; None to look for the site of each file.

    Raises:
        SiteError, SettingsError: a site can't be read.
    """
    pelican: dict[Path, list[str]] = {}
    others: dict[Path, list[str]] = {}
    for folder, names in _by_folder(change.names).items():
        conf = find_pelican_settings(settings_file, top / folder)
        if conf:
            pelican.setdefault(conf, []).extend(names)
        else:
            others.setdefault(find_root(top / folder), []).extend(names)
    for conf, names in pelican.items():
        yield from _pelican_site(top, change, conf, names)
    for root, names in others.items():
        yield from _front_matter_site(top, change, root, names)


def _by_folder(names: Iterable[str]) -> dict[PurePosixPath, list[str]]:
    """The files that may be posts (not pictures or our state files), by folder."""
    grouped: dict[PurePosixPath, list[str]] = {}
    for name in names:
        path = PurePosixPath(name)
        if path.suffix not in EXTENSIONS and STATE_DIR not in path.parts:
            grouped.setdefault(path.parent, []).append(name)
    return grouped


def _pelican_site(top: Path, change: Change, conf_file: Path, names: Sequence[str]) -> Iterator[Committed]:
    from ..content.pelican_site import open_conf, read_pelican_site  # noqa: PLC0415 - other sites do without Pelican

    conf = open_conf(conf_file)
    inside = _names_below(names, conf.root, top)
    if not inside:
        return
    files = _files(top, change, conf.root)

    def exists(file: Path) -> bool:
        # A picture that is only in the work tree exists; the hook reports that it is not in the commit.
        return git.relative_name(file, conf.root) in files or file.is_file()

    def reread(posts: Sequence[Path]) -> OpenSite:
        return read_pelican_site(conf, only=[git.relative_name(post, conf.root) for post in posts])

    with tempfile.TemporaryDirectory(prefix="falhero-") as scratch:
        content = Path(scratch).resolve()
        _write_files(top, change, inside, content)
        site = read_pelican_site(conf, content=content, only=list(inside), exists=exists)
    yield Committed(site=site, files=files, reread=reread)


def _front_matter_site(top: Path, change: Change, root: Path, names: Sequence[str]) -> Iterator[Committed]:
    from ..content.front_matter_site import front_matter_settings, read_front_matter_site  # noqa: PLC0415 - Pelican's do without

    _, table = front_matter_settings(root)
    inside = _names_below(names, root, top)
    inside = {name: full for name, full in inside.items() if any(_is_below(name, folder) for folder in table.folders)}
    if not inside:
        return

    def reread(posts: Sequence[Path]) -> OpenSite:
        return read_front_matter_site(root, posts)

    with tempfile.TemporaryDirectory(prefix="falhero-") as scratch:
        content = Path(scratch).resolve()
        _write_files(top, change, inside, content)
        site = read_front_matter_site(root, content=content)
    yield Committed(site=site, files=_files(top, change, root), reread=reread)


def _names_below(names: Iterable[str], root: Path, top: Path) -> dict[str, str]:
    """For each name below ``root``: its path relative to ``root``, and its name in git."""
    prefix = _prefix(root, top)
    return {name.removeprefix(prefix): name for name in names if name.startswith(prefix)}


def _files(top: Path, change: Change, root: Path) -> frozenset[str]:
    prefix = _prefix(root, top)
    return frozenset(name.removeprefix(prefix) for name in git.files_in(top, change.commit, prefix or "."))


def _prefix(root: Path, top: Path) -> str:
    short = git.relative_name(root, top)
    return "" if short == "." else f"{short}/"


def _is_below(name: str, folder: str) -> bool:
    return folder == "." or name.startswith(f"{folder}/")


def _write_files(top: Path, change: Change, inside: dict[str, str], target: Path) -> None:
    files = git.read_files(top, change.commit, list(inside.values()))
    for relative, name in inside.items():
        if name in files:
            path = target / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
