"""Why a built site does not show a post's hero, by pages and feeds that are written here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pelican_falhero.content.post import Overrides, Post
from pelican_falhero.content.site import OpenSite
from pelican_falhero.doctor.built.expected import Expected
from pelican_falhero.doctor.built.output import BuiltSite
from pelican_falhero.doctor.built.reasons import Reasons
from pelican_falhero.doctor.built.report import PostReport, Where, report_of
from pelican_falhero.settings import Settings

SITE = "https://example.org/blog"
HERO = f"{SITE}/images/hero-1.png"
FIGURE = '<img src="../images/hero-1.png" alt="">'
HEAD = (
    f'<meta property="og:image" content="{HERO}"><meta name="twitter:card" content="summary_large_image">'
    f'<script type="application/ld+json">{{"headline": "One", "image": "{HERO}"}}</script>'
)
PAGE = f"<html><head><title>x</title>{HEAD}</head><body>{FIGURE}<p>Words</p></body></html>"
LIST = '<html><head></head><body><a href="posts/one.html">One</a><img src="images/hero-1.png"></body></html>'
FEED = (
    f"<rss><channel><item><link>{SITE}/posts/one.html?ref=feed</link><description>Words</description>"
    f'<enclosure url="{HERO}" length="3" type="image/png"/></item></channel></rss>'
)
POST = Post(title="One", source="one.md", origin=SimpleNamespace(_content="<p>Words</p>", template="article"))
EXPECTED = Expected(post=POST, place="posts/one.html", url="posts/one.html", hero=("hero-1",), card=("card-1",))


def report(
    root: Path,
    files: Mapping[str, str] | None = None,
    *,
    expected: Expected = EXPECTED,
    plugins: tuple[str, ...] = ("pelican_falhero",),
    siteurl: str = SITE,
    **settings: Any,
) -> PostReport:
    """What is found of one post, in a site of these files beside its page, a list and a feed; an empty one is none."""
    output = root / "output"
    whole = {"images/hero-1.png": "PNG", "posts/one.html": PAGE, "index.html": LIST, "feeds/all.xml": FEED}
    for name, text in (whole | dict(files or {})).items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        if text:
            (output / name).write_text(text)
    site = OpenSite(root=root, settings=Settings(**settings), posts=(expected.post,))
    built = BuiltSite(output, siteurl, [expected.url])
    (found,) = report_of(built, [expected], Reasons(site, {"PLUGINS": plugins}, built, "falhero check"))
    return found


def lacks(found: PostReport) -> dict[Where, str]:
    """Where the hero is not shown, and why."""
    return {where: f"{reason.text} {reason.detail}".strip() for where, reason in found.lacks.items()}


def test_a_post_that_is_shown_everywhere_lacks_nothing(tmp_path: Path) -> None:
    """On its page, in a list, in a feed and in previews."""
    found = report(tmp_path)
    assert (found.times, found.lists, found.lists_showing, found.items, found.items_showing) == (1, 1, 1, 1, 1)
    assert (found.has_preview, found.lacks) == (True, {})


@pytest.mark.parametrize(
    ("files", "reasons"),
    [
        ({"posts/one.html": ""}, dict.fromkeys((Where.PAGE, Where.PREVIEWS), "its page is not in the output folder")),
        (
            {"posts/one.html": PAGE.replace(FIGURE, "")},
            {Where.PAGE: "article.html shows no hero, or the site was built by other settings"},
        ),
        (
            {"index.html": LIST.replace("hero-1", "hero-2")},
            {Where.LISTS: "the pages that link to it print neither a picture field nor a summary"},
        ),
        ({"feeds/all.xml": FEED.replace("hero-1", "hero-2")}, {Where.FEEDS: "the feed was built by other settings"}),
        ({"posts/one.html": PAGE.replace("twitter:card", "other")}, {Where.PREVIEWS: "no twitter:card"}),
        ({"posts/one.html": PAGE.replace("og:image", "other")}, {Where.PREVIEWS: "no og:image"}),
        (
            {
                "posts/one.html": PAGE.replace(
                    f'og:image" content="{HERO}', 'og:image" content="/blog/images/hero-1.png'
                )
            },
            {Where.PREVIEWS: "og:image is no whole address /blog/images/hero-1.png"},
        ),
        (
            {"posts/one.html": PAGE.replace(f'og:image" content="{HERO}', 'og:image" content="x.png')},
            {Where.PREVIEWS: "og:image names another picture x.png"},
        ),
        (
            {"posts/one.html": PAGE.replace(f'"image": "{HERO}"', '"image": "http://["')},
            {Where.PREVIEWS: "a tag names a picture that is not there http://["},
        ),
        (
            {"images/hero-1.png": ""},
            {
                Where.FEEDS: "the feed was built by other settings",
                Where.PREVIEWS: f"a tag names a picture that is not there {HERO}",
            },
        ),
    ],
)
def test_what_is_not_shown_has_its_reason(tmp_path: Path, files: dict[str, str], reasons: dict[Where, str]) -> None:
    """What is wrong with page, list, feed and tags; a picture that they name must be there."""
    assert lacks(report(tmp_path, files)) == reasons


NOTHING = {
    "posts/one.html": "<body>Words</body>",
    "index.html": LIST.replace("hero-1", ""),
    "feeds/all.xml": FEED.replace("hero-1", ""),
}


@pytest.mark.parametrize(
    ("post", "options", "reason", "is_intended"),
    [
        ({}, {"plugins": ("others",)}, "PLUGINS does not list pelican_falhero", False),
        ({"overrides": Overrides(show=False)}, {}, "it says Hero_Show: no", True),
        ({}, {"show": "never"}, 'FALHERO_SHOW = "never"', True),
        ({"problem": "one.md: Hero_Steps is wrong"}, {}, "Hero_Steps is wrong", False),
    ],
)
def test_what_holds_for_all_places_is_one_reason(
    tmp_path: Path, post: dict[str, Any], options: dict[str, Any], reason: str, is_intended: bool
) -> None:
    """Settings, plugin and the post's own fields; what the author asked for is intended."""
    expected = replace(EXPECTED, post=replace(POST, root=tmp_path, **post))
    found = report(tmp_path, NOTHING, expected=expected, **options)
    assert lacks(found) == dict.fromkeys(Where, reason)
    assert {why.is_intended for why in found.lacks.values()} == {is_intended}


def test_a_post_without_a_hero_has_none(tmp_path: Path) -> None:
    """As falhero check says, whose command is the remedy; a card on its page is noted."""
    files = NOTHING | {"posts/one.html": '<body><img src="../images/card-1-art.png"></body>'}
    found = report(tmp_path, files, expected=replace(EXPECTED, hero=()))
    assert lacks(found)[Where.PAGE] == "it has none"
    assert (found.has_card, found.lacks[Where.PAGE].remedy) == (True, "falhero check")


def test_a_text_that_begins_with_a_picture_is_intended(tmp_path: Path) -> None:
    """No figure is put above it, on its page or in lists."""
    origin = SimpleNamespace(_content='<p><img src="x.png"></p>', template="article")
    found = report(tmp_path, NOTHING, expected=replace(EXPECTED, post=replace(POST, origin=origin)))
    reasons = lacks(found)
    assert reasons[Where.PAGE] == reasons[Where.LISTS] == "its text begins with a picture of its own"
    assert found.lacks[Where.PAGE].is_intended


def test_fields_alone_may_not_be_enough(tmp_path: Path) -> None:
    """FALHERO_SHOW = "fields" in a theme without a field is no intention; the remedy puts a figure."""
    found = report(tmp_path, NOTHING, show="fields").lacks[Where.PAGE]
    assert (found.is_intended, found.remedy) == (False, 'FALHERO_SHOW = "auto"')


def test_a_picture_that_is_newer_than_the_page_is_told(tmp_path: Path) -> None:
    """The site is to be built again."""
    file = tmp_path / "hero-1.png"
    file.write_text("PNG")
    report(tmp_path, NOTHING)
    os.utime(tmp_path / "output" / "posts" / "one.html", (1, 1))
    expected = replace(EXPECTED, file=file)
    built = BuiltSite(tmp_path / "output", SITE, [expected.url])
    site = OpenSite(root=tmp_path, settings=Settings(), posts=(expected.post,))
    (found,) = report_of(built, [expected], Reasons(site, {"PLUGINS": ["pelican_falhero"]}, built, ""))
    assert lacks(found) == dict.fromkeys(Where, "built before it had this picture")


def test_without_an_address_previews_and_feeds_are_not_expected(tmp_path: Path) -> None:
    """Where nothing tells where the site will be, that is the reason, and intended."""
    page = PAGE.replace(HEAD, "")
    feed = FEED.replace(SITE, "").replace("hero-1", "")
    found = report(tmp_path, {"posts/one.html": page, "feeds/all.xml": feed}, siteurl="")
    assert lacks(found) == {
        Where.FEEDS: "neither SITEURL nor FEED_DOMAIN is absolute",
        Where.PREVIEWS: "no absolute SITEURL",
    }
    assert all(reason.is_intended for reason in found.lacks.values())
