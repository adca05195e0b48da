"""The git hook on real pushes: what stops, what passes, and commands that really mend it."""

from __future__ import annotations

import re

import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from pushing import passes, post, published, stopped
from terminal import Terminal


@pytest.fixture
def site(blog: Blog, fal: FalServer) -> Terminal:
    """A blog without posts, pushed to a bare remote, with the pre-push hook installed."""
    return published(blog, fal)


def test_a_post_without_its_hero_is_not_pushed(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """The push stops with the post and three commands; once they were run it passes. The hook spends nothing."""
    post(blog, site)
    told = stopped(site)
    hero = f"content/images/heroes/{hero_name('Winter hikes')}"
    assert told.splitlines()[:7] == [
        "falhero: this push would publish 1 post without a picture:",
        "  content/a.md: no hero",
        "To fix it:",
        "  falhero generate content/a.md",
        f"  git add {hero} content/.falhero",
        '  git commit -m "Add hero images"',
        "Then push again. To push anyway: FALHERO_SKIP=1 git push",
    ]
    assert not fal.requests
    site.mend(told)
    passes(site)
    assert fal.charges == 1
    assert hero in site.git("ls-tree", "-r", "--name-only", "origin/main").out


def test_the_hook_reaches_nobody(site: Terminal, blog: Blog) -> None:
    """With every connection refused it works the same, and neither fal_client nor an HTTP library is imported."""
    post(blog, site)
    imported = blog.root / "imported"
    stopped(site.alone().with_(IMPORTED=str(imported)))
    assert "pelican" in imported.read_text().split()
    assert not {"fal_client", "httpx", "requests", "urllib3"} & set(imported.read_text().split())


def test_whoever_wants_to_push_can(site: Terminal, blog: Blog) -> None:
    """FALHERO_SKIP=1 and --no-verify pass."""
    for name in ("a.md", "b.md"):
        post(blog, site, name, name)
        if name == "a.md":
            passes(site.with_(FALHERO_SKIP="1"))
        else:
            passes(site, "--no-verify")
        assert site.git("rev-parse", "origin/main").out == site.git("rev-parse", "HEAD").out


def test_a_hero_that_is_not_committed_is_missing(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """A hero that lies in the folder, or is only staged, is not in the commit; git add and commit are enough."""
    post(blog, site)
    site.falhero("generate")
    told = stopped(site)
    assert "content/a.md: its hero is not in the commit" in told
    assert "falhero generate" not in told
    site.git("add", "content")
    assert "its hero is not in the commit" in stopped(site)
    site.mend(told)
    passes(site)
    assert fal.charges == 1


def test_posts_are_read_as_the_commit_has_them(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """A title that only the work tree has does not count, and the commands bring work tree and commit together."""
    post(blog, site)
    blog.post("a.md", "Spring hikes")
    site.falhero("generate")
    told = stopped(site)
    assert f"  git add content/a.md content/images/heroes/{hero_name('Spring hikes')} content/.falhero" in told
    site.mend(told)
    passes(site)
    assert fal.charges == 1


def test_a_hero_that_the_work_tree_needs_does_not_stop(site: Terminal, blog: Blog) -> None:
    """A post that is fit in the commit passes, whatever is being written in the work tree."""
    post(blog, site)
    site.falhero("generate")
    site.commit()
    blog.post("a.md", "Half a title, Hero_Steps: 99", Hero_Steps="99")
    blog.post("b.md", "Not committed")
    (blog.assets / hero_name("Winter hikes")).unlink()
    passes(site)


def test_only_what_is_published_counts(site: Terminal, blog: Blog) -> None:
    """Drafts, hidden posts and those that want no hero pass; a bad field of a published post stops."""
    pass_ = [{"Status": "draft"}, {"Status": "hidden"}, {"Hero": "none"}, {"Cover": "images/x.png"}]
    for number, fields in enumerate(pass_):
        blog.post(f"{number}.md", f"Post {number}", **fields)
    site.commit()
    passes(site)
    blog.post("future.md", "Later", Date="2999-01-01")
    blog.post("bad.md", "Winter hikes", Hero_Steps="99")
    site.commit()
    told = stopped(site)
    assert "this push would publish 2 posts without a picture:" in told
    assert "  content/future.md: " in told
    assert "  content/bad.md: " in told


def test_own_pictures_must_be_in_the_commit(site: Terminal, blog: Blog) -> None:
    """An author's own picture that is not committed stops the push, and git add mends it."""
    blog.post("a.md", "Winter hikes", Hero="images/own.png")
    site.git("add", "content/a.md")
    site.git("commit", "--quiet", "--message", "Write")
    save_picture(blog.content / "images" / "own.png")
    told = stopped(site)
    assert "content/a.md: its picture images/own.png is not in the commit" in told
    site.mend(told)
    passes(site)


def test_an_own_picture_that_is_nowhere_is_for_the_author(site: Terminal, blog: Blog) -> None:
    """An own picture that does not exist stops the push, with the file to edit."""
    post(blog, site, Hero="images/nowhere.png")
    told = stopped(site)
    assert "Hero names the picture images/nowhere.png, which is not in" in told
    assert "  # edit content/a.md" in told
    blog.post("a.md", "Winter hikes", Hero="none")
    site.mend(told)
    passes(site)


def test_a_post_that_is_gone_from_the_work_tree_goes_from_the_commit(site: Terminal, blog: Blog) -> None:
    """Where the work tree has no such post any more, committing that is what mends it."""
    post(blog, site)
    (blog.content / "a.md").unlink()
    told = stopped(site)
    assert "  git add content/a.md" in told
    assert "falhero generate" not in told
    site.mend(told)
    passes(site)


def test_many_posts_are_told_in_short(site: Terminal, blog: Blog) -> None:
    """A push of a whole blog names twenty posts and says how many more, with commands for all of them."""
    blog.configure(FALHERO_BUDGET=5)
    blog.command()
    for number in range(22):
        blog.post(f"{number:02d}.md", f"Post {number}")
    site.commit()
    told = stopped(site)
    assert "this push would publish 22 posts without a picture:" in told
    assert "  and 2 more (falhero check lists them all)" in told
    assert told.count(": no hero") == 20
    site.mend(told)
    passes(site)


def test_commands_are_for_where_the_user_stands(site: Terminal, blog: Blog) -> None:
    """A push from a folder below prints paths from there, which work from there."""
    post(blog, site, name="my post.md")
    inside = site.at(blog.content)
    told = stopped(inside)
    assert "  falhero generate 'my post.md'" in told
    inside.mend(told)
    passes(inside)


def test_odd_names_are_no_obstacle(site: Terminal, blog: Blog) -> None:
    """Spaces, quotes and letters of every script in names of posts survive the way through git and the shell."""
    names = ["my post.md", 'it\'s "so".md', "yürüyüş/über — σ.md", "-dash.md"]
    for number, name in enumerate(names):
        blog.post(name, f"Post {number}")
    site.commit()
    told = stopped(site)
    site.mend(told)
    passes(site)


def test_by_hand_it_says_what_a_push_would_meet(site: Terminal, blog: Blog) -> None:
    """`falhero hook run` on the command line judges what is committed and not pushed."""
    assert site.falhero("hook", "run").code == 0
    post(blog, site)
    ran = site.falhero("hook", "run")
    assert ran.code == 1
    assert "content/a.md: no hero" in ran.err
    site.mend(ran.err)
    assert site.falhero("hook", "run").code == 0
    post(blog, site, "Summer hikes", "b.md")
    inside = site.at(blog.content)
    assert "  falhero generate b.md" in inside.falhero("hook", "run").err


def test_the_messages_hold_no_escape_sequences(site: Terminal, blog: Blog) -> None:
    """What the hook says is plain text where it is not on a terminal."""
    post(blog, site)
    assert not re.search("\x1b", stopped(site.with_(TERM="xterm-256color")))
