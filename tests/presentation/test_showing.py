"""Showing: what the pages of one run show, with real templates and articles, and no build."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from jinja2 import Template
from pages import SITE, Pages, address
from pelican.contents import Content
from pelican.utils import memoized

from pelican_falhero.presentation import tokens
from pelican_falhero.presentation.fields import FieldChoice, FieldPlan
from pelican_falhero.presentation.theme_probe import template_of

ARTICLE = "<html><head></head><body><h1>{{ article.title }}</h1>{{ article.content }}</body></html>"
CONTENTS = "<html><body>{% for article in articles %}<div>{{ article.content }}</div>{% endfor %}</body></html>"
SUMMARIES = "<html><body>{% for article in articles %}<p>{{ article.summary|striptags }}</p>{% endfor %}</body></html>"
THEME = {"article": ARTICLE, "contents": CONTENTS, "summaries": SUMMARIES}


def sources(page: str) -> list[str]:
    """The addresses that the figures of a page show, in order."""
    return re.findall(r'<figure class="falhero"[^>]*>(?:<picture>)?<img src="([^"]*)"', page)


def no_token(page: str) -> bool:
    """Whether nothing of a token is left."""
    return not re.search("[\x80-\x9f]|u0090|%C2%90", page, re.IGNORECASE)


def heroes(*titles: str, site: str = SITE) -> list[str]:
    """The addresses of these articles' heroes."""
    return [f"{site}/{address(title)}" for title in titles]


def test_an_article_shows_its_hero_above_its_text() -> None:
    """Once, before the first word, loaded first, and named to other sites."""
    pages = Pages(THEME)
    page = pages.render("article", article=pages.add("One"))
    assert sources(page) == heroes("One")
    assert re.search(r'fetchpriority="high"[^>]*></picture></figure><p>Some words', page)
    assert f'<meta property="og:image" content="{SITE}/{address("One")}">' in page
    assert no_token(page)


@pytest.mark.parametrize("template", ["contents", "summaries"])
def test_a_list_shows_the_hero_of_each_article(template: str) -> None:
    """The first is loaded at once and the rest when they come near; a list has no preview."""
    pages = Pages(THEME)
    articles = [pages.add("One"), pages.add("Two", summary="A summary"), pages.add("Three", url=" ")]
    page = pages.render(template, articles=articles)
    assert sources(page) == heroes("One", "Two")
    assert [page.count(loading) for loading in ('fetchpriority="high"', 'loading="lazy"')] == [1, 1]
    assert page.index("fetchpriority") < page.index("lazy")
    assert "og:image" not in page
    assert no_token(page)


EXCERPTS = """<html><head><meta name="description" content="{{ entry.content|striptags|e }}"></head>
<body data-words="{{ entry.content|wordcount }}" data-json='{{ {"text": entry.summary}|tojson }}'>
<a href="?text={{ entry.summary|urlencode }}" title="{{ entry.summary|e }}">x</a>
<script>{{ {"text": entry.content}|tojson }}</script>{{ (entry.content|striptags).split()[:2]|join(" ")|upper }}
<textarea>{{ entry.content }}</textarea></body></html>"""


@pytest.mark.parametrize("template", [EXCERPTS, "{{ entry.content }}", '{"text": {{ entry.summary|tojson }}}'])
def test_an_excerpt_is_what_it_was(template: str) -> None:
    """Descriptions, JSON, addresses and counts made of a text are as without the plugin; only a figure is added."""
    pages = []
    for mode in ("auto", "never"):
        site = Pages({"x": template}, show=mode)
        pages.append(site.render("x", entry=site.add("One", "\n<p>Ten words that are of a “text”.</p>")))
    assert no_token(pages[0])
    assert re.sub('<figure class="falhero".*?</figure>', "", pages[0]) == pages[1]


def test_a_text_that_is_cut_gains_no_word() -> None:
    """Cut short by characters, or in the middle of a token, a text ends earlier rather than later."""
    site = Pages({"x": "{% for n in range(1, 9) %}{{ entry.content|truncate(n, True, '', 0) }}|{% endfor %}"})
    assert site.render("x", entry=site.add("One", "Word and word")) == "||||W|Wo|Wor|Word|"


def test_outside_of_a_page_texts_are_pelicans() -> None:
    """Plugins that read or cut a text, before, between and after pages, get exactly what Pelican gives."""
    pages = Pages(THEME)
    article = pages.add("One", "<p>Some words.</p>")
    given = article.summary, article.content
    pages.render("article", article=article)
    pages.render("contents", articles=[article])
    assert (article.summary, article.content) == given == ("<p>Some words.</p>", "<p>Some words.</p>")
    cached = [part.cache.values() for part in vars(Content).values() if isinstance(part, memoized)]
    assert no_token("".join(text for values in cached for text in values if isinstance(text, str)))


def test_a_summary_is_first_cut_by_a_page() -> None:
    """A summary that a list is the first to ask for is remembered without a token."""
    pages = Pages(THEME)
    article = pages.add("One", "<p>" + "word " * 80 + "</p>")
    assert sources(pages.render("summaries", articles=[article])) == heroes("One")
    assert no_token(article.summary)


def test_an_articles_page_shows_no_other_hero() -> None:
    """A box of other articles' texts stays as it is, and so does the article's own summary."""
    box = "{% for other in others %}{{ other.summary }}{{ other.content }}{% endfor %}"
    pages = Pages(
        {"x": f"<html><body>{{{{ article.summary }}}}{box}<main>{{{{ article.content }}}}</main></body></html>"}
    )
    articles = [pages.add(title) for title in ("One", "Two", "Three")]
    page = pages.render("x", article=articles[0], others=articles[1:])
    assert sources(page) == heroes("One")
    assert "<main><figure" in page
    assert no_token(page)


def test_pages_of_their_own_show_heroes_too() -> None:
    """A page shows its hero above its text and previews it, without calling itself an article; it may list articles."""
    pages = Pages(
        {"x": "<html><body>{{ page.content }}{% for post in posts %}{{ post.summary }}{% endfor %}</body></html>"}
    )
    about, post = pages.add("About", is_page=True), pages.add("One")
    page = pages.render("x", page=about, posts=[post])
    assert sources(page) == heroes("About", "One")
    assert "og:image" in page
    assert "ld+json" not in page


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="{{ SITEURL }}/{{ article.hero.url }}">',
        "<div style=\"background-image: url('{{ SITEURL }}/{{ article.hero }}')\"></div>",
        '{% include "falhero/hero.html" %}',
    ],
)
def test_a_hero_that_is_shown_already_is_not_shown_again(markup: str) -> None:
    """Above or below the text, as an image, as a background or by our own template."""
    for body in (markup + "{{ article.content }}", "{{ article.content }}" + markup):
        pages = Pages({"x": f"<html><head></head><body>{body}</body></html>"})
        page = pages.render("x", article=pages.add("One"))
        assert page.partition("<body>")[2].count(address("One")) == 1
        assert no_token(page)


def test_a_list_with_thumbnails_shows_none_twice() -> None:
    """Where a theme shows some articles' heroes in a list, the others get a figure."""
    template = """<html><body>{% for article in articles %}
    {% if loop.first %}<img src="{{ SITEURL }}/{{ article.hero }}">{% endif %}
    <div>{{ article.summary }}</div>{% endfor %}</body></html>"""
    pages = Pages({"x": template})
    page = pages.render("x", articles=[pages.add("One"), pages.add("Two")])
    assert sources(page) == heroes("Two")
    assert page.count(address("One")) == 1


def test_two_articles_of_one_title_both_show_their_hero() -> None:
    """The figure of one does not stand for the other."""
    pages = Pages(THEME)
    page = pages.render("contents", articles=[pages.add("One", slug="a"), pages.add("One", slug="b")])
    assert sources(page) == heroes("One", "One")


def test_some_articles_get_no_figure() -> None:
    """One that begins with a picture has its hero in previews only, and one that says ``Hero_Show: no`` nowhere."""
    pages = Pages(THEME)
    articles = {True: pages.add("One", '<p><img src="a.png"></p>'), False: pages.add("Two", shown=False)}
    for has_preview, article in articles.items():
        page = pages.render("article", article=article)
        assert sources(page) == sources(pages.render("contents", articles=[article])) == []
        assert ("og:image" in page) is has_preview
    assert pages.showing.unshown() == ""


@pytest.mark.parametrize(
    ("mode", "figures", "previews"), [("auto", 1, 1), ("insert", 1, 1), ("fields", 0, 1), ("never", 0, 0)]
)
def test_the_site_says_what_is_shown(mode: str, figures: int, previews: int) -> None:
    """FALHERO_SHOW decides on figures and previews."""
    pages = Pages(THEME, show=mode)
    page = pages.render("article", article=pages.add("One"))
    assert (page.count("<figure"), page.count('"og:image"')) == (figures, previews)
    assert pages.showing.unshown() == ""


def test_without_showing_pages_are_what_their_templates_make() -> None:
    """With ``never`` nothing is put into a page, and our templates can still be included."""
    include = '{% include "falhero/hero.html" %}{% include "falhero/meta.html" %}'
    pages = Pages({"x": f"{include}{{{{ article.content }}}}"}, show="never")
    page = pages.render("x", article=pages.add("One"))
    assert sources(page) == heroes("One")
    assert page.count('"og:image"') == 1


def test_a_theme_may_place_figures_and_tags_itself() -> None:
    """Our templates print the figure and the tags of the article or page, nothing without a hero, and no tag twice."""
    head, hero = '{% include "falhero/meta.html" %}', '{% include "falhero/hero.html" %}'
    loop = "{% for article in articles %}" + hero + "{% endfor %}"
    pages = Pages({"x": f"<html><head>{head}</head><body>{hero}</body></html>", "list": f"{head}<body>{loop}"})
    own, page = pages.add("One"), pages.add("About", is_page=True)
    for context in ({"article": own}, {"page": page}):
        (content,) = context.values()
        text = pages.render("x", **context)
        assert sources(text) == heroes(content.title)
        assert (text.count('"og:image"'), text.count("twitter:card")) == (1, 1)
    bare = "<html><head></head><body></body></html>"
    assert pages.render("x", article=pages.add("None", url=" ")) == pages.render("x") == bare
    text = pages.render("list", articles=[own, page])
    assert sources(text) == heroes("One", "About")
    assert [text.count(loading) for loading in ("fetchpriority", "lazy", "og:image")] == [1, 1, 0]


def test_pages_below_the_root_name_it_in_their_way() -> None:
    """Under RELATIVE_URLS figures are relative to each page, and previews name the site's address."""
    pages = Pages(THEME)
    article = pages.add("One")
    for siteurl in ("../..", ".", "../.."):
        page = pages.render("article", article=article, SITEURL=siteurl)
        assert sources(page) == heroes("One", site=siteurl)
        assert f'<meta property="og:image" content="{SITE}/{address("One")}">' in page


@pytest.mark.parametrize("site", ["", "/blog", "//example.org"])
def test_a_site_without_an_address_says_nothing_to_others(site: str) -> None:
    """Without scheme and host no tag is added, by a page or by our template."""
    pages = Pages({"x": '<html><head>{% include "falhero/meta.html" %}</head><body></body></html>'}, site=site)
    assert pages.render("x", article=pages.add("One")) == "<html><head></head><body></body></html>"


def test_a_sites_own_picture_gives_way() -> None:
    """A picture that the theme names on every page is told by its address, under RELATIVE_URLS too."""
    theme = '<html><head><meta property="og:image" content="{{ SITEURL }}/logo.png"></head><body></body></html>'
    pages = Pages({"x": theme})
    article = pages.add("One")
    assert pages.render("x", article=article).count("logo.png") == 1
    pages.showing.constants = frozenset({f"{SITE}/logo.png"})
    for siteurl in (SITE, "../.."):
        assert "logo.png" not in pages.render("x", article=article, SITEURL=siteurl)
    assert "logo.png" in pages.render("x", articles=[article])


@pytest.mark.parametrize("value", ["{{ SITEURL }}", "{{ SITEURL }}/", "{{ SITEURL }}/images/{{ article.cover }}"])
def test_an_address_without_a_picture_gives_way(value: str) -> None:
    """What a theme prints before the name of a picture that the article does not have is no picture."""
    pages = Pages({"x": f'<html><head><meta property="og:image" content="{value}"></head><body></body></html>'})
    article = pages.add("One")
    for siteurl in (SITE, ".."):
        page = pages.render("x", article=article, SITEURL=siteurl)
        assert re.findall('"og:image" content="([^"]*)"', page) == heroes("One")


def test_an_articles_block_names_the_article() -> None:
    """JSON-LD that we add has its title, day and picture; the alternative text falls back to the title."""
    pages = Pages(THEME)
    plain, described = pages.add("One & only"), pages.add("Two", alt="A hill")
    page = pages.render("article", article=plain)
    assert '"headline": "One & only"' in page
    assert '"datePublished": "2026-11-01T00:00:00+00:00"' in page
    assert '<meta property="og:image:alt" content="One &amp; only">' in page
    page = pages.render("article", article=described)
    assert '<meta property="og:image:alt" content="A hill">' in page
    assert page.count('alt="A hill"') == 1


def test_a_page_that_shows_nothing_is_named() -> None:
    """An article whose template prints neither hero nor text is told, once; other formats of it are not missed."""
    pages = Pages({"bare": "<html><body>{{ article.title }}</body></html>", "json": '{"a": 1}', **THEME})
    articles = [pages.add(f"Post {number}") for number in range(5)]
    for article in articles[:4]:
        for template in ("bare", "json", "bare"):
            pages.render(template, article=article)
    pages.render("article", article=articles[4])
    assert pages.showing.unshown() == (
        "heroes: 4 not shown on their pages, whose template prints neither hero nor content: "
        "post-0.md, post-1.md, post-2.md and 1 more"
    )


def test_a_template_inside_of_a_page_is_part_of_it() -> None:
    """What a filter renders in the midst of a page keeps its token until the page is complete."""
    pages = Pages({"part": "<div>{{ article.content }}</div>", "x": "<html><body>{{ article|part }}</body></html>"})
    pages.env.filters["part"] = lambda article: pages.env.get_template("part").render(article=article)
    assert sources(pages.render("x", article=pages.add("One"))) == heroes("One")


def test_a_page_that_fails_leaves_the_next_one_alone() -> None:
    """An error in a template is raised, and texts are Pelican's again."""
    pages = Pages({"bad": "{{ article.content }}{{ 1 // 0 }}", **THEME})
    article = pages.add("One")
    with pytest.raises(ZeroDivisionError):
        pages.render("bad", article=article)
    assert no_token(article.content)
    assert sources(pages.render("article", article=article)) == heroes("One")


def test_another_plugins_templates_stay_in_use() -> None:
    """A template class that another plugin set is what pages are still made of."""

    class Shouting(Template):
        def render(self, *args: Any, **kwargs: Any) -> str:
            return super().render(*args, **kwargs).replace("Some words", "SOME WORDS")

    pages = Pages({})
    env = pages.env.overlay()
    env.template_class = Shouting
    pages.showing.connect(env)
    page = env.from_string(ARTICLE)
    article = pages.add("One")
    pages.showing.prepare()
    text = page.render(pages.values, article=article)
    assert sources(text) == heroes("One")
    assert "SOME WORDS" in text


def test_a_plugin_may_change_how_articles_give_their_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that it puts on the class is used, also by a later run of the process in which it is another one."""
    for text in ("first", "second"):
        monkeypatch.setattr(Content, "get_content", memoized(lambda content, siteurl, text=text: f"<p>{text}</p>"))
        pages = Pages(THEME)
        page = pages.render("article", article=pages.add("One"))
        assert f"</figure><p>{text}</p>" in page


def test_more_articles_than_tokens_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those beyond the last token get no figure."""
    monkeypatch.setattr(tokens, "LIMIT", 2)
    pages = Pages(THEME)
    page = pages.render("contents", articles=[pages.add(title) for title in ("One", "Two", "Three")])
    assert sources(page) == heroes("One", "Two")


def test_markup_that_templates_escape_stays_whole() -> None:
    """A site that escapes by itself shows the figure as an element."""
    body = '{% include "falhero/hero.html" %}{{ article.content|safe }}{{ article.title }}'
    pages = Pages({"x": f"<html><body>{body}</body></html>"}, env={"autoescape": True})
    first, second = pages.add("One"), pages.add("A < b", date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    assert sources(pages.render("x", article=first)) == heroes("One")
    assert "A &lt; b" in pages.render("x", article=second)


def test_what_goes_wrong_with_a_page_costs_only_its_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that can't be worked on is published as the theme made it, and named."""
    pages = Pages(THEME)
    article = pages.add("One")
    expected = Pages(THEME, show="never")
    monkeypatch.setattr("pelican_falhero.presentation.showing.insert_figures", None)
    page = pages.render("article", article=article)
    assert page == expected.render("article", article=expected.add("One"))
    (problem,) = pages.showing.problems
    assert problem.startswith("article.html could not be given its heroes (TypeError: ")


def test_pages_are_searched_only_where_figures_do_not_tell() -> None:
    """Where each hero is inserted, its figure names all copies; a theme's field, or no insertion, makes pages tell."""
    pages = Pages(THEME)
    article = pages.add("One")
    pages.showing.plan = FieldPlan(choices={template_of(article): ()})
    assert pages.showing.names_all_copies
    field = FieldChoice(field="cover", role="page", prefix="")
    pages.showing.plan = FieldPlan(choices={template_of(article): (field,)})
    assert not pages.showing.names_all_copies
    never = Pages(THEME, show="never")
    never.add("One")
    assert not never.showing.names_all_copies
