"""The demo blog: one build, offline and without a key, shows all that it is there to show."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image
from site_check import Shows, problems_of
from terminal import Terminal

from pelican_falhero.doctor.built.page import read_page

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "demo_site"
SITE = "https://gradient-post.example"
PAGES = {
    "snow-on-the-upper-loop.html": Shows("hero-93de09818d63"),
    "going-backwards-to-go-up.html": Shows("hero-361c5fa6702e"),
    "two-minutes-at-hacikiri.html": Shows("hero-b6fcca85cfb9"),
    "two-minutes-at-hacikiri-tr.html": Shows("hero-fc7cce10e713"),
    "things-that-have-stopped-the-0940.html": Shows("hero-b6b907fcb6ac"),
    "the-station-that-grew-leeks.html": Shows("hero-8af46d6cb88d"),
    "why-a-rack-railway-says-clank.html": Shows("hero-416ec8f675f0"),
    "what-a-gradient-post-knows.html": Shows("hero-0d5f90b3008e"),
    "the-whole-timetable-fits-in-trains-txt.html": Shows("card-f677fdd6956f-art", "card-f677fdd6956f-social"),
    "seven-and-three-quarter-miles-on-one-sheet.html": Shows("corrie-line"),
}
"""Eight drawn heroes, a title card, and the author's own picture."""


def copied(folder: Path, *, parts: int) -> Path:
    """A copy of the demo, with the sides of its heroes divided by ``parts``: copies of them are made so much faster."""
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("output", ".falhero", "__pycache__"))
    if parts > 1:
        for path in (folder / "content" / "images").rglob("*.*"):
            with Image.open(path) as image:
                image.reduce(parts).save(path)
    return folder


@pytest.mark.parametrize("parts", [4, pytest.param(1, marks=pytest.mark.long)])
def test_the_demo_shows_what_it_is_there_for(tmp_path: Path, parts: int) -> None:
    """Every page, feed and preview has its picture and nothing but its own files, and all of it without a network."""
    site = copied(tmp_path / "demo", parts=parts)
    terminal = Terminal(site).alone()
    built = terminal.run(sys.executable, "-m", "pelican", "content", "-s", "pelicanconf.py", "--fatal", "warnings")
    assert built.code == 0, built.out + built.err
    assert "heroes: 8 there, 1 card" in built.out + built.err
    output = site / "output"
    assert problems_of(output, SITE, PAGES) == []
    assert "/images/" not in (output / "errata-with-apologies-to-the-sheep.html").read_text("utf-8")
    for feed in ("all.atom.xml", "all.rss.xml"):
        assert (output / "feeds" / feed).read_text("utf-8").count(f"{SITE}/images/heroes/") >= len(PAGES)

    about = (output / "pages" / "pictures.html").read_text("utf-8")
    pictures = read_page(about).pictures
    # Four items of the feed and one preview, from the disk, and the contact sheet.
    assert sum(address.endswith("-social.jpg") for address in pictures) == 5
    assert any("contact-sheet" in address for address in pictures)
    assert SITE not in about.partition("<main")[2]

    gallery = terminal.falhero("gallery", "--output", "output/gallery.html")
    assert (gallery.code, gallery.lines[0]) == (0, "output/gallery.html: 11 posts, 1 to look at")
    # What its author drew is bought by nobody, and drawn by no model.
    assert not (site / "content" / ".falhero" / "ledger.jsonl").exists()
    (row,) = terminal.falhero("show", "content/snow-on-the-upper-loop.md", "--json").json["posts"]
    assert (row["state"], row["endpoint"], row["usd"]) == ("present", None, None)


def test_the_first_picture_of_the_readme_is_light() -> None:
    """The picture of the demo is sharp on a page of GitHub's width, and weighs less than half a megabyte."""
    file = DEMO / "screenshot.png"
    with Image.open(file) as image:
        assert image.width >= 1200
    assert file.stat().st_size < 500_000
