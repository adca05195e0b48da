"""The social cut: the shape and weight of a link preview, cut towards detail, extended where cutting loses too much."""

from __future__ import annotations

import io

import pytest
from builders import draw
from photographs import photograph
from PIL import Image, ImageChops, ImageStat

from pelican_falhero.storage.variants import SOCIAL_SIZE
from pelican_falhero.storage.variants.encoding import Picture
from pelican_falhero.storage.variants.social_cut import MAX_BYTES, compose, needed_width, social_cut


def cut_of(image: Image.Image) -> tuple[Image.Image, int]:
    """The social cut of a picture, decoded, and its bytes."""
    data = social_cut(Picture(image, is_flat=False, xmp=b""), b"")
    with Image.open(io.BytesIO(data)) as cut:
        assert cut.format == "JPEG"
        return cut.convert("RGB"), len(data)


def noise(width: int, height: int) -> Image.Image:
    """The heaviest picture there is."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 120) for _ in range(3)])


def difference(one: Image.Image, other: Image.Image) -> float:
    """How much two pictures differ, on average, of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize(
    "size",
    [
        (1024, 768),
        (1200, 630),
        (2400, 1800),
        (1024, 1024),
        (768, 1024),
        (300, 200),
        (64, 64),
        (3000, 500),
        (500, 3000),
        (9000, 70),
    ],
)
def test_it_has_the_size_of_a_preview(size: tuple[int, int]) -> None:
    """Whatever shape the master has, its cut is 1200 × 630 and under 300 KB."""
    cut, weight = cut_of(draw().resize(size))
    assert cut.size == SOCIAL_SIZE
    assert weight <= MAX_BYTES


def test_the_heaviest_picture_fits() -> None:
    """Of noise, which compresses worst, the quality gives way until the cut is under 300 KB."""
    _, weight = cut_of(noise(1200, 900))
    assert weight <= MAX_BYTES
    assert weight > MAX_BYTES / 2


def test_a_hero_keeps_good_quality() -> None:
    """A photograph-like hero needs no lower quality than the first."""
    cut, weight = cut_of(photograph())
    assert weight <= MAX_BYTES
    assert difference(cut, compose(photograph())) < 8


def marked(size: tuple[int, int], at: int, *, across: bool) -> Image.Image:
    """A grey picture with a checkered band, as wide as a third of it, that begins ``at``; all else is calm."""
    image = Image.new("RGB", size, (90, 90, 90))
    third = size[0] // 3 if across else size[1] // 3
    for step in range(0, third, 16):
        box = (at + step, 0, at + step + 8, size[1]) if across else (0, at + step, size[0], at + step + 8)
        image.paste((250, 250, 250), box)
    return image


@pytest.mark.parametrize(("at", "side"), [(0, 0), (1600, 1)], ids=["left", "right"])
def test_detail_at_an_edge_is_kept_whole(at: int, side: int) -> None:
    """A picture with all its detail in its left, or right, third gets that third whole into its cut."""
    cut = compose(marked((2400, 700), at, across=True)).convert("L")
    columns = list(cut.resize((1200, 1), Image.Resampling.BOX).tobytes())
    bright = [x for x, value in enumerate(columns) if value > 200]
    # The band is 800 of 2400 pixels: 720 of the cut's, with its first line at the very edge of the master.
    assert bright[-1] - bright[0] > 690
    assert (bright[0] < 30, bright[-1] > 1170) == (side == 0, side == 1)


@pytest.mark.parametrize(("at", "side"), [(0, 0), (512, 1)], ids=["top", "bottom"])
def test_a_hero_is_cut_towards_detail_above_or_below(at: int, side: int) -> None:
    """Of a 4:3 picture the upper or the lower part goes, whichever shows less."""
    cut = compose(marked((1024, 768), at, across=False)).convert("L")
    rows = list(cut.resize((1, 630), Image.Resampling.BOX).tobytes())
    bright = [y for y, value in enumerate(rows) if value > 200]
    assert bright[-1] - bright[0] > 270
    assert (bright[0] < 30, bright[-1] > 600) == (side == 0, side == 1)


def test_without_detail_the_middle_is_cut_out() -> None:
    """A picture that is equally calm or equally rich everywhere is cut in its middle."""
    image = Image.new("RGB", (2400, 700), "grey")
    image.paste("white", (1180, 340, 1220, 360))
    box = compose(image).convert("L").point(lambda v: 255 * (v > 240)).getbbox()
    assert box
    assert abs((box[0] + box[2]) / 2 - 600) < 20


@pytest.mark.parametrize("size", [(640, 480), (300, 200), (768, 1024), (500, 3000), (3000, 500)])
def test_what_is_too_small_or_too_odd_is_shown_whole(size: tuple[int, int]) -> None:
    """Such a picture stands whole in the middle, at most a quarter larger, before a blurred copy of itself."""
    image = draw().resize(size)
    scale = min(SOCIAL_SIZE[0] / size[0], SOCIAL_SIZE[1] / size[1], 1.25)
    width, height = round(size[0] * scale), round(size[1] * scale)
    left, top = (SOCIAL_SIZE[0] - width) // 2, (SOCIAL_SIZE[1] - height) // 2
    found = compose(image)
    whole = image.resize((width, height), Image.Resampling.LANCZOS)
    assert difference(found.crop((left, top, left + width, top + height)), whole) < 3
    sides = found.crop((0, 0, left, 630)) if left else found.crop((0, 0, 1200, top))
    assert sides.getextrema() != ((0, 0),) * 3, "the sides are not black"


def test_a_transparent_picture_stands_on_white() -> None:
    """A JPEG has no transparency; what was transparent is white and not black."""
    clear = Image.new("RGBA", (1200, 630), (0, 0, 0, 0))
    clear.paste((200, 0, 0, 255), (500, 200, 700, 400))
    cut, _ = cut_of(clear)
    corner_colour = cut.getpixel((10, 10))
    assert isinstance(corner_colour, tuple)
    assert min(corner_colour) > 250


def test_no_more_is_decoded_than_the_cut_needs() -> None:
    """A cut of a large photograph needs as many pixels as cover it, and a small one all it has."""
    assert needed_width(6000, 4000) == 1200
    assert needed_width(4000, 1000) == 2520
    assert needed_width(640, 480) == 640
