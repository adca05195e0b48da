"""``falhero hook``: installs, removes or runs git's hook."""

from __future__ import annotations

from pathlib import Path

from ..content.site import SiteError, find_pelican_settings
from ..prepublish import git
from ..prepublish.hook_script import HookFile
from .exits import FAILED, SUCCESS
from .options import HookOptions
from .output import Reporter, relative


def run(options: HookOptions, reporter: Reporter) -> int:
    """Install, remove or run the hook, and return the exit code."""
    here = Path.cwd()
    top = git.top_of(here)
    if top is None:
        raise SiteError(f"{here} is not in a git repository with a work tree")
    if options.action == "run":
        from .hook_run import run_hook  # noqa: PLC0415 - install and uninstall read no site

        return run_hook(top, options, reporter)
    file = HookFile.of(top, options.type)
    return _install(file, top, options, reporter) if options.action == "install" else _uninstall(file, reporter)


def _install(file: HookFile, top: Path, options: HookOptions, reporter: Reporter) -> int:
    arguments = _arguments(top, options)
    if file.text and not file.is_ours:
        if file.calls_falhero:
            reporter.line(f"{relative(file.path)} is your own hook and already calls falhero; it is not changed")
            return SUCCESS
        reporter.note(
            f"falhero: {relative(file.path)} is another hook and is not changed. "
            "If it is a shell script, add these lines directly below its first line:"
        )
        reporter.text(file.lines_to_add(arguments))
        return FAILED
    file.write(arguments)
    reporter.line(f"installed {relative(file.path)}")
    if not file.is_inside(top):
        reporter.note(f"falhero: every repository whose core.hooksPath is {file.path.parent} runs this hook")
    return SUCCESS


def _uninstall(file: HookFile, reporter: Reporter) -> int:
    if not file.text:
        reporter.line(f"there is no {relative(file.path)}")
        return SUCCESS
    if not file.is_ours:
        reporter.note(f"falhero: {relative(file.path)} is another hook and is not changed")
        return FAILED
    file.remove()
    reporter.line(f"removed {relative(file.path)}")
    return SUCCESS


def _arguments(top: Path, options: HookOptions) -> list[str]:
    """The arguments that the hook passes to falhero."""
    words = ["hook", "run", "--type", options.type]
    if settings := _settings_to_name(options):
        words += ["--settings", git.relative_name(settings.resolve(), top)]
    if options.generate:
        words.append("--generate")
    return words


def _settings_to_name(options: HookOptions) -> Path | None:
    """The settings file, if the hook can't find it in a folder above the posts; else None."""
    file = find_pelican_settings(options.settings, Path.cwd())
    if file is None or options.settings:
        return file
    from ..content.pelican_site import open_conf  # noqa: PLC0415 - other sites do without Pelican

    return None if open_conf(file).root.is_relative_to(file.parent) else file
