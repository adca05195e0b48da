"""Account, key and network: what keeps everything from being made stops a build with one message and few requests."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import fal_faults
import httpx
import pytest
from blog import Blog, Built
from fal_answers import ADMIN_LOCK, EXHAUSTED_BALANCE, TOP_UP, locked
from fal_server import FalServer
from fal_timeouts import shortened
from promises import KEY, assert_all_there, assert_key_kept, assert_sound, names, write_posts
from running import Running

from pelican_falhero.providers.fal.responses import account_error
from pelican_falhero.providers.http.once import AnswerError

POSTS = 2


def the_warning(built: Built) -> str:
    """The one warning of a build."""
    warnings = [line for line in built.output.splitlines() if line.startswith("falhero: ")]
    assert len(warnings) == 1, built.output
    return warnings[0]


LOCKS = {
    EXHAUSTED_BALANCE: "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing",
    ADMIN_LOCK: "User is locked. Reason: Admin lock. Please contact support@fal.ai",
    TOP_UP: "User is locked. Reason: TOP_UP; see https://fal.ai/dashboard/billing",
}


@pytest.mark.parametrize(("reason", "told"), LOCKS.items(), ids=["balance", "admin", "top up"])
def test_a_locked_account_is_told_in_fals_words(reason: str, told: str) -> None:
    """The message of a 403 is fal's own, with the address of the dashboard where fal's words have none."""
    answer = AnswerError(httpx.Response(403, content=locked(reason).body), "fal")
    assert str(account_error(answer)) == f"fal refuses the account (403): {told}"


def test_a_locked_account_stops_the_run(blog: Blog, fal: FalServer) -> None:
    """A 403 is one request and one message, and when the account is open again all is made."""
    titles = write_posts(blog, POSTS)
    fal.locked = EXHAUSTED_BALANCE
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    told = LOCKS[EXHAUSTED_BALANCE]
    assert the_warning(built) == f"falhero: {POSTS} heroes not made: fal refuses the account (403): {told}"
    assert built.tally == f"heroes: 0 there, {POSTS} cards (failed), $0.00"
    assert len(fal.requests) == 1
    fal.locked = None
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == POSTS


HOW_TO_SET_KEY = "set FAL_KEY (https://fal.ai/dashboard/keys) or run `fal auth login`"
NOT_ALLOWED = f"FAL_KEY contains characters that are not allowed in a key; copy it again: {HOW_TO_SET_KEY}"
KEYS = [
    ("other:key", 1, f"fal refuses the account (401): No user found for Key ID and Secret; {HOW_TO_SET_KEY}"),
    ("test-key:sec ret", 0, NOT_ALLOWED),
    (None, 0, f"there are no credentials for fal: {HOW_TO_SET_KEY}"),
    (" \n", 0, f"the credentials for fal contain characters that can't be sent; {HOW_TO_SET_KEY}"),
    pytest.param("test-key:secrét", 0, NOT_ALLOWED, marks=pytest.mark.long),
    pytest.param(
        "no-colon",
        1,
        "fal refuses the account (401): Invalid Key Authorization header format. "
        f"Expected '<key_id>:<key_secret>'; {HOW_TO_SET_KEY}",
        marks=pytest.mark.long,
    ),
]


@pytest.mark.parametrize(("key", "asked", "told"), KEYS)
def test_a_key_that_does_not_work_stops_the_run(
    blog: Blog, fal: FalServer, key: str | None, asked: int, told: str
) -> None:
    """One message says what to do, without the key, and at most one request leaves."""
    write_posts(blog, POSTS)
    blog.configure(FALHERO_PROVIDER="fal")
    built = blog.build(env=fal.environment(key=key))
    assert_sound(blog, fal, built)
    assert the_warning(built) == f"falhero: {POSTS} heroes not made: {told}"
    assert len(fal.requests) == asked
    assert blog.page("post-1.html")["card"] == "True"


def test_a_key_that_was_pasted_with_its_line_end_works(blog: Blog, fal: FalServer) -> None:
    """White space around a key is not part of it."""
    titles = write_posts(blog, 1)
    assert_sound(blog, fal, blog.build(env=fal.environment(key=" test-key:secret\r\n")))
    assert_all_there(blog, titles)
    assert {request.authorization for request in fal.requests_of("submit")} == {"Key test-key:secret"}


def test_a_key_in_two_parts_works(blog: Blog, fal: FalServer) -> None:
    """FAL_KEY_ID and FAL_KEY_SECRET are a key."""
    titles = write_posts(blog, 1)
    parts = {"FAL_KEY_ID": "test-key", "FAL_KEY_SECRET": "secret\n"}
    assert_sound(blog, fal, blog.build(env=fal.environment(key=None) | parts))
    assert_all_there(blog, titles)


def test_a_login_is_sent_and_kept_secret(blog: Blog, fal: FalServer) -> None:
    """What ``fal auth login`` left is used where there is no key, and shown nowhere."""
    write_posts(blog, POSTS)
    claims = base64.urlsafe_b64encode(json.dumps({"exp": int(time.time()) + 86_400}).encode()).decode().rstrip("=")
    token = f"test-key.{claims}.signature"
    environment = fal.environment(key=None)
    (Path(environment["FAL_HOME_DIR"]) / "auth0_token").write_text(f"test-key-refresh\n{token}\n")
    built = blog.build("-D", env=environment)
    assert built.code == 0
    assert_key_kept(blog, fal)
    assert KEY not in built.output.encode()
    assert [request.authorization for request in fal.requests] == [f"Bearer {token}"]


@pytest.mark.parametrize("how", ["unplugged", "silent"])
def test_without_network_a_build_gives_up_in_seconds(blog: Blog, fal: FalServer, how: str) -> None:
    """A fal that can't be reached costs a build no more than the five seconds, or the one, that it tries to connect."""
    posts = 4  # or the build that its time is compared with is too short
    titles = write_posts(blog, posts)
    if how == "unplugged":
        seconds = 5
        fal.unplug()
    else:
        seconds = 1
        blog.configure(shortened(connect=seconds))
        fal.faults.add("connect", fal_faults.stall_handshake())
    began = time.monotonic()
    built = blog.build(env=fal.environment())
    ended = time.monotonic()
    assert_sound(blog, fal, built)
    assert the_warning(built).startswith(f"falhero: {posts} heroes not made: fal can't be reached (")
    assert fal.requests == []
    fal.plug()
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    # On a busy machine Pelican itself takes seconds.
    assert ended - began < seconds + 1 + 2 * (time.monotonic() - ended)
    assert_all_there(blog, titles)
    assert fal.charges == posts


def test_without_network_what_is_paid_for_waits(blog: Blog, fal: FalServer) -> None:
    """A build that can't fetch what another one bought gives up as soon, and leaves it for the next."""
    titles = write_posts(blog, POSTS)
    gate = fal_faults.Gate()
    fal.faults.add("status", fal_faults.hold(gate))
    with Running(blog, env=fal.environment()) as bought:
        # Each hero's job waits for its first answer.
        fal.wait_for("status", POSTS, timeout=60)
        bought.kill()
    fal.faults.clear()
    gate.open()
    blog.configure(shortened(connect=1))
    fal.unplug()
    began = time.monotonic()
    built = blog.build(env=fal.environment())
    assert time.monotonic() - began < 20
    assert the_warning(built).startswith(f"falhero: {POSTS} heroes not made: fal can't be reached (")
    fal.plug()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == POSTS


def test_what_is_in_flight_when_the_account_locks_is_fetched(blog: Blog, fal: FalServer) -> None:
    """When the money at fal ends in the middle of a run, what was paid for is saved and the rest is one message."""
    titles = write_posts(blog, 5)
    fal.balance_usd = 0.07
    fal.latency = 0.5
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert len(blog.heroes() & names(titles)) == 3
    assert built.tally == "heroes: 3 made, 0 there, 2 cards (failed), $0.075"
    assert the_warning(built).startswith("falhero: 2 heroes not made: fal refuses the account (403): User is locked.")
    assert fal.charges == 3


def test_what_was_bought_is_fetched_from_a_locked_account(blog: Blog, fal: FalServer) -> None:
    """A lock keeps fal from taking requests, and not from handing over what was paid for in an earlier build."""
    titles = write_posts(blog, 2)
    fal.faults.add("status", fal_faults.silence())
    with Running(blog, env=fal.environment()) as build:
        # Each hero's job waits for its first answer.
        fal.wait_for("status", 2, timeout=60)
        build.kill()
    fal.faults.clear()
    blog.post("more.md", "More")
    fal.locked = EXHAUSTED_BALANCE
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert blog.heroes() == names(titles)
    assert the_warning(built).startswith("falhero: 1 hero not made: fal refuses the account (403)")


def test_a_network_that_goes_away_in_the_middle_loses_nothing(blog: Blog, fal: FalServer) -> None:
    """When fal can't be reached any more, a build says so once and soon, and the next one fetches what was bought."""
    titles = write_posts(blog, POSTS)
    blog.configure(shortened(connect=1))
    fal.latency = 2
    with Running(blog, env=fal.environment()) as build:
        fal.wait_for("status", POSTS)
        fal.unplug()
        began = time.monotonic()
        cut = build.end()
    assert time.monotonic() - began < 20
    assert_sound(blog, fal, cut)
    assert the_warning(cut).startswith(f"falhero: {POSTS} heroes not made: fal can't be reached (")
    fal.plug()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == POSTS


def test_a_full_queue_is_waited_for(blog: Blog, fal: FalServer) -> None:
    """429 costs nothing but time."""
    titles = write_posts(blog, 2)
    fal.faults.add("submit", fal_faults.too_many_requests(), times=2)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert built.tally == "heroes: 2 made, 0 there, $0.05"
    assert_all_there(blog, titles)


@pytest.mark.parametrize(("on_error", "code", "card"), [("warn", 0, None), ("card", 0, "True"), ("fail", 1, None)])
def test_what_a_failure_does_is_for_the_author_to_say(
    blog: Blog, fal: FalServer, on_error: str, code: int, card: str | None
) -> None:
    """A hero that can't be made is left out, stands as a card, or fails the build once all others are saved."""
    titles = write_posts(blog, 3)
    # One at a time, or another one than the newest may come first.
    blog.configure(FALHERO_ON_ERROR=on_error, FALHERO_CONCURRENCY=1)
    fal.faults.add("submit", fal_faults.content_policy(), nth=1)
    built = blog.build(env=fal.environment())
    assert built.code == code
    assert blog.heroes() == names(titles[:2])
    assert "post3.md: prompt: The content could not be processed" in built.output
    assert built.line("heroes:").startswith("heroes: 2 made,")
    assert [event["event"] for event in blog.events()].count("saved") == 2
    if code:
        assert 'FALHERO_ON_ERROR is "fail": post3.md (refused)' in built.output
        assert not (blog.output / "post-1.html").exists()
    else:
        assert blog.page("post-1.html")["card"] == "False"
        assert blog.page("post-3.html")["card"] == (card or "False")
        assert bool(blog.page("post-3.html")["url"]) == bool(card)


DEBUG, FATAL, FAIL = ["-D"], ["-D", "--fatal", "errors"], ["-D", "-e", 'FALHERO_ON_ERROR="fail"']


@pytest.mark.parametrize(
    ("trouble", "options"),
    [
        ("none", DEBUG),
        ("refused", FATAL),
        ("refused", FAIL),
        ("unforeseen", FATAL),
        *(pytest.param("none", options, marks=pytest.mark.long) for options in (FATAL, FAIL)),
        *(pytest.param(trouble, DEBUG, marks=pytest.mark.long) for trouble in ("refused", "unforeseen")),
        pytest.param("unforeseen", FAIL, marks=pytest.mark.long),
    ],
)
def test_the_key_is_shown_nowhere(blog: Blog, fal: FalServer, options: list[str], trouble: str) -> None:
    """Neither debug output, nor the traceback of a failed build, nor an answer that repeats the key, shows it."""
    write_posts(blog, 2)
    if trouble == "refused":
        fal.faults.add("submit", fal_faults.status(403, {"detail": "Key test-key:secret is locked, says secret"}))
    if trouble == "unforeseen":
        fal.faults.add("result", fal_faults.with_values(images=[{"url": "https://user:test-key@localhost:1/a.png"}]))
        blog.configure(FALHERO_TIMEOUT=1)
    built = blog.build(*options, env=fal.environment())
    assert (b"test-key:secret" in built.output.encode(), b"says secret" in built.output.encode()) == (False, False)
    assert_key_kept(blog, fal)
