"""The check of built sites must find what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from site_check import Shows, problems_of

SITE = "https://example.org/blog"
OWN = f"{SITE}/images/hero-1.png"
HEAD = (
    f'<meta property="og:image" content="{OWN}"><meta name="twitter:card" content="summary_large_image">'
    f'<script type="application/ld+json">{{"headline": "One", "image": "{OWN}"}}</script>'
)
IMAGE = '<img src="../images/hero-1.png" alt="">'
PAGE = f"<html><head><title>x</title>{HEAD}</head><body>{IMAGE}<p>Words</p></body></html>"
ITEM = (
    f"<link>{SITE}/posts/one.html?ref=feed</link><description>&lt;img src='{OWN}'&gt;</description>"
    f'<enclosure url="{OWN}" length="3" type="image/png"/>'
)
ENTRY = (
    f'<link href="{SITE}/posts/one.html" rel="alternate"/><content>&lt;img src="{OWN}"&gt;</content>'
    f'<link href="{OWN}" length="3" rel="enclosure"/><summary>Words</summary>'
)


def check(root: Path, *, page: str = PAGE, item: str = ITEM, entry: str = ENTRY) -> list[str]:
    """What is found in a site of one page and two feeds."""
    for name, text in {
        "images/hero-1.png": "PNG",
        "posts/one.html": page,
        "rss.xml": f"<rss><channel><item>{item}</item></channel></rss>",
        "atom.xml": f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{entry}</entry></feed>',
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return problems_of(root, SITE, {"posts/one.html": Shows("hero-1")})


@pytest.mark.parametrize(
    "image",
    [
        IMAGE,
        f'<img src="{OWN}">',
        f'<picture><source srcset="../images/hero-1.png 1x, {OWN} 2x">{IMAGE}</picture>',
        "<div style=\"background: url('../images/hero-1.png')\"></div>",
        "<style>h1 { background: url(../images/hero-1.png) }</style>",
    ],
)
def test_a_right_site_has_no_problems(tmp_path: Path, image: str) -> None:
    """In whatever form the hero is shown."""
    assert check(tmp_path, page=PAGE.replace(IMAGE, image)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (IMAGE, ""),
        (IMAGE, IMAGE + IMAGE),
        (IMAGE, IMAGE + f"<i style='background: url({OWN})'></i>"),
        (IMAGE, f"<noscript>{IMAGE}</noscript>"),
        (IMAGE, '<img src="images/hero-1.png">'),
        (IMAGE, f"{IMAGE}<img src='{SITE}images/hero-1.png'>"),
        (IMAGE, f"{IMAGE}<img src='x.jpg'>"),
        (IMAGE, f"{IMAGE}<img srcset='../images/own.png 2x'>"),
        ("</title>", "</title><style>p { background: url(x.png) }</style>"),
        (f'og:image" content="{OWN}', 'og:image" content="/blog/images/hero-1.png'),
        ('<meta property="og:image"', '<meta property="og:image" content=""><meta property="og:image"'),
        ('<meta name="twitter:card" content="summary_large_image">', ""),
        ('"headline"', "headline"),
        (f'"image": "{OWN}"', f'"image": "{SITE}/images/hero-2.png"'),
        (f', "image": "{OWN}"', ""),
        ("Words", "Wo\x90rds"),
        ("<title>x", "<title>\\u0090\\u0081"),
    ],
)
def test_a_wrong_page_is_found(tmp_path: Path, old: str, new: str) -> None:
    """Heroes that are not seen once, and tags and addresses that are wrong."""
    assert old in PAGE
    assert check(tmp_path, page=PAGE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OWN, "/images/hero-1.png"),
        ("enclosure", "other"),
        ('length="3"', 'length="4"'),
        ("&lt;img", "&lt;b"),
        ("&lt;img", "&lt;img src='images/hero-1.png'&gt;&lt;img"),
    ],
)
def test_a_wrong_feed_is_found(tmp_path: Path, old: str, new: str) -> None:
    """Items of either kind without their hero's true address, size or figure."""
    assert old in ITEM
    assert old in ENTRY
    assert check(tmp_path, item=ITEM.replace(old, new))
    assert check(tmp_path, entry=ENTRY.replace(old, new))
