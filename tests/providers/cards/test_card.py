"""Title cards: the same words give the same pixels, the words can be read, and nothing but words is drawn as words."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from pelican_falhero.providers.cards import card as cards
from pelican_falhero.providers.cards.backgrounds import COMPOSITIONS, paint_background
from pelican_falhero.providers.cards.canvas import Canvas
from pelican_falhero.providers.cards.card import card_stem, draw_card
from pelican_falhero.providers.cards.layout import MARGIN, TALLEST_TITLE, darken_behind, text_mask
from pelican_falhero.providers.cards.lines import Block, fit_title
from pelican_falhero.providers.cards.palette import Dice, choose_palette, luminance
from pelican_falhero.providers.cards.text import TITLE, clean, has_glyph, ink_height, text_width
from pelican_falhero.storage.variants import SOCIAL_SIZE

SITE = "Quiet Notebook"
# Left, top, right, bottom in pixels: where a title may be. Networks cut to 2:1 and 16:9, so no word is near an edge.
SAFE = (72, 60, 1128, 536)
TITLES = {
    "plain": "Why I moved my blog to Pelican",
    "one letter": "A",
    "underscore": "_",
    "two words": "Hello world",
    "200 letters": ("The quick brown fox jumps over the lazy dog and " * 5)[:199] + "s",
    "long word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "path": "How to read /usr/share/doc/python3.11-minimal/README.Debian_and_other_long_paths.txt",
    "wide": "W" * 60,
    "Turkish": "Türkiye'de ışığın gölgesi: İstanbul'da şahane bir gün",
    "Greek": "Το φως της Ελλάδας και η θάλασσα",
    "Cyrillic": "Почему мы выбрали Python для обработки данных",
    "Vietnamese": "Phở Hà Nội: những ngày Ễ Ổ Ậ đầu thu ở phố cổ Đồng Xuân",
    "decomposed": unicodedata.normalize("NFD", "Những ngày đầu thu ở Hà Nội"),
    "absurd": "All work and no play makes Jack a dull boy. " * 30,
}
EXTREMES = {"one letter", "200 letters", "long word", "wide", "Vietnamese", "absurd"}
"""The titles with most and least words, the widest letters and the highest accents."""
UNDRAWABLE = {
    "Chinese": "你好，世界",
    "Arabic": "مرحبا بالعالم",
    "Hebrew": "שלום עולם",
    "Devanagari": "नमस्ते दुनिया",
    "emoji": "Crab news 🦀",
    "joined emoji": "👩‍💻",
    "mixed": "Learning 漢字 in 30 days",
    "empty": "",
    "invisible": "\u200b\u00ad\ufeff",
}


@lru_cache(maxsize=64)
def card(title: str, site_name: str = "") -> Image.Image:
    """A card that the tests share; they only look at it."""
    return draw_card(title, site_name)


def ink_box(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """The box of all that is nearly white, as only words are."""
    red, green, blue = (band.point([0] * 240 + [255] * 16) for band in picture.split())
    return ImageChops.darker(ImageChops.darker(red, green), blue).getbbox()


def contrast_around(picture: Image.Image, words: Image.Image) -> float:
    """The least WCAG contrast between what is fully ink and any pixel within four pixels of the words."""
    near = words
    for _ in range(4):  # a pixel each, much faster than four at once
        near = near.filter(ImageFilter.MaxFilter(3))
    near = ImageChops.subtract(near, words.point([0] + [255] * 255))
    inked = Image.composite(picture, Image.new("RGB", SOCIAL_SIZE, "white"), words.point([0] * 255 + [255]))
    around = Image.composite(picture, Image.new("RGB", SOCIAL_SIZE), near.point([0] * 255 + [255]))
    return (min(luminances(inked)) + 0.05) / (max(luminances(around)) + 0.05)


def luminances(picture: Image.Image) -> list[float]:
    """The luminance of every colour of a picture."""
    return [luminance((colour[0], colour[1], colour[2])) for colour in colours_of(picture) if isinstance(colour, tuple)]


def colours_of(picture: Image.Image) -> list[float | tuple[int, ...]]:
    """Every colour of a picture."""
    colours = picture.getcolors(maxcolors=SOCIAL_SIZE[0] * SOCIAL_SIZE[1])
    assert colours is not None
    return [colour for _, colour in colours]


def block_of(title: str) -> Block:
    """The title as it stands on a card."""
    return fit_title(clean(title), SOCIAL_SIZE[0] - 2 * MARGIN, TALLEST_TITLE)


def texts(title: str) -> list[str]:
    """The lines of a title."""
    return list(block_of(title).lines)


def painted(composition: Callable[[Canvas, Dice], None], size: tuple[int, int]) -> Image.Image:
    """A background as one composition paints it."""
    dice = Dice("not flat")
    canvas = Canvas(size, choose_palette(dice))
    composition(canvas, dice)
    return canvas.image


def run_python(code: str, hash_seed: str) -> str:
    """What a fresh Python prints."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_another_process_draws_the_same_bytes() -> None:
    """The same title and site name give the same pixels in every process, however it hashes."""
    code = (
        "import hashlib; from pelican_falhero.providers.cards.card import draw_card;"
        f"print(hashlib.sha256(draw_card({TITLES['Turkish']!r}, {SITE!r}).tobytes()).hexdigest())"
    )
    here = hashlib.sha256(card(TITLES["Turkish"], SITE).tobytes()).hexdigest()
    assert run_python(code, "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1") == here


def test_naming_a_card_loads_no_drawing_code() -> None:
    """A warm build asks for names and never loads what draws."""
    code = (
        "import sys; from pelican_falhero.providers.cards.card import card_stem; card_stem('a', 'b');"
        "print([name for name in ('PIL.ImageDraw', 'PIL.ImageFont', 'font_manrope') if name in sys.modules])"
    )
    assert run_python(code, "0") == "[]"


def test_a_name_follows_from_title_site_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards that differ in title, site name or version have names of one form that start differently."""
    names = {card_stem("a", "bc"), card_stem("ab", "c"), card_stem("a", ""), card_stem("", "a")}
    assert card_stem("a", "bc") in names
    monkeypatch.setattr(cards, "CARD_VERSION", cards.CARD_VERSION + 1)
    names.add(card_stem("a", "bc"))
    assert len(names) == 5
    assert all(re.fullmatch(r"card-[0-9a-f]{12}", name) for name in names)


@pytest.mark.parametrize(("title", "site_name"), [(TITLES["plain"], SITE), (UNDRAWABLE["Chinese"], "")])
def test_a_card_is_rgb_of_the_social_size(title: str, site_name: str) -> None:
    """Every card, with or without words, is RGB and of one size."""
    drawn = card(title, site_name)
    assert (drawn.mode, drawn.size) == ("RGB", SOCIAL_SIZE)


def test_titles_spread_over_palettes_and_compositions() -> None:
    """Sixty titles share no palette, show colours from all around the wheel, and use every composition."""
    seeds = [f"Post number {number}" for number in range(60)]
    palettes = [choose_palette(Dice(seed)) for seed in seeds]
    deep = [Image.new("RGB", (1, 1), palette.tone(0.3)).convert("HSV").getpixel((0, 0)) for palette in palettes]
    assert len(set(palettes)) == len(seeds)
    assert len({colour[0] // 32 for colour in deep if isinstance(colour, tuple)}) >= 6
    drawn = set()
    for seed in seeds:
        dice = Dice(seed)
        choose_palette(dice)
        drawn.add(dice.pick(COMPOSITIONS))
    assert drawn == set(COMPOSITIONS)


def test_two_titles_give_two_pictures() -> None:
    """Cards of two titles differ nearly everywhere, not only in their words."""
    difference = ImageChops.difference(card("First post"), card("Second post")).convert("L")
    assert difference.histogram()[0] < 0.1 * SOCIAL_SIZE[0] * SOCIAL_SIZE[1]


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda composition: composition.__name__)
def test_a_background_is_more_than_a_flat_fill(composition: Callable[[Canvas, Dice], None]) -> None:
    """Every composition has thousands of colours, and light and dark in it."""
    picture = painted(composition, (SOCIAL_SIZE[0] // 2, SOCIAL_SIZE[1] // 2))
    assert len(colours_of(picture)) > 2000
    assert ImageStat.Stat(picture.convert("L")).stddev[0] > 15


@pytest.mark.parametrize("composition", COMPOSITIONS, ids=lambda composition: composition.__name__)
def test_a_background_looks_alike_at_any_size(composition: Callable[[Canvas, Dice], None]) -> None:
    """One drawn at half the size is the same picture, with all its shapes and shadows half as large."""
    large, small = (painted(composition, size) for size in ((512, 384), (256, 192)))
    assert max(ImageStat.Stat(ImageChops.difference(large.reduce(2), small)).mean) < 3
    assert max(ImageStat.Stat(ImageChops.difference(large.crop((128, 96, 384, 288)), small)).mean) > 5


@pytest.mark.usefixtures("plain_background")
@pytest.mark.parametrize(
    "title",
    [
        pytest.param(title, id=name, marks=[] if name in EXTREMES else [pytest.mark.long])
        for name, title in TITLES.items()
    ],
)
def test_a_title_stays_inside_the_safe_area(title: str) -> None:
    """The ink of every title starts at the left margin and stays inside the safe area."""
    box = ink_box(draw_card(title, ""))
    assert box is not None
    left, top, right, bottom = box
    assert abs(left - SAFE[0]) <= 1
    assert top >= SAFE[1]
    assert right <= SAFE[2]
    assert bottom <= SAFE[3]


@pytest.mark.parametrize(
    "title",
    [
        "plain",
        "absurd",
        *(pytest.param(title, marks=pytest.mark.long) for title in ("Vietnamese", "200 letters", "long word")),
    ],
)
def test_words_stand_out_from_what_is_behind_them(title: str) -> None:
    """No pixel near a letter has less than WCAG's 4.5:1 contrast to the letter."""
    drawn = card(TITLES[title], SITE)
    assert contrast_around(drawn, text_mask(TITLES[title], SITE)) >= 4.5


def test_words_stand_out_even_from_white() -> None:
    """The contrast does not hang on a composition being dark: a white canvas is dimmed enough too."""
    canvas = Canvas(SOCIAL_SIZE, choose_palette(Dice("any")))
    canvas.image = Image.new("RGB", SOCIAL_SIZE, "white")
    words = text_mask(TITLES["plain"], SITE)
    darken_behind(canvas, words)
    canvas.fill(words, canvas.palette.ink)
    assert contrast_around(canvas.image, words) >= 4.5


@pytest.mark.parametrize("title", UNDRAWABLE.values(), ids=UNDRAWABLE.keys())
def test_a_title_without_all_glyphs_is_left_off(title: str) -> None:
    """A title that the font cannot draw in full is not drawn at all: never boxes, never half a title."""
    assert text_mask(title, "").getbbox() is None


@pytest.mark.parametrize(
    "title", ["Chinese", *(pytest.param(title, marks=pytest.mark.long) for title in ("emoji", "Arabic"))]
)
def test_a_card_without_words_is_its_background(title: str) -> None:
    """Where no words are drawn, the picture is the bare background, not dimmed for words."""
    assert card(UNDRAWABLE[title]) == paint_background(clean(UNDRAWABLE[title]), SOCIAL_SIZE).image


@pytest.mark.parametrize("text", ["ğşıİöçÜé", "Ωάΐς", "ЖҐёї", "Ễựặờ", "€–“”…№"])
def test_the_font_has_the_letters_of_european_and_vietnamese_titles(text: str) -> None:
    """Turkish, Greek, Cyrillic and Vietnamese letters and common signs are all drawn."""
    assert all(has_glyph(char) for char in text)


@pytest.mark.parametrize("char", ["漢", "ع", "ש", "ह", "🦀", "\u0301", "\uffff", "\U0010ffff"])
def test_a_missing_glyph_is_known_as_missing(char: str) -> None:
    """What the font would draw as a box is told from what it can draw."""
    assert not has_glyph(char)


@pytest.mark.usefixtures("plain_background")
def test_composed_and_decomposed_titles_are_one() -> None:
    """A title typed with combining marks gives the card of the same title without."""
    assert draw_card(TITLES["decomposed"], "") == draw_card(unicodedata.normalize("NFC", TITLES["decomposed"]), "")


@pytest.mark.usefixtures("plain_background")
def test_what_is_invisible_changes_nothing() -> None:
    """Soft hyphens, joiners, variation selectors and odd white space leave no mark."""
    assert draw_card("  Inter\u00adnational\u200b\ufeff\u00a0café ©\ufe0f\n", "") == draw_card(
        "International café ©", ""
    )


def test_look_alikes_stand_in_for_missing_signs() -> None:
    """Rare hyphens and ligatures do not cost a title its words."""
    assert clean("Co\u2011operate o\ufb03ce Ｏｋ don't") == "Co-operate office Ok don’t"


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Why I moved my blog to Pelican", ["Why I moved my", "blog to Pelican"]),
        (
            "How I learned to stop worrying and love the terminal",
            ["How I learned to", "stop worrying and", "love the terminal"],
        ),
        ("Notes on Tea, Type & Taste", ["Notes on Tea,", "Type & Taste"]),
        ("Ten years of Type Theory", ["Ten years of", "Type Theory"]),
    ],
)
def test_lines_are_balanced(title: str, lines: list[str]) -> None:
    """A title breaks where its lines come out alike."""
    assert texts(title) == lines


@pytest.mark.parametrize("title", ["plain", "200 letters", "Turkish", "Greek", "Cyrillic", "Vietnamese"])
def test_no_last_line_is_an_orphan(title: str) -> None:
    """The last line is never a short left-over."""
    widths = [text_width(line, TITLE) for line in texts(TITLES[title])]
    assert widths[-1] > 0.4 * max(widths)


def test_lone_signs_stay_with_their_word() -> None:
    """No line starts with a question mark or ends with an opening quote."""
    title = "« Bonjour » : pourquoi l’été est-il si court ? Et pourquoi « l’hiver » si long ?"
    assert all(line[0] not in "?:»" and line[-1] != "«" for line in texts(title))


def test_a_long_word_is_broken_only_when_it_must() -> None:
    """A word that fits at a good size stays whole; a longer one is broken with hyphens and loses no letter."""
    assert texts("Internationalization") == ["Internationalization"]
    lines = texts(TITLES["long word"])
    assert len(lines) > 1
    assert all(line.endswith("-") for line in lines[:-1])
    assert "".join(line.rstrip("-") for line in lines) == TITLES["long word"]


def test_only_an_absurd_title_is_cut() -> None:
    """Two hundred letters are set in full; a thousand end in an ellipsis."""
    assert " ".join(texts(TITLES["200 letters"])) == TITLES["200 letters"]
    assert texts(TITLES["absurd"])[-1].endswith("…")


def test_stacked_accents_do_not_touch_the_line_above() -> None:
    """Lines stand further apart where accents are high or tails are low."""
    block = block_of("Gặp gỡ phượng Ễ Ẫ Ổ Ặ " * 4)
    heights = [ink_height(line, TITLE) for line in block.lines]
    assert len(heights) > 2
    assert all(below + above < block.pitch for (_, below), (above, _) in pairwise(heights))
    assert block.pitch > block_of(TITLES["200 letters"]).pitch


def test_a_short_title_is_larger_than_a_long_one() -> None:
    """Titles are set as large as they fit."""
    sizes = [block_of(TITLES[name]).size for name in ("one letter", "plain", "200 letters")]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] >= 48


def test_the_site_name_is_small_and_below_the_title() -> None:
    """A site name adds one small line at the foot of the card, from the left margin."""
    foot = (0, SAFE[3], *SOCIAL_SIZE)
    box = ink_box(card(TITLES["plain"], SITE).crop(foot))
    assert box is not None
    assert box[0] == SAFE[0]
    assert box[2] < 400
    assert box[3] - box[1] <= 32
    assert ink_box(card(TITLES["plain"]).crop(foot)) is None


def test_a_long_site_name_is_cut_inside_the_margin() -> None:
    """A site name too long for the card ends in an ellipsis before the right margin."""
    box = text_mask("", "The notebook of a gardener who also writes software, " * 9).getbbox()
    assert box is not None
    assert 800 < box[2] <= SAFE[2]


@pytest.mark.usefixtures("plain_background")
def test_a_site_name_without_all_glyphs_is_left_off() -> None:
    """A site name that the font cannot draw leaves the card as if it had none."""
    assert draw_card(TITLES["plain"], "日本のブログ") == draw_card(TITLES["plain"], "")
