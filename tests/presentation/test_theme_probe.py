"""Rendering a theme with markers, and leaving no trace of that."""

from __future__ import annotations

import logging
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import pytest
from pelican.contents import Content
from themed_site import SITE, ThemedSite, articles_of

from pelican_falhero.presentation.addresses import SENTINEL
from pelican_falhero.presentation.landings import Kind
from pelican_falhero.presentation.theme_probe import TemplateKey, ThemeProbe, probe_theme

ARTICLE = TemplateKey("article", "article")


@pytest.fixture
def site(tmp_path: Path) -> ThemedSite:
    """A site with two posts of different categories."""
    site = ThemedSite(tmp_path / "site")
    site.post("one", Category="North")
    site.post("two", Category="South")
    return site


def probe(site: ThemedSite, *fields: str, previews: bool = False) -> ThemeProbe:
    """What is found out about a site's theme."""
    found: list[ThemeProbe] = []

    def work(generators: list[Any]) -> None:
        generator = articles_of(generators)
        contents = [*generator.drafts, *generator.articles]
        found.append(probe_theme(generator, contents, fields=fields, previews=previews))

    site.build(work)
    return found[0]


def test_fields_are_probed_one_by_one(site: ThemedSite) -> None:
    """Of a chain of fields each is seen, though all together would hide but the first."""
    site.article_page(
        '{% if article.cover %}<img src="{{ article.cover }}">'
        '{% elif article.image %}<img src="{{ SITEURL }}/{{ article.image }}">{% endif %}'
    )
    page = probe(site, "cover", "image").pages[ARTICLE]
    assert [[at.prefix for at in page[name]] for name in ("cover", "image")] == [[""], [f"{SENTINEL}/"]]


def test_a_prefix_that_varies_is_none(site: ThemedSite) -> None:
    """Two articles of different categories tell a folder by category from a fixed one."""
    site.post("three", Category="North", Date="2026-11-02")
    site.post("four", Category="North", Date="2026-11-03")
    site.article_page('<img src="{{ SITEURL }}/{{ article.category.slug }}/{{ article.cover }}">')
    (landing,) = probe(site, "cover").pages[ARTICLE]["cover"]
    assert (landing.kind, landing.prefix) == (Kind.PICTURE, None)


def test_a_template_that_raises_costs_one_field(site: ThemedSite) -> None:
    """A field at which the template fails is known for that; the others are probed."""
    site.article_page('{% if article.image %}{{ article.image.no.such }}{% endif %}<img src="{{ article.cover }}">')
    page = probe(site, "cover", "image").pages[ARTICLE]
    assert [at.kind for at in page["cover"]] == [Kind.PICTURE]
    assert [at.kind for at in page["image"]] == [Kind.FAILURE]


def test_a_template_that_always_raises_costs_itself_only(site: ThemedSite) -> None:
    """Of a page that can't be rendered nothing is known, and the lists are probed all the same."""
    site.article_page('{% if "invalid" in SITEURL %}{{ article.no.such }}{% endif %}')
    site.index_page('<img src="{{ article.cover }}">')
    found = probe(site, "cover", previews=True)
    assert found.pages == {ARTICLE: {}}
    assert {at.kind for at in found.lists["cover"]} == {Kind.PICTURE}


def test_a_page_that_shows_less_takes_nothing_away(site: ThemedSite) -> None:
    """What the page of only one of two articles shows is taken as it is there."""
    site.article_page(
        '{% if article.category.slug == "south" %}<img src="/{{ article.cover }}">{% endif %}',
        head='<meta property="og:image" content="{{ article.cover }}">',
    )
    preview, picture = probe(site, "cover").pages[ARTICLE]["cover"]
    assert (preview.prefix, picture.prefix) == ("", "/")


def test_published_articles_are_looked_at_first(site: ThemedSite) -> None:
    """What a theme shows of published articles alone is seen, however many drafts there are."""
    site.article_page('{% if article.status == "published" %}<img src="{{ article.cover }}">{% endif %}')
    for name, category in {"three": "North", "four": "South"}.items():
        site.post(name, Category=category, Status="draft")
    assert probe(site, "cover").pages[ARTICLE]["cover"]


def test_the_picture_of_the_whole_site_is_found(site: ThemedSite) -> None:
    """What og:image names on every page is known; what differs between pages is not meant."""
    site.article_page(
        head='<meta property="og:image" content="{{ SITEURL }}/theme/logo.png">'
        '<meta name="twitter:image" content="{{ SITEURL }}/{{ article.slug }}.png">'
    )
    assert probe(site, previews=True).default_pictures == {f"{SENTINEL}/theme/logo.png"}


def test_probing_leaves_no_trace(site: ThemedSite, caplog: pytest.LogCaptureFixture) -> None:
    """A sidebar that reads all summaries, and warns, is rendered: nothing is memoised or logged, and links resolve."""
    site.configure(JINJA_FILTERS={"warned": warned})
    sidebar = "{% for other in articles %}{{ other.summary }}{{ other.content|warned }}{% endfor %}"
    site.article_page(f'<img src="{{{{ article.cover }}}}">{sidebar}')
    site.index_page(f'<img src="{{{{ article.cover }}}}">{sidebar}')
    site.post("three", "![plan]({attach}/plan.png) and [two]({filename}two.md)", Cover="own.png")
    (site.root / "content" / "plan.png").write_bytes(b"a picture")
    memos = [vars(Content)[name] for name in ("get_content", "get_summary")]

    def work(generators: list[Any]) -> None:
        generator = articles_of(generators)
        before = [(memo.cache, dict(memo.cache)) for memo in memos]
        contents = [*generator.articles, generator.context["static_content"]["plan.png"]]
        held = [(dict(content.__dict__), dict(content.metadata)) for content in contents]
        context, disabled = dict(generator.context), logging.root.manager.disable
        found = probe_theme(generator, generator.articles, fields=["cover"], previews=True)
        assert [at.kind for at in found.pages[ARTICLE]["cover"]] == [Kind.PICTURE]
        assert [(memo.cache, dict(memo.cache)) for memo in memos] == before
        assert [(dict(content.__dict__), dict(content.metadata)) for content in contents] == held
        assert (dict(generator.context), logging.root.manager.disable) == (context, disabled)
        assert not caplog.records

    site.build(work)
    assert "a filter was used" in caplog.text
    for name in ("one", "index"):
        assert f'src="{SITE}/plan.png"' in site.page(name)
        assert f'href="{SITE}/two.html"' in site.page(name)
        assert "{attach}" not in site.page(name)


def warned(value: str) -> str:
    """A filter of a site that logs whenever it is used."""
    logging.getLogger("site").warning("a filter was used")
    return value


def test_translations_that_are_installed_later_are_not_missed(site: ThemedSite) -> None:
    """i18n_subsites installs them after all is read: a theme that uses them is probed, and compiled anew for them."""
    site.configure(I18N_SUBSITES={"tr": {}}, JINJA_ENVIRONMENT={"extensions": ["jinja2.ext.i18n"]})
    words = '{% trans n=articles|length, title="x" %}{{ n }} post {{ title }}{% pluralize %}{{ n }} posts{% endtrans %}'
    site.article_page(
        f'{words}{{{{ _("It is 100%% by %(who)s", who="Ann") }}}}{{{{ lang_siteurls.items()|list }}}}'
        '<img src="{{ article.cover }}">'
    )

    def work(generators: list[Any]) -> None:
        generator = articles_of(generators)
        found = probe_theme(generator, generator.articles, fields=["cover"], previews=False)
        assert [at.kind for at in found.pages[ARTICLE]["cover"]] == [Kind.PICTURE]
        generator.env.install_gettext_translations(NullTranslations(), newstyle=True)
        generator.context["lang_siteurls"] = {"tr": "/tr"}

    site.build(work)
    assert "2 postsIt is 100% by Ann[('tr', '/tr')]" in site.page("one")


def test_a_site_without_articles_is_probed_in_vain(tmp_path: Path) -> None:
    """No article, no result, no error."""
    site = ThemedSite(tmp_path / "empty")
    assert probe(site, "cover", previews=True) == ThemeProbe()
