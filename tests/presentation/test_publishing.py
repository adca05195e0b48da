"""Addresses of heroes, and which files a run puts into the output folder; on real generators, without a build."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from builders import make_post, save_picture
from pelican.contents import Page
from pelican.generators import PagesGenerator, StaticGenerator
from pelican.settings import read_settings

from pelican_falhero.presentation.hero import Hero
from pelican_falhero.presentation.publishing import HeroPublisher
from pelican_falhero.presentation.site_pictures import SitePictures
from pelican_falhero.storage.assets import Library, hero_stem
from pelican_falhero.storage.variants import VariantSet

HERO = f"images/heroes/{hero_stem('Hero')}.png"
CARD = "images/heroes/card-0123456789ab-social.jpg"
ART = "images/heroes/card-0123456789ab-art.png"
OWN = "posts/my photo.jpg"
CARDS_FOLDER = ".falhero/cards"


class Site:
    """A site whose posts "Hero", "Card" and "Own" have a picture of each kind."""

    def __init__(self, root: Path, *, variants: Mapping[str, VariantSet] | None = None, **settings: Any) -> None:
        self.content, self.output = root / "content", root / "output"
        for name in (HERO, OWN, *(f"{CARDS_FOLDER}/{Path(card).name}" for card in (CARD, ART))):
            save_picture(self.content / name)
        paths = {"PATH": str(self.content), "OUTPUT_PATH": str(self.output), "CACHE_PATH": str(root / "cache")}
        self.settings = read_settings(override=paths | settings)
        self.context = self.settings | {"generated_content": {}, "static_links": set(), "static_content": {}}
        run = (self.context, self.settings, str(self.content), self.settings["THEME"], str(self.output))
        self.static = StaticGenerator(*run)
        cards = {hero_stem("Card"): f"{CARDS_FOLDER}/{Path(ART).name}"}
        self.publisher = HeroPublisher(
            PagesGenerator(*run),
            SitePictures.of(Library(self.content, "images/heroes"), cards),
            variants=variants or {},
            published=set(),
        )
        self.heroes = {title: self._hero(title) for title in ("Hero", "Card", "Own")}

    def _hero(self, title: str) -> Hero:
        own = OWN if title == "Own" else ""
        return self.publisher.hero(make_post(title, picture=own))

    def publish(self, **seen: bool) -> set[str]:
        """What the publisher puts into the output folder, beside what Pelican does."""
        self.static.generate_context()
        assert self.publisher.publish(**seen) == []
        return {path.relative_to(self.output).as_posix() for path in self.output.rglob("*") if path.is_file()}


def test_a_card_is_shown_as_art_and_previewed_with_its_title(tmp_path: Path) -> None:
    """Pages get the picture without words, other sites the titled one; a drawn hero is the same for both."""
    site = Site(tmp_path)
    card = site.heroes["Card"]
    assert (card.is_card, card.url, card.preview.url) == (True, ART, CARD)
    assert (card.file, card.preview.file) == (
        str(site.content / CARDS_FOLDER / Path(ART).name),
        str(site.content / CARDS_FOLDER / Path(CARD).name),
    )
    hero = site.heroes["Hero"]
    assert (hero.is_card, hero.url, hero.preview.url) == (False, HERO, HERO)


@pytest.mark.parametrize(
    ("settings", "copied"),
    [
        ({}, {CARD, ART, OWN}),
        ({"STATIC_PATHS": []}, {CARD, ART, OWN, HERO}),
        ({"STATIC_PATHS": ["images", "posts"]}, {CARD, ART}),
        ({"STATIC_PATHS": ["images", OWN]}, {CARD, ART}),
        ({"STATIC_EXCLUDES": ["images/heroes"]}, {CARD, ART, OWN, HERO}),
        ({"IGNORE_FILES": ["hero-*"]}, {CARD, ART, OWN, HERO}),
    ],
    ids=["default", "nothing", "all", "a file", "excluded", "ignored"],
)
def test_only_what_pelican_does_not_publish_is_copied(
    tmp_path: Path, settings: dict[str, Any], copied: set[str]
) -> None:
    """Pelican's own static files are left to it; cards and what lies elsewhere are copied to their addresses."""
    site = Site(tmp_path, **settings)
    assert site.publish() == copied


@pytest.mark.parametrize(
    ("settings", "url", "place"),
    [
        ({"STATIC_URL": "//static.example/{path}"}, "//static.example/{}", "{}"),
        ({"STATIC_URL": "files/{path}", "STATIC_SAVE_AS": "files/{path}"}, "files/{}", "files/{}"),
        ({"STATIC_URL": "{path}?v=2", "DEFAULT_DATE": "fs"}, "{}?v=2", "{}"),
        (
            {
                "STATIC_URL": "{cdn}/{path}",
                "STATIC_SAVE_AS": "{cdn}/{path}",
                "EXTRA_PATH_METADATA": {"images": {"cdn": "a"}, "posts": {"cdn": "b"}},
                "STATIC_PATHS": [],
            },
            "a/{}",
            "a/{}",
        ),
    ],
    ids=["absolute", "folder", "query", "field"],
)
def test_addresses_are_those_that_pelican_would_give(
    tmp_path: Path, settings: dict[str, Any], url: str, place: str
) -> None:
    """STATIC_URL, STATIC_SAVE_AS and EXTRA_PATH_METADATA hold for heroes, and for cards as if they lay beside them."""
    site = Site(tmp_path, **settings)
    card = site.heroes["Card"]
    assert [site.heroes["Hero"].url, card.url, card.preview.url] == [url.format(path) for path in (HERO, ART, CARD)]
    assert {place.format(path) for path in (ART, CARD)} <= site.publish()


def test_one_file_may_be_given_a_place_of_its_own(tmp_path: Path) -> None:
    """A picture with a path in EXTRA_PATH_METADATA is published and named there."""
    site = Site(tmp_path, EXTRA_PATH_METADATA={OWN: {"path": "me.jpg"}})
    assert site.heroes["Own"].url == "me.jpg"
    assert "me.jpg" in site.publish()


def test_a_picture_that_a_link_moves_is_at_both_places(tmp_path: Path) -> None:
    """Where an ``{attach}`` link takes a picture along with its page, our copy is where the hero's address says."""
    site = Site(tmp_path, STATIC_PATHS=["images", "posts"])
    site.static.generate_context()
    page = Page("", {"title": "About"}, site.settings, str(site.content / "posts" / "about.md"))
    site.context["static_content"][OWN].attach_to(page)
    assert site.publisher.publish() == []
    assert (site.output / OWN).is_file()


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("<p>No picture, no hero-0123456789ab.png.</p>", set()),
        (f'<img src="https://a.example/tr/{HERO}">', {HERO}),
        (f'<meta content="{CARD}"><img srcset="/{ART} 1x, ../x.png 2x">', {CARD, ART}),
        (f"<p style='background: url({HERO})'>", {HERO}),
        ('{"image": "https:\\/\\/a.example\\/images\\/heroes\\/card-0123456789ab-social.jpg"}', {CARD}),
        (f'<enclosure url="https://a.example/{ART}?ref=feed" length="9">', {ART}),
        ('<img src="/posts/my%20photo.jpg">', {OWN}),
        ('<img src="/posts/my photo.jpg">', {OWN}),
    ],
    ids=["text", "whole address", "meta and srcset", "style", "JSON", "feed", "quoted", "not quoted"],
)
def test_a_sub_site_publishes_what_its_pages_name(tmp_path: Path, text: str, published: set[str]) -> None:
    """The file of every address in a page or feed is published, however the address is written, and no other."""
    site = Site(tmp_path, STATIC_PATHS=[])
    site.publisher.saw(text)
    site.publisher.saw("<html></html>")
    assert site.publish(seen_masters=True, seen_copies=True) == published


def test_a_sub_site_publishes_what_no_page_can_be_searched_for(tmp_path: Path) -> None:
    """Where addresses don't end in the name of a picture, all heroes are published."""
    site = Site(tmp_path, STATIC_PATHS=[], STATIC_URL="pictures?{slug}")
    assert site.publish(seen_masters=True, seen_copies=True) == {HERO, CARD, ART, OWN}


def test_files_of_one_name_are_published_together(tmp_path: Path) -> None:
    """A name alone does not tell which of two files a page shows, so both are published."""
    site = Site(tmp_path, STATIC_PATHS=[])
    other = f"elsewhere/{Path(HERO).name}"
    save_picture(site.content / other)
    site.publisher.hero(make_post("Twin", picture=other))
    site.publisher.saw(f'<img src="/{HERO}">')
    assert site.publish(seen_masters=True, seen_copies=True) == {HERO, other}
