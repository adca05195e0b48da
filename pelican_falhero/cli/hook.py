"""``falhero hook``: puts git's hook into a repository, and takes it out again."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from shlex import quote

from ..content.site import SiteError, find_pelican_settings
from ..prepublish import git
from .main import FAILED, GOOD
from .output import Reporter, relative

_SIGN = "# installed by falhero; `falhero hook uninstall` removes it"


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Install, take out or run the hook."""
    here = Path.cwd()
    top = git.top_of(here)
    if top is None:
        raise SiteError(f"{here} is in no git repository with a work tree")
    if options.action == "run":
        from .hook_run import run_hook  # noqa: PLC0415 - the others read no site

        return run_hook(top, options, reporter)
    file = git.hooks_folder(top) / options.type
    return _install(file, top, options, reporter) if options.action == "install" else _uninstall(file, reporter)


def _install(file: Path, top: Path, options: argparse.Namespace, reporter: Reporter) -> int:
    arguments = _arguments(top, options)
    script = _script(arguments)
    there = _text(file)
    if there and not _is_ours(there):
        if f"hook run --type {options.type}" in there:
            reporter.line(f"{relative(file)} is your own hook and calls falhero already; it stays as it is")
            return GOOD
        reporter.aside(
            f"falhero: {relative(file)} is another hook and stays as it is. "
            "If it is a shell script, add these lines directly below its first line:\n"
        )
        reporter.line(_lines(arguments, options.type))
        return FAILED
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(script, encoding="utf-8", errors="surrogateescape")
    file.chmod(0o755)
    reporter.line(f"installed {relative(file)}")
    places = (top, git.git_folder(top))
    if not any(file.resolve().is_relative_to(place.resolve()) for place in places):
        reporter.aside(f"falhero: every repository whose core.hooksPath is {file.parent} runs it")
    return GOOD


def _uninstall(file: Path, reporter: Reporter) -> int:
    there = _text(file)
    if not there:
        reporter.line(f"there is no {relative(file)}")
        return GOOD
    if not _is_ours(there):
        reporter.aside(f"falhero: {relative(file)} is another hook and stays as it is")
        return FAILED
    file.unlink()
    reporter.line(f"removed {relative(file)}")
    return GOOD


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def _is_ours(text: str) -> bool:
    """Whether it is a hook of ours, and nobody has written anything into it."""
    lines = text.splitlines()
    return lines[1:2] == [_SIGN] and len(lines) == len(_script("").splitlines())


def _arguments(top: Path, options: argparse.Namespace) -> str:
    words = ["hook", "run", "--type", options.type]
    if settings := _settings_to_name(options):
        words += ["--settings", git.short(settings.resolve(), top)]
    if options.generate:
        words.append("--generate")
    return f'{" ".join(map(quote, words))} "$@"'


def _settings_to_name(options: argparse.Namespace) -> Path | None:
    """The settings file, where the hook would not find it by going up from a post."""
    file = find_pelican_settings(options.settings, Path.cwd())
    if file is None or options.settings:
        return file
    from ..content.pelican_site import open_conf  # noqa: PLC0415 - other sites do without Pelican

    return None if open_conf(file).root.is_relative_to(file.parent) else file


def _script(arguments: str) -> str:
    """The hook: it calls the Python that it was installed with, or the falhero of the day where that one is gone."""
    return (
        f"#!/bin/sh\n{_SIGN}\n"
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
