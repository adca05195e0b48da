"""falhero doctor as it is typed: one page that fits the terminal, exit codes, JSON, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

from blog import Blog, hero_name
from builders import save_picture
from terminal import NOT_AS_ROOT, Terminal, at_home, let_others_in, without_escapes

GROUPS = ["Setup", "Theme", "Money", "Files", "Git", "Versions"]


def a_blog(blog: Blog) -> Blog:
    """A blog with a hero, one without, and an address that is long."""
    blog.configure(SITEURL="https://a-rather-long-address.example.org/and-a-folder", FALHERO_STILE="ink")
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    save_picture(blog.assets / hero_name("Winter hikes"))
    return blog


def test_the_page_fits_a_narrow_terminal_and_needs_no_colour(blog: Blog) -> None:
    """On 80 columns no line is broken by the terminal, and each finding begins with its mark in letters."""
    terminal = at_home(a_blog(blog))
    shown = terminal.with_(NO_COLOR="1").on_screen("falhero", "doctor", columns=80, code=1)
    lines = without_escapes(shown).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line in GROUPS] == GROUPS
    findings = [line for line in lines if line.startswith("  ") and not line.startswith(" " * 8)]
    assert {line.split()[0] for line in findings} == {"ok", "note", "wrong"}
    assert lines[-1] == "1 problem, 4 notes"
    assert "\x1b[31m" in terminal.on_screen("falhero", "doctor", columns=80, code=1)


def test_a_site_without_problems_is_well(blog: Blog) -> None:
    """Notes are no problems: the exit code is 0."""
    a_blog(blog)
    del blog.settings["FALHERO_STILE"]
    ran = at_home(blog).falhero("doctor")
    assert (ran.code, ran.lines[-1]) == (0, "no problems, 4 notes")


def test_nothing_is_left_behind(blog: Blog) -> None:
    """No file is new, none has changed, and no connection is made, be it of a built site or of its set-up."""
    a_blog(blog).configure(FALHERO_PROVIDER="none")
    assert blog.build().code == 0
    del blog.settings["FALHERO_STILE"]
    terminal = at_home(blog).alone()

    def files() -> dict[Path, tuple[int, int] | None]:
        found = {path: path.stat() for path in blog.root.rglob("*")}
        return {path: (is_.st_size, is_.st_mtime_ns) if path.is_file() else None for path, is_ in found.items()}

    before = files()
    # A fresh Python would keep what it has compiled of the settings file.
    assert terminal.fresh().with_(PYTHONDONTWRITEBYTECODE="").falhero("doctor").code == 0
    assert terminal.falhero("doctor", "output").code == 1
    assert files() == before


def test_problems_are_in_the_json_too(blog: Blog) -> None:
    """Each finding is a row; what is wrong is among the problems, and the root is the content folder."""
    document = at_home(a_blog(blog)).falhero("doctor", "--json").json
    assert document["root"] == str(blog.content)
    wrong = [row for row in document["findings"] if row["state"] == "wrong"]
    assert [row["text"] for row in wrong] == document["problems"]
    assert [row["group"] for row in wrong] == ["Setup"]
    states = [row["state"] for row in document["findings"]]
    counts = {"ok": states.count("ok"), "notes": states.count("note"), "wrong": states.count("wrong")}
    assert document["summary"] == counts


def test_the_settings_file_that_is_named_is_looked_at(blog: Blog) -> None:
    """With -s another settings file, also in the remedies; one that does not exist is an error of use."""
    terminal = at_home(a_blog(blog))
    conf = ["import sys", 'sys.path.append("")', "from pelicanconf import *", 'SITEURL = "https://example.org"']
    (blog.root / "publishconf.py").write_text("\n".join(conf))
    lines = terminal.falhero("doctor", "-s", "publishconf.py").lines
    assert "  ok    settings: publishconf.py" in lines
    assert "        falhero plan -s publishconf.py" in lines
    ran = terminal.falhero("doctor", "-s", "nowhere.py")
    assert (ran.code, ran.out) == (2, "")


def test_a_folder_that_cannot_be_searched_is_one_line(blog: Blog, tmp_path: Path) -> None:
    """Every verb names the folder in which it may not look for a settings file, or for a post."""
    a_blog(blog)
    let_others_in(tmp_path)
    terminal = Terminal(blog.root, {"HOME": "/", "COVERAGE_PROCESS_CONFIG": ""})
    blog.command()
    try:
        for arguments in (["doctor"], ["plan", blog.root / "content"], ["plan", "-s", "pelicanconf.py"]):
            # Not before the program is in it, where nobody but root comes then.
            blog.root.chmod(0o755)
            start = ("sh", "-c", 'chmod 600 "$0" && exec "$@"', str(blog.root))
            ran = terminal.at(tmp_path if len(arguments) == 2 else blog.root).run(*start, *NOT_AS_ROOT, *arguments)
            assert ran.code == 2, ran
            assert f"{blog.root} can't be searched for" in ran.err or ". can't be searched for" in ran.err, ran
            assert len(ran.err.splitlines()) == 1
    finally:
        blog.root.chmod(0o755)
