"""``falhero prune``: lists or deletes pictures that no post uses any more."""

from __future__ import annotations

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
        note = " (younger than 7 days, kept)" if unused.is_young else ""
        reporter.line(f"{state:<8} {relative(unused.path)}{note}")
        file = unused.path.relative_to(site.root).as_posix()
        rows.append({"file": file, "state": state, "bytes": unused.size})
    old = [row for row in rows if row["state"] != "young"]
    if not rows:
        reporter.line("every picture is in use")
    elif old and not options.apply:
        size = sum(row["bytes"] for row in old) / 1e6
        reporter.line(f"{messages.count(len(old), 'file')} to delete, {size:.1f} MB: falhero prune --apply")
    summary = {"files": len(old), "bytes": sum(row["bytes"] for row in old)}
    reporter.document("prune", site, files=rows, summary=summary, problems=[])
    return SUCCESS


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
