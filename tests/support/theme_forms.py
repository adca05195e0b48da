"""Small themes, one for each form in which a theme can show a picture of an article, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_PAGE = "<!doctype html><html><head><title>{{{{ SITENAME }}}}</title>{head}</head><body>{body}</body></html>"
_INDEX = "{% for article in articles_page.object_list %}<h2>{{ article.title }}</h2>{{ article.summary }}{% endfor %}"


def _theme(*, body: str = "", head: str = "", index: str = _INDEX) -> Mapping[str, str]:
    text = f"<h1>{{{{ article.title }}}}</h1>{body}{{{{ article.content }}}}"
    return {"article.html": _PAGE.format(head=head, body=text), "index.html": _PAGE.format(head="", body=index)}


_MACRO = '{% macro picture(post) %}<img src="{{ SITEURL }}/{{ post.thumbnail }}" alt="">{% endmacro %}'
_SIDEBAR = "<aside>{% for other in articles %}<p>{{ other.title }}</p>{{ other.summary }}{% endfor %}</aside>"

THEMES: Mapping[str, Mapping[str, str]] = {
    "path": _theme(body='{% if article.cover %}<img src="{{ SITEURL }}/{{ article.cover }}" alt="">{% endif %}'),
    "as-it-is": _theme(body='{% if article.image %}<img src="{{ article.image }}" alt="">{% endif %}'),
    "below-images": _theme(
        body='{% if article.image %}<img src="{{ SITEURL }}/images/{{ article.image }}" alt="">{% endif %}'
    ),
    "style-attribute": _theme(
        body="{% if article.header_cover %}"
        "<header style=\"background-image: url('{{ SITEURL }}/{{ article.header_cover }}')\"></header>{% endif %}"
    ),
    "style-element": _theme(
        head="{% if article.cover %}<style>h1 { background: url({{ article.cover }}) }</style>{% endif %}"
    ),
    "macro": _theme(
        body=_MACRO + "{% if article.thumbnail %}{{ picture(article) }}{% endif %}",
        index=_MACRO
        + "{% for a in articles %}{% if a.thumbnail %}{{ picture(a) }}{% endif %}{{ a.summary }}{% endfor %}",
    ),
    "metadata": _theme(
        body="{% if article.metadata.get('cover') %}"
        '<img src="{{ SITEURL }}/{{ article.metadata[\'cover\'] }}" alt="">{% endif %}'
    ),
    "og-only": _theme(
        head="{% if article.og_image %}"
        '<meta property="og:image" content="{{ SITEURL }}/{{ article.og_image }}">{% endif %}'
    ),
    "empty-og": _theme(head='<meta property="og:image" content="{{ article.og_image }}">'),
    "odd-fields": _theme(
        body='{% if article.splash_photo %}<img src="{{ SITEURL }}/{{ article.splash_photo }}" alt="">{% endif %}'
        "{% for name, files in article.photo_album or () %}{{ files[0].url }}{% endfor %}"
    ),
    "hero": _theme(body='{% if article.hero %}<img src="{{ SITEURL }}/{{ article.hero }}" alt="">{% endif %}'),
    "our-templates": _theme(head='{% include "falhero/meta.html" %}', body='{% include "falhero/hero.html" %}'),
    "sidebar": _theme(body=_SIDEBAR, index=_SIDEBAR + _INDEX),
    "none": _theme(),
}


def write_theme(folder: Path, name: str) -> None:
    """Write one of ``THEMES``; what it lacks is taken from Pelican's simple theme."""
    templates = folder / "templates"
    templates.mkdir(parents=True)
    for file, text in THEMES[name].items():
        (templates / file).write_text(text, encoding="utf-8")
