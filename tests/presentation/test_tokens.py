"""Tokens: what is left of them in a page goes, in whatever form."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from markupsafe import Markup, escape

from pelican_falhero.presentation.tokens import LIMIT, put_before, take_out, token, without_tokens

NUMBERS = [0, 1, 30, 4096, LIMIT - 1]


def test_a_token_tells_its_article() -> None:
    """Each article has a token of its own, of four characters, and is found where it stood."""
    marks = [token(number) for number in NUMBERS]
    assert len(set(marks)) == len(NUMBERS)
    assert {len(mark) for mark in marks} == {4}
    text = "ab" + "c".join(marks) + marks[0][:2]
    assert take_out(text) == ("abcccc", [(2 + at, mark) for at, mark in enumerate(marks)])


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "change",
    [
        str,
        lambda text: text[:1],
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text[:1])[1:-1],
        lambda text: json.dumps(text)[1:-1].upper().replace("\\U", "\\u"),
        quote,
        lambda text: quote(text[:1]),
        lambda text: quote(text).lower(),
        escape,
        lambda text: Markup(text).striptags(),
    ],
)
def test_whatever_a_template_made_of_a_token_goes(number: int, change: type[str]) -> None:
    """Whole or cut, plain or encoded in JSON or an address, a token leaves nothing, and what is beside it stays."""
    page, expected = (
        f"50% \\u00fc {change(token(number))}rest, \\ud83d\\ude00 100%25",
        "50% \\u00fc rest, \\ud83d\\ude00 100%25",
    )
    assert without_tokens(page) == expected
    assert take_out(page)[0] == expected


def test_other_strange_characters_stay() -> None:
    """Icons that an author typed, and what is left of a wrong encoding, are no tokens."""
    icons = "\U00100185 \U000f0001 \ue001 \x91"
    assert without_tokens(icons) == icons


@pytest.mark.parametrize("text", ["Some words here", "\n  Some words here", "<p>Some words here</p>"])
def test_a_token_is_no_word(text: str) -> None:
    """Counting or splitting a marked text gives as many words, whatever white space it begins with."""
    marked = put_before(text, token(7))
    assert len(marked.split()) == len(text.split())
    assert without_tokens(marked) == text
