"""What a check has found: well, worth knowing, or wrong, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    NOTE = "note"
    """It may be intended."""
    WRONG = "wrong"


class Group(StrEnum):
    """What a finding is about; in the order in which they are told."""

    SETUP = "Setup"
    THEME = "Theme"
    MONEY = "Money"
    FILES = "Files"
    GIT = "Git"
    VERSIONS = "Versions"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the page."""

    group: Group
    mark: Mark
    text: str
    remedy: tuple[str, ...] = ()
    """Commands, or lines to paste; one that begins with ``#`` is for the reader."""


@dataclass(frozen=True)
class Findings:
    """Makes the findings of one group."""

    group: Group

    def ok(self, text: str) -> Finding:
        """All is well."""
        return Finding(group=self.group, mark=Mark.OK, text=text)

    def note(self, text: str, *remedy: str) -> Finding:
        """Something that may be intended."""
        return Finding(group=self.group, mark=Mark.NOTE, text=text, remedy=remedy)

    def wrong(self, text: str, *remedy: str) -> Finding:
        """Something to fix."""
        return Finding(group=self.group, mark=Mark.WRONG, text=text, remedy=remedy)

    def of(self, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
        """What a check finds. Whatever it raises is a finding too, so that the other checks still tell theirs."""
        found: list[Finding] = []
        try:
            found.extend(check())
        except (Exception, SystemExit) as error:  # settings, plugins and themes may raise whatever they like
            found.append(self.wrong(f"this could not be looked at: {described(error)}"))
        return found


def described(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
