"""falhero generate: what is missing, what is named, what it says while it draws and at its end."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import fal_faults
import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from PIL import Image
from running import Running
from terminal import at_home, repository, without_escapes


def test_it_makes_what_is_missing_and_closes_with_the_cost(blog: Blog, fal: FalServer) -> None:
    """Every missing hero is drawn once; files, seconds and cost are told, and nothing when all is there."""
    del blog.settings["FALHERO_IMAGE_SIZE"]
    for number in range(3):
        blog.post(f"{number}.md", f"Post {number}")
    save_picture(blog.assets / hero_name("Post 0"))
    terminal = at_home(blog, fal.environment())
    ran = terminal.falhero("generate")
    assert ran.code == 0
    assert ran.err == "drawing 2 heroes\n"
    files = [f"content/images/heroes/{hero_name(f'Post {number}')}" for number in (1, 2)]
    told = sorted(tuple(line.split("  ")[:2]) for line in ran.lines[:-1])
    assert told == [("content/1.md", files[0]), ("content/2.md", files[1])]
    assert all(re.fullmatch(r"\S+  \S+  \d+\.\d s  \$0\.025", line) for line in ran.lines[:-1])
    ending = r"2 heroes made, 1 there; \d+\.\d s, \$0\.05; new in content/images/heroes"
    assert re.fullmatch(ending, ran.lines[-1])
    for file in files:
        with Image.open(blog.root / file) as image:
            assert (image.format, image.size) == ("PNG", (1024, 768))
    again = terminal.falhero("generate")
    assert (again.code, again.err) == (0, "")
    assert re.fullmatch(r"0 heroes made, 3 there; \d+\.\d s, \$0\.00", again.out.strip())
    assert fal.charges == 2


def test_new_pictures_want_to_be_committed(blog: Blog, fal: FalServer) -> None:
    """In a git repository the closing line says where new pictures are and that they want to be committed."""
    blog.post("a.md", "Winter hikes")
    blog.command()
    terminal = repository(blog.root, fal.environment())
    told = "; commit what is new in content/images/heroes and content/.falhero"
    assert terminal.falhero("generate").lines[-1].endswith(told)
    assert told not in terminal.falhero("generate").out


def test_named_posts_are_made_drafts_too(blog: Blog, fal: FalServer) -> None:
    """Only the named posts' heroes are drawn, whatever their status, and what is there is said to be."""
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "A draft", Status="draft")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate", "content/b.md").code == 0
    assert blog.heroes() == {hero_name("A draft")}
    again = terminal.falhero("generate", "content/b.md")
    assert again.lines[0] == f"content/images/heroes/{hero_name('A draft')} is there; --force draws a new one"
    assert fal.charges == 1


def test_force_keeps_the_old_picture_until_the_new_one_is_there(blog: Blog, fal: FalServer) -> None:
    """A forced hero whose download breaks leaves the old file byte for byte; the next run fetches what was bought."""
    blog.configure(FALHERO_TIMEOUT=1)
    blog.post("a.md", "Winter hikes")
    old = save_picture(blog.assets / hero_name("Winter hikes")).read_bytes()
    terminal = at_home(blog, fal.environment())
    fal.faults.add("download", fal_faults.half_file())
    ran = terminal.falhero("generate", "--force", "content/a.md")
    assert ran.code == 1
    assert (blog.assets / hero_name("Winter hikes")).read_bytes() == old
    assert list(blog.assets.iterdir()) == [blog.assets / hero_name("Winter hikes")]
    fal.faults.clear()
    assert terminal.falhero("generate", "--force", "content/a.md").code == 0
    assert (blog.assets / hero_name("Winter hikes")).read_bytes() != old
    assert fal.charges == 1


def test_force_draws_a_new_picture_each_time(blog: Blog, fal: FalServer) -> None:
    """--force buys again what is there, and nothing but what was named."""
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    terminal = at_home(blog, fal.environment())
    terminal.falhero("generate")
    first = (blog.assets / hero_name("Winter hikes")).read_bytes()
    terminal.falhero("generate", "--force", "content/a.md")
    assert (blog.assets / hero_name("Winter hikes")).read_bytes() != first
    assert fal.charges == 3


def test_force_without_a_post_draws_nothing(blog: Blog, fal: FalServer) -> None:
    """--force alone is a mistake with exit code 2; with --all the price is told, and without a terminal it goes on."""
    for number in range(3):
        blog.post(f"{number}.md", f"Post {number}", Date=f"2026-11-0{number + 1}")
    terminal = at_home(blog, fal.environment())
    terminal.falhero("generate", "content/0.md", "content/1.md")
    ran = terminal.falhero("generate", "--force")
    assert (ran.code, ran.out, fal.charges) == (2, "", 2)
    assert ran.err == (
        "falhero: --force draws pictures again that are there, and needs a POST; --all means every post\n"
    )
    assert "name posts or say --all, not both" in terminal.falhero("generate", "--all", "content/0.md").err
    every = terminal.falhero("generate", "--force", "--all")
    assert (every.code, fal.charges) == (0, 5)
    assert every.err == "3 heroes to draw for $0.075, 2 of them again\ndrawing 3 heroes\n"


@pytest.mark.parametrize(("which", "answer"), [("--all", "\n"), ("content", "n\n")])
def test_force_asks_on_a_terminal(blog: Blog, fal: FalServer, which: str, answer: str) -> None:
    """On a terminal the whole blog, or a folder, is drawn again only after a yes; a post named by its file at once."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    terminal.falhero("generate")
    shown = terminal.on_screen("falhero", "generate", "--force", which, typed=answer, code=1)
    assert "1 hero to draw again for $0.025\nDraw them? [y/N]" in shown
    assert "falhero: nothing was drawn" in shown
    assert fal.charges == 1
    assert "1 hero made" in terminal.on_screen("falhero", "generate", "--force", which, typed="y\n")
    assert fal.charges == 2
    assert "[y/N]" not in terminal.on_screen("falhero", "generate", "--force", "content/a.md")
    assert fal.charges == 3


def test_a_picture_that_cannot_be_drawn_again_is_told(blog: Blog, fal: FalServer) -> None:
    """--force for a post whose own field can't be used says why and exits with 1; its picture stays."""
    save_picture(blog.assets / hero_name("Winter hikes"))
    blog.post("a.md", "Winter hikes", Hero_Lora="pencil")
    terminal = at_home(blog, fal.environment())
    why = "a.md: Hero_Lora names the unknown LoRA pencil; FALHERO_LORA_LIBRARY has nothing"
    ran = terminal.falhero("generate", "--force", "content/a.md")
    assert (ran.code, ran.lines[0]) == (1, f"content/{why}; its picture stays")
    script = terminal.script("--force", "content/a.md")
    assert (script.code, script.err) == (2, f"generate-fal-hero.py: {why}\n")
    assert not fal.requests


def test_without_credentials_it_says_how_to_have_some(blog: Blog, fal: FalServer) -> None:
    """Without a key it exits with 1 and one line; where nothing is to be bought it needs none."""
    blog.post("a.md", "Winter hikes")
    ran = at_home(blog, fal.environment(key=None)).falhero("generate")
    assert ran.code == 1
    assert ran.err.startswith("falhero: there are no credentials for fal: set FAL_KEY")
    assert len(ran.err.splitlines()) == 1
    save_picture(blog.assets / hero_name("Winter hikes"))
    assert at_home(blog, fal.environment(key=None)).falhero("generate").code == 0
    assert not fal.requests


def test_a_build_server_spends_nothing(blog: Blog, fal: FalServer) -> None:
    """With CI set it exits with 1 and says what to do; FALHERO_SPEND_IN_CI lets it buy."""
    blog.post("a.md", "Winter hikes")
    ran = at_home(blog, fal.environment() | {"CI": "true"}).falhero("generate")
    assert ran.code == 1
    assert "FALHERO_SPEND_IN_CI = True" in ran.err
    assert not fal.requests
    blog.configure(FALHERO_SPEND_IN_CI=True)
    assert at_home(blog, fal.environment() | {"CI": "true"}).falhero("generate").code == 0


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("Hero", "none", "says Hero: none"),
        ("Hero", "images/own.png", "has its own picture (images/own.png)"),
        ("Cover", "images/own.png", "has its own picture in cover"),
    ],
)
def test_posts_that_want_none_of_ours_are_told_so(
    blog: Blog, fal: FalServer, field: str, value: str, says: str
) -> None:
    """Naming a post that is opted out, or has its own picture, says so and draws nothing for it."""
    save_picture(blog.content / "images" / "own.png")
    blog.post("a.md", "Winter hikes", **{field: value})
    blog.post("b.md", "Summer hikes")
    terminal = at_home(blog, fal.environment())
    ran = terminal.falhero("generate", "content/a.md", "--force")
    assert (ran.code, ran.err) == (2, f"falhero: content/a.md {says}, so nothing is drawn for it\n")
    both = terminal.falhero("generate", "content/a.md", "content/b.md")
    assert both.code == 0
    assert both.err.splitlines()[0] == f"content/a.md {says}, so nothing is drawn for it"
    assert terminal.falhero("generate", "content").err == ""
    assert blog.heroes() == {hero_name("Summer hikes")}


def test_a_broken_field_is_told_with_its_file(blog: Blog, fal: FalServer) -> None:
    """A post whose own field can't be used is named with the field and exit code 1; the others are drawn."""
    blog.post("a.md", "Winter hikes", Hero_Seed="lucky", Status="draft")
    blog.post("b.md", "Summer hikes")
    terminal = at_home(blog, fal.environment())
    ran = terminal.falhero("generate", "content/a.md")
    assert ran.code == 1
    assert ran.lines[0].startswith("content/a.md: Hero_Seed must be")
    assert terminal.falhero("generate", "content").code == 0
    assert fal.charges == 1


def test_failures_are_told_and_the_others_are_kept(blog: Blog, fal: FalServer) -> None:
    """One job that fails does not keep the others from being saved; the exit code is 1."""
    for day in range(1, 4):
        blog.post(f"{day}.md", f"Day {day}", Date=f"2026-11-0{day}")
    fal.faults.add("submit", fal_faults.status(400), nth=2)
    terminal = at_home(blog, fal.environment())
    ran = terminal.falhero("generate", "--json")
    assert ran.code == 1
    document = ran.json
    assert document["summary"]["lacking"] == 1
    assert sum(row["state"] == "made" for row in document["heroes"]) == 2
    (failed,) = (row for row in document["heroes"] if row["state"] == "failed")
    assert failed["reason"]
    assert failed["sources"][0] in document["problems"][0]
    assert len(blog.heroes()) == 2


def test_an_account_that_is_locked_is_told_once(blog: Blog, fal: FalServer) -> None:
    """What stops the whole run is one message, not one for each post."""
    fal.locked = "Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
    for day in range(1, 4):
        blog.post(f"{day}.md", f"Day {day}")
    ran = at_home(blog, fal.environment()).falhero("generate")
    assert ran.code == 1
    assert ran.out.count("Exhausted balance") == 1
    assert ran.lines[-1].startswith("0 heroes made, 0 there, 3 not made;")


def test_progress_is_shown_on_a_terminal(blog: Blog, fal: FalServer) -> None:
    """On a terminal one sees the queue position, then step n of N, as fal's logs tell them."""
    fal.queue_polls, fal.progress_polls, fal.latency = 2, 14, 1.0
    blog.post("a.md", "Winter [bold] hikes")
    shown = without_escapes(at_home(blog, fal.environment()).on_screen("falhero", "generate"))
    assert "queue: " in shown
    assert "Winter [bold] hikes" in shown
    assert set(re.findall(r"(\d)/4 ", shown)) >= {"1", "3", "4"}
    assert "1 hero made" in shown


def test_ctrl_c_keeps_what_was_bought(blog: Blog, fal: FalServer) -> None:
    """Ctrl-C ends it with 130 and a line; the next run fetches the picture, and nothing is paid twice."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    rule = fal.faults.add("status", fal_faults.status(500))
    with Running(blog, "generate", env=fal.environment(), module="pelican_falhero") as running:
        fal.wait_for("status", 2)
        assert running.interrupt() < 5
        ended = running.end()
    assert ended.code == 130
    assert "the next run fetches it" in ended.output
    assert "Traceback" not in ended.output
    fal.faults.rules.remove(rule)
    assert terminal.falhero("generate").code == 0
    assert fal.charges == 1


def test_a_retitled_post_keeps_its_picture_for_nothing(blog: Blog, fal: FalServer) -> None:
    """A post with a new title gets its old picture under the new name, without a key."""
    blog.post("a.md", "Winter hikes")
    at_home(blog, fal.environment()).falhero("generate")
    blog.post("a.md", "Spring hikes")
    ran = at_home(blog, fal.environment(key=None)).falhero("generate", "content/a.md")
    assert ran.code == 0
    assert ran.lines[-1].startswith("0 heroes made, 1 kept under a new title, 0 there;")
    assert (blog.assets / hero_name("Spring hikes")).is_file()
    assert fal.charges == 1


def test_ledger_lines_that_cannot_be_read_are_told(blog: Blog, fal: FalServer) -> None:
    """Damage in the ledger is named with its line number, and everything else goes on."""
    blog.post("a.md", "Winter hikes")
    blog.write(".falhero/ledger.jsonl", "damage\n")
    ran = at_home(blog, fal.environment()).falhero("generate")
    assert ran.code == 0
    assert "content/.falhero/ledger.jsonl: line 1 can't be read" in ran.err


def test_the_build_then_finds_all_there(blog: Blog, fal: FalServer) -> None:
    """What the command drew is what a build looks for: it draws nothing and shows it."""
    blog.post("a.md", "Winter hikes", "Some *words*.")
    assert at_home(blog, fal.environment()).falhero("generate").code == 0
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert " made" not in built.line("heroes")
    assert blog.page("winter-hikes.html")["path"] == f"images/heroes/{hero_name('Winter hikes')}"
    assert fal.charges == 1


def test_two_at_once_draw_nothing_twice(blog: Blog, fal: FalServer) -> None:
    """Two commands at the same time pay for every hero once, and both end well."""
    fal.latency = 0.5
    for day in range(1, 4):
        blog.post(f"{day}.md", f"Day {day}")
    terminal = at_home(blog, fal.environment())
    with ThreadPoolExecutor(2) as pool:
        ended = [run.result() for run in [pool.submit(terminal.falhero, "generate") for _ in range(2)]]
    assert [ran.code for ran in ended] == [0, 0]
    assert fal.charges == 3
