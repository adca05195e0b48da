"""falhero doctor OUTPUT on real builds: which posts show their hero where, and why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from blog import Blog, hero_name
from builders import draw, save_picture
from terminal import Terminal, at_home

SITE = "https://example.org/blog"
FEEDS = {"FEED_ALL_ATOM": "feeds/all.atom.xml", "FEED_ALL_RSS": "feeds/all.rss.xml"}
SETTINGS: dict[str, Any] = {
    "SITEURL": SITE,
    "THEME": "simple",
    "FALHERO_PROVIDER": "none",
    "FALHERO_FORMATS": ["webp"],
    **FEEDS,
}


def fill(blog: Blog) -> None:
    """Posts of all kinds; three of them have heroes and show them."""
    for name in ("drawn", "silent", "pictured"):
        save_picture(blog.assets / hero_name(name.title()), image=draw(320, 240))
    save_picture(blog.content / "images" / "my own.png", image=draw(330, 240))
    blog.post("drawn.md", "Drawn")
    blog.post("field.md", "Field", Cover="images/my own.png")
    blog.post("named.md", "Named", Hero="images/my own.png")
    blog.post("lacking.md", "Lacking")
    blog.post("silent.md", "Silent", Hero_Show="no")
    blog.post("pictured.md", "Pictured", body="![x]({static}/images/my%20own.png)\n\nWords.")
    blog.post("none.md", "None", Hero="none")
    blog.post("draft.md", "Draft", Status="draft")
    blog.post("hidden.md", "Hidden", Status="hidden")


def look(blog: Blog) -> dict[str, dict[str, Any]]:
    """The rows of its posts, by title."""
    document = at_home(blog).falhero("doctor", "output", "--json").json
    assert document["root"] == str(blog.content)
    return {row["title"] or row["source"]: row for row in document["posts"]}


def why(row: dict[str, Any]) -> dict[str, str]:
    """Where a post's hero is not shown, and why."""
    return {lack["where"]: lack["reason"] for lack in row["lacks"]}


def test_each_published_post_is_told(blog: Blog) -> None:
    """Hero, own pictures, none, kept off and pictured: seen where, and why not; drafts and hidden ones are left out."""
    fill(blog)
    blog.configure(**SETTINGS)
    assert blog.build().code == 0
    ran = at_home(blog).falhero("doctor", "output")
    assert ran.code == 1
    assert ran.lines == [
        f"6 published posts in output, built for {SITE}",
        "  page          3 of 6 posts; 2 posts not, as intended",
        "  lists         3 of 6 posts that are listed; 2 posts not, as intended",
        "  feeds         8 of 12 items; 1 post not, as intended",
        "  previews      4 of 6 posts; 1 post not, as intended",
        "",
        "1 post shows no hero on its page, in lists, in feeds or in previews: it has none",
        "  content/lacking.md",
        "    falhero check",
        "",
        "1 post shows no hero on its page or in lists: its text begins with a picture of its own",
        "  content/pictured.md",
        "",
        "1 post shows no hero on its page, in lists, in feeds or in previews: it says Hero_Show: no",
        "  content/silent.md",
        "",
        "1 post shows no hero on its page",
    ]
    rows = look(blog)
    # The archives print titles only.
    assert rows["Drawn"] == {
        **{"source": "drawn.md", "title": "Drawn", "page": "drawn.html", "shows": "hero", "times": 1},
        **{"lists": 3, "lists_showing": 2, "items": 2, "items_showing": 2, "preview": True, "lacks": []},
    }
    # With other settings than it was built by, as pelicanconf.py has them beside publishconf.py.
    blog.configure(SITEURL="")
    assert look(blog) == rows
    (blog.content / "lacking.md").unlink()
    ran = at_home(blog).falhero("doctor", "output")
    assert (ran.code, ran.lines[-1]) == (0, "no problems")


def test_a_site_without_address_and_with_cards(blog: Blog) -> None:
    """A build without SITEURL has no previews, and a card is no hero."""
    blog.configure(SITEURL="", FALHERO_PROVIDER="card", **FEEDS)
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    save_picture(blog.assets / hero_name("Winter hikes"))
    assert blog.build().code == 0
    rows = look(blog)
    assert why(rows["Winter hikes"])["previews"] == "no absolute SITEURL"
    assert why(rows["Winter hikes"])["feeds"] == "neither SITEURL nor FEED_DOMAIN is absolute"
    assert (rows["Summer hikes"]["shows"], why(rows["Summer hikes"])["page"]) == ("card", "only a title card")


@pytest.mark.parametrize(
    "settings",
    [
        {"RELATIVE_URLS": True, "ARTICLE_URL": "posts/{slug}/", "ARTICLE_SAVE_AS": "posts/{slug}/index.html"},
        {"PLUGINS": ["i18n_subsites", "pelican_falhero"], "I18N_SUBSITES": {"tr": {}}, "DEFAULT_LANG": "en"},
    ],
    ids=["relative", "languages"],
)
def test_posts_are_found_wherever_they_are_published(blog: Blog, settings: dict[str, Any]) -> None:
    """Below folders with relative addresses, and in the sub-site of their language."""
    blog.configure(**SETTINGS | settings)
    for name, lang in {"Winter hikes": "en", "Kış yürüyüşleri": "tr"}.items():
        blog.post(f"{lang}.md", name, Lang=lang if "I18N_SUBSITES" in settings else "en", Slug=lang)
        save_picture(blog.assets / hero_name(name), image=draw(320, 240 + len(name)))
    assert blog.build().code == 0
    rows = look(blog)
    assert len(rows) == 2
    for row in rows.values():
        assert (row["times"], row["items_showing"], row["preview"]) == (1, row["items"], True), row
        assert row["lists_showing"] >= 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nowhere: there is no such folder; build the site, or name the folder that it was built in"),
        (["content"], "content holds no page; build the site"),
        (["/", "-s", "nowhere.py"], "nowhere.py: there is no such settings file"),
    ],
)
def test_a_folder_that_is_no_built_site_is_one_line(blog: Blog, arguments: list[str], says: str) -> None:
    """Exit code 2, as for every argument that can't be used."""
    blog.post("a.md", "Winter hikes")
    ran = at_home(blog).falhero("doctor", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_only_sites_of_pelican_can_be_looked_at(tmp_path: Path) -> None:
    """Of other generators nobody here knows where a post's page is."""
    ran = Terminal(tmp_path).falhero("doctor", ".")
    assert (ran.code, "no pelicanconf.py in" in ran.err) == (2, True)
