"""What falhero doctor says of a theme, before any build: where a hero will be seen, and what is done about it."""

from __future__ import annotations

from typing import Any

import pytest
from blog import Blog
from theme_forms import write_theme

from pelican_falhero.doctor.examination import examine
from pelican_falhero.doctor.findings import Finding, Group, Mark

FIGURE = "no field of the theme; a figure is put above"
PREVIEWS = "og:image, twitter:card and JSON-LD on each page"


def themed(blog: Blog, name: str = "none", **settings: Any) -> Blog:
    """A blog with one post and a theme of a few lines, which lists no plugins."""
    write_theme(blog.root / "theme", name)
    defaults: dict[str, Any] = {"PLUGINS": [], "THEME": "theme", "SITEURL": "https://example.org"}
    blog.configure(**(defaults | settings))
    blog.post("a.md", "Winter hikes")
    return blog


def theme_of(blog: Blog) -> list[Finding]:
    """What is told of its theme."""
    blog.command()
    return [finding for finding in examine(None, blog.root).findings if finding.group is Group.THEME]


def texts(blog: Blog) -> dict[str, str]:
    """What is told, by what it is about."""
    return dict(finding.text.partition(": ")[::2] for finding in theme_of(blog))


def replace_template(blog: Blog, name: str, text: str) -> None:
    """Another template of the theme."""
    (blog.root / "theme" / "templates" / name).write_text(text)


@pytest.mark.parametrize(
    ("theme", "page", "lists", "previews"),
    [
        ("none", f"{FIGURE} the text", f"{FIGURE} each summary or text", PREVIEWS),
        ("path", "field `cover` behind SITEURL/ (article.html, line 1)", f"{FIGURE} each summary or text", PREVIEWS),
        ("as-it-is", "field `image` as it is (article.html, line 1)", f"{FIGURE} each summary or text", PREVIEWS),
        (
            "macro",
            "field `thumbnail` behind SITEURL/ (article.html, line 1; index.html, line 1)",
            "field `thumbnail` behind SITEURL/ (article.html, line 1; index.html, line 1)",
            PREVIEWS,
        ),
        (
            "og-only",
            f"{FIGURE} the text",
            f"{FIGURE} each summary or text",
            f"field `og_image` behind SITEURL/ (article.html, line 1); {PREVIEWS}",
        ),
        ("our-templates", "the theme's own templates show article.hero", f"{FIGURE} each summary or text", PREVIEWS),
    ],
)
def test_each_form_of_theme_is_told(blog: Blog, theme: str, page: str, lists: str, previews: str) -> None:
    """Field, form, template and line where the theme has a field; the figure where it has none."""
    told = texts(themed(blog, theme))
    assert (told["page"], told["lists"], told["previews"]) == (page, lists, previews)


def test_what_the_settings_ask_for_is_told(blog: Blog) -> None:
    """FALHERO_SHOW that leaves a page without a hero is told, and a field that no template reads."""
    themed(blog, FALHERO_SHOW="never")
    assert {finding.mark for finding in theme_of(blog)} == {Mark.OK, Mark.NOTE}
    assert texts(blog)["page"] == "shows no hero"
    blog.configure(FALHERO_SHOW="fields", FALHERO_FIELDS={"covr": "path"})
    (wrong,) = (finding for finding in theme_of(blog) if finding.mark is Mark.WRONG)
    assert wrong.text == 'page: no field of the theme, and FALHERO_SHOW = "fields" puts no figure'
    assert wrong.remedy == ('FALHERO_SHOW = "auto"',)
    assert texts(blog)["lists"] == 'show no hero; FALHERO_SHOW = "fields"'
    assert "FALHERO_FIELDS names covr, which no template reads" in [finding.text for finding in theme_of(blog)]


@pytest.mark.parametrize(
    ("template", "mark", "says"),
    [
        ("<p>\n{% if %}", Mark.WRONG, "end of statement block'; article.html, line 2)"),
        ('{% include "gone.html" %}', Mark.WRONG, "(TemplateNotFound: gone.html; article.html, line 1)"),
        (
            "\n{{ nothing.at.all }}",
            Mark.NOTE,
            "(UndefinedError: 'nothing' is undefined; article.html, line 2); a build,",
        ),
        ("<body>{{ article.title }}</body>", Mark.WRONG, "article.html prints neither a picture field nor"),
    ],
)
def test_a_template_that_shows_nothing_is_told(blog: Blog, template: str, mark: Mark, says: str) -> None:
    """One that fails is told with its file and line, as is one that prints nothing that a hero could stand by."""
    themed(blog)
    replace_template(blog, "article.html", template)
    (page,) = (finding for finding in theme_of(blog) if finding.text.startswith("page: "))
    assert (page.mark, says in page.text) == (mark, True), page


def test_the_remedy_for_a_page_without_content_shows_the_hero(blog: Blog) -> None:
    """The line to paste into the template is enough."""
    themed(blog)
    replace_template(blog, "article.html", "<body>{{ article.title }}</body>")
    (wrong,) = (finding for finding in theme_of(blog) if finding.mark is Mark.WRONG)
    replace_template(blog, "article.html", f"<body>{{{{ article.title }}}}{wrong.remedy[1]}</body>")
    assert texts(blog)["page"] == "the theme's own templates show article.hero"


def test_a_list_of_titles_is_a_note(blog: Blog) -> None:
    """An index that prints neither picture nor text shows no hero, which its author may want."""
    themed(blog)
    replace_template(blog, "index.html", "<body>{% for a in articles %}{{ a.title }}{% endfor %}</body>")
    (lists,) = (finding for finding in theme_of(blog) if finding.text.startswith("lists: "))
    assert (lists.mark, lists.text) == (Mark.NOTE, "lists: show no hero; its index prints titles only")


def test_every_template_that_a_post_has_is_tried(blog: Blog) -> None:
    """An article with a template of its own, and a page where pages are included, have lines of their own."""
    themed(blog, FALHERO_INCLUDE=["pages"])
    replace_template(blog, "story.html", '<body><img src="{{ SITEURL }}/{{ article.cover }}"></body>')
    blog.post("b.md", "Summer hikes", Template="story")
    blog.post("pages/c.md", "About")
    told = [finding.text for finding in theme_of(blog) if finding.text.startswith("page")]
    assert told == [
        f"page: {FIGURE} the text",
        "page of story.html: field `cover` behind SITEURL/ (story.html, line 1)",
        f"page: {FIGURE} the text",
    ]


def test_previews_and_feeds_need_an_address(blog: Blog) -> None:
    """Without an absolute SITEURL there are none; where another settings file is for publishing, that is named."""
    themed(blog, SITEURL="", FEED_ALL_ATOM="feeds/all.atom.xml")
    told = {finding.text.partition(": ")[0]: finding for finding in theme_of(blog)}
    assert told["previews"].text == "previews: none, for SITEURL ('') is not absolute"
    assert told["previews"].remedy == ('SITEURL = "https://example.org"  # yours',)
    assert told["feeds"].text == "feeds: show no heroes, for neither SITEURL nor FEED_DOMAIN is absolute"
    (blog.root / "publishconf.py").write_text("")
    told = {finding.text.partition(": ")[0]: finding for finding in theme_of(blog)}
    assert told["previews"].remedy == ("falhero doctor -s publishconf.py",)
    blog.configure(SITEURL="https://example.org")
    assert texts(blog)["feeds"] == "an enclosure, and the picture in the text, in each item"
    blog.configure(FEED_ALL_ATOM=None)
    assert texts(blog)["feeds"] == "these settings write none"


def test_a_blog_without_posts_is_not_tried(blog: Blog) -> None:
    """There is nothing to try the templates with."""
    themed(blog)
    (blog.content / "a.md").unlink()
    assert "not tried: there is no post yet that takes a hero" in [finding.text for finding in theme_of(blog)]
