"""Several builds of one site: at the same time, while somebody writes, and after posts got other titles."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from pathlib import Path
from typing import Any

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from promises import assert_all_there, assert_sound, names, write_posts
from running import Running

CLOSING = "Done: Processed"


def test_two_builds_at_once_draw_each_hero_once(blog: Blog, fal: FalServer) -> None:
    """The second build waits for the first, says so, and shows the first one's pictures."""
    titles = write_posts(blog, 3)
    gate = fal_faults.Gate()
    fal.faults.add("status", fal_faults.hold(gate))
    with Running(blog, env=fal.environment()) as first:
        fal.wait_for("status", 3)
        blog.configure(OUTPUT_PATH="output2")
        with Running(blog, env=fal.environment()) as second:
            second.wait_until(lambda: "waiting for it" in second.output)
            gate.open()
            assert_sound(blog, fal, first.end(), second.end())
            # The two say once how heroes are shown, whichever comes to it first.
            said = [line for line in second.output.splitlines() if line.startswith("heroes: ")]
            (waiting,) = (line for line in said if not line.startswith("heroes: shown by"))
            assert waiting.startswith("heroes: another build is drawing this site's heroes; waiting for it")
    for folder in ("output", "output2"):
        assert {path.name for path in (blog.root / folder / "images" / "heroes").iterdir()} == names(titles)
    assert fal.charges == 3


@pytest.mark.parametrize("first", ["build", "command"])
def test_a_build_and_the_command_draw_each_hero_once(blog: Blog, fal: FalServer, first: str) -> None:
    """Whichever of ``pelican`` and ``falhero generate`` comes second waits, and finds the other's pictures."""
    titles = write_posts(blog, 2)
    gate = fal_faults.Gate()
    fal.faults.add("status", fal_faults.hold(gate))
    blog.command()
    starts = [
        lambda: Running(blog, env=fal.environment()),
        lambda: Running(blog, "generate", env=fal.environment(), module="pelican_falhero"),
    ]
    if first == "command":
        starts.reverse()
    with starts[0]() as one:
        fal.wait_for("status", 2)
        with starts[1]() as other:
            other.wait_until(lambda: "waiting for it" in other.output)
            gate.open()
            assert (one.end().code, other.end().code) == (0, 0), one.output + other.output
    assert_sound(blog, fal)
    assert blog.heroes() == names(titles)
    assert fal.charges == 2


def test_the_second_build_goes_on_where_the_first_is_killed(blog: Blog, fal: FalServer) -> None:
    """A lock that a killed build held is free at once, and what that build paid for is fetched."""
    titles = write_posts(blog, 3)
    gate = fal_faults.Gate()
    fal.faults.add("status", fal_faults.hold(gate))
    with Running(blog, env=fal.environment()) as first:
        fal.wait_for("status", 3)
        with Running(blog, env=fal.environment()) as second:
            second.wait_until(lambda: "waiting for it" in second.output)
            first.kill()
            gate.open()
            assert_sound(blog, fal, second.end())
    assert_all_there(blog, titles)
    assert fal.charges == 3


def test_a_dry_run_and_a_warm_build_wait_for_nobody(blog: Blog, fal: FalServer) -> None:
    """While one build draws, another that buys nothing does not wait."""
    write_posts(blog, 1)
    gate = fal_faults.Gate()
    fal.faults.add("status", fal_faults.hold(gate))
    with Running(blog, env=fal.environment()) as first:
        fal.wait_for("status")
        assert "dry run" in blog.build("-e", "FALHERO_DRY_RUN=true", env=fal.environment(), timeout=10).output
        assert blog.build(env=fal.environment() | {"CI": "true"}, timeout=10).code == 0
        gate.open()
        assert first.end().code == 0


def free_port() -> int:
    """A port that nobody listens on, below those that systems give out: no other test can get it meanwhile."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


@pytest.mark.parametrize("options", [["-r"], ["-lr", "-b", "127.0.0.1", "-p"]], ids=["-r", "-lr"])
def test_writing_is_not_publishing(blog: Blog, fal: FalServer, options: list[str]) -> None:
    """Under ``pelican -r`` nothing is asked of fal and nothing renamed: heroes and cards show, and builds end."""
    if "-p" in options:
        options = [*options, str(free_port())]
    (kept,) = write_posts(blog, 1)
    assert blog.build(env=fal.environment()).code == 0
    blog.post("new.md", "New")
    before = len(fal.requests), blog.ledger.read_bytes()
    with Running(blog, *options, env=fal.environment()) as watching:
        watching.wait_until(lambda: CLOSING in watching.output)
        assert blog.page("new.html")["card"] == "True"
        for title in ["A half-writ", "A half-written title"]:
            save_until_shown(watching, blog, "new", title)
            assert blog.page("new.html")["card"] == "True"
        save_until_shown(watching, blog, "post1", "Post one")
        # The picture of the old title shows, under its own name.
        assert blog.page("post1.html")["url"] == f"images/heroes/{hero_name(kept)}"
        # A build that changed what is watched would have begun another, and so on.
        changed = re.findall(r"-> Modified: (.*)\. re-generating", watching.output)
        assert {Path(path).name for paths in changed for path in paths.split(", ")} == {"new.md", "post1.md"}
        told = {line for line in watching.output.splitlines() if line.startswith("heroes: ") and " there" in line}
        assert told == {
            "heroes: 1 there, 1 card (rebuild: falhero plan)",
            "heroes: 0 there, 1 card (rebuild: falhero plan), 1 old picture (rebuild: falhero plan)",
        }
    assert (len(fal.requests), blog.ledger.read_bytes()) == before
    assert blog.heroes() == {hero_name(kept)}


def save_until_shown(watching: Running, blog: Blog, name: str, title: str) -> None:
    """Save a post, again where Pelican was between two looks at the folder, until its page shows the title."""
    page, saved = blog.output / f"{name}.html", 0.0

    def is_shown() -> bool:
        nonlocal saved
        if time.monotonic() > saved + 1.2:
            blog.post(f"{name}.md", title, Slug=name)
            saved = time.monotonic()
        return page.exists() and f"<h1>{title}</h1>" in page.read_text()

    watching.wait_until(is_shown)


def test_a_second_build_in_one_process_spends_nothing(blog: Blog, fal: FalServer) -> None:
    """What rebuilds a site in one process, as livereload does, buys in its first build alone."""
    write_posts(blog, 1)
    code = """
        import pathlib, pelican
        pelican.main(["-s", "pelicanconf.py"])
        text = "Title: Another\\nDate: 2026-11-02\\n\\nWords.\\n"
        pathlib.Path("content/another.md").write_text(text)
        pelican.main(["-s", "pelicanconf.py"])
    """
    blog.python("\n".join(line[8:] for line in code.splitlines()), env=fal.environment())
    assert fal.charges == 1
    assert blog.page("another.html")["card"] == "True"
    assert blog.page("post-1.html")["card"] == "False"
    assert blog.build(env=fal.environment()).tally == "heroes: 1 made, 1 there, $0.025"


def retitled(blog: Blog, fal: FalServer) -> tuple[str, str]:
    """A post with a hero, whose title is then changed; both names of its hero."""
    blog.post("a.md", "Before")
    assert blog.build(env=fal.environment()).code == 0
    blog.post("a.md", "After", "Other words.")
    return hero_name("Before"), hero_name("After")


def test_a_retitled_post_keeps_its_picture(blog: Blog, fal: FalServer) -> None:
    """Under the new name it is the old picture, for nothing, whatever the budget, and a line says how to change it."""
    old, new = retitled(blog, fal)
    blog.configure(FALHERO_BUDGET=0)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert built.tally == "heroes: 1 kept under a new title, 0 there"
    assert f"a.md was retitled and keeps its picture as {new} (from images/heroes/{old})" in built.output
    assert (blog.assets / new).read_bytes() == (blog.assets / old).read_bytes()
    assert blog.page("after.html")["url"] == f"images/heroes/{new}"
    assert "hero" not in blog.build(env=fal.environment()).output
    assert fal.charges == 1
    (blog.assets / new).unlink()
    (blog.assets / old).unlink()
    blog.configure(FALHERO_BUDGET=1)
    assert blog.build(env=fal.environment()).tally == "heroes: 1 made, 0 there, $0.025"


def test_a_new_picture_for_a_retitled_post_is_had_as_the_line_says(blog: Blog, fal: FalServer) -> None:
    """Deleting the kept file, as the line says, buys a new one."""
    old, new = retitled(blog, fal)
    assert "delete that file for a new one" in blog.build(env=fal.environment()).output
    (blog.assets / new).unlink()
    assert blog.build(env=fal.environment()).tally == "heroes: 1 made, 0 there, $0.025"
    assert (blog.assets / new).read_bytes() != (blog.assets / old).read_bytes()


def test_where_changes_are_wanted_a_new_title_is_one(blog: Blog, fal: FalServer) -> None:
    """With FALHERO_REFRESH = "changed" a retitled post gets a picture of its new title."""
    old, new = retitled(blog, fal)
    blog.configure(FALHERO_REFRESH="changed")
    assert blog.build(env=fal.environment()).tally == "heroes: 1 made, 0 there, $0.025"
    assert blog.heroes() == {old, new}
    assert fal.charges == 2


def test_a_retitled_post_fetches_what_was_bought_if_it_asks_for_the_same(blog: Blog, fal: FalServer) -> None:
    """A request with a prompt of its own does not depend on the title, and is fetched under the new one."""
    blog.post("a.md", "Before", Hero_Prompt="A lighthouse")
    blog.configure(FALHERO_TIMEOUT=1)
    fal.faults.add("status", fal_faults.drop_after())
    assert blog.build(env=fal.environment()).code == 0
    fal.faults.clear()
    blog.post("a.md", "After", Hero_Prompt="A lighthouse")
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, ["After"])
    assert fal.charges == 1
    assert blog.events()[-1]["hero"] == hero_name("After")


CHANGES = [
    pytest.param({"FALHERO_STYLE": "A woodcut"}, id="style"),
    pytest.param({"FALHERO_MODEL": "schnell"}, id="model", marks=pytest.mark.long),
    pytest.param({"FALHERO_SEED": 7}, id="seed", marks=pytest.mark.long),
]


@pytest.mark.parametrize("change", CHANGES)
def test_changed_settings_buy_only_where_that_is_wanted(blog: Blog, fal: FalServer, change: dict[str, Any]) -> None:
    """Another style, model or seed draws nothing anew before FALHERO_REFRESH = "changed" does."""
    (title,) = write_posts(blog, 1)
    assert blog.build(env=fal.environment()).code == 0
    first = (blog.assets / hero_name(title)).read_bytes()
    blog.configure(**change)
    blog.post("post1.md", title, "Edited words.")
    assert "hero" not in blog.build(env=fal.environment()).output
    assert fal.charges == 1
    blog.configure(FALHERO_REFRESH="changed")
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert (blog.assets / hero_name(title)).read_bytes() != first
    assert "hero" not in blog.build(env=fal.environment()).output
    assert fal.charges == 2


def test_a_changed_hero_shows_the_old_picture_until_the_new_one_is_there(blog: Blog, fal: FalServer) -> None:
    """When a new picture of an old hero fails, the old one stays, whole and in its place."""
    (title,) = write_posts(blog, 1)
    assert blog.build(env=fal.environment()).code == 0
    first = (blog.assets / hero_name(title)).read_bytes()
    blog.configure(FALHERO_REFRESH="changed", FALHERO_STYLE="A woodcut", FALHERO_TIMEOUT=1)
    fal.faults.add("download", fal_faults.stall())
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, [title])
    assert (blog.assets / hero_name(title)).read_bytes() == first
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert (blog.assets / hero_name(title)).read_bytes() != first
    assert fal.charges == 2
