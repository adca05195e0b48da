"""Whether git keeps what it should: pictures and ledger, mergeable, and nothing else of the state folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from ..errors import HeroError
from ..generation import messages
from ..prepublish import git
from ..prepublish.check import Tree
from ..prepublish.hook_script import HookFile
from ..storage.assets import Library
from ..storage.ledger import FILE_NAME
from .findings import Finding, Findings, Group
from .subject import Subject

_GIT = Findings(Group.GIT)
_HOOKS = ("pre-push", "pre-commit")


def git_findings(subject: Subject) -> Iterator[Finding]:
    """What git has, ignores and merges; only notes where there is no repository."""
    root = subject.root or subject.shell.folder
    try:
        tree = Tree.around(root)
    except HeroError as error:
        yield _GIT.wrong(f"this repository can't be read: {error}")
        return
    if tree is None:
        yield _GIT.note("not a git repository; keep heroes and ledger where they are not lost")
        return
    if library := subject.library:
        yield from _pictures(subject, library, tree)
        yield from _ledger(subject, library.state, tree)
        yield from _scratch(subject, library, tree)
    yield _hook(tree.top)


def _pictures(subject: Subject, library: Library, tree: Tree) -> Iterator[Finding]:
    sample = library.folder / "hero-000000000000.png"
    if git.ignored(tree.top, [sample]):
        yield _GIT.wrong(
            f"heroes: a .gitignore excludes {subject.shown(library.folder)}, so they are not published with a push",
            f"git check-ignore -v {subject.shell.quote_path(sample)}",
            "# and delete the pattern that it shows",
        )
        return
    heroes = [library.folder / name for name in library.heroes().values()]
    if missing := sum(hero.resolve() not in tree.tracked for hero in heroes):
        text = f"heroes: {messages.count(missing, 'picture')} not in git"
        yield _GIT.note(text, f"git add {subject.shell.quote_path(library.folder)}")
    else:
        yield _GIT.ok("heroes: git has all that are there")


def _ledger(subject: Subject, state: Path, tree: Tree) -> Iterator[Finding]:
    ledger = state / FILE_NAME
    name = subject.shown(ledger)
    if git.ignored(tree.top, [ledger]):
        text = f"ledger: a .gitignore excludes {name}, so other machines don't know what was paid for"
        yield _GIT.note(text, f"git check-ignore -v {subject.shell.quote_path(ledger)}")
        return
    if ledger.exists() and ledger.resolve() not in tree.tracked:
        yield _GIT.note(f"ledger: {name} is not in git", f"git add {subject.shell.quote_path(state)}")
    relative = git.relative_name(ledger, tree.top)
    if git.attribute(tree.top, "merge", ledger) == "union":
        yield _GIT.ok("attributes: branches that both drew heroes can be merged")
        return
    line = quote(f"{relative} merge=union")
    text = "attributes: two branches that both drew heroes would conflict in the ledger"
    yield _GIT.note(text, f"echo {line} >> {subject.shell.quote_path(tree.top / '.gitattributes')}")


def _scratch(subject: Subject, library: Library, tree: Tree) -> Iterator[Finding]:
    """The state folder's own .gitignore keeps all but the ledger out."""
    ignore = library.state / ".gitignore"
    if not library.state.is_dir() or git.ignored(tree.top, [library.cards / "card-000000000000-art.png"]):
        return
    what = "does not exclude" if ignore.exists() else "is missing, and would exclude"
    text = f"ignores: {subject.shown(ignore)} {what} cards, copies and earlier heroes"
    yield _GIT.wrong(text, f"rm -f {subject.shell.quote_path(ignore)}  # the next run writes it")


def _hook(top: Path) -> Finding:
    installed = [kind for kind in _HOOKS if HookFile.of(top, kind).calls_falhero]
    if installed:
        return _GIT.ok(f"hook: {' and '.join(installed)} stops posts without their heroes")
    return _GIT.note("hook: none; one would stop a push of posts without their heroes", "falhero hook install")
