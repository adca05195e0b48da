"""Hero: what a template sees."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from builders import draw, save_picture
from jinja2 import Environment

from pelican_falhero.presentation.hero import NO_HERO, Hero, alt_text

IMG = (
    '<img src="{{ SITEURL }}/{{ hero.url }}" alt="{{ hero.alt }}" width="{{ hero.width }}" height="{{ hero.height }}">'
)


def render(template: str, hero: Hero, *, autoescape: bool = False) -> str:
    """What a template, as Pelican renders it unless told to escape, makes of a hero."""
    return Environment(autoescape=autoescape).from_string(template).render(hero=hero, SITEURL="https://a.example/b")


@pytest.fixture
def hero(tmp_path: Path) -> Hero:
    """A hero with a real file."""
    file = save_picture(tmp_path / "hero-a.png", image=draw(160, 120))
    return Hero(url="images/heroes/hero-a.png", path="images/heroes/hero-a.png", alt=alt_text("A & B"), file=str(file))


def test_a_theme_gets_all_that_an_image_needs(hero: Hero) -> None:
    """Address, text and size of a hero make a whole image element."""
    assert render(IMG, hero) == (
        '<img src="https://a.example/b/images/heroes/hero-a.png" alt="A &amp; B" width="160" height="120">'
    )


def test_a_hero_prints_as_its_address(hero: Hero) -> None:
    """A theme that knows nothing of heroes, and prints the field, prints the url."""
    assert str(hero) == render("{{ hero }}", hero) == "images/heroes/hero-a.png"


def test_there_is_a_hero_or_there_is_none(hero: Hero) -> None:
    """A template can ask whether there is one."""
    question = "{% if hero %}yes{% else %}no{% endif %}"
    assert render(question, hero) == "yes"
    assert render(question, NO_HERO) == "no"


def test_no_hero_has_empty_fields() -> None:
    """A template that does not ask gets empty text of every field, and never an error or the word None."""
    fields = "{{ hero }}{{ hero.url }}{{ hero.path }}{{ hero.alt }}{{ hero.width }}{{ hero.height }}"
    assert render(fields, NO_HERO) == ""
    assert NO_HERO.is_card is False


@pytest.mark.parametrize("text", ['Rock & roll "live"', "a < b > c", "it's", "&amp; the entity", "Kış – “yürüyüş”"])
def test_an_alternative_text_is_safe_in_an_attribute_however_a_theme_writes_it(text: str) -> None:
    """Escaped exactly once: plain, with the escape filter, and in a theme that escapes by itself."""
    hero = Hero(url="a.png", alt=alt_text(text))
    plain = render('"{{ hero.alt }}"', hero)
    assert plain == render('"{{ hero.alt|e }}"', hero) == render('"{{ hero.alt }}"', hero, autoescape=True)
    assert not set(plain[1:-1]) & set("<>\"'")
    assert hero.alt.unescape() == text


def test_the_size_is_read_when_a_template_asks(hero: Hero) -> None:
    """Nothing is read before; then it is read once, whatever becomes of the file."""
    save_picture(Path(hero.file), image=draw(200, 100))
    assert hero.width == 200
    Path(hero.file).unlink()
    assert hero.height == 100


def test_a_hero_whose_file_is_gone_has_no_size(hero: Hero) -> None:
    """A page without a width is a page; a build that fails is none."""
    Path(hero.file).unlink()
    assert (hero.width, hero.height) == ("", "")


@pytest.mark.parametrize("length", [0, 8, 20, 24, 100])
def test_a_broken_file_never_breaks_a_template(hero: Hero, length: int) -> None:
    """However much of a file is left, asking for its size raises nothing."""
    os.truncate(hero.file, length)
    assert (hero.width, hero.height) in {("", ""), (160, 120)}


def test_a_hero_can_not_be_changed(hero: Hero) -> None:
    """All articles of one title share what they show, so none of them may change it."""
    with pytest.raises(FrozenInstanceError):
        hero.url = "other.png"  # type: ignore[misc]
