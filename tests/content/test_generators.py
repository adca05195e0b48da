"""One command serves a project of each site generator, as its starter has it: folder, field and form are known."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path

import pytest
from blog import hero_name
from fal_server import FalServer
from terminal import Terminal

from pelican_falhero.content.generators import GENERATORS

SITES = Path(__file__).parent / "sites"
WINTER, SUMMER = hero_name("Winter hikes"), hero_name("Summer hikes")
SNOW, TABLES = hero_name("Kinds of snow"), hero_name("Tables")

NEW_LINES = {
    "astro": {
        "src/content/blog/winter-hikes.md": f"heroImage: ../../assets/heroes/{WINTER}",
        "src/content/blog/2026/summer-hikes.md": f"heroImage: ../../../assets/heroes/{SUMMER}  # to be drawn",
    },
    "hugo": {
        "content/posts/winter-hikes.md": f'image = "images/heroes/{WINTER}"',
        "content/posts/snow/index.md": f'cover: {{image: "images/heroes/{SNOW}", alt: A flake, relative: false}}',
        "content/posts/tables.md": f'  "cover": {{"image": "images/heroes/{TABLES}"}},',
    },
    "jekyll": {
        "_posts/2026-11-01-winter-hikes.md": f"image: /assets/images/heroes/{WINTER}",
        "_posts/2026-10-01-summer-hikes.markdown": f"image: /assets/images/heroes/{SUMMER}",
    },
    "eleventy": {
        "content/blog/winter-hikes.md": f"image: /images/heroes/{WINTER}",
        "content/blog/2026-10-01-summer-hikes.njk": f'  "image": "/images/heroes/{SUMMER}",',
    },
}


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of a project but the state folder's, by name."""
    files = (file for file in root.rglob("*") if file.is_file() and ".falhero" not in file.parts)
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


@pytest.mark.parametrize("name", GENERATORS)
def test_one_command_serves_a_project(name: str, tmp_path: Path, fal: FalServer) -> None:
    """Each post without a picture gets one line and its hero; all other files stay, and the second run is free.

    Drafts, lists of posts, parts of bundles and posts with a picture of their own are none of these posts.
    """
    root = tmp_path / name
    shutil.copytree(SITES / name, root)
    terminal = Terminal(root, fal.environment())
    before = files_of(root)
    number = len(NEW_LINES[name])
    field = GENERATORS[name].write
    assert terminal.alone().falhero("plan").lines[-1] == (
        f"0 heroes there, {number} to make for ${0.025 * number:.3f}".removesuffix("0")
        + f"; {field} to be written into {number} posts"
    )
    ran = terminal.falhero("generate")
    assert ran.code == 0
    assert f"{number} heroes made, 0 there, {field} written into {number} posts; " in ran.lines[-1]
    after = files_of(root)
    heroes = {file for file in after if Path(file).name.startswith("hero-")}
    assert {str(Path(file).parent) for file in heroes} == {GENERATORS[name].assets_dir}
    assert after.keys() - before.keys() == heroes
    for file, line in NEW_LINES[name].items():
        assert new_lines(before.pop(file), after.pop(file)) == [line]
    assert {file: after[file] for file in before} == before
    again = terminal.falhero("generate")
    assert again.lines[-1].startswith(f"0 heroes made, {number} there; ")
    assert terminal.alone().falhero("check").code == 0
    assert terminal.alone().falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]
    assert fal.charges == number


def test_what_a_bundle_is(tmp_path: Path) -> None:
    """In Hugo a post may be a folder: its translations are posts too; its other texts, and those of lists, are not."""
    hugo, others = GENERATORS["hugo"], GENERATORS["jekyll"]
    for name in ("snow/index.md", "snow/index.fr.md", "snow/notes.md", "_index.md", "_index.fr.md", "a.fr.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "snow" / "my-Cover.JPG").touch()
    files = sorted(tmp_path.rglob("*.md"))
    posts = {file.relative_to(tmp_path).as_posix() for file in files if hugo.is_post(file)}
    assert posts == {"snow/index.md", "snow/index.fr.md", "a.fr.md"}
    assert all(map(others.is_post, files))
    assert hugo.bundled_picture(tmp_path / "snow" / "index.fr.md") == "my-Cover.JPG"
    assert hugo.bundled_picture(tmp_path / "a.fr.md") == ""
    assert others.bundled_picture(tmp_path / "snow" / "index.md") == ""


def new_lines(before: bytes, after: bytes) -> list[str]:
    """The lines that are new, of which one may be in place of one that is gone."""
    changes = list(difflib.ndiff(before.decode().splitlines(), after.decode().splitlines()))
    new = [line[2:] for line in changes if line.startswith("+ ")]
    assert sum(line.startswith("- ") for line in changes) <= len(new)
    return new
