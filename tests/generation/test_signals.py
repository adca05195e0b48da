"""Ctrl-C and SIGTERM: a run waits for open submits, sends nothing more, and exits with the signal's code."""

from __future__ import annotations

import signal
import textwrap
import time
from collections.abc import Callable

import fal_faults
import pytest
from blog import Blog
from fal_server import FalServer
from filelock import FileLock
from promises import assert_all_there, assert_sound, assert_whole, paid_unknown, uncertain, write_posts
from running import Running

from pelican_falhero.generation import interrupts
from pelican_falhero.generation.interrupts import StopSignals

POSTS = 4
OPEN = 2
WAITING = f"waiting for fal's answer to {OPEN} requests"


def slow_submits(blog: Blog, fal: FalServer) -> tuple[list[str], fal_faults.Gate]:
    """Posts whose requests, but for the first, fal takes at once and answers when a gate opens; their titles."""
    titles, gate = write_posts(blog, POSTS), fal_faults.Gate()
    blog.configure(FALHERO_CONCURRENCY=OPEN)
    fal.faults.add("submit", fal_faults.hold(gate, after_work=True), nth=range(2, POSTS + 1))
    return titles, gate


@pytest.mark.parametrize(
    ("number", "said", "code"), [(signal.SIGINT, "interrupted", 130), (signal.SIGTERM, "terminated", 143)]
)
def test_requests_on_their_way_are_waited_for(
    blog: Blog, fal: FalServer, number: signal.Signals, said: str, code: int
) -> None:
    """A signal sends nothing more, says so at once, and leaves when all ids are known; nothing is paid twice."""
    titles, gate = slow_submits(blog, fal)
    with Running(blog, env=fal.environment(), fresh=number == signal.SIGINT) as build:
        fal.wait_for("submit", 1 + OPEN)
        build.send(number)
        build.wait_until(lambda: f"heroes: {said}: {WAITING}" in build.output)
        gate.open()
        ended = build.end()
    assert ended.code == code, ended.output
    assert f"heroes: {said}; the site is not built. What was bought is in the ledger" in ended.output
    assert len(fal.requests_of("submit")) == fal.charges == 1 + OPEN
    assert (uncertain(blog), paid_unknown(blog, fal)) == ([], 0)
    assert_sound(blog, fal)
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == POSTS


def test_a_signal_that_is_handled_slowly_ends_a_build(blog: Blog, fal: FalServer) -> None:
    """On a busy machine the handler may take longer than what is left of a wait for results."""
    write_posts(blog, 1)
    fal.faults.add("submit", fal_faults.never_completes())
    blog.command()
    code = """
        import time
        import pelican
        from pelican_falhero.generation.interrupts import StopSignals
        handle = StopSignals._handle
        StopSignals._handle = lambda *arguments: (time.sleep(0.3), handle(*arguments))
        pelican.main(["-s", "pelicanconf.py"])
    """
    with Running(blog, env=fal.environment(), code=textwrap.dedent(code)) as build:
        fal.wait_for("status")
        assert build.interrupt() < 4
        assert build.end().code == 130


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("command", signal.SIGTERM, 143),
        ("script", signal.SIGINT, 130),
        pytest.param("command", signal.SIGINT, 130, marks=pytest.mark.long),
        pytest.param("script", signal.SIGTERM, 143, marks=pytest.mark.long),
    ],
)
def test_the_commands_wait_as_well(blog: Blog, fal: FalServer, kind: str, number: signal.Signals, code: int) -> None:
    """``falhero generate`` and the script for single posts wait for what they sent, and exit with 130 or 143."""
    (title,) = write_posts(blog, 1)
    gate = fal_faults.Gate()
    fal.faults.add("submit", fal_faults.hold(gate, after_work=True))
    blog.command()
    script = "import sys; from pelican_falhero.cli.single import main; sys.exit(main(['content/post1.md']))"
    run = (
        Running(blog, "generate", env=fal.environment(), module="pelican_falhero")
        if kind == "command"
        else Running(blog, env=fal.environment(), code=script)
    )
    with run as command:
        fal.wait_for("submit")
        command.send(number)
        command.wait_until(lambda: "waiting for fal's answer to 1 request" in command.output)
        gate.open()
        ended = command.end()
    assert ended.code == code, ended.output
    assert "the next run fetches it" in ended.output
    assert "Traceback" not in ended.output
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, [title])
    assert fal.charges == 1


def test_a_second_ctrl_c_leaves_at_once(blog: Blog, fal: FalServer) -> None:
    """Requests that fal does not answer are left at the second Ctrl-C, and what they may have cost is said."""
    slow_submits(blog, fal)
    with Running(blog, env=fal.environment()) as build:
        fal.wait_for("submit", 1 + OPEN)
        build.send(signal.SIGINT)
        build.wait_until(lambda: "press Ctrl-C again to stop at once" in build.output)
        assert build.interrupt() < 1.5
        ended = build.end()
    assert ended.code == 130
    assert f"{OPEN} requests without an answer: fal may charge for this, so it counts as spent" in ended.output
    assert len(uncertain(blog)) == OPEN
    assert_whole(blog)


@pytest.mark.parametrize("seconds", [1, pytest.param(8, marks=pytest.mark.long)])
def test_sigterm_waits_for_eight_seconds_at_most(blog: Blog, fal: FalServer, seconds: int) -> None:
    """A process that is asked to end does so before its sender kills it, even when the signal comes twice."""
    assert interrupts.TERMINATE_SECONDS == 8
    if seconds < 8:
        modules = "from pelican_falhero.generation import interrupts, lock"
        blog.configure(f"{modules}\ninterrupts.TERMINATE_SECONDS = lock.TERMINATE_SECONDS = {seconds}")
    slow_submits(blog, fal)
    with Running(blog, env=fal.environment()) as build:
        fal.wait_for("submit", 1 + OPEN)
        began = time.monotonic()
        build.send(signal.SIGTERM)
        build.wait_until(lambda: f"{seconds} s at most" in build.output)
        build.send(signal.SIGTERM)
        assert build.end().code == 143
        assert seconds - 0.5 < time.monotonic() - began < seconds + 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_wait_for_the_lock_ends_at_once(blog: Blog, fal: FalServer, number: signal.Signals, code: int) -> None:
    """A build that waits for another one has nothing on its way, and leaves with the signal's exit code."""
    write_posts(blog, 1)
    blog.ledger.parent.mkdir()
    with (
        FileLock(blog.ledger.with_name("lock")),
        Running(blog, env=fal.environment()) as build,
    ):
        build.wait_until(lambda: "waiting for it" in build.output)
        assert build.interrupt(number) < 1.5
        assert build.end().code == code
    assert fal.requests == []


IN_A_PROCESS_THAT_LIVES_ON = """
    import signal, time
    from filelock import FileLock, Timeout
    from pelican_falhero import BlogImageGenerator

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        BlogImageGenerator("content").generate_hero("Winter hikes")
    except KeyboardInterrupt:
        print("left", flush=True)
    assert before == (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM))
    try:
        FileLock("content/.falhero/lock").acquire(timeout=0)
    except Timeout:
        print("still locked", flush=True)
    with FileLock("content/.falhero/lock", timeout=10):
        lines = open("content/.falhero/ledger.jsonl").read().splitlines()
        print("free after", len(lines), "lines", flush=True)
"""


def test_the_lock_is_kept_while_a_worker_sends(blog: Blog, fal: FalServer) -> None:
    """After a second Ctrl-C in a process that lives on, the lock is free when the last worker has written its line."""
    gate = fal_faults.Gate()
    fal.faults.add("submit", fal_faults.hold(gate, after_work=True))
    with Running(blog, env=fal.environment(), code=textwrap.dedent(IN_A_PROCESS_THAT_LIVES_ON)) as process:
        fal.wait_for("submit")
        process.send(signal.SIGINT)
        process.wait_until(lambda: "Ctrl-C again" in process.output)
        process.send(signal.SIGINT)
        process.wait_until(lambda: "still locked" in process.output)
        gate.open()
        ended = process.end()
    assert ended.code == 0, ended.output
    assert [line for line in ended.output.splitlines() if "request" not in line] == [
        "left",
        "still locked",
        "free after 2 lines",
    ]
    assert blog.events()[-1]["event"] == "submitted"


def test_in_another_thread_no_handler_is_installed(blog: Blog, fal: FalServer) -> None:
    """A server that draws heroes in a thread of its own keeps its handlers."""
    code = """
        import signal, threading
        from pelican_falhero import BlogImageGenerator

        seen = []
        signal.signal(signal.SIGTERM, lambda number, frame: seen.append(number))
        hero = threading.Thread(target=BlogImageGenerator("content").generate_hero, args=["Winter hikes"])
        hero.start()
        hero.join()
        assert seen == [signal.SIGTERM], seen
    """
    fal.faults.add("submit", fal_faults.delay(0.5))
    with Running(blog, env=fal.environment(), code=textwrap.dedent(code)) as process:
        fal.wait_for("submit")
        process.send(signal.SIGTERM)
        ended = process.end()
    assert ended.code == 0, ended.output
    assert fal.charges == len(blog.heroes()) == 1


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN, lambda *_: None])
def test_handlers_are_put_back(handler: Callable[..., None] | signal.Handlers) -> None:
    """What handled a signal before a run handles it afterwards, and what ignored it ignores it all along."""
    before = signal.signal(signal.SIGTERM, handler)
    try:
        with StopSignals().installed():
            assert (signal.getsignal(signal.SIGTERM) is handler) == (handler == signal.SIG_IGN)
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)
