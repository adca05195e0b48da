"""What git's hook runs: it stops posts whose heroes are not published along with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import HeroError
from ..generation import messages
from ..prepublish import changes
from ..prepublish.hook import MANY, HookRun, Trouble
from ..prepublish.remedies import Shell
from .exits import FAILED, GOOD, guarded
from .options import PRE_COMMIT, GenerateOptions, HookOptions
from .output import Reporter


def run_hook(top: Path, options: HookOptions, reporter: Reporter) -> int:
    """Check what is about to be pushed or committed; 1 stops it."""
    if os.environ.get("FALHERO_SKIP") == "1":
        return GOOD
    event = "commit" if options.type == PRE_COMMIT else "push"
    try:
        run = _hook_run(top, options, reporter)
        troubles = run.troubles()
        if troubles and options.generate:
            troubles = run.draw(troubles, lambda posts: _generate(posts, options, reporter))
        if not troubles:
            return GOOD
        _tell(event, troubles, run, reporter)
    except HeroError as error:
        reporter.aside(f"falhero: {error}")
        reporter.aside(_way_out(event))
    return FAILED


def _hook_run(top: Path, options: HookOptions, reporter: Reporter) -> HookRun:
    if options.type == PRE_COMMIT:
        found: tuple[changes.Change, ...] = (changes.staged(top),)
    else:
        remote = options.remote[0] if options.remote else None
        found = changes.about_to_be_pushed(top, remote=remote, refs=sys.stdin, environ=os.environ)
    # git runs hooks in the top folder; the commands are for where the user is.
    here = Path.cwd() / os.environ.get("GIT_PREFIX", "")
    shell = Shell(folder=here, settings_file=options.settings)
    return HookRun(top=top, changes=found, shell=shell, note=reporter.notes)


def _generate(posts: Sequence[Path], options: HookOptions, reporter: Reporter) -> int:
    """Draw as ``falhero generate`` does; a failure is told, and the posts are looked at again."""
    from .drawing import draw  # noqa: PLC0415 - most hooks draw nothing, and this imports a lot

    wanted = GenerateOptions(settings=options.settings, posts=tuple(map(str, posts)))
    return guarded(lambda: draw(wanted, reporter), lambda error: reporter.aside(f"falhero: {error}"))


def _tell(event: str, troubles: Sequence[Trouble], run: HookRun, reporter: Reporter) -> None:
    """Say what is wrong and which commands mend it."""
    say = reporter.aside
    findings = [finding for trouble in troubles for finding in trouble.findings]
    say(f"falhero: this {event} would publish {messages.count(len(findings), 'post')} without a picture:")
    for finding in findings[:MANY]:
        say(f"  {run.shell.spell(finding.post.path)}: {finding.text}")
    if len(findings) > MANY:
        say(f"  and {len(findings) - MANY} more (falhero check lists them all)")
    say("To mend it:")
    for line in run.commands(troubles):
        say(f"  {line}")
    if event == "push":
        say('  git commit -m "Add hero images"')
    say(f"Then {event} again. {_way_out(event)}")


def _way_out(event: str) -> str:
    return f"To {event} all the same: FALHERO_SKIP=1 git {event}"
