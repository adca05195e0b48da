"""The falhero command as a whole: help, exit codes, one line for what is wrong, and JSON that keeps its schema."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from terminal import BIN, Terminal, at_home, repository, without_escapes

from pelican_falhero.cli.main import main
from pelican_falhero.text import printable

VERBS = ("plan", "generate", "check", "show", "refine", "gallery", "prune", "spend", "models", "doctor", "hook", "help")

HERO = {
    "file": str,
    "state": str,
    "sources": list,
    "title": str,
    "prompt": str | None,
    "brief": str | None,
    "endpoint": str | None,
    "usd": float | int | None,
    "reason": str,
}
ROWS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "plan": ("heroes", HERO, {"there": int, "to_make": int, "usd": float | int, "unaffordable_usd": float | int}),
    "generate": (
        "heroes",
        HERO | {"seconds": float},
        {
            **dict.fromkeys(("made", "kept", "present", "card", "candidates", "lacking"), int),
            "seconds": float,
            "usd": float | int,
        },
    ),
    "check": (
        "findings",
        {"source": str, "kind": str, "file": str | None, "reason": str, "remedy": list},
        {"fit": int, "unfit": int},
    ),
    "doctor": (
        "findings",
        {"group": str, "state": str, "text": str, "remedy": list},
        {"ok": int, "notes": int, "wrong": int},
    ),
    "show": (
        "posts",
        {
            **dict.fromkeys(("source", "title", "state"), str),
            **dict.fromkeys(("picture", "file", "prompt", "endpoint", "drawn", "brief", "alt", "flaws"), str | None),
            **dict.fromkeys(("width", "height", "seed"), int | None),
            "usd": float | int | None,
            "notes": list,
            "versions": list,
            "next": dict | None,
        },
        {"posts": int, "known": int},
    ),
    "pick": (
        "heroes",
        {
            **dict.fromkeys(("source", "title", "state", "file"), str),
            **dict.fromkeys(("prompt", "endpoint", "drawn"), str | None),
            "number": int,
            "seed": int | None,
            "usd": float | int | None,
        },
        {"picked": int, "usd": float | int},
    ),
    "refine": (
        "heroes",
        HERO | {"seconds": float, "arguments": dict},
        {"refined": int, "seconds": float, "usd": float | int},
    ),
    "gallery": (
        "pages",
        {"file": str, "bytes": int},
        {
            **dict.fromkeys(("posts", "heroes", "attention", "drawn"), int),
            **dict.fromkeys(("usd_month", "usd"), float | int),
        },
    ),
    "prune": ("files", {"file": str, "state": str, "bytes": int}, {"files": int, "bytes": int}),
    "spend": (
        "months",
        {
            "month": str,
            "engine": str,
            "model": str,
            "endpoint": str,
            "heroes": int,
            "candidates": int,
            "texts": int,
            "uncertain": int,
            "usd": float | int,
            "estimated_usd": float | int,
        },
        {"heroes": int, "candidates": int, "texts": int, "uncertain": int, "usd": float | int},
    ),
}
"""For each verb the name of its list, the fields of a row, and of the summary, as the page of JSON says."""


def assert_fits(values: dict[str, Any], kinds: dict[str, Any]) -> None:
    """Exactly these fields, each of its kind."""
    assert set(values) == set(kinds)
    for name, kind in kinds.items():
        assert isinstance(values[name], kind), (name, values[name])


def assert_schema(document: dict[str, Any], verb: str) -> None:
    """The document is what the page of JSON says of this verb."""
    name, row, summary = ROWS[verb]
    further = {"check": {"remedy"}, "generate": {"candidates"}}.get(verb, set())
    assert set(document) == {"schema", "command", "root", name, "summary", "problems", *further}
    assert (document["schema"], document["command"]) == (1, verb)
    assert Path(document["root"]).is_dir()
    for found in document[name]:
        assert_fits(found, row)
    assert_fits(document["summary"], summary)
    assert all(isinstance(problem, str) for problem in document["problems"])


def test_every_verb_is_in_the_list(tmp_path: Path) -> None:
    """The help of the command names each verb on a line of its own."""
    shown = Terminal(tmp_path).falhero("--help").out
    assert [verb for verb in VERBS if not re.search(rf"^  {verb} ", shown, re.MULTILINE)] == []


def test_without_a_verb_it_prints_help(tmp_path: Path) -> None:
    """A bare `falhero` prints its help as an error does: on standard error, with exit code 2."""
    terminal = Terminal(tmp_path)
    ran = terminal.falhero()
    assert (ran.code, ran.out, ran.err) == (2, "", terminal.falhero("--help").out)


def test_help_in_a_file_is_always_the_same(tmp_path: Path) -> None:
    """Where its output is no terminal, the help does not depend on the environment, so that it can be compared."""
    terminal = Terminal(tmp_path)
    assert terminal.falhero("generate", "--help") == terminal.with_(COLUMNS="40").falhero("generate", "--help")


@pytest.mark.parametrize("verb", ["", "pick", *VERBS])
def test_help_fits_the_terminal(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every verb explains itself without a site; on 80 columns no line is broken, no word lost, no example cut."""
    arguments = [*filter(None, [verb]), "--help"]
    shown = Terminal(tmp_path).on_screen("falhero", *arguments, columns=80)
    with pytest.raises(SystemExit, match=r"\A0\Z"):
        main(arguments)
    written, err = capsys.readouterr()
    assert (err, written.startswith(f"usage: falhero {verb}")) == ("", True)
    assert all(len(line) <= 110 for line in written.splitlines())
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.split() == written.split()
    examples = [line for line in written.splitlines() if line.startswith("  falhero ")]
    assert set(examples) <= set(shown.splitlines())


def test_help_on_a_very_narrow_terminal(tmp_path: Path) -> None:
    """It is printed, however it looks."""
    shown = Terminal(tmp_path).on_screen("falhero", "generate", "--help", columns=20)
    assert shown.split()[:3] == ["usage:", "falhero", "generate"]


def test_help_waits_for_neither_pelican_nor_fal(tmp_path: Path) -> None:
    """`falhero --help` imports nothing that is slow, and not what reads sites and prints results."""
    terminal = Terminal(tmp_path).alone().with_(IMPORTED=str(tmp_path / "imported"))
    terminal.falhero("--help")
    imported = (tmp_path / "imported").read_text().split()
    assert not {"pelican", "fal_client", "httpx", "requests", "PIL", "yaml", "rich"} & set(imported)
    assert "pelican_falhero.content" not in imported


def test_it_runs_as_a_module_too(tmp_path: Path) -> None:
    """`python -m pelican_falhero` is the same command, and both know their version."""
    told = f"falhero {version('pelican-falhero')}\n"
    assert Terminal(tmp_path).falhero("--version").out == told
    assert Terminal(tmp_path).run(sys.executable, "-m", "pelican_falhero", "--version").out == told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plant"], "falhero: there is no verb plant (did you mean plan?); see falhero --help"),
        (["draw"], "falhero: there is no verb draw; see falhero --help"),
        (["plan", "--bogus"], "falhero plan: unrecognized arguments: --bogus; see falhero plan --help"),
        (["--json", "plan"], "falhero: unrecognized arguments: --json; see falhero --help"),
        (["check", "--fr"], "unrecognized arguments: --fr"),
        (["generate", "--provider", "dall-e"], "argument --provider: invalid choice: 'dall-e'"),
        (["hook"], "the following arguments are required: ACTION"),
        (["plan", "nowhere.md"], "nowhere.md: there is no such file"),
        (["plan", "-s", "nowhere.py"], "nowhere.py: there is no such settings file"),
        (["plan"], "is not a Pelican site (it has no pelicanconf.py); name posts, or say where they are"),
        (["hook", "install"], "is not in a git repository"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_wrong_is_one_line(arguments: list[str], says: str, tmp_path: Path) -> None:
    """A mistake on the command line is one line that names it, and exit code 2."""
    ran = Terminal(tmp_path).falhero(*arguments)
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("falhero")
    assert says in line


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("def broken(:\n", "can't be read: SyntaxError"),
        ("import nowhere\n", "can't be read: ModuleNotFoundError"),
        ("PATH = 'elsewhere'\n", "You need to specify a path"),
        ("del PATH\n", 'sets no PATH, the folder of the posts; add this line to it: PATH = "content"'),
        ("FALHERO_BUGDET = 2\n", "did you mean FALHERO_BUDGET?"),
        ("FALHERO_ASSETS_DIR = '.'\nOUTPUT_PATH = 'content'\n", "must not lie in the output folder"),
        (
            "from pelican import signals\n"
            "class Broken:\n"
            "    @staticmethod\n"
            "    def register():\n"
            "        signals.article_generator_finalized.connect(Broken.fail, weak=False)\n"
            "    @staticmethod\n"
            "    def fail(generator):\n"
            "        raise ValueError('plugins break')\n"
            "PLUGINS = [Broken]\n",
            "Pelican can't read the site: ValueError: plugins break",
        ),
    ],
    ids=["syntax", "import", "path", "no path", "setting", "output", "plugin"],
)
def test_a_site_that_cannot_be_read_is_one_line(blog: Blog, source: str, says: str) -> None:
    """Whatever is wrong with the settings file or a plugin, it is one line that names the file, and exit code 2."""
    blog.configure(source)
    blog.post("a.md", "Winter hikes")
    ran = at_home(blog).falhero("plan")
    assert ran.code == 2
    (line,) = ran.err.splitlines()
    assert "pelicanconf.py" in line
    assert says in line


def test_posts_that_no_reader_takes_are_told(blog: Blog) -> None:
    """Where the package that reads the posts is not installed, that is one line with its name, and exit code 2."""
    lacking = blog.root / "lacking"
    lacking.mkdir()
    (lacking / "markdown.py").write_text("raise ImportError\n")
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    runs = [at_home(blog).with_(PYTHONPATH=str(lacking)).falhero("plan")]
    # What Pelican makes of that, for commands that have the package.
    blog.configure("from pelican.readers import MarkdownReader\nMarkdownReader.enabled = False")
    runs += [at_home(blog).falhero("check", *named) for named in ([], ["content/a.md"])]
    for ran in runs:
        assert ran.code == 2
        (line,) = ran.err.splitlines()
        assert "Pelican can't read a.md: Could not import 'markdown.Markdown'." in line
        assert line.endswith("(and 1 more)")


def test_what_plugins_print_stays_out_of_the_result(blog: Blog) -> None:
    """Settings files and plugins that print leave --json what it is."""
    blog.configure("print('hello from the settings')")
    blog.post("a.md", "Winter hikes")
    ran = at_home(blog).falhero("plan", "--json")
    assert_schema(ran.json, "plan")
    assert "hello from the settings" in ran.err


def test_every_report_keeps_its_schema(blog: Blog, fal: FalServer) -> None:
    """`--json` of every verb has the documented fields, and nothing else on standard output."""
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes", Hero_Steps="99")
    terminal = at_home(blog, fal.environment())
    arguments = {"show": ["content"], "pick": ["content/a.md", "1"], "refine": ["content/a.md", "at night"]}
    for verb in (
        "plan",
        "check",
        "generate",
        "generate",
        "check",
        "show",
        "pick",
        "refine",
        "gallery",
        "spend",
        "doctor",
    ):
        document = terminal.falhero(verb, "--json", *arguments.get(verb, [])).json
        assert_schema(document, verb)
        assert document[ROWS[verb][0]], document
    (blog.content / "b.md").unlink()
    blog.post("a.md", "Spring hikes")
    save_picture(blog.content / ".falhero" / "cards" / "card-000000000000.png")
    document = terminal.falhero("prune", "--json").json
    assert_schema(document, "prune")
    assert {row["state"] for row in document["files"]} == {"young"}


@pytest.mark.parametrize("verb", ["plan", "generate", "check", "prune", "spend", "doctor"])
def test_errors_are_json_too(tmp_path: Path, verb: str) -> None:
    """With --json a site that can't be opened is told as a problem on standard output as well."""
    ran = Terminal(tmp_path).falhero(verb, "--json", "-s", "nowhere.py")
    assert ran.code == 2
    assert ran.json == {
        "schema": 1,
        "command": verb,
        "root": "",
        "summary": {},
        "problems": ["nowhere.py: there is no such settings file"],
    }


def test_a_reader_that_has_seen_enough_is_no_error(blog: Blog) -> None:
    """`falhero plan | head -1` shows one line, and complains of nothing."""
    # More than a pipe holds.
    for number in range(100):
        blog.post(f"{'long-' * 40}/{'long-' * 40}{number}.md", f"Post {number}", "Many words. " * 30)
    ran = at_home(blog).sh("falhero plan | head -1")
    assert len(ran.lines) == 1
    assert ran.err == ""
    assert at_home(blog).sh("falhero plan --json | head -1").err == ""


def test_titles_are_printed_as_they_are(blog: Blog) -> None:
    """What looks like rich's markup or emoji codes in a title stays text, even where the terminal knows only ASCII."""
    blog.post("a.md", "On [red]tape[/] and :rocket: science — ∑")
    terminal = at_home(blog)
    assert "On [red]tape[/] and :rocket: science — ∑." in terminal.falhero("plan").out
    ascii_ = terminal.with_(PYTHONIOENCODING="ascii", LC_ALL="C").falhero("plan")
    assert ascii_.code == 0
    assert "On [red]tape[/] and :rocket: science \\u2014 \\u2211." in ascii_.out


def test_no_text_of_a_site_steers_the_terminal(blog: Blog, fal: FalServer) -> None:
    """Control characters in titles, prompts and file names are escaped by every verb, by the script, and in JSON."""
    steering = "\x1b]52;c;cm0=\x07\x9b7m\x7f\u202e"
    text = printable(steering)
    name = f"a{steering}.md"
    blog.post(name, f"Winter {steering} hikes", Slug="a")
    terminal = at_home(blog, fal.environment())
    document = terminal.falhero("plan", "--json")
    runs = [terminal.falhero("plan"), document, terminal.falhero("check"), terminal.script(blog.content / name)]
    runs += [terminal.falhero("generate", "--force"), terminal.script("content/no\x1b[5m.md")]
    assert not [sign for run in runs for sign in steering[0] + "\x07\x9b\x7f\u202e" if sign in run.out + run.err]
    assert [row["title"] for row in document.json["heroes"]] == [f"Winter {steering} hikes"]
    assert f"content/a{text}.md" in runs[0].out
    assert f"Winter {text} hikes." in runs[0].out
    assert f"Prompt: Winter {text} hikes." in runs[3].out
    assert "content/no\\u001b[5m.md: there is no such file" in runs[5].err


def test_colours_are_for_terminals(blog: Blog) -> None:
    """No escape sequence reaches a pipe, whatever TERM says."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog).with_(TERM="xterm-256color", COLORTERM="truecolor")
    assert "\x1b" not in terminal.falhero("plan").out


def test_a_terminal_shows_colours(blog: Blog) -> None:
    """On a terminal what is missing, an error and a well check have colours; NO_COLOR keeps them away."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog)
    assert "\x1b[33mmissing" in terminal.on_screen("falhero", "plan")
    assert "\x1b[31mfalhero: nowhere.md" in terminal.on_screen("falhero", "plan", "nowhere.md", code=2)
    assert "\x1b" not in terminal.with_(NO_COLOR="1").on_screen("falhero", "plan")
    save_picture(blog.assets / hero_name("Winter hikes"))
    assert "\x1b[32m1 post fit to be published" in terminal.on_screen("falhero", "check")


@pytest.mark.parametrize("columns", [60, pytest.param(80, marks=pytest.mark.long)])
def test_names_are_not_broken_on_a_narrow_terminal(blog: Blog, fal: FalServer, columns: int) -> None:
    """Lines break between words, so that every path stays whole, and commands still can be pasted."""
    for number in range(3):
        blog.post(f"a longer name/post {number}.md", f"Post {number}", "Many words. " * 20)
    blog.command()
    terminal = repository(blog.root, fal.environment())
    terminal.commit()
    for verb, code in {"plan": 0, "check": 1, "generate": 0}.items():
        shown = without_escapes(terminal.on_screen("falhero", verb, columns=columns, code=code))
        lines = shown.rpartition("\r")[2].splitlines()
        assert all(len(line) <= columns for line in lines), shown
        assert all(shown.count(hero_name(f"Post {number}")) == 1 for number in range(3)), shown
        assert all(f"content/a longer name/post {number}.md" in shown for number in range(3)), shown
        if verb == "check":
            commands = shown[shown.index("  falhero generate") : shown.index("0 posts fit")]
    assert terminal.sh(commands).code == 0
    assert terminal.falhero("check").code == 0
    assert fal.charges == 3


def test_a_site_without_pelican_says_where_its_posts_are(tmp_path: Path, fal: FalServer) -> None:
    """Elsewhere [tool.falhero] names the folder of posts, and every verb then works on the whole site."""
    (tmp_path / "pyproject.toml").write_text('[tool.falhero]\ncontent = "posts"\nassets_dir = "public/heroes"\n')
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: Winter hikes\n---\nWords.\n")
    (tmp_path / "posts" / "draft.md").write_text("---\ntitle: A draft\ndraft: true\n---\nWords.\n")
    (tmp_path / "posts" / "notes.md").write_text("no front matter\n")
    terminal = Terminal(tmp_path, fal.environment())
    assert terminal.falhero("check").code == 1
    assert terminal.falhero("generate").code == 0
    assert (tmp_path / "public" / "heroes" / hero_name("Winter hikes")).is_file()
    assert (tmp_path / ".falhero" / "ledger.jsonl").is_file()
    assert terminal.falhero("check").code == 0
    assert terminal.falhero("plan").lines[-1] == "1 hero there, 0 to make for $0.00"
    assert terminal.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]
    assert fal.charges == 1


def test_a_folder_with_a_nul_is_an_error_of_its_setting(blog: Blog) -> None:
    """No file system has such a name; command and build name the setting."""
    blog.configure(FALHERO_ASSETS_DIR="images/\0heroes")
    ran = at_home(blog).falhero("plan")
    assert ran.code == 2
    assert "FALHERO_ASSETS_DIR must be a folder in PATH" in ran.err
    assert "falhero: FALHERO_ASSETS_DIR must be a folder in PATH" in blog.build().output


def test_settings_without_pelican_are_checked(tmp_path: Path) -> None:
    """A misspelt setting in [tool.falhero] is one line with a suggestion, as is a folder that is not there."""
    for table, says in {"bugdet = 2": "did you mean budget?", 'content = "blog"': "which does not exist"}.items():
        (tmp_path / "pyproject.toml").write_text(f"[tool.falhero]\n{table}\n")
        ran = Terminal(tmp_path).falhero("plan")
        assert ran.code == 2
        assert says in ran.err


def test_the_entry_point_is_installed() -> None:
    """The package brings the command."""
    assert (BIN / "falhero").is_file()
    assert subprocess.run([BIN / "falhero", "--version"], check=False, capture_output=True).returncode == 0


def test_reading_a_site_changes_nothing(blog: Blog, fal: FalServer) -> None:
    """Verbs that only look leave every file of the site as it is, caches included."""
    blog.configure(CACHE_CONTENT=True, LOAD_CONTENT_CACHE=True, CONTENT_CACHING_LAYER="generator")
    blog.post("a.md", "Winter hikes")
    terminal = repository(blog.root, fal.environment())
    blog.command()
    terminal.commit()
    for verb in (["plan"], ["check"], ["check", "--fresh"], ["prune"], ["spend"], ["generate", "--dry-run"]):
        terminal.falhero(*verb)
    assert terminal.git("status", "--porcelain", "--ignored").out == ""
    assert not fal.requests
