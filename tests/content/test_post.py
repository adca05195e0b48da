"""What a post says about its own hero."""

from __future__ import annotations

from typing import Any

import pytest
from builders import make_post

from pelican_falhero.content.post import OPT_OUT, Overrides, hero_field, metadata_text, read_overrides
from pelican_falhero.errors import PostError


def overrides(**fields: Any) -> Overrides:
    """The overrides of a post with these fields."""
    return read_overrides({f"hero_{name}": value for name, value in fields.items()}, source="a/post.md")


def complaint(**fields: Any) -> str:
    """What is said about a post whose fields can't be used."""
    with pytest.raises(PostError) as caught:
        overrides(**fields)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("words", "words"),
        ("  words ", "words"),
        ('"words"', "words"),
        ("'words'", "words"),
        ('"it\'s"', "it's"),
        ('say "words"', 'say "words"'),
        ('"', '"'),
        ("", ""),
        ('""', ""),
        (None, ""),
        (["one", " two "], "one two"),
        ([], ""),
        (5, "5"),
        (False, "False"),
    ],
)
def test_a_value_is_read_as_its_author_meant_it(value: object, text: str) -> None:
    """Lines are joined, quotes that YAML would take away are taken away, and what is absent is empty."""
    assert metadata_text(value) == text


def test_two_quoted_words_keep_their_quotes() -> None:
    """Quotes go only where one pair of them is around the whole value."""
    assert metadata_text('"Oil" or "ink"') == '"Oil" or "ink"'


@pytest.mark.parametrize("word", ["none", "None", "NO", "off", "false", '"none"', " none ", False])
def test_a_post_can_opt_out(word: object) -> None:
    """Whichever word for no is written, in whatever case or quotes, the post has no hero."""
    assert hero_field({"hero": word}) in OPT_OUT


@pytest.mark.parametrize("metadata", [{}, {"hero": ""}, {"hero": None}, {"hero": "  "}, {"hero": []}])
def test_a_post_that_names_nothing_has_nothing_of_its_own(metadata: dict[str, object]) -> None:
    """No field and an empty field are the same."""
    assert hero_field(metadata) is None


def test_a_post_can_name_its_own_picture() -> None:
    """The path is kept as it is written, in its own case."""
    assert hero_field({"hero": "Images/Mine.JPG"}) == "Images/Mine.JPG"


def test_a_post_without_fields_overrides_nothing() -> None:
    """Absent and empty fields leave everything to the settings."""
    assert overrides() == overrides(prompt="", seed=None, steps="  ", size=[]) == Overrides()


def test_every_field_is_read() -> None:
    """Text, as posts hold it, becomes what a request needs."""
    read = overrides(
        prompt="A {title} by night",
        style="Oil painting",
        seed="42",
        model="schnell",
        size="1200x630",
        steps="8",
        alt="A mountain",
    )
    assert read == Overrides(
        prompt="A {title} by night",
        style="Oil painting",
        seed=42,
        model="fal-ai/flux/schnell",
        size=(1200, 630),
        steps=8,
        alt="A mountain",
    )


def test_fences_and_lines_are_read_too() -> None:
    """Quotes from a fence, numbers from YAML and a value of several lines mean the same as a plain one."""
    assert overrides(seed='"42"', steps=8) == overrides(seed="42", steps="8")
    assert overrides(style=["Oil", "painting"]).style == "Oil painting"


def test_a_seed_of_zero_is_a_seed() -> None:
    """Zero is a value, not the absence of one."""
    assert overrides(seed="0").seed == 0


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seed": "many"}, "Hero_Seed must be a whole number from 0 to 18446744073709551615, not 'many'"),
        ({"seed": "-1"}, "Hero_Seed must be a whole number"),
        ({"model": "deev"}, "Hero_Model must be one of schnell, dev"),
        ({"size": "large"}, 'Hero_Size must be one of "square_hd"'),
        ({"steps": "0"}, "Hero_Steps must be a whole number from 1 to 100, not '0'"),
        ({"steps": "101"}, "Hero_Steps must be a whole number from 1 to 100, not '101'"),
        ({"size": "63x2000"}, "Hero_Size must have sides of 64 to 14142 pixels, not '63x2000'"),
        ({"prompt": "{titel}"}, "Hero_Prompt has the unknown field {titel}"),
        ({"prompt": "{"}, "Hero_Prompt has a single brace"),
    ],
)
def test_a_bad_field_names_the_file_and_the_field(fields: dict[str, str], said: str) -> None:
    """The author learns which post, which field, and what it may hold."""
    assert complaint(**fields).startswith(f"a/post.md: {said}")


def test_an_excerpt_is_plain_text() -> None:
    """Of a post's markup, only what a reader sees goes into a prompt."""
    post = make_post(excerpt_markup="<p>Snow &amp; <em>sun</em></p><pre>not code</pre><p>Boots</p>")
    assert post.excerpt(500) == "Snow & sun Boots"


def test_where_an_article_came_from_does_not_make_it_another() -> None:
    """The object that an author's own function gets is no part of what a post is."""
    assert make_post(origin=object()) == make_post(origin=None)
