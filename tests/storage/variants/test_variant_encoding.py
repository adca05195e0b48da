"""Variants show what their master shows, in fewer bytes, and say what they should."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import draw
from photographs import photograph
from PIL import Image, ImageCms, features
from variant_site import AI, VariantSite, names

from pelican_falhero.storage.variants.encoding import OpenMaster


@pytest.fixture
def site(tmp_path: Path) -> VariantSite:
    """An empty site."""
    return VariantSite(tmp_path)


def sideways() -> Image.Exif:
    """What a camera writes that was held upright: turned, and where it was."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def colour(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """A pixel of a picture, as RGB."""
    found = image.convert("RGB").getpixel((x, y))
    assert isinstance(found, tuple)
    return tuple(map(int, found))


def near(found: tuple[int, ...], wanted: tuple[int, ...], by: int = 12) -> bool:
    """Whether two colours look the same."""
    return all(abs(one - other) <= by for one, other in zip(found, wanted, strict=True))


def deep() -> Image.Image:
    """A grey picture of 16 bits a pixel, from black at the top to white."""
    return Image.linear_gradient("L").convert("I").point(lambda v: v * 257).convert("I;16").resize((160, 120))


SHOWN: dict[str, tuple[str, Callable[[], Image.Image], dict[str, object]]] = {
    "RGB": ("a.png", draw, {}),
    "grey": ("a.png", lambda: draw().convert("L"), {}),
    "a palette": ("a.png", lambda: draw().quantize(64), {}),
    "one bit": ("a.png", lambda: draw().convert("1"), {}),
    "a JPEG": ("a.jpg", draw, {"quality": 95}),
    "CMYK": ("a.jpg", lambda: draw().convert("CMYK"), {"quality": 95}),
    "grey JPEG": ("a.jpg", lambda: draw().convert("L"), {"quality": 95}),
    "lossless WebP": ("a.webp", draw, {"lossless": True}),
    "AVIF": ("a.avif", draw, {"quality": 95}),
}


@pytest.mark.parametrize("kind", SHOWN)
def test_every_kind_of_picture_is_shown_as_it_is(kind: str, site: VariantSite) -> None:
    """Whatever mode a master has, its narrow variants are RGB pictures that look like it."""
    name, image, options = SHOWN[kind]
    file = site.add(name, image(), **options)
    assert site.make(file).notes == []
    with Image.open(file) as master, site.open("a-80.webp") as variant:
        assert (variant.format, variant.mode, variant.size) == ("WEBP", "RGB", (80, 60))
        wanted = master.convert("RGB").resize((8, 6), Image.Resampling.BOX)
        found = variant.resize((8, 6), Image.Resampling.BOX)
        assert all(near(colour(found, x, y), colour(wanted, x, y)) for x in range(8) for y in range(6))


def test_sixteen_bits_become_eight(site: VariantSite) -> None:
    """A deep grey picture keeps its range from black to white; a plain conversion would be nearly all white."""
    site.make(site.add("a.png", deep(), compress_level=0))
    image = site.open("a-80.webp")
    assert [near(colour(image, 40, y), (grey,) * 3) for y, grey in ((1, 6), (30, 128), (58, 249))] == [True] * 3


def test_a_photograph_that_was_held_sideways_is_upright(site: VariantSite) -> None:
    """Width, height and pixels are those that a viewer shows, and nothing turns them again."""
    left = draw(160, 120)
    left.paste("white", (0, 0, 80, 120))
    left.paste("black", (80, 0, 160, 120))
    site.is_ai = False
    variants = site.variants(site.add("a.jpg", left, exif=sideways()))
    assert (variants.width, variants.height) == (120, 160)
    image = site.open("a-48.webp")
    assert image.size == (48, 64)
    assert near(colour(image, 24, 8), (255,) * 3)
    assert near(colour(image, 24, 56), (0,) * 3)


def test_no_variant_tells_where_a_photograph_was_taken(site: VariantSite) -> None:
    """EXIF data, with the place in them, are never copied, and the place in XMP is cut out of what is."""
    site.is_ai, site.formats, site.wants_social = False, ("avif", "webp", "jpeg"), True
    packet = b'<x exif:GPSLatitude="47,22N" dc:rights="Ann"><exif:GPSAltitude>408</exif:GPSAltitude><a/></x>'
    variants = site.variants(site.add("a.jpg", draw(), exif=sideways(), xmp=packet, quality=95))
    assert variants.has_social
    for name in variants.file_names():
        image = site.open(name)
        assert not image.getexif(), name
        assert image.info["xmp"] == b'<x dc:rights="Ann"><a/></x>', name


@pytest.mark.parametrize("format_", ["webp", "avif", "jpeg"])
def test_each_file_says_who_made_it(format_: str, site: VariantSite) -> None:
    """The label of a hero is in each of its variants and in its social cut, though its PNG says nothing."""
    site.formats, site.wants_social = (format_,), True
    variants = site.variants(site.add("a.png", photograph(320, 240)))
    assert len(variants.file_names()) == 4
    for name in variants.file_names():
        assert site.open(name).info["xmp"] == AI.xmp(), name


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.avif"])
def test_an_own_picture_keeps_what_it_says(name: str, site: VariantSite) -> None:
    """An author's own XMP is copied from any format, without the white space that editors leave for later."""
    packet = b'<?xpacket begin=""?><x dc:creator="Ann"/>' + b" " * 2000 + b'<?xpacket end="w"?>'
    site.is_ai = False
    file = site.add(name)
    if name == "a.png":
        from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415 - of this format alone

        chunks = PngInfo()
        chunks.add_itxt("XML:com.adobe.xmp", packet.decode())
        draw().save(file, pnginfo=chunks)
    else:
        draw().save(file, xmp=packet, quality=95)
    site.variants(file)
    assert site.open("a-80.webp").info["xmp"] == b'<?xpacket begin=""?><x dc:creator="Ann"/>\n<?xpacket end="w"?>'


def test_an_own_picture_that_says_nothing_says_nothing(site: VariantSite) -> None:
    """No label is put on an author's own picture, nor an empty one."""
    site.is_ai = False
    site.variants(site.add())
    assert "xmp" not in site.open("hero-80.webp").info


def test_an_editors_history_does_not_outweigh_the_picture(site: VariantSite) -> None:
    """XMP that is longer than a small picture, and than JPEG can hold, is left out."""
    site.is_ai = False
    site.variants(site.add("a.webp", xmp=b"<x>" + b"history " * 10_000 + b"</x>", lossless=True))
    assert "xmp" not in site.open("a-80.webp").info


def test_transparency_is_kept_where_it_can_be(site: VariantSite) -> None:
    """WebP and AVIF keep an alpha channel; JPEG has none, so there is no JPEG, and that is remembered."""
    clear = photograph(160, 120).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    site.formats = ("avif", "webp", "jpeg")
    variants = site.variants(site.add("a.png", clear))
    assert variants.widths["jpeg"] == ()
    assert variants.widths["webp"] == (48, 80, 160)
    for name in variants.file_names():
        alpha = site.open(name).getchannel("A").tobytes()
        assert min(alpha) < 10, name
        assert max(alpha) > 245, name
    assert not site.store().look_up([site.master(site.root / "images" / "a.png")]).missing


def test_an_alpha_channel_without_transparency_is_dropped(site: VariantSite) -> None:
    """A screenshot's opaque alpha channel costs no bytes, and does not rule out JPEG."""
    site.formats = ("webp", "jpeg")
    variants = site.variants(site.add("a.png", draw().convert("RGBA")))
    assert variants.widths["jpeg"] == (48, 80, 160)
    assert site.open("a-80.webp").mode == "RGB"


def test_a_key_colour_is_transparency(site: VariantSite) -> None:
    """A palette with a transparent colour gives variants that are transparent there."""
    drawing = draw().quantize(16)
    drawing.paste(0, (0, 0, 60, 60))
    site.variants(site.add("a.png", drawing, transparency=0, compress_level=0))
    assert site.open("a-80.webp").convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_a_drawing_keeps_its_colours(site: VariantSite) -> None:
    """A picture of few colours is encoded without loss when that is smaller, so that it stays exact."""
    flat = Image.new("RGB", (160, 120), (250, 250, 245))
    for x in range(0, 160, 4):
        flat.paste((200, 30, 40), (x, 0, x + 1, 120))
    site.variants(site.add("a.bmp", flat))
    assert site.open("a-160.webp").tobytes() == flat.tobytes()


def with_swapped_primaries() -> bytes:
    """A colour profile like sRGB's whose red is green and whose green is red."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data).replace("sRGB".encode("utf-16-be"), "Wide".encode("utf-16-be"))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_colours_are_those_of_the_profile(name: str, site: VariantSite) -> None:
    """What a profile says of a picture's colours is done to the pixels; the variants need none and have none."""
    red = draw()
    red.paste((230, 20, 20), (0, 0, 160, 120))
    red.paste(draw(20, 20), (0, 0))
    site.variants(site.add(name, red, icc_profile=with_swapped_primaries(), quality=95))
    image = site.open("a-80.webp")
    r, g, _ = colour(image, 60, 40)
    assert g > 150 > r
    assert "icc_profile" not in image.info


@pytest.mark.parametrize(
    "profile", [b"no profile at all", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()]
)
def test_a_damaged_or_needless_profile_changes_nothing(profile: bytes, site: VariantSite) -> None:
    """A profile that is sRGB's, or can't be read, leaves the pixels as they are and is not copied."""
    site.variants(site.add("plain.png"))
    site.variants(site.add("a.png", icc_profile=profile))
    assert site.open("a-80.webp").tobytes() == site.open("plain-80.webp").tobytes()
    assert "icc_profile" not in site.open("a-80.webp").info


def test_of_two_files_at_a_width_the_smaller_is_kept(site: VariantSite) -> None:
    """A more modern file is kept only where it is smaller than the more widely supported one."""
    site.formats = ("avif", "webp", "jpeg")
    variants = site.variants(site.add("a.png", photograph(320, 240)))
    sizes = {name: (site.folder / name).stat().st_size for name in variants.file_names()}
    assert site.times().keys() == sizes.keys()
    assert variants.widths["jpeg"] == (48, 80, 320)
    for width in variants.widths["webp"]:
        assert sizes[f"a-{width}.webp"] < sizes[f"a-{width}.jpg"]
    for width in variants.widths["avif"]:
        assert sizes[f"a-{width}.avif"] < min(sizes.get(f"a-{width}.{other}", 10**9) for other in ("webp", "jpg"))


def test_what_is_not_lighter_than_its_master_is_not_kept(site: VariantSite) -> None:
    """A master that is light already serves at its own width, and no file of its width is there."""
    variants = site.variants(site.add("a.webp", photograph(320, 240), quality=30))
    assert dict(variants.widths) == {"webp": (48, 80)}
    assert site.times().keys() == {"a-48.webp", "a-80.webp"}
    assert not site.store().look_up([site.master(site.root / "images" / "a.webp")]).missing


def test_a_picture_that_is_wider_than_a_format_can_be(site: VariantSite) -> None:
    """WebP holds 16,383 pixels a side; a longer panorama has its narrow variants, and serves at its own width."""
    variants = site.variants(site.add("a.png", Image.effect_noise((16_400, 20), 50).convert("RGB")))
    assert dict(variants.widths) == {"webp": (48, 80)}


def test_a_photograph_of_a_phone_is_no_animation(site: VariantSite) -> None:
    """A JPEG with a second picture in it, such as a map of its brightness, is made lighter like any other."""
    site.add("a.mpo", save_all=True, append_images=[draw(40, 30)])
    photo = (site.root / "images" / "a.mpo").rename(site.root / "images" / "a.jpg")
    assert "webp" in site.variants(photo).widths


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp"])
def test_an_animation_is_left_alone(name: str, site: VariantSite) -> None:
    """A picture that moves would stand still in its variants, so it has none."""
    made = site.make(site.add(name, save_all=True, append_images=[draw().rotate(180)]))
    assert names(made.ready.values()) == set()
    assert re.search("a\\.\\w+ has no lighter copies and is served itself: it is animated", made.notes[0])


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_data_do_no_harm(site: VariantSite) -> None:
    """A picture whose EXIF data are nonsense is sound, and is encoded as it lies."""
    file = site.add("a.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert site.variants(file).width == 160


def test_a_large_photograph_is_decoded_small_for_small_variants(tmp_path: Path) -> None:
    """Of a JPEG no more is decoded than twice the width that is needed: less memory, less time, the same picture."""
    file = tmp_path / "a.jpg"
    draw(1600, 1200).save(file)
    with OpenMaster(file) as opened:
        assert opened.size == (1600, 1200)
        assert opened.decode(200).image.size == (400, 300)


def test_this_pillow_writes_all_formats() -> None:
    """The tests above have seen AVIF and WebP."""
    assert features.check("avif")
    assert features.check("webp")


def test_a_hero_like_fluxs_is_a_tenth_of_its_bytes(site: VariantSite) -> None:
    """At its own width a photograph-like hero weighs less than a tenth of its PNG, and less in smaller widths."""
    site.widths = (480, 800)
    file = site.add("a.png", photograph())
    sizes = [(site.folder / name).stat().st_size for name in site.variants(file).file_names()]
    assert len(sizes) == 3
    assert sizes == sorted(sizes)
    assert sizes[-1] < file.stat().st_size / 10


def test_the_same_master_gives_the_same_bytes(site: VariantSite, tmp_path: Path) -> None:
    """Two machines with one Pillow make the same files."""
    other = VariantSite(tmp_path / "other", wants_social=True)
    site.wants_social = True
    one, two = (place.variants(place.add()) for place in (site, other))
    assert one == two
    for name in one.file_names():
        assert io.BytesIO((site.folder / name).read_bytes()).getvalue() == (other.folder / name).read_bytes()
