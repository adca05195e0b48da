"""Which fields are chosen to show heroes, and what articles get for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from themed_site import SITE, ThemedSite, articles_of

from pelican_falhero.presentation.fields import FieldPlan, show_in_fields
from pelican_falhero.presentation.hero import Hero
from pelican_falhero.settings import Settings

COVER = '<img src="{{ SITEURL }}/{{ article.cover }}">'
IMAGE = '<img src="{{ article.image }}">'


@pytest.fixture
def site(tmp_path: Path) -> ThemedSite:
    """A site with one post."""
    site = ThemedSite(tmp_path / "site")
    site.post("one")
    return site


def shown(page: str, *, at: str = f"{SITE}/one.html") -> list[str]:
    """The pictures of a page as a browser finds them."""
    found = re.findall(r"""(?:src=|content=|url\()["']?([^"')\s>]+)""", page)
    return [urljoin(at, address) for address in found]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (COVER, "cover"),
        ('<img src="{{ SITEURL }}{{ article.cover }}">', "cover"),
        ('{% if article.image %}<img src="{{ article.image }}">{% endif %}', "image"),
        ('<img src="{{ SITEURL }}/images/{{ article.thumbnail }}">', "thumbnail"),
        ('<img src="/blog/theme/{{ article.image }}">', "image"),
        ('<header style="background-image: url({{ SITEURL }}/{{ article.header_cover }})"></header>', "header_cover"),
        ("<style>h1 { background: url('{{ article.cover }}') }</style>", "cover"),
        ('{% set post = article %}{{ post.title }}<img src="{{ post.metadata.get("splash_art") }}">', "splash_art"),
        ('{% from "macros.html" import show %}{{ show(article) }}', "picture"),
    ],
)
@pytest.mark.parametrize("settings", [{}, {"SITEURL": ""}, {"RELATIVE_URLS": True}], ids=["site", "none", "relative"])
def test_a_page_shows_the_hero_by_the_themes_own_field(
    site: ThemedSite, body: str, field: str, settings: dict[str, Any]
) -> None:
    """Whatever the theme makes of its field, its page shows the picture where it is, under any kind of SITEURL."""
    site.configure(ARTICLE_URL="posts/{slug}.html", ARTICLE_SAVE_AS="posts/{slug}.html", **settings)
    site.template("macros.html", '{% macro show(it) %}<img src="{{ it.picture }}">{% endmacro %}')
    site.article_page(body)
    plan = site.show()
    root = settings.get("SITEURL", SITE) or "https://server.example"
    assert plan.names("page") == (field,)
    assert shown(site.page("posts/one"), at=f"{root}/posts/one.html") == [f"{root}/images/heroes/one.png"]


def test_of_several_visible_fields_one_is_set(site: ThemedSite) -> None:
    """The page shows one picture: by a field that it shows once rather than by one that it shows twice."""
    site.article_page(f'{COVER}{COVER}<img src="{{{{ article.image }}}}">')
    assert site.show().names("page") == ("image",)
    assert f'src="{SITE}/images/heroes/one.png"' in site.page("one")
    assert f'src="{SITE}/"' in site.page("one")


def test_a_field_that_lists_show_too_is_preferred(site: ThemedSite) -> None:
    """Of two that the page shows, the one by which lists show the hero as well is set."""
    site.article_page(COVER + IMAGE, head='<meta name="image" content="{{ SITEURL }}/{{ article.cover }}">' * 9)
    site.index_page(IMAGE)
    assert site.show().names("page") == ("image",)


@pytest.mark.parametrize(
    "body",
    [
        "<p>{{ article.cover }}</p>" + COVER,
        COVER + '<img src="{{ article.cover }}">',
        COVER + '<a href="{{ article.cover }}">full size</a>',
        '<img src="{{ SITEURL }}/{{ article.slug }}/{{ article.cover }}">',
        '<img src="{{ SITEURL }}/{{ article.cover }}-small.jpg">',
        "{% if article.cover %}{{ article.cover.no.such }}{% endif %}" + COVER,
        "<p>no picture</p>",
    ],
    ids=["in text", "two forms", "link of another form", "varies", "part of a name", "raises", "nothing"],
)
def test_a_field_that_can_not_be_right_is_not_set(site: ThemedSite, body: str) -> None:
    """Where the theme would show the address as text, or make a wrong one of it, no field is set."""
    site.post("two")
    site.article_page(body)
    plan = site.show()
    assert (plan.names("page"), plan.names("lists"), plan.names("head")) == ((), (), ())
    assert "heroes" not in site.page("one")


def test_lists_and_previews_have_fields_of_their_own(site: ThemedSite) -> None:
    """A theme that shows nothing on the article's page gets the field of its lists and the one of its previews."""
    site.article_page(head='<meta property="og:image" content="{{ SITEURL }}/{{ article.og_image }}">')
    site.index_page('<img src="{{ article.thumbnail }}">')
    plan = site.show()
    assert (plan.names("page"), plan.names("lists"), plan.names("head")) == ((), ("thumbnail",), ("og_image",))
    assert shown(site.page("index")) == shown(site.page("one")) == [f"{SITE}/images/heroes/one.png"]


def test_one_field_is_enough_for_all_that_show_it(site: ThemedSite) -> None:
    """Where lists and previews show the page's field, no other is set."""
    site.article_page(COVER, head='<meta property="og:image" content="{{ SITEURL }}/{{ article.cover }}">')
    site.index_page(COVER + '<img src="{{ article.thumbnail }}">')
    plan = site.show()
    assert (plan.names("page"), plan.names("lists"), plan.names("head")) == (("cover",), (), ())


@pytest.mark.parametrize(
    ("body", "head", "listed", "names"),
    [
        (COVER + IMAGE + IMAGE, "", IMAGE, [("cover",), (), ()]),
        ("{% if article.image %}{{ article.image.no.such }}{% endif %}", "", IMAGE, [(), (), ()]),
        ("", "<meta name='image' content='{{ article.image }}'>", COVER + COVER + IMAGE, [(), ("cover",), ()]),
    ],
    ids=["page shows it", "page fails", "lists show it"],
)
def test_no_field_is_set_that_shows_more_than_it_should(
    site: ThemedSite, body: str, head: str, listed: str, names: list[tuple[str, ...]]
) -> None:
    """The field for lists does nothing on the article's page, and the one for previews nothing in lists."""
    site.article_page(body, head=head)
    site.index_page(listed)
    plan = site.show()
    assert [plan.names("page"), plan.names("lists"), plan.names("head")] == names


def test_a_field_that_lists_show_in_another_form_is_not_the_pages(site: ThemedSite) -> None:
    """A value that is right on the page and wrong in lists is not set."""
    site.article_page(COVER)
    site.index_page('<img src="{{ article.cover }}">')
    assert site.show().names("page") == ()


def test_pages_of_categories_are_lists_too(site: ThemedSite) -> None:
    """A field that only a category's page shows is set for lists."""
    site.template("category.html", "{{ category.slug.upper() }}{% for article in articles %}" + COVER + "{% endfor %}")
    assert site.show().names("lists") == ("cover",)
    assert shown(site.page("category/misc")) == [f"{SITE}/images/heroes/one.png"]


def test_articles_are_judged_by_their_own_template(site: ThemedSite) -> None:
    """``Template: long`` has the field that this template shows; so have pages."""
    site.post("two", Template="long")
    site.post("about", Template="page")
    site.article_page(COVER)
    site.article_page('<img src="{{ article.image }}">', name="long.html")
    site.index_page('<img src="{{ article.banner }}">')
    site.template("page.html", '<body>{{ page.title }}<img src="{{ SITEURL }}/images/{{ page.banner }}"></body>')
    plan = site.show()
    by_template = {key.name: [choice.field for choice in choices] for key, choices in plan.choices.items()}
    assert by_template == {"article": ["cover", "banner"], "long": ["image", "banner"], "page": ["banner"]}
    assert shown(site.page("two")) == [f"{SITE}/images/heroes/two.png"]
    assert shown(site.page("pages/about")) == [f"{SITE}/images/heroes/about.png"]


def test_a_field_that_the_author_set_is_his(site: ThemedSite) -> None:
    """An author's field stays, and so does the page of one who set another field that the page shows."""
    site.post("two", Cover="own.png")
    site.post("three", Image="own.png", Og_image="own.png")
    site.article_page(
        COVER + '<img src="{{ SITEURL }}/images/{{ article.image }}">',
        head='<meta property="og:image" content="{{ article.og_image }}">',
    )
    assert site.show().names("page") == ("cover",)
    assert shown(site.page("two"))[:2] == [f"{SITE}/images/heroes/two.png", f"{SITE}/own.png"]
    three = site.page("three")
    assert "heroes" not in three
    assert 'images/own.png"' in three


def test_a_default_is_no_choice_of_the_author(site: ThemedSite) -> None:
    """What DEFAULT_METADATA puts on every article is replaced by the hero."""
    site.configure(DEFAULT_METADATA={"cover": "images/default.jpg"})
    site.article_page(COVER)
    site.show()
    assert shown(site.page("one")) == [f"{SITE}/images/heroes/one.png"]


def test_the_setting_goes_before_what_was_found(site: ThemedSite) -> None:
    """FALHERO_FIELDS adds fields, gives forms and forbids fields; a field that it names is preferred."""
    site.article_page(COVER + '<img src="{{ article.image }}">' + '<i data-bg="{{ article.masthead }}"></i>')
    assert site.show(fields={"cover": "off"}).names("page") == ("image",)
    plan = site.show(fields={"image": "images", "masthead": "url"})
    assert (plan.names("page"), plan.names("setting")) == (("image",), ("masthead",))
    page = site.page("one")
    assert 'src="heroes/one.png"' in page
    assert f'data-bg="{SITE}/images/heroes/one.png"' in page


def test_a_field_at_which_the_theme_fails_is_not_set_on_demand(site: ThemedSite) -> None:
    """FALHERO_FIELDS can't break a build: a field at which a template raises is left alone."""
    site.article_page("{% if article.gallery %}{{ article.gallery.no.such }}{% endif %}")
    assert not site.show(fields={"gallery": "path"}).names("setting")


@pytest.mark.parametrize("show", ["insert", "never"])
def test_no_field_is_set_where_none_is_wanted(site: ThemedSite, show: str) -> None:
    """FALHERO_SHOW can do without the theme's fields, FALHERO_FIELDS included."""
    site.article_page(COVER, head='<meta property="og:image" content="{{ SITEURL }}/logo.png">')
    plan = site.show(show=show, fields={"cover": "url"})
    assert not plan.choices
    assert plan.default_pictures("..") == ({"../logo.png"} if show == "insert" else set())
    assert "heroes" not in site.page("one")


def test_a_hero_on_another_host_is_set_only_where_it_can_be(site: ThemedSite) -> None:
    """With a STATIC_URL on another host a field behind SITEURL stays empty; one for a whole address is set."""
    url = "https://static.example/{slug}.png"
    site.article_page(COVER)
    site.index_page('<img src="{{ article.thumbnail }}">')
    site.show(hero_url=url)
    assert "static.example" not in site.page("one")
    assert shown(site.page("index")) == ["https://static.example/one.png"]


def test_previews_name_the_card_with_its_title(site: ThemedSite) -> None:
    """A field that only previews show has the picture meant for them; one that readers see has the plain one."""
    site.article_page(COVER, head='<meta property="og:image" content="{{ article.og_image }}">')
    site.show(social_url="cards/{slug}.png")
    assert shown(site.page("one")) == [f"{SITE}/cards/one.png", f"{SITE}/images/heroes/one.png"]


def test_what_another_plugin_put_there_stays(site: ThemedSite) -> None:
    """An attribute that is in no metadata, such as a picture found in the text, is not replaced."""
    site.article_page(COVER)

    def work(generators: list[Any]) -> None:
        (article,) = articles_of(generators).articles
        article.cover = "images/found.png"
        show_in_fields(articles_of(generators), [(article, Hero(url="images/heroes/one.png"))], Settings())

    site.build(work)
    assert shown(site.page("one")) == [f"{SITE}/images/found.png"]


def test_articles_without_a_hero_are_left_alone(site: ThemedSite) -> None:
    """Where there is no picture the theme shows what it shows without the plugin."""
    site.article_page("{% if article.cover is defined %}" + COVER + "{% endif %}")
    assert site.show(hero_url="") == FieldPlan()
    assert shown(site.page("one")) == []


def test_a_site_without_heroes_has_no_plan(tmp_path: Path) -> None:
    """No article, nothing to do."""
    site = ThemedSite(tmp_path / "empty")
    site.article_page(COVER)
    assert site.show() == FieldPlan()
