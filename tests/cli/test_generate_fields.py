"""``falhero generate`` on a site whose posts name their heroes in a field, and what plan, check and prune say of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import fal_faults
import pytest
from blog import hero_name
from builders import save_picture
from fal_server import FalServer, Recorded
from PIL import Image
from terminal import NOT_AS_ROOT, Terminal, let_others_in

from pelican_falhero.cli.main import main
from pelican_falhero.content.site_table import read_table
from pelican_falhero.errors import SettingsError

TABLE = '[tool.falhero]\ncontent = "posts"\nassets_dir = "art"\nwrite = "image"\nimage_size = [256, 192]\n'
HIKES = f"art/{hero_name('Winter hikes')}"


@pytest.fixture
def site(tmp_path: Path, fal: FalServer) -> Terminal:
    """A project without posts, whose posts name their heroes in ``image``."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "pyproject.toml").write_text(TABLE)
    return Terminal(tmp_path, fal.environment())


def post(site: Terminal, text: str = "title: Winter hikes", name: str = "a.md") -> Path:
    """Write a post with this front matter."""
    path = site.folder / "posts" / name
    path.write_text(f"---\n{text}\n---\nWords.\n")
    return path


def front_matter(path: Path) -> str:
    """The front matter of a post."""
    return path.read_text().split("---\n")[1].rstrip("\n")


def test_a_hero_that_no_field_names_is_told_and_written(site: Terminal, fal: FalServer) -> None:
    """As after a kill between picture and field: plan and check tell it, and generate writes it for nothing."""
    path = post(site)
    assert site.falhero("generate").code == 0
    path.write_text(path.read_text().replace(f"image: {HIKES}\n", ""))
    alone = site.alone()
    assert alone.falhero("plan").lines == [
        f"unwritten     posts/a.md  {HIKES}",
        f"              image: {HIKES}",
        "1 hero there, 0 to make for $0.00, 1 unwritten; image to be written into 1 post",
    ]
    document = alone.falhero("plan", "--json").json
    assert [row["state"] for row in document["heroes"]] == ["unwritten"]
    assert (document["summary"]["there"], document["summary"]["to_write"]) == (1, 1)
    checked = alone.falhero("check")
    assert checked.code == 1
    assert checked.lines == [
        f"posts/a.md: its front matter does not name its hero (image: {HIKES})",
        "To fix it:",
        "  falhero generate posts/a.md",
        "0 posts fit to be published, 1 not",
    ]
    assert [row["kind"] for row in alone.falhero("check", "--json").json["findings"]] == ["unwritten"]
    ran = site.with_(FAL_KEY="").falhero("generate", "--json")
    assert (ran.code, ran.json["summary"]["written"], ran.json["summary"]["usd"]) == (0, 1, 0)
    assert front_matter(path) == f"title: Winter hikes\nimage: {HIKES}"
    modified = path.stat().st_mtime_ns
    assert site.falhero("generate").lines[-1].startswith("0 heroes made, 1 there; ")
    assert path.stat().st_mtime_ns == modified
    assert alone.falhero("check").code == 0
    assert fal.charges == 1


def test_what_is_there_is_written_though_the_run_fails(site: Terminal, fal: FalServer) -> None:
    """Without a key nothing is drawn, but a hero that is there is named all the same."""
    path = post(site)
    save_picture(site.folder / HIKES)
    post(site, "title: Summer hikes", "b.md")
    ran = site.with_(FAL_KEY="").falhero("generate")
    assert ran.code == 1
    assert "image written into 1 post" in ran.out
    assert front_matter(path) == f"title: Winter hikes\nimage: {HIKES}"
    assert not fal.charges


@pytest.mark.parametrize(
    ("front", "why"),
    [
        ("image: own.png", "has its own picture (own.png)"),
        ("image: https://example.org/a.png", "has its own picture (https://example.org/a.png)"),
        ("Image: own.png", "has its own picture (own.png)"),
        ("image: {path: own.png, alt: Snow}", "has its own picture (own.png)"),
        ("image: [own.png]", "has its own picture (own.png)"),
        ("image: false", "says image: false"),
        ("hero: own.png", "has its own picture (own.png)"),
        ("cover:\n  image: own.png", "has its own picture (own.png)"),
        ("cover: own.png", "has its own picture (own.png)"),
        ("thumb: own.png", "has its own picture (own.png)"),
    ],
)
def test_a_posts_own_picture_stays(
    site: Terminal, front: str, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever form it has, in the field or in one of own_fields: nothing is drawn for the post or written into it."""
    (site.folder / "pyproject.toml").write_text(f'{TABLE}own_fields = ["cover.image", "thumb"]\n')
    path = post(site, f"title: Winter hikes\n{front}")
    before = path.read_bytes()
    monkeypatch.chdir(site.folder)
    assert main(["plan"]) == 0
    assert capsys.readouterr().out == "0 heroes there, 0 to make for $0.00\n"
    assert main(["generate", "posts/a.md"]) == 2
    assert capsys.readouterr().err == f"falhero: posts/a.md {why}, so nothing is drawn for it\n"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "front", ["image:", "image: ''", "cover: {alt: Snow}", "thumb: false", "thumb: art/hero-0123456789ab.png"]
)
def test_what_is_no_picture_of_the_authors_is_no_obstacle(
    site: Terminal, front: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty field, other words beside a picture's, and the name of a hero of ours leave the post to us."""
    (site.folder / "pyproject.toml").write_text(f'{TABLE}own_fields = ["cover.image", "thumb"]\n')
    post(site, f"title: Winter hikes\n{front}")
    monkeypatch.chdir(site.folder)
    assert main(["plan"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 heroes there, 1 to make")


def test_a_picture_that_is_named_while_ours_is_drawn_stays(site: Terminal, fal: FalServer) -> None:
    """An author's edit during the run is not overwritten."""
    path = post(site)

    def edit(request: Recorded) -> None:
        path.write_text("---\ntitle: Winter hikes\nimage: own.png\n---\n")

    fal.on_request = edit
    ran = site.falhero("generate")
    assert ran.code == 0
    assert "written" not in ran.out
    assert front_matter(path) == "title: Winter hikes\nimage: own.png"


def test_the_field_follows_a_new_title_and_another_format(site: Terminal, fal: FalServer) -> None:
    """After a retitle the field has the picture's new name, and after a conversion its other extension, for nothing."""
    path = post(site)
    site.falhero("generate")
    path.write_text(path.read_text().replace("Winter", "Spring"))
    spring = hero_name("Spring hikes")
    assert f"              image: art/{spring}" in site.alone().falhero("plan").lines
    ran = site.falhero("generate")
    assert "1 kept under a new title, 0 there, image written into 1 post; " in ran.lines[-1]
    assert front_matter(path) == f"title: Spring hikes\nimage: art/{spring}"
    old = site.folder / HIKES
    os.utime(old, (time.time() - 30 * 86_400,) * 2)
    assert site.alone().falhero("prune").lines[0] == f"unused   {HIKES}"
    picture = site.folder / "art" / spring
    picture.rename(picture.with_suffix(".webp"))
    assert site.falhero("generate").code == 0
    assert front_matter(path) == f"title: Spring hikes\nimage: art/{spring.replace('.png', '.webp')}"
    assert fal.charges == 1


def test_what_a_field_names_is_not_pruned(site: Terminal) -> None:
    """An old picture that a post still names stays until the field is rewritten."""
    path = post(site)
    site.falhero("generate")
    path.write_text(path.read_text().replace("Winter", "Spring"))
    save_picture(site.folder / "art" / hero_name("Spring hikes"))
    os.utime(site.folder / HIKES, (time.time() - 30 * 86_400,) * 2)
    assert site.alone().falhero("prune").lines == ["nothing to delete: every picture in the ledger is in use"]


def test_a_copied_post_gets_a_hero_of_its_own(site: Terminal, fal: FalServer) -> None:
    """A new post that was made from another, field and all, does not keep the other's picture."""
    first = post(site)
    site.falhero("generate")
    second = post(site, front_matter(first).replace("Winter", "Summer"), "b.md")
    assert site.falhero("generate").code == 0
    assert front_matter(second) == f"title: Summer hikes\nimage: art/{hero_name('Summer hikes')}"
    assert fal.charges == 2


def test_posts_with_one_title_all_name_their_hero(site: Terminal, fal: FalServer) -> None:
    """Each in its own form, also when only one of them was named."""
    (site.folder / "pyproject.toml").write_text(f'{TABLE}path_format = "{{relative}}"\n')
    (site.folder / "posts" / "en").mkdir()
    first, second = post(site), post(site, name="en/a.md")
    assert "image written into 2 posts" in site.falhero("generate", "posts/a.md").lines[-1]
    assert front_matter(first).endswith(f"image: ../{HIKES}")
    assert front_matter(second).endswith(f"image: ../../{HIKES}")
    assert fal.charges == 1


def test_what_cannot_be_written_is_told_before_it_is_bought(site: Terminal, fal: FalServer) -> None:
    """Such a post is not drawn, the others are; once its author has written the line, it is drawn too."""
    (site.folder / "pyproject.toml").write_text(TABLE.replace('"image"', '"cover.image"'))
    path = post(site, "{title: Winter hikes}")
    other = post(site, "title: Summer hikes\ncover: {alt: Snow}", "b.md")
    says = f'could not be changed safely; in its front matter, set cover.image to "{HIKES}"'
    assert f"unusable      posts/a.md: {says}" in site.alone().falhero("plan").lines
    ran = site.falhero("generate")
    assert ran.code == 1
    assert f"posts/a.md: {says}" in ran.lines
    assert front_matter(other) == (
        f'title: Summer hikes\ncover: {{image: "art/{hero_name("Summer hikes")}", alt: Snow}}'
    )
    assert f"posts/a.md: {says}" in site.alone().falhero("check").lines
    assert fal.charges == 1
    path.write_text(f'---\n{{title: Winter hikes, cover: {{image: "{HIKES}"}}}}\n---\n')
    assert site.falhero("generate").code == 0
    assert fal.charges == 2


def test_a_post_that_may_not_be_written_is_told(site: Terminal) -> None:
    """Its hero is there, the post is as it was, and the exit code is 1."""
    path = post(site)
    save_picture(site.folder / HIKES)
    before = path.read_bytes()
    path.parent.chmod(0o555)
    let_others_in(site.folder)
    ran = site.with_(HOME="/", COVERAGE_PROCESS_CONFIG="").run(*NOT_AS_ROOT, "generate")
    path.parent.chmod(0o755)
    assert ran.code == 1
    assert (
        f"posts/a.md can't be written (Permission denied); write this line into its front matter: image: {HIKES}"
        in (ran.out)
    )
    assert path.read_bytes() == before


def test_a_card_is_never_named(site: Terminal, fal: FalServer) -> None:
    """Title cards, and heroes that were not made, leave posts as they are."""
    path = post(site)
    before = path.read_bytes()
    assert site.falhero("generate", "--provider", "card").code == 0
    fal.faults.add("submit", fal_faults.content_policy(), nth=1)
    assert site.falhero("generate").code == 1
    assert path.read_bytes() == before


def test_what_is_picked_is_named(site: Terminal, fal: FalServer) -> None:
    """A candidate that becomes the hero, and one with another extension, are named at once."""
    path = post(site)
    assert site.falhero("generate", "--candidates", "2", "posts/a.md").code == 0
    assert "image" not in front_matter(path)
    picked = site.falhero("pick", "posts/a.md", "1")
    assert picked.code == 0
    assert "image written into 1 post" in picked.lines
    assert front_matter(path) == f"title: Winter hikes\nimage: {HIKES}"
    assert "written" not in site.falhero("pick", "posts/a.md", "2").out


def test_what_is_refined_is_named(site: Terminal, fal: FalServer) -> None:
    """A changed picture may have another extension than the one that it was made from."""
    path = post(site)
    site.falhero("generate")
    picture = site.folder / HIKES
    with Image.open(picture) as image:
        image.save(picture.with_suffix(".webp"))
    picture.unlink()
    site.falhero("generate")
    assert front_matter(path).endswith(".webp")
    refined = site.falhero("refine", "posts/a.md", "warmer light")
    assert refined.code == 0
    assert "image written into 1 post" in refined.lines
    assert front_matter(path) == f"title: Winter hikes\nimage: {HIKES}"


def test_a_dry_run_writes_nothing(site: Terminal) -> None:
    """It shows the value of each field, and how many posts would be written."""
    path = post(site)
    before = path.read_bytes()
    ran = site.alone().falhero("generate", "--dry-run")
    assert f"              image: {HIKES}" in ran.lines
    assert ran.lines[-1] == "0 heroes there, 1 to make for $0.025; image to be written into 1 post"
    assert path.read_bytes() == before


def test_the_date_in_a_file_name_counts(site: Terminal) -> None:
    """Where front matter has no date, as in Jekyll, ``since`` goes by the file's name."""
    (site.folder / "pyproject.toml").write_text(f'{TABLE}since = "2026-01-01"\n')
    post(site, name="2019-03-04-winter-hikes.md")
    post(site, "title: Summer hikes", "2026-03-04-summer-hikes.md")
    rows = site.alone().falhero("plan", "--json").json["heroes"]
    assert [row["title"] for row in rows] == ["Summer hikes"]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('generator = "gatsby"', "generator must be one of astro, hugo, jekyll, eleventy, not 'gatsby'"),
        ("generator = 1", "generator must be one of"),
        ('generator = ["hugo"]', "generator must be one of"),
        ('generator = "hugo"', "looks for posts in content/posts or content/post or content/blog; say where yours are"),
        ('write = ""', "write: '' can't be the name of a field"),
        ('write = "a..b"', "write: 'a..b' can't be the name of a field"),
        ("write = 1", 'write must be a field such as "image" or "cover.image", not 1'),
        ('path_format = "{name}"', "path_format needs write"),
        (
            'write = "a"\npath_format = "{file}"',
            "path_format can hold {name}, {path} and {relative} only, not '{file}'",
        ),
        ('write = "a"\npath_format = "{"', "path_format can hold {name}, {path} and {relative} only"),
        ('write = "a"\npath_format = "/hero.png"', "path_format must end with {name}, {path} or {relative}"),
        ('write = "a"\npath_format = "{name}?v=1"', "path_format must end with {name}"),
        ('write = "a"\npath_format = "x-{name}"', "path_format must end with {name}"),
        ('write = "a"\npath_format = 1', "path_format must be a text such as"),
        ('own_fields = "image"', 'own_fields must be a list of fields such as ["cover", "image"], not \'image\''),
        ('own_fields = ["a b"]', "own_fields: 'a b' can't be the name of a field"),
        ('wirte = "a"', "wirte is not a setting (did you mean write?)"),
        ('path_fromat = "a"', "path_fromat is not a setting (did you mean path_format?)"),
        ("content = 1", "content must be a folder of posts, or a list of them"),
    ],
)
def test_keys_that_cannot_be_used(tmp_path: Path, table: str, says: str) -> None:
    """Each is an error that names the file, the key and what it may be."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.falhero]\n{table}\n")
    with pytest.raises(SettingsError) as raised:
        read_table(tmp_path)
    assert str(raised.value).startswith(f"{tmp_path / 'pyproject.toml'}: [tool.falhero] ")
    assert says in str(raised.value)


@pytest.mark.parametrize("text", ["tool = 1", '[tool]\nfalhero = "posts"', "[[tool.falhero]]"])
def test_what_is_no_table_is_told(tmp_path: Path, text: str) -> None:
    """Another value in the table's place is an error of one line, or nothing of ours."""
    (tmp_path / "pyproject.toml").write_text(text)
    if text == "tool = 1":
        assert not read_table(tmp_path).settings
        return
    with pytest.raises(SettingsError, match=r"pyproject\.toml: tool\.falhero must be a table"):
        read_table(tmp_path)


def test_folders_are_named_as_git_names_them(tmp_path: Path) -> None:
    """However a folder of posts is spelt, the hook finds in it what a commit changes."""
    (tmp_path / "posts" / "new").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.falhero]\ncontent = ["./posts", "posts//new/", "."]\n')
    assert read_table(tmp_path).folders == ("posts", "posts/new", ".")


@pytest.mark.parametrize(
    ("table", "picture", "value"),
    [
        ('generator = "astro"', "src/assets/heroes/{}", "../src/assets/heroes/{}"),
        ('generator = "astro"', "posts/{}", "./{}"),
        ('generator = "astro"', "public/heroes/{}", "/heroes/{}"),
        ('generator = "astro"\npath_format = "~/assets/{name}"', "src/assets/{}", "~/assets/{}"),
        ('generator = "hugo"', "static/images/{}", "images/{}"),
        ('generator = "hugo"', "assets/images/{}", "images/{}"),
        ('generator = "jekyll"', "assets/images/{}", "/assets/images/{}"),
        ('generator = "eleventy"', "public/images/{}", "/images/{}"),
        ('generator = "eleventy"', "images/{}", "/images/{}"),
        ('write = "image"', "images/{}", "images/{}"),
    ],
)
def test_the_form_of_the_path(tmp_path: Path, table: str, picture: str, value: str) -> None:
    """Each generator's own form, which follows the assets folder; path_format goes before it."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "pyproject.toml").write_text(f'[tool.falhero]\ncontent = "posts"\n{table}\n')
    field = read_table(tmp_path).field
    assert field
    name = hero_name("A")
    assert field.value("posts/a.md", picture.format(name)) == value.format(name)


def test_hugos_images_are_a_list(tmp_path: Path, site: Terminal) -> None:
    """Its own templates go through ``images``, so that a text there would break the site."""
    (tmp_path / "pyproject.toml").write_text(TABLE.replace('write = "image"', 'write = "images"\ngenerator = "hugo"'))
    path = post(site)
    save_picture(site.folder / HIKES)
    assert site.falhero("generate").code == 0
    assert front_matter(path) == f'title: Winter hikes\nimages: ["{HIKES}"]'
    assert site.alone().falhero("check").code == 0
    path.write_text(path.read_text().replace("]", ", own.png]"))
    assert "has its own picture (own.png)" in site.alone().falhero("generate", "posts/a.md").err
