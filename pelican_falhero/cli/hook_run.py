"""What git's hook runs: it stops a push or commit of posts without their heroes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import HeroError
from ..generation import messages
from ..prepublish import changes
from ..prepublish.hook import HookRun, SiteFindings
from ..prepublish.remedies import MANY, Shell
from .exits import FAILED, SUCCESS, exit_code_of
from .options import PRE_COMMIT, GenerateOptions, HookOptions
from .output import Reporter
from .wrapping import unbroken


def run_hook(top: Path, options: HookOptions, reporter: Reporter) -> int:
    """Check the posts of a push or commit, and return the exit code; 1 stops it."""
    if os.environ.get("FALHERO_SKIP") == "1":
        return SUCCESS
    event = "commit" if options.type == PRE_COMMIT else "push"
    try:
        run = _hook_run(top, options, reporter)
        found = run.check()
        if found and options.generate:
            found = run.draw_missing(found, lambda posts: _generate(posts, options, reporter))
        if not found:
            return SUCCESS
        _print_findings(event, found, run, reporter)
    except HeroError as error:
        reporter.error(str(error))
        reporter.note(_skip_hint(event))
    return FAILED


def _hook_run(top: Path, options: HookOptions, reporter: Reporter) -> HookRun:
    if options.type == PRE_COMMIT:
        changed: tuple[changes.Change, ...] = (changes.staged(top),)
    else:
        remote = options.remote[0] if options.remote else None
        changed = changes.about_to_be_pushed(top, remote=remote, refs=sys.stdin, environ=os.environ)
    # git runs hooks in the top folder; GIT_PREFIX is the folder that the user is in.
    here = Path.cwd() / os.environ.get("GIT_PREFIX", "")
    shell = Shell(folder=here, settings_file=options.settings)
    return HookRun(top=top, changes=changed, shell=shell, warn=reporter.notes)


def _generate(posts: Sequence[Path], options: HookOptions, reporter: Reporter) -> int:
    """Run ``falhero generate`` for these posts; a failure is printed, and the hook checks the posts again."""
    # Imported here, because most hooks draw nothing, and this imports a lot.
    from .drawing import draw, open_posts_to_draw  # noqa: PLC0415

    wanted = GenerateOptions(settings=options.settings, posts=tuple(map(str, posts)))

    def generate() -> int:
        site, found = open_posts_to_draw(wanted, reporter)
        return draw(site, found, wanted, reporter, is_hook=True)

    return exit_code_of(generate, lambda error: reporter.error(str(error)))


def _print_findings(event: str, found: Sequence[SiteFindings], run: HookRun, reporter: Reporter) -> None:
    """Print what is wrong, and the commands that fix it."""
    say = reporter.note
    findings = [finding for site in found for finding in site.findings]
    say(f"falhero: this {event} would publish {messages.count(len(findings), 'post')} without a picture:")
    for finding in findings[:MANY]:
        say(f"  {unbroken(run.shell.quote_path(finding.post.path))}: {finding.text}", style="red", indent=4)
    if len(findings) > MANY:
        say(f"  and {len(findings) - MANY} more (falhero check lists them all)")
    say("To fix it:")
    for line in run.commands(found):
        reporter.note_command(f"  {line}")
    if event == "push":
        reporter.note_command('  git commit -m "Add hero images"')
    say(f"Then {event} again. {_skip_hint(event)}")


def _skip_hint(event: str) -> str:
    return f"To {event} anyway: FALHERO_SKIP=1 git {event}"
