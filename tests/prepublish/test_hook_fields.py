"""The git hook on a site whose posts name their heroes in their front matter."""

from __future__ import annotations

from pathlib import Path

import pytest
from blog import hero_name
from fal_server import FalServer
from pushing import passes, stopped
from terminal import Terminal, repository

HERO = f"art/{hero_name('Winter hikes')}"
POST = "---\ntitle: Winter hikes\n---\nWords.\n"
WRITTEN = f"---\ntitle: Winter hikes\nimage: {HERO}\n---\nWords.\n"


@pytest.fixture
def site(tmp_path: Path, fal: FalServer) -> Terminal:
    """A repository of a site without posts, whose posts name their heroes in ``image``; it is pushed."""
    top = tmp_path / "notes"
    (top / "posts").mkdir(parents=True)
    (top / "posts" / ".keep").touch()
    (top / "pyproject.toml").write_text('[tool.falhero]\ncontent = "posts"\nassets_dir = "art"\nwrite = "image"\n')
    terminal = repository(top, fal.environment())
    terminal.commit()
    terminal.git("push", "--quiet", "-u", "origin", "main")
    return terminal


def test_what_a_hook_prints_makes_the_post_whole(site: Terminal, fal: FalServer) -> None:
    """The commands draw the hero and commit the post that names it, and the push then passes."""
    site.falhero("hook", "install")
    (site.folder / "posts" / "a.md").write_text(POST)
    site.commit()
    told = stopped(site)
    assert "posts/a.md: no hero" in told
    site.mend(told)
    passes(site)
    assert site.git("show", "origin/main:posts/a.md").out == WRITTEN
    assert fal.charges == 1


def test_a_commit_that_lacks_the_name_of_its_hero_is_stopped(site: Terminal, fal: FalServer) -> None:
    """The commit's own content counts: a post that names its hero in the work tree alone is not published so."""
    site.falhero("hook", "install")
    path = site.folder / "posts" / "a.md"
    path.write_text(POST)
    assert site.falhero("generate").code == 0
    assert path.read_text() == WRITTEN
    path.write_text(POST)
    site.commit()
    told = stopped(site)
    assert f"posts/a.md: its front matter does not name its hero (image: {HERO})" in told
    assert "  falhero generate posts/a.md\n  git add posts/a.md " in told
    path.write_text(WRITTEN)
    told = stopped(site)
    assert "falhero generate" not in told
    site.mend(told)
    passes(site)
    assert fal.charges == 1


def test_a_commit_gets_heroes_and_posts(site: Terminal, fal: FalServer) -> None:
    """With --generate the pictures, the ledger and the changed posts are in the commit, and nothing else is staged."""
    site.falhero("hook", "install", "--type", "pre-commit", "--generate")
    path = site.folder / "posts" / "a.md"
    path.write_text(POST)
    path.chmod(0o755)
    site.git("add", "posts/a.md")
    path.write_text(POST.replace("Words", "Words that are not staged"))
    (site.folder / "other.txt").touch()
    ran = site.git("commit", "--quiet", "--message", "Write")
    assert "image written into 1 post" in ran.out + ran.err
    assert site.git("show", "HEAD:posts/a.md").out == WRITTEN
    assert site.git("ls-tree", "HEAD", "posts/a.md").out.startswith("100755 ")
    assert path.read_text() == WRITTEN.replace("Words", "Words that are not staged")
    assert site.git("status", "--porcelain").out == " M posts/a.md\n?? other.txt\n"
    names = site.git("show", "--name-only", "--format=", "HEAD").out.split()
    assert sorted(names) == [".falhero/.gitignore", ".falhero/ledger.jsonl", HERO, "posts/a.md"]
    assert fal.charges == 1


def test_a_commit_gets_the_name_of_a_hero_that_is_there(site: Terminal, fal: FalServer) -> None:
    """A staged post that does not name the hero it has is completed, for nothing, and an own picture is let be."""
    (site.folder / "posts" / "a.md").write_text(POST)
    site.falhero("generate")
    site.commit()
    site.falhero("hook", "install", "--type", "pre-commit", "--generate")
    (site.folder / "posts" / "a.md").write_text(POST.replace("Words", "More words"))
    own = POST.replace("Winter", "Summer").replace("\n---\n", "\nimage: own.png\n---\n")
    (site.folder / "posts" / "b.md").write_text(own)
    site.git("add", "posts")
    site.git("commit", "--quiet", "--message", "Write")
    assert site.git("show", "HEAD:posts/a.md").out == WRITTEN.replace("Words", "More words")
    assert site.git("show", "HEAD:posts/b.md").out == own
    assert site.git("status", "--porcelain").out == ""
    assert fal.charges == 1


def test_a_push_draws_and_says_what_to_commit(site: Terminal, fal: FalServer) -> None:
    """With --generate it stops once: the post that names the hero, the hero and the ledger have to be committed."""
    site.falhero("hook", "install", "--generate")
    (site.folder / "posts" / "a.md").write_text(POST)
    site.commit()
    told = stopped(site)
    assert "falhero generate" not in told
    assert (site.folder / "posts" / "a.md").read_text() == WRITTEN
    site.mend(told)
    passes(site)
    assert site.git("show", "origin/main:posts/a.md").out == WRITTEN
    assert site.git("status", "--porcelain").out == ""
    assert fal.charges == 1
