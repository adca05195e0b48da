"""``falhero gallery``: writes one HTML page with every post and its hero. Opens no connection, and draws nothing."""

from __future__ import annotations

import os
from pathlib import Path

from ..content.site import OpenSite
from ..errors import AssetsError, SettingsError
from ..gallery.page import GENERATOR, make_rows, make_totals, render
from ..gallery.reading import read_records
from ..gallery.thumbnails import Thumbnails
from ..generation import messages
from ..prepublish.remedies import Shell
from .exits import SUCCESS
from .options import GalleryOptions
from .output import Reporter, relative
from .selection import open_whole_site

_FILE_NAME = "gallery.html"
_HEAD = 2000
"""Bytes; the page's generator stands in them."""


def run(options: GalleryOptions, reporter: Reporter) -> int:
    """Write the page, and print where it is."""
    site = open_whole_site(options, reporter)
    target = Path(os.path.abspath(options.output)) if options.output else site.library.state / _FILE_NAME  # noqa: PTH100
    _check_target(target)
    # Beside the posts of the plan: those with a picture of their own, or for which their author wants none.
    posts = [post for post in site.posts if post.wanted or post.reason]
    shell = Shell(folder=Path.cwd(), settings_file=options.settings)
    reading = read_records(site, posts, shell)
    rows = make_rows(reading.records, Thumbnails(site).make(record.picture for record in reading.records))
    now = site.ledger.clock()
    totals = make_totals(rows, reading.attempts, now)
    problems = [*site.unreadable.values(), *messages.ledger_problems(reading.unreadable, relative(site.ledger.path))]
    page = render(site, rows, totals, problems=problems, target=target, shell=shell, now=now).encode()
    _write(page, target, site)
    reporter.line(f"{relative(target)}: {messages.count(totals.posts, 'post')}, {totals.attention} to look at")
    reporter.line(f"Open it in a browser: {target.as_uri()}")
    reporter.notes(problems)
    summary = {
        "posts": totals.posts,
        "heroes": totals.heroes,
        "attention": totals.attention,
        "drawn": totals.drawn,
        "usd_month": round(totals.usd_month, 6),
        "usd": round(totals.usd, 6),
    }
    pages = [{"file": Path(os.path.relpath(target, site.root)).as_posix(), "bytes": len(page)}]
    reporter.document("gallery", site, pages=pages, summary=summary, problems=problems)
    return SUCCESS


def _check_target(target: Path) -> None:
    """Require that a file that exists is an earlier page: it will be replaced.

    Raises:
        SettingsError: it is another file, or a folder.
    """
    try:
        with target.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        return
    except OSError as error:
        raise SettingsError(f"--output {relative(target)} can't be written ({error.strerror}); name a file") from error
    if f'content="{GENERATOR}"'.encode() not in head:
        raise SettingsError(f"{relative(target)} exists and is no page of falhero gallery; give --output another name")


def _write(page: bytes, target: Path, site: OpenSite) -> None:
    with site.library.temporary_file("gallery") as file:
        try:
            file.write_bytes(page)
        except OSError as error:
            raise AssetsError.of(file.parent, error) from error
        site.library.place(file, target)
