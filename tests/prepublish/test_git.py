"""What is asked of git, on a real repository: changes of a push, files of a commit, names of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import Terminal, repository

from pelican_falhero.prepublish import changes, git


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A repository with one commit, which the remote has."""
    (tmp_path / "work").mkdir()
    terminal = repository(tmp_path / "work")
    for name, value in terminal.environment().items():
        if name.startswith("GIT_"):
            monkeypatch.setenv(name, value)
    save(terminal, "old.md")
    terminal.git("push", "--quiet", "--set-upstream", "origin", "main")
    return terminal


def save(terminal: Terminal, name: str, text: str = "x") -> str:
    """Write a file and commit it; the commit."""
    path = terminal.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    terminal.commit(name)
    return terminal.git("rev-parse", "HEAD").out.strip()


NAMES = ["a b.md", "yürüyüş/σ.md", "q\"uo'te.md", "tab\there.md", "back\\slash.md", "-dash.md", "*.md"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_kind_come_back_whole(here: Terminal, name: str) -> None:
    """Names with spaces, quotes, backslashes, wildcards and any letters are told and read as they are."""
    commit = save(here, name, name)
    (change,) = changes.pushed(here.folder, [f"refs/heads/main {commit} refs/heads/main {0:040}"], "origin")
    assert change == changes.Change(commit, (name,), "main")
    assert git.read_files(here.folder, commit, [name, "nowhere.md"]) == {name: name.encode()}
    assert git.read_files(here.folder, git.INDEX, [name]) == {name: name.encode()}
    assert name in git.files_in(here.folder, commit, ".")
    assert here.folder / name in git.tracked(here.folder, here.folder)


def test_a_push_of_nothing_changes_nothing(here: Terminal) -> None:
    """Deleted refs, empty lines and commits that the remote has are no changes."""
    head = here.git("rev-parse", "HEAD").out.strip()
    zeros = "0" * 40
    assert changes.pushed(here.folder, [f"(delete) {zeros} refs/heads/x {head}", ""], "origin") == ()
    (change,) = changes.pushed(here.folder, [f"refs/tags/v1 {head} refs/tags/v1 {zeros}"], "origin")
    assert (change.names, change.branch) == ((), "")


def test_deletions_and_old_names_are_no_changes(here: Terminal) -> None:
    """A deleted file is not told, a renamed one under its new name."""
    there = here.git("rev-parse", "HEAD").out.strip()
    save(here, "gone.md")
    here.git("rm", "--quiet", "gone.md")
    here.git("mv", "old.md", "new.md")
    here.commit()
    commit = here.git("rev-parse", "HEAD").out.strip()
    (change,) = changes.pushed(here.folder, [f"refs/heads/main {commit} refs/heads/main {there}"], "origin")
    assert set(change.names) == {"new.md", "gone.md"}
    assert git.read_files(here.folder, commit, change.names).keys() == {"new.md"}


def test_what_is_staged_is_read_from_the_index(here: Terminal) -> None:
    """The index is told apart from commit and work tree."""
    path = here.folder / "staged.md"
    path.write_text("staged")
    here.git("add", "staged.md")
    path.write_text("work tree")
    assert changes.staged(here.folder).names == ("staged.md",)
    assert git.read_files(here.folder, git.INDEX, ["staged.md"]) == {"staged.md": b"staged"}


def test_files_with_odd_bytes_are_read_whole(here: Terminal) -> None:
    """Empty files, files without a last newline and binary files come back byte for byte."""
    contents = {"empty.md": b"", "open.md": b"no newline", "binary.md": bytes(range(256)), "lines.md": b"\n\n\n"}
    for name, data in contents.items():
        (here.folder / name).write_bytes(data)
    here.commit()
    assert git.read_files(here.folder, "HEAD", list(contents)) == contents


def test_what_is_no_repository_is_none(tmp_path: Path) -> None:
    """Outside of a work tree there is no top; a folder below has the top's."""
    assert git.top_of(tmp_path) is None
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    assert git.top_of(tmp_path / "empty") is None


def test_a_repository_that_cannot_be_read_is_an_error(here: Terminal) -> None:
    """A work tree whose repository is gone is not taken for a folder without one; the reason is git's."""
    (here.folder / "tree").mkdir()
    (here.folder / "tree" / ".git").write_text("gitdir: /nowhere/tree\n")
    with pytest.raises(git.GitError, match="git rev-parse failed: not a git repository: /nowhere/tree"):
        git.top_of(here.folder / "tree")


def test_ignored_files_are_told(here: Terminal) -> None:
    """What a .gitignore names is told, unless git tracks it."""
    (here.folder / ".gitignore").write_text("*.png\n")
    files = [here.folder / name for name in ("a b.png", "c.md", "tracked.png")]
    for file in files:
        file.touch()
    here.git("add", "--force", "tracked.png")
    assert git.ignored(here.folder, files) == {files[0]}
    assert git.ignored(here.folder, []) == frozenset()
