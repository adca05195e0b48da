"""What git's hook runs: it stops posts whose heroes are not published along with them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from ..errors import HeroError
from ..generation import messages
from ..prepublish import changes, git
from ..prepublish.changes import Change
from ..prepublish.check import (
    Finding,
    Kind,
    Tree,
    check_site,
    lacking,
    picture_of,
)
from ..prepublish.commits import Committed, committed_sites
from ..prepublish.remedies import (
    Remedy,
    Shell,
    additions,
    commands,
    files_of,
    remedy_for,
)
from .main import FAILED, GOOD, main
from .output import Reporter

MANY = 20
"""Posts that are named one by one."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """The posts of one site that a change would publish without their pictures."""

    change: Change
    committed: Committed
    findings: list[Finding]


def run_hook(top: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    """Check what is about to be pushed or committed; 1 stops it."""
    if os.environ.get("FALHERO_SKIP") == "1":
        return GOOD
    try:
        run = HookRun(top, options, reporter)
        troubles = run.troubles()
        if troubles and options.generate:
            troubles = run.generate(troubles)
        return run.stop(troubles) if troubles else GOOD
    except HeroError as error:
        reporter.aside(f"falhero: {error}")
        reporter.aside(_way_out(_event(options)))
        return FAILED


class HookRun:
    """One push, or one commit."""

    def __init__(self, top: Path, options: argparse.Namespace, reporter: Reporter) -> None:
        self.top = top
        self.options = options
        self.reporter = reporter
        self.event = _event(options)
        self.changes = self._changes()
        # git runs hooks in the top folder; the commands are for where the user is.
        here = Path.cwd() / os.environ.get("GIT_PREFIX", "")
        self.shell = Shell(folder=here, settings_file=options.settings)

    def _changes(self) -> Iterable[Change]:
        if self.event == "commit":
            return [changes.staged(self.top)]
        if self.options.remote:
            return changes.pushed(self.top, sys.stdin.read().splitlines(), self.options.remote[0])
        if "PRE_COMMIT" in os.environ:
            return [changes.pushed_by_framework(self.top, os.environ)]
        return [changes.unpushed(self.top)]

    def troubles(self) -> list[Trouble]:
        """What is wrong with what the changes would publish."""
        found = []
        for change in self.changes:
            for committed in committed_sites(self.top, change, self.options.settings):
                # What can't be read is not published either; whether it should be, its author knows.
                self.reporter.notes(committed.site.unreadable.values())
                if findings := self._findings(change, committed):
                    found.append(Trouble(change=change, committed=committed, findings=findings))
        return found

    def _findings(self, change: Change, committed: Committed) -> list[Finding]:
        site, heroes = committed.site, committed.heroes()
        drawn = site.library.heroes()
        place = "staged" if change.commit == git.INDEX else "in the commit"
        findings = []
        for post in site.wanted():
            finding = lacking(site, post, heroes)
            if finding and finding.kind is Kind.MISSING and picture_of(site, post, drawn):
                finding = replace(finding, kind=Kind.UNTRACKED, text=f"its hero is not {place}")
            elif post.own and not committed.has(post.own):
                finding = Finding(post=post, kind=Kind.UNTRACKED, text=f"its picture {post.own} is not {place}")
            if finding:
                findings.append(finding)
        return findings

    def generate(self, troubles: Iterable[Trouble]) -> list[Trouble]:
        """Draw what is missing, and stage it for a commit; what is wrong even then."""
        for trouble in troubles:
            posts = [finding.post.path for finding in trouble.findings if finding.kind is Kind.MISSING]
            posts = [post for post in posts if post.exists()]
            if posts:
                settings = ["--settings", self.options.settings] if self.options.settings else []
                main(["generate", *settings, *map(str, posts)])
            if self.event == "commit" and not _is_partial_commit():
                self._stage(trouble)
        return self.troubles()

    def _stage(self, trouble: Trouble) -> None:
        remedies = self._remedies(trouble)
        files = [file for remedy in remedies for file in remedy.add if file.exists() and file != remedy.post]
        for options, some in additions(files, self.top):
            git.add(self.top, some, *options)

    def stop(self, troubles: list[Trouble]) -> int:
        """Say what is wrong and which commands mend it."""
        say = self.reporter.aside
        findings = [finding for trouble in troubles for finding in trouble.findings]
        say(f"falhero: this {self.event} would publish {messages.count(len(findings), 'post')} without a picture:")
        for finding in findings[:MANY]:
            say(f"  {self.shell.spell(finding.post.path)}: {finding.text}")
        if len(findings) > MANY:
            say(f"  and {len(findings) - MANY} more (falhero check lists them all)")
        say("To mend it:")
        for line in dict.fromkeys(line for trouble in troubles for line in self._commands(trouble)):
            say(f"  {line}")
        if self.event == "push":
            say('  git commit -m "Add hero images"')
        say(f"Then {self.event} again. {_way_out(self.event)}")
        return FAILED

    def _commands(self, trouble: Trouble) -> list[str]:
        site, tree = trouble.committed.site, Tree(top=self.top)
        branch = trouble.change.branch
        if branch and branch != git.branch_of(self.top):
            remedies = [remedy_for(finding, site, tree) for finding in trouble.findings]
            return [f"git switch {quote(branch)}", *commands(remedies, self.shell, tree)]
        if len(trouble.findings) > MANY:
            pictures = [site.library.folder, site.library.state]
            return [self.shell.generate([site.root]), self.shell.add(pictures)]
        return commands(self._remedies(trouble), self.shell, tree)

    def _remedies(self, trouble: Trouble) -> list[Remedy]:
        """What mends it in the work tree, where a post may be another one than in the commit."""
        paths = [finding.post.path for finding in trouble.findings]
        names = {path: git.short(path, self.top) for path in paths}
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


def _event(options: argparse.Namespace) -> str:
    return "commit" if options.type == "pre-commit" else "push"


def _way_out(event: str) -> str:
    return f"To {event} all the same: FALHERO_SKIP=1 git {event}"


def _is_partial_commit() -> bool:
    """Whether it is ``git commit FILE``, whose index git throws away: what is added to it would be lost."""
    return Path(os.environ.get("GIT_INDEX_FILE", "")).name.startswith("next-index")
