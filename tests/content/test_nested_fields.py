"""Fields inside mappings, and lists of one: set in every format of front matter without another byte changed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from builders import PROPERTY
from hypothesis import given
from hypothesis import strategies as st

from pelican_falhero.content.fields.hero_field import HeroField, value_at
from pelican_falhero.content.front_matter import parse
from pelican_falhero.content.front_matter_edit import edited, write_field, write_hero
from pelican_falhero.errors import HeroError

OLD, NEW = "images/hero-000000000000.png", "images/hero-0123456789ab.png"
POST = Path("post.md")

MAPPINGS = {
    "no mapping": ("---\ntitle: A\n---\n", f"---\ntitle: A\ncover:\n  image: {NEW}\n---\n"),
    "indented": ("---\n  title: A\n---\n", f"---\n  title: A\n  cover:\n    image: {NEW}\n---\n"),
    "empty key": ("---\ncover: # mine\ntitle: A\n---\n", f"---\ncover: # mine\n  image: {NEW}\ntitle: A\n---\n"),
    "null": ("---\ncover: ~ # mine\n---\n", f'---\ncover: {{image: "{NEW}"}} # mine\n---\n'),
    "block": (
        "---\ncover:\n    # why\n    alt: x # y\n\n# after\ntitle: A\n---\n",
        f"---\ncover:\n    # why\n    alt: x # y\n    image: {NEW}\n\n# after\ntitle: A\n---\n",
    ),
    "list at its end": (
        "---\ncover:\n  sizes:\n  - a\n  - b\ntitle: A\n---\n",
        f"---\ncover:\n  sizes:\n  - a\n  - b\n  image: {NEW}\ntitle: A\n---\n",
    ),
    "text at its end": (
        "---\ncover:\n  alt: |\n    Two\n    lines\ntitle: A\n---\n",
        f"---\ncover:\n  alt: |\n    Two\n    lines\n  image: {NEW}\ntitle: A\n---\n",
    ),
    "in its place": (
        f"---\ncover:\n  image:   '{OLD}'  # mine\n  alt: x\n---\n",
        f"---\ncover:\n  image:   {NEW}  # mine\n  alt: x\n---\n",
    ),
    "flow": ("---\ncover: {alt: x} # y\n---\n", f'---\ncover: {{image: "{NEW}", alt: x}} # y\n---\n'),
    "empty flow": ("---\ncover: {}\n---\n", f'---\ncover: {{image: "{NEW}"}}\n---\n'),
    "in its place in flow": (
        f"---\ncover: {{ image: {OLD}, alt: x }}\n---\n",
        f"---\ncover: {{ image: {NEW}, alt: x }}\n---\n",
    ),
    "windows": (
        "---\r\ncover:\r\n  alt: x\r\n---\r\nWords.",
        f"---\r\ncover:\r\n  alt: x\r\n  image: {NEW}\r\n---\r\nWords.",
    ),
    "toml": ("+++\ntitle = 'A'\n+++\n", f"+++\ntitle = 'A'\ncover.image = \"{NEW}\"\n+++\n"),
    "toml before a table": (
        "+++\n# The author\n[a]\nb = 1\n+++\n",
        f'+++\ncover.image = "{NEW}"\n# The author\n[a]\nb = 1\n+++\n',
    ),
    "toml table": (
        "+++\n[a]\nimage = 'x'\n[cover] # mine\nalt = 'x'\n+++\n",
        f"+++\n[a]\nimage = 'x'\n[cover] # mine\nimage = \"{NEW}\"\nalt = 'x'\n+++\n",
    ),
    "toml in its table": (
        f"+++\n[a]\nimage = 'x'\n[cover]\nimage = '{OLD}' # mine\n+++\n",
        f"+++\n[a]\nimage = 'x'\n[cover]\nimage = \"{NEW}\" # mine\n+++\n",
    ),
    "toml dotted": ("+++\ncover.alt = 'x'\n+++\n", f"+++\ncover.alt = 'x'\ncover.image = \"{NEW}\"\n+++\n"),
    "toml in its dotted place": (f'+++\ncover."image" = "{OLD}"\n+++\n', f'+++\ncover."image" = "{NEW}"\n+++\n'),
    "toml inline": ("+++\ncover = { alt = 'x' }\n+++\n", f"+++\ncover = {{ image = \"{NEW}\", alt = 'x' }}\n+++\n"),
    "toml inline without spaces": ("+++\ncover={alt='x'}\n+++\n", f"+++\ncover={{ image = \"{NEW}\", alt='x'}}\n+++\n"),
    "toml empty inline": ("+++\ncover = {}\n+++\n", f'+++\ncover = {{ image = "{NEW}" }}\n+++\n'),
    "toml in its inline place": (
        f"+++\ncover = {{image='{OLD}', alt='x'}}\n+++\n",
        f"+++\ncover = {{image=\"{NEW}\", alt='x'}}\n+++\n",
    ),
    "json": ('{\n\t"title": "A"\n}\n', f'{{\n\t"cover": {{"image": "{NEW}"}},\n\t"title": "A"\n}}\n'),
    "json in one line": ('{"title": "A"}\n', f'{{"cover": {{"image": "{NEW}"}}, "title": "A"}}\n'),
    "json null": ('{ "cover" : null }\n', f'{{ "cover" : {{"image": "{NEW}"}} }}\n'),
    "json object": (
        '{\r\n "cover": {\r\n  "alt": "}"\r\n }\r\n}\r\nWords.',
        f'{{\r\n "cover": {{\r\n  "image": "{NEW}",\r\n  "alt": "}}"\r\n }}\r\n}}\r\nWords.',
    ),
    "json in its place": (
        f'---json\n{{"a": {{"image": 1}}, "cover": {{"alt": "x", "image" : "{OLD}"}}}}\n---\n',
        f'---json\n{{"a": {{"image": 1}}, "cover": {{"alt": "x", "image" : "{NEW}"}}}}\n---\n',
    ),
}


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_field_in_a_mapping(name: str) -> None:
    """The mapping is made where there is none, and where it is there, however it is written, it keeps its form."""
    before, after = MAPPINGS[name]
    assert edited(before.encode(), POST, "cover.image", NEW).decode() == after
    assert edited(after.encode(), POST, "cover.image", NEW).decode() == after


def test_mappings_in_mappings() -> None:
    """Each of the mappings around a field may be there or not."""
    field = "params.cover.image"
    assert edited(b"---\n---\n", POST, field, NEW).decode() == f"---\nparams:\n  cover:\n    image: {NEW}\n---\n"
    here = "---\nparams:\n  cover: {alt: x}\n  math: true\n---\n"
    assert edited(here.encode(), POST, field, NEW).decode() == here.replace("{alt", f'{{image: "{NEW}", alt')
    assert edited(b"---\nparams: {}\n---\n", POST, field, NEW).decode() == (
        f'---\nparams: {{cover: {{image: "{NEW}"}}}}\n---\n'
    )
    toml = "+++\n[params]\nmath = true\n[params.other]\nimage = 'x'\n+++\n"
    assert edited(toml.encode(), POST, field, NEW).decode() == (
        toml.replace("[params]\n", f'[params]\ncover.image = "{NEW}"\n')
    )
    assert edited(b'{"params": {}}', POST, field, NEW).decode() == f'{{"params": {{"cover": {{"image": "{NEW}"}}}}}}'


LISTS = {
    "none": ("---\ntitle: A\n---\n", f'---\ntitle: A\nimages: ["{NEW}"]\n---\n'),
    "empty": ("---\nimages: [] # mine\n---\n", f'---\nimages: ["{NEW}"] # mine\n---\n'),
    "flow": (f"---\nimages: [{OLD}]\n---\n", f"---\nimages: [{NEW}]\n---\n"),
    "block": (f"---\nimages:\n- {OLD} # mine\ntitle: A\n---\n", f"---\nimages:\n- {NEW} # mine\ntitle: A\n---\n"),
    "no list": (f"---\nimages: {OLD}\n---\n", f'---\nimages: ["{NEW}"]\n---\n'),
    "toml": (f"+++\nimages = ['{OLD}'] # mine\n+++\n", f'+++\nimages = ["{NEW}"] # mine\n+++\n'),
    "toml none": ("+++\n[params]\n+++\n", f'+++\nimages = ["{NEW}"]\n[params]\n+++\n'),
    "json": (f'{{"images": [ "{OLD}" ]}}', f'{{"images": [ "{NEW}" ]}}'),
    "json empty": ('{"images": []}', f'{{"images": ["{NEW}"]}}'),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_one(name: str) -> None:
    """A field that is a list gets one with the value, and keeps its form."""
    before, after = LISTS[name]
    assert edited(before.encode(), POST, "images", [NEW]).decode() == after
    assert edited(after.encode(), POST, "images", [NEW]).decode() == after


@pytest.mark.parametrize(
    "text",
    [
        "---\ncover: own.png\n---\n",
        "---\ncover: [a, b]\n---\n",
        "---\ncover:\n  image:\n    src: a.png\n---\n",
        "---\ncover: &c {alt: x}\nother: *c\n---\n",
        "---\nbase: &b {image: a.png}\ncover: *b\n---\n",
        "---\ncover:\n  image: >\n    a.png\n---\n",
        "---\n{cover: {alt: x}}\n---\n",
        "+++\ncover = 'own.png'\n+++\n",
        "+++\n[[cover]]\nimage = 'a.png'\n+++\n",
        f"+++\ncover.image = {{src = '{OLD}', alt = 'x'}}\n+++\n",
        f"+++\ncover = {{image = ['{OLD}', '{OLD}']}}\n+++\n",
        "+++\ncover = {image = [{alt = 'x'}]}\n+++\n",
        '{"cover": "own.png"}\n',
        '{"cover": {"image": {"src": "a.png"}}}\n',
    ],
)
def test_what_cannot_be_changed_alone_is_refused(tmp_path: Path, text: str) -> None:
    """Where the field is something else than a text in mappings, or shared, the file stays and the value is told."""
    path = tmp_path / "post.md"
    path.write_text(text)
    with pytest.raises(
        HeroError, match=r"could not be changed safely; in its front matter, set cover.image to \"images"
    ):
        write_field(path, "cover.image", NEW)
    assert path.read_text() == text


@pytest.mark.parametrize("line", ["hero: none", "Hero: own.png", "cover: own.png", "cover: false"])
def test_what_the_author_has_said_since_holds(tmp_path: Path, line: str) -> None:
    """A post that was given a picture of its own, or is to have none, while ours was drawn stays as it is."""
    path = tmp_path / "post.md"
    path.write_text(f"---\ntitle: A\n{line}\n---\n")
    assert not write_hero(path, HeroField(name="cover", formats={"": "{path}"}), NEW)
    assert path.read_text() == f"---\ntitle: A\n{line}\n---\n"
    path.write_text("---\nhero: images/hero-000000000000.png\n---\n")
    assert write_hero(path, HeroField(name="cover", formats={"": "{path}"}), NEW)


def test_what_is_saved_while_a_post_is_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit that the author saves between reading and replacing is not lost; nothing else is left in the folder."""
    path = tmp_path / "post.md"
    path.write_text("---\ntitle: A\n---\n")
    monkeypatch.setattr(os, "fsync", lambda _: path.write_text("---\ntitle: A\n---\nWords.\n"))
    with pytest.raises(HeroError, match=r"post\.md was changed while it was being written; run the command again"):
        write_field(path, "image", NEW)
    assert path.read_text() == "---\ntitle: A\n---\nWords.\n"
    assert list(tmp_path.iterdir()) == [path]


def test_long_lines_are_passed_over_quickly() -> None:
    """A line that was made to take a pattern for ever costs no time."""
    began = time.monotonic()
    text = f"+++\na = '''{' ' * 200_000}\n'''\n+++\n"
    assert edited(text.encode(), POST, "cover.image", NEW).decode().endswith(f'''cover.image = "{NEW}"\n+++\n''')
    assert time.monotonic() - began < 5


def test_what_only_one_parser_reads_is_refused() -> None:
    """libyaml takes characters that the parser that knows places does not."""
    with pytest.raises(HeroError):
        edited(b"---\ntitle: a \x7f b\n---\n", POST, "cover.image", NEW)


INNER = st.dictionaries(
    st.sampled_from(["alt", "caption", "relative", "image"]),
    st.sampled_from(["'a: b'", '"x # y"', "true", "12", "0.5"]),
    max_size=3,
)
COMMENT = st.sampled_from(["", " # why", "  "])


@st.composite
def posts(draw: st.DrawFn) -> str:
    """Front matter with a ``cover`` of any form, between fields of the author."""
    inner = draw(INNER)
    before, after = (
        draw(st.lists(st.sampled_from(["title: A", "tags: [a, b]", "# note", ""]), max_size=3, unique=True)),
        [],
    )
    if draw(st.booleans()):
        after = ["text: |", "  cover:", "    image: x", "last: 1"]
    if draw(st.booleans()):
        fields = ", ".join(f"{name}: {value}" for name, value in inner.items())
        cover = [f"cover: {{{fields}}}{draw(COMMENT)}"]
    else:
        cover = [f"cover:{draw(COMMENT)}", *(f"  {name}: {value}{draw(COMMENT)}" for name, value in inner.items())]
    return "\n".join(["---", *before, *cover, *after, "---", "Words."])


@PROPERTY
@given(text=posts(), newline=st.sampled_from(["\n", "\r\n"]), start=st.sampled_from(["", "\ufeff"]))
def test_only_the_field_is_other(text: str, newline: str, start: str) -> None:
    """Whatever is around it, one line is new or other, and all fields but this one say what they said."""
    before = (start + text.replace("\n", newline)).encode()
    after = edited(before, POST, "cover.image", NEW)
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    assert len(new) - len(old) in (0, 1)
    changed = [line for line in new if new.count(line) > old.count(line)]
    assert len(changed) == 1
    assert NEW.encode() in changed[0]
    was, fields = parse(before, POST).metadata, parse(after, POST).metadata
    assert value_at(fields, ["cover", "image"]) == NEW
    assert {**fields["cover"], "image": 0} == {**(was["cover"] or {}), "image": 0}
    assert {**fields, "cover": 0} == {**was, "cover": 0}
