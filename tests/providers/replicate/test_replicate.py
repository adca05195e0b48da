"""Whole builds that draw with Replicate: what is sent, what is paid for once, and what is told."""

from __future__ import annotations

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_exchange import Fault
from fal_server import FalServer
from fal_service import SCENE
from fal_timeouts import shortened
from killing import Moment, kill_at
from promises import (
    age_ledger,
    assert_all_there,
    assert_sound,
    assert_two_at_once_buy_once,
    paid_unknown,
    uncertain,
    write_posts,
)
from replicate_server import ReplicateServer, ends, throttled
from running import Running
from terminal import at_home

POSTS = 2


def spent(blog: Blog) -> float:
    """What the ledger counts, in USD."""
    last = {event["attempt"]: event.get("usd", 0.0) for event in blog.events()}
    return float(round(sum(last.values()), 6))


def left_pending(blog: Blog, server: FalServer, posts: int = 1) -> list[str]:
    """Posts whose pictures were bought by a build that was killed while it waited for them; their titles."""
    titles = write_posts(blog, posts)
    server.faults.add("status", fal_faults.silence())
    with Running(blog, env=server.environment()) as build:
        server.wait_for("status", posts, timeout=60)
        build.kill()
    assert (server.charges, blog.heroes(), uncertain(blog)) == (posts, set(), [])
    server.faults.clear()
    blog.configure(shortened(unavailable=0.2), FALHERO_TIMEOUT=30)
    return titles


def test_heroes_are_drawn_sent_once_and_written_down(blog: Blog, replicate: ReplicateServer) -> None:
    """A blog is drawn by FLUX dev at Replicate, at Replicate's price, and the ledger says where each request went."""
    titles = write_posts(blog, POSTS)
    blog.configure(FALHERO_SEED=7)
    replicate.queue_polls = replicate.progress_polls = 1
    built = blog.build(env=replicate.environment())
    assert_sound(blog, replicate, built)
    assert_all_there(blog, titles)
    assert built.tally == "heroes: 2 made, 0 there, $0.05"
    assert spent(blog) == replicate.cost_usd == 0.05
    assert {event["provider"] for event in blog.events()} == {"replicate"}
    assert {event["endpoint"] for event in blog.events()} == {"black-forest-labs/flux-dev"}
    assert {event.get("request_id") for event in blog.events()} - {None} == {
        job.request_id for job in replicate.submissions
    }
    for job in replicate.submissions:
        assert job.unknown_fields == []
        assert job.arguments | {"prompt": ""} == {
            "prompt": "",
            "aspect_ratio": "4:3",
            "guidance": 3,
            "num_inference_steps": 28,
            "output_format": "png",
            "seed": 7,
        }
    assert {event.get("seed") for event in blog.events()} == {None, 7}
    before = len(replicate.requests)
    assert "hero" not in blog.build(env=replicate.environment()).output
    assert len(replicate.requests) == before


MOMENTS = [
    Moment("submit", 1, "done"),
    Moment("submit", 2, "answered"),
    Moment("status", 1, "received"),
    Moment("download", 2, "half"),
]
MORE_MOMENTS = [
    Moment("connect", 1, "unsent"),
    Moment("submit", 1, "received"),
    Moment("submit", 1, "half"),
    Moment("status", 3, "done"),
    Moment("download", 1, "received"),
    Moment("download", 2, "answered"),
]


@pytest.mark.parametrize(
    "moment", [*MOMENTS, *(pytest.param(moment, marks=pytest.mark.long) for moment in MORE_MOMENTS)], ids=str
)
def test_killed_at_any_moment(blog: Blog, replicate: ReplicateServer, moment: Moment) -> None:
    """Killed with SIGKILL between any two steps, the next build fetches what was paid for and buys what was not."""
    titles = write_posts(blog, POSTS)
    replicate.queue_polls = 1
    blog.configure(FALHERO_CONCURRENCY=1)
    kill_at(blog, replicate, moment)
    unknown = len(uncertain(blog))
    built = blog.build(env=replicate.environment())
    assert_sound(blog, replicate, built)
    assert_all_there(blog, titles)
    assert replicate.charges == POSTS + paid_unknown(blog, replicate)
    assert paid_unknown(blog, replicate) <= unknown <= 1
    assert bool(unknown) == ("Replicate may have charged for that request too" in built.output)
    assert replicate.cost_usd <= spent(blog)


LOST = [
    fal_faults.drop_after(),
    pytest.param(fal_faults.html(), marks=pytest.mark.long),
    pytest.param(fal_faults.truncate(), marks=pytest.mark.long),
    pytest.param(fal_faults.nginx(502, after_work=True), marks=pytest.mark.long),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.name)
def test_a_lost_answer_is_counted_and_sent_once(blog: Blog, replicate: ReplicateServer, fault: Fault) -> None:
    """A submit whose answer is lost is not repeated by the build; it counts as spent, and the next build says so."""
    write_posts(blog, 1)
    replicate.faults.add("submit", fault, nth=1)
    assert_sound(blog, replicate, blog.build(env=replicate.environment()))
    assert (len(replicate.requests_of("submit")), len(uncertain(blog)), spent(blog)) == (1, 1, 0.025)
    built = blog.build(env=replicate.environment())
    assert "Replicate may have charged for that request too, so it counts as spent" in built.output
    assert (replicate.charges, spent(blog)) == (2, 0.05)


REFUSALS = [
    (
        "r8_wrong",
        "Replicate refuses the account (401): You did not pass a valid authentication token; set REPLICATE_",
    ),
    (None, "there are no credentials for Replicate: set REPLICATE_API_TOKEN"),
    ("r8 wrong", "REPLICATE_API_TOKEN contains characters that are not allowed"),
]


@pytest.mark.parametrize(("key", "told"), REFUSALS)
def test_without_a_token_that_holds_nothing_is_bought(
    blog: Blog, replicate: ReplicateServer, key: str | None, told: str
) -> None:
    """A missing, wrong or malformed token is told once, with its variable, and each post shows a card."""
    write_posts(blog, POSTS)
    built = blog.build(env=replicate.environment(key))
    assert_sound(blog, replicate, built)
    assert f"falhero: {POSTS} heroes not made: {told}" in built.output
    assert (replicate.charges, uncertain(blog), spent(blog)) == (0, [], 0.0)


def test_without_credit_nothing_is_bought(blog: Blog, replicate: ReplicateServer) -> None:
    """An account without credit ends the run at its first request, and the message says where to look."""
    write_posts(blog, POSTS)
    replicate.has_credit = False
    built = blog.build(env=replicate.environment())
    assert_sound(blog, replicate, built)
    assert "refuses the account (402): You have insufficient credit to run this model; see https" in built.output
    assert (len(replicate.requests_of("submit")), spent(blog)) == (1, 0.0)


def test_a_prediction_that_fails_is_free_and_asked_for_again(blog: Blog, replicate: ReplicateServer) -> None:
    """A failure on Replicate's side costs nothing there and in the ledger, and the same build asks again."""
    write_posts(blog, 1)
    replicate.faults.add("submit", ends("failed", "Prediction interrupted; please retry (code: PA)"), nth=1)
    built = blog.build(env=replicate.environment())
    assert_sound(blog, replicate, built)
    assert built.tally == "heroes: 1 made, 0 there, $0.025"
    assert spent(blog) == replicate.cost_usd == 0.025


@pytest.mark.parametrize(
    "error",
    [
        "NSFW content detected. Try another prompt.",
        pytest.param("The input was flagged. (E005)", marks=pytest.mark.long),
    ],
)
def test_a_flagged_picture_is_refused_once(blog: Blog, replicate: ReplicateServer, error: str) -> None:
    """What a safety check ends is a refusal with its reason, costs nothing, and is not asked for again."""
    write_posts(blog, 1)
    replicate.faults.add("submit", ends("failed", error))
    assert f"post1.md: {error}" in blog.build(env=replicate.environment()).output
    built = blog.build(env=replicate.environment())
    assert "1 card (refused: falhero plan)" in built.output
    assert (len(replicate.requests_of("submit")), spent(blog)) == (1, 0.0)


def test_an_input_that_is_refused_is_told_in_replicates_words(blog: Blog, replicate: ReplicateServer) -> None:
    """An argument of the author's own that the model refuses costs nothing, and the message names it."""
    write_posts(blog, 1)
    blog.configure(FALHERO_ARGUMENTS={"go_fast": "perhaps"})
    built = blog.build(env=replicate.environment())
    assert "post1.md: - input.go_fast: Input should be a valid boolean" in built.output
    assert (replicate.charges, spent(blog)) == (0, 0.0)


def test_a_rate_limit_is_waited_for(blog: Blog, replicate: ReplicateServer) -> None:
    """A 429 is no failure: the same request is sent again after the seconds that Replicate names, and paid once."""
    titles = write_posts(blog, 1)
    replicate.faults.add("submit", throttled(2), nth=1)
    assert_sound(blog, replicate, blog.build(env=replicate.environment()))
    first, second = replicate.requests_of("submit")
    assert second.at - first.at >= 2
    assert_all_there(blog, titles)
    assert (replicate.charges, spent(blog)) == (1, 0.025)


def test_what_replicate_has_deleted_is_lost_and_told(blog: Blog, replicate: ReplicateServer) -> None:
    """A picture that is fetched too late is lost by Replicate's own word, told with its price, and drawn anew."""
    titles = left_pending(blog, replicate)
    replicate.expire_all()
    built = blog.build(env=replicate.environment())
    assert_sound(blog, replicate, built)
    assert_all_there(blog, titles)
    assert "post1.md: the picture that was paid for on " in built.output
    assert "is lost: Replicate has deleted it, as it does an hour after it was drawn" in built.output
    assert spent(blog) == replicate.cost_usd == 0.05


def test_no_outage_is_a_loss_before_a_day(blog: Blog, replicate: ReplicateServer) -> None:
    """What a proxy, an outage or an empty answer keeps back stays paid for, and comes with a later build."""
    titles = left_pending(blog, replicate)
    age_ledger(blog, hours=20)
    blog.configure(FALHERO_TIMEOUT=1)
    for fault in (fal_faults.nginx(404), fal_faults.status(500), fal_faults.replaced("{}")):
        replicate.faults.add("status", fault)
        assert "It is paid for; the next build fetches it" in blog.build(env=replicate.environment()).output, fault.name
        replicate.faults.clear()
    blog.configure(FALHERO_TIMEOUT=30)
    assert_sound(blog, replicate, blog.build(env=replicate.environment()))
    assert_all_there(blog, titles)
    assert replicate.charges == 1


def test_two_builds_at_once_buy_each_picture_once(blog: Blog, replicate: ReplicateServer) -> None:
    """Of two builds that start together, one waits for the other and buys nothing."""
    assert_two_at_once_buy_once(blog, replicate, write_posts(blog, POSTS))


def test_another_engine_draws_nothing_anew_and_fetches_what_was_paid_for(
    blog: Blog, replicate: ReplicateServer, fal: FalServer
) -> None:
    """With fal instead, pictures that are there stay, and what Replicate was paid for comes from Replicate."""
    titles = left_pending(blog, replicate, 2)
    (blog.content / "post2.md").rename(blog.content / "post2.txt")
    assert_sound(blog, replicate, blog.build(env=replicate.environment()))
    assert blog.heroes() == {hero_name("Post 1")}
    (blog.content / "post2.txt").rename(blog.content / "post2.md")
    blog.configure(FALHERO_PROVIDER="fal")
    both = fal.environment() | replicate_variables(replicate)
    built = blog.build(env=both)
    assert_sound(blog, replicate, built)
    assert_all_there(blog, titles)
    assert built.tally == "heroes: 1 made, 1 there, $0.00"
    assert (replicate.charges, fal.charges) == (2, 0)


def test_what_another_engine_was_paid_for_waits_for_its_key(
    blog: Blog, replicate: ReplicateServer, fal: FalServer
) -> None:
    """Without its token, a picture that Replicate was paid for stays pending and is told; fal draws the others."""
    left_pending(blog, replicate)
    blog.configure(FALHERO_PROVIDER="fal")
    blog.post("new.md", "New")
    built = blog.build(env=fal.environment())
    assert "Replicate can't be asked for it: there are no credentials for Replicate: set REPLICATE_API" in built.output
    assert "It is paid for; the next build fetches it" in built.output
    assert blog.heroes() == {hero_name("New")}
    assert (replicate.charges, fal.charges) == (1, 1)


def test_briefs_and_descriptions_are_asked_of_fal(blog: Blog, replicate: ReplicateServer, fal: FalServer) -> None:
    """With a language model set, fal writes brief and description, Replicate draws, and the ledger has both bills."""
    titles = write_posts(blog, 1)
    blog.configure(FALHERO_DIRECTOR="google/gemini-2.5-flash", FALHERO_ALT_MODEL="google/gemini-2.5-flash")
    built = blog.build(env=fal.environment() | replicate_variables(replicate))
    assert_sound(blog, replicate, built)
    assert_all_there(blog, titles)
    assert SCENE in replicate.submissions[0].arguments["prompt"]
    assert blog.page("post-1.html")["alt"] == "A fox on a snowy ridge"
    assert {event["provider"] for event in blog.events() if event.get("language_model")} == {"fal"}
    assert spent(blog) == pytest.approx(replicate.cost_usd + fal.cost_usd)


def test_without_fals_key_a_site_with_briefs_buys_nothing(blog: Blog, replicate: ReplicateServer) -> None:
    """Where a brief is wanted and fal has no key, it is told before anything is bought at Replicate."""
    write_posts(blog, 1)
    blog.configure(FALHERO_DIRECTOR="google/gemini-2.5-flash")
    built = blog.build(env=replicate.environment())
    assert "FALHERO_DIRECTOR and FALHERO_ALT_MODEL ask fal: there are no credentials for fal" in built.output
    assert (replicate.requests, blog.events()) == ([], [])


def test_candidates_are_drawn_with_seeds_of_their_own(blog: Blog, replicate: ReplicateServer) -> None:
    """Two candidates are two predictions with two seeds, at Replicate's price."""
    write_posts(blog, 1)
    ran = at_home(blog, replicate.environment()).falhero("generate", "--candidates", "2", "content/post1.md")
    assert (ran.code, replicate.charges, spent(blog)) == (0, 2, 0.05)
    assert len({job.arguments["seed"] for job in replicate.submissions}) == 2


def test_what_only_fal_can_is_refused_before_anything_is_bought(blog: Blog, replicate: ReplicateServer) -> None:
    """A hero is not changed, and not drawn without its LoRA: each is an error that names what asked for it."""
    write_posts(blog, 1)
    blog.post("ink.md", "Ink", Hero_Lora="https://example.org/ink.safetensors")
    here = at_home(blog, replicate.environment())
    drawn = here.falhero("generate")
    assert "ink.md: Hero_Lora can't be used with Replicate; remove it, or have fal draw" in drawn.out + drawn.err
    assert replicate.charges == 1
    changed = here.falhero("refine", "content/post1.md", "Make it winter")
    assert "heroes are changed with fal, but the provider is replicate" in changed.err
    assert replicate.charges == 1


def test_the_command_names_the_engine(blog: Blog, replicate: ReplicateServer) -> None:
    """``--provider replicate`` draws there for once, and ``falhero spend`` says where money went."""
    write_posts(blog, 1)
    blog.configure(FALHERO_PROVIDER="fal", FALHERO_MODEL="schnell")
    here = at_home(blog, replicate.environment())
    assert here.falhero("generate", "--provider", "replicate").code == 0
    assert replicate.submissions[0].endpoint == "black-forest-labs/flux-schnell"
    assert "schnell at Replicate  1 hero" in here.falhero("spend").out
    (row,) = here.falhero("spend", "--json").json["months"]
    assert (row["model"], row["engine"], row["usd"]) == ("schnell", "replicate", 0.003)


def replicate_variables(server: ReplicateServer) -> dict[str, str]:
    """What turns only what is Replicate's to a server."""
    return {name: value for name, value in server.environment().items() if name.startswith("REPLICATE_")}
