"""``falhero show``: what is known of the heroes of some posts: state, file, and what made it. Opens no connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..content.site import OpenSite
from ..gallery.reading import read_records
from ..gallery.records import Record
from ..gallery.words import cost, model_name, pixels
from ..generation import messages
from ..prepublish.remedies import Shell
from ..text import is_address
from .exits import SUCCESS
from .options import PostOptions
from .output import Reporter, relative, shown
from .selection import open_posts, problems_of

_WIDTH = 12
_STYLES = {"present": "green", "own": "green", "none": "", "pending": "cyan", "retitled": "cyan", "elsewhere": "cyan"}
"""Colours of the states; the others are those of posts that lack something."""


def run(options: PostOptions, reporter: Reporter) -> int:
    """Show the posts."""
    site, posts = open_posts(options, reporter)
    shell = Shell(folder=Path.cwd(), settings_file=options.settings)
    reading = read_records(site, posts, shell)
    for number, record in enumerate(reading.records):
        if number:
            reporter.line()
        _show(record, site, reporter)
    problems = messages.ledger_problems(reading.unreadable, relative(site.ledger.path))
    reporter.notes(problems)
    summary = {
        "posts": len(reading.records),
        "known": sum(record.origin is not None for record in reading.records),
    }
    rows = [_row(record) for record in reading.records]
    problems = [*problems, *problems_of(site, posts, options)]
    reporter.document("show", site, posts=rows, summary=summary, problems=problems)
    return SUCCESS


def _show(record: Record, site: OpenSite, reporter: Reporter) -> None:
    def field(name: str, text: str, style: str = "") -> None:
        if text:
            reporter.line(f"  {name:<{_WIDTH - 2}}{text}", style, indent=_WIDTH)

    origin, picture, step = record.origin, record.picture, record.step
    reporter.line(f"{shown(record.post.path)}  {record.title if record.title != record.post.source else ''}".rstrip())
    field("state", record.state, _STYLES.get(record.state, "yellow"))
    for note in record.notes:
        field("", note)
    where = picture.file if is_address(picture.file) else shown(site.root / picture.file) if picture.file else ""
    field("picture", ", ".join(filter(None, [where, pixels(picture.size)])))
    if origin:
        field("prompt", origin.prompt or "not recorded")
        field("model", model_name(origin.endpoint))
        field("seed", "not recorded" if origin.seed is None else str(origin.seed))
        field("cost", messages.dollars(origin.usd))
        field("drawn", f"{origin.time:%Y-%m-%d %H:%M} UTC")
    elif step.prompt and record.state != "present":
        field("asks for", step.prompt)
        field("model", model_name(step.endpoint))
    if step.command:
        field("next", f"{step.purpose}, {cost(step)}:" if cost(step) else f"{step.purpose}:")
        reporter.command(f"    {step.command}")


def _row(record: Record) -> dict[str, Any]:
    origin, picture, step = record.origin, record.picture, record.step
    width, height = picture.size or (None, None)
    return {
        "source": record.post.source,
        "title": record.title,
        "state": record.state,
        "picture": str(picture.kind) or None,
        "file": picture.file or None,
        "width": width,
        "height": height,
        "prompt": origin.prompt if origin else None,
        "endpoint": origin.endpoint if origin else None,
        "seed": origin.seed if origin else None,
        "usd": round(origin.usd, 6) if origin else None,
        "drawn": origin.time.strftime("%Y-%m-%dT%H:%M:%SZ") if origin else None,
        "notes": list(record.notes),
        "next": {"command": step.command, "usd": step.usd, "prompt": step.prompt or None} if step.command else None,
    }
