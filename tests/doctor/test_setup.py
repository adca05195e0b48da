"""What falhero doctor says of a site's settings, plugin and posts, whatever is wrong with them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from blog import Blog, hero_name
from builders import save_picture
from terminal import at_home

from pelican_falhero.doctor.examination import examine
from pelican_falhero.doctor.findings import Finding, Group, Mark


def setup_of(folder: Path) -> list[Finding]:
    """What is told of the set-up of the site in a folder; it lists no plugins, which would stay in this process."""
    return [finding for finding in examine(None, folder).findings if finding.group is Group.SETUP]


def wrong_in(folder: Path) -> list[tuple[str, tuple[str, ...]]]:
    """What is wrong with it, with the remedies."""
    return [(finding.text, finding.remedy) for finding in setup_of(folder) if finding.mark is Mark.WRONG]


def unlisted(blog: Blog) -> Blog:
    """A blog that lists no plugin."""
    blog.configure(PLUGINS=[])
    blog.command()
    return blog


def test_a_blog_that_lists_the_plugin_is_well(blog: Blog) -> None:
    """Settings, plugin and posts that are as they should be are one line each."""
    blog.post("a.md", "Winter hikes")
    save_picture(blog.assets / hero_name("Winter hikes"))
    lines = at_home(blog).falhero("doctor").lines
    assert lines[:5] == [
        "Setup",
        "  ok    settings: pelicanconf.py",
        "  ok    plugin: pelican_falhero is in PLUGINS",
        "  ok    posts: 1, none without its hero",
        "",
    ]


def test_a_plugin_that_is_not_listed_is_wrong_until_the_remedy_is_pasted(blog: Blog) -> None:
    """The line to paste lists the plugin beside those that are there, in a list or a tuple; check notes it too."""
    blog.configure(PLUGINS=("i18n_subsites",))
    terminal = at_home(blog)
    noted = (
        "PLUGINS does not list pelican_falhero, so builds make no heroes and show none: falhero doctor says what to add"
    )
    assert noted in terminal.falhero("check").err
    (found,) = (row for row in terminal.falhero("doctor", "--json").json["findings"] if row["state"] == "wrong")
    assert found["text"] == "plugin: PLUGINS does not list pelican_falhero, so builds make no heroes and show none"
    assert found["remedy"][0] == "# at the end of pelicanconf.py:"
    blog.configure(found["remedy"][1])
    assert at_home(blog).falhero("doctor").code == 0


@pytest.mark.parametrize("name", ["pelican-falhero", "falhero"])
def test_a_plugin_that_is_listed_under_another_name_is_to_be_renamed(blog: Blog, name: str) -> None:
    """A name like ours in PLUGINS is told, for Pelican can't load it; a second entry would leave that error."""
    blog.configure(PLUGINS=[name])
    blog.command()
    text = f"plugin: PLUGINS lists {name}, but its name is pelican_falhero, so builds make no heroes and show none"
    assert wrong_in(blog.root) == [(text, ('# in PLUGINS of pelicanconf.py write "pelican_falhero" for it',))]


def test_the_remedy_lists_the_plugins_that_pelican_has_found_so_far(blog: Blog) -> None:
    """Without a PLUGINS setting Pelican uses those that are installed, so the line to paste names them too."""
    del blog.settings["PLUGINS"]
    findings = at_home(blog).falhero("doctor", "--json").json["findings"]
    (wrong,) = (row for row in findings if row["state"] == "wrong")
    values: dict[str, list[str]] = {}
    exec(wrong["remedy"][1], values)
    assert {"i18n_subsites", "pelican_falhero"} <= set(values["PLUGINS"])


@pytest.mark.parametrize(
    ("source", "says", "remedy"),
    [
        ("def broken(:\n", "pelicanconf.py can't be read: SyntaxError: invalid syntax (pelicanconf.py, line 18)", ""),
        ("SITENAME = nothing\n", "NameError: name 'nothing' is not defined (pelicanconf.py, line 18)", ""),
        ("raise SystemExit('no more')\n", "this could not be looked at: SystemExit: no more", None),
        ("import mine\n", "ValueError: for good (mine.py, line 2)", ""),
        ("THEME = 'nowhere'\n", "Could not find the theme nowhere", ""),
        ("FALHERO_BUGDET = 2\n", "did you mean FALHERO_BUDGET?", "line 18; until then nothing is drawn"),
        ("FALHERO_ASSETS_DIR = '.'\nOUTPUT_PATH = 'content'\n", "must not lie in the output folder", "line 18;"),
    ],
)
def test_settings_that_cannot_be_used_name_file_and_line(
    blog: Blog, source: str, says: str, remedy: str | None
) -> None:
    """Whatever a settings file raises is one line, and the other checks still tell theirs."""
    blog.configure(source, PLUGINS=[])
    blog.post("a.md", "Winter hikes")
    (blog.root / "mine.py").write_text("\nraise ValueError('for good')\n")
    blog.command()
    conf = (blog.root / "pelicanconf.py").read_text().splitlines()
    line = f"line {conf.index(source.splitlines()[0]) + 1}"
    says, remedy = says.replace("line 18", line), remedy and remedy.replace("line 18", line)
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(blog.root)
        examination = examine(None, blog.root)
    wrong = [finding for finding in examination.findings if finding.mark is Mark.WRONG and says in finding.text]
    assert len(wrong) == 1, examination.findings
    assert remedy is None or remedy in wrong[0].remedy[0]
    assert {Group.MONEY, Group.FILES, Group.GIT, Group.VERSIONS} <= {found.group for found in examination.findings}


def test_a_wrong_setting_keeps_the_theme_from_nothing(blog: Blog) -> None:
    """With a mistyped setting builds still show what is there, so the theme is tried all the same."""
    blog.post("a.md", "Winter hikes")
    unlisted(blog).configure(FALHERO_BUGDET=2)
    blog.command()
    texts = [finding.text for finding in examine(None, blog.root).findings if finding.group is Group.THEME]
    assert "page: the theme's own templates show article.hero" in texts


def test_posts_are_counted(blog: Blog) -> None:
    """Posts without heroes are a note, those that can't be used are wrong, and what Pelican can't read is a note."""
    unlisted(blog)
    assert ("note", "posts: none that takes a hero") in [(f.mark, f.text) for f in setup_of(blog.root)]
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    save_picture(blog.assets / hero_name("Winter hikes"))
    assert [(found.mark, found.text, found.remedy) for found in setup_of(blog.root)][-1] == (
        Mark.NOTE,
        "posts: 1 of 2 have their hero",
        ("falhero plan",),
    )
    blog.post("c.md", "Spring hikes", Hero_Steps="many")
    blog.post("d.md", "Autumn hikes", Date="never")
    (blog.assets / hero_name("Winter hikes")).write_bytes(b"no picture")
    assert wrong_in(blog.root)[-2:] == [
        ("posts: 1 post with fields that can't be used, so nothing is drawn there", ("falhero check",)),
        ("posts: 1 post with a broken picture", ("falhero check",)),
    ]
    assert any(found.mark is Mark.NOTE and "Pelican can't read d.md" in found.text for found in setup_of(blog.root))


def test_a_site_that_pelican_cannot_read_is_wrong(blog: Blog) -> None:
    """Where there are posts and none can be read, that is one line, and the theme is not tried."""
    blog.post("a.md", "Winter hikes", Date="never")
    unlisted(blog)
    findings = examine(None, blog.root).findings
    _, wrong = (finding for finding in findings if finding.mark is Mark.WRONG)
    # Pelican 4.11 leaves the error's name out.
    assert re.match(r"pelicanconf\.py: Pelican can't read a\.md: (ValueError: )?'never'", wrong.text)
    assert "not tried, because the posts can't be read" in [finding.text for finding in findings]


def test_what_pelican_logs_is_told(blog: Blog) -> None:
    """A plugin that can't be loaded, which builds pass over, is a note."""
    blog.configure(PLUGINS=["nowhere_to_be_found"])
    blog.command()
    texts = [finding.text for finding in setup_of(blog.root) if finding.mark is Mark.NOTE]
    assert any(text.startswith("Pelican says: Cannot load plugin `nowhere_to_be_found`") for text in texts)


def test_a_folder_without_a_site_says_how_to_begin(tmp_path: Path) -> None:
    """Neither a Pelican site nor a table of settings: that is wrong, and nothing is said of folders."""
    (wrong,) = wrong_in(tmp_path)
    assert wrong[0] == f"no pelicanconf.py in {tmp_path} or above, and no [tool.falhero] in a pyproject.toml"
    assert wrong[1][3:] == ("[tool.falhero]", 'generator = "astro"')
    texts = [finding.text for finding in examine(None, tmp_path).findings if finding.group is Group.FILES]
    assert texts == ["not looked at, because it is not known where they are"]


@pytest.mark.parametrize(
    ("table", "marks", "says"),
    [
        ('content = "posts"\n', ["ok", "note", "note"], "posts: 0 of 1 have their hero"),
        ('content = "posts"\nwrite = "cover.image"\n', ["ok", "ok", "note"], "posts: 0 of 1 have their hero"),
        ('write = "image"\n', ["ok", "ok", "note"], "content is not set, so commands need the names of posts"),
        ("budget = 2\n", ["ok", "note", "note"], "content is not set, so commands need the names of posts"),
        ('content = "posts"\nbugdet = 2\n', ["ok", "wrong", "note"], "bugdet is not a setting (did you mean budget?)"),
        ('content = "nowhere"\n', ["wrong"], "content names the folder nowhere, which does not exist"),
        ("[", ["wrong"], "pyproject.toml can't be read"),
    ],
)
def test_a_site_without_pelican(tmp_path: Path, table: str, marks: list[str], says: str) -> None:
    """Settings in pyproject.toml are read likewise; of plugin and theme nothing is said."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.falhero]\n{table}")
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: Winter hikes\n---\nWords.\n")
    found = setup_of(tmp_path)
    assert [str(finding.mark) for finding in found] == marks
    assert any(says in finding.text for finding in found)
    assert not [finding for finding in examine(None, tmp_path).findings if finding.group is Group.THEME]
