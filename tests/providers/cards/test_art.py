"""A card without words: the same picture, made to be looked at alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from pelican_falhero.providers.cards.backgrounds import COMPOSITIONS, paint_background
from pelican_falhero.providers.cards.canvas import Canvas
from pelican_falhero.providers.cards.card import CARD_SIZE, art_name, card_name, draw_art, draw_card, titled_name
from pelican_falhero.providers.cards.draw import draw_cards
from pelican_falhero.providers.cards.palette import Dice, choose_palette
from pelican_falhero.storage.assets import Library

TITLE = "Why I moved my blog to Pelican"
SITE = "Quiet Notebook"
LOWER_LEFT = (0, CARD_SIZE[1] // 2, CARD_SIZE[0] // 2, CARD_SIZE[1])
"""The quarter of a card where titles are."""


def lower_left(composition: Callable[[Canvas, Dice], None], *, titled: bool) -> tuple[float, float]:
    """How light that quarter of a background is, as a share of the whole, and how much light and dark is in it."""
    dice = Dice("any")
    canvas = Canvas(CARD_SIZE, choose_palette(dice), titled=titled)
    composition(canvas, dice)
    canvas.vignette(0.4)
    whole = canvas.image.convert("L")
    quarter = ImageStat.Stat(whole.crop(LOWER_LEFT))
    return quarter.mean[0] / ImageStat.Stat(whole).mean[0], quarter.stddev[0]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """The pictures of an empty site."""
    return Library(tmp_path, "images/heroes")


def test_art_has_no_words() -> None:
    """Nothing in it is nearly white, as words are in the titled card of the same colours."""
    red, green, blue = draw_art(TITLE).split()
    assert ImageChops.darker(ImageChops.darker(red, green), blue).point([0] * 240 + [255] * 16).getbbox() is None
    assert draw_art(TITLE).size == CARD_SIZE


def test_art_has_the_colours_of_its_card() -> None:
    """The palette is that of the titled card."""
    assert paint_background(TITLE, CARD_SIZE, titled=False).palette == paint_background(TITLE, CARD_SIZE).palette


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


def test_names_of_a_card_and_its_art_lead_to_each_other() -> None:
    """Either name tells the other, and all are names of cards."""
    name = card_name(TITLE, SITE)
    assert art_name(name) == name.replace(".png", "-art.png")
    assert titled_name(art_name(name)) == titled_name(name) == name


def test_a_card_is_drawn_titled_and_as_art(library: Library) -> None:
    """Both pictures are kept, counted once for each title, and not drawn again."""
    assert draw_cards([TITLE, "Another", TITLE], SITE, library, font="").drawn == 2
    assert len(library.card_names()) == 4
    name = card_name(TITLE, SITE)
    for file, picture in {name: draw_card(TITLE, SITE), art_name(name): draw_art(TITLE)}.items():
        with Image.open(library.cards / file) as kept:
            assert kept.tobytes() == picture.tobytes()
    assert draw_cards([TITLE, "Another"], SITE, library, font="").drawn == 0


@pytest.mark.parametrize("of", [str, art_name])
def test_only_what_is_missing_is_drawn(library: Library, of: Callable[[str], str]) -> None:
    """A card of an earlier version, titled only, is kept and gets its art; so does art get its card."""
    draw_cards([TITLE], SITE, library, font="")
    kept = library.cards / of(card_name(TITLE, SITE))
    before = hashlib.sha256(kept.read_bytes()).hexdigest()
    os.utime(kept, (1, 1))
    for other in library.card_names() - {kept.name}:
        (library.cards / other).unlink()
    assert draw_cards([TITLE], SITE, library, font="").drawn == 1
    assert len(library.card_names()) == 2
    assert (hashlib.sha256(kept.read_bytes()).hexdigest(), kept.stat().st_mtime) == (before, 1)
