"""Feeds: what readers in feed readers see."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from builders import draw, save_picture
from feedgenerator import Atom1Feed, Enclosure, Rss201rev2Feed, SyndicationFeed
from pages import SITE, Pages, address
from pelican.contents import Content
from pelican.writers import Writer

DAY = datetime.datetime(2026, 11, 2, tzinfo=datetime.UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A hero's file."""
    return save_picture(tmp_path / "a.png", image=draw())


def feed_of(pages: Pages, *articles: Content, kind: str = "atom") -> SyndicationFeed:
    """A feed of these articles, as Pelican's writer makes it, before it is written."""
    writer = Writer("/nowhere", pages.values)
    writer.site_url = pages.values["SITEURL"]
    feed = (Rss201rev2Feed if kind == "rss" else Atom1Feed)("Title", f"{writer.site_url}/", "Words")
    for article in articles:
        writer._add_item_to_the_feed(feed, article)
    return feed


def filled(pages: Pages, *articles: Content, kind: str = "atom") -> list[dict[str, Any]]:
    """The items of such a feed with their heroes."""
    pages.showing.prepare()
    feed = feed_of(pages, *articles, kind=kind)
    pages.showing.fill_feed(feed)
    items: list[dict[str, Any]] = feed.items
    return items


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_an_item_carries_and_shows_its_hero(kind: str, picture: Path) -> None:
    """The picture is enclosed with its true size and type, and begins the text, at the site's whole address."""
    pages = Pages({})
    article = pages.add("One", file=picture, alt='A "hill"')
    pages.showing.prepare()
    feed = feed_of(pages, article, kind=kind)
    pages.showing.fill_feed(feed)
    written = io.StringIO()
    feed.write(written, "utf-8")
    tree = ElementTree.fromstring(written.getvalue())
    src = f"{SITE}/{address('One')}"
    found = tree.find(".//enclosure") if kind == "rss" else tree.find(f".//{ATOM}link[@rel='enclosure']")
    assert found is not None
    assert (found.get("url") or found.get("href"), found.get("type")) == (src, "image/png")
    assert found.get("length") == str(picture.stat().st_size)
    text = tree.findtext(".//item/description") or tree.findtext(f".//{ATOM}content")
    assert text == (f'<figure class="falhero"><img src="{src}" alt="A &#34;hill&#34;"></figure><p>Some words.</p>')


def test_a_whole_article_shows_its_hero_rather_than_its_summary(picture: Path) -> None:
    """Where a feed has both, the summary is left for what lists them."""
    for kind, shown in (("atom", "content"), ("rss", "description")):
        pages = Pages({})
        (item,) = filled(pages, pages.add("One", file=picture, summary="Short."), kind=kind)
        assert item[shown].startswith("<figure")
        assert item["description"].endswith("Short.")
        assert item["description"].count("<figure") == (shown == "description")


@pytest.mark.parametrize(
    "values",
    [
        {"FEED_APPEND_REF": True},
        {"ARTICLE_URL": "yazılar/{slug}/"},
        {"ARTICLE_URL": "?p={slug}"},
        {"ARTICLE_LANG_URL": "{lang}/{slug}.html", "DEFAULT_LANG": "tr"},
        {"RELATIVE_URLS": True},
    ],
)
def test_an_item_is_known_by_its_link(values: dict[str, Any], picture: Path) -> None:
    """However a site writes its addresses, each item gets the hero of its own article, and no other gets one."""
    pages = Pages({})
    pages.values.update(values)
    articles = [pages.add(title, file=picture) for title in ("One", "İki ve üç")]
    items = filled(pages, *articles, pages.add("None", url=" "))
    shown = [item["enclosures"][0].url if item["enclosures"] else "" for item in items]
    assert shown == [f"{SITE}/{address('One')}", f"{SITE}/{address('İki ve üç')}", ""]


def test_an_item_is_known_by_its_date_if_no_other_has_it(picture: Path) -> None:
    """Its link has to fit all the same, and a translation of the same day and name gets no hero of another language."""
    pages = Pages({})
    one = pages.add("One", file=picture, date=DAY)
    two = pages.add("Two", file=picture, date=DAY + datetime.timedelta(1))
    english = pages.add("Three", file=picture, date=DAY + datetime.timedelta(2))
    german = pages.add("Drei", url=" ", slug="three", lang="de", date=DAY + datetime.timedelta(2))
    items = filled(pages, one, english, german, two)
    assert [bool(item["enclosures"]) for item in items] == [True, True, False, True]
    feed = feed_of(pages, two)
    feed.items[0] |= {"link": "https://news.example/other", "enclosures": []}
    pages.showing.fill_feed(feed)
    assert not feed.items[0]["enclosures"]


def test_an_item_that_has_what_it_needs_is_left_alone(picture: Path) -> None:
    """An enclosure of its own is the only one, for RSS allows no second; a text with the hero gets no figure."""
    pages = Pages({})
    shown = f'<p>See</p><img src="{SITE}/{address("One")}">'
    article = pages.add("One", shown, file=picture)
    pages.showing.prepare()
    feed = feed_of(pages, article, kind="rss")
    feed.items[0]["enclosures"] = own = [Enclosure("https://example.org/a.mp3", "1", "audio/mpeg")]
    pages.showing.fill_feed(feed)
    assert feed.items[0]["enclosures"] == own
    assert feed.items[0]["description"] == shown


def test_a_picture_of_unknown_size_is_shown_and_not_enclosed(picture: Path) -> None:
    """One on another host, or of no known type, has no enclosure, which must tell both."""
    pages = Pages({})
    remote = pages.add("One", url="https://pictures.example/a.png")
    untyped = pages.add("Two", url="images/heroes/a", file=picture)
    for item in filled(pages, remote, untyped):
        assert not item["enclosures"]
        assert "<figure" in item["content"]


@pytest.mark.parametrize(
    ("mode", "enclosed", "figure"),
    [("auto", True, True), ("insert", True, True), ("fields", True, False), ("never", False, False)],
)
def test_the_site_says_what_feeds_show(mode: str, enclosed: bool, figure: bool, picture: Path) -> None:
    """FALHERO_SHOW decides on enclosure and figure."""
    pages = Pages({}, show=mode)
    (item,) = filled(pages, pages.add("One", file=picture))
    assert (bool(item["enclosures"]), "<figure" in item["content"]) == (enclosed, figure)


@pytest.mark.parametrize(
    ("site", "domain", "base"),
    [("", "https://feeds.example", "https://feeds.example"), ("", "", ""), ("/blog", "/blog", "")],
)
def test_a_feed_names_whole_addresses_or_none(site: str, domain: str, base: str, picture: Path) -> None:
    """The feeds' domain stands in for a site without an address; without both a feed stays as it is."""
    pages = Pages({}, site=site)
    pages.values["FEED_DOMAIN"] = domain
    (item,) = filled(pages, pages.add("One", file=picture))
    assert [enclosure.url for enclosure in item["enclosures"]] == ([f"{base}/{address('One')}"] if base else [])
    assert ("<figure" in item["content"]) is bool(base)
