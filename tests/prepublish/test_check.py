"""falhero check: what is not fit to be published, and commands that really mend it."""

from __future__ import annotations

from pathlib import Path

import fal_faults
import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from terminal import BIN, Ran, Terminal, at_home, repository


@pytest.fixture
def site(blog: Blog, fal: FalServer) -> Terminal:
    """A terminal in a git repository of a blog with one post, committed."""
    blog.post("a.md", "Winter hikes")
    blog.command()
    terminal = repository(blog.root, fal.environment())
    terminal.commit()
    return terminal


def kinds(terminal: Terminal, *arguments: str) -> dict[str, str]:
    """Source to what is wrong with it."""
    return {row["source"]: row["kind"] for row in terminal.falhero("check", "--json", *arguments).json["findings"]}


def mended(terminal: Terminal, *arguments: str) -> Ran:
    """Run every command that the check prints, and then the check again, which must be content."""
    ran = terminal.falhero("check", *arguments)
    assert ran.code == 1
    terminal.mend(ran.out)
    after = terminal.falhero("check", *arguments)
    assert after.code == 0, after.out
    return ran


def test_a_missing_hero_is_found_and_mended(site: Terminal, fal: FalServer) -> None:
    """A post without a hero is told with two commands, after which it is fit; the check itself spends nothing."""
    hero = f"content/images/heroes/{hero_name('Winter hikes')}"
    ran = site.alone().falhero("check")
    assert ran.code == 1
    assert ran.lines == [
        "content/a.md: no hero",
        "To fix it:",
        "  falhero generate content/a.md",
        f"  git add {hero} content/.falhero",
        "0 posts fit to be published, 1 not",
    ]
    assert not fal.requests
    mended(site)
    assert site.falhero("check").lines == ["1 post fit to be published, 0 not"]
    assert fal.charges == 1


def test_commands_are_for_where_one_stands(site: Terminal) -> None:
    """In a folder below the site the printed commands have paths from there, and mend it from there."""
    inside = site.at(site.folder / "content")
    assert "  falhero generate a.md" in inside.falhero("check").lines
    mended(inside)


def test_a_settings_file_of_another_name_is_in_the_commands(site: Terminal) -> None:
    """With -s the commands that mend it have it too."""
    (site.folder / "pelicanconf.py").rename(site.folder / "my settings.py")
    ran = mended(site, "-s", "my settings.py")
    assert "  falhero generate -s 'my settings.py' content/a.md" in ran.lines


def test_only_a_title_card_is_not_enough(site: Terminal, blog: Blog) -> None:
    """A post that shows a title card is not fit, on a blog of cards neither; the command draws with fal."""
    blog.configure(FALHERO_PROVIDER="card")
    assert blog.build().code == 0
    assert kinds(site) == {"a.md": "card"}
    ran = mended(site)
    assert ran.lines[0] == "content/a.md: only a title card"
    assert "  falhero generate --provider fal content/a.md" in ran.lines


def test_a_broken_picture_is_found_and_drawn_anew(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """Half a PNG under a hero's name is told as broken, and the command replaces it."""
    site.falhero("generate")
    hero = blog.assets / hero_name("Winter hikes")
    whole = hero.read_bytes()
    hero.write_bytes(whole[: len(whole) // 2])
    site.commit()
    assert kinds(site) == {"a.md": "broken"}
    mended(site)
    assert fal.charges == 2


def test_pictures_of_any_format_are_looked_at(site: Terminal, blog: Blog) -> None:
    """A converted hero is fit when it is whole, and not when it is no picture."""
    heroes = {}
    for name in ("a.png", "b.jpg", "c.webp"):
        post = Path(name).with_suffix(".md").name
        title = f"Hero {name}"
        blog.post(post, title)
        heroes[post] = save_picture((blog.assets / hero_name(title)).with_suffix(Path(name).suffix))
    site.commit()
    assert kinds(site) == {}
    for hero in heroes.values():
        hero.write_text("<html>not found</html>")
    assert kinds(site) == dict.fromkeys(heroes, "broken")


def test_an_untracked_picture_is_found(site: Terminal) -> None:
    """A hero that git does not track is told, and git add is enough."""
    site.falhero("generate")
    assert kinds(site) == {"a.md": "untracked"}
    assert mended(site).lines[0] == "content/a.md: its picture is not in git"


@pytest.mark.parametrize("line", ["*.png", "content/images/\ncontent/.falhero/"])
def test_an_ignored_picture_is_added_by_force(site: Terminal, line: str) -> None:
    """A hero that a .gitignore names is told as that, and the printed command adds it all the same."""
    (site.folder / ".gitignore").write_text(line + "\n")
    site.falhero("generate")
    assert kinds(site) == {"a.md": "ignored"}
    ran = mended(site)
    assert "because a .gitignore excludes it" in ran.lines[0]
    assert any(line.startswith("  git add --force ") for line in ran.lines)


def test_a_missing_hero_in_an_ignored_folder_is_mended_too(site: Terminal) -> None:
    """Where the assets folder is ignored, the commands of a missing hero add it by force."""
    (site.folder / ".gitignore").write_text("images\n")
    mended(site)


def test_without_git_only_the_pictures_count(blog: Blog, fal: FalServer) -> None:
    """Outside of a repository, with git or without, a hero that is there is fit, and nothing is said of git."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    ran = terminal.falhero("check")
    assert ran.lines[:3] == ["content/a.md: no hero", "To fix it:", "  falhero generate content/a.md"]
    assert "git" not in ran.out
    terminal.mend(ran.out)
    assert terminal.falhero("check").code == 0
    without_git = terminal.with_(PATH=str(blog.root)).run(BIN / "falhero", "check")
    assert (without_git.code, without_git.lines) == (0, ["1 post fit to be published, 0 not"])


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ({"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}, "detected dubious ownership in repository at"),
        ({"PATH": "/nowhere"}, "git can't be run (No such file or directory); is it on the PATH?"),
    ],
    ids=["ownership", "no git"],
)
def test_a_git_that_fails_is_a_problem(site: Terminal, env: dict[str, str], why: str) -> None:
    """In a repository that git does not read, check fails with git's reason, and checks the pictures all the same."""
    ran = site.with_(**env).run(BIN / "falhero", "check")
    assert (ran.code, ran.err) == (1, "")
    assert ran.lines[:3] == ["content/a.md: no hero", "To fix it:", "  falhero generate content/a.md"]
    assert ran.lines[3].startswith("what git has of the pictures is not known: ")
    assert why in ran.lines[3]
    assert ran.lines[4] == "0 posts with a whole picture, 1 not"
    assert ran.lines[3] in site.with_(**env).run(BIN / "falhero", "check", "--json").json["problems"]


def test_what_does_not_fit_the_budget_has_its_price_in_the_command(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """Where the day's budget is used up, the command that draws says how much it needs, and no more."""
    blog.configure(FALHERO_BUDGET=0.03)
    blog.command()
    site.falhero("generate")
    for number in range(3):
        blog.post(f"{number}.md", f"Post {number}")
    site.commit()
    ran = mended(site)
    assert "  falhero generate --budget 0.08 content/0.md content/1.md content/2.md" in ran.lines
    assert fal.charges == 4


def test_a_refused_request_is_sent_again_by_the_command(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """What fal refused is asked for with --retry, in a command of its own, and the others without; each works."""
    fal.faults.add("submit", fal_faults.content_policy(), nth=1)
    site.falhero("generate")
    blog.post("b.md", "Summer hikes")
    site.commit()
    ran = mended(site)
    assert ran.lines[2:5] == [
        "To fix it:",
        "  falhero generate --retry content/a.md",
        "  falhero generate content/b.md",
    ]


def test_what_only_a_setting_can_change_is_said(site: Terminal, blog: Blog) -> None:
    """A monthly budget that is too small, an unknown price and an unknown LoRA are told before the command."""
    blog.configure(FALHERO_MONTHLY_BUDGET=0.01)
    blog.post("b.md", "Summer hikes", Hero_Model="fal-ai/new-model")
    blog.post("c.md", "Spring hikes", Hero_Lora="pencil")
    blog.command()
    lines = site.falhero("check").lines
    assert "  # raise FALHERO_MONTHLY_BUDGET, of which $0.01 is left; this costs $0.025" in lines
    assert '  # set FALHERO_PRICES = {"fal-ai/new-model": 0.05}, in USD a picture' in lines
    unknown = "Hero_Lora names the unknown LoRA pencil; FALHERO_LORA_LIBRARY has nothing"
    assert f"  # {unknown}; edit content/c.md" in lines
    assert "  falhero generate content/a.md content/b.md" in lines


def test_many_posts_have_short_commands(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """Above twenty posts the commands name what was checked and the folder of heroes, and mend it all."""
    for number in range(21):
        blog.post(f"trips/{number}.md", f"Post {number}")
    site.commit()
    ran = mended(site, "content/trips")
    commands = ran.lines[ran.lines.index("To fix it:") + 1 : -1]
    assert commands == ["  falhero generate content/trips", "  git add content/images/heroes content/.falhero"]
    assert fal.charges == 21


def test_changed_requests_are_found_with_fresh(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """--fresh reports a hero whose request has changed since it was drawn, and its command draws it anew."""
    site.falhero("generate")
    site.commit()
    assert site.falhero("check", "--fresh").code == 0
    blog.configure(FALHERO_STYLE="Woodcut")
    blog.command()
    assert site.falhero("check").code == 0
    assert kinds(site, "--fresh") == {"a.md": "stale"}
    ran = mended(site, "--fresh")
    assert "  falhero generate --force content/a.md" in ran.lines
    assert fal.charges == 2


def test_fresh_knows_nothing_of_pictures_from_elsewhere(site: Terminal, blog: Blog) -> None:
    """A picture that the ledger does not know is nobody's business, also with --fresh."""
    save_picture(blog.assets / hero_name("Winter hikes"))
    site.commit()
    assert site.falhero("check", "--fresh").code == 0


def test_own_pictures_are_checked_too(site: Terminal, blog: Blog) -> None:
    """An author's own picture must be whole and in git; a drawing that Pillow can't read is left to its author."""
    blog.post("a.md", "Winter hikes", Hero="images/own.png")
    own = save_picture(blog.content / "images" / "own.png")
    assert kinds(site) == {"a.md": "untracked"}
    assert mended(site).lines[2] == "  git add content/images/own.png"
    own.write_bytes(own.read_bytes()[:200])
    ran = site.falhero("check")
    assert ran.lines[0].startswith("content/a.md: its picture is broken:")
    assert ran.lines[2] == "  # replace images/own.png, or name another picture in content/a.md"
    (blog.content / "images" / "own.svg").write_text("<svg/>")
    blog.post("a.md", "Winter hikes", Hero="images/own.svg")
    site.commit()
    assert site.falhero("check").code == 0


def test_what_cannot_be_used_is_for_the_author(site: Terminal, blog: Blog) -> None:
    """A bad field, or an own picture that is not there, is told with the file to edit."""
    blog.post("a.md", "Winter hikes", Hero="images/nowhere.png")
    blog.post("b.md", "Summer hikes", Hero_Steps="99")
    ran = site.falhero("check")
    assert ran.code == 1
    assert ran.lines[0].startswith("content/a.md: Hero names the picture images/nowhere.png, which is not in")
    assert ran.lines[1] == "content/b.md: Hero_Steps must be 1 to 50 for fal-ai/flux/dev, not 99"
    assert ran.lines[2:5] == ["To fix it:", "  # edit content/a.md", "  # edit content/b.md"]
    assert kinds(site) == {"a.md": "unusable", "b.md": "unusable"}


def test_only_what_is_published_counts(site: Terminal, blog: Blog) -> None:
    """Drafts, old posts and those that want no hero are passed over, a draft that is named is not."""
    blog.configure(FALHERO_SINCE="2026-11-01")
    blog.post("a.md", "Winter hikes", Hero="none")
    blog.post("b.md", "Draft", Status="draft", Hero_Steps="99")
    blog.post("c.md", "Old", Date="2020-01-01")
    blog.post("d.md", "Cover", Cover="x.png")
    blog.post("e.md", "Own", Status="draft", Hero="nowhere.png")
    blog.command()
    assert site.falhero("check").lines == ["0 posts fit to be published, 0 not"]
    assert kinds(site, "content/b.md") == {"b.md": "unusable"}
    assert kinds(site, "content/c.md") == {"c.md": "missing"}


def test_files_that_are_no_posts_are_told_and_do_not_fail(site: Terminal, blog: Blog) -> None:
    """A file that Pelican can't read is named, and is not published, so the exit code is that of the posts."""
    site.falhero("generate")
    blog.write("notes.md", "only text\n")
    site.commit()
    ran = site.falhero("check", "--json")
    assert ran.code == 0
    assert ran.json["problems"] == ["Pelican can't read notes.md: could not find information about 'title'"]


def test_a_refused_hero_is_missing(site: Terminal, fal: FalServer) -> None:
    """What fal refuses is not there; whoever publishes must know."""
    fal.faults.add("submit", fal_faults.content_policy())
    site.falhero("generate")
    assert kinds(site) == {"a.md": "missing"}


def test_a_retitled_hero_is_mended_in_its_format(site: Terminal, blog: Blog, fal: FalServer) -> None:
    """A retitled post whose hero was converted keeps it in that format, and the printed git add has its name."""
    site.falhero("generate")
    png = blog.assets / hero_name("Winter hikes")
    save_picture(png.with_suffix(".jpg"))
    png.unlink()
    blog.post("a.md", "Spring hikes")
    site.commit()
    mended(site)
    assert fal.charges == 1


def test_odd_names_can_be_pasted(site: Terminal, blog: Blog) -> None:
    """Commands for posts with spaces, quotes, dashes and non-ASCII letters in their names work as they are printed."""
    for number, name in enumerate(["my post.md", "it's.md", "-dash.md", "yürüyüş $HOME.md", "ünï/ко т.md"]):
        blog.post(name, f"Post {number}")
    site.commit()
    inside = site.at(blog.content)
    ran = mended(inside)
    assert any(line.startswith("  falhero generate ./-dash.md a.md ") for line in ran.lines)


def test_a_whole_site_is_checked_at_once(blog: Blog) -> None:
    """Many posts with heroes are all decoded, and found good."""
    picture = save_picture(blog.assets / hero_name("Post 0")).read_bytes()
    for number in range(40):
        blog.post(f"{number}.md", f"Post {number}")
        (blog.assets / hero_name(f"Post {number}")).write_bytes(picture)
    assert at_home(blog).alone().falhero("check").lines == ["40 posts fit to be published, 0 not"]
