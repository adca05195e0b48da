"""``falhero prune``: lists or deletes pictures that no post uses any more."""

from __future__ import annotations

from shlex import quote
from typing import Any

from ..content.site import OpenSite, SiteError
from ..errors import AssetsError
from ..generation import messages
from ..prepublish.unused import Unused, find_unused
from .exits import SUCCESS
from .options import PruneOptions
from .output import Reporter, relative
from .selection import open_whole_site


def run(options: PruneOptions, reporter: Reporter) -> int:
    """List the unused pictures, and delete them with ``--apply``."""
    site = open_whole_site(options, reporter)
    _check_readable(site)
    rows: list[dict[str, Any]] = []
    for unused in find_unused(site):
        state = "young" if unused.is_young else "deleted" if options.apply else "unused"
        if state == "deleted":
            _delete(unused)
        note = " (younger than 7 days)" if unused.is_young else ""
        reporter.line(f"{state:<8} {relative(unused.path)}{note}")
        file = unused.path.relative_to(site.root).as_posix()
        rows.append({"file": file, "state": state, "bytes": unused.size})
    old = [row for row in rows if row["state"] != "young"]
    summary = {"files": len(old), "bytes": sum(row["bytes"] for row in old)}
    reporter.line(_summary_line(summary, young=len(rows) - len(old), options=options))
    reporter.document("prune", site, files=rows, summary=summary, problems=[])
    return SUCCESS


def _summary_line(summary: dict[str, int], *, young: int, options: PruneOptions) -> str:
    files = messages.count(summary["files"], "file")
    size = f"{summary['bytes'] / 1e6:.1f} MB"
    kept = f"; {messages.count(young, 'file')} younger than 7 days kept" if young else ""
    if not summary["files"]:
        return f"nothing to delete{kept}" if young else "nothing to delete: every picture is in use"
    if options.apply:
        return f"{files} deleted, {size}{kept}"
    settings = f" -s {quote(options.settings)}" if options.settings else ""
    return f"{files} to delete, {size}{kept}: falhero prune{settings} --apply"


def _check_readable(site: OpenSite) -> None:
    """Require that every post can be read: one that can't may use any picture.

    Raises:
        SiteError: a post can't be read.
    """
    problems = [*site.unreadable.values(), *(post.problem for post in site.posts if post.problem)]
    if problems:
        raise SiteError(
            f"{problems[0]}; prune can't know which pictures are unused before it can read every post. "
            "Fix that file, or add it to IGNORE_FILES"
        )


def _delete(unused: Unused) -> None:
    try:
        unused.path.unlink(missing_ok=True)
    except OSError as error:
        raise AssetsError.of(unused.path.parent, error) from error
