"""``falhero check``: whether every post is fit to be published. Opens no connection."""

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
    """Print the posts that are not fit to be published, and the commands that fix them."""
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
    # A file that can't be read as a post is not published either. That may be intended, so it is only a note.
    problems = problems_of(site, (), options)
    reporter.notes(problems)
    fit = len(posts) - len(findings)
    reporter.line(f"{messages.count(fit, 'post')} fit to be published, {len(findings)} not")
    reporter.document("check", site, findings=rows, summary={"fit": fit, "unfit": len(findings)}, problems=problems)
    return FAILED if findings else SUCCESS
