"""The git hook and every kind of push: several commits, branches, tags, merges, rewritten histories."""

from __future__ import annotations

from pathlib import Path

import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from pushing import passes, post, published, stopped
from terminal import Terminal


@pytest.fixture
def site(blog: Blog, fal: FalServer) -> Terminal:
    """A blog without posts, pushed to a bare remote, with the pre-push hook installed."""
    return published(blog, fal)


def test_what_a_later_commit_mends_passes(site: Terminal, blog: Blog) -> None:
    """Several commits are judged by the last: a post without hero, then its hero, then a post that is deleted."""
    post(blog, site)
    post(blog, site, "Summer hikes", "b.md")
    site.falhero("generate", "content/a.md")
    site.commit("Add the hero")
    (blog.content / "b.md").unlink()
    site.commit("Delete b")
    passes(site)


def test_every_pushed_commit_counts(site: Terminal, blog: Blog) -> None:
    """A post that an earlier commit of the push brought is looked at, also when a later one is about something else."""
    post(blog, site)
    blog.write("images/other.txt", "x")
    site.commit("Something else")
    assert "content/a.md: no hero" in stopped(site)


def test_posts_that_the_push_does_not_change_are_left_alone(site: Terminal, blog: Blog) -> None:
    """A post that was pushed without hero stops nobody later, until it changes."""
    post(blog, site)
    passes(site, "--no-verify")
    blog.write("images/other.txt", "x")
    site.commit()
    passes(site)
    post(blog, site, "Summer hikes", "b.md", Status="draft")
    passes(site)
    blog.post("a.md", "Winter hikes", "New words.")
    site.commit()
    assert "content/a.md: no hero" in stopped(site)


def test_a_renamed_post_counts_under_its_new_name(site: Terminal, blog: Blog) -> None:
    """A rename is a change of the post; the old name is gone and says nothing."""
    post(blog, site)
    passes(site, "--no-verify")
    site.git("mv", "content/a.md", "content/b.md")
    site.commit()
    told = stopped(site)
    assert "content/b.md: no hero" in told
    assert "a.md" not in told


def test_new_branches_count_from_what_the_remote_has(site: Terminal, blog: Blog) -> None:
    """The first push of a branch is judged by the commits that no branch of the remote has."""
    post(blog, site)
    passes(site, "--no-verify")
    site.git("switch", "--quiet", "--create", "more/hikes")
    passes(site, "origin", "more/hikes")
    post(blog, site, "Summer hikes", "b.md")
    site.git("switch", "--quiet", "--create", "even-more")
    told = stopped(site, "origin", "even-more")
    assert "content/b.md: no hero" in told
    assert "a.md" not in told
    site.mend(told)
    passes(site, "-u", "origin", "even-more")


def test_deleted_branches_and_old_tags_pass(site: Terminal, blog: Blog) -> None:
    """Deleting a branch and pushing a tag of what the remote has publish nothing; a tag of new posts does."""
    site.git("push", "--quiet", "origin", "main:other")
    passes(site, "origin", "--delete", "other")
    site.git("tag", "--annotate", "v1", "--message", "One")
    passes(site, "origin", "v1")
    post(blog, site)
    site.git("tag", "v2")
    assert "content/a.md: no hero" in stopped(site, "origin", "v2")


def test_tags_of_other_things_pass(site: Terminal) -> None:
    """A tag of something that is no commit holds no posts."""
    blob = site.git("hash-object", "-w", "pelicanconf.py").out.strip()
    site.git("tag", "thing", blob)
    passes(site, "origin", "thing")


def test_forced_pushes_count_what_is_new(site: Terminal, blog: Blog) -> None:
    """A rewritten history is judged by its own commits, also where the remote's commit is unknown here."""
    post(blog, site, Status="draft")
    passes(site)
    blog.post("a.md", "Winter hikes")
    site.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    assert "content/a.md: no hero" in stopped(site, "--force")
    other = repository_of(site, "other")
    Path(other.folder / "content" / "z.md").write_text("Title: Zero\nDate: 2026-11-01\nStatus: draft\n\nx\n")
    other.commit()
    other.git("push", "--quiet")
    told = stopped(site, "--force")
    assert "content/a.md: no hero" in told
    site.mend(told)
    passes(site, "--force")


def repository_of(site: Terminal, name: str) -> Terminal:
    """Somebody else's clone."""
    folder = site.folder.parent / name
    site.git("clone", "--quiet", site.folder.parent / "remote.git", folder)
    return site.at(folder)


def test_merges_bring_their_own_side_only(site: Terminal, blog: Blog) -> None:
    """Merging what the remote has brings none of its posts into question; a title from the merge itself does."""
    other = repository_of(site, "other")
    (other.folder / "content" / "theirs.md").write_text("Title: Theirs\nDate: 2026-11-01\n\nx\n")
    other.commit()
    other.git("push", "--quiet")
    post(blog, site, Status="draft")
    site.git("pull", "--quiet", "--no-rebase", "--no-edit")
    passes(site)
    site.git("switch", "--quiet", "--create", "side", "HEAD~1")
    site.git("switch", "--quiet", "main")
    blog.post("a.md", "One title", Status="draft")
    site.commit()
    site.git("switch", "--quiet", "side")
    blog.post("a.md", "Another title", Status="draft")
    site.commit()
    site.git("switch", "--quiet", "main")
    site.git("merge", "--quiet", "side", code=1)
    blog.post("a.md", "Both titles")
    site.commit("Merge")
    told = stopped(site)
    assert "content/a.md: no hero" in told
    assert "theirs" not in told


def test_a_branch_that_is_not_checked_out_is_switched_to(site: Terminal, blog: Blog) -> None:
    """Pushing another branch than the one one stands on is judged by that branch, and its commands go there first."""
    site.git("switch", "--quiet", "--create", "side")
    post(blog, site)
    site.git("switch", "--quiet", "main")
    told = stopped(site, "origin", "side")
    assert "  git switch side" in told
    site.mend(told)
    passes(site, "origin", "side")


def test_several_branches_are_one_push(site: Terminal, blog: Blog) -> None:
    """A push of all branches is judged by each of them."""
    post(blog, site, "Winter hikes", "a.md")
    site.git("switch", "--quiet", "--create", "side")
    post(blog, site, "Summer hikes", "b.md")
    told = stopped(site, "origin", "--all")
    assert "content/a.md: no hero" in told
    assert "content/b.md: no hero" in told


def test_an_address_is_a_remote_too(site: Terminal, blog: Blog) -> None:
    """A push to an address instead of a remote's name counts what no remote has."""
    post(blog, site)
    passes(site, "--no-verify")
    post(blog, site, "Summer hikes", "b.md")
    address = str(site.folder.parent / "remote.git")
    told = stopped(site, address, "main:new")
    assert "content/b.md: no hero" in told
    assert "a.md" not in told


def test_work_trees_have_the_hook_too(site: Terminal, blog: Blog) -> None:
    """A second work tree of the repository is judged by its own files."""
    tree = site.folder.parent / "second tree"
    site.git("worktree", "add", "--quiet", tree, "-b", "side")
    second = site.at(tree)
    (tree / "content" / "b.md").write_text("Title: Summer hikes\nDate: 2026-11-01\n\nWords.\n")
    second.commit()
    told = stopped(second, "origin", "side")
    assert "  falhero generate content/b.md" in told
    second.mend(told)
    assert (tree / "content" / "images" / "heroes" / hero_name("Summer hikes")).is_file()
    passes(second, "origin", "side")
