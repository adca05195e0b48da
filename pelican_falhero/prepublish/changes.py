"""Finds the files that a push or a commit changes, and the commit that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from . import git


@dataclass(frozen=True)
class Change:
    """Files that a push or commit publishes, and the commit that holds them."""

    commit: str
    """A commit's name, or ``git.INDEX`` for staged files."""
    names: tuple[str, ...]
    """Paths relative to the work tree."""
    branch: str = ""
    """The local branch that is pushed; empty for a tag or a commit without branch."""


def about_to_be_pushed(
    top: Path, *, remote: str | None, refs: TextIO, environ: Mapping[str, str]
) -> tuple[Change, ...]:
    """The changes that a push publishes; outside of a hook, those of all commits that no remote has.

    Args:
        top: the work tree.
        remote: the first argument of git's pre-push hook; None when git did not start the hook.
        refs: standard input of git's pre-push hook; read only when there is a ``remote``.
        environ: holds ``PRE_COMMIT`` and its variables when the pre-commit framework runs the hook.
    """
    if remote:
        return pushed(top, refs.read().splitlines(), remote)
    return (pushed_by_framework(top, environ) if "PRE_COMMIT" in environ else unpushed(top),)


def staged(top: Path) -> Change:
    """The files that a commit would change: those whose change is staged."""
    return Change(git.INDEX, git.staged(top))


def pushed(top: Path, lines: Iterable[str], remote: str) -> tuple[Change, ...]:
    """The changes of a push, from the lines that git writes to a pre-push hook; ``remote`` is a name or an address."""
    changes = []
    for line in lines:
        ref, commit, _, remote_commit = line.split() if line.strip() else ("", "", "", "")
        if git.is_null_commit(commit) or not git.has_commit(top, f"{commit}^{{commit}}"):
            continue  # a branch is being deleted, or a tag is of something else
        changes.append(
            Change(commit, git.changed_in(top, commit, _already_pushed(top, remote_commit, remote)), _branch(ref))
        )
    return tuple(changes)


def unpushed(top: Path) -> Change:
    """The changes of all commits of the checked-out branch that no remote has."""
    return Change("HEAD", git.changed_in(top, "HEAD", _already_pushed(top, "", "")), git.branch_of(top))


def pushed_by_framework(top: Path, environ: Mapping[str, str]) -> Change:
    """The changes of a push, from the environment variables of the pre-commit framework."""
    ref = environ.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD")
    commit = environ.get("PRE_COMMIT_TO_REF") or ref
    excluded = _already_pushed(top, environ.get("PRE_COMMIT_FROM_REF", ""), environ.get("PRE_COMMIT_REMOTE_NAME", ""))
    return Change(commit, git.changed_in(top, commit, excluded), _branch(ref))


def _already_pushed(top: Path, remote_commit: str, remote: str) -> Sequence[str]:
    """Arguments of ``git log`` that exclude the commits that the remote has."""
    if not git.is_null_commit(remote_commit) and git.has_commit(top, remote_commit):
        return [f"^{remote_commit}"]
    known = f"--remotes={remote}" if remote in git.remotes(top) else "--remotes"
    return ["--not", known]


def _branch(ref: str) -> str:
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""
