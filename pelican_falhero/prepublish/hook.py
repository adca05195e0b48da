"""Finds the posts that a push or a commit would publish without their pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from ..content.post import Post
from ..content.site import OpenSite
from . import git
from .changes import Change
from .check import Finding, Kind, Tree, check_site, missing_hero, picture_of, unwritten_hero
from .commits import Committed, committed_sites
from .remedies import Remedy, Shell, commands, files_of, git_add_calls, remedies_for


@dataclass(frozen=True, kw_only=True)
class SiteFindings:
    """The posts of one site that a change would publish without their pictures."""

    change: Change
    committed: Committed
    findings: list[Finding]


@dataclass(frozen=True, kw_only=True)
class HookRun:
    """The check of one push or one commit."""

    top: Path
    """Root of the work tree."""
    changes: Sequence[Change]
    """What the push or commit publishes."""
    shell: Shell
    """The user's folder, and the settings file that the hook was given, if any."""
    warn: Callable[[Iterable[str]], None]
    """Prints which files can't be read."""

    def check(self) -> list[SiteFindings]:
        """Find the posts that the changes would publish without their pictures."""
        found = []
        for change in self.changes:
            for committed in committed_sites(self.top, change, self.shell.settings_file):
                # A file that can't be read as a post is not published either. That may be intended, so it only warns.
                self.warn(committed.site.unreadable.values())
                if findings := self._findings(change, committed):
                    found.append(SiteFindings(change=change, committed=committed, findings=findings))
        return found

    def _findings(self, change: Change, committed: Committed) -> list[Finding]:
        site, heroes = committed.site, committed.heroes()
        drawn = site.library.heroes()
        place = "staged" if change.commit == git.INDEX else "in the commit"
        findings = []
        for post in site.wanted_posts():
            finding = missing_hero(site, post, heroes)
            if finding and finding.kind is Kind.MISSING and picture_of(site, post, drawn):
                finding = replace(finding, kind=Kind.UNTRACKED, text=f"its hero is not {place}")
            elif post.own and not committed.has(post.own):
                finding = Finding(post=post, kind=Kind.UNTRACKED, text=f"its picture {post.own} is not {place}")
            if finding := unwritten_hero(site, post, drawn | heroes) or finding:
                findings.append(finding)
        return findings

    def draw_missing(
        self, found: Iterable[SiteFindings], generate: Callable[[Sequence[Path]], object]
    ) -> list[SiteFindings]:
        """Draw the missing heroes, stage them if this is a commit, and check again.

        Args:
            found: the result of ``check``.
            generate: makes the heroes of posts, and prints its own errors.
        """
        for site_findings in found:
            made = (finding for finding in site_findings.findings if finding.kind in (Kind.MISSING, Kind.UNWRITTEN))
            if posts := [finding.post.path for finding in made if finding.post.path.exists()]:
                generate(posts)
            if site_findings.change.commit == git.INDEX and not _is_partial_commit():
                self._stage(site_findings)
        return self.check()

    def _stage(self, found: SiteFindings) -> None:
        remedies = self._remedies(found)
        files = [file for remedy in remedies for file in remedy.add if file.exists() and file != remedy.post]
        for options, some in git_add_calls(files, self.top):
            git.add(self.top, some, *options)
        if found.committed.site.hero_field:
            self._stage_fields(found.committed.site, [finding.post for finding in found.findings])

    def _stage_fields(self, site: OpenSite, posts: Iterable[Post]) -> None:
        """Have the staged posts name their heroes too, and leave edits of theirs that are not staged out of it."""
        from ..content.front_matter_edit import edited  # noqa: PLC0415 - most hooks write into no post

        heroes = site.library.heroes()
        names = {git.relative_name(post.path, self.top): post for post in posts if site.to_write(post, heroes)}
        for name, data in git.read_files(self.top, git.INDEX, list(names)).items():
            post = names[name]
            if site.hero_field:
                value = site.hero_field.as_value(site.to_write(post, heroes))
                git.stage(self.top, name, edited(data, Path(post.source), site.hero_field.name, value))

    def commands(self, found: Iterable[SiteFindings]) -> list[str]:
        """The commands that fix these findings, each once."""
        return list(dict.fromkeys(line for site_findings in found for line in self._commands(site_findings)))

    def _commands(self, found: SiteFindings) -> list[str]:
        site, tree = found.committed.site, Tree(top=self.top)
        shell = replace(self.shell, posts=(site.root,))
        branch = found.change.branch
        if branch and branch != git.branch_of(self.top):
            remedies = remedies_for(found.findings, site, tree)
            return [f"git switch {quote(branch)}", *commands(remedies, shell, tree)]
        return commands(self._remedies(found), shell, tree)

    def _remedies(self, found: SiteFindings) -> list[Remedy]:
        """What fixes the posts in the work tree, where a post may differ from the committed one."""
        paths = [finding.post.path for finding in found.findings]
        names = {path: git.relative_name(path, self.top) for path in paths}
        published = git.read_files(self.top, found.change.commit, list(names.values()))
        site = found.committed.reread([path for path in paths if path.exists()])
        posts = {post.path: post for post in site.wanted_posts()}
        remaining = check_site(site, list(posts.values()), tree=None, fresh=False)
        fixes = {remedy.post: remedy for remedy in remedies_for(remaining, site, Tree(top=self.top))}
        remedies = []
        for path in paths:
            files = files_of(site, posts[path]) if path in posts else ()
            remedy = fixes.get(path) or Remedy(post=path, add=files)
            is_unchanged = path.exists() and path.read_bytes() == published.get(names[path])
            edited = () if is_unchanged and not remedy.by_hand else (path,)
            remedies.append(replace(remedy, add=(*edited, *remedy.add)))
        return remedies


def _is_partial_commit() -> bool:
    """Whether this is ``git commit FILE``: git uses a temporary index for it, and files added to that would be lost."""
    return Path(os.environ.get("GIT_INDEX_FILE", "")).name.startswith("next-index")
