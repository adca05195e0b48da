"""``falhero prune``: lists or deletes pictures that no post uses any more."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote
from typing import Any

from ..content.site import OpenSite, SiteError
from ..generation import messages
from ..prepublish.unused import find_unused, remove_unused
from ..storage.candidates import Candidates
from ..storage.versions import Versions
from .exits import SUCCESS
from .options import PruneOptions
from .output import Reporter, shown
from .selection import open_whole_site


def run(options: PruneOptions, reporter: Reporter) -> int:
    """List the unused pictures, or with ``--history`` those that can be picked; delete them with ``--apply``."""
    site = open_whole_site(options, reporter)
    rows = _prune_history(site, options) if options.history else _prune_unused(site, options)
    width = 9 if any(row["state"] == "candidate" for row in rows) else 8
    for row in rows:
        note = " (younger than 7 days)" if row["state"] == "young" else ""
        reporter.line(f"{row['state']:<{width}} {shown(site.root / row['file'])}{note}")
    old = [row for row in rows if row["state"] != "young"]
    summary = {"files": len(old), "bytes": sum(row["bytes"] for row in old)}
    has_heroes = not options.history and any(row["file"].startswith(f"{site.library.assets_dir}/") for row in old)
    reporter.line(_summary_line(summary, young=len(rows) - len(old), has_heroes=has_heroes, options=options))
    reporter.document("prune", site, files=rows, summary=summary, problems=[])
    return SUCCESS


def _prune_unused(site: OpenSite, options: PruneOptions) -> list[dict[str, Any]]:
    _check_readable(site)
    rows = []
    for unused in find_unused(site):
        state = "young" if unused.is_young else "deleted" if options.apply else "unused"
        if state == "deleted":
            remove_unused(unused, site)
        rows.append(_row(site, unused.path, state, unused.size))
    return rows


def _prune_history(site: OpenSite, options: PruneOptions) -> list[dict[str, Any]]:
    candidates = Candidates(site.library)
    rows = []
    for state, folder in {"earlier": Versions(site.library), "candidate": candidates}.items():
        for picture in folder.all():
            if options.apply:
                folder.discard(picture)
            rows.append(_row(site, picture.path, "deleted" if options.apply else state, picture.size))
    if options.apply:
        candidates.remove_sheets()
    return rows


def _row(site: OpenSite, path: Path, state: str, size: int) -> dict[str, Any]:
    return {"file": Path(os.path.relpath(path, site.root)).as_posix(), "state": state, "bytes": size}


def _summary_line(summary: dict[str, int], *, young: int, has_heroes: bool, options: PruneOptions) -> str:
    files = messages.count(summary["files"], "file")
    size = f"{summary['bytes'] / 1e6:.1f} MB"
    kept = f"; {messages.count(young, 'file')} younger than 7 days kept" if young else ""
    if not summary["files"] and options.history:
        return "nothing to delete: no earlier hero and no candidate is kept on this machine"
    if not summary["files"]:
        return f"nothing to delete{kept or ': every picture in the ledger is in use'}"
    command = "falhero prune" + (f" -s {quote(options.settings)}" if options.settings else "")
    if options.apply:
        where = f"; the heroes are in the history now: {command} --history" if has_heroes else ""
        return f"{files} deleted, {size}{kept}{where}"
    return f"{files} to delete, {size}{kept}: {command}{' --history' if options.history else ''} --apply"


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
