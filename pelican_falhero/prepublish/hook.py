"""What git's hook looks at: the posts that a push or a commit would publish without their pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from . import git
from .changes import Change
from .check import Finding, Kind, Tree, check_site, missing_hero, picture_of
from .commits import Committed, committed_sites
from .remedies import Remedy, Shell, commands, files_of, git_add_calls, remedy_for

MANY = 20
"""Posts that are named one by one."""


@dataclass(frozen=True, kw_only=True)
class SiteFindings:
    """The posts of one site that a change would publish without their pictures."""

    change: Change
    committed: Committed
    findings: list[Finding]


@dataclass(frozen=True, kw_only=True)
class HookRun:
    """One push, or one commit."""

    top: Path
    """The work tree."""
    changes: Sequence[Change]
    """What is about to be published."""
    shell: Shell
    """Where the user types; its settings file is the one that was named, if any."""
    warn: Callable[[Iterable[str]], None]
    """Tells what can't be read."""

    def check(self) -> list[SiteFindings]:
        """What is wrong with what the changes would publish."""
        found = []
        for change in self.changes:
            for committed in committed_sites(self.top, change, self.shell.settings_file):
                # What can't be read is not published either; whether it should be, its author knows.
                self.warn(committed.site.unreadable.values())
                if findings := self._findings(change, committed):
                    found.append(SiteFindings(change=change, committed=committed, findings=findings))
        return found

    def _findings(self, change: Change, committed: Committed) -> list[Finding]:
        site, heroes = committed.site, committed.heroes()
        drawn = site.library.heroes()
        place = "staged" if change.commit == git.INDEX else "in the commit"
        findings = []
        for post in site.wanted():
            finding = missing_hero(site, post, heroes)
            if finding and finding.kind is Kind.MISSING and picture_of(site, post, drawn):
                finding = replace(finding, kind=Kind.UNTRACKED, text=f"its hero is not {place}")
            elif post.own and not committed.has(post.own):
                finding = Finding(post=post, kind=Kind.UNTRACKED, text=f"its picture {post.own} is not {place}")
            if finding:
                findings.append(finding)
        return findings

    def draw_missing(
        self, troubles: Iterable[SiteFindings], generate: Callable[[Sequence[Path]], object]
    ) -> list[SiteFindings]:
        """Draw what is missing, and stage it for a commit; what is wrong even then.

        Args:
            troubles: what is wrong.
            generate: makes the heroes of some posts; where it can't, it says so itself.
        """
        for trouble in troubles:
            posts = [finding.post.path for finding in trouble.findings if finding.kind is Kind.MISSING]
            if posts := [post for post in posts if post.exists()]:
                generate(posts)
            if trouble.change.commit == git.INDEX and not _is_partial_commit():
                self._stage(trouble)
        return self.check()

    def _stage(self, trouble: SiteFindings) -> None:
        remedies = self._remedies(trouble)
        files = [file for remedy in remedies for file in remedy.add if file.exists() and file != remedy.post]
        for options, some in git_add_calls(files, self.top):
            git.add(self.top, some, *options)

    def commands(self, troubles: Iterable[SiteFindings]) -> list[str]:
        """The commands that mend it, each once."""
        return list(dict.fromkeys(line for trouble in troubles for line in self._commands(trouble)))

    def _commands(self, trouble: SiteFindings) -> list[str]:
        site, tree = trouble.committed.site, Tree(top=self.top)
        branch = trouble.change.branch
        if branch and branch != git.branch_of(self.top):
            remedies = [remedy_for(finding, site, tree) for finding in trouble.findings]
            return [f"git switch {quote(branch)}", *commands(remedies, self.shell, tree)]
        if len(trouble.findings) > MANY:
            pictures = [site.library.folder, site.library.state]
            return [self.shell.generate([site.root]), self.shell.add(pictures)]
        return commands(self._remedies(trouble), self.shell, tree)

    def _remedies(self, trouble: SiteFindings) -> list[Remedy]:
        """What mends it in the work tree, where a post may be another one than in the commit."""
        paths = [finding.post.path for finding in trouble.findings]
        names = {path: git.relative_name(path, self.top) for path in paths}
        published = git.read_files(self.top, trouble.change.commit, list(names.values()))
        site = trouble.committed.reread([path for path in paths if path.exists()])
        posts = {post.path: post for post in site.wanted()}
        wrong = {
            finding.post.path: finding for finding in check_site(site, list(posts.values()), tree=None, fresh=False)
        }
        remedies = []
        for path in paths:
            remedy = Remedy(post=path)
            if path in wrong:
                remedy = remedy_for(wrong[path], site, Tree(top=self.top))
            elif path in posts:
                remedy = Remedy(post=path, add=files_of(site, posts[path]))
            is_same = path.exists() and path.read_bytes() == published.get(names[path])
            edited = () if is_same and not remedy.by_hand else (path,)
            remedies.append(replace(remedy, add=(*edited, *remedy.add)))
        return remedies


def _is_partial_commit() -> bool:
    """Whether it is ``git commit FILE``, whose index git throws away: what is added to it would be lost."""
    return Path(os.environ.get("GIT_INDEX_FILE", "")).name.startswith("next-index")
