"""The prompt of a post: filled in, and cut to length where it hurts least."""

from __future__ import annotations

import pytest
from builders import PROPERTY
from hypothesis import assume, given
from hypothesis import strategies as st

from pelican_falhero.prompts import DEFAULT_LIMIT, DEFAULT_STYLE, DEFAULT_TEMPLATE, build_prompt, check_template


def prompt(title: str = "", excerpt: str = "", style: str = "", *, limit: int = DEFAULT_LIMIT) -> str:
    """The prompt by the default template."""
    return build_prompt(DEFAULT_TEMPLATE, {"title": title, "excerpt": excerpt, "style": style}, limit=limit)


@pytest.mark.parametrize(
    ("title", "excerpt", "style", "expected"),
    [
        ("Winter hikes", "Snow and sun", "Oil painting", "Winter hikes. Snow and sun. Oil painting"),
        ("Winter hikes", "Snow and sun.", "Oil painting", "Winter hikes. Snow and sun. Oil painting"),
        ("Why hike?", "Because!", "Oil painting", "Why hike? Because! Oil painting"),
        ("To be continued…", "Soon…", "Oil painting", "To be continued… Soon… Oil painting"),
        ("Winter hikes", "", "Oil painting", "Winter hikes. Oil painting"),
        ("Winter hikes", "Snow and sun", "", "Winter hikes. Snow and sun."),
        ("Winter hikes", "", "", "Winter hikes."),
        ("为什么要徒步？", "因为。", "水墨画", "为什么要徒步？ 因为。 水墨画"),
        ("Braces {title} {} {0}", "{excerpt", "style}", "Braces {title} {} {0}. {excerpt. style}"),
        ("  spaced ", "\n\ttext  here\n", " style ", "spaced. text here. style"),
    ],
)
def test_the_parts_become_sentences(title: str, excerpt: str, style: str, expected: str) -> None:
    """Parts are joined by one stop each: none is doubled, none is left over from a part that is empty."""
    assert prompt(title, excerpt, style) == expected


def test_the_default_style_is_the_guides() -> None:
    """A blog that sets nothing gets the look, and the length, that were promised."""
    assert DEFAULT_STYLE == "Cinematic lighting, professional photography, 8K"
    assert DEFAULT_LIMIT == 500


def test_the_excerpt_gives_way_between_words() -> None:
    """A prompt that is too long loses words from the end of its excerpt, and nothing else."""
    excerpt = " ".join(f"word{number}" for number in range(200))
    made = prompt("Winter hikes", excerpt, "Oil painting")
    start, end = "Winter hikes. ", ". Oil painting"
    assert made.startswith(start)
    assert made.endswith(end)
    kept = made.removeprefix(start).removesuffix(end)
    assert excerpt.startswith(f"{kept} ")
    assert DEFAULT_LIMIT - len("word100 ") <= len(made) <= DEFAULT_LIMIT


def test_an_excerpt_that_has_no_room_for_a_word_is_left_out() -> None:
    """No part of a word is left where not even the first word of the excerpt fits."""
    title, style = "Winter hikes", "Oil painting"
    limit = len(f"{title}. Won. {style}")
    assert prompt(title, "Wonderful mountains", style, limit=limit) == f"{title}. {style}"


def test_an_excerpt_in_a_script_without_spaces_is_cut_between_characters() -> None:
    """Chinese and Japanese paragraphs fill the prompt as far as it goes, instead of being left out as one long word."""
    paragraphs = "冬の山を歩くのは気持ちがいい。" * 40 + " " + "雪の朝は静かです。" * 40
    made = prompt("冬の山歩き", paragraphs, DEFAULT_STYLE)
    assert made.startswith(f"冬の山歩き. {paragraphs[:100]}")
    assert made.endswith(DEFAULT_STYLE)
    assert len(made) > DEFAULT_LIMIT - 10


def test_a_title_that_is_too_long_is_cut_between_words() -> None:
    """Where title and style alone are too long, there is no excerpt, and the title loses its last words."""
    made = prompt("word " * 200, "Snow and sun", DEFAULT_STYLE)
    assert made.endswith(f"word. {DEFAULT_STYLE}")
    assert "Snow" not in made
    assert DEFAULT_LIMIT - len("word ") <= len(made) <= DEFAULT_LIMIT


def test_a_style_that_is_too_long_alone_is_cut_too() -> None:
    """The limit holds whatever is written."""
    made = prompt("Winter hikes", "Snow and sun", "style " * 200)
    assert made.startswith("style style")
    assert len(made) <= DEFAULT_LIMIT


def test_a_template_may_name_every_field() -> None:
    """Title, excerpt, style, category, tags and language are there, in any order, as often as one likes."""
    values = {"title": "T", "excerpt": "E", "style": "S", "category": "C", "tags": "a, b", "lang": "tr"}
    template = "{style}: {title} ({category}; {tags}) {{{lang}}} {title} {excerpt}"
    assert build_prompt(check_template(template), values, limit=100) == "S: T (C; a, b) {tr} T E"


@pytest.mark.parametrize("template", ["{title}", "No fields at all", "{{braces}}", "{title}{style}", DEFAULT_TEMPLATE])
def test_a_template_that_can_be_filled_passes(template: str) -> None:
    """A good template comes back as it is."""
    assert check_template(template) is template


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("{titel}", r"has the unknown field \{titel\}; the fields are \{title\}, \{excerpt\}"),
        ("{}", r"has the unknown field \{\}"),
        ("{0}", r"has the unknown field \{0\}"),
        ("{title.upper}", r"has the unknown field \{title.upper\}"),
        ("{title[0]}", r"has the unknown field \{title\[0\]\}"),
        ("{title", "single brace"),
        ("title}", "single brace"),
        ("{", "single brace"),
    ],
)
def test_a_template_that_can_not_be_filled_is_an_error(template: str, complaint: str) -> None:
    """A misspelt field or a single brace is reported before anything is bought."""
    with pytest.raises(ValueError, match=complaint):
        check_template(template)


WORD = st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=12)
SENTENCE = st.lists(WORD, max_size=40).map(" ".join)
WORDS = st.lists(WORD, min_size=2, max_size=40).map(" ".join)
LIMIT = st.integers(20, 600)


@PROPERTY
@given(st.text(max_size=300), st.text(max_size=900), st.text(max_size=300), LIMIT)
def test_no_prompt_exceeds_the_limit(title: str, excerpt: str, style: str, limit: int) -> None:
    """Whatever title, excerpt and style are, the prompt is of single spaces, and within its limit."""
    made = prompt(title, excerpt, style, limit=limit)
    assert len(made) <= limit
    assert made == " ".join(made.split())


@PROPERTY
@given(SENTENCE, SENTENCE, SENTENCE, LIMIT)
def test_title_and_style_survive_whenever_they_fit(title: str, excerpt: str, style: str, limit: int) -> None:
    """However long the excerpt is, it takes no character from a title and a style that fit without it."""
    assume(title and style and len(f"{title}. {style}") <= limit)
    made = prompt(title, excerpt, style, limit=limit)
    assert made.startswith(f"{title}. ")
    assert made.endswith(f". {style}")


@PROPERTY
@given(SENTENCE, SENTENCE, SENTENCE, LIMIT)
def test_the_style_survives_whenever_it_fits(title: str, excerpt: str, style: str, limit: int) -> None:
    """A title gives way before the style does."""
    assume(style and len(style) <= limit)
    assert prompt(title, excerpt, style, limit=limit).endswith(style)


@PROPERTY
@given(WORDS, WORDS, WORDS, LIMIT)
def test_only_whole_words_are_kept(title: str, excerpt: str, style: str, limit: int) -> None:
    """A word is cut in two only where nothing else is left of the title, as long as the style fits."""
    assume(len(style) <= limit)
    made = prompt(title, excerpt, style, limit=limit)
    written = {*title.split(), *excerpt.split(), *style.split()}
    cut = {word.rstrip(".") for word in made.split()} - written
    assert all(made == f"{word}. {style}" and title.startswith(word) for word in cut)


@PROPERTY
@given(SENTENCE, SENTENCE, SENTENCE)
def test_what_fits_is_not_cut(title: str, excerpt: str, style: str) -> None:
    """A prompt that is short enough holds all three parts in full."""
    assume(title and excerpt and style)
    whole = f"{title}. {excerpt}. {style}"
    assert prompt(title, excerpt, style, limit=len(whole)) == whole
