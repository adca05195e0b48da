"""``falhero show``: what is known of the heroes of some posts: state, file, and what made it. Opens no connection."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..content.site import OpenSite
from ..gallery.origin import Origin
from ..gallery.reading import read_records
from ..gallery.records import Record
from ..gallery.versions import Numbered, Role, numbered
from ..gallery.words import cost, model_name, origin_fields, pixels
from ..generation import messages
from ..models import edits
from ..planning.item import State
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
    rows: list[dict[str, Any]] = []
    for record in reading.records:
        if rows:
            reporter.line()
        versions = numbered(record.picture.hero_in(site.root), record.others, reading.origins)
        _show(record, versions, site, reporter, shell)
        rows.append(_row(record, versions, site))
    problems = messages.ledger_problems(reading.unreadable, relative(site.ledger.path))
    reporter.notes(problems)
    summary = {
        "posts": len(reading.records),
        "known": sum(record.origin is not None for record in reading.records),
    }
    problems = [*problems, *problems_of(site, posts, options)]
    reporter.document("show", site, posts=rows, summary=summary, problems=problems)
    return SUCCESS


def _show(record: Record, versions: list[Numbered], site: OpenSite, reporter: Reporter, shell: Shell) -> None:
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
        field("change" if edits(origin.endpoint) else "prompt", origin.prompt or "not recorded")
        field("model", model_name(origin.endpoint))
        field("seed", "not recorded" if origin.seed is None else str(origin.seed))
        field("cost", messages.dollars(origin.usd))
        field("drawn", f"{origin.time:%Y-%m-%d %H:%M} UTC")
    elif step.prompt and record.state != "present":
        field("asks for", step.prompt)
        field("model", model_name(step.endpoint))
    if record.alt is not None:
        field("alt", f"{record.alt} (Hero_Alt)" if record.post.overrides.alt else record.alt or "none: decorative")
    if brief := record.brief:
        field("brief", brief.last.text)
        cost_ = messages.dollars(brief.usd)
        field("", f"written {brief.last.time:%Y-%m-%d %H:%M} UTC by {brief.first.language_model}, {cost_}")
    others = [version for version in versions if version.kept]
    last = origin.prompt if origin else ""
    for version in others:
        prompt = version.origin.prompt if version.origin else ""
        is_known = bool(prompt) and prompt == last
        made_by = _made_by(version.origin) + (", same prompt" if is_known else "")
        field(f"no. {version.number}", f"{version.role}: {shown(version.path)}, {made_by}")
        field("", "" if is_known else prompt)
        last = prompt or last
    if others:
        field("pick", "make one of these the hero, for nothing:")
        reporter.command(f"    {shell.pick(record.post.path, others[0].number)}")
    if step.command and record.state != State.UNDECIDED:
        field("next", f"{step.purpose}, {cost(step)}:" if cost(step) else f"{step.purpose}:")
        reporter.command(f"    {step.command}")


def _made_by(origin: Origin | None) -> str:
    if not origin:
        return "which the ledger does not know"
    seed = "" if origin.seed is None else f", seed {origin.seed}"
    model, cost_ = model_name(origin.endpoint), messages.dollars(origin.usd)
    return f"drawn {origin.time:%Y-%m-%d %H:%M} UTC by {model}{seed}, {cost_}"


def _row(record: Record, versions: list[Numbered], site: OpenSite) -> dict[str, Any]:
    picture, step = record.picture, record.step
    width, height = picture.size or (None, None)
    return {
        "source": record.post.source,
        "title": record.title,
        "state": record.state,
        "picture": str(picture.kind) or None,
        "file": picture.file or None,
        "width": width,
        "height": height,
        **origin_fields(record.origin),
        "alt": record.description.last.text if record.description else None,
        "flaws": record.description.last.flaws if record.description else None,
        "brief": record.brief.last.text if record.brief else None,
        "notes": list(record.notes),
        "versions": [
            {
                "number": version.number,
                "file": Path(os.path.relpath(version.path, site.root)).as_posix(),
                "role": str(version.role),
                "is_present": version.role is Role.HERO,
                **origin_fields(version.origin),
            }
            for version in versions
        ],
        "next": {"command": step.command, "usd": step.usd, "prompt": step.prompt or None} if step.command else None,
    }
