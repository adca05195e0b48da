"""What --verbose and FALHERO_DEBUG=1 show: requests and tracebacks on standard error, and never the key."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys

import fal_faults
import processes
import pytest
from blog import Blog
from fal_server import FalServer
from processes import Process
from promises import write_posts
from terminal import SCRIPT

from pelican_falhero import debug

KEY = "test-key-0123456789:secret-0123456789"
BROKEN = """
import pelican_falhero.generation.job

def register():
    pelican_falhero.generation.job.make_master = lambda file, endpoint: {}["colour"]
"""


def run(blog: Blog, fal: FalServer, *command: str, **env: str) -> tuple[int, str, str]:
    """The exit code, output and errors of a command in a blog's folder."""
    blog.command()
    fal.valid_keys = {KEY}
    done = processes.run(command, folder=blog.root, env=blog.environment({**fal.environment(KEY), **env}))
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "secret-0123456789" not in out + err
    assert "Authorization" not in out + err
    return done.returncode, out, err


def falhero(blog: Blog, fal: FalServer, *arguments: str) -> tuple[int, str, str]:
    """What ``falhero`` does."""
    return run(blog, fal, sys.executable, "-m", "pelican_falhero", *arguments)


def test_verbose_shows_each_request(blog: Blog, fal: FalServer) -> None:
    """Method, address, status, seconds and fal's id of each request, the arguments of a submit; on standard error."""
    write_posts(blog, 1)
    fal.faults.add("status", fal_faults.status(503), nth=1)
    code, out, err = falhero(blog, fal, "generate", "--verbose", "--json")
    assert code == 0
    json.loads(out)
    lines = [line for line in err.splitlines() if line.startswith("falhero: ")]
    (submit,) = (line for line in lines if line.startswith("falhero: POST "))
    assert submit.startswith(f"falhero: POST https://{fal.host}/fal-ai/flux/dev: 200, 0.")
    (request_id,) = {request.request_id for request in fal.requests_of("submit", "status") if request.request_id}
    assert f" s, request {request_id}, {{" in submit
    assert '"prompt":"Post 1.' in submit.replace('": "', '":"')
    assert any(f"/{request_id}/status: 503, 0." in line for line in lines)
    assert lines[-1].startswith(f"falhero: GET https://{fal.cdn_host}/files/")
    assert len(lines) == len(fal.requests)


def test_nothing_is_shown_otherwise(blog: Blog, fal: FalServer) -> None:
    """Without the option and the variable standard error has one note."""
    write_posts(blog, 1)
    assert falhero(blog, fal, "generate")[2] == "drawing 1 hero\n"


@pytest.mark.parametrize("way", ["build", "command", "script"])
def test_an_unexpected_error_keeps_its_traceback(blog: Blog, fal: FalServer, way: str) -> None:
    """The message says how to see where it comes from, and that way shows it, and what was paid for stays pending."""
    (blog.root / "broken.py").write_text(BROKEN)
    blog.configure(PLUGINS=["pelican_falhero", "broken"], PLUGIN_PATHS=["."])
    write_posts(blog, 1)
    commands = {
        "build": blog.command(),
        "command": [sys.executable, "-m", "pelican_falhero", "generate"],
        "script": [sys.executable, str(SCRIPT), "content/post1.md"],
    }
    _, out, err = run(blog, fal, *commands[way])
    assert "unexpected error: KeyError: 'colour' (FALHERO_DEBUG=1 shows more)" in out + err
    assert "Traceback" not in out + err
    more = {"FALHERO_DEBUG": "1"} if way == "build" else {}
    option = [] if way == "build" else ["--verbose"]
    _, out, err = run(blog, fal, *commands[way], *option, **more)
    assert "in _save\n" in err
    assert "\nKeyError: 'colour'\n" in err
    assert "FALHERO_DEBUG" not in out + err
    assert fal.charges == 1


def test_a_build_shows_requests_that_fail(blog: Blog, fal: FalServer) -> None:
    """A connection that breaks, and an answer that repeats the key, are shown without it."""
    write_posts(blog, 2)
    blog.configure(FALHERO_CONCURRENCY=1)
    fal.faults.add("submit", fal_faults.replaced(f'{{"detail": "bad key {KEY}"}}', name="echo"), nth=1)
    fal.faults.add("submit", fal_faults.drop_after(), nth=2)
    _, out, err = run(blog, fal, *blog.command(), FALHERO_DEBUG="1")
    assert "/fal-ai/flux/dev: no answer, 0." in err, out


def test_a_bar_on_the_terminal_leaves_standard_error_alone(blog: Blog, fal: FalServer) -> None:
    """While rich shows progress on standard output, a build's requests still go to the file behind standard error."""
    write_posts(blog, 1)
    fal.valid_keys = {KEY}
    ours, its = pty.openpty()
    log = blog.root / "debug.log"
    with log.open("wb") as file:
        env = blog.environment({**fal.environment(KEY), "FALHERO_DEBUG": "1", "TERM": "xterm"})
        with os.fdopen(its, "r+b", buffering=0) as end:
            process = Process(blog.command(), folder=blog.root, env=env, streams=(end, end, file))
        with process:
            with contextlib.suppress(OSError):
                while os.read(ours, 4096):
                    pass
            assert process.wait(60) == 0
    os.close(ours)
    assert log.read_text().count("falhero: ") == len(fal.requests)
    assert "POST https://" in log.read_text()


def shown(text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What is shown of a text."""
    monkeypatch.setenv("FALHERO_DEBUG", "1")
    debug.show(text)
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key id:my-secret-key", "key ***"),
        ("half my-secret-key", "half ***"),
        ("{'Authorization': 'Key other:0123456789abcdef'}", "{'Authorization': 'Key ***"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "Bearer ***"),
        ("Key West\x1b[31m", "Key West\\x1b[31m"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_secrets_and_control_characters_are_taken_out(
    text: str, expected: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key, its halves, credentials in a header and what would steer a terminal are not shown."""
    monkeypatch.setenv("FAL_KEY", "id:my-secret-key")
    assert shown(text, capsys, monkeypatch) == f"falhero: {expected}\n"


def test_pictures_and_queries_are_cut(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An image that is sent along, a token in an address and a password in one are not shown."""
    monkeypatch.setenv("FALHERO_DEBUG", "1")
    body = {"prompt": "A cat", "image": "data:image/png;base64,AAAA", "path": "https://a.example/x?token=abc", "n": 1}
    with debug.shown_request("POST", "https://me:word@b.example/run?sig=abc", json.dumps(body).encode()) as answer:
        answer.status = 200
    line = capsys.readouterr().err
    assert line.startswith("falhero: POST https://b.example/run: 200, 0.0")
    kept = json.loads(line[line.index("{") :])
    assert kept == body | {"image": "data:image/png;base64,…", "path": "https://a.example/x?…"}


def test_a_closed_standard_error_ends_nothing() -> None:
    """What can't be shown is lost, and the request goes on."""
    code = """import os, sys; from pelican_falhero.debug import show
os.close(2); show('x'); sys.stderr = None; show('x')"""
    environment = {**os.environ, "FALHERO_DEBUG": "1"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
