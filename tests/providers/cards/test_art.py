"""The two files of a card: art, made to be looked at alone, and the social picture with its title."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyexiv2
import pytest
from PIL import Image, ImageChops, ImageStat

from pelican_falhero.providers.cards.backgrounds import COMPOSITIONS, paint_background, strands
from pelican_falhero.providers.cards.canvas import Canvas
from pelican_falhero.providers.cards.card import (
    ART_SIZE,
    art_name,
    card_stem,
    draw_art,
    draw_card,
    is_card_name,
    social_name,
)
from pelican_falhero.providers.cards.draw import draw_cards
from pelican_falhero.providers.cards.palette import Dice, choose_palette, luminance
from pelican_falhero.providers.cards.text import clean
from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.labels import SOURCES, tool_name
from pelican_falhero.storage.variants import SOCIAL_SIZE
from pelican_falhero.storage.variants.social_cut import MAX_BYTES

TITLE = "Why I moved my blog to Pelican"
SITE = "Quiet Notebook"
HALF = (ART_SIZE[0] // 2, ART_SIZE[1] // 2)
"""Half the size of art, at which it looks alike, and takes a quarter of the time to paint."""
SMALL = (ART_SIZE[0] // 4, ART_SIZE[1] // 4)
LOWER_LEFT = (0, HALF[1] // 2, HALF[0] // 2, HALF[1])
"""The quarter of a card where titles are."""


def lower_left(composition: Callable[[Canvas, Dice], None], *, titled: bool) -> tuple[float, float]:
    """How light that quarter of a background is, as a share of the whole, and how much light and dark is in it."""
    dice = Dice("any")
    canvas = Canvas(HALF, choose_palette(dice), titled=titled)
    composition(canvas, dice)
    canvas.vignette(0.4)
    whole = canvas.image.convert("L")
    quarter = ImageStat.Stat(whole.crop(LOWER_LEFT))
    return quarter.mean[0] / ImageStat.Stat(whole).mean[0], quarter.stddev[0]


def composition_of(title: str) -> Callable[[Canvas, Dice], None]:
    """What the card of a title is painted with."""
    dice = Dice(clean(title))
    choose_palette(dice)
    return dice.pick(COMPOSITIONS)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """The pictures of an empty site."""
    return Library(tmp_path, "images/heroes")


def test_art_has_no_words() -> None:
    """Nothing in it is nearly white, as words are in the titled card of the same colours."""
    art = draw_art(TITLE)
    red, green, blue = art.split()
    assert ImageChops.darker(ImageChops.darker(red, green), blue).point([0] * 240 + [255] * 16).getbbox() is None
    assert art.size == ART_SIZE


def test_art_has_the_colours_of_its_card() -> None:
    """The palette is that of the titled card."""
    assert paint_background(TITLE, SMALL, titled=False).palette == paint_background(TITLE, SMALL).palette


@pytest.mark.usefixtures("small_art")
def test_the_same_title_gives_the_same_art() -> None:
    """Two drawings have the same pixels, and spelling that can't be seen changes none."""
    assert draw_art(TITLE) == draw_art(f" {TITLE}\u200b")
    assert draw_art(TITLE) != draw_art("Another title")


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda composition: composition.__name__)
def test_art_has_no_hole_where_the_title_was(composition: Callable[[Canvas, Dice], None]) -> None:
    """Shapes and light reach into the quarter that titled cards keep quiet."""
    (quiet, _), (light, contrast) = (lower_left(composition, titled=titled) for titled in (True, False))
    assert light > max(quiet * 1.05, 0.5)
    assert contrast > 10


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda composition: composition.__name__)
def test_a_theme_can_lay_white_words_over_art(composition: Callable[[Canvas, Dice], None]) -> None:
    """In nearly all of the middle, where some themes print titles, white has WCAG's 3:1 contrast for large words."""
    for seed in "abc":
        dice = Dice(seed)
        canvas = Canvas(SMALL, choose_palette(dice), titled=False)
        composition(canvas, dice)
        canvas.vignette(0.4)
        middle = canvas.image.convert("RGB").crop((50, 75, 206, 117)).tobytes()
        colours = Counter(zip(middle[::3], middle[1::3], middle[2::3], strict=True))
        legible = sum(times for colour, times in colours.items() if 1.05 / (luminance(colour) + 0.05) >= 3)
        assert legible / colours.total() > 0.8, seed


def test_the_files_of_a_card_share_a_stem() -> None:
    """The social picture's name follows from the stem, and from the name or path of the art."""
    stem = card_stem(TITLE, SITE)
    assert (art_name(stem), social_name(stem)) == (f"{stem}-art.png", f"{stem}-social.jpg")
    assert social_name(f"cards/{art_name(stem)}") == f"cards/{social_name(stem)}"


@pytest.mark.parametrize("end", ["-social.jpg", "-art.png", ".png"])
def test_cards_of_all_versions_are_known_by_their_names(end: str) -> None:
    """So old ones can be told from an author's files, which have other names."""
    assert is_card_name(f"card-0123456789ab{end}")
    for name in (f"card-0123456789AB{end}", f"card-0123456789ab-small{end}", f"hero-0123456789ab{end}"):
        assert not is_card_name(name)


@pytest.mark.usefixtures("plain_background")
def test_a_card_is_drawn_titled_and_as_art(library: Library) -> None:
    """Both pictures are kept, counted once for each title, and not drawn again."""
    assert draw_cards([TITLE, "Another", TITLE], SITE, library, font="").drawn == 2
    assert len(library.card_names()) == 4
    stem = card_stem(TITLE, SITE)
    with Image.open(library.cards / art_name(stem)) as art:
        assert art.format == "PNG"
        assert art.tobytes() == draw_art(TITLE).tobytes()
    with Image.open(library.cards / social_name(stem)) as social:
        assert (social.format, social.size) == ("JPEG", SOCIAL_SIZE)
        assert max(ImageStat.Stat(ImageChops.difference(social, draw_card(TITLE, SITE))).mean) < 2
    assert draw_cards([TITLE, "Another"], SITE, library, font="").drawn == 0


@pytest.mark.usefixtures("small_art")
def test_the_same_words_give_the_same_files(tmp_path: Path) -> None:
    """A card that is drawn again, on another machine or after a clean-up, has the bytes that it had."""
    one, other = (Library(tmp_path / name, "images") for name in ("one", "other"))
    for library in (one, other):
        draw_cards([TITLE], SITE, library, font="")
    assert len(one.card_names()) == 2
    for name in one.card_names():
        assert (one.cards / name).read_bytes() == (other.cards / name).read_bytes()


@pytest.mark.usefixtures("plain_background")
@pytest.mark.parametrize("of", [art_name, social_name])
def test_a_card_says_that_a_program_drew_it(library: Library, of: Callable[[str], str]) -> None:
    """Exiv2 reads from both files that an algorithm made them, and no model."""
    stem = draw_cards([TITLE], SITE, library, font="").stems[TITLE]
    with pyexiv2.Image(str(library.cards / of(stem))) as image:
        assert image.read_xmp() == {
            "Xmp.xmp.CreatorTool": tool_name(),
            "Xmp.iptcExt.DigitalSourceType": f"{SOURCES}algorithmicMedia",
        }


@pytest.mark.usefixtures("small_art")
def test_the_heaviest_card_fits_a_preview(library: Library) -> None:
    """Fine lines in the background and many small letters stay under 300 KB."""
    title = next(title for number in range(99) if composition_of(title := f"{number} Wörter " * 60) is strands)
    stem = draw_cards([title], "A site with a name of some length " * 4, library, font="").stems[title]
    assert 100_000 < (library.cards / social_name(stem)).stat().st_size <= MAX_BYTES


@pytest.mark.usefixtures("plain_background")
@pytest.mark.parametrize("of", [art_name, social_name])
def test_only_what_is_missing_is_drawn(library: Library, of: Callable[[str], str]) -> None:
    """A file that is there is kept and gets the other; one named as in earlier versions stands in for neither."""
    stem = draw_cards([TITLE], SITE, library, font="").stems[TITLE]
    kept = library.cards / of(stem)
    before = hashlib.sha256(kept.read_bytes()).hexdigest()
    os.utime(kept, (1, 1))
    for name in library.card_names() - {kept.name}:
        (library.cards / name).rename(library.cards / f"{stem}.png")
    assert draw_cards([TITLE], SITE, library, font="").drawn == 1
    assert library.card_names() == {art_name(stem), social_name(stem), f"{stem}.png"}
    assert (hashlib.sha256(kept.read_bytes()).hexdigest(), kept.stat().st_mtime) == (before, 1)
