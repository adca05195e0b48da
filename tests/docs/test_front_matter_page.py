"""The page for sites without Pelican: its tables are those of the code, and its commands serve each generator."""

from __future__ import annotations

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest
from blog import hero_name
from documents import page
from fal_server import FalServer
from terminal import SCRIPT, Terminal

from pelican_falhero.content.generators import GENERATORS
from pelican_falhero.content.site_table import KEYS, read_table

PAGE = page("front-matter")
SITES = Path(__file__).parent.parent / "content" / "sites"
FIRST, OTHER = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
BLOCKS = re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE)
INSTALLED = ["python3 -m venv .venv", ". .venv/bin/activate", "pip install pelican-falhero", "export FAL_KEY=…"]


def commands(block: str) -> list[str]:
    """The command lines of an indented block."""
    return [line.strip() for line in block.replace("\\\n", " ").splitlines()]


def test_the_generators_are_those_of_the_code(tmp_path: Path) -> None:
    """Folders, field and form of each are what the table says."""
    rows = re.findall(r"^\| `(\w+)` \| (`.+?) \| `(.+?)` \| `(.+?)` \| `(.+?)`", PAGE, re.MULTILINE)
    assert [row[0] for row in rows] == list(GENERATORS)
    for name, content, assets, write, says in rows:
        generator = GENERATORS[name]
        assert (", ".join(f"`{folder}`" for folder in generator.content), generator.assets_dir, generator.write) == (
            content,
            assets,
            write,
        )
        root = tmp_path / name
        (root / generator.content[0]).mkdir(parents=True)
        (root / "pyproject.toml").write_text(f'[tool.falhero]\ngenerator = "{name}"\n')
        field = read_table(root).field
        assert field
        hero = hero_name("A")
        assert field.value(f"{generator.content[0]}/a.md", f"{assets}/{hero}").replace(hero, "hero-….png") == says


def test_every_key_is_listed() -> None:
    """The table of keys has all that are no settings."""
    assert sorted(re.findall(r"^\| `(\w+)` \| (?:none|the generator's)", PAGE, re.MULTILINE)) == sorted(KEYS)


@pytest.mark.parametrize(
    "name", [name if name == "astro" else pytest.param(name, marks=pytest.mark.long) for name in GENERATORS]
)
def test_five_minutes_are_enough(name: str, tmp_path: Path, fal: FalServer) -> None:
    """What the page says, in the order in which it says it, gives the site of each generator its heroes."""
    shutil.copytree(SITES / name, tmp_path / name)
    (tmp_path / name / "pyproject.toml").write_text(FIRST.replace('"astro"', f'"{name}"'))
    terminal = Terminal(tmp_path / name, fal.environment())
    assert commands(BLOCKS[0]) == INSTALLED
    for line in commands(BLOCKS[1]):
        assert terminal.sh(line).code == 0, line
    assert fal.charges == len(list((tmp_path / name).rglob("hero-*.png")))
    assert {job.arguments["prompt"].endswith("Watercolour, soft light") for job in fal.submissions} == {True}


def test_another_generator_is_one_table(tmp_path: Path, fal: FalServer) -> None:
    """Its keys are read, and do what the page says."""
    table = tomllib.loads(OTHER)["tool"]["falhero"]
    (folder,) = (tmp_path / folder for folder in table["content"])
    folder.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text(OTHER)
    (folder / "a.md").write_text("---\ntitle: A\n---\n")
    (folder / "b.md").write_text("---\ntitle: B\nthumbnail: own.png\n---\n")
    assert Terminal(tmp_path, fal.environment()).falhero("generate").code == 0
    assert (folder / "a.md").read_text() == f"---\ntitle: A\ncover:\n  src: ~/assets/images/{hero_name('A')}\n---\n"
    assert (tmp_path / "src" / "assets" / "images" / hero_name("A")).is_file()
    assert fal.charges == 1


def test_the_script_runs(tmp_path: Path, fal: FalServer) -> None:
    """Its examples draw and write what they say."""
    (tmp_path / "pyproject.toml").touch()
    terminal = Terminal(tmp_path, fal.environment())
    for line in [line for block in BLOCKS[2:] for line in commands(block)]:
        for post in re.findall(r"\S+\.md", line):
            (tmp_path / post).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / post).write_text(f"---\ntitle: {post}\n---\n")
        ran = terminal.sh(line.replace("scripts/generate-fal-hero.py", shlex.quote(str(SCRIPT))))
        assert ran.code == 0, ran.err
    assert f"heroImage: ~/assets/images/{hero_name('src/content/blog/b.md')}\n" in (
        (tmp_path / "src" / "content" / "blog" / "b.md").read_text()
    )
    assert fal.charges == 4
