"""Tokens: what is left of them in a page goes, in whatever form."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from markupsafe import Markup, escape

from pelican_falhero.presentation.tokens import LIMIT, number_at, put_before, token, without_tokens

NUMBERS = [0, 1, 255, 4096, LIMIT - 1]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_token_tells_its_article(number: int) -> None:
    """Each article has a token of its own, of two characters."""
    assert len(token(number)) == 2
    assert number_at("ab" + token(number), 2) == number


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
    assert without_tokens(f"50% \\u00fc {change(token(number))}rest, \\ud83d\\ude00 100%25") == (
        "50% \\u00fc rest, \\ud83d\\ude00 100%25"
    )


def test_other_private_characters_stay() -> None:
    """Icons that an author typed are no tokens."""
    icons = "\U00100185 \U000f0001 \ue001"
    assert without_tokens(icons) == icons


@pytest.mark.parametrize("text", ["Some words here", "\n  Some words here", "<p>Some words here</p>"])
def test_a_token_is_no_word(text: str) -> None:
    """Counting or splitting a marked text gives as many words, whatever white space it begins with."""
    marked = put_before(text, token(7))
    assert len(marked.split()) == len(text.split())
    assert without_tokens(marked) == text
