"""The file that git runs as a hook: writes it, and recognizes it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from ..errors import HeroError
from . import git

_MARKER = "# installed by falhero; `falhero hook uninstall` removes it"


@dataclass(frozen=True, kw_only=True)
class HookFile:
    """The file of one git hook, which may not exist."""

    path: Path
    text: str
    """Its content; empty if it does not exist."""

    @classmethod
    def of(cls, top: Path, kind: str) -> HookFile:
        """Read the hook of a kind (``pre-push`` or ``pre-commit``) in a repository's hooks folder."""
        path = git.hooks_folder(top) / kind
        return cls(path=path, text=path.read_text(encoding="utf-8", errors="replace") if path.exists() else "")

    @property
    def is_ours(self) -> bool:
        """Whether falhero wrote the file, and nobody has added lines to it."""
        lines = self.text.splitlines()
        return lines[1:2] == [_MARKER] and len(lines) == len(_script("").splitlines())

    @property
    def calls_falhero(self) -> bool:
        """Whether the file runs falhero's hook."""
        return f"hook run --type {self.path.name}" in self.text

    def write(self, arguments: Sequence[str]) -> None:
        """Write falhero's hook, which passes these arguments to falhero.

        Raises:
            HeroError: git's folder of hooks can't be written; with ``core.hooksPath=/dev/null`` git runs no hooks.
        """
        folder = self.path.parent
        if folder.exists() and not folder.is_dir():
            text = f"git looks for hooks in {folder}, which is not a folder; check `git config core.hooksPath`"
            raise HeroError(text)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path.write_text(_script(_quoted(arguments)), encoding="utf-8", errors="surrogateescape")
            self.path.chmod(0o755)
        except OSError as error:
            raise HeroError(f"{self.path} can't be written ({error.strerror}); check its permissions") from error

    def remove(self) -> None:
        """Remove the file.

        Raises:
            HeroError: its folder can't be written.
        """
        try:
            self.path.unlink()
        except OSError as error:
            raise HeroError(f"{self.path} can't be removed ({error.strerror}); check its permissions") from error

    def lines_to_add(self, arguments: Sequence[str]) -> str:
        """The lines that make the author's own hook run falhero's."""
        return _lines(_quoted(arguments), self.path.name)

    def is_inside(self, top: Path) -> bool:
        """Whether the file is inside this repository, and so not shared with others."""
        places = (top, git.git_folder(top))
        return any(self.path.resolve().is_relative_to(place.resolve()) for place in places)


def _quoted(arguments: Sequence[str]) -> str:
    return f'{" ".join(map(quote, arguments))} "$@"'


def _script(arguments: str) -> str:
    """The hook. It runs the Python that installed it or, if that no longer exists, the ``falhero`` on the PATH."""
    return (
        f"#!/bin/sh\n{_MARKER}\n"
        '[ "${FALHERO_SKIP:-}" = 1 ] && exit 0\n'
        f"python={quote(sys.executable)}\n"
        f'[ -x "$python" ] && exec "$python" -P -m pelican_falhero {arguments}\n'
        f"exec falhero {arguments}\n"
    )


def _lines(arguments: str, kind: str) -> str:
    """The lines for the author's own hook, which goes on afterwards and may read git's input to a pre-push hook."""
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
