"""Previews: what a page's head tells other sites."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from pelican_falhero.presentation.markup import body_start
from pelican_falhero.presentation.previews import Preview, add_previews, preview_tags

OURS = "https://example.org/blog/images/heroes/hero-0123456789ab.png"
LOGO = "https://example.org/blog/theme/logo.png"
FULL = {
    "og:image": [OURS],
    "og:image:width": ["1024"],
    "og:image:height": ["768"],
    "og:image:alt": ['A "hero" & more'],
    "og:image:type": ["image/png"],
    "twitter:card": ["summary_large_image"],
}
OTHER = "https://pictures.example/chosen.png"


def with_previews(page: str, preview: Preview) -> str:
    """The page as it is published."""
    body = body_start(page)
    return add_previews(page, preview, body=body) if body >= 0 else page


def make_preview(**fields: Any) -> Preview:
    """A preview of a page on a site whose every page names its logo."""
    defaults: dict[str, Any] = {
        "address": OURS,
        "is_ours": lambda value: "hero-0123456789ab" in value,
        "is_replaceable": lambda value: not value or value == LOGO or "hero-0123456789ab" in value,
        "alt": 'A "hero" & more',
        "width": 1024,
        "height": 768,
        "mime": "image/png",
    }
    return Preview(**defaults | fields)


def metas_of(page: str) -> dict[str, list[str]]:
    """The contents of the page's meta tags about pictures, by name."""
    found: dict[str, list[str]] = {}

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            name = given.get("property") or given.get("name") or ""
            if tag == "meta" and ("image" in name or "twitter" in name):
                found.setdefault(name, []).append(given.get("content") or "")

    Parser().feed(page)
    return found


def head(*tags: str) -> str:
    """A page whose head has these tags."""
    lines = "\n".join(tags)
    return f'<!doctype html>\n<html><head>\n<meta charset="utf-8">\n{lines}\n</head>\n<body><p>Words</p></body></html>'


@pytest.mark.parametrize(
    "tags",
    [
        [],
        ['<meta property="og:image" content="">'],
        ['<meta property="og:image">'],
        ["<meta content='' property='og:image' />"],
        ['<meta property="og:image" />'],
        [f'<meta property="og:image" content="{LOGO}"/>'],
        [f"<meta name=og:image content={LOGO}>"],
        [f'<META\n  PROPERTY = "og:image"\n  CONTENT = "{LOGO}"\n>'],
        ['<meta property="og:image" content="/images/heroes/hero-0123456789ab.png">'],
        ['<meta property="og:image" content="https://example.org/blogimages/heroes/hero-0123456789ab.png">'],
        [f'<meta property="og:image" content="{OURS}">'],
        [f'<meta property="og:image" content="{LOGO}">', f'<meta property="og:image" content="{OURS}">'],
        [
            f'<meta property="og:image" content="{LOGO}">',
            '<meta property="og:image:width" content="64">',
            f'<meta property="og:image:secure_url" content="{LOGO}">',
            '<meta name="twitter:card" content="summary">',
        ],
        ['<meta name="twitter:card" content="summary_large_image">'],
        ['<meta name="twitter:card">'],
        [preview_tags(make_preview())],
    ],
)
def test_a_page_names_its_hero_once_whatever_its_theme_prints(tags: list[str]) -> None:
    """Missing, empty, the site's own, relative, wrong and doubled tags all end as one of each, and stay so."""
    page = with_previews(head(*tags), make_preview())
    assert metas_of(page) == FULL
    assert with_previews(page, make_preview()) == page
    assert page.startswith('<!doctype html>\n<html><head>\n<meta charset="utf-8">\n')
    assert page.endswith("</head>\n<body><p>Words</p></body></html>")


def test_a_theme_that_prints_all_is_left_as_it_is() -> None:
    """Not a byte changes where all is right."""
    page = head(preview_tags(make_preview()))
    assert with_previews(page, make_preview()) == page


def test_the_heads_end_keeps_its_line() -> None:
    """Tags are added on lines of their own before an indented end of the head."""
    page = with_previews("<head>\n\t<title>x</title>\n\t</head><body>", make_preview())
    assert page.startswith("<head>\n\t<title>x</title>\n<meta property")
    assert page.endswith('">\n\t</head><body>')


def test_a_picture_that_the_author_chose_is_kept() -> None:
    """Another address than ours and the site's stays with all that belongs to it, and ours goes from beside it."""
    chosen = f'<meta property="og:image" content="{OTHER}">\n<meta property="og:image:width" content="9">'
    assert with_previews(head(chosen), make_preview()) == head(chosen)
    both = f'{chosen}\n<meta property="og:image" content="{OURS}">'
    assert with_previews(head(both), make_preview()) == head(chosen)


def test_twitter_shows_the_hero_large() -> None:
    """A picture for Twitter that the theme prints is put right; one that the author chose, and other cards, stay."""
    mended = with_previews(
        head(
            f'<meta name="twitter:image" content="{LOGO}">',
            '<meta name="twitter:image:src" content="">',
            '<meta name="twitter:image:alt" content="Logo">',
            '<meta property="twitter:card" content="summary">',
        ),
        make_preview(),
    )
    expected = {"twitter:image": [OURS], "twitter:image:src": [OURS], "twitter:image:alt": ['A "hero" & more']}
    assert metas_of(mended) == FULL | expected
    kept = [f'<meta name="twitter:image" content="{OTHER}">', '<meta name="twitter:card" content="player">']
    assert metas_of(with_previews(head(*kept), make_preview())) == FULL | {
        "twitter:image": [OTHER],
        "twitter:card": ["player"],
    }


@pytest.mark.parametrize(
    "decoy",
    [
        '<!-- <meta property="og:image" content=""> -->',
        '<script>x = \'<meta property="og:image" content=""></head>\'</script>',
        '<title>About <meta property="og:image" content=""></title>',
        '<noscript><meta property="og:image" content=""></noscript>',
    ],
)
def test_only_the_heads_own_tags_are_touched(decoy: str) -> None:
    """Comments, scripts, titles and the body stay as they are."""
    page = head(decoy).replace("<p>", '<meta property="og:image" content=""><p>')
    added = "\n".join(preview_tags(make_preview()).splitlines()) + "\n</head>"
    before, _, after = page.rpartition("</head>")
    assert with_previews(page, make_preview()) == before + added + after


def test_a_page_may_leave_out_its_head() -> None:
    """The tags stand before the body then, and nowhere in what is no page."""
    page = with_previews("<!doctype html><title>x</title><body>Words", make_preview())
    assert page.startswith("<!doctype html><title>x</title><meta property")
    assert metas_of(page) == FULL
    assert with_previews('{"html": "<p>"}', make_preview()) == '{"html": "<p>"}'


def test_what_is_not_known_is_not_said() -> None:
    """A picture on another host has neither size nor type."""
    page = with_previews(head(), make_preview(width="", height="", mime=""))
    assert metas_of(page).keys() == {"og:image", "og:image:alt", "twitter:card"}


ARTICLE = {"@context": "https://schema.org", "@type": "BlogPosting", "headline": "</script><!-- x"}


def blocks_of(page: str) -> list[Any]:
    """What the page's JSON-LD says, as a browser finds it."""
    scripts = re.findall(r'<script type="?application/ld\+json"?>(.*?)</script>', page, re.DOTALL)
    return [json.loads(script) for script in scripts]


def with_block(data: object, *, indent: int | None = None) -> str:
    """A page with this block in its head."""
    return head(f'<script type="application/ld+json">\n{json.dumps(data, indent=indent)}\n</script>')


@pytest.mark.parametrize("page", [head(), with_block({"@type": "WebSite", "name": "x"}), with_block([])])
def test_an_article_that_is_not_described_gets_a_block(page: str) -> None:
    """Exactly one, beside what else the page says, and no text of it ends the script."""
    mended = with_previews(page, make_preview(article=ARTICLE))
    assert blocks_of(mended)[-1] == ARTICLE | {"image": OURS}
    assert len(blocks_of(mended)) == len(blocks_of(page)) + 1
    assert mended.count("</script>") == mended.count("<script")
    assert with_previews(mended, make_preview(article=ARTICLE)) == mended


@pytest.mark.parametrize(
    "image",
    [
        {},
        {"image": ""},
        {"image": None},
        {"image": []},
        {"image": LOGO},
        {"image": [LOGO]},
        {"image": {"@type": "ImageObject", "url": LOGO, "width": 64}},
        {"image": "/images/heroes/hero-0123456789ab.png"},
    ],
)
@pytest.mark.parametrize("kind", ["Article", "NewsArticle", ["Thing", "BlogPosting"], "https://schema.org/BlogPosting"])
def test_a_described_article_gets_its_picture(image: dict[str, Any], kind: object) -> None:
    """A block alone, in a list or a graph whose article has no picture of its own is filled, and none is added."""
    node: dict[str, Any] = {"@type": kind, "headline": "Ü </script>"} | image
    site = {"@type": "WebSite", "image": ""}
    filled = node | {"image": OURS}
    for data, expected in [
        (node, filled),
        ([site, node], [site, filled]),
        ({"@graph": [site, node]}, {"@graph": [site, filled]}),
    ]:
        text = json.dumps(data).replace("</", "<\\/")
        page = head(f'<script type="application/ld+json">{text}</script>')
        mended = with_previews(page, make_preview(article=ARTICLE))
        assert blocks_of(mended) == [expected]
        assert "Ü <\\/script>" in mended


def test_a_block_that_is_no_json_stays_and_ours_joins_it() -> None:
    """Nobody can read a block that a title with quotes has spoilt, so the page gets one that can be read."""
    broken = '<script type="application/ld+json">{"@type": "BlogPosting", "name": "a "b""}</script>'
    first, second = re.findall("<script.*?</script>", with_previews(head(broken), make_preview(article=ARTICLE)))
    assert first == broken
    assert json.loads(second.partition(">")[2].removesuffix("</script>"))["image"] == OURS


@pytest.mark.parametrize(
    "page",
    [
        with_block({"@type": "Article", "image": OTHER}),
        with_block({"@type": "Article", "image": {"url": [OTHER, LOGO]}}, indent=4),
        with_block({"@type": "Article", "image": OURS}, indent=4),
    ],
)
def test_a_described_article_with_a_picture_is_left_alone(page: str) -> None:
    """What its author chose and what is right stays byte for byte."""
    assert re.findall("<script.*?</script>", with_previews(page, make_preview(article=ARTICLE)), re.DOTALL) == (
        re.findall("<script.*?</script>", page, re.DOTALL)
    )


def test_a_block_is_found_behind_a_text_about_them() -> None:
    """A text that names the type, or has plus signs, is no block; the one behind it gets the picture."""
    text = '<meta name="description" content="C++: application/ld+json, ld+json+">'
    block = '<script type="application/ld+json">{"@type": "BlogPosting"}</script>'
    mended = with_previews(head(text + block), make_preview(article=ARTICLE))
    assert blocks_of(mended) == [{"@type": "BlogPosting", "image": OURS}]
    assert blocks_of(with_previews(head(text), make_preview(article=ARTICLE))) == [ARTICLE | {"image": OURS}]


def test_a_block_that_is_commented_out_is_none() -> None:
    """It is not touched, and the article gets a block of its own."""
    page = head('<!-- <script type="application/ld+json">{"@type": "Article"}</script> -->')
    mended = with_previews(page, make_preview(article=ARTICLE))
    assert '<!-- <script type="application/ld+json">{"@type": "Article"}</script> -->' in mended
    assert mended.count(OURS) == 2
