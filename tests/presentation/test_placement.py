"""Placement: where in a finished page figures stand."""

from __future__ import annotations

import pytest

from pelican_falhero.presentation.markup import body_start
from pelican_falhero.presentation.placement import insert_figures, opens_with_picture
from pelican_falhero.presentation.tokens import take_out, token

T, U = token(3), token(26_000)


def placed(text: str) -> str:
    """The page with a mark for each figure."""
    bare, marks = take_out(text)
    return insert_figures(bare, body_start(bare), marks, lambda mark: "[T]" if mark == T else "[U]")


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (f"<body><div>{T}<p>Words</p></div>", "<body><div>[T]<p>Words</p></div>"),
        (f"<BODY class=x>{T}Words", "<BODY class=x>[T]Words"),
        (f"<body><li>{T}One</li><li>{U}Two</li>", "<body><li>[T]One</li><li>[U]Two</li>"),
        (f"<body>{T}One {T}again", "<body>[T]One again"),
        # The body's tag may be left out.
        (f"<head><title>{T}</title></head>{T}<p>Words", "<head><title></title></head>[T]<p>Words"),
        # Not where no element stands.
        (f'<head><meta content="{T}Words"></head><body>{T}', '<head><meta content="Words"></head><body>[T]'),
        (f"<body><!-- {T} -->{T}", "<body><!--  -->[T]"),
        (f"<body><script>x = '{T}<p>'</script>{T}", "<body><script>x = '<p>'</script>[T]"),
        (f"<body><style>{T}</style><textarea>{T}</textarea>{T}", "<body><style></style><textarea></textarea>[T]"),
        (f"<body><select><option>{T}</select>{T}", "<body><select><option></select>[T]"),
        (f"<body><noscript>{T}</noscript>{T}", "<body><noscript></noscript>[T]"),
        (f'<body><a title="1 > 0 {T}">{T}', '<body><a title="1 > 0 ">[T]'),
        (f"<body><a title='a < b {T}'>{T}", "<body><a title='a < b '>[T]"),
        (f"<body><a title={T}x>{T}", "<body><a title=x>[T]"),
        (f"<script>'<body>{T}'</script><body>{T}", "<script>'<body>'</script><body>[T]"),
        # An element that is never closed is text.
        (f"<body>The <script tag{T}", "<body>The <script tag[T]"),
        (f"<body><!-- {T}", "<body><!-- [T]"),
        (f"<body>a < b {T}", "<body>a < b [T]"),
        (f"<body><a title=it's>{T}don't", "<body><a title=it's>[T]don't"),
        # A figure would end a paragraph.
        (f'<body><p class="x">{T}Words</p>', '<body>[T]<p class="x">Words</p>'),
        (f"<body><p><em>By:</em> {T}Words</p>", "<body>[T]<p><em>By:</em> Words</p>"),
        (f"<body><p>One</p> {T}Words", "<body><p>One</p> [T]Words"),
        (f"<body><p>One<div>{T}Words", "<body><p>One<div>[T]Words"),
        (f"<body><p>{T}One {U}two</p>", "<body>[T][U]<p>One two</p>"),
        (f"<body><pre>{T}Words</pre>", "<body><pre>[T]Words</pre>"),
    ],
)
def test_a_figure_stands_where_an_element_may_stand(page: str, expected: str) -> None:
    """The first token of an article outside tags, scripts, comments and paragraphs is its place; the rest go."""
    assert placed(page) == expected


@pytest.mark.parametrize("unclosed", ["<a title=", '<a title="', "<!--", "<script>", "<p ", "a=b=", "<a =' "])
def test_a_broken_page_takes_no_time(unclosed: str) -> None:
    """Markup that is never closed, many times over, is passed in one go."""
    assert placed("<body>" + unclosed * 500 + T + "end").count("[T]") <= 1


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
