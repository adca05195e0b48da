"""The git hook's life: put in, taken out, beside other hooks, before commits, and in the pre-commit framework."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from terminal import HERE, Terminal, repository

from pelican_falhero.errors import HeroError
from pelican_falhero.prepublish.hook_script import HookFile

OTHER_HOOK = """\
#!/bin/sh
# somebody's own
while read -r ref commit there old; do echo "$ref" >>"$SEEN"; done
exit 0
"""


@pytest.fixture
def site(blog: Blog, fal: FalServer) -> Terminal:
    """A blog with an unpushed post, in a repository whose remote has the rest."""
    blog.command()
    terminal = repository(blog.root, fal.environment())
    terminal.commit()
    terminal.git("push", "--quiet", "--set-upstream", "origin", "main")
    blog.post("a.md", "Winter hikes")
    terminal.commit()
    return terminal


def stage(terminal: Terminal, blog: Blog, title: str = "Summer hikes") -> None:
    """Write a post and stage it."""
    blog.post("b.md", title)
    terminal.git("add", "content/b.md")


def hook(terminal: Terminal, kind: str = "pre-push") -> Path:
    """Where git looks for a hook."""
    return terminal.folder / terminal.git("rev-parse", "--git-path", f"hooks/{kind}").out.strip()


@pytest.mark.parametrize("kind", ["pre-push", "pre-commit"])
def test_the_hook_is_put_in_and_taken_out(site: Terminal, kind: str) -> None:
    """Installing twice is installing once, whatever the options; uninstalling leaves nothing, twice as well."""
    ran = site.falhero("hook", "install", "--type", kind)
    assert (ran.code, ran.out) == (0, f"installed .git/hooks/{kind}\n")
    once = hook(site, kind).read_text()
    assert os.access(hook(site, kind), os.X_OK)
    site.falhero("hook", "install", "--type", kind)
    assert hook(site, kind).read_text() == once
    site.falhero("hook", "install", "--type", kind, "--generate", "-s", "pelicanconf.py")
    assert "--settings pelicanconf.py --generate" in hook(site, kind).read_text()
    assert site.falhero("hook", "uninstall", "--type", kind).out == f"removed .git/hooks/{kind}\n"
    assert not hook(site, kind).exists()
    again = site.falhero("hook", "uninstall", "--type", kind)
    assert (again.code, again.out) == (0, f"there is no .git/hooks/{kind}\n")


@pytest.mark.parametrize("place", [".githooks", "outside", "work tree"])
def test_the_hooks_path_is_honoured(site: Terminal, place: str) -> None:
    """core.hooksPath says where the hook goes, inside the repository or out of it; work trees share the hook."""
    terminal = site
    folder = {".githooks": site.folder / ".githooks", "outside": site.folder.parent / "all hooks"}.get(place)
    if folder:
        site.git("config", "core.hooksPath", folder if place == "outside" else ".githooks")
    else:
        tree = site.folder.parent / "tree"
        site.git("worktree", "add", "--quiet", tree)
        terminal, folder = site.at(tree), site.folder / ".git" / "hooks"
    ran = terminal.falhero("hook", "install")
    assert ran.code == 0
    assert (folder / "pre-push").is_file()
    assert ("every repository whose core.hooksPath" in ran.err) == (place == "outside")
    assert "content/a.md: no hero" in site.git("push", code=1).err
    assert terminal.falhero("hook", "uninstall").code == 0
    site.git("push")


@pytest.mark.parametrize("kind", ["pre-push", "pre-commit"])
def test_another_hook_stays_and_the_printed_lines_work_in_it(site: Terminal, kind: str, blog: Blog) -> None:
    """Another hook is not touched; with the printed lines below its first it does both, and reads what git tells it."""
    seen = site.folder.parent / "seen"
    terminal = site.with_(SEEN=str(seen))
    file = hook(site, kind)
    file.parent.mkdir(exist_ok=True)
    file.write_text(OTHER_HOOK)
    file.chmod(0o755)
    ran = terminal.falhero("hook", "install", "--type", kind)
    assert ran.code == 1
    assert "another hook and is not changed" in ran.err
    assert file.read_text() == OTHER_HOOK
    first, _, rest = OTHER_HOOK.partition("\n")
    file.write_text(f"{first}\n{ran.out}{rest}")
    if kind == "pre-push":
        assert "content/a.md: no hero" in terminal.git("push", code=1).err
        assert not seen.exists()
        terminal.mend(terminal.git("push", code=1).err)
        terminal.git("push")
        assert seen.read_text() == "refs/heads/main\n"
    else:
        stage(terminal, blog)
        terminal.mend(terminal.git("commit", "-m", "Write", code=1).err)
        terminal.git("commit", "-m", "Write")
    ours = file.read_text()
    again = terminal.falhero("hook", "install", "--type", kind)
    assert again.code == 0
    assert "already calls falhero" in again.out
    assert terminal.falhero("hook", "uninstall", "--type", kind).code == 1
    assert file.read_text() == ours


def test_a_hook_of_ours_with_additions_is_somebodys_own(site: Terminal) -> None:
    """Lines that somebody added to our hook are lost neither by installing again nor by uninstalling."""
    site.falhero("hook", "install")
    text = hook(site).read_text() + "echo mine\n"
    hook(site).write_text(text)
    assert site.falhero("hook", "install").code == 0
    assert site.falhero("hook", "uninstall").code == 1
    assert hook(site).read_text() == text


def test_the_falhero_of_the_day_serves_where_the_python_is_gone(site: Terminal) -> None:
    """A hook whose Python does not exist any more calls the falhero that is on the PATH."""
    site.falhero("hook", "install")
    text = re.sub(r"^python=.*$", "python=/nowhere/python", hook(site).read_text(), flags=re.MULTILINE)
    assert "python=/nowhere/python" in text
    hook(site).write_text(text)
    assert "content/a.md: no hero" in site.git("push", code=1).err


def test_modules_of_the_blog_do_not_get_in_the_way(site: Terminal) -> None:
    """A file of the blog that is called like a module of Python's is not taken for it."""
    site.falhero("hook", "install")
    for name in ("json.py", "rich.py", "frontmatter.py"):
        (site.folder / name).write_text("raise SystemExit('shadowed')\n")
    assert "content/a.md: no hero" in site.git("push", code=1).err


def test_before_a_push_it_can_draw_and_stops_once(site: Terminal, fal: FalServer) -> None:
    """With --generate the push draws what is missing and stops, for no commit has it yet; committed, it passes."""
    site.falhero("hook", "install", "--generate")
    told = site.git("push", code=1).err
    assert fal.charges == 1
    assert "content/a.md: its hero is not in the commit" in told
    assert "falhero generate" not in told
    site.mend(told)
    site.git("push")
    assert fal.charges == 1


def test_before_a_push_what_cannot_be_drawn_stops(site: Terminal, fal: FalServer) -> None:
    """With --generate and without a key, the push stops with the reason and the commands."""
    site.falhero("hook", "install", "--generate")
    told = site.with_(FAL_KEY="").git("push", code=1).err
    assert "there are no credentials for fal" in told
    assert "  falhero generate content/a.md" in told
    assert fal.charges == 0


def test_before_a_commit_it_stops_posts_without_heroes(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """The pre-commit hook looks at what is staged; its commands stage what is missing."""
    site.falhero("hook", "install", "--type", "pre-commit")
    blog.post("unstaged.md", "Not staged")
    stage(site, blog)
    told = site.git("commit", "--message", "Write", code=1).err
    assert told.splitlines()[:2] == [
        "falhero: this commit would publish 1 post without a picture:",
        "  content/b.md: no hero",
    ]
    assert "git commit -m" not in told
    assert "FALHERO_SKIP=1 git commit" in told
    assert fal.charges == 0
    site.mend(told)
    site.git("commit", "--message", "Write")
    stage(site, blog, "Autumn hikes")
    site.with_(FALHERO_SKIP="1").git("commit", "--message", "Write")


def test_before_a_commit_it_can_draw_and_stage(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """With --generate a commit takes the hero along that was just drawn, and the ledger."""
    site.falhero("hook", "install", "--type", "pre-commit", "--generate")
    stage(site, blog)
    site.git("commit", "--message", "Write")
    assert fal.charges == 1
    files = site.git("show", "--name-only", "--format=", "HEAD").out.split()
    assert f"content/images/heroes/{hero_name('Summer hikes')}" in files
    assert "content/.falhero/ledger.jsonl" in files
    assert site.git("status", "--porcelain").out == ""


def test_the_first_commit_of_all_is_one_too(blog: Blog, fal: FalServer) -> None:
    """A repository without any commit has the pre-commit hook as well."""
    blog.post("a.md", "Winter hikes")
    blog.command()
    terminal = repository(blog.root, fal.environment())
    terminal.falhero("hook", "install", "--type", "pre-commit")
    terminal.git("add", "--all")
    told = terminal.git("commit", "--message", "All", code=1).err
    assert "content/a.md: no hero" in told
    terminal.mend(told)
    terminal.git("commit", "--message", "All")


def test_a_post_that_is_staged_in_part_is_judged_by_its_stage(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """What is drawn belongs to the work tree's title; a staged other title stops the commit all the same."""
    site.falhero("hook", "install", "--type", "pre-commit", "--generate")
    stage(site, blog)
    blog.post("b.md", "Autumn hikes")
    told = site.git("commit", "--message", "Write", code=1).err
    assert "content/b.md: no hero" in told
    site.mend(told)
    site.git("commit", "--message", "Write")
    assert fal.charges == 1


@pytest.mark.parametrize("arguments", [["content/b.md"], ["--all"]])
def test_other_ways_to_commit(site: Terminal, blog: Blog, fal: FalServer, arguments: list[str]) -> None:
    """`git commit FILE` stops, since git would lose what a hook adds to it; `git commit --all` takes it along."""
    site.falhero("hook", "install", "--type", "pre-commit", "--generate")
    blog.post("b.md", "Draft", Status="draft")
    site.commit()
    blog.post("b.md", "Summer hikes")
    if arguments == ["--all"]:
        site.git("commit", "--message", "Write", *arguments)
    else:
        site.mend(site.git("commit", "--message", "Write", *arguments, code=1).err)
        site.git("commit", "--all", "--message", "Write")
    assert site.git("status", "--porcelain").out == ""
    assert fal.charges == 1
    assert hero_name("Summer hikes") in site.git("ls-tree", "-r", "--name-only", "HEAD").out


def framework(terminal: Terminal, name: str) -> None:
    """Set the pre-commit framework up with one of our hooks, from a repository that holds them."""
    source = terminal.folder.parent / "hooks source"
    source.mkdir()
    (source / ".pre-commit-hooks.yaml").write_bytes((HERE.parent.parent / ".pre-commit-hooks.yaml").read_bytes())
    hooks = terminal.at(source)
    hooks.git("init", "--quiet")
    hooks.commit()
    config = (
        f"repos:\n- repo: '{source}'\n  rev: {hooks.git('rev-parse', 'HEAD').out.strip()}\n  hooks: [{{id: {name}}}]\n"
    )
    (terminal.folder / ".pre-commit-config.yaml").write_text(config)
    terminal.commit("Add pre-commit")
    kind = "pre-push" if name == "falhero-push" else "pre-commit"
    ran = terminal.run("pre-commit", "install", "--hook-type", kind)
    assert ran.code == 0, ran.out + ran.err


def test_the_framework_stops_pushes(site: Terminal, fal: FalServer, blog: Blog) -> None:
    """In the pre-commit framework the hook judges existing, new and first branches as git's own hook does."""
    framework(site, "falhero-push")
    told = site.git("push", code=1)
    assert "content/a.md: no hero" in told.out + told.err
    assert fal.charges == 0
    site.mend("\n".join(line for line in (told.out + told.err).splitlines() if "falhero: " not in line))
    site.git("push")
    site.git("switch", "--quiet", "--create", "side")
    blog.post("b.md", "Summer hikes")
    site.commit()
    told = site.git("push", "origin", "side", code=1)
    assert "content/b.md: no hero" in told.out + told.err
    assert "a.md" not in told.out + told.err
    empty = site.folder.parent / "empty.git"
    site.git("init", "--quiet", "--bare", empty)
    site.git("remote", "add", "empty", empty)
    told = site.git("push", "empty", "side", code=1)
    assert "content/b.md: no hero" in told.out + told.err


def test_the_framework_stops_commits(site: Terminal, blog: Blog) -> None:
    """In the pre-commit framework a commit of a post without its hero stops, and passes with it."""
    framework(site, "falhero-commit")
    stage(site, blog)
    told = site.git("commit", "--message", "Write", code=1)
    assert "content/b.md: no hero" in told.out + told.err
    site.mend(told.out + told.err)
    site.git("commit", "--message", "Write")


HOOK_RUN = """
import resource, sys, pelican

def seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)

before = seconds()
from pelican_falhero.cli.main import entry
sys.argv = ["falhero", "hook", "run", "origin", "address"]
try:
    entry()
except SystemExit as ended:
    print(ended.code or 0, seconds() - before)
"""
"""Runs the hook, and prints its exit code and its processor time, for no clock on the wall is fair under load."""


def test_a_push_waits_for_little_more_than_pelican(site: Terminal, blog: Blog) -> None:
    """On a blog of 500 posts a push of three takes at most a second of processor time over the import of Pelican."""
    for number in range(500):
        blog.post(f"{number}.md", f"Post {number}", "Some words of the post. " * 40, Category=f"C{number % 9}")
        blog.assets.mkdir(parents=True, exist_ok=True)
        (blog.assets / hero_name(f"Post {number}")).write_bytes(b"\x89PNG, as far as a hook can see")
    (blog.content / "a.md").unlink()
    site.commit()
    site.git("push", "--quiet")
    for number in range(3):
        blog.post(f"{number}.md", f"Post {number}", "New words.")
    site.commit()
    head = site.git("rev-parse", "HEAD").out.strip()
    there = site.git("rev-parse", "HEAD~1").out.strip()
    told = f"refs/heads/main {head} refs/heads/main {there}\n"
    runs = [site.run(sys.executable, "-c", HOOK_RUN, stdin=told).out.split() for _ in range(2)]
    assert [code for code, _ in runs] == ["0", "0"]
    least = min(float(seconds) for _, seconds in runs)
    assert 0 < least < 1.0, f"{least:.2f} s"


@pytest.mark.parametrize("place", ["/dev/null", "notes/hooks"])
def test_hooks_that_are_switched_off_are_told(site: Terminal, place: str) -> None:
    """Where core.hooksPath leads to no folder, as /dev/null, installing is one line with what to check."""
    (site.folder / "notes").write_text("a file")
    site.git("config", "core.hooksPath", place)
    ran = site.falhero("hook", "install")
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 1
    assert place in ran.err
    assert "there is no " in site.falhero("hook", "uninstall").out


def test_a_hook_that_cannot_be_removed_is_an_error_that_says_so(tmp_path: Path) -> None:
    """The file and the reason are named; here something else has taken its place since it was read."""
    (tmp_path / "pre-push").mkdir()
    with pytest.raises(HeroError, match=r"pre-push can't be removed \(.+\); check its permissions"):
        HookFile(path=tmp_path / "pre-push", text="ours").remove()
