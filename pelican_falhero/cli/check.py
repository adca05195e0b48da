"""``falhero check``: is every post fit to be published? No network."""

from __future__ import annotations

from pathlib import Path

from ..generation import messages
from ..prepublish.check import Tree, check_site
from ..prepublish.remedies import Shell, commands, remedy_for
from .exits import FAILED, SUCCESS
from .options import CheckOptions
from .output import Reporter, relative
from .selection import open_posts, problems_of


def run(options: CheckOptions, reporter: Reporter) -> int:
    """Say which posts are not fit to be published, and how to mend that."""
    site, posts = open_posts(options, reporter)
    tree = Tree.around(site.root)
    findings = check_site(site, posts, tree=tree, fresh=options.fresh)
    shell = Shell(folder=Path.cwd(), settings_file=options.settings)
    rows = []
    for finding in findings:
        remedy = commands([remedy_for(finding, site, tree)], shell, tree)
        reporter.line(f"{relative(finding.post.path)}: {finding.text}", style="red")
        for command in remedy:
            reporter.line(f"  {command}")
        rows.append(
            {
                "source": finding.post.path.relative_to(site.root).as_posix(),
                "kind": str(finding.kind),
                "file": finding.file.relative_to(site.root).as_posix() if finding.file else None,
                "reason": finding.text,
                "remedy": remedy,
            }
        )
    # A file that is no post is not published either; its own author knows whether it should be.
    problems = problems_of(site, (), options)
    reporter.notes(problems)
    fit = len(posts) - len(findings)
    reporter.line(f"{messages.count(fit, 'post')} fit to be published, {len(findings)} not")
    reporter.document("check", site, findings=rows, summary={"fit": fit, "unfit": len(findings)}, problems=problems)
    return FAILED if findings else SUCCESS
