"""Placement: where in a finished page figures stand."""

from __future__ import annotations

import pytest

from pelican_falhero.presentation.markup import body_start
from pelican_falhero.presentation.placement import insert_figures, opens_with_picture
from pelican_falhero.presentation.tokens import token

T, U = token(3), token(65_000)


def placed(text: str) -> str:
    """The page with a mark for each figure."""
    return insert_figures(text, body_start(text), lambda number: f"[{number}]")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (f"<body><div>{T}<p>Words</p></div>", "<body><div>[3]<p>Words</p></div>"),
        (f"<BODY class=x>{T}Words", "<BODY class=x>[3]Words"),
        (f"<body><li>{T}One</li><li>{U}Two</li>", "<body><li>[3]One</li><li>[65000]Two</li>"),
        (f"<body>{T}One {T}again", "<body>[3]One again"),
        # The body's tag may be left out.
        (f"<head><title>{T}</title></head>{T}<p>Words", "<head><title></title></head>[3]<p>Words"),
        # Not where no element stands.
        (f'<head><meta content="{T}Words"></head><body>{T}', '<head><meta content="Words"></head><body>[3]'),
        (f"<body><!-- {T} -->{T}", "<body><!--  -->[3]"),
        (f"<body><script>x = '{T}<p>'</script>{T}", "<body><script>x = '<p>'</script>[3]"),
        (f"<body><style>{T}</style><textarea>{T}</textarea>{T}", "<body><style></style><textarea></textarea>[3]"),
        (f"<body><select><option>{T}</select>{T}", "<body><select><option></select>[3]"),
        (f"<body><noscript>{T}</noscript>{T}", "<body><noscript></noscript>[3]"),
        (f'<body><a title="1 > 0 {T}">{T}', '<body><a title="1 > 0 ">[3]'),
        (f"<body><a title='a < b {T}'>{T}", "<body><a title='a < b '>[3]"),
        (f"<body><a title={T}x>{T}", "<body><a title=x>[3]"),
        (f"<script>'<body>{T}'</script><body>{T}", "<script>'<body>'</script><body>[3]"),
        # An element that is never closed is text.
        (f"<body>The <script tag{T}", "<body>The <script tag[3]"),
        (f"<body><!-- {T}", "<body><!-- [3]"),
        (f"<body>a < b {T}", "<body>a < b [3]"),
        (f"<body><a title=it's>{T}don't", "<body><a title=it's>[3]don't"),
        # A figure would end a paragraph.
        (f'<body><p class="x">{T}Words</p>', '<body>[3]<p class="x">Words</p>'),
        (f"<body><p><em>By:</em> {T}Words</p>", "<body>[3]<p><em>By:</em> Words</p>"),
        (f"<body><p>One</p> {T}Words", "<body><p>One</p> [3]Words"),
        (f"<body><p>One<div>{T}Words", "<body><p>One<div>[3]Words"),
        (f"<body><p>{T}One {U}two</p>", "<body>[3][65000]<p>One two</p>"),
        (f"<body><pre>{T}Words</pre>", "<body><pre>[3]Words</pre>"),
    ],
)
def test_a_figure_stands_where_an_element_may_stand(page: str, expected: str) -> None:
    """The first token of an article outside tags, scripts, comments and paragraphs is its place; the rest go."""
    assert placed(page) == expected


@pytest.mark.parametrize("unclosed", ["<a title=", '<a title="', "<!--", "<script>", "<p ", "a=b=", "<a =' "])
def test_a_broken_page_takes_no_time(unclosed: str) -> None:
    """Markup that is never closed, many times over, is passed in one go."""
    assert placed("<body>" + unclosed * 500 + T + "end").count("[3]") <= 1


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<img src="a.png">', True),
        ('\n<p><img alt="" src="a.png" /></p>', True),
        ('<p><a href="b.html" title="1 > 0"><img src="a.png"></a></p>', True),
        ('<!-- more --><div class="figure align-center">\n<img src="a.png">', True),
        ('<figure class="x"><a href="b"><img src="a.png"></a></figure>', True),
        ('<p><a id="top"></a></p><picture><source>', True),
        ("<figure><pre>code</pre></figure><img>", False),
        ('<p>Words <img src="a.png"></p>', False),
        ("<h2>Title</h2><img>", False),
        ("<blockquote><p>Words</p></blockquote>", False),
        ("<iframe></iframe>", False),
        ("", False),
    ],
)
def test_a_text_may_open_with_a_picture_of_its_own(markup: str, expected: bool) -> None:
    """A picture counts at the very beginning, in whatever link or box, and nowhere else."""
    assert opens_with_picture(markup) is expected
