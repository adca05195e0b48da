"""Builds that end in the middle: what was paid for is fetched by the next, and paid for again by none."""

from __future__ import annotations

from dataclasses import replace

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_exchange import Exchange, Fault, Stage
from fal_jobs import Submission
from fal_schemas import Price
from fal_server import FalServer
from fal_timeouts import AT_ONCE, shortened
from fal_wire import Reply
from killing import Moment, kill_at, kill_while_fal_draws
from PIL import Image
from promises import age_ledger, assert_all_there, assert_sound, paid_unknown, uncertain, write_posts
from running import Running

POSTS = 2


MOMENTS = [
    Moment("connect", 1, "unsent"),
    Moment("submit", 1, "received"),
    Moment("submit", 1, "done"),
    Moment("submit", 1, "answered"),
    Moment("result", 2, "answered"),
    Moment("download", 2, "half"),
    Moment("download", 2, "answered"),
]
LONG_MOMENTS = [
    Moment("submit", 1, "half"),
    Moment("status", 2, "done"),
    Moment("submit", 2, "received"),
    Moment("submit", 2, "done"),
    Moment("status", 1, "received"),
    Moment("status", 3, "answered"),
    Moment("result", 1, "received"),
    Moment("result", 2, "done"),
    Moment("download", 1, "received"),
    Moment("download", 1, "half"),
    Moment("download", 1, "answered"),
]


@pytest.mark.parametrize(
    "moment", [*MOMENTS, *(pytest.param(moment, marks=pytest.mark.long) for moment in LONG_MOMENTS)], ids=str
)
def test_killed_at_any_moment(blog: Blog, fal: FalServer, moment: Moment) -> None:
    """Killed with SIGKILL between any two steps, the next build fetches what was paid for and buys what was not."""
    titles = write_posts(blog, POSTS)
    fal.queue_polls = 1
    blog.configure(FALHERO_CONCURRENCY=1)
    kill_at(blog, fal, moment)
    unknown = len(uncertain(blog))
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, titles)
    assert fal.charges == POSTS + paid_unknown(blog, fal)
    # One submit at most was on its way, and none while the one hero at fal was asked about.
    assert paid_unknown(blog, fal) <= unknown <= (0 if moment.stage in ("status", "result") else 1)
    assert bool(unknown) == ("fal may have charged" in built.output)
    before = len(fal.requests)
    assert blog.build(env=fal.environment()).output.count("hero") == 0
    assert len(fal.requests) == before


PAID_UNKNOWN = Moment("submit", 1, "done")


@pytest.mark.parametrize(
    "moment",
    [
        PAID_UNKNOWN,
        Moment("result", 1, "done"),
        Moment("submit", 2, "received"),
        pytest.param(Moment("status", 2, "done"), marks=pytest.mark.long),
        pytest.param(Moment("status", 1, "received"), marks=pytest.mark.long),
        pytest.param(Moment("download", 1, "half"), marks=pytest.mark.long),
    ],
    ids=str,
)
def test_killed_between_the_steps_of_a_control_image(blog: Blog, fal: FalServer, moment: Moment) -> None:
    """A hero whose control image is prepared first pays for neither step again, whichever it was killed in."""
    endpoint = "fal-ai/image-preprocessors/scribble"
    blog.configure(FALHERO_PRICES={endpoint: 0.01})
    fal.prices[endpoint] = Price(0.01, "images")
    Image.linear_gradient("L").resize((512, 512)).save(blog.content / "sketch.png")
    blog.post("post1.md", "Post 1", Hero_Control="sketch.png", Hero_Control_Type="scribble")
    kill_at(blog, fal, moment)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, ["Post 1"])
    assert fal.charges == 2 + paid_unknown(blog, fal)
    assert paid_unknown(blog, fal) == (moment == PAID_UNKNOWN)
    assert ("fal may have charged" in built.output) == (moment.stage == "submit")


def finish(fal: FalServer) -> None:
    """Have fal finish what it would never have."""
    fal.faults.clear()
    for job in fal.submissions:
        job.outcome = job.outcome if job.outcome.ends else type(job.outcome)()


@pytest.mark.parametrize(
    ("stage", "fault"),
    [
        ("submit", fal_faults.too_many_requests()),
        ("submit", fal_faults.never_completes()),
        ("status", fal_faults.silence()),
        pytest.param("status", fal_faults.trickle(1, 0.2), marks=pytest.mark.long),
        pytest.param("result", fal_faults.stall(), marks=pytest.mark.long),
        pytest.param("download", fal_faults.silence(), marks=pytest.mark.long),
        ("download", fal_faults.stall()),
        ("download", fal_faults.trickle(16, 0.05)),
        pytest.param("download", fal_faults.status(503), marks=pytest.mark.long),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else str(value),
)
def test_ctrl_c_ends_a_build_within_two_seconds(blog: Blog, fal: FalServer, stage: Stage, fault: Fault) -> None:
    """Whatever a build waits for but an open submit, Ctrl-C ends it in two seconds; the next fetches what was paid."""
    titles = write_posts(blog, POSTS)
    fal.faults.add(stage, fault)
    with Running(blog, env=fal.environment()) as build:
        fal.wait_for(stage)
        if stage == "submit" and fault.name == "never_completes":
            fal.wait_for("status", POSTS)
        assert build.interrupt() < 2
        interrupted = build.end()
    assert interrupted.code == 130
    assert "heroes: interrupted; the site is not built" in interrupted.output
    known = {event.get("request_id") for event in blog.events()}
    answered = stage != "submit" or fault.name == "never_completes"
    assert all(job.request_id in known for job in fal.submissions if answered)
    unknown = len(uncertain(blog))
    finish(fal)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, titles)
    assert paid_unknown(blog, fal) <= unknown
    assert fal.charges == POSTS + paid_unknown(blog, fal)


def test_ctrl_c_while_another_build_draws(blog: Blog, fal: FalServer) -> None:
    """A build that waits for another one ends within two seconds, and the other goes on."""
    titles = write_posts(blog, POSTS)
    gate = fal_faults.Gate()
    fal.faults.add("status", fal_faults.hold(gate))
    with Running(blog, env=fal.environment()) as first:
        fal.wait_for("status")
        blog.configure(OUTPUT_PATH="output2")
        with Running(blog, env=fal.environment()) as second:
            second.wait_until(lambda: "waiting for it" in second.output)
            assert second.interrupt() < 2
        gate.open()
        assert first.end().code == 0
    assert_all_there(blog, titles)
    assert fal.charges == POSTS


def test_past_its_time_a_hero_is_left_to_the_next_build(blog: Blog, fal: FalServer) -> None:
    """After FALHERO_TIMEOUT the build goes on and says so; the next one fetches the same request's picture."""
    (title,) = write_posts(blog, 1)
    blog.configure(FALHERO_TIMEOUT=1)
    fal.faults.add("submit", fal_faults.never_completes())
    late = blog.build(env=fal.environment())
    assert_sound(blog, fal, late)
    assert "post1.md: timed out after 1 s (FALHERO_TIMEOUT). It is paid for; the next build fetches it" in late.output
    assert late.tally == "heroes: 0 there, 1 card (failed), $0.025"
    assert blog.page("post-1.html")["card"] == "True"
    finish(fal)
    blog.configure(FALHERO_TIMEOUT=10)
    built = blog.build(env=fal.environment())
    assert built.tally == "heroes: 1 made, 0 there, $0.00"
    assert_all_there(blog, [title])
    assert fal.charges == len(fal.requests_of("submit")) == 1


def left_pending(blog: Blog, fal: FalServer, count: int = POSTS) -> list[str]:
    """Have a build pay for heroes that it does not fetch, because it is killed; the titles of their posts."""
    titles = write_posts(blog, count)
    kill_while_fal_draws(blog, fal, count)
    blog.configure(shortened(unknown_request=0.3, unavailable=0.3, retry_shortest=0.05))
    blog.configure(AT_ONCE, FALHERO_TIMEOUT=30)
    assert (fal.charges, blog.heroes()) == (count, set())
    return titles


def test_what_fal_has_forgotten_is_bought_again_once(blog: Blog, fal: FalServer) -> None:
    """Only a request that fal no longer knows is sent again; the other is fetched."""
    titles = left_pending(blog, fal)
    fal.forget(fal.submissions[1].request_id)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, titles)
    assert fal.charges == POSTS + 1
    assert built.tally == "heroes: 2 made, 0 there, $0.025"


def test_what_fal_has_forgotten_fits_the_budget_or_waits(blog: Blog, fal: FalServer) -> None:
    """A second try at a forgotten request is money like any other: without budget for it, it is left, and said."""
    titles = left_pending(blog, fal)
    fal.forget_all()
    blog.configure(FALHERO_BUDGET=0.075)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert "does not fit the budget" in built.output
    assert fal.charges == POSTS + 1
    blog.configure(FALHERO_BUDGET=1)
    assert blog.build(env=fal.environment()).code == 0
    assert_all_there(blog, titles)
    assert fal.charges == 2 * POSTS


FILE_GONE = ("download", fal_faults.status(410))
RESULT_WITHHELD = ("result", fal_faults.unhandled())


@pytest.mark.parametrize(
    ("stage", "fault", "hours", "charges"),
    [
        pytest.param(*FILE_GONE, 20, 1, id="file gone, new"),
        pytest.param(*FILE_GONE, 25, 2, id="file gone, old"),
        pytest.param(*RESULT_WITHHELD, 20, 1, id="result withheld, new", marks=pytest.mark.long),
        pytest.param(*RESULT_WITHHELD, 25, 2, id="result withheld, old"),
    ],
)
def test_a_picture_that_can_not_be_had_is_drawn_again_when_it_is_old(
    blog: Blog, fal: FalServer, stage: Stage, fault: Fault, hours: int, charges: int
) -> None:
    """A finished picture that fal does not give is asked for again for a day, and is lost after that."""
    titles = left_pending(blog, fal, 1)
    age_ledger(blog, hours=hours)
    fal.faults.add(stage, only_for(fal.submissions[0], fault))
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert fal.charges == charges
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == charges


def only_for(job: Submission, fault: Fault) -> Fault:
    """A fault that strikes what concerns one job."""
    strike = fault.edit
    assert strike

    def edit(reply: Reply, exchange: Exchange) -> Reply:
        return strike(reply, exchange) if exchange.job is job else reply

    return replace(fault, works=True, edit=edit)


def test_a_post_that_is_gone_leaves_its_request_alone(blog: Blog, fal: FalServer) -> None:
    """What was bought for a post that was deleted meanwhile is not asked for, and keeps nothing from being made."""
    titles = left_pending(blog, fal)
    (blog.content / "post2.md").unlink()
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert blog.heroes() == {hero_name(titles[0])}
    assert fal.charges == POSTS
