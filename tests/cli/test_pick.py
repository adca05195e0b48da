"""falhero pick and show: earlier pictures of a post, listed with numbers, and made its hero again for nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from terminal import Terminal, at_home

POST = "content/a.md"
HERO = hero_name("Winter hikes")


def versions(terminal: Terminal, post: str = POST) -> list[dict[str, Any]]:
    """What show lists as the versions of a post's hero."""
    (row,) = terminal.falhero("show", "--json", post).json["posts"]
    found: list[dict[str, Any]] = row["versions"]
    return found


def number_of(terminal: Terminal, seed: int, post: str = POST) -> str:
    """The number of the version that was drawn with this seed."""
    (found,) = (version for version in versions(terminal, post) if version["seed"] == seed)
    return str(found["number"])


def present_seed(terminal: Terminal, post: str = POST) -> int | None:
    """The seed of the present hero."""
    (found,) = (version["seed"] for version in versions(terminal, post) if version["is_present"])
    return found  # type: ignore[no-any-return]


@pytest.fixture
def redrawn(blog: Blog, fal: FalServer) -> Terminal:
    """A blog whose one post had a hero with seed 1, then one with seed 2."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate", "--seed", "1").code == 0
    assert terminal.falhero("generate", "--force", "--seed", "2", "--prompt", "Two {title}", POST).code == 0
    return terminal


def history(blog: Blog) -> set[str]:
    """The names in the history, each of which must be that of its content."""
    folder = blog.content / ".falhero" / "history"
    files = list(folder.iterdir()) if folder.exists() else []
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert file.stem.endswith(f"-{digest[:8]}"), file
    return {file.name for file in files}


def test_a_redraw_keeps_the_old_picture_with_what_made_it(redrawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """The former hero is in the history, and show lists both, the present one first, with seed, prompt, cost, date."""
    first = (blog.assets / HERO).read_bytes()
    (kept,) = history(blog)
    assert kept.startswith(HERO.removesuffix(".png"))
    present, earlier = versions(redrawn.alone())
    assert (present["number"], present["is_present"], present["seed"]) == (1, True, 2)
    assert (earlier["number"], earlier["is_present"], earlier["seed"]) == (2, False, 1)
    assert (earlier["file"], earlier["usd"]) == (f".falhero/history/{kept}", present["usd"])
    assert present["prompt"] == "Two Winter hikes"
    assert earlier["prompt"].startswith("Winter hikes. ")
    assert earlier["drawn"] <= present["drawn"]
    lines = redrawn.falhero("show", POST).lines
    assert any(f"history/{kept}, drawn 20" in line and "seed 1, $0.0" in line for line in lines), lines
    assert f"    falhero pick {POST} 2" in lines
    assert (blog.assets / HERO).read_bytes() == first
    assert fal.charges == 2


def test_pick_brings_a_picture_back_and_keeps_the_other(redrawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """A pick costs nothing, is in the ledger, and can be taken back; check, plan, spend and the build agree with it."""
    spent = redrawn.falhero("spend").out
    document = redrawn.alone().falhero("pick", "--json", POST, "2").json
    (row,) = document["heroes"]
    assert (row["state"], row["seed"], row["file"]) == ("picked", 1, f"images/heroes/{HERO}")
    assert document["summary"] == {"picked": 1, "usd": 0.0}
    last = blog.events()[-1]
    assert (last["event"], last["hero"], last.get("usd", 0)) == ("saved", HERO, 0)
    assert last["kept_from"] in history(blog)
    assert len(history(blog)) == 2
    assert [version["seed"] for version in versions(redrawn)] == [1, 2]
    assert redrawn.falhero("check").code == 0
    assert redrawn.falhero("spend").out == spent
    assert redrawn.falhero("plan", "--json").json["heroes"][0]["state"] == "present"
    assert redrawn.falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]
    assert blog.build(env=fal.environment()).code == 0
    assert (blog.output / "images" / "heroes" / HERO).read_bytes() == (blog.assets / HERO).read_bytes()
    assert redrawn.falhero("pick", POST, "2").lines[0] == (
        f"{POST}: version 2 is its hero now: content/images/heroes/{HERO}"
    )
    assert [version["seed"] for version in versions(redrawn)] == [2, 1]
    assert fal.charges == 2


def test_the_present_hero_is_not_picked_again(redrawn: Terminal, blog: Blog) -> None:
    """Version 1 is the hero already: it says so, exits with 0, and changes nothing."""
    before = blog.events(), history(blog)
    ran = redrawn.falhero("pick", POST, "1")
    assert (ran.code, ran.lines) == (0, [f"{POST}: picture 1 is its hero already"])
    assert (blog.events(), history(blog)) == before


def test_what_cannot_be_picked_is_told(redrawn: Terminal, blog: Blog) -> None:
    """A wrong number, a post without versions, an own picture and a folder: the error names what there is."""
    blog.post("b.md", "Summer hikes")
    blog.post("own.md", "Mine", Hero="images/mine.png")
    (blog.content / "images" / "mine.png").write_bytes((blog.assets / HERO).read_bytes())
    for arguments, says in {
        (POST, "3"): f"{POST} has pictures 1 to 2, not '3'; see falhero show {POST}",
        (POST, "two"): "pictures 1 to 2, not 'two'",
        ("content/b.md", "1"): "content/b.md has no hero, no earlier one and no candidate on this machine",
        ("content/own.md", "1"): "has its own picture",
        ("content", "1"): "content is a folder; name one post",
        (POST,): "the following arguments are required: N",
    }.items():
        ran = redrawn.falhero("pick", *arguments)
        assert (ran.code, says in ran.err) == (2, True), ran


def test_a_damaged_version_is_not_picked(redrawn: Terminal, blog: Blog) -> None:
    """A file in the history that is not what was kept is named, and the hero stays."""
    (name,) = history(blog)
    hero = (blog.assets / HERO).read_bytes()
    (blog.content / ".falhero" / "history" / name).write_bytes(b"half a pict")
    ran = redrawn.falhero("pick", POST, "2")
    assert ran.code == 1
    assert "is damaged" in ran.err
    assert (blog.assets / HERO).read_bytes() == hero


def test_options_and_picks_stay_when_refresh_is_changed(blog: Blog, fal: FalServer) -> None:
    """What was drawn with options, or picked, is fresh as long as the post itself asks for the same as it did then."""
    blog.configure(FALHERO_REFRESH="changed")
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate").code == 0
    assert terminal.falhero("generate", "--force", "--seed", "7", "--prompt", "Seven", POST).code == 0
    assert blog.build(env=fal.environment()).code == 0
    assert terminal.falhero("check", "--fresh").code == 0
    assert fal.charges == 2
    blog.post("a.md", "Winter hikes", "Quite other words.")
    assert terminal.falhero("generate").code == 0
    assert fal.charges == 3
    assert terminal.falhero("pick", POST, number_of(terminal, 7)).code == 0
    assert blog.build(env=fal.environment()).code == 0
    assert terminal.falhero("check", "--fresh").code == 0
    assert fal.charges == 3
    assert present_seed(terminal) == 7
    blog.post("a.md", "Winter hikes", "Yet other words.")
    assert terminal.falhero("check", "--fresh").code == 1
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == 4
    assert len(versions(terminal)) == 4


def test_a_retitled_post_keeps_its_versions(redrawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """Versions from before a retitle are listed and picked under the new title; another post sees none of them."""
    blog.post("a.md", "Spring hikes")
    blog.post("b.md", "Summer hikes", Hero_Seed="9")
    assert redrawn.falhero("generate").code == 0
    assert [version["seed"] for version in versions(redrawn)] == [2, 1]
    assert [version["seed"] for version in versions(redrawn, "content/b.md")] == [9]
    assert redrawn.falhero("pick", POST, "2").code == 0
    assert present_seed(redrawn) == 1
    assert blog.heroes() == {hero_name(title) for title in ("Winter hikes", "Spring hikes", "Summer hikes")}
    assert fal.charges == 3


def test_the_author_s_conversion_is_kept_too(redrawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """A hero that its author converted to JPEG goes to the history with a redraw, and comes back with its extension."""
    from PIL import Image  # noqa: PLC0415

    converted = blog.assets / HERO.replace(".png", ".jpg")
    with Image.open(blog.assets / HERO) as image:
        image.convert("RGB").save(converted)
    (blog.assets / HERO).unlink()
    content = converted.read_bytes()
    assert redrawn.falhero("generate", "--force", "--seed", "3", POST).code == 0
    assert blog.heroes() == {HERO}
    number = next(v["number"] for v in versions(redrawn) if v["file"].endswith(".jpg"))
    assert redrawn.falhero("pick", POST, str(number)).code == 0
    assert blog.heroes() == {converted.name}
    assert converted.read_bytes() == content
    assert fal.charges == 3


def test_a_second_clone_has_no_history(redrawn: Terminal, blog: Blog, fal: FalServer, tmp_path: Path) -> None:
    """git ignores the history: a clone lists and picks the present hero only, and its check is well."""
    redrawn.git("init", "--quiet")
    redrawn.commit()
    assert "history" not in redrawn.git("ls-files").out
    redrawn.git("clone", "--quiet", blog.root, tmp_path / "clone")
    clone = redrawn.at(tmp_path / "clone").alone()
    assert [version["seed"] for version in versions(clone)] == [2]
    assert clone.falhero("check").code == 0
    ran = clone.falhero("pick", POST, "2")
    assert (ran.code, "has only picture 1, not '2'" in ran.err) == (2, True)
    nothing = "nothing to delete: no earlier hero and no candidate is kept on this machine"
    assert clone.falhero("prune", "--history").lines == [nothing]
    assert clone.falhero("plan", "--missing", "--json").json["heroes"] == []
    assert fal.charges == 2


def test_the_gallery_tells_of_earlier_pictures(redrawn: Terminal, blog: Blog) -> None:
    """The page says how many earlier pictures a post has, with the command that lists them."""
    assert redrawn.alone().falhero("gallery").code == 0
    page = (blog.content / ".falhero" / "gallery.html").read_text()
    assert "1 earlier picture," in page
    assert f">falhero show {POST}<" in page


def test_only_prune_history_deletes_versions(redrawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """Plain prune leaves the history alone; with --history it is listed with its size, and deleted with --apply."""
    (name,) = history(blog)
    path = blog.content / ".falhero" / "history" / name
    assert redrawn.falhero("prune", "--apply").lines == ["nothing to delete: every picture in the ledger is in use"]
    listed = redrawn.falhero("prune", "--history")
    assert listed.lines[0] == f"earlier  content/.falhero/history/{name}"
    assert listed.lines[1].endswith("MB: falhero prune --history --apply")
    assert redrawn.falhero("prune", "--history", "--json").json["summary"] == {"files": 1, "bytes": path.stat().st_size}
    assert redrawn.falhero("prune", "--history", "--apply").lines[0] == f"deleted  content/.falhero/history/{name}"
    assert not history(blog)
    assert [version["seed"] for version in versions(redrawn)] == [2]
    assert fal.charges == 2
