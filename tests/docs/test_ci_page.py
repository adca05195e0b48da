"""The workflow of the page about build servers: its steps, one after another, in real repositories, with a fal."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from blog import Blog, hero_name
from documents import BLOCKS, Block, page
from fal_server import FalServer
from terminal import Ran, Terminal, repository

BRANCH = "main"


def block(kind: str) -> Block:
    """The page's only block of this kind."""
    (found,) = (block for block in BLOCKS if block.document.stem == "ci" and block.kind == kind)
    return found


WORKFLOW: dict[Any, Any] = yaml.safe_load(block("yaml").text)
(JOB,) = WORKFLOW["jobs"].values()
STEPS: list[dict[str, Any]] = JOB["steps"]


@dataclass
class Runner:
    """A build server: an empty folder for each run, and a cache of what the workflow says."""

    folder: Path
    remote: Path
    secrets: dict[str, str]
    """What ``${{ secrets.FAL_KEY }}`` is replaced by, with what the tests' fal needs beside it."""
    cache: Path
    said: dict[str, Ran] = field(default_factory=dict)
    """By the step's name or command."""

    def run(self, *, before: Any = None) -> bool:
        """Run the workflow on the branch's last commit; whether it succeeded.

        ``before``: called with the step that is about to run.
        """
        terminal = Terminal(self.folder, {"CI": "true"})
        failed = False
        for step in STEPS:
            if before:
                before(step)
            if failed and step.get("if") != "always()":
                continue
            failed = not self._step(step, terminal) or failed
        self._save_cache()
        return not failed

    def _step(self, step: dict[str, Any], terminal: Terminal) -> bool:
        match step.get("uses", "").partition("@")[0]:
            case "actions/checkout":
                shutil.rmtree(self.folder, ignore_errors=True)
                command = ["git", "clone", "--quiet", "--branch", step["with"]["ref"], self.remote, self.folder]
                assert Terminal(self.folder.parent).run(*command).code == 0
                return True
            case "actions/cache":
                if self.cache.exists():
                    # A cache's archive keeps times; a checkout's files are new.
                    shutil.copytree(self.cache, self.folder / step["with"]["path"], dirs_exist_ok=True)
                return True
            case "actions/setup-python" | "actions/deploy-pages":
                return True
            case "actions/upload-pages-artifact":
                index = self.folder / step["with"]["path"] / "index.html"
                return bool(index.is_file())
        if step["run"].startswith("pip install"):
            return True
        env = self.secrets if step.get("env") == {"FAL_KEY": "${{ secrets.FAL_KEY }}"} else {}
        ran = terminal.with_(**env).run("bash", "-e", "-c", step["run"])
        self.said[step.get("name", step["run"])] = ran
        if ran.code:
            print(step["run"], ran.out, ran.err, sep="\n")  # noqa: T201 - shown only where a test fails
        return ran.code == 0 or "continue-on-error" in step

    def _save_cache(self) -> None:
        (path,) = (step["with"]["path"] for step in STEPS if step.get("uses", "").startswith("actions/cache"))
        shutil.rmtree(self.cache, ignore_errors=True)
        shutil.copytree(self.folder / path, self.cache)


@pytest.fixture
def author(blog: Blog) -> Terminal:
    """The author's clone: a blog as the page says, with a post that has no hero yet, pushed."""
    blog.configure(block("python").text)
    blog.command()
    # As pelican-quickstart writes it.
    conf = "import os, sys\nsys.path.append(os.curdir)\nfrom pelicanconf import *\nSITEURL = 'https://example.org'\n"
    (blog.root / "publishconf.py").write_text(conf)
    (blog.root / ".gitattributes").write_text(block("gitattributes").text)
    (blog.root / ".gitignore").write_text("output\n__pycache__\n")
    blog.post("a.md", "Winter hikes")
    terminal = repository(blog.root)
    terminal.commit("A post")
    terminal.git("push", "--quiet", "--set-upstream", "origin", BRANCH)
    return terminal


@pytest.fixture
def runner(author: Terminal, fal: FalServer, tmp_path: Path) -> Runner:
    """A build server that has the key."""
    return Runner(tmp_path / "work", author.folder.parent / "remote.git", fal.environment(), tmp_path / "cache")


def remote_files(author: Terminal) -> list[str]:
    """What the branch has in the remote."""
    author.git("fetch", "--quiet")
    return author.git("ls-tree", "-r", "--name-only", f"origin/{BRANCH}").out.split()


def push_settings(author: Terminal, blog: Blog, source: str) -> None:
    """The author adds a setting, and pushes it."""
    blog.configure(source)
    blog.command()
    author.commit("A setting")
    author.git("push", "--quiet")


def test_it_draws_once_and_commits_it(author: Terminal, blog: Blog, runner: Runner, fal: FalServer) -> None:
    """The first run buys the hero and pushes it with the ledger; the second buys, commits and encodes nothing."""
    push_settings(author, blog, "FALHERO_FORMATS = ['webp']")
    assert runner.run()
    assert fal.charges == 1
    files = remote_files(author)
    assert f"content/images/heroes/{hero_name('Winter hikes')}" in files
    assert "content/.falhero/ledger.jsonl" in files
    assert not [name for name in files if "/variants/" in name]
    commit = author.git("rev-parse", f"origin/{BRANCH}").out
    copies = {path.name: path.stat().st_mtime_ns for path in runner.cache.glob("hero-*.webp")}
    assert copies
    assert runner.run()
    assert fal.charges == 1
    author.git("fetch", "--quiet")
    assert author.git("rev-parse", f"origin/{BRANCH}").out == commit
    assert {path.name: path.stat().st_mtime_ns for path in runner.cache.glob("hero-*.webp")} == copies


def test_only_the_step_that_draws_has_the_key() -> None:
    """No other step could spend, and a run does not end another one; pull requests start none."""
    assert [step["name"] for step in STEPS if "secrets." in str(step)] == ["Draw the missing heroes"]
    assert isinstance(WORKFLOW["concurrency"], str)
    assert WORKFLOW[True] == {"push": {"branches": [BRANCH]}}  # YAML 1.1 reads "on" as true
    assert [step["with"]["ref"] for step in STEPS if step.get("uses", "").startswith("actions/checkout")] == [BRANCH]


def test_what_is_pushed_while_it_draws_is_kept(author: Terminal, blog: Blog, runner: Runner, fal: FalServer) -> None:
    """Its commit goes on top of the author's; of a hero that both have drawn the author's stays, and both costs."""

    def draw(step: dict[str, Any]) -> None:
        if step.get("name") == "Commit them":
            blog.post("b.md", "Summer hikes")
            assert author.with_(**fal.environment()).falhero("generate").code == 0
            author.commit("Mine")
            author.git("push", "--quiet")

    assert runner.run(before=draw)
    assert fal.charges == 3
    names = [hero_name(title) for title in ("Winter hikes", "Summer hikes")]
    assert {name for name in remote_files(author) if name.endswith(".png")} == {
        f"content/images/heroes/{name}" for name in names
    }
    for name in names:
        assert (runner.folder / "content/images/heroes" / name).read_bytes() == (blog.assets / name).read_bytes()
    author.git("pull", "--quiet", "--rebase")
    assert "3 heroes  $0.075" in author.falhero("spend").out


def test_the_budget_is_that_of_all_runs(author: Terminal, blog: Blog, runner: Runner, fal: FalServer) -> None:
    """What does not fit the budget fails the step and not the run; the ledger tells others what is left."""
    for number in range(2):
        blog.post(f"{number}.md", f"Hike {number}")
    push_settings(author, blog, "FALHERO_BUDGET = 0.05")
    assert runner.run()
    assert runner.said["Draw the missing heroes"].code == 1
    assert len([name for name in remote_files(author) if name.endswith(".png")]) == 2
    author.git("pull", "--quiet")
    assert author.with_(**fal.environment()).falhero("generate").code == 1
    assert fal.charges == 2


def test_a_fork_has_no_key(author: Terminal, runner: Runner, fal: FalServer) -> None:
    """Without the secret the site is built with title cards, and nothing is sent, nor committed, copies neither."""
    runner.secrets = {**fal.environment(), "FAL_KEY": ""}
    runner.cache.mkdir()
    (runner.cache / "card-0c037fd5209c-art-480.webp").write_bytes(b"")
    commit = author.git("rev-parse", "HEAD").out
    assert runner.run()
    author.git("fetch", "--quiet")
    assert author.git("rev-parse", f"origin/{BRANCH}").out == commit
    assert fal.charges == 0
    assert list((runner.folder / "output").rglob("card-*"))


def test_without_the_setting_nothing_is_bought(author: Terminal, blog: Blog, fal: FalServer) -> None:
    """As the page says first: with CI set neither build nor command spends, and `check` fails; CI=false allows it."""
    blog.source = ""
    blog.command()
    on_server = author.with_(CI="true", **fal.environment())
    assert on_server.falhero("generate").code == 1
    assert on_server.falhero("check").code == 1
    assert fal.charges == 0
    assert "CI=false falhero generate" in page("ci")
    assert on_server.with_(CI="false").falhero("generate").code == 0
    assert fal.charges == 1
