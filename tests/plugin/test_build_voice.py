"""What a build says of its heroes: one line when there is something to tell, and warnings after all is done."""

from __future__ import annotations

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_exchange import Fault
from fal_jobs import Outcome
from fal_server import FalServer
from promises import assert_all_there, names, write_posts
from terminal import at_home

from pelican_falhero.text import printable

DONE = "Done: Processed "
COMMIT = "commit content/images/heroes and content/.falhero/ledger.jsonl"


def lines_of(output: str) -> list[str]:
    """The lines of a build but Pelican's last, and but how heroes are shown."""
    return [line for line in output.splitlines() if not line.startswith((DONE, "heroes: shown by"))]


def test_one_line_tells_what_was_made(blog: Blog, fal: FalServer) -> None:
    """What was made, what is there, what failed and what it cost, in one line; then the reasons, each once."""
    write_posts(blog, 2)
    assert lines_of(blog.build(env=fal.environment()).output) == [f"heroes: 2 made, 0 there, $0.05; {COMMIT}"]
    for number in range(3, 13):
        blog.post(f"post{number}.md", f"Post {number}", Date=f"2026-11-{number:02d}")
    # One after the other, so that it is known which are refused.
    blog.configure(FALHERO_CONCURRENCY=1)
    fal.faults.add("submit", fal_faults.content_policy(), nth=range(1, 8))
    assert lines_of(blog.build(env=fal.environment()).output) == [
        f"heroes: 3 made, 2 there, 7 cards (refused), $0.075; {COMMIT}",
        "falhero: post12.md, post11.md, post10.md, post9.md, post8.md and 2 more: prompt: The content could not be "
        "processed because it contained material flagged by a content checker. It is not asked for again until its "
        "request changes",
    ]


def test_a_warm_build_says_nothing(blog: Blog, fal: FalServer) -> None:
    """When all heroes are there, the build prints what it prints without the plugin."""
    write_posts(blog, 2)
    blog.configure(PLUGINS=[])
    without = blog.build("-v").output
    blog.configure(PLUGINS=["pelican_falhero"])
    assert blog.build(env=fal.environment()).code == 0
    warm = blog.build("-v", env=fal.environment()).output
    told = {line for line in lines_of(warm) if not line.startswith("Writing ")} - set(lines_of(without))
    assert not [line for line in told if "hero" in line.replace(hero_name("Post 1"), "").replace("pelican_falhero", "")]
    assert lines_of(blog.build(env=fal.environment()).output) == []


def test_cards_are_told_with_the_way_to_heroes(blog: Blog) -> None:
    """Without credentials the line says that cards stand in, and how to have heroes; afterwards only the first."""
    write_posts(blog, 2)
    assert lines_of(blog.build().output) == [
        "heroes: 0 there, 2 cards (no key: falhero plan); for heroes "
        "set FAL_KEY (https://fal.ai/dashboard/keys) or run `fal auth login`"
    ]
    assert lines_of(blog.build().output) == ["heroes: 0 there, 2 cards (no key: falhero plan)"]


def on_terminal(blog: Blog, env: dict[str, str]) -> str:
    """What a build shows on a terminal."""
    return at_home(blog, env).on_screen(*blog.command(), columns=400)


STEERING = "\x1b]52;c;cm0=\x07\x1b[5m\x9b7m\u202e"


@pytest.mark.parametrize("is_dry_run", [True, False], ids=["dry run", "run"])
def test_no_text_of_a_site_steers_the_terminal(blog: Blog, fal: FalServer, is_dry_run: bool) -> None:
    """Escape sequences in titles, file names, prompts and fal's reasons are shown as text; rich's markup stays too."""
    blog.post(f"a{STEERING}.md", f"One {STEERING} [red]tape[/] :rocket:", Slug="a")
    blog.configure(FALHERO_STYLE=f"Ink {STEERING}", FALHERO_DRY_RUN=is_dry_run)
    fal.latency = 0.5
    fal.faults.add("submit", fal_faults.ends("steering", Outcome(422, {"detail": f"No {STEERING}"}, charged=False)))
    shown = on_terminal(blog, fal.environment())
    assert not [sign for sign in ("\x1b]52", "\x1b[5m", "\x9b", "\u202e", "\x07") if sign in shown]
    text = printable(STEERING)
    assert f"a{text}.md" in shown
    prompt = f"One {text} [red]tape[/] :rocket: Some words of the post. Ink {text}"
    said = [prompt] if is_dry_run else [f"  One {text} [red]t", f"falhero: a{text}.md: No {text}"]
    assert not [part for part in said if part not in shown], shown


def test_progress_shows_on_a_terminal_alone(blog: Blog, fal: FalServer) -> None:
    """On a terminal a bar counts heroes, time and cost, and names each in flight with its steps; elsewhere none."""
    titles = [*write_posts(blog, 1), "A title of many words that a wide terminal has room for"]
    blog.post("long.md", titles[-1])
    blog.configure(FALHERO_CONCURRENCY=1)
    fal.latency = 0.6
    shown = on_terminal(blog, fal.environment())
    assert "0/2, $0.00" in shown
    assert "1/2, $0.025" in shown
    assert "0:00:00" in shown
    assert "step 2/4" in shown
    assert "waiting" in shown
    assert "0/?" not in shown
    assert all(title in shown for title in titles)
    assert "heroes: 2 made, 0 there, $0.05" in shown
    assert_all_there(blog, titles)
    again = on_terminal(blog, fal.environment())
    assert "/2" not in again
    assert "hero" not in again
    blog.post("more.md", "More")
    assert "\x1b" not in blog.build(env=fal.environment()).output


def test_fatal_warnings_lose_nothing(blog: Blog, fal: FalServer) -> None:
    """When a warning ends the build, all that could be made is saved and written down before, and stays made."""
    titles = write_posts(blog, 4)
    fal.faults.add("submit", fal_faults.nsfw(), nth=2)
    built = blog.build("--fatal", "warnings", env=fal.environment())
    assert built.code == 1
    assert built.tally == "heroes: 3 made, 0 there, 1 card (refused), $0.10"
    assert "post" in built.line("falhero: ")
    made = blog.heroes()
    assert len(made) == 3
    assert made < names(titles)
    assert sorted(event["event"] for event in blog.events())[:4] == ["refused", "saved", "saved", "saved"]
    # The reason of a refusal is told once, so that the next build is not ended by it.
    again = blog.build("--fatal", "warnings", env=fal.environment())
    assert (again.code, lines_of(again.output)) == (0, ["heroes: 3 there, 1 card (refused: falhero plan)"])
    assert fal.charges == 4


@pytest.mark.parametrize("fault", [fal_faults.redirect_once(), fal_faults.decompression_bomb(12_000, 12_000)])
def test_no_library_warns_in_the_middle(blog: Blog, fal: FalServer, fault: Fault) -> None:
    """Under --fatal warnings nothing that a library says ends a request half-way."""
    titles = write_posts(blog, 2)
    fal.faults.add("download", fault, times=2)
    assert blog.build("--fatal", "warnings", env=fal.environment()).code == 0
    assert_all_there(blog, titles)


def test_a_misspelt_setting_takes_no_hero_away(blog: Blog, fal: FalServer) -> None:
    """It is one error with the right name; heroes and cards that exist are shown where settings say, none is drawn."""
    write_posts(blog, 2)
    blog.configure(FALHERO_ASSETS_DIR="art", FALHERO_BUDGET=0.03)
    assert blog.build(env=fal.environment()).code == 0
    asked, ledger = len(fal.requests), blog.ledger.read_bytes()
    blog.post("new.md", "New")
    blog.configure(FALHERO_BUGDET=5, FALHERO_SHOW="often", FALHERO_BUDGET=9)
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert lines_of(built.output) == [
        "heroes: 1 there, 1 card (settings), 1 missing (settings)",
        "falhero: FALHERO_BUGDET is not a setting (did you mean FALHERO_BUDGET?); FALHERO_SHOW must be one of "
        '"auto", "insert", "fields", "never", not \'often\'. '
        "Until that is fixed, builds show the heroes that are there and draw none",
    ]
    assert blog.page("post-2.html")["url"] == f"art/{hero_name('Post 2')}"
    assert blog.page("post-1.html")["card"] == "True"
    assert blog.page("new.html")["url"] == ""
    assert (len(fal.requests), blog.ledger.read_bytes()) == (asked, ledger)
    assert blog.build("--fatal", "errors", env=fal.environment()).code == 1


def test_fatal_errors_are_not_for_warnings(blog: Blog, fal: FalServer) -> None:
    """A hero that can't be made is a warning, and no error."""
    write_posts(blog, 1)
    fal.locked = "TOP_UP."
    assert blog.build("--fatal", "errors", env=fal.environment()).code == 0
