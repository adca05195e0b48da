"""All checks of one site, each by itself: what one of them meets does not keep the others from telling theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .files import file_findings
from .findings import Finding, Findings, Group
from .money import money_findings
from .repository import git_findings
from .setup import open_subject
from .subject import Subject
from .theme import theme_findings
from .versions import version_findings

_CHECKS: Mapping[Group, Callable[[Subject], Iterator[Finding]]] = {
    Group.THEME: theme_findings,
    Group.MONEY: money_findings,
    Group.FILES: file_findings,
    Group.GIT: git_findings,
    Group.VERSIONS: version_findings,
}


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What was found of a site."""

    root: Path | None
    """The folder that its posts are in; None where it is not known."""
    findings: list[Finding]


def examine(settings_file: str | None, folder: Path) -> Examination:
    """Look at everything that is set up of the site around a folder. Opens no connection, and changes nothing.

    Raises:
        SiteError: the settings file that was named does not exist, or a folder can't be searched.
    """
    subject, findings = open_subject(settings_file, folder)
    for group, check in _CHECKS.items():
        findings += Findings(group).of(partial(check, subject))
    return Examination(root=subject.root, findings=findings)
