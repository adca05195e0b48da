"""Clean what a language model has answered: text by a stranger, and the article may have told it what to say."""

from __future__ import annotations

import re
import unicodedata

from ..debug import redacted
from ..errors import HeroError
from ..text import cut_at_word

_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_MARKUP = re.compile(r"[<>{}\[\]|`*_#\\^~\"“”„«»]")
_LABEL = re.compile(r"^(?:alt(?:ernative)? text|description|image|prompt|scene)\s*:\s*", re.IGNORECASE)
_REFUSAL = re.compile(r"(?:sorry,|i(?:['’]m| am) (?:sorry|unable)|i can(?:no|['’])t|as an ai\b)", re.IGNORECASE)
_BULLETS = " .,:;!?–—-•·+=…"
"""What a paragraph doesn't start with, even where a model answers with a list."""
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")


class UnusableAnswerError(HeroError):
    """A language model's answer can't be used; asking again may bring a better one, and costs again."""


def clean_paragraph(answer: str, *, max_characters: int, max_words: int | None = None) -> str:
    """Return an answer's longest paragraph as plain text: no tags, braces, markup, addresses or control characters.

    What is too long is cut after a sentence if that leaves half of it, else after a word.

    Raises:
        UnusableAnswerError: nothing is left, or the model has refused.
    """
    text = unicodedata.normalize("NFC", redacted(answer)).replace("\r\n", "\n")
    text = _MARKUP.sub(" ", _ADDRESS.sub(" ", _TAG.sub(" ", text)))
    paragraphs = [" ".join(map(_printable, part.split())) for part in re.split(r"\n\s*\n", text)]
    paragraph = " ".join(max(paragraphs, key=len).split()).lstrip(_BULLETS)
    paragraph = _LABEL.sub("", paragraph).lstrip(_BULLETS)
    words = paragraph.split()
    short = " ".join(words[:max_words]) if max_words else paragraph
    short = cut_at_word(short, max_characters)
    if not any(character.isalpha() for character in short):
        raise UnusableAnswerError("the language model's answer has no words")
    if _REFUSAL.match(paragraph):
        raise UnusableAnswerError(f"the language model refuses: {cut_at_word(paragraph, 100)}")
    return short if short == paragraph else _without_broken_sentence(short)


def _printable(word: str) -> str:
    """Return a word without control characters, joiners, private characters and halves of characters."""
    return "".join(character for character in word if unicodedata.category(character)[0] != "C")


def _without_broken_sentence(text: str) -> str:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends and ends[-1] >= len(text) / 2 else text
