"""Every code block of README and pages: commands run, settings are read, templates render. None is passed over."""

from __future__ import annotations

import datetime
import re
import shlex
import sys
import tomllib
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from blog import Blog
from documents import BLOCKS, DOCUMENTS, README, ROOT, Block, page
from fal_server import FalServer
from jinja2 import Environment
from pelican import parse_arguments
from pelican.readers import MarkdownReader
from pelican.settings import DEFAULT_CONFIG
from terminal import SCRIPT, Ran, Terminal, at_home, repository

from pelican_falhero.content.generators import GENERATORS
from pelican_falhero.content.site_table import read_table
from pelican_falhero.presentation.fields import FieldChoice, FieldPlan
from pelican_falhero.presentation.figure import STYLESHEET, add_templates
from pelican_falhero.presentation.hero import Hero
from pelican_falhero.presentation.shown_report import ShownReport
from pelican_falhero.presentation.theme_probe import TemplateKey
from pelican_falhero.settings import PREFIX, Settings
from pelican_falhero.settings_reading import read_settings

NOT_RUN = {"python3 -m venv .venv", ". .venv/bin/activate", "./scripts/demo", "./scripts/test"}
"""Command lines that set up environments; scripts of those names are there, as another test holds."""
MAY_FIND_FAULT = {("falhero", "check"), ("falhero", "hook", "run")}
"""Commands that say by exit code 1 that something is not fit to be published."""
RUN_ELSEWHERE = ("README", "doctor", "front-matter")
"""Documents whose commands have a test of their own."""
ANSWERS = "\nMy blog\nAda\nen\nn\nn\nEurope/Paris\nn\n"
"""To the questions of pelican-quickstart."""
NUMBER = re.compile(r"\$?\b(?:[0-9a-f]{8,}|\d+(?:\.\d+)?)\b")


def with_commands(document: Path) -> list[Block]:
    """The blocks of a document that are for a shell."""
    return [block for block in BLOCKS if block.document == document and block.kind in ("shell", "transcript")]


def is_settings(block: Block) -> bool:
    """Whether a block of Python is of a pelicanconf.py, and not a program."""
    return "import BlogImageGenerator" not in block.text


def of_kind(kind: str) -> pytest.MarkDecorator:
    """A test's parameter: each block of this kind."""
    return pytest.mark.parametrize("block", [block for block in BLOCKS if block.kind == kind], ids=str)


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    """A block of a new kind fails this test until another one checks it."""
    checked = {"shell", "transcript", "output", "python", "toml", "jinja", "yaml", "markdown", "gitattributes", "css"}
    assert {str(block) for block in BLOCKS if block.kind not in checked} == set()
    assert {block.kind for block in BLOCKS} == checked


class Reader:
    """Somebody who types what a document says into a shell, with a key."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.printed = ""
        """What the last command printed."""

    @property
    def folder(self) -> Path:
        """Where the shell is."""
        return self.terminal.folder

    def follow(self, block: Block) -> None:
        """Type the commands of a block; where it shows what they print, compare that."""
        if block.kind == "shell":
            for line in block.commands:
                self.type(line)
            return
        command, _, shown = block.text.removeprefix("$ ").partition("\n")
        self.type(command)
        assert re.fullmatch(_pattern(shown), NUMBER.sub("N", self.printed)), f"{block} prints\n{self.printed}"

    def type(self, line: str) -> None:
        """Run one command line, which must succeed."""
        words = shlex.split(line, comments=True)
        terminal = self.terminal
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            terminal = terminal.with_(**{name: value})
        if " ".join(words) in NOT_RUN:
            return
        for word in words:
            if word.endswith(".md"):
                self.write(word)
        ran = self._run(terminal, line, words)
        self.printed = ran.out + ran.err
        allowed = {0, 1} if any(tuple(words[: len(start)]) == start for start in MAY_FIND_FAULT) else {0}
        assert ran.code in allowed, f"{line}: {ran.code}\n{self.printed}"

    def paste(self, block: Block) -> None:
        """Put settings at the end of pelicanconf.py."""
        with (self.folder / "pelicanconf.py").open("a", encoding="utf-8") as conf:
            conf.write(block.text)

    def write(self, name: str) -> None:
        """Write a post of this name, unless there is one."""
        path = self.folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"---\ntitle: {path.stem}\ndate: 2026-11-28\n---\n\nWords.\n", encoding="utf-8")

    def _run(self, terminal: Terminal, line: str, words: list[str]) -> Ran:
        command: list[str | Path] = list(words)
        stdin = None
        match words:
            case ["falhero" | "git", *_]:
                pass
            case ["scripts/generate-fal-hero.py", *rest]:
                command = [SCRIPT, *rest]
            case ["pelican", *rest]:
                given = parse_arguments(rest)
                if given.listen or given.autoreload:  # ends only when it is told to, and --listen alone builds nothing
                    command = ["true"]
            case ["pelican-quickstart"]:
                terminal, stdin = terminal.fresh(), ANSWERS
            case ["echo", *_]:
                command = ["sh", "-c", line]
            case ["export", "FAL_KEY=…" | "REPLICATE_API_TOKEN=…" | "HF_TOKEN=…"]:
                command = ["true"]
            case ["pip", "install" | "uninstall", *packages]:
                assert set(packages) <= {"pelican[markdown]", "pelican-falhero", "pelican-falhero[huggingface]"}
                command = ["true"]
            case _:
                raise AssertionError(f"no test knows how to run {line!r}")
        return terminal.run(*command, stdin=stdin)


def _pattern(shown: str) -> str:
    """What fits an output whatever its numbers are; "…" stands for any text, and alone on its line for any lines."""
    lines = [
        r"(?:.*\n)*" if line.strip() == "…" else re.escape(NUMBER.sub("N", line)).replace("…", ".*") + r"\n"
        for line in shown.splitlines()
    ]
    return "".join(lines)


@pytest.mark.parametrize(
    "document",
    [path for path in DOCUMENTS if path.stem not in RUN_ELSEWHERE and with_commands(path)],
    ids=lambda path: path.stem,
)
def test_commands_run(document: Path, blog: Blog, fal: FalServer) -> None:
    """All commands of a page, one after another, succeed in a blog of two posts with heroes, in git with a remote."""
    blog.configure(FALHERO_BUDGET=100.0)
    blog.post("winter.md", "Winter")
    blog.post("summer.md", "Summer")
    at_home(blog, fal.environment()).falhero("generate")
    terminal = repository(blog.root, fal.environment())
    terminal.commit()
    terminal.git("push", "--quiet", "--set-upstream", "origin", "main")
    reader = Reader(terminal)
    for block in (block for block in BLOCKS if block.document == document):
        if block in with_commands(document):
            reader.follow(block)
        elif block.kind == "python" and is_settings(block):
            reader.paste(block)


def test_the_readme_is_followed_from_top_to_bottom(tmp_path: Path, fal: FalServer) -> None:
    """A new user with only the README has a blog in quickstart's theme that shows its hero, on page and in the list.

    What they paste goes where the README says, each command succeeds, and the build prints what it shows.
    """
    blog = tmp_path / "blog"
    blog.mkdir()
    reader = Reader(repository(blog, fal.environment()))
    for block in (block for block in BLOCKS if block.document == README):
        match block.kind:
            case "shell":
                reader.follow(block)
            case "python":
                reader.paste(block)
            case "markdown":
                (blog / "content" / "winter.md").write_text(block.text, encoding="utf-8")
            case "output":
                said = [line for line in reader.printed.splitlines() if line.startswith("heroes:")]
                assert said == block.text.splitlines()
                for name in ("index.html", "winter-hikes.html"):
                    assert (blog / "output" / name).read_text(encoding="utf-8").count('<figure class="falhero"') == 1
    assert fal.charges == 6  # the hero, one refined, four candidates
    kept = reader.terminal.git("ls-files").out.split()
    assert len([name for name in kept if name.startswith("content/images/heroes/")]) == 1
    assert "content/.falhero/ledger.jsonl" in kept


def test_what_builds_print_is_what_they_print(blog: Blog, fal: FalServer) -> None:
    """The lines that the pages show of builds are those of builds, but for their numbers."""
    for number in range(3):
        blog.post(f"{number}.md", f"Hike {number}")
    blog.configure(FALHERO_BUDGET=0.03)
    printed = [blog.build(env=fal.environment()).output for _ in range(2)]
    blog.configure(FALHERO_BUDGET=1.0)
    printed.append(blog.build(env=fal.environment()).output)
    plan = FieldPlan(
        choices={
            TemplateKey("article", "article"): (
                FieldChoice(field="cover", role="page", prefix=""),
                FieldChoice(field="thumbnail", role="lists", prefix=""),
            )
        }
    )
    inserted = ShownReport()
    inserted.note(SimpleNamespace(is_inserted=True), by_theme=False, is_inserted=True)  # type: ignore[arg-type]
    printed += [f"{inserted.ways(FieldPlan())}; previews added", f"{ShownReport().ways(plan)}; previews added"]
    printed.append(f"{ShownReport().ways(FieldPlan())}; no previews without SITEURL")
    known = {NUMBER.sub("N", line) for output in printed for line in output.splitlines()}
    shown = [
        line
        for block in BLOCKS
        if block.kind == "output" and block.document != README
        for line in block.text.splitlines()
    ]
    assert len(shown) == 5
    assert [line for line in shown if NUMBER.sub("N", line) not in known] == []


@of_kind("python")
def test_python_runs(block: Block, fal: FalServer, tmp_path: Path) -> None:
    """A program draws what it asks for; everything else is a pelicanconf.py that can be used."""
    if not is_settings(block):
        (tmp_path / "my-blog").mkdir()
        ran = Terminal(tmp_path, fal.environment()).run(sys.executable, "-c", block.text)
        assert ran.code == 0, ran.err
        assert fal.charges == len(ran.lines) > 0
        assert all(Path(line.split()[0]).is_file() for line in ran.lines)
        return
    values: dict[str, Any] = {}
    exec(block.text, values)
    names = [name for name in values if name.isupper()]
    assert any(name.startswith(PREFIX) for name in names)
    assert all(name in DEFAULT_CONFIG for name in names if not name.startswith(PREFIX))
    read_settings(values, root=tmp_path)


@of_kind("toml")
def test_toml_is_read(block: Block, tmp_path: Path) -> None:
    """A pyproject.toml has settings that exist, with values that can be used."""
    table = tomllib.loads(block.text)["tool"]["falhero"]
    folders = GENERATORS[table["generator"]].content if "generator" in table else table["content"]
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(block.text, encoding="utf-8")
    assert read_settings(read_table(tmp_path).settings, root=tmp_path, prefix="") != Settings()


@of_kind("jinja")
def test_jinja_renders(block: Block) -> None:
    """A template prints the hero of an article, and nothing where there is none."""
    env = Environment()
    add_templates(env)
    hero = Hero(url="images/hero.webp", size=(1024, 768), is_ai=True, credit="fal-ai/flux/dev")
    render = partial(env.from_string(block.text).render, SITEURL="https://example.org")
    shown = render(article=SimpleNamespace(hero=hero), hero=hero)
    assert any(part in shown for part in (hero.url, hero.credit))
    assert "{" not in shown
    assert not render(article=SimpleNamespace(hero=Hero()), hero=Hero()).strip()


@of_kind("yaml")
def test_yaml_names_what_there_is(block: Block) -> None:
    """A list is of pre-commit hooks that this project has; a workflow is run step by step by another test."""
    read = yaml.safe_load(block.text)
    if isinstance(read, list):
        ours = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
        assert {hook["id"] for entry in read for hook in entry["hooks"]} <= ours
        assert all(name in ours for name in re.findall(r"falhero-\w+", block.text))
    else:
        assert block.text in page("ci")
        assert "jobs" in read


@of_kind("markdown")
def test_markdown_is_a_post(block: Block, tmp_path: Path) -> None:
    """Pelican reads title, date and text."""
    path = tmp_path / "post.md"
    path.write_text(block.text, encoding="utf-8")
    text, metadata = MarkdownReader(dict(DEFAULT_CONFIG)).read(str(path))
    assert metadata["title"] == "Winter hikes"
    assert metadata["date"].date() == datetime.date(2026, 11, 28)
    assert text.startswith("<p>")


@of_kind("gitattributes")
def test_gitattributes_merge_the_ledger(block: Block, tmp_path: Path) -> None:
    """git takes both sides' lines of the ledger."""
    terminal = repository(tmp_path)
    (tmp_path / ".gitattributes").write_text(block.text)
    told = terminal.git("check-attr", "merge", "content/.falhero/ledger.jsonl").out
    assert told == "content/.falhero/ledger.jsonl: merge: union\n"


@of_kind("css")
def test_css_is_the_figures(block: Block) -> None:
    """The rules to paste are those that a figure has in its place."""
    assert block.text == STYLESHEET
