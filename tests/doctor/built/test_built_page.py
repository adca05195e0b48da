"""What is read of a built page."""

from __future__ import annotations

import pytest

from pelican_falhero.doctor.built.page import read_page

NAMES = ["hero-1"]


@pytest.mark.parametrize(
    ("markup", "times"),
    [
        ('<img src="/images/hero-1.png">', 1),
        ('<img src="x.gif" data-src="/images/hero-1.png">', 1),
        ('<div data-background-image="/images/hero-1.png"></div>', 1),
        ('<svg><image href="/images/hero-1.png"/></svg>', 1),
        (
            '<picture><source srcset="a/hero-1-480.webp 480w, a/hero-1-800.webp 800w"><img src="hero-1.png"></picture>',
            1,
        ),
        ('<img src="hero-1.png"><img src="hero-1.png">', 2),
        ("<p style=\"background: url('hero-1.png')\"></p>", 1),
        ('<a href="/images/hero-1.png">the picture</a>', 0),
        ('<noscript><img src="hero-1.png"></noscript>', 0),
        ('<!-- <img src="hero-1.png"> -->', 0),
        ("<![if gte mso 9]><img src='hero-1.png'><![endif]>", 1),
        ('<img src="hero-2.png" alt="hero-1">', 0),
    ],
)
def test_a_picture_counts_where_an_element_loads_it(markup: str, times: int) -> None:
    """Once an element, in whatever attribute scripts and browsers load it from; not where it is only named."""
    assert read_page(f"<html><head><title>x</title></head><body>{markup}</body></html>").times_seen(NAMES) == times


def test_what_stands_in_the_head_is_not_seen() -> None:
    """But for a style, whose pictures a page shows."""
    assert read_page('<head><link href="hero-1.png"></head><body></body>').times_seen(NAMES) == 0
    assert (
        read_page("<head><style>h1 { background: url(hero-1.png) }</style></head><body></body>").times_seen(NAMES) == 1
    )


@pytest.mark.parametrize(
    "block",
    [
        '{"headline": "One", "image": "hero-1.png"}',
        '{"headline": "One", "image": ["hero-1.png", "x.png"]}',
        '{"headline": "One", "image": {"@type": "ImageObject", "url": "hero-1.png"}}',
        '[{"@type": "WebSite", "image": "x.png"}, {"headline": "One", "image": "hero-1.png"}]',
        '{"@graph": [{"@type": "WebSite"}, {"headline": "One", "image": "hero-1.png"}]}',
        '{"@graph": null, "headline": "One", "image": "hero-1.png"}',
    ],
)
def test_json_ld_tells_the_picture_of_the_article(block: str) -> None:
    """In each form that schema.org allows."""
    page = read_page(f'<head><script type="application/ld+json">{block}</script></head>')
    assert page.images_told() == ["hero-1.png"]


def test_json_ld_that_is_none_tells_nothing() -> None:
    """It has an empty address, which leads nowhere; an article without picture has one too."""
    assert read_page('<script type="application/ld+json">{"headline</script>').images_told() == [""]
    for image in ("[]", "null", "[null]", '{"url": null}'):
        block = f'<script type="application/ld+json">{{"headline": "One", "image": {image}}}</script>'
        assert read_page(block).images_told() == [""]


def test_links_are_kept_as_they_are_written() -> None:
    """Those that a reader may follow."""
    assert read_page('<body><a href=" one.html#x ">1</a><a name="x"></a><link href="y"></body>').links == ["one.html#x"]
