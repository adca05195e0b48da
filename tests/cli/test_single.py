"""scripts/generate-fal-hero.py: single posts, on Pelican and on any site with front matter."""

from __future__ import annotations

import json
import re
import shutil
import venv
from pathlib import Path

import fal_faults
import pytest
from blog import SMALL, Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from PIL import Image
from terminal import BIN, NOBODY, SCRIPT, Terminal, at_home, let_others_in

from pelican_falhero.cli.single import main

STYLE = "Cinematic lighting, professional photography, 8K"


@pytest.fixture
def project(tmp_path: Path, fal: FalServer) -> Terminal:
    """A terminal in a project that is no Pelican site."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[tool.falhero]\nimage_size = [256, 192]\n")
    return Terminal(folder, fal.environment())


def write(terminal: Terminal, text: str | bytes, name: str = "posts/a.md") -> Path:
    """A post of the project."""
    path = terminal.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_it_prints_file_prompt_seconds_and_cost(blog: Blog, fal: FalServer) -> None:
    """A post's hero is drawn once; file, prompt, seconds and cost are told, and that it was there the second time."""
    blog.post("a.md", "Winter hikes", "Some words.")
    terminal = at_home(blog, fal.environment())
    ran = terminal.script("content/a.md")
    assert (ran.code, ran.err) == (0, "drawing 1 hero\n")
    hero = f"content/images/heroes/{hero_name('Winter hikes')}"
    assert ran.lines[:2] == [f"File:   {hero}", f"Prompt: Winter hikes. Some words. {STYLE}"]
    assert re.fullmatch(r"Time:   \d+\.\d s", ran.lines[2])
    assert ran.lines[3:] == ["Cost:   $0.025"]
    with Image.open(blog.root / hero) as image:
        assert (image.format, image.size) == ("PNG", SMALL)
    again = terminal.script("content/a.md")
    assert re.fullmatch(r"Time:   \d\.\d s \(it was there\)", again.lines[2])
    assert again.lines[3:] == ["Cost:   $0.00"]
    forced = terminal.script("content/a.md", "--force", "--style", "Woodcut")
    assert forced.lines[1] == "Prompt: Winter hikes. Some words. Woodcut"
    assert fal.charges == 2


def test_a_title_needs_no_post(project: Terminal, fal: FalServer) -> None:
    """--title, --excerpt and --output draw a picture for anything, with the ledger beside pyproject.toml."""
    (project.folder / "src").mkdir()
    inside = project.at(project.folder / "src")
    ran = inside.script("--title", "Why <em>graphs</em>?", "--excerpt", "On *nodes*", "--output", "assets/images")
    assert ran.code == 0
    assert ran.lines[:2] == [
        f"File:   assets/images/{hero_name('Why graphs?')}",
        f"Prompt: Why graphs? On *nodes*. {STYLE}",
    ]
    assert (project.folder / "src" / "assets" / "images" / hero_name("Why graphs?")).is_file()
    assert (project.folder / ".falhero" / "ledger.jsonl").is_file()
    assert fal.charges == 1


def test_it_runs_copied_alone_into_a_blog(blog: Blog, fal: FalServer) -> None:
    """The script alone, in another project's scripts folder, does the same where the package is installed."""
    blog.post("a.md", "Winter hikes")
    copy = blog.root / "scripts" / SCRIPT.name
    copy.parent.mkdir()
    shutil.copy(SCRIPT, copy)
    assert at_home(blog, fal.environment()).script("content/a.md", script=copy).code == 0
    assert blog.heroes() == {hero_name("Winter hikes")}


def test_it_runs_from_a_clone(blog: Blog, fal: FalServer, tmp_path: Path) -> None:
    """In a clone it uses the clone's own package, and its environment; without any it says what to install."""
    clone = tmp_path / "clone"
    (clone / "scripts").mkdir(parents=True)
    shutil.copy(SCRIPT, clone / "scripts")
    script = clone / "scripts" / SCRIPT.name
    blog.post("a.md", "Winter hikes")
    venv.EnvBuilder(symlinks=True).create(tmp_path / "bare")
    command = (tmp_path / "bare" / "bin" / "python", script, "content/a.md")
    terminal = at_home(blog, fal.environment())
    lacking = terminal.run(*command)
    assert (lacking.code, lacking.out) == (1, "")
    assert lacking.err == "generate-fal-hero.py: pelican_falhero is not installed; pip install pelican-falhero\n"
    (clone / "pelican_falhero").symlink_to(SCRIPT.parent.parent / "pelican_falhero")
    assert "is not installed; pip install pelican-falhero" in terminal.run(*command).err
    (clone / ".venv").symlink_to(BIN.parent)
    assert terminal.run(*command).code == 0
    assert fal.charges == 1


POSTS = {
    "astro.md": "---\ntitle: 'Winter hikes'\ndescription: On snow.\npubDate: 2026-11-01\n---\nText.\n",
    "hugo.md": '+++\ntitle = "Winter hikes"\nsummary = "On snow."\ndate = 2026-11-01T10:00:00Z\n+++\nText.\n',
    "hugo-json.md": '{\n  "title": "Winter hikes",\n  "description": "On snow."\n}\nText.\n',
    "jekyll.markdown": '---\nlayout: post\ntitle: "Winter hikes"\nexcerpt: "On snow."\n---\nText.\n',
    "eleventy.njk": '---json\n{\n  "title": "Winter hikes",\n  "excerpt": "On snow."\n}\n---\n<p>Text.</p>\n',
    "windows.md": "\ufeff---\r\nTitle: Winter hikes\r\nDescription: On snow.\r\n---\r\nText.\r\n",
}
RARELY = {"jekyll.markdown", "eleventy.njk"}
"""What is read and written as others of them are; their details are those of tests/content/test_front_matter.py."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in RARELY else ()) for name in POSTS]
)
def test_any_front_matter_will_do(project: Terminal, fal: FalServer, name: str) -> None:
    """Title and excerpt, description or summary are read from YAML, TOML and JSON; --write changes one line."""
    post = write(project, POSTS[name], name)
    before = post.read_bytes().splitlines(keepends=True)
    options = ("--output", "src/assets", "--write", "heroImage", "--path-format", "~/assets/{name}")
    ran = project.script(name, *options)
    assert ran.code == 0
    assert ran.lines[1] == f"Prompt: Winter hikes. On snow. {STYLE}"
    value = f"~/assets/{hero_name('Winter hikes')}"
    assert ran.lines[-1] == f"Field:  heroImage is now {value}"
    after = post.read_bytes().splitlines(keepends=True)
    assert len(after) == len(before) + 1
    (new,) = (line for line in after if line not in before)
    assert value.encode() in new
    assert [line for line in after if line != new] == before
    again = project.script(name, *options)
    assert again.lines[-1] == f"Field:  heroImage was already {value}"
    assert post.read_bytes().splitlines(keepends=True) == after
    assert fal.charges == 1


def test_the_first_words_serve_where_there_is_no_excerpt(project: Terminal) -> None:
    """Without excerpt, description and summary the text's first words are the excerpt, without their markup."""
    write(project, "---\ntitle: Winter hikes\n---\n# Snow\n\nWith **boots** and [maps](x.html).\n")
    ran = project.script("posts/a.md")
    assert ran.lines[1] == f"Prompt: Winter hikes. Snow With boots and maps. {STYLE}"


def test_a_post_keeps_its_hero_through_its_own_field(project: Terminal, fal: FalServer) -> None:
    """With --write hero the field names a picture of ours, and a new title moves it on, for nothing."""
    post = write(project, "---\ntitle: Winter hikes\n---\n")
    assert project.script("posts/a.md", "--write", "hero").code == 0
    assert f"hero: images/heroes/{hero_name('Winter hikes')}\n" in post.read_text()
    post.write_text(post.read_text().replace("Winter", "Spring"))
    ran = project.script("posts/a.md", "--write", "hero")
    assert ran.lines[0] == f"File:   images/heroes/{hero_name('Spring hikes')}"
    assert "keeps its picture" in ran.err
    assert f"hero: images/heroes/{hero_name('Spring hikes')}\n" in post.read_text()
    assert fal.charges == 1


def test_a_picture_of_the_authors_stays_in_the_field_to_write(project: Terminal, fal: FalServer) -> None:
    """Where the field of --write names a picture that is not ours, nothing is drawn, and the others are done."""
    own = write(project, "---\ntitle: Winter hikes\nimage: /assets/me.jpg\n---\n")
    write(project, "---\ntitle: Spring hikes\n---\n", "posts/b.md")
    before = own.read_bytes()
    ran = project.script("posts/a.md", "posts/b.md", "--write", "image")
    assert ran.code == 1
    assert "posts/a.md has its own picture (/assets/me.jpg), so nothing is drawn for it" in ran.err
    assert (own.read_bytes(), fal.charges) == (before, 1)


def test_a_picture_of_the_authors_stays_in_pelicans_own_header_lines(blog: Blog, fal: FalServer) -> None:
    """They are no front matter, and what they name is kept likewise."""
    post = blog.post("a.md", "Winter hikes", Photo="images/mine.jpg")
    before = post.read_bytes()
    ran = at_home(blog, fal.environment()).script("content/a.md", "--write", "Photo")
    assert ran.code == 2
    assert "content/a.md has its own picture (images/mine.jpg), so nothing is drawn for it" in ran.err
    assert (post.read_bytes(), fal.charges) == (before, 0)


def test_a_field_that_cannot_be_written_is_told_as_a_line(project: Terminal, fal: FalServer) -> None:
    """Where the field can't be written safely, the post stays, the line to add is printed, and the exit code is 1."""
    post = write(project, "---\ntitle: Winter hikes\nnote:\n    alt: x\n---\n\nWords.\n")
    before = post.read_bytes()
    ran = project.script("posts/a.md", "--write", "note")
    assert (ran.code, fal.charges) == (1, 1)
    assert ran.lines[0].startswith("File:   ")
    line = ran.err.splitlines()[-1]
    assert line.endswith(f"write this line into its front matter: note: images/heroes/{hero_name('Winter hikes')}")
    assert post.read_bytes() == before


def test_pelican_takes_what_was_written(blog: Blog, fal: FalServer) -> None:
    """In a fenced Pelican post the path is written without quotes, which Pelican would keep."""
    post = blog.write("a.md", "---\ntitle: Winter hikes\ndate: 2026-11-01\n---\n\nWords.\n")
    assert at_home(blog, fal.environment()).script("content/a.md", "--write", "cover").code == 0
    assert f"cover: images/heroes/{hero_name('Winter hikes')}\n" in post.read_text()


def test_several_posts_are_one_run(project: Terminal, fal: FalServer) -> None:
    """Each post has its block; what fails is told at the end with exit code 1, and the others are done and written."""
    write(project, "---\ntitle: A\n---\n")
    write(project, '+++\ntitle = "B"\n+++\n', "posts/b.md")
    write(project, "---\ntitle: C\nhero: none\n---\n", "posts/c.md")
    write(project, "---\ntitle: D\nhero_steps: 99\n---\n", "posts/d.md")
    names = [f"posts/{name}.md" for name in "abbcde"]
    ran = project.script(*names, "--write", "cover.image", "--path-format", "{relative}")
    assert ran.code == 1
    assert [line for line in ran.lines if line.startswith("Post: ")] == [f"Post:   posts/{name}.md" for name in "abd"]
    values = {name: f"../images/heroes/{hero_name(name.upper())}" for name in "ab"}
    assert [line for line in ran.lines if line.startswith("Field: ")] == [
        f"Field:  cover.image is now {value}" for value in values.values()
    ]
    assert "drawing 2 heroes" in ran.err
    failures = [line for line in ran.err.splitlines() if line.startswith("generate-fal-hero.py: ")]
    assert [failure.split(": ", 1)[1] for failure in failures] == [
        "posts/e.md: there is no such file",
        "posts/c.md says hero: none, so nothing is drawn for it",
        "posts/d.md: Hero_Steps must be 1 to 50 for fal-ai/flux/dev, not 99",
    ]
    assert f"cover:\n  image: {values['a']}\n" in (project.folder / "posts" / "a.md").read_text()
    assert f'cover.image = "{values["b"]}"\n' in (project.folder / "posts" / "b.md").read_text()
    assert fal.charges == 2


def test_several_posts_share_a_budget(project: Terminal, fal: FalServer) -> None:
    """--budget is for all of them: what exceeds it is told, and the rest is drawn."""
    for name in "abc":
        write(project, f"---\ntitle: {name}\n---\n", f"posts/{name}.md")
    ran = project.script(*(f"posts/{name}.md" for name in "abc"), "--budget", "0.05")
    assert ran.code == 1
    assert ran.err.count("does not fit what is left of the budget") == 1
    assert fal.charges == 2


def test_the_field_is_that_of_the_site(project: Terminal, fal: FalServer) -> None:
    """Without --write the field and the form are those of [tool.falhero], and --output changes the path in it."""
    (project.folder / "posts").mkdir()
    (project.folder / "pyproject.toml").write_text(
        '[tool.falhero]\ngenerator = "eleventy"\ncontent = "posts"\nwrite = "params.hero"\n'
    )
    post = write(project, "---\ntitle: A\n---\n")
    name = hero_name("A")
    assert project.script("posts/a.md").lines[-1] == f"Field:  params.hero is now /images/heroes/{name}"
    moved = project.script("posts/a.md", "--output", "art")
    assert moved.lines[-1] == f"Field:  params.hero is now /art/{name}"
    another = project.script("posts/a.md", "--write", "note")
    assert another.lines[-1] == f"Field:  note is now public/images/heroes/{name}"
    project.script("posts/a.md", "--path-format", "x/{name}")
    assert post.read_text() == (f"---\ntitle: A\nparams:\n  hero: x/{name}\nnote: public/images/heroes/{name}\n---\n")
    assert fal.charges == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name a post, or a title with --title"),
        (["posts/a.md", "--title", "x"], "name a post, or a title with --title"),
        (["posts/a.md", "--excerpt", "x"], "--excerpt works with --title only"),
        (["--title", "x", "--write", "hero"], "--write needs a post"),
        (["--title", " "], "--title is empty"),
        (["--title", "<br>"], "--title is empty"),
        (["posts/nowhere.md"], "posts/nowhere.md: there is no such file"),
        (["posts"], "posts is a folder; name its posts"),
        (["posts/a.md", "--write", "a b"], "'a b' can't be the name of a field"),
        (
            ["posts/a.md", "--path-format", "{file}"],
            "--path-format can hold {name}, {path} and {relative} only, not '{file}'",
        ),
        (["posts/a.md", "--path-format", "{"], "--path-format can hold {name}, {path} and {relative} only, not '{'"),
        (["posts/a.md", "--path-format", "{name.x}"], "--path-format can hold {name}, {path} and {relative} only"),
        (["posts/a.md", "--steps", "99"], "--steps must be 1 to 50 for fal-ai/flux/dev, not 99 (posts/a.md)"),
        (["posts/a.md", "--budget", "x"], "--budget must be a number"),
        (["posts/binary.md"], "posts/binary.md is not text"),
        (["posts/latin.md"], "posts/latin.md is not text in UTF-8"),
        (["posts/untitled.md"], "posts/untitled.md has no title in its front matter"),
        (["posts/bare.md"], "posts/bare.md has no title in its front matter"),
        (["posts/yaml.md"], "posts/yaml.md: its front matter can't be read"),
        (["posts/toml.md"], "posts/toml.md: its front matter can't be read"),
        (["posts/json.md"], "posts/json.md: its front matter can't be read"),
        (["posts/open.md"], "posts/open.md: its front matter has no end; add the closing line"),
        (["posts/opted-out.md"], "posts/opted-out.md says hero: none, so nothing is drawn for it"),
        (["posts/own.md"], "posts/own.md has its own picture (../own.png), so nothing is drawn for it"),
        (["posts/image.md", "--write", "image"], "posts/image.md has its own picture (own.png), so nothing is drawn"),
        (["posts/image.md", "--write", "cover.src"], "posts/image.md says cover.src: false, so nothing is drawn"),
        (["posts/a.md", "--path-format", "{name}?v=1"], "--path-format must end with {name}, {path} or {relative}"),
        (["posts/field.md"], "posts/field.md: Hero_Seed must be"),
        (["posts/steps.md"], "posts/steps.md: Hero_Steps must be 1 to 50 for fal-ai/flux/dev, not 99"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_used_is_one_line(
    project: Terminal,
    arguments: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever is wrong with options or post is one line that names it, with exit code 2."""
    posts: dict[str, str | bytes] = {
        "a": "---\ntitle: A\n---\n",
        "binary": b"---\ntitle: A\n---\n\0\1\2",
        "latin": "---\ntitle: é\n---\n".encode("latin-1"),
        "untitled": "---\ndescription: A\n---\n",
        "bare": "# A\n",
        "yaml": "---\ntitle: [\n---\n",
        "toml": "+++\ntitle = \n+++\n",
        "json": '{\n"title": \n}\n',
        "open": "---\ntitle: A\n",
        "opted-out": "---\ntitle: A\nhero: none\n---\n",
        "image": "---\ntitle: A\nimage: own.png\ncover:\n  src: false\n---\n",
        "own": "---\ntitle: A\nhero: ../own.png\n---\n",
        "field": "---\ntitle: A\nhero_seed: lucky\n---\n",
        "steps": "---\ntitle: A\nhero_steps: 99\n---\n",
    }
    for name, text in posts.items():
        write(project, text, f"posts/{name}.md")
    monkeypatch.chdir(project.folder)
    assert code_of(arguments) == 2
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert out == ""
    assert line.startswith("generate-fal-hero.py: ")
    assert says in line


def code_of(arguments: list[str]) -> int | str | None:
    """The script's exit code, in this process."""
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


def test_what_cannot_be_used_costs_nothing(project: Terminal, fal: FalServer) -> None:
    """Run as a file it ends with 2 as well, before anything is bought."""
    write(project, "---\ntitle: A\n---\n")
    for arguments in (["posts/nowhere.md"], ["posts/a.md", "--steps", "99"], ["posts/a.md", "--write", "a b"], ["-x"]):
        ran = project.script(*arguments)
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert not fal.requests


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"Title: \xff\n", "read a.md: (UnicodeDecodeError: )?'utf-8' codec can't decode byte 0xff"),
        (b"Date: 2026-11-01\n\nx\n", "Pelican can't read a.md: could not find information about 'title'"),
        (
            b"Title: A\nDate: yesterday, I think\n\nx\n",
            "read a.md: (ValueError: )?'yesterday, I think' is not a valid date$",
        ),
        (b"Title: A\nDate: 2026-11-01\nHero: nowhere.png\n\nx\n", "a.md: Hero names the picture nowhere.png"),
        (b"Title: A\nDate: 2026-11-01\nHero: none\n\nx\n", "content/a.md says Hero: none"),
    ],
)
def test_what_pelican_cannot_read_is_one_line(blog: Blog, fal: FalServer, text: bytes, says: str) -> None:
    """In a Pelican site a post that can't be read is one line with Pelican's reason, and exit code 2."""
    (blog.content / "a.md").write_bytes(text)
    ran = at_home(blog, fal.environment()).script("content/a.md")
    assert ran.code == 2
    (line,) = ran.err.splitlines()
    assert re.search(says, line)
    assert not fal.requests


def test_posts_without_permission_are_one_line(project: Terminal) -> None:
    """A post that may not be read, and one that may not be written, are told so."""
    post = write(project, "---\ntitle: A\n---\n")
    target = save_picture(project.folder / "images" / "heroes" / hero_name("A"))
    let_others_in(project.folder)
    for path in (project.folder, target.parent, target.parent.parent):
        path.chmod(0o777)
    command: list[str | Path] = [*NOBODY, BIN / "python", SCRIPT, "posts/a.md", "--write", "hero"]
    # Who may write nothing can't note what is covered either.
    project = project.with_(HOME="/", COVERAGE_PROCESS_CONFIG="")
    post.chmod(0o000)
    ran = project.run(*command)
    assert ran.code == 2
    assert ran.err == "generate-fal-hero.py: " + f"{post} can't be read: Permission denied\n"
    post.chmod(0o444)
    post.parent.chmod(0o555)
    ran = project.run(*command)
    assert ran.code == 1
    assert "posts/a.md can't be written (Permission denied)" in ran.err
    assert f"hero: images/heroes/{hero_name('A')}" in ran.err
    assert post.read_text() == "---\ntitle: A\n---\n"
    post.parent.chmod(0o755)


def test_what_could_not_be_made_is_one_line(project: Terminal, fal: FalServer) -> None:
    """A refusal, no key, no money and a build server are each one line with exit code 1."""
    write(project, "---\ntitle: A\n---\n")
    assert "there are no credentials for fal" in project.with_(FAL_KEY="").script("posts/a.md").err
    assert "a build with CI set spends nothing" in project.with_(CI="1").script("posts/a.md").err
    ran = project.script("posts/a.md", "--budget", "0.01")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "generate-fal-hero.py: A: $0.025 does not fit what is left of the budget\n"
    fal.faults.add("submit", fal_faults.content_policy(), nth=1)
    assert "content checker" in project.script("posts/a.md").err
    refused = project.script("posts/a.md")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("generate-fal-hero.py: A: fal refused it: ")
    assert project.script("posts/a.md", "--retry").code == 0


@pytest.mark.parametrize("marker", ["pyproject.toml", ".git", ""])
def test_the_ledger_is_kept_at_the_projects_root(tmp_path: Path, fal: FalServer, marker: str) -> None:
    """The ledger lies beside the nearest pyproject.toml or .git, and without either in the working directory."""
    (tmp_path / "project").mkdir()
    terminal = Terminal(tmp_path / "project", fal.environment())
    if marker == ".git":
        terminal.git("init", "--quiet")
    elif marker:
        (terminal.folder / marker).touch()
    write(terminal, "---\ntitle: A\n---\n", "src/posts/a.md")
    assert terminal.script("src/posts/a.md").code == 0
    assert (terminal.folder / ".falhero" / "ledger.jsonl").is_file()
    assert (terminal.folder / "images" / "heroes" / hero_name("A")).is_file()
    inside = terminal.at(terminal.folder / "src")
    if marker:
        assert inside.script("posts/a.md").lines[-1] == "Cost:   $0.00"
        assert fal.charges == 1


def test_settings_of_the_project_hold(project: Terminal, fal: FalServer) -> None:
    """[tool.falhero] says how heroes look and where they go, and the post's own fields win over it."""
    (project.folder / "pyproject.toml").write_text(
        '[tool.falhero]\nstyle = "Woodcut"\nassets_dir = "public/img"\nmodel = "schnell"\nbudget = 0.01\n'
    )
    write(project, "---\ntitle: A\nhero_seed: 7\nexcerpt: B\n---\n")
    ran = project.script("posts/a.md")
    assert ran.lines[:2] == [f"File:   public/img/{hero_name('A')}", "Prompt: A. B. Woodcut"]
    (job,) = fal.submissions
    assert (job.endpoint, job.arguments["seed"]) == ("fal-ai/flux/schnell", 7)
    assert (
        json.loads((project.folder / ".falhero" / "ledger.jsonl").read_text().splitlines()[0])["source"] == "posts/a.md"
    )
