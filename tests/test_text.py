"""Markup into plain text, and plain text to length."""

from __future__ import annotations

import hashlib
import html

import pytest
from builders import PROPERTY
from hypothesis import example, given
from hypothesis import strategies as st

from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.text import cut_at_word, is_address, plain_text, printable

TITLES = {
    "Plain words": "Plain words",
    "  Too   much \t white\nspace ": "Too much white space",
    # As reStructuredText writes them.
    "Title <em>with</em> emphasis &amp; &quot;quotes&quot;": 'Title with emphasis & "quotes"',
    'A <cite>cited</cite> <tt class="docutils literal">literal_</tt>': "A cited literal_",
    "H<sub>2</sub>O and E=mc<sup>2</sup>": "H2O and E=mc2",
    "Line<br />break": "Line break",
    # As TYPOGRIFY writes them.
    'Cats <span class="amp">&amp;</span>&nbsp;dogs': "Cats & dogs",
    '<span class="caps">HTML</span> in five&nbsp;minutes': "HTML in five minutes",
    '<span class="dquo">&#8220;</span>Quoted&#8221;': "“Quoted”",
    "It&#8217;s here &#8211; or&#8212;is it&#8230;": "It’s here – or—is it…",
    # As people write them.
    "Kubernetes “quotes” — dashes – and it's 'so'": "Kubernetes “quotes” — dashes – and it's 'so'",
    "No\u00a0break\u202fspaces\u2009and\u3000wide ones": "No break spaces and wide ones",
    "Rock & roll & AT&T": "Rock & roll & AT&T",
    "a < b and c > d": "a < b and c > d",
    "a <b": "a <b",
    "<i>a</i> <b": "a <b",
    "if x<5 or y>3": "if x<5 or y>3",
    "x -> y => z": "x -> y => z",
    "I <3 you": "I <3 you",
    "1 <2> 3": "1 <2> 3",
    "<": "<",
    "&lt;script&gt; explained": "<script> explained",
    "&copy; 2026 caf&eacute; &#x1F600;": "© 2026 café 😀",
    "&amp;lt; stays an entity": "&lt; stays an entity",
    "A <!-- hidden --> remark": "A remark",
    "🦊 foxes 👩‍👩‍👧": "🦊 foxes 👩‍👩‍👧",
    "İstanbul'da şık öğle yağmuru": "İstanbul'da şık öğle yağmuru",
    "漢字 <b>かな</b>交じり": "漢字 かな交じり",
}


@pytest.mark.parametrize(("markup", "text"), TITLES.items())
def test_a_title_is_read_as_a_reader_sees_it(markup: str, text: str) -> None:
    """Tags go, entities become characters, white space collapses, and all else stays as it was written."""
    assert plain_text(markup) == text


@pytest.mark.parametrize(("markup", "text"), TITLES.items())
def test_a_hero_is_named_after_the_plain_title(markup: str, text: str) -> None:
    """The name is the MD5 of the plain title in UTF-8, cut to twelve digits, whatever markup the title came in."""
    assert hero_stem(plain_text(markup)) == f"hero-{hashlib.md5(text.encode('utf-8')).hexdigest()[:12]}"


@pytest.mark.parametrize(
    ("markup", "text"),
    {
        "How the <template> tag works": "How the tag works",
        "How the <pre> tag works": "How the tag works",
        "How the <svg> tag works": "How the tag works",
        "How the <script> tag works": "How the tag works",
        "How the <style> tag works": "How the tag works",
        "<svg> or <template>: which one?": "or : which one?",
    }.items(),
)
def test_a_title_about_a_tag_keeps_the_words_after_it(markup: str, text: str) -> None:
    """A tag that nothing closes hides no words; else all titles that begin alike would share one picture."""
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "text"),
    {
        "Use <!DOCTYPE html> first": "Use first",
        "Use <![if IE]> here": "Use here",
        "a <![x]> b": "a b",
        "a <![ x > y": "a y",
        "a <!x [y]> z": "a z",
    }.items(),
)
def test_odd_declarations_are_markup_too(markup: str, text: str) -> None:
    """What begins like a declaration, known or not, goes as tags do, and never ends the build."""
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    "unread",
    [
        '<script>node.innerHTML = "<svg>";</script>',
        "<script>if (a < b && c > d) { run() }</script>",
        "<style>p > a { content: '<pre>' }</style>",
        "<pre>A listing with a <template> in it</pre>",
        "<svg><title>A drawing</title><path d='M0 0'/></svg>",
        "<math><mi>x</mi><mo>&lt;</mo><mi>y</mi></math>",
    ],
)
def test_what_readers_do_not_read_ends_where_it_is_closed(unread: str) -> None:
    """Whatever a script, a style, a listing, a drawing or a formula holds, only the words around it are read."""
    assert plain_text(f"<p>Before</p>{unread}<p>After</p>") == "Before After"


BLOCKS = st.sampled_from(["p", "div", "li", "h2", "blockquote", "td"])
INLINES = st.sampled_from(["em", "a", "code", "span", "strong", "sup"])
UNREAD = st.sampled_from(["script", "style", "svg", "pre"])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)

Reading = tuple[str, str]
"""Markup, and what a reader sees of it."""


def _nested(children: st.SearchStrategy[Reading]) -> st.SearchStrategy[Reading]:
    pair = st.tuples(children, children).map(lambda two: (two[0][0] + two[1][0], two[0][1] + two[1][1]))
    inline = st.builds(lambda tag, inner: (f'<{tag} class="x">{inner[0]}</{tag}>', inner[1]), INLINES, children)
    block = st.builds(lambda tag, inner: (f"<{tag}>{inner[0]}</{tag}>", f" {inner[1]} "), BLOCKS, children)
    return pair | inline | block


def _leaves() -> st.SearchStrategy[Reading]:
    text = WORDS.map(lambda words: (html.escape(words), words))
    comment = st.just(("<!-- not <b>for</b> readers -->", ""))
    unread = UNREAD.map(lambda tag: (f"<{tag}>not for readers</{tag}>", " "))
    empty = st.sampled_from([("<br>", " "), ("<br/>", " "), ("<img alt='not text' src=x>", " "), ("<wbr>", "")])
    return text | comment | unread | empty


MARKUP = st.recursive(_leaves(), _nested, max_leaves=25)


@PROPERTY
@given(MARKUP)
def test_well_formed_markup_leaves_its_text_and_nothing_else(reading: Reading) -> None:
    """Inline tags vanish, blocks separate words, and scripts, styles, drawings and listings are not read."""
    markup, text = reading
    assert plain_text(markup) == " ".join(text.split())


@PROPERTY
@given(st.text(st.sampled_from("<>&;![]/?-\"'= abx\n") | st.characters(codec="utf-8"), max_size=40))
@example("<![x]>")
@example("<!-- a > b")
def test_any_text_at_all_can_be_read(text: str) -> None:
    """Whatever is written, reading it gives a text of single spaces, and raises nothing."""
    read = plain_text(text)
    assert read == " ".join(read.split())


@PROPERTY
@given(st.text(st.sampled_from("<>&;!/ abx") | st.characters(codec="utf-8"), max_size=40))
def test_text_that_was_escaped_reads_as_itself(text: str) -> None:
    """Plain text survives being escaped and read again: no step loses or adds a character."""
    read = " ".join(text.split())
    assert plain_text(html.escape(read)) == read


PIECES = ["<p>word ", "</p>", "<em>a&amp;b</em> ", "   \n", "long" * 20, "<pre>" + "code " * 300 + "</pre>"]


@PROPERTY
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=200),
    stop_after=st.integers(1, 900),
)
def test_stopping_early_gives_the_beginning(pieces: list[str], stop_after: int) -> None:
    """With ``stop_after`` the text is a beginning of the whole text, and no shorter than was asked for."""
    markup = "".join(pieces) * 8
    whole, some = plain_text(markup), plain_text(markup, stop_after=stop_after)
    assert whole.startswith(some)
    assert len(some) >= min(stop_after, len(whole))


def test_indented_markup_is_read_until_there_are_words_enough() -> None:
    """White space, of which a table or a list can have thousands, does not count as text that was read."""
    assert plain_text("<p>" + " " * 9000 + "</p><p>Words</p>", stop_after=5) == "Words"


def test_the_rest_of_a_long_post_is_left_unread() -> None:
    """Reading stops soon after there is enough, however long the post is."""
    assert len(plain_text("<p>word</p>" * 100_000, stop_after=500)) < 10_000


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 10, "short"),
        ("exactly", 7, "exactly"),
        ("two words", 8, "two"),
        ("two words", 3, "two"),
        ("two words", 4, "two"),
        ("one, two", 5, "one"),
        ("one – two", 6, "one"),
        ("漢字かな交じり文", 4, "漢字かな"),
        # Paragraphs of a script that writes no spaces are no words.
        pytest.param("漢" * 60 + " " + "字" * 60, 50, "漢" * 50, id="paragraphs without spaces"),
        ("Donaudampfschiff", 5, "Donau"),
        ("anything", 0, ""),
        ("anything", -3, ""),
    ],
)
def test_a_text_is_cut_between_words(text: str, limit: int, cut: str) -> None:
    """A cut falls between words, drops the punctuation before it, and falls inside a word only where there is one."""
    assert cut_at_word(text, limit) == cut


def test_a_first_word_that_does_not_fit_is_not_cut_in_two() -> None:
    """Where a text has words, part of its first is worse than nothing."""
    assert cut_at_word("Wonderful mountains", 3) == ""


@PROPERTY
@given(st.text(max_size=60), st.integers(-1, 70))
def test_a_cut_text_is_a_beginning_within_the_limit(text: str, limit: int) -> None:
    """No cut adds a character or exceeds the limit, and what fits is not cut."""
    cut = cut_at_word(text, limit)
    assert text.startswith(cut)
    assert len(cut) <= max(limit, 0)
    assert cut == text or len(text) > limit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "\\u001b[31mred\\u001b]0;title\\u0007"),
        ("\x9b31m\x7f\r\n\0", "\\u009b31m\\u007f\\u000d\\u000a\\u0000"),
        ("gnp\u202eexe.\u2066", "gnp\\u202eexe.\\u2066"),
        ("a\udcff", "a\\udcff"),
        ("Ünïcode — 漢字 👩\u200d👩 [b] :smile:", "Ünïcode — 漢字 👩\u200d👩 [b] :smile:"),
    ],
)
def test_what_could_steer_a_terminal_is_escaped(text: str, shown: str) -> None:
    """Control characters, line breaks, and what turns text round are shown by their numbers; all else as it is."""
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a.png", True),
        ("HTTPS://example.org//a.png", True),
        ("//static.example/a.png", True),
        ("git+ssh://example.org/a", True),
        ("images/a.png", False),
        ("images//a.png", False),
        ("a b://c", False),
        ("images/https://example.org", False),
        ("://a", False),
        ("mailto:somebody", False),
        ("", False),
    ],
)
def test_an_address_is_told_from_a_path(text: str, expected: bool) -> None:
    """It begins with a scheme and two slashes, or with these alone."""
    assert is_address(text) is expected
