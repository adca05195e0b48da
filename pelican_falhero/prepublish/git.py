"""Runs git: which files it tracks, and what a commit or the index holds."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import HeroError

INDEX = ""
"""Means git's index, in place of a commit's name."""


_NO_WORK_TREE = ("not a git repository (or any", "must be run in a work tree")
"""What git says where there is nothing to be read, for example because ``.git`` is an empty folder."""


class GitError(HeroError):
    """A git command failed, or git can't be run."""


def run_git(*arguments: str, cwd: Path, stdin: bytes = b"", good: tuple[int, ...] = (0,)) -> bytes:
    """Run a git command and return its standard output.

    Raises:
        GitError: its exit code is not in ``good``, or git can't be run.
    """
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=cwd,
            env={**os.environ, "LC_ALL": "C"},
            input=stdin,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitError(f"git can't be run ({error.strerror}); is it on the PATH?") from error
    if done.returncode not in good:
        reason = _reason(done.stderr.decode(errors="replace")) or f"exit code {done.returncode}"
        raise GitError(f"git {arguments[0]} failed: {reason}")
    return done.stdout


def _reason(told: str) -> str:
    """Why git failed: its error and, where it names a command that helps, that one."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    errors = [line.removeprefix("fatal: ") for line in lines if line.startswith(("fatal: ", "error: "))]
    advice = [line for line in lines if line.startswith("git config ")]
    return "; ".join([*(errors or lines)[-1:], *advice[:1]])


def is_in_repository(folder: Path) -> bool:
    """Whether a repository lies around a folder, so far as that can be seen without git."""
    real = folder.resolve()
    return "GIT_DIR" in os.environ or any((above / ".git").exists() for above in (real, *real.parents))


def top_of(folder: Path) -> Path | None:
    """The root of the work tree that contains a folder; None if it is in no repository, or in one without work tree.

    Raises:
        GitError: there is a repository, and git can't be run or will not read it.
    """
    if not is_in_repository(folder):
        return None
    try:
        return Path(_line(run_git("rev-parse", "--show-toplevel", cwd=folder)))
    except GitError as error:
        if any(text in str(error) for text in _NO_WORK_TREE):
            return None
        raise


def hooks_folder(top: Path) -> Path:
    """The folder of git's hooks, which ``core.hooksPath`` may set."""
    return top / _line(run_git("rev-parse", "--git-path", "hooks", cwd=top))


def git_folder(top: Path) -> Path:
    """The repository's ``.git`` folder, which all its work trees share."""
    return top / _line(run_git("rev-parse", "--git-common-dir", cwd=top))


def branch_of(top: Path) -> str:
    """The checked-out branch; empty for a detached HEAD."""
    return _line(run_git("branch", "--show-current", cwd=top))


def tracked(top: Path, folder: Path) -> frozenset[Path]:
    """The files below a folder that git tracks, as absolute paths."""
    return frozenset(top / name for name in files_in(top, INDEX, relative_name(folder, top)))


def ignored(top: Path, files: Iterable[Path]) -> frozenset[Path]:
    """The files among these that a ``.gitignore`` excludes."""
    asked = b"".join(os.fsencode(relative_name(file, top)) + b"\0" for file in files)
    names = run_git("check-ignore", "-z", "--stdin", cwd=top, stdin=asked, good=(0, 1))
    return frozenset(top / name for name in _split_names(names))


def attribute(top: Path, name: str, file: Path) -> str:
    """The value that a ``.gitattributes`` gives a file, which need not exist; ``unspecified`` without one."""
    answer = run_git("check-attr", "-z", name, "--", relative_name(file, top), cwd=top)
    return os.fsdecode(answer).split("\0")[2]


def files_in(top: Path, commit: str, folder: str) -> frozenset[str]:
    """The files below a folder in a commit or the index; all paths are relative to the work tree."""
    if commit:
        return frozenset(_split_names(run_git("ls-tree", "-r", "--name-only", "-z", commit, "--", folder, cwd=top)))
    return frozenset(_split_names(run_git("ls-files", "-z", "--", f":(literal){folder}", cwd=top)))


def changed_in(top: Path, commit: str, excluded: Sequence[str]) -> tuple[str, ...]:
    """The files that a commit and its ancestors add, change or rename.

    ``excluded`` holds arguments of ``git log`` that exclude commits. A file that a merge takes unchanged from one of
    its parents does not count.
    """
    options = ("--format=", "--name-only", "-c", "--diff-filter=d", "-z")
    return _split_names(run_git("log", *options, commit, *excluded, "--", cwd=top))


def staged(top: Path) -> tuple[str, ...]:
    """The files whose addition or change is staged."""
    return _split_names(run_git("diff", "--cached", "--name-only", "--diff-filter=d", "-z", cwd=top))


def add(top: Path, files: Iterable[Path], *options: str) -> None:
    """Stage files."""
    run_git("add", *options, "--", *(f":(literal){relative_name(file, top)}" for file in files), cwd=top)


def stage(top: Path, name: str, data: bytes) -> None:
    """Stage other content of a file that is staged, and leave the file as it is; ``name`` is relative to ``top``."""
    mode = run_git("ls-files", "-s", "-z", "--", f":(literal){name}", cwd=top).split()[0].decode()
    blob = _line(run_git("hash-object", "-w", "--stdin", cwd=top, stdin=data))
    run_git("update-index", "--cacheinfo", f"{mode},{blob},{name}", cwd=top)


def read_files(top: Path, commit: str, names: Sequence[str]) -> dict[str, bytes]:
    """The content of files in a commit or the index, by name; files that it does not hold are left out."""
    asked = b"".join(os.fsencode(f"{commit}:{name}\n") for name in names)
    answer = run_git("cat-file", "--batch", cwd=top, stdin=asked)
    found: dict[str, bytes] = {}
    for name in names:
        header, _, answer = answer.partition(b"\n")
        words = header.rsplit(b" ", 2)
        if len(words) == 3 and words[1] == b"blob":
            size = int(words[2])
            found[name], answer = answer[:size], answer[size + 1 :]
    return found


def has_commit(top: Path, commit: str) -> bool:
    """Whether the repository holds a commit."""
    try:
        run_git("cat-file", "-e", commit, cwd=top)
    except GitError:
        return False
    return True


def remotes(top: Path) -> tuple[str, ...]:
    """The names of the remotes."""
    return tuple(run_git("remote", cwd=top).decode().split())


def is_null_commit(commit: str) -> bool:
    """Whether it is git's name for no commit: only zeros, or empty."""
    return not commit.strip("0")


def relative_name(path: Path, top: Path) -> str:
    """A path relative to the work tree, with forward slashes, as git names it."""
    return Path(os.path.relpath(path, top)).as_posix()


def _split_names(listed: bytes) -> tuple[str, ...]:
    # `git log -z` separates commits by an empty name. `git cat-file --batch` can't take a name with a line break.
    names = (os.fsdecode(name).lstrip("\n") for name in listed.split(b"\0"))
    return tuple(dict.fromkeys(name for name in names if name and "\n" not in name))


def _line(output: bytes) -> str:
    return os.fsdecode(output).rstrip("\n")
