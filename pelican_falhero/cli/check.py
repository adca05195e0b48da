"""``falhero check``: whether every post is fit to be published. Opens no connection."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..content.site import OpenSite
from ..generation import messages
from ..prepublish.check import Finding, Tree, check_site
from ..prepublish.git import GitError
from ..prepublish.remedies import Remedy, Shell, commands, remedies_for
from .exits import FAILED, SUCCESS
from .options import CheckOptions
from .output import Reporter, shown
from .selection import open_posts, problems_of


def run(options: CheckOptions, reporter: Reporter) -> int:
    """Print the posts that are not fit to be published, and the commands that fix them."""
    site, posts = open_posts(options, reporter)
    tree, git_problem = _tree_around(site)
    findings = check_site(site, posts, tree=tree, fresh=options.fresh)
    remedies = remedies_for(findings, site, tree)
    shell = Shell(folder=Path.cwd(), settings_file=options.settings, posts=tuple(map(Path, options.posts)))
    fixes = commands(remedies, shell, tree)
    for finding in findings:
        reporter.line(f"{shown(finding.post.path)}: {finding.text}", style="red")
    if fixes:
        reporter.line("To fix it:")
    for command in fixes:
        reporter.command(f"  {command}")
    for problem in git_problem:
        reporter.line(problem, style="red")
    # A file that can't be read as a post is not published either. That may be intended, so it is only a note.
    unreadable = problems_of(site, (), options)
    reporter.notes(unreadable)
    fit = len(posts) - len(findings)
    what = "with a whole picture" if git_problem else "fit to be published"
    is_well = not (findings or git_problem)
    reporter.line(f"{messages.count(fit, 'post')} {what}, {len(findings)} not", style="green" if is_well else "")
    reporter.document(
        "check",
        site,
        findings=_rows(findings, remedies, site, shell, tree) if reporter.as_json else [],
        remedy=fixes,
        summary={"fit": fit, "unfit": len(findings)},
        problems=[*git_problem, *unreadable],
    )
    return SUCCESS if is_well else FAILED


def _tree_around(site: OpenSite) -> tuple[Tree | None, list[str]]:
    """The site's git work tree, and why it can't be read: the pictures themselves are checked all the same."""
    try:
        return Tree.around(site.root), []
    except GitError as error:
        return None, [f"what git has of the pictures is not known: {error}"]


def _rows(
    findings: Sequence[Finding], remedies: Sequence[Remedy], site: OpenSite, shell: Shell, tree: Tree | None
) -> list[dict[str, Any]]:
    return [
        {
            "source": finding.post.path.relative_to(site.root).as_posix(),
            "kind": str(finding.kind),
            "file": finding.file.relative_to(site.root).as_posix() if finding.file else None,
            "reason": finding.text,
            "remedy": commands([remedy], shell, tree),
        }
        for finding, remedy in zip(findings, remedies, strict=True)
    ]
