"""What builds spend: within the budgets, once for each request, and written down to the cent."""

from __future__ import annotations

from collections import Counter

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_exchange import Fault, Stage
from fal_server import FalServer
from fal_timeouts import AT_ONCE
from promises import age_ledger, assert_all_there, assert_sound, names, write_posts
from terminal import at_home

DEV = 0.025
"""USD for a picture of the default model and size."""


def recorded_usd(blog: Blog) -> float:
    """What the ledger holds to have been spent: of each try, what it says last."""
    told: dict[str, float] = {event["attempt"]: event.get("usd", 0.0) for event in blog.events()}
    return sum(told.values())


def test_builds_within_a_day_share_one_budget(blog: Blog, fal: FalServer) -> None:
    """The newest posts come first, what does not fit is left and said once, and a day later there is money again."""
    titles = write_posts(blog, 5)
    blog.configure(FALHERO_BUDGET=0.05)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert blog.heroes() == names(titles[3:])
    assert built.tally == "heroes: 2 made, 0 there, 3 cards (budget: falhero plan), $0.05"
    assert built.output.splitlines()[1] == (
        "2 of 5 heroes fit FALHERO_BUDGET ($0.05 a day); the rest would cost $0.075: falhero generate --budget 0.08"
    )
    for hours in (0, 23):
        age_ledger(blog, hours=hours)
        again = blog.build(env=fal.environment())
        assert again.output.splitlines()[:-1] == ["heroes: 2 there, 3 cards (budget: falhero plan)"]
        assert fal.charges == 2
    age_ledger(blog, hours=1.01)
    later = blog.build(env=fal.environment())
    assert later.tally == "heroes: 2 made, 2 there, 1 card (budget: falhero plan), $0.05"
    assert later.line("2 of 3 heroes fit FALHERO_BUDGET")
    assert blog.heroes() == names(titles[1:])
    blog.configure(FALHERO_BUDGET=1)
    assert blog.build(env=fal.environment()).code == 0
    assert_all_there(blog, titles)
    assert fal.charges == 5
    assert fal.cost_usd == pytest.approx(recorded_usd(blog))


def test_a_month_has_a_budget_too(blog: Blog, fal: FalServer) -> None:
    """FALHERO_MONTHLY_BUDGET ends a month's spending, whatever the day would allow, until the next month."""
    titles = write_posts(blog, 3)
    blog.configure(FALHERO_MONTHLY_BUDGET=0.03)
    built = blog.build(env=fal.environment())
    assert built.line("1 of 3") == "1 of 3 heroes fit FALHERO_MONTHLY_BUDGET ($0.03 a month); the rest would cost $0.05"
    assert blog.build(env=fal.environment()).tally == "heroes: 1 there, 2 cards (budget: falhero plan)"
    age_ledger(blog, hours=32 * 24)
    assert blog.build(env=fal.environment()).tally == "heroes: 1 made, 1 there, 1 card (budget: falhero plan), $0.025"
    assert blog.heroes() == names(titles[1:])
    assert fal.charges == 2


def test_a_budget_of_nothing_buys_nothing(blog: Blog, fal: FalServer) -> None:
    """With FALHERO_BUDGET = 0 no request leaves, and the line says what it would cost."""
    write_posts(blog, 2)
    blog.configure(FALHERO_BUDGET=0)
    built = blog.build(env=fal.environment())
    assert built.line("0 of 2 heroes fit FALHERO_BUDGET ($0.00 a day); the rest would cost $0.05")
    assert fal.requests == []


def test_own_prices_are_what_is_counted(blog: Blog, fal: FalServer) -> None:
    """FALHERO_PRICES overrides the catalogue, in the budget and in the ledger."""
    write_posts(blog, 3)
    blog.configure(FALHERO_PRICES={"dev": 0.4})
    built = blog.build(env=fal.environment())
    assert built.tally == "heroes: 2 made, 0 there, 1 card (budget: falhero plan), $0.80"
    assert recorded_usd(blog) == pytest.approx(0.8)


def test_a_post_of_another_model_costs_what_that_model_costs(blog: Blog, fal: FalServer) -> None:
    """Whatever the mix of models and sizes, the ledger says what fal bills."""
    blog.post("a.md", "One")
    blog.post("b.md", "Two", Hero_Model="schnell")
    blog.post("c.md", "Three", Hero_Model="ultra")
    blog.post("d.md", "Four", Hero_Size="1600x1200")
    built = blog.build(env=fal.environment())
    assert fal.charges == 4
    assert fal.cost_usd == pytest.approx(0.025 + 0.003 + 0.06 + 0.05)
    assert recorded_usd(blog) == pytest.approx(fal.cost_usd)
    assert built.tally == "heroes: 4 made, 0 there, $0.138"


def two_alike(blog: Blog) -> list[str]:
    """Two posts that ask for the very same picture; their titles."""
    for number in (1, 2):
        blog.post(f"post{number}.md", f"Post {number}", Date=f"2026-10-0{number}", Hero_Prompt="A lighthouse")
    return ["Post 1", "Post 2"]


def test_equal_requests_are_bought_once(blog: Blog, fal: FalServer) -> None:
    """Posts that ask for the same picture share one, even where the money is for one only."""
    titles = two_alike(blog)
    blog.configure(FALHERO_BUDGET=DEV)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, titles)
    assert len({(blog.assets / name).read_bytes() for name in names(titles)}) == 1
    assert (fal.charges, recorded_usd(blog)) == (1, DEV)
    assert built.tally == "heroes: 2 made, 0 there, $0.025"


@pytest.mark.parametrize(
    ("stage", "fault"),
    [
        ("status", fal_faults.drop_after()),
        ("submit", fal_faults.internal_error()),
        pytest.param("download", fal_faults.half_file(), marks=pytest.mark.long),
    ],
    ids=["pending", "failed", "not fetched"],
)
def test_equal_requests_fail_together(blog: Blog, fal: FalServer, stage: Stage, fault: Fault) -> None:
    """When the one request of several posts comes to nothing, the next build pays for it, or fetches it, once."""
    titles = two_alike(blog)
    blog.configure(AT_ONCE, FALHERO_TIMEOUT=1)
    fal.faults.add(stage, fault)
    failed = blog.build(env=fal.environment())
    assert_sound(blog, fal, failed)
    assert "2 cards (failed)" in failed.tally
    fal.faults.clear()
    blog.configure(FALHERO_TIMEOUT=20, FALHERO_BUDGET=DEV)
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == 1


REFUSALS: list[tuple[str, Stage, Fault, str]] = [
    ("policy", "submit", fal_faults.content_policy(), "flagged by a content checker"),
    ("policy unannounced", "submit", fal_faults.content_policy(in_status=False), "flagged by a content checker"),
    ("policy charged", "submit", fal_faults.content_policy(charged=True), "flagged by a content checker"),
    ("no media", "submit", fal_faults.no_media(), "No media was generated"),
    ("flagged", "submit", fal_faults.nsfw(), "fal's safety check replaced the picture with a black one"),
    ("black", "download", fal_faults.black(), "the picture is blank"),
    ("clear", "download", fal_faults.clear(), "the picture is blank"),
    ("grey", "download", fal_faults.one_colour(), "the picture is blank"),
]


LONG_REFUSALS = ["policy", "clear", "grey"]


@pytest.mark.parametrize(
    ("stage", "fault", "reason"),
    [
        pytest.param(*values, id=name, marks=[pytest.mark.long] if name in LONG_REFUSALS else [])
        for name, *values in REFUSALS
    ],
)
def test_a_refusal_sticks(blog: Blog, fal: FalServer, stage: Stage, fault: Fault, reason: str) -> None:
    """What fal refuses is paid for as fal says, told once with the reason, and not asked for again."""
    write_posts(blog, 1)
    fal.faults.add(stage, fault)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert reason in built.line("falhero: post1.md: ")
    assert "not asked for again until its request changes" in built.output
    assert blog.events()[-1]["event"] == "refused"
    assert recorded_usd(blog) == pytest.approx(fal.cost_usd)
    fal.faults.clear()
    asked = len(fal.requests)
    again = blog.build(env=fal.environment())
    assert again.output.splitlines()[:-1] == ["heroes: 0 there, 1 card (refused: falhero plan)"]
    assert len(fal.requests) == asked
    assert blog.page("post-1.html")["card"] == "True"


def test_a_request_that_was_refused_is_sent_when_it_has_changed(blog: Blog, fal: FalServer) -> None:
    """Another style makes it another request, which fal may draw."""
    (title,) = write_posts(blog, 1)
    fal.faults.add("submit", fal_faults.content_policy(charged=True))
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    fal.faults.clear()
    blog.configure(FALHERO_STYLE="A woodcut")
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, [title])
    assert fal.charges == 2


@pytest.mark.parametrize("place", ["submit", "result"])
def test_an_argument_that_fal_refuses_costs_nothing_and_sticks(blog: Blog, fal: FalServer, place: str) -> None:
    """A 422 for an argument out of range is free, whenever fal says it, and is not asked for again."""
    fal.validates_at = "submit" if place == "submit" else "result"
    write_posts(blog, 1)
    blog.configure(FALHERO_ARGUMENTS={"acceleration": "warp"})
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert "acceleration: " in built.line("falhero: post1.md: ")
    assert (fal.cost_usd, recorded_usd(blog)) == (0, 0)
    asked = len(fal.requests)
    assert blog.build(env=fal.environment()).tally == "heroes: 0 there, 1 card (refused: falhero plan)"
    assert len(fal.requests) == asked


def test_a_refusal_holds_for_every_post_that_asks_the_same(blog: Blog, fal: FalServer) -> None:
    """A refused request is not sent again for another post, nor for its own under another title."""
    two_alike(blog)
    fal.faults.add("submit", fal_faults.nsfw())
    assert blog.build(env=fal.environment()).code == 0
    fal.faults.clear()
    blog.post("post2.md", "Post two", Hero_Prompt="A lighthouse")
    assert blog.build(env=fal.environment()).code == 0
    assert len(fal.requests_of("submit")) == 1
    assert blog.heroes() == set()


def test_a_submit_whose_fate_is_unknown_counts_as_spent(blog: Blog, fal: FalServer) -> None:
    """It is told when it happens, counts against the budget, and is told again when the hero is asked for anew."""
    write_posts(blog, 1)
    blog.configure(FALHERO_BUDGET=0.03)
    fal.faults.add("submit", fal_faults.drop_after())
    lost = blog.build(env=fal.environment())
    assert (
        "post1.md: the connection broke before fal answered. It may have been charged, and counts as spent"
        in lost.output
    )
    assert [event["event"] for event in blog.events()] == ["submitting"]
    fal.faults.clear()
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == 1
    age_ledger(blog, hours=25)
    made = blog.build(env=fal.environment())
    assert "post1.md: an earlier build was interrupted while it sent the request" in made.output
    assert (fal.charges, blog.heroes()) == (2, {hero_name("Post 1")})
    assert fal.cost_usd == pytest.approx(recorded_usd(blog))


def test_when_answers_keep_getting_lost_no_more_is_sent(blog: Blog, fal: FalServer) -> None:
    """Two submits in a row without an answer end a run, for each may be charged; the rest is made by the next."""
    titles = write_posts(blog, 4)
    fal.faults.add("submit", fal_faults.drop_after())
    lost = blog.build(env=fal.environment())
    assert_sound(blog, fal, lost)
    assert fal.charges == 2
    assert "2 heroes not made: fal gave no clear answer to 2 of 2 requests" in lost.output
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == 2 + 4


@pytest.mark.parametrize("options", [[], ["-e", "FALHERO_DRY_RUN=true"]], ids=["setting", "option"])
def test_a_dry_run_says_what_it_would_cost(blog: Blog, fal: FalServer, options: list[str]) -> None:
    """A dry run prints every prompt and price, asks nothing of fal, and leaves nothing on the disk."""
    write_posts(blog, 2)
    blog.post("dear.md", "Dear", Hero_Model="ultra")
    if not options:
        blog.configure(FALHERO_DRY_RUN=True)
    built = blog.build(*options, env=fal.environment())
    assert_sound(blog, fal, built)
    for number in (1, 2):
        assert f"missing      {hero_name(f'Post {number}')}  $0.025  post{number}.md" in built.output
        assert f"Post {number}. Words of post {number}. Cinematic lighting" in built.output
    assert f"{hero_name('Dear')}  $0.06  dear.md" in built.output
    assert built.line("heroes:") == "heroes: 0 there, 3 to make for $0.11; dry run, nothing was made"
    assert fal.requests == []
    assert [path.name for path in blog.content.iterdir() if path.suffix != ".md"] == []


@pytest.mark.parametrize("ci", ["true", "1", pytest.param("yes", marks=pytest.mark.long)])
def test_a_build_server_spends_nothing(blog: Blog, fal: FalServer, ci: str) -> None:
    """With CI set nothing is asked of fal; cards stand in, and one line says so with the way out."""
    write_posts(blog, 2)
    built = blog.build(env=fal.environment() | {"CI": ci})
    assert_sound(blog, fal, built)
    assert built.line("falhero: ") == (
        "falhero: 2 heroes missing, and a build with CI set spends nothing: build on your own machine and commit the "
        "pictures, or set FALHERO_SPEND_IN_CI = True"
    )
    assert built.tally == "heroes: 0 there, 2 cards (CI)"
    assert built.output.count("missing") == 1
    assert (fal.requests, blog.heroes()) == ([], set())
    assert [blog.page(f"post-{number}.html")["card"] for number in (1, 2)] == ["True", "True"]


@pytest.mark.parametrize(("ci", "setting", "charges"), [("true", True, 2), ("", False, 2), ("false", False, 2)])
def test_a_build_server_may_be_allowed_to_spend(
    blog: Blog, fal: FalServer, ci: str, setting: bool, charges: int
) -> None:
    """FALHERO_SPEND_IN_CI lets a build server buy, and a CI that is empty or "false" is none."""
    titles = write_posts(blog, 2)
    blog.configure(FALHERO_SPEND_IN_CI=setting)
    assert_sound(blog, fal, blog.build(env=fal.environment() | {"CI": ci}))
    assert_all_there(blog, titles)
    assert fal.charges == charges


def test_a_build_server_fails_where_it_is_told_to(blog: Blog, fal: FalServer) -> None:
    """With FALHERO_ON_ERROR = "fail" a missing picture fails the build in CI, and none missing does not."""
    titles = write_posts(blog, 1)
    blog.configure(FALHERO_ON_ERROR="fail")
    assert blog.build(env=fal.environment() | {"CI": "true"}).code == 1
    assert blog.build(env=fal.environment()).code == 0
    assert blog.build(env=fal.environment() | {"CI": "true"}).code == 0
    assert_all_there(blog, titles)
    assert fal.charges == 1


def test_an_ordinary_run_is_written_down_whole(blog: Blog, fal: FalServer) -> None:
    """Each hero has its three lines, with all that was asked and came back, and the sum is what fal bills."""
    write_posts(blog, 3)
    assert blog.build(env=fal.environment()).code == 0
    events = blog.events()
    assert Counter(event["event"] for event in events) == {"submitting": 3, "submitted": 3, "saved": 3}
    always = {"v", "event", "attempt", "hero", "time", "title", "source", "provider", "endpoint", "fingerprint", "usd"}
    more = {"submitting": {"prompt"}, "submitted": {"request_id", "provider_time"}}
    more["saved"] = {"request_id", "folder", "units", "sha256", "seed", "width", "height", "seconds"}
    for event in events:
        assert event.keys() == always | more[event["event"]]
    jobs = {job.request_id: job for job in fal.submissions}
    assert all(event["seed"] == jobs[event["request_id"]].seed for event in events if event["event"] == "saved")
    assert recorded_usd(blog) == pytest.approx(fal.cost_usd) == pytest.approx(3 * DEV)


def test_a_full_queue_leaves_no_lines(blog: Blog, fal: FalServer) -> None:
    """Where fal has no room at first, a try has its three lines all the same; one that runs out of time has its end."""
    write_posts(blog, 1)
    blog.configure(AT_ONCE)
    fal.faults.add("submit", fal_faults.too_many_requests(), times=1)
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert [event["event"] for event in blog.events()] == ["submitting", "submitted", "saved"]
    assert len(fal.requests_of("submit")) == 2
    blog.post("late.md", "Late")
    blog.configure(FALHERO_TIMEOUT=1)
    fal.faults.add("submit", fal_faults.too_many_requests())
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert [event["event"] for event in blog.events()[3:]] == ["submitting", "failed"]
    assert recorded_usd(blog) == pytest.approx(DEV)


def test_what_fal_bills_counts(blog: Blog, fal: FalServer) -> None:
    """Where a result tells the billed units, the ledger, the closing line and the budget have those, and spend both."""
    write_posts(blog, 3)
    blog.configure(FALHERO_BUDGET=0.06, FALHERO_CONCURRENCY=1)
    bills_two = Fault(name="two", edit=lambda reply, _: reply.with_headers(**{"x-fal-billable-units": "2"}))
    fal.faults.add("result", bills_two)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert built.tally == "heroes: 2 made, 0 there, 1 card (budget: falhero plan), $0.10"
    assert recorded_usd(blog) == pytest.approx(4 * DEV)
    assert "0 of 1 hero fit FALHERO_BUDGET" in at_home(blog, fal.environment()).falhero("plan").out
    (row,) = at_home(blog, fal.environment()).falhero("spend", "--json").json["months"]
    assert (row["usd"], row["estimated_usd"]) == pytest.approx((4 * DEV, 2 * DEV))
