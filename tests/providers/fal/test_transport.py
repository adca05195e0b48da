"""The way to fal, with the real fal_client over TLS: sent once, to fal alone, and never waited for without end."""

from __future__ import annotations

import json
import textwrap
import time
import tomllib
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fal_client.auth
import fal_client.client
import fal_faults
import pytest
from blog import Blog
from fal_exchange import Fault
from fal_server import FalServer
from fal_timeouts import shortened
from packaging.requirements import Requirement
from packaging.version import Version
from promises import uncertain, write_posts

PLAIN = """
    import fal_client, fal_client.client
    fal_client.client.time.sleep = lambda seconds: None
    client = fal_client.SyncClient()
    try:
        client.submit("fal-ai/flux/dev", {"prompt": "A cat"})
        say("taken")
    except Exception as error:
        say(type(error).__name__)
"""
OURS = """
    import time
    from pelican_falhero.errors import HeroError
    from pelican_falhero.providers.base import Deadline
    from pelican_falhero.providers.fal.provider import FalProvider
    from pelican_falhero.planning.request import HeroRequest
    provider = FalProvider()
    request = HeroRequest.of("fal-ai/flux/dev", {"prompt": "A cat"})
    deadline = Deadline(time.monotonic() + SECONDS)
    try:
        request_id = provider.submit(request, deadline)
        say("taken") if SECONDS < 100 else say(provider.wait(request.endpoint, request_id, deadline, print).url)
    except HeroError as error:
        say(type(error).__name__)
"""


def said(blog: Blog, fal: FalServer, program: str, *, seconds: float = 60) -> Any:
    """What a program says, in a process of its own."""
    prelude = f"import json\nSECONDS = {seconds}\ndef say(value): print('said', json.dumps(value))\n"
    output = blog.python(prelude + textwrap.dedent(program), env=fal.environment())
    return json.loads(output.rpartition("said ")[2])


LOST = [
    fal_faults.drop_after(),
    fal_faults.truncate(),
    fal_faults.nginx(502, after_work=True),
    pytest.param(fal_faults.status(409, after_work=True), marks=pytest.mark.long),
    pytest.param(fal_faults.reset(), marks=pytest.mark.long),
    pytest.param(fal_faults.status(408, after_work=True), marks=pytest.mark.long),
    *(pytest.param(fal_faults.nginx(code, after_work=True), marks=pytest.mark.long) for code in (503, 504)),
]


def nameless(fault: Fault) -> Fault:
    """The fault, in an answer whose head does not name the request."""

    def edit(reply: Any, exchange: Any) -> Any:
        changed = fault.edit(reply, exchange) if fault.edit else reply
        headers = {name: value for name, value in changed.headers.items() if name != "x-fal-request-id"}
        return type(changed)(changed.status, headers, changed.body)

    return Fault(name=fault.name, works=fault.works, edit=edit, deliver=fault.deliver)


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.name)
def test_a_submit_is_sent_once(blog: Blog, fal: FalServer, fault: Fault) -> None:
    """Where fal_client by itself pays twice, or ten times, for an order whose answer got lost, ours pays once."""
    rule = fal.faults.add("submit", nameless(fault), times=1)
    assert said(blog, fal, PLAIN) == "taken"
    assert fal.charges == 2
    rule.hits, rule.times = 0, None
    assert said(blog, fal, PLAIN) != "taken"
    assert fal.charges == 2 + 10
    assert said(blog, fal, OURS) == "UncertainError"
    assert fal.charges == 2 + 10 + 1


@pytest.mark.parametrize(
    "fault",
    [
        fal_faults.truncate(),
        fal_faults.stall(1),
        fal_faults.html(),
        fal_faults.without("request_id"),
        fal_faults.without("status_url"),
        fal_faults.infrastructure("runner_disconnected", after_work=True),
        fal_faults.urls_on_foreign_host(),
        fal_faults.urls_over_http(),
    ],
    ids=lambda fault: fault.name,
)
def test_what_fal_named_is_fetched_by_its_id(blog: Blog, fal: FalServer, fault: Fault) -> None:
    """However useless the rest of an answer to a submit is: by the id that it names the picture is fetched."""
    fal.faults.add("submit", fault)
    assert said(blog, fal, OURS, seconds=100).startswith(f"https://{fal.cdn_host}/files/")
    assert fal.charges == len(fal.requests_of("submit")) == 1
    assert not [request for request in fal.requests if request.door == "foreign"]
    assert fal.plaintext_connections == 0


def test_fal_client_itself_would_take_the_key_elsewhere(blog: Blog, fal: FalServer) -> None:
    """fal_client sends the key to whatever address fal's answers name, which is why ours looks at it first."""
    fal.faults.add("submit", fal_faults.urls_on_foreign_host())
    program = PLAIN.replace('{"prompt": "A cat"})', '{"prompt": "A cat"}).status()')
    assert said(blog, fal, program) == "taken"
    assert [request.authorization for request in fal.requests if request.door == "foreign"] == ["Key test-key:secret"]


@pytest.mark.parametrize("stage", ["submit", "result", pytest.param("status", marks=pytest.mark.long)])
def test_redirects_are_not_followed(blog: Blog, fal: FalServer, stage: Any) -> None:
    """No answer of fal's sends the key, or an order, to another address."""
    fal.faults.add(stage, fal_faults.redirect(f"https://{fal.foreign_host}/elsewhere", code=307))
    write_posts(blog, 1)
    blog.configure(FALHERO_TIMEOUT=1)
    assert blog.build(env=fal.environment()).code == 0
    assert not [request for request in fal.requests if request.door == "foreign"]
    assert fal.charges == 1


@pytest.mark.parametrize("stage", ["submit", "status", "download", pytest.param("result", marks=pytest.mark.long)])
def test_an_answer_that_trickles_is_not_waited_for(blog: Blog, fal: FalServer, stage: Any) -> None:
    """An answer that comes byte by byte holds a build no longer than a hero may take."""
    fal.faults.add(stage, fal_faults.trickle(1, 0.1))
    write_posts(blog, 2)
    blog.configure(FALHERO_TIMEOUT=1)
    began = time.monotonic()
    assert blog.build(env=fal.environment()).code == 0
    assert time.monotonic() - began < 9
    assert fal.charges == (1 if stage == "submit" else 2)


def test_without_network_fal_client_warns_and_nothing_breaks(blog: Blog, fal: FalServer, tmp_path: Path) -> None:
    """Where neither of fal's domains can be reached, both were tried, nothing was sent, and that is what is told."""
    write_posts(blog, 2)
    blog.configure(shortened(connect=1))
    tried = tmp_path / "tried"
    hosts = {"FAL_RUN_HOST": "fal.run", "FAL_QUEUE_RUN_HOST": "queue.fal.run", "NETWORK_ATTEMPTS": str(tried)}
    began = time.monotonic()
    built = blog.build("--fatal", "warnings", env=fal.environment() | hosts)
    assert time.monotonic() - began < 10
    # The last is asked whether REQUESTS_CA_BUNDLE vouches for it.
    assert set(tried.read_text().split()) == {"queue.fal.run", "queue.falrun.com", "v3.fal.media"}
    assert "backup domain" not in built.output
    assert "falhero: 2 heroes not made: fal can't be reached (" in built.output
    assert [event["event"] for event in blog.events()] == ["submitting", "failed"]


def test_names_that_nobody_looks_up_are_not_waited_for(blog: Blog, fal: FalServer) -> None:
    """A network that loses every question about names, as a train's does, costs a build no more than others."""
    write_posts(blog, 2)
    blog.configure(shortened(connect=1))
    code = """
        import socket, sys, time, pelican
        socket.getaddrinfo = lambda *arguments, **more: time.sleep(100)
        pelican.main(["-s", "pelicanconf.py"])
    """
    began = time.monotonic()
    output = blog.python(textwrap.dedent(code), env=fal.environment())
    assert time.monotonic() - began < 12
    assert "there, 2 cards (failed), $0.00" in output


def test_what_can_not_be_sent_is_not_uncertain(blog: Blog, fal: FalServer) -> None:
    """A request of half a character, or one that has no host to go to, has failed and costs nothing."""
    write_posts(blog, 2)
    blog.configure(r'FALHERO_PROMPT = "\ud83d {title}"')
    built = blog.build(env=fal.environment())
    assert "post2.md, post1.md: the request can't be sent (" in built.output
    built = blog.build(env=fal.environment() | {"FAL_QUEUE_RUN_HOST": "https://queue.fal.run"})
    assert (
        "2 heroes not made: FAL_QUEUE_RUN_HOST must be a host such as queue.fal.run, not https://queue.fal.run"
        in built.output
    )
    assert [event["event"] for event in blog.events()][-2:] == ["submitting", "failed"]
    assert uncertain(blog) == []
    assert fal.requests == []


def test_what_it_leans_on_is_there_and_bounded() -> None:
    """The private names of fal_client that are replaced exist in this version, and later ones are not installed."""
    for name in ("_client", "_auth"):
        assert isinstance(vars(fal_client.client.SyncClient)[name], cached_property)
    assert isinstance(fal_client.client.BackupDomainTransport, type)
    assert fal_client.auth.FAL_QUEUE_RUN_HOST
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    (needed,) = (
        requirement for requirement in map(Requirement, project["dependencies"]) if requirement.name == "fal-client"
    )
    installed = Version(version("fal-client"))
    assert installed in needed.specifier
    assert f"{installed.major}.{installed.minor + 1}" not in needed.specifier
