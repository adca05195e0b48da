"""Whole builds that draw with a server of one's own: sent once, counted, checked, and told."""

from __future__ import annotations

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_exchange import Fault
from fal_timeouts import shortened
from fal_wire import Reply
from killing import Moment, kill_at
from openai_server import PATH, OpenAIServer, answers, has_moved
from promises import (
    assert_all_there,
    assert_key_kept,
    assert_sound,
    assert_two_at_once_buy_once,
    uncertain,
    write_posts,
)
from running import Running
from terminal import at_home

POSTS = 2
PRICE = 0.04


def ledger_usd(blog: Blog) -> float:
    """What the ledger counts, in USD."""
    last = {event["attempt"]: event.get("usd", 0.0) for event in blog.events()}
    return float(round(sum(last.values()), 6))


def make_paid(blog: Blog, server: OpenAIServer) -> None:
    """Have each picture of the server cost something, and the blog know it."""
    server.asks(PRICE)
    blog.configure(FALHERO_PRICES={server.model: PRICE})


def test_ones_own_machine_draws_for_nothing_one_after_the_other(blog: Blog, own_server: OpenAIServer) -> None:
    """Heroes come from the author's server: free, one at a time, in OpenAI's words, and the ledger has no ids."""
    titles = write_posts(blog, POSTS)
    blog.configure(FALHERO_SEED=7)
    own_server.latency = 0.05
    built = blog.build(env=own_server.environment())
    assert_sound(blog, own_server, built)
    assert_all_there(blog, titles)
    assert built.tally == f"heroes: {POSTS} made, 0 there, $0.00"
    assert own_server.peak_in_progress == 1
    for request in own_server.requests_of("submit"):
        assert request.json | {"prompt": ""} == {
            "model": "flux.1-dev",
            "prompt": "",
            "n": 1,
            "size": "256x192",
            "seed": 7,
            "response_format": "b64_json",
        }
        assert request.authorization is None
    assert [event["event"] for event in blog.events()] == ["submitting", "saved"] * POSTS
    assert {event["provider"] for event in blog.events()} == {"openai"}
    assert {event.get("seed") for event in blog.events()} == {None, 7}
    assert not any("request_id" in event for event in blog.events())
    assert "hero" not in blog.build(env=own_server.environment()).output
    assert len(own_server.requests) == POSTS


MOMENTS = [
    Moment("submit", 1, "done"),
    Moment("submit", 2, "half"),
    pytest.param(Moment("connect", 1, "unsent"), marks=pytest.mark.long),
    pytest.param(Moment("submit", 1, "received"), marks=pytest.mark.long),
    pytest.param(Moment("submit", 2, "answered"), marks=pytest.mark.long),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_killed_at_any_moment(blog: Blog, own_server: OpenAIServer, moment: Moment) -> None:
    """Killed with SIGKILL, a build leaves one request at most that is counted, told of, and asked for again."""
    titles = write_posts(blog, POSTS)
    make_paid(blog, own_server)
    kill_at(blog, own_server, moment)
    unknown = len(uncertain(blog))
    built = blog.build(env=own_server.environment())
    assert_sound(blog, own_server, built)
    assert_all_there(blog, titles)
    assert unknown <= 1
    assert bool(unknown) == ("the image server may have charged for that request too" in built.output)
    assert POSTS <= own_server.charges <= POSTS + unknown
    assert own_server.cost_usd <= ledger_usd(blog) == round((POSTS + unknown) * PRICE, 6)


LOST = [
    fal_faults.drop_after(),
    pytest.param(fal_faults.truncate(), marks=pytest.mark.long),
    pytest.param(fal_faults.html(), marks=pytest.mark.long),
    pytest.param(fal_faults.replaced('{"data": []}'), marks=pytest.mark.long),
    fal_faults.replaced('{"data": [{"b64_json": "?"}]}', name="no Base64"),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.name)
def test_a_lost_answer_is_counted_and_told(blog: Blog, own_server: OpenAIServer, fault: Fault) -> None:
    """A picture that does not arrive is not asked for again by the build; its price counts, and both builds say so."""
    write_posts(blog, 1)
    make_paid(blog, own_server)
    own_server.faults.add("submit", fault, nth=1)
    built = blog.build(env=own_server.environment())
    assert_sound(blog, own_server, built)
    assert "It may have been charged, and counts as spent; the next build asks again" in built.output
    assert (len(own_server.requests), len(uncertain(blog)), ledger_usd(blog)) == (1, 1, PRICE)
    built = blog.build(env=own_server.environment())
    assert "the image server may have charged for that request too, so it counts as spent" in built.output
    assert own_server.cost_usd == ledger_usd(blog) == 2 * PRICE


def test_a_picture_that_takes_too_long_is_told_with_the_setting(blog: Blog, own_server: OpenAIServer) -> None:
    """A server that is slower than FALHERO_TIMEOUT is named with it."""
    write_posts(blog, 1)
    blog.configure(FALHERO_TIMEOUT=1)
    own_server.latency = 3
    built = blog.build(env=own_server.environment())
    assert_sound(blog, own_server, built)
    assert f"the server at {own_server.host} has sent no picture within 1 s (FALHERO_TIMEOUT)" in built.output


TROUBLES = [
    (answers(500, "CUDA out of memory"), "failed (500): CUDA out of memory", "The next build tries again"),
    (answers(400, "Your prompt was blocked", "moderation_blocked"), "Your prompt was blocked", "not asked for again"),
    (answers(404, "not found"), "draws nothing there (404): not found; check FALHERO_BASE_URL, which mostly ends", ""),
    pytest.param(answers(402, "No money"), "refuses the key (402): No money", "", marks=pytest.mark.long),
    pytest.param(
        answers(429, "You exceeded your quota", "insufficient_quota"),
        "(429): You exceeded your quota",
        "",
        marks=pytest.mark.long,
    ),
    (has_moved("https://example.org/v1/images/generations"), "answered 307", "It may have been charged"),
]


@pytest.mark.parametrize(("fault", "reason", "remedy"), TROUBLES, ids=lambda value: getattr(value, "name", ""))
def test_a_refusal_is_told_in_the_servers_words(
    blog: Blog, own_server: OpenAIServer, fault: Fault, reason: str, remedy: str
) -> None:
    """What the server says of a request that it does not draw is told, asked once, and costs nothing."""
    write_posts(blog, 1)
    own_server.faults.add("submit", fault)
    built = blog.build(env=own_server.environment())
    assert_sound(blog, own_server, built)
    assert reason in built.output
    assert remedy in built.output
    assert (len(own_server.requests), ledger_usd(blog)) == (1, 0.0)


@pytest.mark.parametrize(
    "fault",
    [answers(503, "Loading model"), pytest.param(answers(429, "Busy", retry_after="1"), marks=pytest.mark.long)],
)
def test_a_server_that_is_busy_is_waited_for(blog: Blog, own_server: OpenAIServer, fault: Fault) -> None:
    """While one's own server loads its model, or is busy, the same request is sent again."""
    titles = write_posts(blog, 1)
    own_server.faults.add("submit", fault, nth=1)
    assert_sound(blog, own_server, blog.build(env=own_server.environment()))
    assert_all_there(blog, titles)
    assert [event["event"] for event in blog.events()] == ["submitting", "saved"]


def _tiny(reply: Reply) -> Reply:
    return Reply.of({"data": [{"b64_json": "iVBORw0KGgo="}]}, reply.status)


def test_a_picture_that_can_not_be_used_is_counted_and_not_bought_again(blog: Blog, own_server: OpenAIServer) -> None:
    """What fails the checks was paid for and can't be fetched again, so only --retry has another one drawn."""
    titles = write_posts(blog, 1)
    make_paid(blog, own_server)
    own_server.faults.add("submit", Fault(name="broken", edit=lambda reply, _exchange: _tiny(reply)), nth=1)
    assert_sound(blog, own_server, blog.build(env=own_server.environment()))
    assert "1 card (refused: falhero plan)" in blog.build(env=own_server.environment()).output
    assert own_server.cost_usd == ledger_usd(blog) == PRICE
    assert at_home(blog, own_server.environment()).falhero("generate", "--retry").code == 0
    assert blog.heroes() == {hero_name(titles[0])}
    assert own_server.cost_usd == ledger_usd(blog) == 2 * PRICE


def test_a_key_is_sent_only_where_it_belongs(blog: Blog, own_server: OpenAIServer) -> None:
    """The key that FALHERO_API_KEY_NAME names goes to the server, not with downloads, and into no file."""
    titles = write_posts(blog, 1)
    blog.configure(FALHERO_API_KEY_NAME="SERVER_KEY")
    own_server.needs_key = own_server.sends_addresses = True
    assert_sound(blog, own_server, blog.build(env=own_server.environment("sk-test-key")))
    assert_all_there(blog, titles)
    assert_key_kept(blog, own_server)
    assert [request.authorization for request in own_server.requests] == ["Bearer sk-test-key", None]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (None, "there is no key for the server at localhost:PORT: set SERVER_KEY, which FALHERO_API_KEY_NAME names"),
        (
            "sk-test-key-old",
            "refuses the key (401): Incorrect API key provided: ***; set SERVER_KEY, which FALHERO_API",
        ),
        ("sk test-key", "SERVER_KEY contains characters that are not allowed in a key"),
    ],
)
def test_without_a_key_that_holds_nothing_is_drawn(
    blog: Blog, own_server: OpenAIServer, key: str | None, told: str
) -> None:
    """A missing, wrong or malformed key is told with the variable's name, and is never repeated."""
    write_posts(blog, POSTS)
    blog.configure(FALHERO_API_KEY_NAME="SERVER_KEY")
    own_server.needs_key = True
    built = blog.build(env=own_server.environment(key))
    assert_sound(blog, own_server, built)
    assert told.replace("localhost:PORT", own_server.host) in built.output
    assert own_server.charges == 0


@pytest.mark.parametrize("sends_addresses", [False, True])
def test_a_proxy_sees_nothing_of_ones_own_machine(blog: Blog, own_server: OpenAIServer, sends_addresses: bool) -> None:
    """What goes over plain http is not sent through a proxy, which would read prompts and keys."""
    titles = write_posts(blog, 1)
    own_server.sends_addresses = sends_addresses
    proxies = dict.fromkeys(("http_proxy", "all_proxy"), "http://127.0.0.1:9") | {"no_proxy": "", "NO_PROXY": ""}
    assert_sound(blog, own_server, blog.build(env=own_server.environment() | proxies))
    assert_all_there(blog, titles)


def test_a_server_that_is_not_there_is_told_and_nothing_counts(blog: Blog, own_server: OpenAIServer) -> None:
    """When the server does not run, the build says where it looked, and shows cards."""
    write_posts(blog, POSTS)
    blog.configure(shortened(connect=0.5))
    own_server.unplug()
    built = blog.build(env=own_server.environment())
    own_server.plug()
    assert_sound(blog, own_server, built)
    assert f"{POSTS} heroes not made: the server at {own_server.host} can't be reached" in built.output
    assert (uncertain(blog), ledger_usd(blog)) == ([], 0.0)


def test_two_builds_at_once_draw_each_picture_once(blog: Blog, own_server: OpenAIServer) -> None:
    """Of two builds that start together, one waits for the other and draws nothing."""
    assert_two_at_once_buy_once(blog, own_server, write_posts(blog, POSTS))


def test_ctrl_c_waits_for_the_picture_that_is_being_drawn(blog: Blog, own_server: OpenAIServer) -> None:
    """After Ctrl-C nothing more is sent, and the picture that was asked for is waited for and kept."""
    write_posts(blog, POSTS)
    own_server.latency = 1
    with Running(blog, env=own_server.environment()) as build:
        own_server.wait_for("submit")
        build.interrupt()
        assert "waiting for the image server's answer to 1 request" in build.output
    assert (len(own_server.requests), len(blog.heroes()), uncertain(blog)) == (1, 1, [])


def test_candidates_have_seeds_of_their_own(blog: Blog, own_server: OpenAIServer) -> None:
    """Two candidates are two requests with two seeds."""
    write_posts(blog, 1)
    ran = at_home(blog, own_server.environment()).falhero("generate", "--candidates", "2", "content/post1.md")
    assert ran.code == 0, ran.err
    assert len({request.json["seed"] for request in own_server.requests_of("submit")}) == 2
    assert own_server.submissions[0].endpoint == PATH
