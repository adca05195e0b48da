"""Whole builds with small themes: every form in which a theme shows its articles, and what its readers see."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from blog import Blog, hero_name
from builders import draw, save_picture

HEAD = "<!doctype html><html><head><title>{{ SITENAME }}</title>%s</head><body>"
TITLES = ("One", "Two", "Three")
SITE = "https://example.org/blog"


def a_theme(blog: Blog, **templates: str) -> None:
    """A theme of these templates, of which Pelican's own theme fills in the rest."""
    folder = blog.root / "theme" / "templates"
    folder.mkdir(parents=True)
    for name, text in templates.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    blog.configure(THEME=str(folder.parent))


def a_site(blog: Blog, **settings: Any) -> None:
    """Three articles with heroes, one of which has a summary of its own."""
    blog.configure(**{"FALHERO_PROVIDER": "none", "SITEURL": SITE, "FEED_ALL_RSS": "all.rss.xml", **settings})
    for title in TITLES:
        blog.post(f"{title.lower()}.md", title, Lang="en", **({"Summary": "A *short* one."} if title == "Two" else {}))
        save_picture(blog.assets / hero_name(title), image=draw())


def pictures(blog: Blog, name: str) -> list[str]:
    """The files of the output that the images and previews of a page name, each of which is there."""
    page = blog.output / name
    found: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag == "img" or given.get("property") == "og:image":
                found.append(str(given.get("src") or given.get("content")))

    Parser().feed(page.read_text(encoding="utf-8"))
    site = str(blog.settings["SITEURL"])
    base = urljoin(f"{site}/", name)
    files = [blog.output / unquote(urljoin(base, source)).removeprefix(f"{site}/") for source in found]
    assert all(file.is_file() for file in files), found
    return [file.relative_to(blog.output).as_posix() for file in files]


def hero(title: str) -> str:
    """Where an article's hero is published."""
    return f"images/heroes/{hero_name(title)}"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"RELATIVE_URLS": True, "ARTICLE_URL": "posts/{slug}.html", "ARTICLE_SAVE_AS": "posts/{slug}.html"},
        {"CACHE_CONTENT": True, "LOAD_CONTENT_CACHE": True, "CONTENT_CACHING_LAYER": "generator"},
    ],
    ids=["plain", "relative", "cached"],
)
def test_a_theme_that_knows_no_heroes_shows_them(blog: Blog, settings: dict[str, object]) -> None:
    """Pages, lists, drafts, translations and pages of their own show their heroes, each of which is published."""
    a_site(blog, THEME="simple", **settings)
    extra = {"draft.md": "Draft", "pages/about.md": "About", "uno.md": "Uno"}
    blog.post("draft.md", "Draft", Status="draft")
    blog.post("pages/about.md", "About")
    blog.post("uno.md", "Uno", Slug="one", Lang="es")
    for title in extra.values():
        save_picture(blog.assets / hero_name(title), image=draw())
    for news in ("heroes: inserted above the text of articles; previews added", ""):
        built = blog.build("--fatal", "warnings")
        assert built.code == 0, built.output
        assert built.line("heroes:") == news
        posts = "posts/" if "RELATIVE_URLS" in settings else ""
        own = {f"{posts}{title.lower()}.html": title for title in TITLES}
        own |= {"drafts/draft.html": "Draft", "pages/about.html": "About", "one-es.html": "Uno"}
        for name, title in own.items():
            # Once on the page, once in its preview.
            assert pictures(blog, name) == [hero(title)] * 2, name
        for name in ("index.html", "category/misc.html"):
            assert sorted(pictures(blog, name)) == sorted(map(hero, TITLES))
    feed = (blog.output / "all.rss.xml").read_text(encoding="utf-8")
    assert feed.count("<enclosure ") == feed.count("&lt;figure") == len(TITLES) + 1
    if "RELATIVE_URLS" in settings:
        assert f'src="../{hero("One")}"' in blog.page("posts/one.html").text
        assert f'content="{SITE}/{hero("One")}"' in blog.page("posts/one.html").text


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta property="og:image" content="{{ SITEURL }}/logo.png">', 1),
        ('<meta property="og:image" content="{{ SITEURL }}/{{ article.slug }}.png">', 0),
        pytest.param('<meta property="og:image" content="">', 1, marks=pytest.mark.long),
        pytest.param("<meta property=\"og:image\" content='{{ article.hero }}'>", 1, marks=pytest.mark.long),
        ("", 1),
    ],
)
def test_a_themes_own_preview_is_put_right(blog: Blog, head: str, expected: int) -> None:
    """The hero replaces an empty or half address and the site's constant one; an article's own address stays."""
    a_theme(blog, article=HEAD % head + "{{ article.content }}</body></html>")
    a_site(blog)
    assert blog.build().code == 0
    text = blog.page("one.html").text
    assert text.count('property="og:image"') == 1
    assert text.count(f'content="{SITE}/{hero("One")}"') == expected
    (block,) = re.findall(r"<script[^>]*ld\+json[^>]*>(.*?)</script>", text)
    assert json.loads(block)["image"] == f"{SITE}/{hero('One')}"


def test_a_theme_that_shows_heroes_itself_is_left_to_it(blog: Blog) -> None:
    """A page, or a list, that shows ``article.hero`` gets no figure."""
    show = '<img src="{{ SITEURL }}/{{ article.hero }}">'
    a_theme(
        blog,
        article=HEAD % "" + show + "{{ article.content }}</body></html>",
        index=HEAD % "" + "{% for article in articles %}" + show + "{{ article.summary }}{% endfor %}</body></html>",
    )
    a_site(blog)
    assert blog.build().code == 0
    for name in ("one.html", "index.html"):
        assert "<figure" not in blog.page(name).text
    assert pictures(blog, "one.html") == [hero("One")] * 2
    assert sorted(pictures(blog, "index.html")) == sorted(map(hero, TITLES))


def test_an_own_picture_is_light_but_where_its_author_named_it(blog: Blog) -> None:
    """The field that he filled stays as it is; elsewhere on his page, in lists, previews and feeds there are copies."""
    cover = '<img src="{{ SITEURL }}/{{ article.cover }}">'
    loop = "{% for article in articles %}{{ article.summary }}{% endfor %}"
    body = f"{cover}{{{{ article.hero.picture() }}}}{{{{ article.content }}}}"
    a_theme(blog, article=HEAD % "" + body, index=HEAD % "" + loop)
    blog.configure(SITEURL=SITE, FALHERO_PROVIDER="none", FALHERO_FORMATS=["webp"], FEED_ALL_RSS="all.rss.xml")
    blog.post("own.md", "Own", Slug="own", Cover="images/own.png")
    own = save_picture(blog.content / "images" / "own.png", image=draw(640, 480))
    assert blog.build().code == 0
    social, field, shown = pictures(blog, "own.html")
    assert field == "images/own.png"
    assert (blog.output / field).read_bytes() == own.read_bytes()
    light = re.fullmatch(r"images/heroes/(own-[0-9a-f]{8})-640\.webp", shown)
    assert light
    assert social == f"images/heroes/{light[1]}-social.jpg"
    assert pictures(blog, "index.html") == [shown]
    feed = (blog.output / "all.rss.xml").read_text()
    assert f'url="{SITE}/{social}"' in feed
    assert "own.png" not in feed


def test_a_list_that_uses_texts_everywhere_shows_each_hero_once(blog: Blog) -> None:
    """Descriptions and data made of summaries are as without the plugin; contents and template pages show heroes."""
    index = (
        HEAD % '<meta name="description" content="{% for a in articles %}{{ a.summary|striptags }} {% endfor %}">'
        + "{% for a in articles %}<div>{{ a.content }}</div>{% endfor %}"
        + "<script>var posts = {{ articles|map(attribute='summary')|list|tojson }}</script></body></html>"
    )
    a_theme(blog, index=index)
    blog.write("own.html", index)
    blog.write("data.json", "{{ articles|map(attribute='summary')|list|tojson }}")
    a_site(blog, TEMPLATE_PAGES={"own.html": "own.html", "data.json": "data.json"}, DEFAULT_PAGINATION=2)
    assert blog.build().code == 0
    shown = {name: blog.page(name).text for name in ("index.html", "own.html", "data.json")}
    blog.configure(FALHERO_SHOW="never")
    assert blog.build().code == 0
    for name, text in shown.items():
        assert re.sub("<figure.*?</figure>", "", text) == blog.page(name).text, name
        assert text.count("<figure") == (0 if name == "data.json" else len(TITLES))


def test_a_page_without_its_text_is_named(blog: Blog) -> None:
    """The build names the articles whose template shows neither hero nor text, and is no failure."""
    a_theme(blog, bare="<html><body>{{ article.title }}</body></html>")
    a_site(blog)
    blog.post("four.md", "Four", Template="bare")
    save_picture(blog.assets / hero_name("Four"), image=draw())
    built = blog.build("--fatal", "warnings")
    assert built.code == 0
    assert built.line("heroes: 1") == (
        "heroes: 1 not shown on its page, whose template prints neither hero nor content: four.md"
    )


def test_a_wrong_setting_shows_heroes_as_its_default_would(blog: Blog) -> None:
    """With a setting that can't be used, pages show the heroes that are there, as if it had not been set."""
    include = '{% include "falhero/hero.html" %}'
    a_theme(blog, article=HEAD % '{% include "falhero/meta.html" %}' + include + "{{ article.content }}</body></html>")
    pages = []
    for show in ("auto", "sometimes"):
        a_site(blog, FALHERO_SHOW=show)
        built = blog.build()
        assert ("FALHERO_SHOW" in built.output) == (show == "sometimes")
        pages.append(blog.page("one.html").text)
    assert pages[0] == pages[1]
    assert hero("One") in pages[1]


def test_each_language_shows_its_own(blog: Blog) -> None:
    """Under i18n_subsites each site's pages show the heroes that are published in it."""
    a_site(blog, THEME="simple", PLUGINS=["i18n_subsites", "pelican_falhero"], I18N_SUBSITES={"tr": {}})
    blog.post("one-tr.md", "Bir", Slug="one", Lang="tr")
    save_picture(blog.assets / hero_name("Bir"), image=draw())
    built = blog.build()
    assert built.code == 0, built.output
    assert pictures(blog, "one.html") == [hero("One")] * 2
    sub = blog.output / "tr"
    text = (sub / "one.html").read_text(encoding="utf-8")
    assert text.count("<figure") == 1
    assert set(re.findall(r'(?:src|content)="([^"]*\.png)"', text)) == {f"{SITE}/tr/{hero('Bir')}"}
    assert (sub / hero("Bir")).is_file()


def test_a_second_build_in_one_process_starts_anew(blog: Blog) -> None:
    """As ``pelican -r`` does, the same Pelican object builds again: a hero that is gone is not shown any more."""
    a_site(blog, THEME="simple")
    counts = blog.python(
        "import pelican\n"
        "from pathlib import Path\n"
        "from pelican.settings import read_settings\n"
        "site = pelican.Pelican(read_settings('pelicanconf.py'))\n"
        "site.run()\n"
        "first = Path('output/one.html').read_text().count('<figure')\n"
        f"Path('content/images/heroes/{hero_name('One')}').unlink()\n"
        "site.run()\n"
        "print('COUNTS', first, *[Path(f'output/{n}.html').read_text().count('<figure') for n in ('one', 'two')])\n"
    )
    assert counts.splitlines()[-1] == "COUNTS 1 0 1"
