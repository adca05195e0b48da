"""Where a marker stands on a page."""

from __future__ import annotations

import pytest

from pelican_falhero.presentation.landings import MARKER, Kind, find_landings, preview_addresses


@pytest.mark.parametrize(
    ("markup", "kind", "prefix"),
    [
        ('<img src="https://a.example/@">', Kind.PICTURE, "https://a.example/"),
        ("<img data-src=/images/@?v=2>", Kind.PICTURE, "/images/"),
        ('<video poster="@"></video>', Kind.PICTURE, ""),
        ('<svg><image xlink:href="/@"/></svg>', Kind.PICTURE, "/"),
        ('<div style="color: red; background: url(/@)">', Kind.PICTURE, "/"),
        ('<div style="background: url(&quot;/@&quot;)">', Kind.PICTURE, "/"),
        ("<style>header { background: url( '/@' ) }</style>", Kind.PICTURE, "/"),
        ('<meta property="og:image" content="/@">', Kind.PREVIEW, "/"),
        ('<meta name="twitter:image:src" content="/@">', Kind.PREVIEW, "/"),
        (
            r'<script type="application/ld+json">{"image": "https:\/\/a.example\/@"}</script>',
            Kind.PREVIEW,
            "https://a.example/",
        ),
        ('<a href="/@">large</a>', Kind.LINK, "/"),
        ("<p>Cover: @</p>", Kind.TEXT, None),
        ('<meta property="og:locale" content="@">', Kind.OTHER, ""),
        ('<div style="color: @">', None, None),
        ("<!-- @ -->", None, None),
        ('<script>show("/@")</script>', None, None),
        ('<a href="https://share.example/?media=/@">share</a>', Kind.OTHER, None),
        ('<noscript><img src="/@"></noscript>', Kind.OTHER, "/"),
        ('<img src="/@-small.jpg">', Kind.PICTURE, None),
        ('<img src="images/@">', Kind.PICTURE, None),
    ],
)
def test_a_place_has_its_kind_and_what_stands_before_the_field(
    markup: str, kind: Kind | None, prefix: str | None
) -> None:
    """A picture, a preview, a link, text or none of them, with the beginning of the address."""
    found = find_landings(f"<html><body>{markup.replace('@', MARKER)}</body></html>")
    assert [(landing.kind, landing.prefix) for landing in found] == ([] if kind is None else [(kind, prefix)])


def test_a_picture_of_several_sources_is_one_element() -> None:
    """All addresses of a picture element, and all of one image, belong to one element."""
    page = '<picture><source srcset="@ 1x, @ 2x"><img src="@"></picture><img src="@" srcset="@ 2x">'
    found = find_landings(page.replace("@", MARKER))
    assert len(found) == 5
    assert len({landing.element for landing in found}) == 2


def test_the_pictures_that_a_head_names_are_read() -> None:
    """og:image and its like, but neither what is empty nor what is no picture."""
    page = (
        '<head><meta property="og:image" content="/a.png"><meta content="/b.png" name="twitter:image">'
        '<meta property="og:image:alt" content="words"><meta itemprop="image" content=""></head><body></body>'
    )
    assert preview_addresses(page) == {"/a.png", "/b.png"}
