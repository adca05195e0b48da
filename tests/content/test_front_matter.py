"""Front matter of every kind: read as its authors meant it, and changed by one line and nothing else."""

from __future__ import annotations

import itertools
import json
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import PROPERTY
from hypothesis import given
from hypothesis import strategies as st
from pelican.readers import RstReader
from pelican.settings import read_settings
from terminal import Terminal

from pelican_falhero.content.front_matter import FrontMatterError, parse, read_document
from pelican_falhero.content.front_matter_edit import write_field
from pelican_falhero.content.site import SiteError
from pelican_falhero.errors import HeroError

VALUE = "~/assets/images/hero-0123456789ab.png"


def written(folder: Path, text: str | bytes, field: str = "hero", value: str = VALUE, name: str = "post.md") -> bytes:
    """The post after the field was written."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert write_field(path, field, value)
    after = path.read_bytes()
    assert not write_field(path, field, value), "a second time there is nothing to do"
    assert path.read_bytes() == after
    return after


YAML = "---\ntitle: Winter hikes  # mine\ntags: [a, b]\nnested:\n  hero: inner\n---\nWords.\n"
TOML = '+++\ntitle = "Winter hikes" # mine\n\n# The author.\n[author]\nhero = "inner"\n+++\nWords.\n'
JSON = '{\n  "title": "Winter hikes",\n  "nested": {\n    "hero": "inner"\n  }\n}\nWords.\n'
FENCED_JSON = '---json\n{\n\t"title": "Winter hikes"\n}\n---\nWords.\n'


@pytest.mark.parametrize(
    ("text", "line", "at"),
    [
        (YAML, f"hero: {VALUE}\n", YAML.index("---\nWords")),
        (TOML, f'hero = "{VALUE}"\n', TOML.index("\n# The author")),
        (JSON, f'  "hero": "{VALUE}",\n', 2),
        (FENCED_JSON, f'\t"hero": "{VALUE}",\n', FENCED_JSON.index("\t")),
    ],
    ids=["yaml", "toml", "json", "fenced json"],
)
def test_a_new_field_is_one_line(tmp_path: Path, text: str, line: str, at: int) -> None:
    """The line goes before the closing fence, in TOML before the first table, in JSON behind the brace."""
    assert written(tmp_path, text).decode() == text[:at] + line + text[at:]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("---\ntitle: A\nhero: old.png\n---\n", "hero: old.png\n", f"hero: {VALUE}\n"),
        ("---\nhero:   'old # it'  # why\n---\n", "  'old # it'", f"   {VALUE}"[1:]),
        ('---\n"hero": "old # it"\ntitle: A\n---\n', '"old # it"', VALUE),
        ("---\nhero:\ntitle: A\n---\n", "hero:", f"hero: {VALUE}"),
        ('+++\nhero = "old" # why\n[a]\nhero = "inner"\n+++\n', '"old"', f'"{VALUE}"'),
        ("+++\n'hero'='old'\n+++\n", "='old'", f'= "{VALUE}"'),
        ('{\n"a": {"hero": 1},\n"hero": "old",\n"b": 2\n}\n', '"old"', f'"{VALUE}"'),
        ('{\n"b": 2,\n"hero" : "old"\n}\n', '"old"', f'"{VALUE}"'),
        ('{\n"a": {\n"hero": "inner"\n},\n"hero": "old"\n}\n', '"old"', f'"{VALUE}"'),
    ],
)
def test_an_old_value_gives_way_in_its_line(tmp_path: Path, text: str, old: str, new: str) -> None:
    """A field that is there gets its value in its own line: comments, spacing, commas and fields inside others stay."""
    assert written(tmp_path, text).decode() == text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("images/a.png", "hero: images/a.png\n"),
        ("@/assets/a.png", 'hero: "@/assets/a.png"\n'),
        ("images/a #1.png", 'hero: "images/a #1.png"\n'),
        ("images/a: b.png", 'hero: "images/a: b.png"\n'),
        ("no", 'hero: "no"\n'),
        ('images/ağaç "x".png', 'hero: images/ağaç "x".png\n'),
    ],
)
def test_yaml_values_are_quoted_where_they_must_be(tmp_path: Path, value: str, line: str) -> None:
    """A value is written bare where YAML reads it as that very text, for Pelican would keep quotes; else quoted."""
    assert written(tmp_path, "---\ntitle: A\n---\n", value=value).decode() == f"---\ntitle: A\n{line}---\n"


@pytest.mark.parametrize("fence", ["---", "---  ", "----", "-----"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_fences_newlines_and_marks_stay(tmp_path: Path, fence: str, newline: str, start: str) -> None:
    """Byte order marks, Windows newlines, spaces behind fences and a missing last newline are as they were."""
    text = start + newline.join([fence, "title: A", "---", "", "Words"])
    expected = start + newline.join([fence, "title: A", f"hero: {VALUE}", "---", "", "Words"])
    assert written(tmp_path, text) == expected.encode()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("---\n{title: A}\n---\nWords.\n", f"hero: {VALUE}"),
        ("---\ntitle: A\nhero: >\n  folded\n  text\n---\n", f"hero: {VALUE}"),
        ("---\ntitle: A\nhero:\n  src: a.png\n---\n", f"hero: {VALUE}"),
        ("+++\n[hero]\nsrc = 1\n+++\n", f'hero = "{VALUE}"'),
        ('+++\nhero = """\nlong\n"""\n+++\n', f'hero = "{VALUE}"'),
        ('{\n"hero": {\n"src": 1\n}\n}\n', f'"hero": "{VALUE}",'),
        ("\nTitle: A\n", f"hero: {VALUE}"),
        ("Only words.\n", f"hero: {VALUE}"),
        ("", f"hero: {VALUE}"),
    ],
)
def test_what_cannot_be_changed_safely_is_left_alone(tmp_path: Path, text: str, says: str) -> None:
    """Where one line can't do it, nothing is changed, and the message ends with the line to add."""
    path = tmp_path / "post.md"
    path.write_text(text)
    before = path.read_bytes()
    with pytest.raises(HeroError, match="write this line into its front matter") as raised:
        write_field(path, "hero", VALUE)
    assert str(raised.value).endswith(says)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_line_for_a_rest_post_is_a_field_of_rest(tmp_path: Path) -> None:
    """For reStructuredText, which has no front matter, the line to add is a field list's."""
    path = tmp_path / "post.rst"
    path.write_text("A\n=\n\nWords.\n")
    with pytest.raises(HeroError, match=r":cover: images/a\.png$"):
        write_field(path, "cover", "images/a.png")


HEADERS = {
    "post.md": "Title: A\nSummary: One,\n    two.\n{}\nWords: not a header.\n",
    "mark.md": "\ufeffTitle: A\n{}",
    "open.md": "Title: A\n{}",
    "spaced.md": "  Title: A\n  Tags: a, b\n{}\n\nWords.\n",
    "post.rst": "A\n=\n\n:date: 2026-11-01\n:summary: One,\n  two.\n{}\n:not: a header\n",
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_pelicans_own_header_lines_are_changed(tmp_path: Path, name: str, newline: str) -> None:
    """The line is added below the others, replaced where it is, in any case, and every other byte stays."""
    path = tmp_path / name
    sign = ":cover:" if name.endswith(".rst") else "cover:"
    text = HEADERS[name].replace("\n", newline)
    path.write_bytes(text.format("").encode())
    assert write_field(path, "cover", "images/a.png")
    assert path.read_bytes() == text.format(f"{sign} images/a.png{newline}").encode()
    assert not write_field(path, "cover", "images/a.png")
    path.write_bytes(text.format(f"{sign.upper()} a.png{newline}    and more{newline}").encode())
    assert write_field(path, "cover", "images/b.png")
    assert path.read_bytes() == text.format(f"{sign} images/b.png{newline}").encode()


SENTENCES = [
    "A. Fox runs.",
    "12) foxes run.",
    "(iv) foxes run.",
    "- A fox.",
    ":sup: A fox.",
    "A fox: red, & it's -- wild.",
]


# Pelican 4.11 calls docutils in ways that today's docutils no longer likes.
@pytest.mark.filterwarnings("ignore:.*will be removed in Docutils:PendingDeprecationWarning")
@pytest.mark.parametrize("value", SENTENCES)
@pytest.mark.parametrize("head", ["A\n=\n", ".. mine,\n   only mine\n\n===\n A\n===\n"])
def test_pelican_reads_what_was_written(tmp_path: Path, head: str, value: str) -> None:
    """Also in reStructuredText, where a letter or a number at the start of a value could make it a list."""
    written(tmp_path, f"{head}\n:date: 2026-11-01\n\nWords.\n", "Hero_Prompt", value, "post.rst")
    reader = RstReader(read_settings(override={"PLUGINS": [], "TIMEZONE": "UTC"}))
    assert reader.read(str(tmp_path / "post.rst"))[1]["hero_prompt"] == value


@pytest.mark.parametrize("words", ["Words.\n", ".. code::\n\n   x = 1\n", ".. mine\n\nWords\n"])
def test_fields_in_the_text_of_a_post_are_no_header(tmp_path: Path, words: str) -> None:
    """A field list below other text of a post in reStructuredText is text: no field goes there."""
    path = tmp_path / "post.rst"
    path.write_text(text := f"A\n=\n\n{words}\n:note: this is text\n\nMore.\n")
    with pytest.raises(HeroError, match=r":cover: images/a\.png$"):
        write_field(path, "cover", "images/a.png")
    assert path.read_text() == text


@pytest.mark.parametrize("field", ["", "a b", "a:b", "1st", ".a", "a..b", "[a]", "é-\n"])
def test_names_that_no_field_can_have(tmp_path: Path, field: str) -> None:
    """A name that would change the meaning of the line is refused."""
    path = tmp_path / "post.md"
    path.write_text("---\ntitle: A\n---\n")
    with pytest.raises(SiteError, match="can't be the name of a field"):
        write_field(path, field, VALUE)


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    """A post that is a link stays one, and keeps its permissions."""
    real = tmp_path / "real.md"
    real.write_text("---\ntitle: A\n---\n")
    real.chmod(0o640)
    link = tmp_path / "link.md"
    link.symlink_to(real)
    assert write_field(link, "hero", VALUE)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "hero: " in real.read_text()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe---\n", "is not text in UTF-8"),
        (b"---\ntitle: \xe9\n---\n", "is not text in UTF-8"),
        (b"---\ntitle: a\0b\n---\n", "is not text"),
        (b"---\ntitle: [a\n---\n", "its front matter can't be read"),
        (b"---\n\ttitle: a\n---\n", "its front matter can't be read"),
        (b"---\n- a\n---\n", "its front matter is not a list of fields"),
        (b"---\ntitle: a\n", "its front matter has no end; add the closing line"),
        (b"+++\ntitle = a\n+++\n", "its front matter can't be read"),
        (b"+++\ntitle = 'a'\n", "its front matter has no end; add the closing line"),
        (b'{\n"title": a\n}\n', "its front matter can't be read"),
        (b'---json\n{"title": a}\n---\n', "its front matter can't be read"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, data: bytes, says: str) -> None:
    """Binary, undecodable and malformed files are one line that names the file."""
    path = tmp_path / "post.md"
    path.write_bytes(data)
    with pytest.raises(FrontMatterError, match=says) as raised:
        read_document(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def bomb(start: str, line: str) -> str:
    """YAML in which each of ten lines has the one before nine times."""
    letters = "abcdefghijk"
    lines = [line.format(this, ",".join([f"*{last}"] * 9)) for last, this in itertools.pairwise(letters)]
    return f"---\na: &a {start}\n" + "\n".join(lines) + "\ntitle: *k\n---\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (bomb("[lol]", "{0}: &{0} [{1}]"), "its aliases stand for more than 250,000 characters"),
        (bomb("{x: 1}", "{0}: &{0} {{<<: [{1}]}}"), "its aliases stand for more than 250,000 characters"),
        ("---\ntitle: &a [*a]\n---\n", "it has lists or tables more than 50 levels deep"),
        (f"---\ntitle: {'[' * 60}{']' * 60}\n---\n", "it has lists or tables more than 50 levels deep"),
        (f'{{"title": {"[" * 60}{"]" * 60}}}\n', "it has lists or tables more than 50 levels deep"),
        (f'{{"title": {"[" * 99_999}{"]" * 99_999}}}\n', "maximum recursion depth exceeded"),
        (f"+++\n{'a.' * 50_000}a = 1\n+++\n", "it has lists or tables more than 50 levels deep"),
        (f"+++\na = {'[' * 60}{']' * 60}\n+++\n", "it has lists or tables more than 50 levels deep"),
        (f"---\ntitle: 0x{'f' * 20_000}\n---\n", "it has a number that is too long"),
        (f"---\ntitle: {'x' * 300_000}\n---\n", "it has 300,009 characters; 250,000 are the most"),
    ],
    ids=["aliases", "merges", "itself", "deep yaml", "deep json", "deeper json", "dotted", "deep toml", "hex", "long"],
)
def test_front_matter_that_would_exhaust_the_machine_is_refused(text: str, says: str) -> None:
    """What grows without end when it is read is one line that names the file, at once."""
    began = time.monotonic()
    with pytest.raises(FrontMatterError, match=says) as caught:
        parse(text.encode(), Path("posts/a.md"))
    assert str(caught.value).startswith("posts/a.md: its front matter can't be read: ")
    assert time.monotonic() - began < 5


def test_a_few_anchors_are_welcome() -> None:
    """Anchors, aliases and merge keys as people write them are read."""
    text = "---\nbase: &b {x: 1}\nmore:\n  <<: *b\n  y: 2\ntags: &t [a, b]\ncategories: *t\n---\n"
    found = parse(text.encode(), Path("a.md")).metadata
    assert (found["more"], found["categories"]) == ({"x": 1, "y": 2}, ["a", "b"])


def test_a_bomb_among_the_posts_is_a_line_of_the_plan(tmp_path: Path) -> None:
    """The plan names it, and goes on with the other posts."""
    (tmp_path / "pyproject.toml").write_text('[tool.falhero]\ncontent = "posts"\n')
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text(bomb("[lol]", "{0}: &{0} [{1}]"))
    (tmp_path / "posts" / "b.md").write_text("---\ntitle: B\n---\n")
    ran = Terminal(tmp_path).falhero("plan")
    assert ran.lines[-1] == "0 heroes there, 1 to make for $0.025"
    assert "posts/a.md: its front matter can't be read: its aliases stand for more than" in ran.out


def test_an_empty_front_matter_has_no_fields(tmp_path: Path) -> None:
    """Two fences with nothing between them are a post without fields, which can be given one."""
    assert parse(b"---\n---\nWords.\n", Path()).metadata == {}
    assert written(tmp_path, "---\n---\nWords.\n") == f"---\nhero: {VALUE}\n---\nWords.\n".encode()
    assert written(tmp_path, "{\n}\n") == f'{{\n"hero": "{VALUE}"\n}}\n'.encode()


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\x85\u2028\u2029"))
NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
SCALARS = st.one_of(WORDS, st.integers(-99, 99), st.booleans())
FIELDS = st.dictionaries(NAMES, SCALARS, min_size=1, max_size=5)
TABLES = st.dictionaries(NAMES, FIELDS, max_size=2)
COMMENTS = st.lists(st.sampled_from(["", "# a comment", "# [not a table]", '# "hero": x', "   "]), max_size=2)
SPACE = st.sampled_from(["", " ", "   "])


@st.composite
def yaml_posts(draw: st.DrawFn) -> str:
    """YAML front matter as people write it: comments, odd quoting and spacing, lists, block texts, nested fields."""
    lines: list[str] = []
    indent = draw(st.sampled_from(["", "", "  "]))
    for name, value in draw(FIELDS).items():
        lines += draw(COMMENTS)
        lines.append(f"{indent}{name}:{draw(SPACE) or ' '}{json.dumps(value, ensure_ascii=False)}{draw(SPACE)}")
    for name, fields in draw(TABLES).items():
        lines.append(f"{indent}x{name}:")
        lines += [f"{indent}  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
    if draw(st.booleans()):
        lines += [f"{indent}ztext: |", f"{indent}  ---no fence", f"{indent}  hero: inside", ""]
    if draw(st.booleans()):
        old = draw(st.sampled_from(["old.png", "'o'", "12"]))
        lines.append(f"{indent}hero:{draw(SPACE) or ' '}{old}")
    return "\n".join(["---", *lines, *draw(COMMENTS), "---", draw(WORDS)])


@st.composite
def toml_posts(draw: st.DrawFn) -> str:
    """TOML front matter with comments, tables, tables in tables and arrays over several lines."""
    lines: list[str] = []
    for name, value in draw(FIELDS).items():
        lines += draw(COMMENTS)
        lines.append(f"{name}{draw(SPACE)}={draw(SPACE)}{_toml(value)}{draw(SPACE)}")
    if draw(st.booleans()):
        lines += ["zlist = [", '["a"],', "[1]", "]"]
    if draw(st.booleans()):
        lines += ["ztext = '''", "[no.table]", 'hero = "inside"', "'''"]
    if draw(st.booleans()):
        lines.append(f'hero{draw(SPACE)}= "old"{draw(st.sampled_from(["", " # why"]))}')
    for name, fields in draw(TABLES).items():
        lines += [*draw(COMMENTS), f"[x{name}]", *(f"{key} = {_toml(value)}" for key, value in fields.items())]
    return "\n".join(["+++", *lines, *draw(COMMENTS), "+++", draw(WORDS)])


@st.composite
def json_posts(draw: st.DrawFn) -> str:
    """JSON front matter, indented or not, with objects in it."""
    fields: dict[str, Any] = draw(FIELDS) | {f"x{name}": value for name, value in draw(TABLES).items()}
    if draw(st.booleans()):
        fields["hero"] = "old"
    if draw(st.booleans()):
        fields["xnested"] = {"hero": "inside"}
    text = json.dumps(fields, indent=draw(st.sampled_from([1, 2, 4])), ensure_ascii=draw(st.booleans()))
    return f"{text}\n{draw(WORDS)}"


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@PROPERTY
@given(
    text=st.one_of(yaml_posts(), toml_posts(), json_posts()),
    newline=st.sampled_from(["\n", "\r\n"]),
    start=st.sampled_from(["", "\ufeff"]),
    ending=st.sampled_from(["", "\n", "\n\n"]),
)
def test_every_other_byte_stays(
    tmp_path_factory: pytest.TempPathFactory, text: str, newline: str, start: str, ending: str
) -> None:
    """Whatever the front matter, one line is new or other, and the rest is byte for byte what it was.

    Read by the languages' own parsers it says the same as before, but for the one field.
    """
    path = tmp_path_factory.mktemp("posts") / "post.md"
    before = (start + (text + ending).replace("\n", newline)).encode()
    path.write_bytes(before)
    fields = _fields(before)
    assert write_field(path, "hero", VALUE)
    after = path.read_bytes()
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    assert old[:same] == new[:same]
    assert old[same + (len(old) == len(new)) :] == new[same + 1 :]
    assert new[same].endswith(newline.encode())
    assert (len(old) == len(new)) == ("hero" in fields)
    assert _fields(after) == fields | {"hero": VALUE}


def _fields(data: bytes) -> dict[str, Any]:
    """The fields, by the languages' own parsers."""
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    if text.startswith("{"):
        return dict(json.JSONDecoder().raw_decode(text)[0])
    inner = text.split(f"{text[:3]}\n", 2)[1]
    return dict(tomllib.loads(inner) if text.startswith("+++") else yaml.safe_load(inner))
