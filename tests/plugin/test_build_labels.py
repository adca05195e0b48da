"""A whole build with a picture of each kind: what its lighter copies are, say and tell nobody."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import pyexiv2
from blog import Blog, hero_name
from builders import draw, make_event, save_picture
from fal_server import FalServer
from PIL import Image

from pelican_falhero.storage.events import SAVED
from pelican_falhero.storage.labels import SOURCES, tool_name

FIGURE = "<figure>{{ hero.picture() }}<figcaption>{{ hero.is_ai }} {{ hero.credit }}</figcaption></figure>"
SOURCE = "Xmp.iptcExt.DigitalSourceType"
BY_MODEL = {SOURCE: f"{SOURCES}trainedAlgorithmicMedia", "Xmp.xmp.CreatorTool": tool_name()}
BY_PROGRAM = {SOURCE: f"{SOURCES}algorithmicMedia", "Xmp.xmp.CreatorTool": tool_name()}
CREDIT = "Xmp.photoshop.Credit"


def a_site(blog: Blog) -> Mapping[str, dict[str, str]]:
    """A post with each kind of picture; how the names of its files begin, to what all of them say in XMP."""
    blog.configure(SITEURL="https://example.org/blog", THEME="simple", FEED_ALL_ATOM="all.xml")
    blog.configure(THEME_TEMPLATES_OVERRIDES=["templates"], FALHERO_FORMATS=["webp"], FALHERO_BUDGET=0.03)
    blog.write("../templates/falhero/figure.html", FIGURE)
    blog.post("drawn.md", "Drawn", Slug="drawn", Date="2026-11-05 10:00")
    blog.post("card.md", "Too dear", Slug="card")
    blog.post("before.md", "Drawn before", Slug="before")
    blog.post("photo.md", "A photograph", Slug="photo", Hero="images/photo.jpg")
    blog.post("signed.md", "With a credit", Slug="signed", Hero="images/signed.jpg")
    _draw_before(blog)
    for name in ("photo", "signed"):
        file = save_picture(blog.content / "images" / f"{name}.jpg", image=draw(900, 600), exif=_taken_at_home())
    with pyexiv2.Image(str(file)) as image:
        image.modify_xmp({CREDIT: "Ann", "Xmp.exif.GPSLatitude": "47,22N"})
    return {
        _stem("Drawn"): BY_MODEL | {"Xmp.iptcExt.AISystemUsed": "fal-ai/flux/dev"},
        _stem("Drawn before"): BY_MODEL | {"Xmp.iptcExt.AISystemUsed": "fal-ai/flux-lora"},
        "card-": BY_PROGRAM,
        "photo-": {},
        "signed-": {CREDIT: "Ann"},
    }


def _draw_before(blog: Blog) -> None:
    """Put a hero there from the time when files were not labelled; only the ledger knows of it."""
    file = save_picture(blog.assets / hero_name("Drawn before"), image=draw(900, 600))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    event = make_event(SAVED, hero=file.name, title="Drawn before", endpoint="fal-ai/flux-lora", sha256=digest)
    blog.ledger.parent.mkdir()
    blog.ledger.write_text(event.to_line() + "\n")


def _taken_at_home() -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 0.0)})
    return exif


def _stem(title: str) -> str:
    return hero_name(title).removesuffix(".png")


def _says(file: Path) -> dict[str, str]:
    """A file's XMP, by a reader that is not ours, after the whole picture was decoded; of EXIF data it has none."""
    with Image.open(file) as picture:
        picture.load()
    with pyexiv2.Image(str(file)) as image:
        assert not image.read_exif(), file.name
        return dict(image.read_xmp())


def test_copies_are_labelled_as_their_masters_are(blog: Blog, fal: FalServer) -> None:
    """Each is whole, named in a page or feed, and says who made it, though its master may not; none says where."""
    wanted = a_site(blog)
    built = blog.build(env=fal.environment())
    assert (built.code, fal.charges) == (0, 1), built.output
    text = "".join(file.read_text() for file in blog.output.rglob("*") if file.suffix in {".html", ".xml"})
    copies = [file for file in (blog.output / "images").rglob("*.*") if file.suffix in {".webp", ".jpg"}]
    made = {file.name for file in (blog.content / ".falhero" / "variants").iterdir()} - {"index.json"}
    assert made <= {file.name for file in copies}
    found = set()
    for file in copies:
        if file.name not in {"photo.jpg", "signed.jpg"}:
            (stem,) = (stem for stem in wanted if file.name.startswith(stem))
            assert _says(file) == wanted[stem], file.name
            assert file.name in text
            found.add((stem, file.suffix))
    assert found >= {(stem, ".webp") for stem in wanted}
    assert found >= {(stem, ".jpg") for stem in wanted}
    captions = {
        slug: re.findall("<figcaption>(.*?) ?</figcaption>", blog.page(f"{slug}.html").text)
        for slug in ("drawn", "before", "card", "photo", "signed")
    }
    assert captions == {
        "drawn": ["True fal-ai/flux/dev"],
        "before": ["True fal-ai/flux-lora"],
        "card": ["False"],
        "photo": ["False"],
        "signed": ["False"],
    }
