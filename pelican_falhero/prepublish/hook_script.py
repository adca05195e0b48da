"""The file that git runs as its hook: what it holds, and whether one that is there is ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from . import git

_MARKER = "# installed by falhero; `falhero hook uninstall` removes it"


@dataclass(frozen=True, kw_only=True)
class HookFile:
    """The file of one of git's hooks, there or not."""

    path: Path
    text: str
    """Empty where there is none."""

    @classmethod
    def of(cls, top: Path, kind: str) -> HookFile:
        """The hook of a kind (``pre-push``) in a repository, where core.hooksPath says."""
        path = git.hooks_folder(top) / kind
        return cls(path=path, text=path.read_text(encoding="utf-8", errors="replace") if path.exists() else "")

    @property
    def is_ours(self) -> bool:
        """Whether we wrote it, and nobody has written anything into it."""
        lines = self.text.splitlines()
        return lines[1:2] == [_MARKER] and len(lines) == len(_script("").splitlines())

    @property
    def calls_falhero(self) -> bool:
        """Whether it is the author's own, and runs ours."""
        return f"hook run --type {self.path.name}" in self.text

    def write(self, arguments: Sequence[str]) -> None:
        """Put ours in its place."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(_script(_quoted(arguments)), encoding="utf-8", errors="surrogateescape")
        self.path.chmod(0o755)

    def lines_to_add(self, arguments: Sequence[str]) -> str:
        """What the author's own hook needs to run ours."""
        return _lines(_quoted(arguments), self.path.name)

    def is_inside(self, top: Path) -> bool:
        """Whether it belongs to this repository alone."""
        places = (top, git.git_folder(top))
        return any(self.path.resolve().is_relative_to(place.resolve()) for place in places)


def _quoted(arguments: Sequence[str]) -> str:
    return f'{" ".join(map(quote, arguments))} "$@"'


def _script(arguments: str) -> str:
    """The hook: it calls the Python that it was installed with, or the falhero of the day where that one is gone."""
    return (
        f"#!/bin/sh\n{_MARKER}\n"
        '[ "${FALHERO_SKIP:-}" = 1 ] && exit 0\n'
        f"python={quote(sys.executable)}\n"
        f'[ -x "$python" ] && exec "$python" -P -m pelican_falhero {arguments}\n'
        f"exec falhero {arguments}\n"
    )


def _lines(arguments: str, kind: str) -> str:
    """The same for somebody's own hook, which goes on afterwards and may read what git tells a pre-push hook."""
    python = quote(sys.executable)
    call = f'falhero_hook() {{ if [ -x {python} ]; then {python} -P -m pelican_falhero "$@"; else falhero "$@"; fi; }}'
    if kind == "pre-commit":
        return f"{call}\nfalhero_hook {arguments} || exit 1"
    return (
        f"{call}\n"
        "falhero_pushed=$(cat)\n"
        f"printf '%s\\n' \"$falhero_pushed\" | falhero_hook {arguments} || exit 1\n"
        "exec <<EOF\n$falhero_pushed\nEOF"
    )
