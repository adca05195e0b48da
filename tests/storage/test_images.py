"""What a picture file is: its size, whether it is whole, and into PNG if it is not one."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import disk_full_at, draw, modules_after, save_picture
from fal_pictures import bomb, encode, solid
from PIL import Image, features

from pelican_falhero.errors import AssetsError, PictureError
from pelican_falhero.models import MAX_PIXELS, MIN_SIDE
from pelican_falhero.storage.images import BlankPictureError, ImageInfo, make_png, size_of


def encoded(format_: str, image: Image.Image | None = None, **options: object) -> bytes:
    """A picture as the bytes of a file."""
    if format_ == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow can't write AVIF")
    buffer = io.BytesIO()
    (image or draw()).save(buffer, format_, **options)
    return buffer.getvalue()


def half(data: bytes) -> bytes:
    """What a transfer brought that ended halfway."""
    return data[: len(data) // 2]


def pixels(path: Path) -> bytes:
    """All pixels of a picture, decoded."""
    with Image.open(path) as image:
        return image.convert("RGB").tobytes()


def deep() -> Image.Image:
    """A picture of 16 bits a pixel, most of it brighter than 8 bits can say."""
    return Image.linear_gradient("L").convert("I").point(lambda v: v * 200 + 1000).convert("I;16")


def sideways() -> Image.Exif:
    """What a camera writes that was held upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


WHOLE: dict[str, Callable[[], bytes]] = {
    "PNG": lambda: encoded("PNG"),
    "grey PNG": lambda: encoded("PNG", draw().convert("L")),
    "16-bit PNG": lambda: encoded("PNG", deep()),
    "palette PNG with transparency": lambda: encoded("PNG", draw().quantize(16), transparency=0),
    "PNG with an alpha channel": lambda: encoded("PNG", draw().convert("RGBA")),
    "progressive JPEG": lambda: encoded("JPEG", progressive=True),
    "JPEG": lambda: encoded("JPEG"),
    "CMYK JPEG": lambda: encoded("JPEG", draw().convert("CMYK")),
    "grey JPEG": lambda: encoded("JPEG", draw().convert("L")),
    "JPEG held sideways": lambda: encoded("JPEG", exif=sideways()),
    "WebP": lambda: encoded("WEBP"),
    "WebP with an alpha channel": lambda: encoded("WEBP", draw().convert("RGBA")),
    "animated WebP": lambda: encoded("WEBP", save_all=True, append_images=[draw().rotate(180)]),
    "GIF": lambda: encoded("GIF"),
    "animated GIF": lambda: encoded("GIF", save_all=True, append_images=[draw().rotate(180)]),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whatever_whole_picture_arrives_ends_as_a_png(name: str, tmp_path: Path) -> None:
    """Every common kind of picture passes, tells what it was, and is a whole PNG of its size afterwards."""
    path = tmp_path / "picture"
    data = WHOLE[name]()
    path.write_bytes(data)
    with Image.open(io.BytesIO(data)) as given:
        shown = given.size[::-1] if "sideways" in name else given.size
        expected = ImageInfo(*shown, str(given.format))
    assert make_png(path) == expected
    with Image.open(path) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (expected.width, expected.height))


def test_a_png_is_left_as_it_came(tmp_path: Path) -> None:
    """What is a PNG already is not written again, so that it stays, byte for byte, what was paid for."""
    path = save_picture(tmp_path / "picture.png")
    before = path.read_bytes()
    make_png(path)
    assert path.read_bytes() == before


def test_a_converted_picture_looks_the_same(tmp_path: Path) -> None:
    """Conversion decodes, and changes no pixel; transparency stays transparent."""
    path = tmp_path / "picture"
    path.write_bytes(encoded("JPEG"))
    before = pixels(path)
    make_png(path)
    assert pixels(path) == before
    clear = draw().convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    path.write_bytes(encoded("WEBP", clear, lossless=True))
    make_png(path)
    with Image.open(path) as image:
        assert image.mode == "RGBA"
        assert image.getchannel("A").getextrema() == clear.getchannel("A").getextrema()


def test_a_picture_with_little_contrast_is_a_picture(tmp_path: Path) -> None:
    """Night and fog are dark or pale all over, and show something all the same."""
    for low in (0, 235):
        faint = draw().point(lambda v, low=low: low + v // 12)
        assert make_png(save_picture(tmp_path / "faint.png", image=faint)).format == "PNG"


BLANK = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "of one colour": (120, 30, 140),
}


@pytest.mark.parametrize("format_", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("name", BLANK)
def test_a_picture_of_one_colour_shows_nothing(name: str, format_: str, tmp_path: Path) -> None:
    """fal's answer to what it will not draw never becomes a hero, and is told from a picture that is broken."""
    path = tmp_path / "picture"
    path.write_bytes(solid(160, 120, format_, BLANK[name]))
    with pytest.raises(BlankPictureError, match="blank"):
        make_png(path)


def test_a_picture_that_is_nearly_black_shows_nothing(tmp_path: Path) -> None:
    """The noise that compression leaves in a black square is not a picture."""
    noise = draw().point(lambda v: v // 64)
    assert noise.getextrema() != ((0, 0),) * 3
    with pytest.raises(BlankPictureError):
        make_png(save_picture(tmp_path / "noise.png", image=noise))


def test_a_black_picture_with_an_alpha_channel_shows_nothing(tmp_path: Path) -> None:
    """Black is black, opaque or not."""
    with pytest.raises(BlankPictureError):
        make_png(save_picture(tmp_path / "black.png", image=Image.new("RGBA", (160, 120), (0, 0, 0, 255))))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_wholly_transparent_picture_shows_nothing(mode: str, tmp_path: Path) -> None:
    """What no pixel can be seen of is blank, whatever colours it has; one visible part is enough for a picture."""
    clear = draw().convert("RGBA")
    clear.putalpha(0)
    with pytest.raises(BlankPictureError):
        make_png(save_picture(tmp_path / "clear.png", image=clear.convert(mode)))
    clear.putpixel((0, 0), (255, 0, 0, 255))
    make_png(save_picture(tmp_path / "seen.png", image=clear))


def test_a_picture_that_was_held_sideways_is_turned_once(tmp_path: Path) -> None:
    """The PNG shows what a viewer showed of the JPEG, and nothing in it turns it again."""
    path = tmp_path / "picture"
    left = Image.new("RGB", (160, 120), "white")
    left.paste("black", (0, 0, 80, 120))
    path.write_bytes(encoded("JPEG", left, exif=sideways()))
    make_png(path)
    with Image.open(path) as image:
        assert (image.size, image.getexif().get(0x0112)) == ((120, 160), None)
        assert image.convert("L").getpixel((60, 10)) < 20, "the left half is the upper one now"  # type: ignore[operator]
        assert image.convert("L").getpixel((60, 150)) > 235  # type: ignore[operator]


@pytest.mark.parametrize("format_", ["PNG", "GIF", "WEBP"])
def test_of_an_animated_picture_the_first_frame_is_kept(format_: str, tmp_path: Path) -> None:
    """A hero stands still: what was an animation is a PNG of its first frame."""
    path = tmp_path / "picture"
    data = encoded(format_, draw(), save_all=True, append_images=[draw().rotate(180)], lossless=True)
    path.write_bytes(data)
    with Image.open(io.BytesIO(data)) as given:
        assert getattr(given, "n_frames", 1) == 2
        first = given.convert("RGB").tobytes()
    make_png(path)
    with Image.open(path) as image:
        assert (image.format, getattr(image, "is_animated", False)) == ("PNG", False)
    assert pixels(path) == first


def with_chunk(data: bytes, kind: bytes, content: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return data[:33] + chunk + data[33:]


NO_PICTURE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\x89",
    "a web page": lambda: b"<!DOCTYPE html><html><title>502 Bad Gateway</title></html>",
    "an SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>',
    "JSON": lambda: b'{"detail": "Not found"}',
    "a PNG's signature": lambda: encoded("PNG")[:8],
    "a PNG's signature and half its header": lambda: encoded("PNG")[:20],
    "a PNG's header": lambda: encoded("PNG")[:33],
    "half a PNG": lambda: half(encoded("PNG")),
    "half a JPEG": lambda: half(encoded("JPEG")),
    "half a progressive JPEG": lambda: half(encoded("JPEG", progressive=True)),
    "half a WebP": lambda: half(encoded("WEBP")),
    "half an AVIF": lambda: half(encoded("AVIF")),
    "a PNG with a hole": lambda: encoded("PNG")[:2000] + bytes(500) + encoded("PNG")[2500:],
    "a PNG of no pixels": lambda: bomb(0, 0),
    "a PNG whose text unpacks for ever": lambda: with_chunk(
        encoded("PNG"), b"zTXt", b"key\0\0" + zlib.compress(bytes(10**7))
    ),
    "an icon": lambda: encode(draw(16, 16), "png"),
    "one pixel": lambda: encode(draw(1, 1), "png"),
    "a hair": lambda: encode(draw(MIN_SIDE - 1, 500), "png"),
    "a bomb": bomb,
    "a small bomb": lambda: bomb(8001, MAX_PIXELS // 8001 + 1),
}


@pytest.mark.parametrize("name", NO_PICTURE)
def test_what_is_no_whole_picture_is_an_error(name: str, tmp_path: Path) -> None:
    """Whatever arrives in place of a picture, or of a whole one, is one kind of error and no other."""
    path = tmp_path / "picture"
    path.write_bytes(NO_PICTURE[name]())
    with pytest.raises(PictureError) as caught:
        make_png(path)
    assert not isinstance(caught.value, BlankPictureError)


def test_a_missing_file_is_an_error_like_any_other(tmp_path: Path) -> None:
    """A file that is not there is no picture."""
    with pytest.raises(PictureError):
        make_png(tmp_path / "picture")


def test_a_bomb_is_recognised_by_its_header(tmp_path: Path) -> None:
    """A few bytes that claim 2.5 billion pixels are refused before they are unpacked."""
    path = tmp_path / "picture.png"
    path.write_bytes(bomb(50_000, 50_000))
    assert size_of(path) == (50_000, 50_000)
    with pytest.raises(PictureError, match=r"has .* pixels"):
        make_png(path)


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP"])
def test_a_picture_that_is_cut_anywhere_is_no_picture(format_: str, tmp_path: Path) -> None:
    """At whatever byte a transfer ends: either every pixel is there, or it is an error."""
    path = tmp_path / "picture"
    data = encoded(format_)
    path.write_bytes(data)
    whole = pixels(path)
    for length in [*range(100), *range(100, len(data), max(1, len(data) // 150)), *range(len(data) - 20, len(data))]:
        path.write_bytes(data[:length])
        try:
            make_png(path)
        except PictureError:
            continue
        assert pixels(path) == whole, f"cut at {length} of {len(data)} bytes"


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
@pytest.mark.parametrize("damage", [0x00, 0xFF])
@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.long)])
def test_damage_raises_nothing_but_its_own_error(format_: str, damage: int, every: int, tmp_path: Path) -> None:
    """Whichever byte of a picture's head is damaged, no other exception comes out of looking at it.

    In the quick suite it is every third byte.
    """
    path = tmp_path / "picture"
    data = encoded(format_, draw(MIN_SIDE, MIN_SIDE), **({} if format_ == "GIF" else {"exif": sideways()}))
    for place in range(0, min(len(data), 150), every):
        path.write_bytes(data[:place] + bytes([data[place] ^ damage if damage else 0]) + data[place + 1 :])
        for look in (size_of, make_png):
            with contextlib.suppress(PictureError):
                look(path)


def test_a_disk_without_room_for_the_conversion_is_not_the_pictures_fault(tmp_path: Path) -> None:
    """A picture that can't be written as PNG for want of space is an error of the folder, which it names."""
    path = tmp_path / "picture"
    path.write_bytes(encoded("JPEG"))
    with disk_full_at(500), pytest.raises(AssetsError, match="can't be written") as caught:
        make_png(path)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "JPEG held sideways"])
def test_a_size_is_read_from_any_picture(name: str, tmp_path: Path) -> None:
    """Width and height are those that a decoder finds."""
    path = tmp_path / "picture"
    path.write_bytes(WHOLE[name]())
    with Image.open(path) as image:
        assert size_of(path) == image.size


def test_a_photograph_is_as_wide_as_it_is_shown(tmp_path: Path) -> None:
    """An author's own photograph, held upright, has the width and height that a browser shows it with."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded("JPEG", draw(160, 120), exif=sideways()))
    assert size_of(path) == (120, 160)


def test_a_size_needs_the_header_alone(tmp_path: Path) -> None:
    """Of a PNG the first 24 bytes suffice; that the rest is missing does not matter to a page's layout."""
    path = tmp_path / "picture.png"
    path.write_bytes(encoded("PNG")[:24])
    assert size_of(path) == (160, 120)


@pytest.mark.parametrize("name", ["nothing", "one byte", "a web page", "an SVG", "a PNG's signature", "half an AVIF"])
def test_what_has_no_size_is_an_error(name: str, tmp_path: Path) -> None:
    """A file that tells no size is an error, and only ever this one: it is raised inside an author's template."""
    path = tmp_path / "picture.png"
    path.write_bytes(NO_PICTURE[name]())
    with pytest.raises(PictureError):
        size_of(path)


@pytest.mark.parametrize("length", range(8, 24))
def test_a_header_that_was_cut_short_has_no_size(length: int, tmp_path: Path) -> None:
    """A PNG that ends within its header is an error like any other broken file."""
    path = tmp_path / "picture.png"
    path.write_bytes(encoded("PNG")[:length])
    with pytest.raises(PictureError):
        size_of(path)


def test_a_file_that_is_not_there_has_no_size(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(PictureError, match=r"missing\.png can't be read"):
        size_of(tmp_path / "missing.png")


def test_the_size_of_a_png_imports_nothing_of_pillow(tmp_path: Path) -> None:
    """Asking for the width of a hero of ours loads no image library at all."""
    path = save_picture(tmp_path / "picture.png")
    code = f"from pathlib import Path\nfrom pelican_falhero.storage.images import size_of\nsize_of(Path({str(path)!r}))"
    assert not [name for name in modules_after(code) if name.split(".")[0] == "PIL"]
