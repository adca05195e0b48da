"""BlogImageGenerator: heroes from Python, on the same ledger, budget and checks as everything else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import fal_faults
import pytest
from blog import hero_name
from builders import save_picture
from fal_server import FalServer
from PIL import Image
from terminal import Terminal

from pelican_falhero import BlogImageGenerator, NotMadeError
from pelican_falhero.errors import AccountError, PostError, SettingsError

STYLE = "Cinematic lighting, professional photography, 8K"

HEAD = """\
import json
from pelican_falhero import BlogImageGenerator, NotMadeError
SMALL = 256, 192
def show(*heroes):
    print(json.dumps([[str(h.path), h.prompt, h.seconds, h.usd, h.is_new] for h in heroes]))
"""


@pytest.fixture
def terminal(tmp_path: Path, fal: FalServer) -> Terminal:
    """A terminal in an empty folder, with a fal to draw."""
    return Terminal(tmp_path, fal.environment())


def run(terminal: Terminal, code: str) -> Any:
    """What Python code prints, as JSON."""
    ran = terminal.run(sys.executable, "-c", HEAD + code)
    assert ran.code == 0, ran.err
    assert ran.err == ""
    return json.loads(ran.out)


def test_a_hero_is_drawn_once(terminal: Terminal, fal: FalServer) -> None:
    """generate_hero gives file, prompt, seconds and cost; asked again it costs nothing."""
    code = "g = BlogImageGenerator()\nshow(g.generate_hero('Why graphs?', 'On nodes.'), g.generate_hero('Why graphs?'))"
    first, second = run(terminal, code)
    path = terminal.folder / "images" / "heroes" / hero_name("Why graphs?")
    assert first[:2] == [str(path), f"Why graphs? On nodes. {STYLE}"]
    assert first[2] > 0
    assert first[3:] == [0.025, True]
    assert second[0] == str(path)
    assert second[2:] == [0.0, 0.0, False]
    with Image.open(path) as image:
        assert (image.format, image.size) == ("PNG", (1024, 768))
    assert (terminal.folder / ".falhero" / "ledger.jsonl").is_file()
    assert fal.charges == 1


def test_a_style_is_for_one_hero(terminal: Terminal, fal: FalServer) -> None:
    """style goes before the generator's own, for this hero."""
    run(
        terminal,
        "g = BlogImageGenerator('blog', style='Woodcut', model='schnell', assets_dir='art')\n"
        "show(g.generate_hero('A', 'x', style='Oil'), g.generate_hero('B'))",
    )
    assert [job.arguments["prompt"] for job in fal.submissions] == ["A. x. Oil", "B. Woodcut"]
    assert {job.endpoint for job in fal.submissions} == {"fal-ai/flux/schnell"}
    assert (terminal.folder / "blog" / "art" / hero_name("A")).is_file()


def test_several_are_drawn_at_once(terminal: Terminal, fal: FalServer) -> None:
    """generate_heroes draws in parallel and keeps the order; equal titles are one picture."""
    fal.latency = 0.5
    posts = "[{'title': t, 'excerpt': 'x'} for t in 'ABCDA']"
    heroes = run(terminal, f"show(*BlogImageGenerator(image_size=SMALL).generate_heroes({posts}))")
    assert [Path(hero[0]).name for hero in heroes] == [hero_name(title) for title in "ABCDA"]
    assert fal.charges == 4
    assert fal.peak_unfinished >= 3


def test_what_fails_is_told_and_the_rest_is_kept(terminal: Terminal, fal: FalServer) -> None:
    """One that can't be drawn raises with its title and reason; the others are saved, and given along."""
    fal.faults.add("submit", fal_faults.content_policy(), nth=2)
    code = (
        "try:\n"
        "    BlogImageGenerator(concurrency=1, image_size=SMALL).generate_heroes([{'title': t} for t in 'ABC'])\n"
        "except NotMadeError as error:\n"
        "    print(json.dumps([str(error), sorted(h.path.name for h in error.saved)]))\n"
    )
    told, saved = run(terminal, code)
    lost = next(title for title in "ABC" if hero_name(title) not in saved)
    assert told.startswith(f"{lost}: ")
    assert "content checker" in told
    assert len(saved) == 2
    again, _ = run(terminal, code)
    assert again.startswith(f"{lost}: fal refused it: ")
    assert len(fal.submissions) == 3


def test_the_budget_holds(terminal: Terminal, fal: FalServer) -> None:
    """What does not fit the budget is not drawn, and the error says so."""
    code = (
        "try:\n"
        "    BlogImageGenerator(budget=0.05, image_size=SMALL).generate_heroes([{'title': t} for t in 'ABC'])\n"
        "except NotMadeError as error:\n"
        "    print(json.dumps([str(error), len(error.saved)]))\n"
    )
    told, saved = run(terminal, code)
    assert told.endswith(": $0.025 does not fit what is left of the budget")
    assert (saved, fal.charges) == (2, 2)


def test_the_projects_settings_hold(terminal: Terminal, fal: FalServer) -> None:
    """[tool.falhero] beside the root is heeded, and what is given in Python goes before it."""
    (terminal.folder / "pyproject.toml").write_text('[tool.falhero]\nstyle = "Woodcut"\nassets_dir = "art"\n')
    run(terminal, "show(BlogImageGenerator(style='Oil').generate_hero('A'))")
    (job,) = fal.submissions
    assert job.arguments["prompt"] == "A. Oil"
    assert (terminal.folder / "art" / hero_name("A")).is_file()


def test_the_import_is_light() -> None:
    """Importing the class imports no HTTP library; Pelican neither."""
    from builders import modules_after  # noqa: PLC0415 - starts a process of its own

    modules = modules_after("from pelican_falhero import BlogImageGenerator")
    assert not {"fal_client", "httpx", "requests", "pelican", "PIL.PngImagePlugin"} & modules


def test_without_a_key_it_says_how_to_have_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key raises one clear error; where all is there, none is needed."""
    monkeypatch.setenv("FAL_HOME_DIR", str(tmp_path))
    generator = BlogImageGenerator(tmp_path)
    with pytest.raises(AccountError, match="there are no credentials for fal: set FAL_KEY"):
        generator.generate_hero("A")
    save_picture(tmp_path / "images" / "heroes" / hero_name("A"))
    assert generator.generate_hero("A").path == tmp_path / "images" / "heroes" / hero_name("A")


def test_a_build_server_spends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With CI set nothing is bought from Python either."""
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("FAL_KEY", "test-key:secret")
    with pytest.raises(AccountError, match="FALHERO_SPEND_IN_CI"):
        BlogImageGenerator(tmp_path).generate_hero("A")


def test_nothing_is_drawn_where_the_settings_say_so(tmp_path: Path) -> None:
    """With provider "none" a hero that is not there is an error that says why."""
    with pytest.raises(NotMadeError, match="A: it has no picture, and the settings do not allow drawing one"):
        BlogImageGenerator(tmp_path, provider="none").generate_hero("A")


@pytest.mark.parametrize(
    ("post", "says"),
    [
        ({}, "a post needs a title"),
        ({"title": " <br> "}, "a post needs a title"),
        ({"title": "A", "exerpt": "x"}, "a post can have the keys title, excerpt, style, not 'exerpt'"),
    ],
)
def test_posts_must_make_sense(tmp_path: Path, post: dict[str, str | None], says: str) -> None:
    """A post without a title, or with a key that nobody reads, is refused before anything is bought."""
    with pytest.raises(PostError, match=says):
        BlogImageGenerator(tmp_path).generate_heroes([post])


def test_settings_are_checked(tmp_path: Path) -> None:
    """A misspelt setting is refused with a suggestion."""
    with pytest.raises(SettingsError, match=r"bugdet is not a setting \(did you mean budget\?\)"):
        BlogImageGenerator(tmp_path, bugdet=1)
    with pytest.raises(SettingsError, match=r"^image_size must have sides of 64 to 14142 pixels, not \(49, 49\)"):
        BlogImageGenerator(tmp_path, image_size=(49, 49))
