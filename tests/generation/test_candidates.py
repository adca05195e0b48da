"""Several pictures for one post to choose from: each paid once, none taken for the hero until one is picked."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import fal_faults
import pytest
from blog import SMALL_SHEETS, Blog, hero_name
from fal_server import FalServer
from fal_service import SCENE
from fal_timeouts import AT_ONCE, shortened
from killing import kill_while_fal_draws
from PIL import Image
from promises import age_ledger, assert_nothing_left
from terminal import Ran, Terminal, at_home

TITLE = "Winter hikes"
POST = "content/a.md"
HERO = hero_name(TITLE)
STEM = HERO.removesuffix(".png")
CHEAP = ("--model", "schnell")
USD = 0.003
FOUR = ("generate", POST, "--candidates", "4", *CHEAP)
TWO = ("generate", POST, "--candidates", "2", *CHEAP)


def folder(blog: Blog) -> Path:
    """Where candidates are kept."""
    return blog.content / ".falhero" / "candidates"


def candidates(blog: Blog) -> set[str]:
    """The names of the candidates, each of which must be that of its content; nothing but sheets is beside them."""
    files = list(folder(blog).iterdir()) if folder(blog).exists() else []
    names = {file.name for file in files if re.fullmatch(r"hero-[0-9a-f]{12}-[0-9a-f]{8}\.png", file.name)}
    assert {file.suffix for file in files if file.name not in names} <= {".png", ".html", ".txt"}
    for name in names:
        assert hashlib.sha256((folder(blog) / name).read_bytes()).hexdigest().startswith(name[18:26])
    return names


def seeds(fal: FalServer) -> list[int]:
    """The seeds in all requests, in their order."""
    return [request.json["seed"] for request in fal.requests_of("submit")]


def shown(terminal: Terminal, role: str, post: str = POST) -> list[dict[str, Any]]:
    """What show lists as pictures of this role."""
    (row,) = terminal.falhero("show", "--json", post).json["posts"]
    return [version for version in row["versions"] if version["role"] == role]


@pytest.fixture
def terminal(blog: Blog, fal: FalServer) -> Terminal:
    """A terminal in a blog of one post without a hero."""
    blog.configure(SMALL_SHEETS, FALHERO_IMAGE_SIZE=(256, 64), FALHERO_TIMEOUT=20)
    blog.post("a.md", TITLE)
    return at_home(blog, fal.environment())


def drawn(terminal: Terminal, *options: str, command: tuple[str, ...] = FOUR, code: int = 0) -> Ran:
    """Ask for four candidates, or with another command."""
    ran = terminal.falhero(*command, *options)
    assert ran.code == code, ran.out + ran.err
    return ran


def test_they_are_drawn_listed_and_shown(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """Four pictures of four seeds, each once in the ledger as a candidate; sheet and page show all, with commands."""
    blog.source = ""
    blog.configure(FALHERO_IMAGE_SIZE="square")
    blog.command()
    ran = drawn(terminal)
    assert ran.err == "drawing 4 candidates\n"
    assert len(set(seeds(fal))) == fal.charges == len(candidates(blog)) == 4
    assert blog.heroes() == set()
    events = blog.events()
    assert all(event["candidate"] and event["hero"] == HERO for event in events)
    saved = [event for event in events if event["event"] == "saved"]
    assert {event["folder"] for event in saved} == {".falhero/candidates"}
    assert sum(event["usd"] for event in saved) == pytest.approx(fal.cost_usd)
    assert sorted(event["seed"] for event in saved) == sorted(seeds(fal))
    rows = shown(terminal, "candidate")
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    assert sorted(row["seed"] for row in rows) == sorted(seeds(fal))
    for row in rows:
        number, name = row["number"], Path(row["file"]).name
        assert f"   {number}  seed {row['seed']}  schnell  $0.003  content/.falhero/candidates/{name}" in ran.lines
        assert f"  falhero pick {POST} {number}" in ran.lines
    closing = r"4 candidates drawn, 0 there; \d+\.\d s, \$0\.012; the post has no hero until you pick one, .*"
    assert re.fullmatch(closing, ran.lines[-1])
    with Image.open(folder(blog) / f"{STEM}.png") as sheet:
        assert (sheet.format, sheet.width) == ("PNG", 1600)
        # Two rows of two square pictures, a head and captions.
        assert sheet.height == pytest.approx(148 + 2 * (746 + 52) + 40)
    html = (folder(blog) / f"{STEM}.html").read_text(encoding="utf-8")
    assert f"file://{folder(blog)}/{STEM}.html" in ran.out
    assert not re.search(r'(src|href)="(?!data:image/|\./)|url\(|@import', html)
    assert html.count('src="data:image/') == 4
    for row in rows:
        assert f">falhero pick {POST} {row['number']}<" in html
        assert str(row["seed"]) in html
    assert_nothing_left(blog)


def test_a_common_prompt_is_shown_once(terminal: Terminal) -> None:
    """show prints a prompt once for the candidates that have it, and says of the others that theirs is the same."""
    drawn(terminal, command=TWO)
    drawn(terminal, "--prompt", "A lone fox", command=TWO)
    lines = terminal.falhero("show", POST).lines
    prompts = [line.strip() for line in lines if line.startswith(f"            {TITLE}") or "A lone fox" in line]
    assert len(prompts) == 2
    assert prompts[1] == "A lone fox"
    same = [", same prompt" in line for line in lines if "candidate: " in line]
    assert same == [False, True, False, True]
    assert any(line.endswith("  4 candidates") for line in terminal.falhero("spend").lines)


def test_none_is_taken_for_the_hero(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """The post lacks its hero for check, plan, build and generate, which buy none meanwhile; naming it does."""
    drawn(terminal)
    check = terminal.falhero("check", "--json").json
    assert [finding["kind"] for finding in check["findings"]] == ["missing"]
    assert check["remedy"] == [f"# choose one of the candidates (falhero show, falhero pick) for {POST}"]
    (row,) = terminal.falhero("plan", "--json").json["heroes"]
    assert (row["state"], row["usd"]) == ("undecided", 0)
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert built.line("heroes: ") == "heroes: 0 there, 1 card (candidates: falhero plan)"
    assert not list(blog.output.rglob("hero-*"))
    ran = terminal.falhero("generate")
    assert ran.code == 1
    assert ran.lines[0].startswith(f"{POST}: 4 candidates to choose from; falhero show lists them")
    assert fal.charges == 4
    spent = terminal.falhero("spend", "--json").json["summary"]
    assert (spent["heroes"], spent["candidates"], spent["usd"]) == (0, 4, pytest.approx(fal.cost_usd))
    assert terminal.falhero("generate", POST).code == 0
    assert (fal.charges, blog.heroes()) == (5, {HERO})
    # The hero is number 1 now, on the sheet's page too.
    assert [row["number"] for row in shown(terminal, "candidate")] == [2, 3, 4, 5]
    html = (folder(blog) / f"{STEM}.html").read_text(encoding="utf-8")
    assert [f"pick {POST} {number}<" in html for number in range(1, 7)] == [False, True, True, True, True, False]


def test_git_s_hook_buys_none_either(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """A hook that may draw leaves a post alone for which there are candidates, and stops the commit."""
    drawn(terminal, command=TWO)
    terminal.git("init", "--quiet")
    terminal.falhero("hook", "install", "--type", "pre-commit", "--generate")
    terminal.git("add", "--all")
    ran = terminal.git("commit", "--quiet", "--message", "More", code=1)
    assert "choose one of the candidates" in ran.err
    assert (fal.charges, blog.heroes()) == (2, set())


def test_the_same_command_again_buys_nothing(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """What is there counts, and so does one that was picked; a larger number draws the rest, another prompt all."""
    drawn(terminal, command=TWO)
    assert drawn(terminal, command=TWO).lines[-1].startswith("0 candidates drawn, 2 there; ")
    assert terminal.falhero("pick", POST, "2").code == 0
    assert drawn(terminal, command=TWO).lines[-1].startswith("0 candidates drawn, 1 there; ")
    assert fal.charges == 2
    assert drawn(terminal).lines[-1].startswith("2 candidates drawn, 1 there; ")
    assert fal.charges == len(set(seeds(fal))) == 4
    assert drawn(terminal, "--prompt", "A fox", command=TWO).lines[-1].startswith("2 candidates drawn, 3 there; ")
    assert fal.charges == 6
    assert terminal.falhero("prune", "--history", "--apply").code == 0
    assert list(folder(blog).iterdir()) == []
    # What was deleted was not wanted, but for the hero.
    assert drawn(terminal, command=TWO).lines[-1].startswith("1 candidate drawn, 0 there; ")


def test_a_seed_decides_all_of_them(terminal: Terminal, fal: FalServer) -> None:
    """The first candidate has the post's own seed, and the others follow from it, on every machine the same."""
    drawn(terminal, "--seed", "7")
    first = seeds(fal)
    assert first[0] == 7
    expected = {7, *(int(hashlib.sha256(f"7 {n}".encode()).hexdigest()[:8], 16) for n in (1, 2, 3))}
    assert set(first) == expected
    drawn(terminal, "--seed", "7")
    assert fal.charges == 4
    drawn(terminal, "--seed", "8")
    assert fal.charges == 8
    assert shown(terminal, "candidate")[0]["seed"] == 7


def killed_after_submits(blog: Blog, fal: FalServer) -> None:
    """Ask for four candidates, and kill the command when fal has taken all of them."""
    kill_while_fal_draws(blog, fal, 4, *FOUR)
    assert (fal.charges, candidates(blog)) == (4, set())


@pytest.mark.parametrize("has_hero", [False, True], ids=["no hero", "a hero"])
def test_a_build_fetches_what_was_bought(terminal: Terminal, blog: Blog, fal: FalServer, has_hero: bool) -> None:
    """After a kill the next build fetches all, for nothing, where all heroes are there too; then it asks no more."""
    if has_hero:
        assert terminal.falhero("generate", *CHEAP).code == 0
    before = fal.charges
    hero = blog.heroes()
    kill_while_fal_draws(blog, fal, 4, *FOUR)
    assert fal.charges == before + 4
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert "heroes: a.md: 4 candidates fetched; falhero show lists them" in built.output
    assert len(candidates(blog)) == 4
    assert (folder(blog) / f"{STEM}.png").is_file()
    assert blog.heroes() == hero
    count = len(fal.requests)
    built = blog.build(env=fal.environment())
    assert ("heroes:" in built.output) is not has_hero
    assert "fetched" not in built.output
    assert drawn(terminal).lines[-1].startswith("0 candidates drawn, 4 there; ")
    assert len(fal.requests) == count
    assert fal.charges == before + 4
    assert blog.heroes() == hero


@pytest.mark.parametrize("command", [("generate",), FOUR], ids=["generate", "the same"])
def test_commands_fetch_what_was_bought(
    terminal: Terminal, blog: Blog, fal: FalServer, command: tuple[str, ...]
) -> None:
    """After a kill, generate fetches all, with --candidates or without, and buys nothing more."""
    killed_after_submits(blog, fal)
    terminal.falhero(*command)
    assert (fal.charges, len(candidates(blog)), blog.heroes()) == (4, 4, set())


def test_a_run_that_was_killed_is_completed(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """Killed while some were sent, the same command fetches those and buys the rest of four, no matter which seeds."""
    blog.configure(FALHERO_CONCURRENCY=1)
    blog.command()
    kill_while_fal_draws(blog, fal, 1, *FOUR)
    assert fal.charges == 1
    plan = terminal.falhero(*FOUR, "--dry-run", "--json").json
    assert [row["state"] for row in plan["candidates"]] == ["pending", "missing", "missing", "missing"]
    assert plan["summary"] == {"there": 1, "to_make": 3, "usd": pytest.approx(3 * USD), "unaffordable_usd": 0}
    drawn(terminal)
    assert (fal.charges, len(candidates(blog))) == (4, 4)
    assert fal.charges == len(set(seeds(fal)))


def test_one_that_fails_takes_no_other_with_it(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """One is refused, one fails at fal for good: the others are there, and the next command asks for the rest."""
    fal.faults.add("submit", fal_faults.content_policy(), nth=2)
    fal.faults.add("submit", fal_faults.no_media(), nth=3)
    ran = drawn(terminal, code=1)
    assert ran.lines[-1].startswith("2 candidates drawn, 0 there, 2 not drawn; ")
    assert len(candidates(blog)) == fal.charges == 2
    assert any(line.startswith("a.md: ") and "not asked for again" in line for line in ran.lines), ran.out
    assert drawn(terminal).lines[-1].startswith("2 candidates drawn, 2 there; ")
    assert len(candidates(blog)) == fal.charges == 4


def test_a_job_that_fails_at_fal_is_sent_again(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """A failure on fal's side, which it does not charge, is tried again as for heroes."""
    blog.configure(AT_ONCE)
    blog.command()
    fal.faults.add("submit", fal_faults.internal_error(), nth=2)
    drawn(terminal, command=TWO)
    assert len(candidates(blog)) == fal.charges == 2


def test_a_lost_one_is_told_and_bought_only_by_its_author(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """What fal has lost is written down as lost; no build buys it again, and the command does."""
    killed_after_submits(blog, fal)
    fal.forget(fal.submissions[0].request_id)
    age_ledger(blog, hours=25)
    blog.configure(shortened(unknown_request=0.3))
    built = blog.build(env=fal.environment())
    assert "a.md: 3 candidates fetched" in built.output
    assert "is lost: fal no longer knows the request" in built.output
    assert "falhero generate --candidates asks again" in built.output
    count = len(fal.requests)
    assert "lost" not in blog.build(env=fal.environment()).output
    assert (fal.charges, len(fal.requests), len(candidates(blog))) == (4, count, 3)
    drawn(terminal)
    assert (fal.charges, len(candidates(blog))) == (5, 4)


def test_the_budget_covers_each(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """What does not fit the budget is not drawn, and the line says what the rest costs; the next budget pays it."""
    ran = drawn(terminal, "--budget", "0.006", code=1)
    assert fal.charges == len(candidates(blog)) == 2
    assert "2 of 4 candidates fit --budget 0.006; the rest would cost $0.006" in ran.lines
    blog.configure(FALHERO_BUDGET=0.010)
    blog.command()
    told = "1 of 2 candidates fit FALHERO_BUDGET; the rest would cost $0.003: add --budget 0.01"
    assert told in drawn(terminal, code=1).lines
    drawn(terminal, "--budget", "0.01")
    assert fal.charges == len(candidates(blog)) == 4


def test_a_candidate_is_picked(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """A candidate becomes the hero, the old hero a version; the others stay, numbered anew on sheet and page."""
    blog.configure(FALHERO_REFRESH="changed")
    blog.command()
    assert terminal.falhero("generate").code == 0
    old = (blog.assets / HERO).read_bytes()
    drawn(terminal)
    rows = shown(terminal, "candidate")
    assert [row["number"] for row in rows] == [2, 3, 4, 5]
    chosen = (blog.content / rows[1]["file"]).read_bytes()
    ran = terminal.alone().falhero("pick", POST, "3")
    assert ran.lines == [f"{POST}: candidate 3 is its hero now: content/images/heroes/{HERO}"]
    assert (blog.assets / HERO).read_bytes() == chosen
    (version,) = shown(terminal, "version")
    assert (blog.content / version["file"]).read_bytes() == old
    assert [row["seed"] for row in shown(terminal, "candidate")] == [rows[index]["seed"] for index in (0, 2, 3)]
    assert [row["number"] for row in shown(terminal, "candidate")] == [3, 4, 5]
    assert len(candidates(blog)) == 3
    html = (folder(blog) / f"{STEM}.html").read_text(encoding="utf-8")
    assert html.count('src="data:image/') == 4
    assert 'data-role="hero"' in html
    assert terminal.falhero("check", "--fresh").code == 0
    built = blog.build(env=fal.environment())
    assert (built.code, "heroes: 1" in built.output) == (0, False)
    assert fal.charges == 5
    (row,) = terminal.falhero("show", "--json", POST).json["posts"]
    assert (row["seed"], row["endpoint"], row["usd"]) == (rows[1]["seed"], "fal-ai/flux/schnell", USD)


def test_prune_lists_them_with_the_history(terminal: Terminal, blog: Blog) -> None:
    """Plain prune leaves candidates alone; --history lists them, and with --apply deletes them with their sheets."""
    drawn(terminal, command=TWO)
    assert terminal.falhero("prune", "--apply").lines == ["nothing to delete: every picture in the ledger is in use"]
    rows = terminal.falhero("prune", "--history", "--json").json["files"]
    assert [row["state"] for row in rows] == ["candidate"] * 2
    assert terminal.falhero("prune", "--history", "--apply").lines[-1].startswith("2 files deleted")
    assert list(folder(blog).iterdir()) == []
    assert terminal.falhero("plan", "--json").json["heroes"][0]["state"] == "missing"


@pytest.mark.parametrize("is_fetched", [True, False], ids=["fetched", "pending"])
def test_a_retitled_post_keeps_its_candidates(terminal: Terminal, blog: Blog, fal: FalServer, is_fetched: bool) -> None:
    """Under a new title the candidates of the old one are still found, fetched and picked, and no hero is bought."""
    if is_fetched:
        drawn(terminal)
    else:
        killed_after_submits(blog, fal)
    blog.post("a.md", "Spring hikes")
    assert blog.build(env=fal.environment()).code == 0
    assert (fal.charges, blog.heroes()) == (4, set())
    assert len(shown(terminal, "candidate")) == 4
    assert terminal.falhero("pick", POST, "4").code == 0
    assert blog.heroes() == {hero_name("Spring hikes")}
    assert len(candidates(blog)) == 3
    assert {file.stem for file in folder(blog).glob("*.html")} == {hero_name("Spring hikes").removesuffix(".png")}
    assert terminal.falhero("check").code == 0
    assert fal.charges == 4


def test_a_control_map_is_no_candidate(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """With a control image that is prepared first, only the pictures themselves are candidates."""
    Image.linear_gradient("L").resize((512, 512)).save(blog.content / "sketch.png")
    blog.configure(FALHERO_PRICES={"fal-ai/image-preprocessors/scribble": 0.01})
    blog.post("a.md", TITLE, Hero_Control="sketch.png", Hero_Control_Type="scribble")
    blog.command()
    ran = terminal.falhero("generate", POST, "--candidates", "2")
    assert ran.code == 0, ran.out + ran.err
    assert len(candidates(blog)) == 2
    assert len({event["attempt"] for event in blog.events() if event.get("candidate")}) == 2


def test_they_share_one_brief(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """With FALHERO_DIRECTOR the scene is written once, before they are drawn, and used by the next command too."""
    blog.configure(FALHERO_DIRECTOR="google/gemini-2.5-flash")
    blog.command()
    plan = terminal.falhero(*FOUR, "--dry-run", "--json").json
    assert [row["prompt"] for row in plan["candidates"]] == [None] * 4
    assert plan["summary"]["usd"] > 4 * USD
    ran = drawn(terminal)
    texts = [job for job in fal.submissions if job.endpoint == "openrouter/router"]
    pictures = [job for job in fal.submissions if job not in texts]
    assert (len(texts), len(pictures)) == (1, 4)
    assert {job.arguments["prompt"] for job in pictures} == {
        f"{SCENE} Cinematic lighting, professional photography, 8K"
    }
    assert terminal.falhero("spend", "--json").json["summary"]["usd"] == pytest.approx(fal.cost_usd, abs=1e-5)
    assert f"${fal.cost_usd:.3f}" in ran.lines[-1]
    drawn(terminal)
    assert len(fal.submissions) == 5
    assert terminal.falhero("generate", POST).code == 0
    assert len(fal.submissions) == 6


def test_without_a_brief_they_are_drawn_all_the_same(terminal: Terminal, blog: Blog, fal: FalServer) -> None:
    """Where no brief could be written, the template of the settings is used, and the note says so."""
    blog.configure(FALHERO_DIRECTOR="google/gemini-2.5-flash")
    blog.command()
    fal.faults.add("submit", fal_faults.status(422), endpoint="openrouter/router")
    ran = drawn(terminal, command=TWO)
    assert "a.md: drawn with FALHERO_PROMPT, because no brief was written" in ran.err
    assert len(candidates(blog)) == fal.charges == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([POST, "--candidates", "1"], "--candidates must be a number from 2 to 16, not '1'"),
        ([POST, "--candidates", "17"], "--candidates must be a number from 2 to 16, not '17'"),
        ([POST, "--candidates", "four"], "--candidates must be a number from 2 to 16, not 'four'"),
        (["--candidates", "4"], "--candidates draws for one post: name one"),
        ([POST, "content/b.md", "--candidates", "4"], "--candidates draws for one post: name one, not 2"),
        (["content", "--candidates", "4"], "content is a folder; name one post"),
        ([POST, "--candidates", "4", "--force"], "--candidates draws beside the hero; leave out --force"),
        (["--all", "--candidates", "4"], "--candidates draws beside the hero; leave out --all"),
        ([POST, "--candidates", "4", "--provider", "card"], "--candidates draws with fal, but the provider is card"),
        (["content/b.md", "--candidates", "4"], "content/b.md has its own picture"),
        ([POST, "--candidates", "4", "--steps", "99"], "--steps "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_asked_for_is_told(
    terminal: Terminal, blog: Blog, fal: FalServer, arguments: list[str], says: str
) -> None:
    """A wrong number, none or several posts, a folder and options that don't fit: one line, code 2, nothing sent."""
    blog.post("b.md", "Mine", Hero="images/mine.png")
    Image.new("RGB", (64, 64)).save(blog.write("images/mine.png", ""))
    ran = terminal.falhero("generate", *arguments)
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert says in line
    assert not fal.requests


def test_without_credentials_it_says_how_to_have_some(terminal: Terminal) -> None:
    """Without a key it is one line and code 1, and a dry run needs none."""
    poor = Terminal(terminal.folder, {}).alone()
    ran = poor.falhero(*FOUR)
    assert ran.code == 1
    assert ran.err.startswith("falhero: there are no credentials for fal: set FAL_KEY")
    lines = poor.falhero(*FOUR, "--dry-run").lines
    assert lines[-1] == "0 of 4 candidates there, 4 to draw for $0.012"
    # The prompt that they share is printed once.
    assert [line.split()[0] for line in lines[:-1]] == ["missing", TITLE.split(maxsplit=1)[0], *["missing"] * 3]


def test_the_gallery_leads_to_them(terminal: Terminal, blog: Blog) -> None:
    """The page of the whole blog counts a post's candidates, and links to the page that shows them."""
    drawn(terminal, command=TWO)
    assert terminal.alone().falhero("gallery").code == 0
    html = (blog.content / ".falhero" / "gallery.html").read_text(encoding="utf-8")
    assert f'2 candidates (<a href="./candidates/{STEM}.html">' in html
    assert html.count(f">falhero show {POST}<") == 1
    assert 'data-state="undecided"' in html


def test_a_damaged_one_is_shown_and_not_picked(terminal: Terminal, blog: Blog) -> None:
    """A file that can't be decoded has its number on sheet and page, and is no hero; a file of another name stays."""
    drawn(terminal, command=TWO)
    notes = blog.write(".falhero/candidates/notes.txt", "mine")
    (folder(blog) / f"{STEM}-00000000.png").write_bytes(b"no picture")
    drawn(terminal, command=TWO)
    assert "no preview" in (folder(blog) / f"{STEM}.html").read_text(encoding="utf-8")
    ran = terminal.falhero("pick", POST, "3")
    assert (ran.code, "is damaged" in ran.err) == (1, True)
    assert blog.heroes() == set()
    assert notes.read_text() == "mine"
