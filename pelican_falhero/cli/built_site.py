"""``falhero doctor OUTPUT``: which published posts show their hero in a built site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..content.site import OpenSite, SiteError, find_pelican_settings
from ..doctor.built.expected import expected_posts
from ..doctor.built.output import BuiltSite
from ..doctor.built.reasons import Reason, Reasons
from ..doctor.built.report import PostReport, Where, report_of
from ..generation import messages
from ..prepublish.remedies import MANY, Shell
from .exits import FAILED, SUCCESS
from .options import DoctorOptions
from .output import Reporter, shown

_PLACES = {Where.LISTS: "in lists", Where.FEEDS: "in feeds", Where.PREVIEWS: "in previews"}


def look_at_output(folder: Path, options: DoctorOptions, reporter: Reporter) -> int:
    """Print how many published posts show their hero where, and which don't, and why.

    Raises:
        SiteError, SettingsError: there is no such folder, no Pelican site around it, or it can't be read.
    """
    site, built, reports = _look(folder, options)
    reporter.notes(site.warnings)
    reporter.line(f"{messages.count(len(reports), 'published post')} in {folder}{_built_for(built)}")
    for where, (showing, number, noun) in _counts(reports).items():
        reasons = [reason for report in reports if (reason := report.lacks.get(where))]
        intended = sum(reason.is_intended for reason in reasons)
        told = f"{showing:>5} of {number} {noun}" if number else " none"
        told += f"; {messages.count(intended, 'post')} not, as intended" if intended else ""
        reporter.line(f"  {where:<10}{told}", "yellow" if len(reasons) > intended else "green")
    if twice := [report for report in reports if report.times > 1]:
        reporter.line(f"  {len(twice)} of them show it more than once on their page")
    _show_lacks(reports, reporter)
    problems = [f"{lost.place} can't be read: {lost.why}" for lost in built.unreadable]
    reporter.notes(problems)
    wrong = [report for report in reports if _is_wrong(report)]
    reporter.line()
    reporter.line(_without_hero(len(wrong), [Where.PAGE]) if wrong else "no problems", "" if wrong else "green")
    reporter.document(
        "doctor",
        site,
        posts=[_row(report) for report in reports],
        summary={
            "posts": len(reports),
            "wrong": len(wrong),
            **{str(where): showing for where, (showing, _, _) in _counts(reports).items()},
        },
        problems=problems,
    )
    return FAILED if wrong else SUCCESS


def _look(folder: Path, options: DoctorOptions) -> tuple[OpenSite, BuiltSite, list[PostReport]]:
    if not folder.is_dir():
        raise SiteError(f"{folder}: there is no such folder; build the site, or name the folder that it was built in")
    here = Path.cwd().resolve()
    file = find_pelican_settings(options.settings, here) or find_pelican_settings(None, folder.resolve())
    if file is None:
        raise SiteError(
            f"no pelicanconf.py in {here} or above; name it with -s (only sites of Pelican can be looked at)"
        )
    from ..content.pelican_site import Conf, open_conf, read_pelican_site  # noqa: PLC0415 - other sites need no Pelican

    conf = open_conf(file)
    values = dict(conf.values)
    site = read_pelican_site(Conf(file, values))
    expected = expected_posts(site, values)
    built = BuiltSite(folder, str(values["SITEURL"]), [post.url for post in expected])
    if not built.pages:
        raise SiteError(f"{folder} holds no page; build the site, or name the folder that it was built in")
    check = Shell(folder=here, settings_file=options.settings).command("check")
    return site, built, report_of(built, expected, Reasons(site, values, built, check))


def _built_for(built: BuiltSite) -> str:
    return f", built for {built.address}" if built.address else ", built without an absolute SITEURL"


def _counts(reports: Sequence[PostReport]) -> dict[Where, tuple[int, int, str]]:
    """For each place: how many show their hero, of how many of what."""
    listed = [report for report in reports if report.lists]
    return {
        Where.PAGE: (sum(bool(report.times) for report in reports), len(reports), "posts"),
        Where.LISTS: (sum(bool(report.lists_showing) for report in listed), len(listed), "posts that are listed"),
        Where.FEEDS: (
            sum(report.items_showing for report in reports),
            sum(report.items for report in reports),
            "items",
        ),
        Where.PREVIEWS: (sum(report.has_preview for report in reports), len(reports), "posts"),
    }


def _is_wrong(report: PostReport) -> bool:
    reason = report.lacks.get(Where.PAGE)
    return reason is not None and not reason.is_intended


def _show_lacks(reports: Sequence[PostReport], reporter: Reporter) -> None:
    """The posts whose hero is not shown everywhere, by the reason and the places."""
    groups: dict[tuple[Reason, tuple[Where, ...]], list[PostReport]] = {}
    for report in reports:
        for reason in dict.fromkeys(report.lacks.values()):
            places = tuple(where for where, why in report.lacks.items() if why == reason)
            groups.setdefault((reason, places), []).append(report)
    for (reason, places), lacking in sorted(groups.items(), key=lambda group: list(Where).index(group[0][1][0])):
        style = "red" if Where.PAGE in places and not reason.is_intended else "yellow"
        reporter.line()
        reporter.line(f"{_without_hero(len(lacking), places)}: {reason.text}", style)
        if len(lacking) < len(reports):
            for report in lacking[:MANY]:
                detail = report.lacks[places[0]].detail
                reporter.line(f"  {shown(report.post.path)}{detail and f'  {detail}'}", indent=4)
            if len(lacking) > MANY:
                reporter.line(f"  and {len(lacking) - MANY} more")
        if reason.remedy:
            reporter.command(f"    {reason.remedy}")


def _without_hero(number: int, places: Sequence[Where]) -> str:
    """``1 post shows no hero on its page or in lists``."""
    own = "on its page" if number == 1 else "on their pages"
    *first, last = [_PLACES.get(where, own) for where in places]
    where = f"{', '.join(first)} or {last}" if first else last
    return f"{messages.count(number, 'post')} {'shows' if number == 1 else 'show'} no hero {where}"


def _row(report: PostReport) -> dict[str, Any]:
    return {
        "source": report.post.source,
        "title": report.post.title,
        "page": report.place,
        "shows": "hero" if report.times else "card" if report.has_card else None,
        "times": report.times,
        "lists": report.lists,
        "lists_showing": report.lists_showing,
        "items": report.items,
        "items_showing": report.items_showing,
        "preview": report.has_preview,
        "lacks": [_lack(where, reason) for where, reason in report.lacks.items()],
    }


def _lack(where: Where, reason: Reason) -> dict[str, Any]:
    return {
        "where": str(where),
        "reason": f"{reason.text}: {reason.detail}" if reason.detail else reason.text,
        "intended": reason.is_intended,
        "remedy": reason.remedy or None,
    }
