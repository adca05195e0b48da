"""Whether the site can be read: settings file, plugin, our settings, posts."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..content.front_matter_site import read_front_matter_site
from ..content.output_folder import read_site_settings
from ..content.site import (
    PELICAN_SETTINGS,
    PLUGIN,
    UNLISTED,
    OpenSite,
    find_pelican_settings,
    find_root,
    lists_plugin,
)
from ..content.site_table import SiteTable, read_table
from ..errors import HeroError
from ..generation import messages
from ..prepublish.check import Kind, check_site
from ..prepublish.remedies import Shell
from ..settings_reading import read_what_is_right
from .findings import Finding, Findings, Group
from .subject import Subject

_SETUP = Findings(Group.SETUP)
_MOST_NAMED = 3
_CONTENT = 'content = ["posts"]'


def open_subject(settings_file: str | None, folder: Path) -> tuple[Subject, list[Finding]]:
    """Read as much of the site around a folder as can be read, and tell how that went.

    Raises:
        SiteError: the settings file that was named does not exist, or a folder can't be searched.
    """
    file = find_pelican_settings(settings_file, folder)
    opening = _Opening(Subject(shell=Shell(folder=folder, settings_file=settings_file), file=file))
    found = _SETUP.of(lambda: opening.pelican(file) if file else opening.project())
    return opening.subject, found


class _Opening:
    """Reads a site step by step; ``subject`` is what is known where a step fails."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def pelican(self, file: Path) -> Iterator[Finding]:
        """A site that Pelican builds."""
        from ..content.pelican_site import Conf, open_conf, read_pelican_site  # noqa: PLC0415 - others do without

        try:
            conf = open_conf(file)
        except HeroError as error:
            yield _SETUP.wrong(self._told(error), f"# mend {self._name(file)}")
            return
        yield _SETUP.ok(f"settings: {self._name(file)}")
        yield _plugin(conf.values, self._name(file))
        settings, problem = read_site_settings(conf.values, conf.root)
        self.subject = replace(self.subject, values=conf.values, root=conf.root, settings=settings)
        yield from self._settings(file, problem)
        try:
            site = read_pelican_site(Conf(file, dict(conf.values)), settings=settings)
        except HeroError as error:
            yield _SETUP.wrong(self._told(error), "# mend what it names; builds fail on it too")
            return
        self.subject = replace(self.subject, site=site)
        said = [text for text in site.warnings if not text.startswith(UNLISTED)]
        yield from (_SETUP.note(f"Pelican says: {text}") for text in said[:_MOST_NAMED])
        yield from _posts(site, self.subject.shell)

    def project(self) -> Iterator[Finding]:
        """A site without Pelican, whose settings are in ``pyproject.toml``."""
        root = find_root(self.subject.shell.folder)
        file = root / "pyproject.toml"
        self.subject = replace(self.subject, file=file)
        try:
            table = read_table(root)
        except HeroError as error:
            yield _SETUP.wrong(self._told(error), f"# mend {self._name(file)}")
            return
        if not (table.settings or table.folders or table.field):
            yield _nothing_here(self.subject.shell.folder)
            return
        yield _SETUP.ok(f"settings: [tool.falhero] in {self._name(file)}; no pelicanconf.py, so no plugin or theme")
        settings, problem = read_what_is_right(table.settings, root=root, prefix="")
        self.subject = replace(self.subject, root=root, settings=settings)
        yield from self._settings(file, problem)
        yield _field(table)
        if not table.folders:
            yield _SETUP.note("content is not set, so commands need the names of posts; where they are:", _CONTENT)
        if table.folders and not problem:
            site = read_front_matter_site(root)
            self.subject = replace(self.subject, site=site)
            yield from _posts(site, self.subject.shell)

    def _settings(self, file: Path, problem: str) -> Iterator[Finding]:
        if problem:
            where = _place_of(problem, [file, file.with_name(PELICAN_SETTINGS)])
            yield _SETUP.wrong(problem, f"# mend {where or self._name(file)}; until then nothing is drawn")

    def _told(self, error: HeroError) -> str:
        """An error that may name the settings file, with its path as it is typed."""
        file = self.subject.file
        return str(error).replace(str(file), self._name(file)) if file else str(error)

    def _name(self, file: Path) -> str:
        return self.subject.shell.relative(file)


def _place_of(problem: str, files: Iterable[Path]) -> str:
    """File and line that set what a problem begins with; empty where none is found."""
    name = problem.partition(" ")[0].partition("[")[0]
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            lines = file.read_text(encoding="utf-8").splitlines()
            if found := [number for number, line in enumerate(lines, start=1) if line.lstrip().startswith(name)]:
                return f"{file.name}, line {found[-1]}"
    return ""


def _plugin(values: Mapping[str, Any], conf: str) -> Finding:
    listed = values.get("PLUGINS")
    if lists_plugin(values):
        return _SETUP.ok(f"plugin: {PLUGIN} is in PLUGINS")
    if near := [entry for entry in listed or () if isinstance(entry, str) and "falhero" in entry.lower()]:
        text = f"plugin: PLUGINS lists {near[0]}, but its name is {PLUGIN}, so builds make no heroes and show none"
        return _SETUP.wrong(text, f'# in PLUGINS of {conf} write "{PLUGIN}" for it')
    line = f'PLUGINS = [*PLUGINS, "{PLUGIN}"]'
    if listed is None:
        from pelican.plugins._utils import get_namespace_plugins  # noqa: PLC0415 - others do without Pelican

        # A PLUGINS setting switches off their discovery.
        installed = [name.removeprefix("pelican.plugins.") for name in get_namespace_plugins()]
        line = f"PLUGINS = {json.dumps([*installed, PLUGIN])}"
    return _SETUP.wrong(f"plugin: {UNLISTED}", f"# at the end of {conf}:", line)


def _field(table: SiteTable) -> Finding:
    """Whether posts without Pelican name their heroes."""
    if not table.field:
        text = "write is not set, so no post names its hero; if the site's templates show a field:"
        return _SETUP.note(text, 'write = "image"')
    return _SETUP.ok(f"field: `{table.field.name}` of each post names its hero")


def _nothing_here(folder: Path) -> Finding:
    return _SETUP.wrong(
        f"no pelicanconf.py in {folder} or above, and no [tool.falhero] in a pyproject.toml",
        "# Pelican: go to the folder of the pelicanconf.py, or name the file with -s",
        "# Astro, Hugo, Jekyll, Eleventy: say which in a pyproject.toml",
        f"# another generator: say there instead where the posts are: {_CONTENT}",
        "[tool.falhero]",
        'generator = "astro"',
    )


def _posts(site: OpenSite, shell: Shell) -> Iterator[Finding]:
    """How many posts there are, and how many of them are fit for a hero and have one."""
    yield from (_SETUP.note(text) for text in list(site.unreadable.values())[:_MOST_NAMED])
    posts = site.wanted_posts()
    kinds = Counter(finding.kind for finding in check_site(site, posts, tree=None, fresh=False))
    if unusable := kinds[Kind.UNUSABLE]:
        text = f"posts: {messages.count(unusable, 'post')} with fields that can't be used, so nothing is drawn there"
        yield _SETUP.wrong(text, shell.command("check"))
    if broken := kinds[Kind.BROKEN]:
        text = f"posts: {messages.count(broken, 'post')} with a broken picture"
        yield _SETUP.wrong(text, shell.command("check"))
    if unwritten := kinds[Kind.UNWRITTEN]:
        text = f"posts: {messages.count(unwritten, 'post')} whose front matter does not name the hero that is there"
        yield _SETUP.wrong(text, shell.command("generate"))
    there = len(posts) - kinds.total() + unwritten
    if not posts:
        yield _SETUP.note("posts: none that takes a hero")
    elif there == len(posts):
        yield _SETUP.ok(f"posts: {len(posts)}, none without its hero")
    else:
        yield _SETUP.note(f"posts: {there} of {len(posts)} have their hero", shell.command("plan"))
