"""Whole builds with themes as they are: every article's page shows its hero once, and no address leads nowhere."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from blog import Blog, Built, hero_name
from builders import draw, save_picture
from site_check import Shows, problems_of
from theme_forms import THEMES, write_theme

from pelican_falhero.doctor.built.page import read_page

SITE = "https://example.org/blog"
PACKAGED = ("notmyidea", "simple", "seafoam", "reflex")
WORDS = "The ferry left before breakfast ![rope]({static}/images/rope.png), [two]({filename}/two.rst)."
REST = """Two boats
#########

:date: 2026-11-02 10:00
:category: Coast

Words of the second ``article``.

.. image:: {static}/images/rope.png
   :alt: rope
"""
OWN = {
    "below-images": "own.png",
    "as-it-is": f"{SITE}/images/own.png",
    "style-element": f"{SITE}/images/own.png",
}
"""How an author writes the address of a picture of his own, for themes that don't put it behind SITEURL."""
RELATIVE = {
    "RELATIVE_URLS": True,
    "ARTICLE_URL": "posts/{slug}.html",
    "ARTICLE_SAVE_AS": "posts/{slug}.html",
    "ARTICLE_LANG_URL": "posts/{slug}-{lang}.html",
    "ARTICLE_LANG_SAVE_AS": "posts/{slug}-{lang}.html",
    "FEED_APPEND_REF": True,
}
SETTINGS: dict[str, dict[str, Any]] = {"sub-path": {}, "relative": RELATIVE}
RELATIVE_IN_SHORT = ("notmyidea", "path", "style-element", "hero", "our-templates", "none")
"""The themes that the quick suite builds with relative addresses."""
BOTH_IN_SHORT = ("notmyidea", "none")
"""Those of them that it builds with absolute ones too; the others it does not."""
NOT_IN_SHORT = ("as-it-is", "below-images", "style-attribute", "macro", "metadata", "empty-og")
"""What it builds with neither: the forms of fields that test_fields.py has with every kind of address."""


def site(theme: str, settings: str) -> Any:
    """A test's parameters: each theme with both settings, of which the quick suite has one, both or none."""
    is_relative = theme in RELATIVE_IN_SHORT
    is_short = theme in BOTH_IN_SHORT or (theme not in NOT_IN_SHORT and is_relative == (settings == "relative"))
    marks = () if is_short else pytest.mark.long
    return pytest.param(theme, SETTINGS[settings], id=f"{theme}-{settings}", marks=marks)


def build(blog: Blog, *options: str) -> Built:
    """Build the blog; a warning ends it."""
    built = blog.build("--fatal", "warnings", *options)
    assert built.code == 0, built.output
    return built


def a_site(blog: Blog, *, own: str = "images/own.png", **settings: Any) -> dict[str, Shows]:
    """Posts of all kinds and a page, with heroes to come but for one with a picture of its own; what pages show."""
    defaults: dict[str, Any] = {
        "SITEURL": SITE,
        "AUTHOR": "Mara",
        "CC_LICENSE": {},
        "FALHERO_PROVIDER": "none",
        "FALHERO_FORMATS": ["webp"],
        "FALHERO_WIDTHS": [80],
        "CACHE_CONTENT": False,
        "FEED_ALL_ATOM": "all.atom.xml",
        "FEED_ALL_RSS": "all.rss.xml",
        "CATEGORY_FEED_ATOM": "{slug}.atom.xml",
        "TRANSLATION_FEED_RSS": "in-{lang}.rss.xml",
    }
    blog.configure(**defaults | settings)
    blog.post("one.md", 'One "harbour" & more', WORDS, Slug="one", Lang="en", Category="Coast", Tags="sea")
    blog.write("two.rst", REST)
    blog.post("three.md", "Three clocks", WORDS, Slug="three", Summary="A *short* one & more.", Category="Kitchen")
    blog.post("own.md", "Own picture", WORDS, Slug="own", Cover=own, Image=own)
    blog.post("draft.md", "Not finished", WORDS, Slug="draft", Status="draft")
    blog.post("uno.md", "Uno", WORDS, Slug="one", Lang="es", Category="Coast")
    blog.post("pages/about.md", "About", WORDS, Slug="about")
    for name in ("own", "rope"):
        save_picture(blog.content / "images" / f"{name}.png", image=draw())
    posts = "posts/" if "RELATIVE_URLS" in settings else ""
    titles = {f"{posts}one.html": 'One "harbour" & more', f"{posts}two-boats.html": "Two boats"}
    titles |= {f"{posts}three.html": "Three clocks", "drafts/draft.html": "Not finished", f"{posts}one-es.html": "Uno"}
    shown = {name: Shows(stem_of(title), preview=f"{stem_of(title)}-social.jpg") for name, title in titles.items()}
    about = stem_of("About")
    shown["pages/about.html"] = Shows(about, preview=f"{about}-social.jpg", is_article=False)
    shown[f"{posts}own.html"] = Shows("/own", preview="/own-")
    return shown


def stem_of(title: str) -> str:
    """What the names of all files of a title's hero begin with."""
    return hero_name(title).removesuffix(".png")


def draw_heroes(blog: Blog, shown: dict[str, Shows]) -> None:
    """Put the heroes where they would be once they are bought."""
    for shows in shown.values():
        if shows.hero != "/own":
            save_picture(blog.assets / f"{shows.hero}.png", image=draw())


def use_theme(blog: Blog, theme: str) -> None:
    """Have the blog use a theme of Pelican, of a package or of ours."""
    if theme == "seafoam":
        blog.configure(PLUGINS=["seafoam", "pelican_falhero"])
    elif theme == "reflex":
        blog.configure("from pelican.themes.reflex import path\nTHEME = path()")
    elif theme in PACKAGED:
        blog.configure(THEME=theme)
    else:
        write_theme(blog.root / "theme", theme)
        blog.configure(THEME="theme")


@pytest.mark.parametrize(
    ("theme", "settings"),
    [site(theme, id_) for theme in (*PACKAGED, *THEMES) for id_ in SETTINGS],
)
def test_every_page_shows_its_hero_once(blog: Blog, theme: str, settings: dict[str, object]) -> None:
    """Whatever the theme reads: in pages, feeds, previews and JSON-LD, and every address leads to a file."""
    shown = a_site(blog, own=OWN.get(theme, "images/own.png"), **settings)
    draw_heroes(blog, shown)
    use_theme(blog, theme)
    build(blog)
    assert problems_of(blog.output, SITE, shown) == []


def test_an_own_figure_of_the_site_is_used(blog: Blog) -> None:
    """A site's ``falhero/figure.html`` takes the place of ours, on pages and in feeds."""
    shown = a_site(blog, THEME="simple", THEME_TEMPLATES_OVERRIDES=["templates"])
    draw_heroes(blog, shown)
    figure = blog.root / "templates" / "falhero" / "figure.html"
    figure.parent.mkdir(parents=True)
    figure.write_text('<div class="mine"><img src="{{ src }}" alt="{{ hero.alt }}"></div>')
    build(blog)
    assert problems_of(blog.output, SITE, shown) == []
    for name in (*shown, "index.html", "all.rss.xml"):
        text = html.unescape(blog.page(name).text)
        assert 'class="mine"' in text, name
        assert "<figure" not in text


def test_cards_are_shown_without_their_title_and_previewed_with_it(blog: Blog) -> None:
    """Pages and lists print the title beside the picture; other sites may not."""
    shown = a_site(blog, FALHERO_PROVIDER="card", FALHERO_INCLUDE=["drafts", "pages"], THEME="simple")
    build(blog)
    for name in set(shown) - {"own.html"}:
        (titled,) = read_page(blog.page(name).text).metas["og:image"]
        stem = titled.rpartition("/")[2].removesuffix("-social.jpg")
        shown[name] = Shows(f"{stem}-art", preview=f"{stem}-social.jpg", is_article=shown[name].is_article)
    assert problems_of(blog.output, SITE, shown) == []


READER = """
import json
from pelican import signals

texts = {}

def read(articles):
    texts.update({a.slug + a.lang: [a.content, a.summary] for a in articles})

def read_articles(generator):
    read([*generator.articles, *generator.translations, *generator.drafts])

def read_all(generators):
    read(generators[0].articles)

def keep(pelican):
    with open("texts.json", "w") as file:
        json.dump(texts, file)

class Reader:
    __name__ = "reader"

    def register(self):
        {signal}
        signals.finalized.connect(keep)
"""


@pytest.mark.parametrize(
    ("signal", "plugins"),
    [
        ("signals.article_generator_finalized.connect(read_articles)", "['pelican_falhero', Reader()]"),
        ("signals.all_generators_finalized.connect(read_all)", "['pelican_falhero', Reader()]"),
        pytest.param(
            "signals.all_generators_finalized.connect(read_all)",
            "[Reader(), 'pelican_falhero']",
            marks=pytest.mark.long,
        ),
    ],
    ids=["articles", "all-after", "all-before"],
)
def test_plugins_that_read_texts_early_get_them_as_they_are(blog: Blog, signal: str, plugins: str) -> None:
    """As those for reading times, related posts and search do; pages show their heroes all the same."""
    shown = a_site(blog, THEME="notmyidea")
    draw_heroes(blog, shown)
    if "article_generator" in signal:
        # Pelican knows of no other files by then, and says so.
        for file in blog.content.glob("*.[mr]*"):
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace("{static}/images/rope", f"{SITE}/images/rope"), encoding="utf-8")
    texts = {}
    for name, line in {"with": plugins, "without": "[Reader()]"}.items():
        blog.source = READER.replace("{signal}", signal) + f"PLUGINS = {line}"
        build(blog)
        texts[name] = json.loads((blog.root / "texts.json").read_text())
        if name == "with":
            assert problems_of(blog.output, SITE, shown) == []
    assert texts["with"] == texts["without"]
    assert texts["with"]["oneen"][0].count(f"{SITE}/images/rope.png") == 1


def test_a_sidebar_of_summaries_keeps_its_links(blog: Blog) -> None:
    """Links in summaries are resolved on every page, and a page is as without the plugin but for figure and tags."""
    shown = a_site(blog)
    draw_heroes(blog, shown)
    use_theme(blog, "sidebar")
    build(blog)
    pages = {name: blog.page(name).text for name in (*shown, "index.html") if name != "pages/about.html"}
    blog.configure(PLUGINS=[])
    build(blog)
    for name, text in pages.items():
        assert "{static}" not in text
        assert text.count("images/rope.png") > 1
        body = re.sub("<figure.*?</figure>", "", text[text.index("</head>") :])
        before = blog.page(name).text
        assert body == before[before.index("</head>") :], name


def test_a_site_that_wants_none_shown_is_as_without_the_plugin(blog: Blog) -> None:
    """With FALHERO_SHOW = "never" every file is, byte for byte, in a theme that does not read ``article.hero``."""
    draw_heroes(blog, a_site(blog, THEME="notmyidea", FALHERO_SHOW="never"))

    def files() -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in blog.output.rglob("*") if file.is_file()}

    build(blog)
    with_plugin = files()
    blog.configure(PLUGINS=[])
    build(blog, "--delete-output-directory")
    assert with_plugin == files()
    assert len(with_plugin) > 20
