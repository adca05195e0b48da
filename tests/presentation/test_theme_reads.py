"""Which fields of an article are found in a theme's templates."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from jinja2 import DictLoader, Environment

from pelican_falhero.presentation.theme_reads import can_be_set, read_theme


def fields_of(*sources: str, **held: object) -> tuple[str, ...]:
    """The fields found in templates of these sources, on a site whose one article holds something."""
    env = Environment(loader=DictLoader({f"{number}.html": source for number, source in enumerate(sources)}))
    return read_theme(env, [SimpleNamespace(**held)]).fields


@pytest.mark.parametrize(
    "source",
    [
        "{{ article.cover }}",
        "{{ article['cover'] }}",
        "{{ article [ 'cover' ] }}{{ article\n. author }}",
        "{{ article\n  .cover }}",
        "{{ article.metadata.cover }}",
        "{{ article.metadata['cover'] }}",
        "{% if article.metadata.get('cover', '') %}{% endif %}",
        "{% macro show(entry) %}{{ entry.cover }}{% endmacro %}",
        "{% for post in articles %}{% set picture = post.cover|e %}{% endfor %}",
    ],
)
def test_a_field_is_found_however_it_is_read(source: str) -> None:
    """As attribute, item or ``get``, through metadata, of any variable."""
    assert fields_of(source) == ("cover",)


def test_an_odd_name_counts_where_it_is_an_articles() -> None:
    """A name that sounds like a picture is a field if any template reads a title or the like of that variable."""
    odd = "{{ post.splash_picture }}{{ menu.icon_image }}"
    assert fields_of(odd) == ()
    assert fields_of(odd, "{{ post.title }}") == ("splash_picture",)


@pytest.mark.parametrize(
    "source",
    [
        "{{ article.title }}{{ article.reading_time }}",
        "{{ article.title }}{{ article.cover_alt }}{{ article.image_width }}",
        "{{ article.hero }}{{ article.hero_image }}",
        "{{ article.title }}{# {{ article.cover }} #} article.cover",
        "{{ article.cover }}{% endless %}",
    ],
    ids=["no picture", "about a picture", "ours", "not code", "not a template"],
)
def test_what_is_no_field_is_not_found(source: str) -> None:
    """Fields of other kinds, ours, text that only looks like code, and a template that does not parse."""
    assert fields_of(source) == ()


def test_a_field_that_holds_something_else_is_not_the_plugins() -> None:
    """A field that some article holds as a list or an object belongs to another plugin."""
    assert fields_of("{{ article.image }}", image="images/a.png") == ("image",)
    assert fields_of("{{ article.image }}", image=["images/a.png"]) == ()


def test_pelicans_own_attributes_are_left_alone() -> None:
    """No field is taken that is an attribute of every article or of ours."""
    assert can_be_set("cover")
    assert not any(can_be_set(name) for name in ("content", "url", "hero", "hero_image", "no name"))


def test_only_the_sites_own_templates_count() -> None:
    """What other themes' templates and the plugin's own read is no matter."""
    names = ("!simple/a.html", "!theme/a.html", "falhero/a.html")
    env = Environment(loader=DictLoader(dict.fromkeys(names, "{{ article.cover }}")))
    assert read_theme(env, []).fields == ()


@pytest.mark.parametrize(
    "source",
    [
        '<meta property="og:image" content="{{ LOGO }}">',
        "<META NAME='Twitter:Image:src' CONTENT='{{ LOGO }}'>",
        '<script type="application/ld+json">{}</script>',
        '<meta itemprop="image" content="{{ LOGO }}">',
        "<meta itemprop='image' content='{{ LOGO }}'>",
        "<meta itemprop=image content={{ LOGO }}>",
    ],
)
def test_preview_tags_are_seen(source: str) -> None:
    """A theme that names a picture to other sites is known by its source."""
    assert read_theme(Environment(loader=DictLoader({"a.html": source})), []).has_preview_tags
    assert not read_theme(Environment(loader=DictLoader({"a.html": "<p>image</p>"})), []).has_preview_tags
