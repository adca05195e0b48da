"""What is about to be published: the files that a push or a commit changes, and where they are to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from . import git


@dataclass(frozen=True)
class Change:
    """Files that are about to be published, and the commit that has them."""

    commit: str
    """``git.INDEX`` for what is staged."""
    names: tuple[str, ...]
    """Relative to the work tree."""
    branch: str = ""
    """The local branch whose end the commit is."""


def about_to_be_pushed(
    top: Path, *, remote: str | None, refs: TextIO, environ: Mapping[str, str]
) -> tuple[Change, ...]:
    """What git, or the pre-commit framework, says that a push takes; by hand, all that no remote has.

    Args:
        top: the work tree.
        remote: the first argument that git gives a pre-push hook.
        refs: the hook's standard input, which is read only where git filled it.
        environ: where the framework says it.
    """
    if remote:
        return pushed(top, refs.read().splitlines(), remote)
    return (pushed_by_framework(top, environ) if "PRE_COMMIT" in environ else unpushed(top),)


def staged(top: Path) -> Change:
    """What a commit would take."""
    return Change(git.INDEX, git.staged(top))


def pushed(top: Path, lines: Iterable[str], remote: str) -> tuple[Change, ...]:
    """What a push takes there, from the lines that git gives a pre-push hook; ``remote`` is a name or an address."""
    changes = []
    for line in lines:
        ref, commit, _, there = line.split() if line.strip() else ("", "", "", "")
        if git.is_null_commit(commit) or not git.has_commit(top, f"{commit}^{{commit}}"):
            continue  # a branch is being deleted, or a tag is of something else
        changes.append(Change(commit, git.changed_in(top, commit, _already_pushed(top, there, remote)), _branch(ref)))
    return tuple(changes)


def unpushed(top: Path) -> Change:
    """What a push of all that is checked out would take to a remote that has none of it."""
    return Change("HEAD", git.changed_in(top, "HEAD", _already_pushed(top, "", "")), git.branch_of(top))


def pushed_by_framework(top: Path, environ: Mapping[str, str]) -> Change:
    """What a push takes there, as the pre-commit framework tells of it."""
    ref = environ.get("PRE_COMMIT_LOCAL_BRANCH", "HEAD")
    commit = environ.get("PRE_COMMIT_TO_REF") or ref
    end = _already_pushed(top, environ.get("PRE_COMMIT_FROM_REF", ""), environ.get("PRE_COMMIT_REMOTE_NAME", ""))
    return Change(commit, git.changed_in(top, commit, end), _branch(ref))


def _already_pushed(top: Path, there: str, remote: str) -> Sequence[str]:
    """Where what is new to the remote begins."""
    if not git.is_null_commit(there) and git.has_commit(top, there):
        return [f"^{there}"]
    known = f"--remotes={remote}" if remote in git.remotes(top) else "--remotes"
    return ["--not", known]


def _branch(ref: str) -> str:
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""
