"""Alternative texts: a language model describes each hero after it was drawn or picked, and what looks wrong in it."""

from __future__ import annotations

import json
import re
import signal
from typing import Any

import fal_faults
import pytest
from blog import SMALL_SHEETS, Blog, hero_name
from builders import save_picture
from fal_exchange import Fault
from fal_schemas import Price
from fal_server import FalServer
from fal_timeouts import shortened
from killing import Moment, kill_at, kill_while_fal_draws
from promises import age_ledger, assert_all_there, assert_sound, paid_unknown, uncertain
from running import Running
from terminal import at_home

VISION = "openrouter/router/vision"
MODEL = "google/gemini-2.5-flash"
ALT = "A fox on a snowy ridge"


@pytest.fixture
def blog(blog: Blog) -> Blog:
    """A blog with one post, whose heroes are described by a language model."""
    blog.configure(FALHERO_ALT_MODEL=MODEL, DEFAULT_LANG="de")
    blog.post("hikes.md", "Winter hikes")
    return blog


def answer(alt: str = "", **more: Any) -> str:
    """An answer as the model is asked to give it."""
    return json.dumps({"alt": alt, "decorative": False, "flaws": ""} | more)


def questions(fal: FalServer) -> list[dict[str, Any]]:
    """What the model was asked about pictures."""
    return [job.arguments for job in fal.submissions if job.endpoint == VISION]


def spent(blog: Blog) -> float:
    """What the ledger says that all was, in USD."""
    last: dict[str, float] = {event["attempt"]: event["usd"] for event in blog.events()}
    return round(sum(last.values()), 6)


def test_a_hero_is_described_once(blog: Blog, fal: FalServer) -> None:
    """The model sees the picture, title and language; its text is the page's, also in CI, and is asked for once."""
    del blog.settings["FALHERO_IMAGE_SIZE"]
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert built.tally == "heroes: 1 made, 0 there, $0.026"
    assert blog.page("winter-hikes.html")["alt"] == ALT
    (question,) = questions(fal)
    assert question["model"] == MODEL
    assert "Title: Winter hikes" in question["prompt"]
    assert "language: de" in question["prompt"]
    (job,) = (job for job in fal.submissions if job.endpoint == VISION)
    assert [picture.size for picture in job.sent_pictures] == [(1024, 768)]
    written = blog.events()[-1]
    assert (written["event"], written["text"], written["usd"]) == ("written", ALT, 0.0006)
    assert written["sha256"] == next(event for event in blog.events() if event["event"] == "saved")["sha256"]
    assert spent(blog) == fal.cost_usd == 0.0256
    before = len(fal.requests)
    assert "hero" not in blog.build(env={"CI": "true"}).output
    assert blog.page("winter-hikes.html")["alt"] == ALT
    assert len(fal.requests) == before


def answers(blog: Blog, fal: FalServer, said: list[str]) -> list[str]:
    """Have the model say something else of each of so many posts; the names of their pages."""
    (blog.content / "hikes.md").unlink()
    for number in range(len(said)):
        blog.post(f"post{number}.md", f"Post {number}")
    fal.language_model = lambda asked: said[int(asked["prompt"].partition("Title: Post ")[2].split()[0])]
    return [f"post-{number}.html" for number in range(len(said))]


def test_the_text_is_short_and_plain(blog: Blog, fal: FalServer) -> None:
    """At most 125 characters without markup; a decorative picture has an empty text, not FALHERO_ALT."""
    alts = {
        answer(decorative=True): "",
        answer("Ein Fuchs", decorative=None): "Ein Fuchs",
        "```json\n" + answer("Ein Fuchs") + "\n```": "Ein Fuchs",
        answer("Wort " * 60): "Wort " * 24 + "Wort",
        answer('<img src=x onerror="alert(1)"> Ein {title} <lora:x:4>'): "Ein title",
    }
    blog.configure(FALHERO_ALT="Bild zu {title}")
    pages = answers(blog, fal, list(alts))
    blog.build(env=fal.environment())
    assert [blog.page(page)["alt"] for page in pages] == list(alts.values())


def test_the_authors_own_text_wins(blog: Blog, fal: FalServer) -> None:
    """Hero_Alt is first, the model's text second, FALHERO_ALT last: for a picture that no model has seen."""
    blog.configure(FALHERO_ALT="Bild zu {title}")
    save_picture(blog.assets / hero_name("Old news"))
    blog.post("old.md", "Old news")
    blog.post("own.md", "Own words", Hero_Alt="My words")
    blog.build(env=fal.environment())
    alts = [blog.page(f"{name}.html")["alt"] for name in ("winter-hikes", "own-words", "old-news")]
    assert alts == [ALT, "My words", "Bild zu Old news"]
    assert len(questions(fal)) == 2


def test_a_picture_that_was_replaced_by_hand_has_no_text(blog: Blog, fal: FalServer) -> None:
    """The text belongs to the picture's content, so that it describes no other picture."""
    blog.build(env=fal.environment())
    save_picture(blog.assets / hero_name("Winter hikes"))
    blog.build(env=fal.environment())
    assert blog.page("winter-hikes.html")["alt"] == ""


FAILURES: dict[str, tuple[Fault, str]] = {
    "error": (fal_faults.language_model_error("Provider returned error"), "failed: Provider returned error"),
    "refused": (fal_faults.content_policy(), "content checker"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_costs_no_picture(blog: Blog, fal: FalServer, failure: str) -> None:
    """Without a description the hero is there all the same, the build says why, and nobody is asked again."""
    fault, why = FAILURES[failure]
    fal.faults.add("submit", fault, endpoint=VISION)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, ["Winter hikes"])
    assert "hikes.md: no alternative text was written: " in built.output
    assert why in built.output
    assert spent(blog) == fal.cost_usd
    assert "hero" not in blog.build(env=fal.environment()).output
    assert len(questions(fal)) == 1


def test_an_answer_that_is_no_description_is_none(blog: Blog, fal: FalServer) -> None:
    """What is not in the form that was asked for is paid for, written down, and not shown."""
    said = [
        "A fox on a ridge.",
        "{}",
        answer(""),
        '{"alt": ["x"',
        '{"alt": true}',
        '{"alt": {"text": "A fox"}}',
    ]
    pages = answers(blog, fal, said)
    built = blog.build(env=fal.environment())
    told = "".join(line for line in built.output.splitlines() if "text was written: the language model has" in line)
    assert sorted(re.findall(r"post\d", told)) == [f"post{number}" for number in range(len(said))]
    assert [blog.page(page)["alt"] for page in pages] == [""] * len(said)
    assert len(questions(fal)) == len(said)
    assert spent(blog) == round(fal.cost_usd, 6)


def test_what_is_said_of_flaws_costs_no_text(blog: Blog, fal: FalServer) -> None:
    """However a model says that nothing is wrong, the text that was paid for is the page's."""
    said = [answer("Ein Fuchs", flaws=flaws) for flaws in ("I can't see any flaws.", "-", ["None that I can see"])]
    pages = answers(blog, fal, said)
    built = blog.build(env=fal.environment())
    assert "no alternative text" not in built.output
    assert [blog.page(page)["alt"] for page in pages] == ["Ein Fuchs"] * 3


BOMBS = {
    "cost": fal_faults.with_values(usage={"cost": 10**400}),
    "depth": fal_faults.replaced("[" * 100_000 + "]" * 100_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_answer_to_break_a_parser_breaks_nothing(blog: Blog, fal: FalServer, bomb: str) -> None:
    """Numbers and nesting beyond Python's limits are an answer like any other that can't be read."""
    blog.configure(shortened(unavailable=0.2))
    fal.faults.add("result", BOMBS[bomb], endpoint=VISION)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, ["Winter hikes"])
    assert (blog.page("winter-hikes.html")["alt"] == ALT) == (bomb == "cost")
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert blog.page("winter-hikes.html")["alt"] == ALT
    assert len(questions(fal)) == 1


def assert_given_up(blog: Blog, fal: FalServer) -> None:
    """The next build gives the description up, and the one after it asks for nothing."""
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert blog.events()[-1]["event"] == "failed"
    before = len(fal.requests)
    assert "hero" not in blog.build(env=fal.environment()).output
    assert len(fal.requests) == before
    assert len(questions(fal)) == 1


def test_what_fal_has_lost_is_given_up(blog: Blog, fal: FalServer) -> None:
    """A description that fal no longer knows after a day ends as failed; then no build asks for it."""
    fal.faults.add("submit", fal_faults.never_completes(), endpoint=VISION)
    kill_while_fal_draws(blog, fal, 2, endpoint=VISION)
    fal.forget(blog.events()[-1]["request_id"])
    age_ledger(blog, hours=25)
    blog.configure(shortened(unknown_request=0.3))
    assert_given_up(blog, fal)


def test_what_is_not_finished_in_a_day_is_given_up(blog: Blog, fal: FalServer) -> None:
    """A description that never comes is told of once, waited for by each build of a day, and ends as failed."""
    blog.configure(FALHERO_TIMEOUT=2)
    fal.faults.add("submit", fal_faults.never_completes(), endpoint=VISION)
    assert "no alternative text was written" in blog.build(env=fal.environment()).output
    blog.configure(FALHERO_TIMEOUT=1)
    blog.build(env=fal.environment())
    assert blog.events()[-1]["event"] == "submitted"
    age_ledger(blog, hours=25)
    assert_given_up(blog, fal)


MOMENTS = [
    Moment("submit", 2, "received"),
    Moment("submit", 2, "answered"),
    Moment("result", 2, "half"),
    pytest.param(Moment("status", 2, "received"), marks=pytest.mark.long),
    pytest.param(Moment("result", 2, "answered"), marks=pytest.mark.long),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_killed_at_any_moment(blog: Blog, fal: FalServer, moment: Moment) -> None:
    """Killed while the picture is described, the next build fetches what was paid for, and asks nobody again."""
    kill_at(blog, fal, moment)
    unknown = len(uncertain(blog))
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, ["Winter hikes"])
    assert len(questions(fal)) == (moment.point != "received" or moment.stage != "submit")
    assert paid_unknown(blog, fal) <= unknown <= 1
    assert blog.page("winter-hikes.html")["alt"] == ("" if unknown else ALT)
    before = len(fal.requests)
    assert "hero" not in blog.build(env=fal.environment()).output
    assert len(fal.requests) == before


def test_it_must_fit_the_budget(blog: Blog, fal: FalServer) -> None:
    """The plan has the price of both, and a budget for the picture alone buys neither."""
    blog.configure(FALHERO_BUDGET=0.025)
    assert at_home(blog).falhero("plan", "--json").json["heroes"][0]["usd"] == 0.026
    assert "the rest would cost $0.026" in blog.build(env=fal.environment()).output
    assert not fal.submissions


@pytest.mark.parametrize(("budget", "texts"), [(0.026, 1), (0.0255, 0)])
def test_what_takes_the_place_of_a_lost_picture_is_described(
    blog: Blog, fal: FalServer, budget: float, texts: int
) -> None:
    """A picture that is drawn because the paid one is lost has its description in the same price."""
    kill_while_fal_draws(blog, fal, 1)
    fal.forget(fal.submissions[0].request_id)
    age_ledger(blog, hours=30)
    blog.configure(shortened(unknown_request=0.2), FALHERO_BUDGET=budget)
    built = blog.build(env=fal.environment())
    assert len(questions(fal)) == texts, built.output
    assert len(blog.heroes()) == texts


def test_what_looks_wrong_is_shown(blog: Blog, fal: FalServer) -> None:
    """`falhero show` and the gallery have the text, and what the model found wrong; nothing is drawn for it."""
    fal.language_model = lambda _: answer("Ein Fuchs", flaws="The fox has <b>five</b> legs.")
    blog.build(env=fal.environment())
    terminal = at_home(blog, fal.environment())
    show = terminal.falhero("show", "content/hikes.md")
    assert "alt       Ein Fuchs\n" in show.out
    assert "Looks wrong: The fox has five legs." in show.out
    (post,) = terminal.falhero("show", "--json", "content/hikes.md").json["posts"]
    assert (post["alt"], post["flaws"]) == ("Ein Fuchs", "The fox has five legs.")
    assert terminal.falhero("gallery").code == 0
    page = (blog.content / ".falhero" / "gallery.html").read_text(encoding="utf-8")
    assert "Looks wrong: The fox has five legs." in page
    assert '<dt>Alt</dt><dd dir="auto" lang="de" data-find>Ein Fuchs</dd>' in page
    assert fal.charges == 2


def test_the_text_that_is_shown_is_the_pages(blog: Blog, fal: FalServer) -> None:
    """Where the post has a text of its own, `falhero show` and the gallery have that, and not the model's."""
    blog.build(env=fal.environment())
    blog.post("hikes.md", "Winter hikes", Hero_Alt="Spuren im Schnee")
    terminal = at_home(blog).alone()
    shown = terminal.falhero("show", "content/hikes.md").lines
    assert "  alt       Spuren im Schnee (Hero_Alt)" in shown
    assert ALT not in "".join(shown)
    assert terminal.falhero("gallery").code == 0
    page = (blog.content / ".falhero" / "gallery.html").read_text(encoding="utf-8")
    assert ">Spuren im Schnee</dd>" in page
    assert ALT not in page


def test_a_picked_picture_is_described(blog: Blog, fal: FalServer) -> None:
    """pick has a picture described that no model has seen, once; without a key it says so and picks all the same."""
    blog.configure(FALHERO_ALT_MODEL="")
    blog.build(env=fal.environment())
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate", "--force", "content/hikes.md").code == 0
    blog.configure(FALHERO_ALT_MODEL=MODEL)
    terminal = at_home(blog, fal.environment())
    lonely = at_home(blog).falhero("pick", "content/hikes.md", "2")
    assert lonely.code == 0
    assert "no alternative text was written: there are no credentials for fal" in lonely.err
    fal.prices[VISION] = Price(0.0007, "answers")
    picked = terminal.falhero("pick", "--json", "content/hikes.md", "2").json
    assert picked["summary"] == {"picked": 1, "usd": 0.0007}
    for _ in range(2):
        assert terminal.falhero("pick", "content/hikes.md", "2").code == 0
    assert len(questions(fal)) == 2
    assert spent(blog) == fal.cost_usd
    blog.build(env=fal.environment())
    assert blog.page("winter-hikes.html")["alt"] == ALT


def unfetched(blog: Blog, fal: FalServer) -> None:
    """A build that pays for a description, and can't read it."""
    blog.configure(shortened(unavailable=0.2))
    fal.faults.add("result", fal_faults.invalid_json(), endpoint=VISION)
    assert "fal's answer contains no text" in blog.build(env=fal.environment()).output
    fal.faults.clear()


def test_a_new_title_loses_no_text(blog: Blog, fal: FalServer) -> None:
    """A description that was not fetched is that of the same picture under the post's new title."""
    unfetched(blog, fal)
    blog.post("hikes.md", "Winter walks")
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert blog.page("winter-walks.html")["alt"] == ALT
    assert fal.charges == 2


def test_a_build_server_waits_for_no_text(blog: Blog, fal: FalServer) -> None:
    """Where nothing may be bought, a description that is still to be fetched fails no command."""
    unfetched(blog, fal)
    before = len(fal.requests)
    for env in ({**fal.environment(), "CI": "true"}, {}):
        ran = at_home(blog, env).falhero("generate")
        assert ran.code == 0, ran.err
        assert re.fullmatch(r"0 heroes made, 1 there; \d\.\d s, \$0\.00", ran.lines[-1])
        assert "hero" not in blog.build(env=env).output
    assert len(fal.requests) == before


def test_two_texts_of_a_hero_are_both_fetched(blog: Blog, fal: FalServer) -> None:
    """A hero that was drawn again before its description was fetched gets both, each for its own picture."""
    unfetched(blog, fal)
    fal.faults.add("result", fal_faults.invalid_json(), endpoint=VISION)
    assert at_home(blog, fal.environment()).falhero("generate", "--force", "content/hikes.md").code == 0
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    texts = {event["sha256"] for event in blog.events() if event["event"] == "written"}
    assert texts == {event["sha256"] for event in blog.events() if event["event"] == "saved"}
    before = len(fal.requests)
    blog.build(env=fal.environment())
    assert len(fal.requests) == before


@pytest.mark.parametrize("trouble", ["stuck", "locked"])
def test_texts_that_do_not_come_hold_no_build_up(blog: Blog, fal: FalServer, trouble: str) -> None:
    """However many descriptions are still to be fetched, a build waits for FALHERO_TIMEOUT, and not once for each."""
    for number in range(2):
        blog.post(f"post{number}.md", f"Post {number}")
    fal.faults.add("submit", fal_faults.never_completes(), endpoint=VISION)
    kill_while_fal_draws(blog, fal, 6, endpoint=VISION)
    assert len(questions(fal)) == 3
    blog.configure(FALHERO_TIMEOUT=1)
    if trouble == "locked":
        fal.faults.add("status", fal_faults.status(403))
    before = len(fal.requests)
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    asked_for = {request.path.partition("/requests/")[2].partition("/")[0] for request in fal.requests[before:]}
    assert len(asked_for) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_a_pick_that_is_interrupted_loses_no_text(blog: Blog, fal: FalServer, number: signal.Signals) -> None:
    """After Ctrl-C pick waits for the answer to what it has sent, so that the next build fetches the description."""
    blog.configure(FALHERO_ALT_MODEL="")
    terminal = at_home(blog, fal.environment())
    for _ in range(2):
        assert terminal.falhero("generate", "--force", "content/hikes.md").code == 0
    blog.configure(FALHERO_ALT_MODEL=MODEL)
    fal.faults.add("submit", fal_faults.delay(0.5), endpoint=VISION)
    blog.command()
    options = ("pick", "content/hikes.md", "2")
    with Running(blog, *options, env=fal.environment(), module="pelican_falhero") as pick:
        fal.wait_for("submit", 3)
        pick.send(number)
        ended = pick.end()
    assert ended.code == 128 + number, ended.output
    assert "waiting for fal's answer to 1 request" in ended.output
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert blog.page("winter-hikes.html")["alt"] == ALT
    assert (len(questions(fal)), uncertain(blog)) == (1, [])


def test_candidates_are_described_when_they_are_picked(blog: Blog, fal: FalServer) -> None:
    """Of pictures to choose from only the chosen one is described."""
    blog.configure(SMALL_SHEETS)
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate", "content/hikes.md", "--candidates", "2").code == 0
    assert not questions(fal)
    assert terminal.falhero("pick", "content/hikes.md", "1").code == 0
    assert len(questions(fal)) == 1
    assert spent(blog) == fal.cost_usd
