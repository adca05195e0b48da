"""Visibility: whether a page shows a picture already."""

from __future__ import annotations

import pytest

from pelican_falhero.presentation.hero import Hero
from pelican_falhero.presentation.markup import body_start
from pelican_falhero.presentation.visibility import Visibility, names_of

URL = "images/heroes/hero-0123456789ab.png"
SRC = f"https://example.org/{URL}"


def is_shown(page: str, hero: Hero) -> bool:
    """Whether the page shows the hero; it does not depend on how many others are asked for."""
    one, many = (Visibility(page, body=body_start(page), questions=number) for number in (1, 100))
    assert one.shows(names_of(hero)) == many.shows(names_of(hero))
    return one.shows(names_of(hero))


@pytest.mark.parametrize(
    "markup",
    [
        f'<img src="{SRC}">',
        f"<img class=x src={SRC} alt=y>",
        f"<img alt='1 > 0' src='../{URL}'/>",
        f'<img alt="a < b" src="{URL}">',
        f'<img srcset="small.png 1x, {SRC} 2x">',
        f'<IMG DATA-SRC="{SRC}">',
        '<picture><source srcset="/images/heroes/hero-0123456789ab-960.webp 960w"></picture>',
        f'<video poster="{SRC}"></video>',
        f"<div style=\"background: url('{SRC}')\">",
        f'<div style="color: red; background-image:url( {SRC})">',
        f'<div data-background="{SRC}">',
        f'<svg><image xlink:href="{SRC}"/></svg>',
    ],
)
def test_an_element_that_loads_a_picture_shows_it(markup: str) -> None:
    """Images, lazy ones, sources, posters and backgrounds count, whatever stands before the name."""
    assert is_shown(f"<html><head></head><body>{markup}</body>", Hero(url=URL))


def test_a_style_in_the_head_shows_a_picture() -> None:
    """A background that the page's own stylesheet sets counts, a mere mention in it does not."""
    assert is_shown(f"<head><style>header{{background:url({SRC})}}</style></head><body>", Hero(url=URL))
    assert not is_shown(f"<head><style>/* {SRC} */</style></head><body>", Hero(url=URL))


@pytest.mark.parametrize(
    "page",
    [
        f'<head><meta property="og:image" content="{SRC}"><link rel="preload" href="{SRC}"></head><body>',
        f'<head><noscript><img src="{SRC}"></noscript></head><body>',
        f'<body><script type="application/ld+json">{{"image": "{SRC}"}}</script>',
        f'<body><!-- <img src="{SRC}"> -->',
        f'<body><noscript><img src="{SRC}"></noscript>',
        f'<body><template><img src="{SRC}"></template>',
        f'<body><a href="{SRC}">Picture</a>',
        f"<body><p>{SRC}</p>",
        f'<body><img alt="{SRC}" src="a.png">',
        f'<body><div style="--note: {SRC}">',
        f'<body><img src="{SRC.replace("0123", "3210")}">',
        "<body>",
    ],
)
def test_what_no_reader_sees_shows_nothing(page: str) -> None:
    """Meta tags, links, scripts, comments, text and other pictures do not count."""
    assert not is_shown(page, Hero(url=URL))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://example.org/2026/a/cover%20me.jpg", True),
        ("../a/cover me.jpg", False),
        ("/2026/a/cover me.jpg", True),
        ("/2026/b/cover me.jpg", False),
        ("/12026/a/cover me.jpg", False),
    ],
)
def test_an_own_picture_is_told_by_its_whole_address(source: str, expected: bool) -> None:
    """Posts of one folder each may all have a picture of one name."""
    assert is_shown(f'<body><img src="{source}">', Hero(url="2026/a/cover me.jpg")) is expected
