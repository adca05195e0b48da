"""`falhero help`: the pages that are shipped with the package, on a terminal and in a pipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import PAGES, README, page
from terminal import Terminal, without_escapes

from pelican_falhero.cli.main import main


def test_it_lists_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a topic each page is one line: its name, and the first sentence of its text."""
    assert main(["help"]) == 0
    told = capsys.readouterr()
    rows = dict(line.split("  ", 1) for line in told.out.splitlines())
    assert [*rows] == [path.stem for path in PAGES]
    for topic, sentence in rows.items():
        assert sentence.strip().endswith((".", "?")), topic
        assert page(topic).split("\n\n")[1].replace("\n", " ").startswith(sentence.strip())
    assert "falhero help TOPIC" in told.err


def test_the_list_fits_a_terminal(tmp_path: Path) -> None:
    """Every page has one line on a terminal of a hundred columns."""
    shown = Terminal(tmp_path).on_screen("falhero", "help", columns=100)
    assert len(without_escapes(shown).splitlines()) == len(PAGES) + 1


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_in_a_pipe_is_its_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a topic it prints the page as Markdown, so that a file or a program gets what was written."""
    assert main(["help", path.stem]) == 0
    assert capsys.readouterr().out == path.read_text(encoding="utf-8")


def test_a_page_on_a_terminal_is_formatted(tmp_path: Path) -> None:
    """On 80 columns no line is broken by the terminal, Markdown's signs are gone, and links name their topic."""
    terminal = Terminal(tmp_path).alone()
    shown = without_escapes(terminal.on_screen("falhero", "help", "Settings", columns=80))
    assert max(map(len, shown.splitlines())) <= 80
    assert "`" not in shown
    assert "|---|" not in shown
    assert "(falhero help briefs)" in " ".join(shown.split())
    assert ".md" not in shown


def test_a_verb_has_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    """With a verb it prints what `falhero VERB --help` prints; where a page has that name, the page names the other."""
    assert main(["help", "plan"]) == 0
    told = capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["plan", "--help"])
    assert capsys.readouterr().out == told
    assert main(["help", "hook"]) == 0
    told, noted = capsys.readouterr()
    assert told == page("hook")
    assert "falhero hook --help" in noted


@pytest.mark.parametrize(
    ("topic", "says"), [("setings", "setings (did you mean settings?);"), ("qqqq", "qqqq; "), ("../README", "README; ")]
)
def test_an_unknown_topic_is_an_error(topic: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A topic that does not exist is one line with the nearest ones, and exit code 2."""
    assert main(["help", topic]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert says in told.err


def test_the_readme_links_every_page() -> None:
    """Its list of pages has each once, and no other."""
    _, _, pages = README.read_text(encoding="utf-8").partition("`falhero help` lists these pages")
    assert sorted(re.findall(r"\[([\w-]+)\]\(pelican_falhero/docs/\1\.md\)", pages)) == [path.stem for path in PAGES]
