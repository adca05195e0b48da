"""Titles in scripts that the cards' own font lacks: which font draws them, how their lines break, what is said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from blog import Blog
from builders import modules_after
from PIL import Image
from square_font import save_square_font

from pelican_falhero.providers.cards import text
from pelican_falhero.providers.cards.card import card_stem, social_name
from pelican_falhero.providers.cards.draw import draw_cards
from pelican_falhero.providers.cards.fonts import MEMORY, CardFont
from pelican_falhero.providers.cards.layout import MARGIN, TALLEST_TITLE, text_mask
from pelican_falhero.providers.cards.lines import fit_title
from pelican_falhero.providers.cards.scripts import script_of
from pelican_falhero.providers.cards.text import TITLE, clean
from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.variants import SOCIAL_SIZE

SITE = "Quiet Notebook"
CHINESE, JAPANESE, KOREAN = "你好的世界", "なぜ「Pelican」に移したのか？静かなサイトの話。", "파이썬 한국"
ARABIC, HEBREW = "مرحبا بالعالم", "שלום עולם א"
ALL = CHINESE + JAPANESE + KOREAN + ARABIC + HEBREW + "あ的한بא"
NONE = "no font on this machine has them; FALHERO_CARD_FONT names one"

pytestmark = pytest.mark.usefixtures("plain_background", "small_art")
needs_raqm = pytest.mark.skipif(not text.can_shape(), reason="this Pillow has no Raqm")


@pytest.fixture(autouse=True)
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that programs are found in, so that no test asks this machine's fontconfig."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """The pictures of a site."""
    return Library(tmp_path / "content", "images")


@pytest.fixture
def font(tmp_path: Path) -> Path:
    """A font that has the characters of all scripts here."""
    return save_square_font(tmp_path / "squares.ttf", ALL)


def fontconfig(folder: Path, font: Path) -> Path:
    """Install an ``fc-match`` that always offers one font; the file that counts its calls."""
    calls = folder / "calls"
    program = folder / "fc-match"
    program.write_text(f'#!/bin/sh\necho "$2" >> "{calls}"\nprintf "0\\n%s" "{font}"\n')
    program.chmod(0o755)
    return calls


def beside(font: Path, *, is_rtl: bool = False) -> CardFont:
    """A font as it is remembered."""
    return CardFont(str(font), 0, is_rtl, "digest")


def has_words(library: Library, stem: str) -> bool:
    """Whether a card has a title: pixels of the ink's brightness where titles are."""
    with Image.open(library.cards / social_name(stem)) as card:
        return any(card.convert("L").crop((0, 360, SOCIAL_SIZE[0], 500)).histogram()[240:])


@pytest.mark.parametrize(
    "title", [CHINESE, JAPANESE, KOREAN, *(pytest.param(title, marks=needs_raqm) for title in (ARABIC, HEBREW))]
)
def test_the_chosen_font_draws_the_title(library: Library, font: Path, title: str) -> None:
    """With FALHERO_CARD_FONT a title is written on its card, under a name that follows from the font."""
    cards = draw_cards([title], SITE, library, font=str(font))
    assert cards.left_off == ()
    assert has_words(library, cards.stems[title])
    assert cards.stems[title] != card_stem(title, SITE)


def test_without_a_font_the_title_is_left_off_and_that_is_said_once(library: Library) -> None:
    """The card stays without words under its old name; a line says why, and no later one repeats it."""
    cards = draw_cards([CHINESE, KOREAN, "Plain"], SITE, library, font="")
    assert cards.left_off == (f"titles in Chinese and Korean are left off the cards: {NONE}",)
    assert cards.stems[CHINESE] == card_stem(CHINESE, SITE)
    assert not has_words(library, cards.stems[CHINESE])
    assert draw_cards([CHINESE, KOREAN, "Plain"], SITE, library, font="").left_off == ()
    assert draw_cards(["你", CHINESE, KOREAN], SITE, library, font="").left_off == ()


def test_another_font_gives_another_card(library: Library, font: Path, tmp_path: Path) -> None:
    """A card of one font is not taken for that of another; the same file elsewhere is the same font."""
    other = save_square_font(tmp_path / "other.ttf", ALL, side=600)
    (tmp_path / "same.ttf").write_bytes(font.read_bytes())
    paths = (font, other, tmp_path / "same.ttf", tmp_path / "missing.ttf")
    first, second, third, fourth = (draw_cards([CHINESE], SITE, library, font=str(path)) for path in paths)
    assert first.stems != second.stems
    assert (first.drawn, second.drawn) == (1, 1)
    assert (third.stems, third.drawn) == (first.stems, 0)
    assert fourth.stems == {CHINESE: card_stem(CHINESE, SITE)}
    # The font that a card was drawn with is replaced by another file.
    font.write_bytes(other.read_bytes())
    assert draw_cards([CHINESE], SITE, library, font=str(font)).stems == second.stems


def test_latin_cards_know_nothing_of_fonts(library: Library, font: Path) -> None:
    """With a font or without, a card that the cards' own font can draw has the same name, and nothing is looked for."""
    title = "Почему “Pelican”? Ελλάδα, Hà Nội 🎉"
    assert draw_cards([title], SITE, library, font=str(font)).stems == {title: card_stem(title, SITE)}
    assert not (library.cards / MEMORY).exists()


def test_fontconfig_is_asked_once(library: Library, font: Path, bin_folder: Path) -> None:
    """Its answer is remembered for later builds, until there is a new card to draw."""
    calls = fontconfig(bin_folder, font)
    cards = draw_cards([CHINESE], SITE, library, font="")
    assert has_words(library, cards.stems[CHINESE])
    (asked,) = calls.read_text().splitlines()
    assert ":lang=zh-cn:" in asked
    assert draw_cards([CHINESE], SITE, library, font="").stems == cards.stems
    assert len(calls.read_text().splitlines()) == 1
    draw_cards([CHINESE, "你"], SITE, library, font="")
    assert len(calls.read_text().splitlines()) == 2


def test_a_font_that_is_installed_later_is_found_with_the_next_card(
    library: Library, font: Path, bin_folder: Path
) -> None:
    """Then all cards of that script are drawn again, with words."""
    draw_cards([CHINESE], SITE, library, font="")
    fontconfig(bin_folder, font)
    cards = draw_cards([CHINESE, "你"], SITE, library, font="")
    assert cards.drawn == 2
    assert has_words(library, cards.stems[CHINESE])


def test_a_font_without_the_script_is_not_used(library: Library, bin_folder: Path, tmp_path: Path) -> None:
    """What fontconfig offers for want of a better one, or a chosen file that is no font, counts as none."""
    fontconfig(bin_folder, save_square_font(tmp_path / "latin.ttf", "abc"))
    assert draw_cards([CHINESE], SITE, library, font="").left_off[0].endswith(NONE)
    broken = tmp_path / "broken.otf"
    broken.write_bytes(b"no font")
    reason = f"neither FALHERO_CARD_FONT ({broken}) nor a font on this machine has them"
    assert draw_cards([CHINESE], SITE, library, font=str(broken)).left_off[0].endswith(reason)


def test_a_title_with_a_character_that_its_font_lacks_is_left_off(library: Library, font: Path) -> None:
    """It is never half a title, and the line says why."""
    (line,) = draw_cards(["你好龍"], SITE, library, font=str(font)).left_off
    assert line == "titles in Chinese are left off the cards: their font lacks some of their characters"


def test_without_raqm_joined_scripts_are_left_off(
    library: Library, font: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unjoined letters in the wrong order are worse than none."""
    monkeypatch.setattr(text, "can_shape", lambda: False)
    cards = draw_cards([ARABIC, CHINESE], SITE, library, font=str(font))
    assert cards.left_off == (
        "titles in Arabic are left off the cards: this Pillow lacks Raqm, which joins their letters",
    )
    assert cards.stems[ARABIC] == card_stem(ARABIC, SITE)


def test_a_damaged_memory_is_made_anew(library: Library, font: Path) -> None:
    """Whatever stands in the file, the font is found again."""
    for content in ("{", "[]", '{"Chinese": 5}', json.dumps({"Chinese": {"choice": "", "file": 7, "index": "x"}})):
        stems = draw_cards([CHINESE], SITE, library, font=str(font)).stems
        (library.cards / MEMORY).write_text(content)
        assert draw_cards([CHINESE], SITE, library, font=str(font)).stems == stems


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("東京旅行", "Chinese"),
        ("東京の旅", "Japanese"),
        ("한국 漢字", "Korean"),
        ("Python في", "Arabic"),
        ("שלום", "Hebrew"),
        ("Crab 🦀 — ½ Ωж", ""),
    ],
)
def test_the_script_of_a_title_is_known(title: str, name: str) -> None:
    """Kanji beside kana are Japanese; emoji and signs are no script."""
    script = script_of(title)
    assert (script.name if script else "") == name


def lines_of(title: str, font: Path) -> list[str]:
    """The lines of a title on a card."""
    style = TITLE.for_text(title, beside(font))
    return list(fit_title(clean(title, style), SOCIAL_SIZE[0] - 2 * MARGIN, TALLEST_TITLE, style).lines)


def test_lines_without_spaces_break_between_characters(font: Path) -> None:
    """Not before what closes, not after what opens, not in a Latin word, and without hyphens."""
    title = JAPANESE * 3
    lines = lines_of(title, font)
    assert len(lines) > 3
    assert "".join(lines) == title
    assert not [line for line in lines if line[0] in "」？。" or line[-1] == "「"]
    assert "".join(lines).count("Pelican") == sum(line.count("Pelican") for line in lines)


def test_a_short_word_between_spaces_stays_whole(font: Path) -> None:
    """A word in Chinese within a Latin title is not broken, nor is a Korean one."""
    assert "你好" in " ".join(lines_of("Learning 你好 in thirty days", font)).split(" ")
    assert " ".join(lines_of(f"{KOREAN} {KOREAN} {KOREAN} {KOREAN}", font)) == " ".join([KOREAN] * 4)


@needs_raqm
def test_arabic_starts_at_the_right(font: Path) -> None:
    """Title and site name end at the right margin, and stay within both."""
    ink = text_mask(ARABIC, HEBREW, beside(font, is_rtl=True)).getbbox()
    assert ink is not None
    assert abs(SOCIAL_SIZE[0] - MARGIN - ink[2]) < 25
    assert ink[0] >= MARGIN


@needs_raqm
def test_latin_words_in_an_arabic_title_keep_their_order(font: Path) -> None:
    """They are runs of their own, to be read from left to right, with their digits and brackets."""
    style = TITLE.for_text(ARABIC, beside(font, is_rtl=True))
    runs = text._runs("مرحبا Python 3.12 (Pelican) بالعالم (مرحبا)", style)
    assert runs == [
        ("مرحبا ", False),
        ("Python 3.12 (Pelican)", True),
        (" بالعالم ", False),
        (")", True),  # a bracket that only the cards' own font has is mirrored
        ("مرحبا", False),
        ("(", True),
    ]


def test_naming_a_card_that_has_a_font_loads_no_font(library: Library, font: Path) -> None:
    """A warm build reads what is remembered, and neither asks fontconfig nor imports Pillow's fonts."""
    stems = draw_cards([CHINESE], SITE, library, font=str(font)).stems
    code = f"""
from pathlib import Path
from pelican_falhero.providers.cards.draw import draw_cards
from pelican_falhero.storage.assets import Library
cards = draw_cards([{CHINESE!r}], {SITE!r}, Library(Path({str(library.root)!r}), "images"), font={str(font)!r})
assert (cards.stems, cards.drawn) == ({stems!r}, 0)
"""
    assert not {"PIL.ImageFont", "PIL.ImageDraw", "font_manrope", "subprocess"} & modules_after(code)


def test_a_build_says_once_what_it_left_off(blog: Blog, font: Path, bin_folder: Path) -> None:
    """Without a font a line says so in the first build alone; with FALHERO_CARD_FONT the preview has words."""
    env = {"PATH": str(bin_folder)}
    blog.post("a.md", CHINESE, Slug="a")
    line = f"heroes: titles in Chinese are left off the cards: {NONE}"
    assert line in blog.build("--fatal", "warnings", env=env).output.splitlines()
    before = blog.page("a.html")["preview"]
    assert "left off" not in blog.build(env=env).output
    os.link(font, blog.root / "squares.ttf")
    blog.configure(FALHERO_CARD_FONT="../squares.ttf")
    built = blog.build(env=env)
    assert built.line("heroes: 0 there, 1 card")
    assert "left off" not in built.output
    assert blog.page("a.html")["preview"] != before
    assert not list(blog.output.rglob(MEMORY))
    assert has_words(Library(blog.content, ""), Path(blog.page("a.html")["preview"]).name.removesuffix("-social.jpg"))
