"""Pictures that fal sends with content credentials (C2PA): what was signed stays byte for byte, whatever happens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import fal_faults
import pyexiv2
import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_exchange import Fault
from fal_pictures import render
from fal_server import FalServer
from fal_wire import Reply, Wire
from PIL import Image
from running import Running
from signed_pictures import signed
from terminal import at_home

from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.labels import SOURCES
from pelican_falhero.storage.masters import place_master

TITLE = "Winter hikes"
PNG = hero_name(TITLE)
JPG = PNG.replace(".png", ".jpg")


@pytest.fixture
def signing(blog: Blog, fal: FalServer) -> FalServer:
    """A fal that signs what it draws, and a blog of one post with light copies."""
    blog.configure(FALHERO_FORMATS=["webp"])
    blog.post("a.md", TITLE, Slug="a")
    fal.faults.add("download", fal_faults.with_credentials("jpeg"))
    return fal


def as_sent(fal: FalServer) -> bytes:
    """What fal has sent first."""
    found = fal.picture(fal.requests_of("download")[0].path)
    assert found
    return signed(render(replace(found[1], format="jpeg")))


def shown_file(blog: Blog) -> Path:
    """The file that the post's page shows."""
    return blog.output / blog.page("a.html")["url"]


def assert_kept(blog: Blog, fal: FalServer, name: str = JPG) -> None:
    """The hero is what fal has sent, is paid for once, and is published as it is."""
    assert (blog.assets / name).read_bytes() == as_sent(fal)
    assert (blog.output / "images" / "heroes" / name).read_bytes() == as_sent(fal)
    assert fal.charges == 1


def test_a_signed_picture_stays_as_it_came(blog: Blog, signing: FalServer) -> None:
    """It is bought once, published beside copies that are labelled anew, and found by the next build."""
    del blog.settings["FALHERO_IMAGE_SIZE"]
    built = blog.build(env=signing.environment())
    assert built.tally == "heroes: 1 made, 0 there, $0.025"
    assert_kept(blog, signing)
    assert blog.page("a.html")["url"] == f"images/heroes/{JPG.removesuffix('.jpg')}-1024.webp"
    assert blog.events()[-1]["hero"] == JPG
    with pyexiv2.Image(str(shown_file(blog))) as image:
        assert image.read_xmp()["Xmp.iptcExt.DigitalSourceType"] == f"{SOURCES}trainedAlgorithmicMedia"
    assert "heroes:" not in blog.build(env=signing.environment()).output
    assert blog.heroes() == {JPG}
    assert_kept(blog, signing)


def test_a_build_that_is_killed_at_the_download_pays_once(blog: Blog, signing: FalServer) -> None:
    """Killed when all bytes are sent, the next build has the same bytes, whether they had found their place or not."""

    def deliver(wire: Wire, reply: Reply) -> None:
        wire.send_part(reply, len(reply.body))
        build.kill()

    rule = signing.faults.add("download", Fault(name="kill", works=True, deliver=deliver), nth=1)
    with Running(blog, env=signing.environment()) as build:
        assert build.end().code == -9
    assert rule.hits == 1
    assert blog.build(env=signing.environment()).code == 0
    assert blog.heroes() == {JPG}
    assert_kept(blog, signing)


def test_a_picture_that_is_there_and_not_written_down_is_kept(blog: Blog, signing: FalServer) -> None:
    """A build that ended between the picture's last step and its line in the ledger has not lost it."""
    blog.build(env=signing.environment())
    lines = blog.ledger.read_text().splitlines(keepends=True)
    blog.ledger.write_text("".join(line for line in lines if '"saved"' not in line))
    assert len(blog.events()) == len(lines) - 1
    built = blog.build(env=signing.environment())
    assert (built.code, "heroes:" in built.output) == (0, False)
    assert blog.heroes() == {JPG}
    assert_kept(blog, signing)


def test_a_retitled_post_keeps_its_signed_picture(blog: Blog, signing: FalServer) -> None:
    """It is copied byte for byte under the new title's name, and nothing is bought."""
    blog.build(env=signing.environment())
    blog.post("a.md", "Spring hikes", Slug="a")
    built = blog.build(env=signing.environment())
    assert built.tally == "heroes: 1 kept under a new title, 0 there"
    new = hero_name("Spring hikes").replace(".png", ".jpg")
    assert blog.heroes() == {JPG, new}
    assert_kept(blog, signing, new)


def test_a_redrawn_hero_is_the_only_one(blog: Blog, signing: FalServer) -> None:
    """Whichever of the two is signed, the new picture replaces the old one, and pages show its copies."""
    blog.build(env=signing.environment())
    old = shown_file(blog).read_bytes()
    terminal = at_home(blog, signing.environment())
    signing.faults.clear()
    assert terminal.falhero("generate", "--force", "content/a.md").code == 0
    assert blog.heroes() == {PNG}
    blog.build(env=signing.environment())
    assert shown_file(blog).read_bytes() != old
    signing.faults.add("download", fal_faults.with_credentials("webp"))
    assert terminal.falhero("generate", "--force", "content/a.md").code == 0
    assert blog.heroes() == {PNG.replace(".png", ".webp")}
    assert signing.charges == 3


def test_what_a_build_redraws_in_another_format_is_shown_as_it_is_now(blog: Blog, signing: FalServer) -> None:
    """The copies of the old picture are not shown for the new one, even where they have to be made in that build."""
    blog.configure(FALHERO_FORMATS=[])
    blog.build(env=signing.environment())
    signing.faults.clear()
    blog.configure(FALHERO_FORMATS=["webp"], FALHERO_REFRESH="changed", FALHERO_STYLE="Ink")
    assert blog.build(env=signing.environment()).tally == "heroes: 1 made, 0 there, $0.025"
    assert blog.heroes() == {PNG}
    with Image.open(blog.assets / PNG) as new, Image.open(shown_file(blog)) as shown:
        pairs = zip(new.convert("RGB").resize((8, 6)).tobytes(), shown.resize((8, 6)).tobytes(), strict=True)
        assert max(abs(a - b) for a, b in pairs) < 40


@pytest.mark.parametrize("old", [".png", ".jpg", ".jpeg", ".webp", ".avif"])
@pytest.mark.parametrize("new", [".png", ".jpg", ".webp"])
def test_one_title_has_one_picture(tmp_path: Path, old: str, new: str) -> None:
    """A new picture replaces that of the same title, whatever both are; those of other titles stay."""
    library = Library(tmp_path, "heroes")
    stays = save_picture(library.folder / f"hero-ffffffffffff{old}")
    save_picture(library.folder / f"hero-0123456789ab{old}")
    place_master(save_picture(tmp_path / f"drawn{new}"), f"hero-0123456789ab{new}", library)
    assert set(library.folder.iterdir()) == {stays, library.folder / f"hero-0123456789ab{new}"}
