"""falhero gallery: one page of the whole blog, which asks no other host for anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from gallery_site import TITLES, GalleryPage, external_addresses, make_site
from photographs import photograph, save_photograph
from terminal import Terminal, at_home

PAGE = ".falhero/gallery.html"


def read(blog: Blog) -> GalleryPage:
    """The page in its usual place."""
    return GalleryPage((blog.content / PAGE).read_text(encoding="utf-8"))


def test_the_page_shows_every_post_the_urgent_ones_first(blog: Blog, fal: FalServer) -> None:
    """Order, states, pictures, what made them and commands; the totals are spend's; nothing else is written."""
    terminal = make_site(blog, fal)
    before = {path for path in blog.root.rglob("*") if ".falhero" not in path.parts}
    ran = terminal.falhero("gallery")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines == [
        "content/.falhero/gallery.html: 7 posts, 4 to look at",
        f"Open it in a browser: {(blog.content / PAGE).as_uri()}",
    ]
    assert {path for path in blog.root.rglob("*") if ".falhero" not in path.parts} == before
    html = (blog.content / PAGE).read_text(encoding="utf-8")
    assert external_addresses(html) == []
    page = GalleryPage(html)
    assert [(post.texts["bdi"], post.state) for post in page.posts] == [
        ("missing.md", "missing"),
        ("card.md", "missing"),
        ("refused.md", "refused"),
        ("fetched.md", "pending"),
        ("silent.md", "none"),
        ("own.md", "own"),
        ("drawn.md", "present"),
    ]
    assert [post.texts["h3"] for post in page.posts] == [TITLES[post.texts["bdi"]] for post in page.posts]
    shown = {post.texts["bdi"]: post for post in page.posts}
    assert {name for name, post in shown.items() if post.images} == {"card.md", "own.md", "drawn.md"}
    assert all(image.startswith("data:image/webp;base64,") for post in page.posts for image in post.images)
    assert shown["drawn.md"].texts["prompt"] == blog.events()[0]["prompt"]
    assert "dev (fal-ai/flux/dev)42" in shown["drawn.md"].texts["dd"]
    assert shown["fetched.md"].texts["prompt"].startswith("Paid and not fetched. ")
    assert shown["refused.md"].texts["code"] == "falhero generate --retry content/refused.md"
    links = [address for address in page.addresses if not address.startswith("data:")]
    assert all((blog.content / ".falhero" / link).is_file() for link in links)
    assert len(links) == 3
    summary = terminal.falhero("gallery", "--json").json["summary"]
    spent = terminal.falhero("spend", "--json").json["summary"]
    assert (summary["usd"], summary["drawn"]) == (spent["usd"], spent["heroes"])
    assert summary["usd_month"] == summary["usd"] > 0
    assert (summary["posts"], summary["heroes"], summary["attention"]) == (7, 1, 4)


def test_the_page_is_no_post(blog: Blog) -> None:
    """Pelican, which reads HTML files as articles, reads the page neither for commands nor for a build."""
    blog.configure(FALHERO_PROVIDER="none")
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog).alone()
    assert terminal.falhero("gallery").code == 0
    assert terminal.falhero("gallery", "--json").json["summary"]["posts"] == 1
    assert blog.build().code == 0
    assert not list(blog.output.rglob("gallery*"))


def test_another_file_is_never_replaced(blog: Blog) -> None:
    """--output writes where it says, again too; a file that is no such page, or a folder, stays as it is."""
    post = blog.post("a.md", "Winter hikes")
    terminal = at_home(blog).alone()
    assert terminal.falhero("gallery", "--output", "out/heroes.html").code == 0
    document = terminal.falhero("gallery", "--output", "out/heroes.html", "--json").json
    page = blog.root / "out" / "heroes.html"
    assert document["pages"] == [{"file": "../out/heroes.html", "bytes": page.stat().st_size}]
    assert not (blog.content / PAGE).exists()
    text = post.read_text()
    for named in ("content/a.md", "content"):
        ran = terminal.falhero("gallery", "--output", named)
        assert ran.code == 2
        assert named in ran.err
    assert post.read_text() == text


def test_thumbnails_are_small_and_made_once(blog: Blog) -> None:
    """A picture of a megabyte is some kilobytes on the page; the second run decodes none, a changed one is new."""
    blog.post("a.md", "Winter hikes")
    picture = save_photograph(blog.assets / hero_name("Winter hikes"))
    terminal = at_home(blog).alone()
    assert terminal.falhero("gallery").code == 0
    thumbnails = blog.content / ".falhero" / "thumbnails"
    (first,) = thumbnails.iterdir()
    assert first.stat().st_size < 20_000
    (image,) = read(blog).posts[0].images
    status = picture.stat()
    # Whoever decoded this would find it broken.
    picture.write_bytes(picture.read_bytes()[:1000] + bytes(status.st_size - 1000))
    os.utime(picture, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert terminal.falhero("gallery").code == 0
    assert read(blog).posts[0].images == [image]
    save_picture(picture)
    assert terminal.falhero("gallery").code == 0
    assert read(blog).posts[0].images != [image]
    (second,) = thumbnails.iterdir()
    assert second != first


def test_thumbnails_come_from_light_copies(blog: Blog) -> None:
    """Where a build has made light pictures, the page's are made of those, which takes a tenth of the time."""
    blog.configure(FALHERO_FORMATS=["webp"], FALHERO_PROVIDER="none")
    blog.post("a.md", "Winter hikes")
    picture = save_picture(blog.assets / hero_name("Winter hikes"), image=photograph(512, 384))
    assert blog.build().code == 0
    status = picture.stat()
    picture.write_bytes(picture.read_bytes()[:1000] + bytes(status.st_size - 1000))
    os.utime(picture, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert at_home(blog).alone().falhero("gallery").code == 0
    assert len(read(blog).posts[0].images) == 1


def test_a_broken_picture_needs_attention(blog: Blog) -> None:
    """A hero that can't be decoded stands among the urgent ones, says why, and has the command for another."""
    blog.post("a.md", "Winter hikes", Date="2026-10-01")
    blog.post("b.md", "Summer hikes", Date="2026-11-01")
    save_picture(blog.assets / hero_name("Summer hikes"))
    broken = save_picture(blog.assets / hero_name("Winter hikes"), image=photograph(256, 192))
    broken.write_bytes(broken.read_bytes()[:5000])
    assert at_home(blog).alone().falhero("gallery").lines[0].endswith("2 posts, 1 to look at")
    first, _ = read(blog).posts
    assert (first.state, first.texts["bdi"], first.images) == ("broken", "a.md", [])
    assert "can't be decoded" in first.texts["note"]
    assert first.texts["code"] == "falhero generate --force content/a.md"


@pytest.mark.parametrize("content", ['content = "posts"\n', ""])
def test_a_site_without_pelican_has_a_page_where_its_posts_are_known(tmp_path: Path, content: str) -> None:
    """The folder that pyproject.toml names is shown; without one the error says how to name it."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.falhero]\n{content}")
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: Winter hikes\n---\nSome words.\n")
    ran = Terminal(tmp_path).alone().falhero("gallery")
    if content:
        assert ran.lines[0] == ".falhero/gallery.html: 1 post, 1 to look at"
        assert (tmp_path / ".falhero" / ".gitignore").is_file()
    else:
        assert ran.code == 2
        assert "[tool.falhero] content" in ran.err
        assert not (tmp_path / ".falhero").exists()


def test_what_cannot_be_read_is_named(blog: Blog) -> None:
    """A file that is no post and a damaged line of the ledger are named, on the page and by the command."""
    blog.post("a.md", "Winter hikes")
    blog.write("notes.md", "only text\n")
    blog.write(".falhero/ledger.jsonl", "damage\n")
    ran = at_home(blog).alone().falhero("gallery", "--json")
    assert ran.code == 0
    file, line = ran.json["problems"]
    assert file.startswith("Pelican can't read notes.md: ")
    assert line.startswith("content/.falhero/ledger.jsonl: line 1 can't be read")
    html = (blog.content / PAGE).read_text(encoding="utf-8")
    assert html.index("read notes.md") < html.index("ledger.jsonl: line 1") < html.index("<main>")


def test_a_folder_that_cannot_be_written_is_an_error(blog: Blog) -> None:
    """Where the page can't be written, the command says where, and exits with 2."""
    blog.post("a.md", "Winter hikes")
    (blog.root / "file").touch()
    ran = at_home(blog).alone().falhero("gallery", "--output", "file/heroes.html")
    assert (ran.code, ran.out) == (2, "")
    assert "--output file/heroes.html can't be written" in ran.err
