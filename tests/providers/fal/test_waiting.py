"""Waiting for a request: when it is looked at, whose word counts, and what is learned from the answers."""

from __future__ import annotations

import datetime
import itertools
import json
import textwrap
from typing import Any

import fal_faults
import httpx
import pytest
from blog import Blog
from fal_exchange import Fault, Stage
from fal_server import FalServer
from fal_timeouts import shortened

from pelican_falhero.providers.base import backoff
from pelican_falhero.providers.fal.responses import picture_of

PROGRAM = """
    import json, time
    from pelican_falhero.errors import HeroError
    from pelican_falhero.planning.request import HeroRequest
    from pelican_falhero.providers.base import Deadline
    from pelican_falhero.providers.fal.provider import FalProvider

    request = HeroRequest.of("fal-ai/flux/dev", {"prompt": "A cat"})
    provider = FalProvider()
    before = provider.server_time()
    request_id = provider.submit(request, Deadline(time.monotonic() + 30))
    # A request that this process has not sent is one of an earlier build.
    waiting = FalProvider() if RESUMED else provider
    try:
        drawn = waiting.wait(request.endpoint, request_id, Deadline(time.monotonic() + SECONDS), lambda status: None)
        said = {"url": drawn.url, "units": drawn.units}
    except HeroError as error:
        said = {"error": type(error).__name__, "text": str(error), "lost": error.lost}
    told = waiting.server_time()
    print(json.dumps(said | {"before": before, "time": told and told.isoformat()}))
"""


def waited(blog: Blog, fal: FalServer, *, resumed: bool = True, seconds: float = 20.0, **timeouts: float) -> Any:
    """What a provider says of one request, in a process of its own."""
    times = {"unknown_request": 0.4, "unavailable": 0.2} | timeouts
    prelude = f"{shortened(**times)}\nRESUMED, SECONDS = {resumed}, {seconds}\n"
    return json.loads(blog.python(prelude + textwrap.dedent(PROGRAM), env=fal.environment()))


OUT_OF_REACH: list[tuple[Stage, Fault]] = [
    ("status", fal_faults.nginx(404)),
    ("status", fal_faults.nginx(502)),
    ("status", fal_faults.infrastructure("runner_disconnected")),
    ("status", fal_faults.drop_after()),
    ("result", fal_faults.nginx(404)),
    ("result", fal_faults.nginx(422)),
    ("result", fal_faults.infrastructure("runner_disconnected")),
    ("result", fal_faults.too_many_requests()),
    ("result", fal_faults.replaced("{}")),
    ("result", fal_faults.replaced("null")),
]


@pytest.mark.parametrize(
    ("stage", "fault"), OUT_OF_REACH, ids=[f"{stage} {fault.name}" for stage, fault in OUT_OF_REACH]
)
def test_what_is_not_fals_word_is_out_of_reach(blog: Blog, fal: FalServer, stage: Stage, fault: Fault) -> None:
    """Proxies, outages and empty answers keep a picture from us; they never say that it is lost."""
    fal.faults.add(stage, fault)
    said = waited(blog, fal)
    assert (said["error"], said["lost"]) == ("OutOfReachError", False)


@pytest.mark.parametrize(
    ("stage", "body"), [("status", {"status": "NOT_FOUND"}), ("result", {"detail": "Request not found"})]
)
def test_fals_own_404_is_believed_when_it_stays(blog: Blog, fal: FalServer, stage: Stage, body: Any) -> None:
    """A request is forgotten when fal's JSON has said so for a while."""
    fal.faults.add(stage, fal_faults.status(404, body))
    said = waited(blog, fal)
    assert (said["error"], said["lost"]) == ("OutOfReachError", True)
    first, *_, last = fal.requests_of("status")
    assert last.at - first.at >= 0.35


def test_fals_own_404_is_not_believed_of_a_new_request(blog: Blog, fal: FalServer) -> None:
    """What was only just taken may not be known everywhere at once."""
    fal.faults.add("status", fal_faults.not_found())
    assert waited(blog, fal, resumed=False, seconds=0.8)["error"] == "DeadlineError"


def test_fals_own_404_is_not_believed_when_it_changes(blog: Blog, fal: FalServer) -> None:
    """Any other answer in between starts the time anew."""
    fal.faults.add("status", fal_faults.not_found(), nth=range(1, 100, 3))
    fal.faults.add("status", fal_faults.not_found(), nth=range(2, 100, 3))
    fal.faults.add("status", fal_faults.nginx(503), nth=range(3, 100, 3))
    assert waited(blog, fal, seconds=1, unavailable=60)["error"] == "DeadlineError"


def test_a_new_request_outlasts_an_outage(blog: Blog, fal: FalServer) -> None:
    """While a hero has time, an outage in the middle of its drawing is waited for."""
    fal.faults.add("status", fal_faults.nginx(502), times=5)
    said = waited(blog, fal, resumed=False)
    assert said["url"].startswith(f"https://{fal.cdn_host}/files/")


@pytest.mark.parametrize(
    ("fault", "error"), [(fal_faults.internal_error(), "JobError"), (fal_faults.content_policy(), "RefusedError")]
)
def test_a_job_that_failed_is_told_at_once(blog: Blog, fal: FalServer, fault: Fault, error: str) -> None:
    """Fal's own words about a job need no second look."""
    fal.faults.add("submit", fault)
    assert waited(blog, fal)["error"] == error
    assert len(fal.requests_of("result")) == 1


@pytest.mark.parametrize(
    ("header", "units"), [("2.5", 2.5), ("nan", None), ("inf", None), ("-1", None), ("many", None), ("", None)]
)
def test_what_fal_bills_is_read_where_it_is_a_number(header: str, units: float | None) -> None:
    """The units of x-fal-billable-units come with the picture where they are a number."""
    headers = {"x-fal-billable-units": header} if header else {}
    answer = httpx.Response(200, headers=headers, json={"images": [{"url": "https://localhost/a.png"}]})
    assert picture_of(answer).units == units


def test_what_fal_bills_comes_with_the_picture(blog: Blog, fal: FalServer) -> None:
    """The header of fal's own result arrives with the picture."""
    assert waited(blog, fal)["units"] == 1.0


def test_fals_time_is_that_of_its_last_answer(blog: Blog, fal: FalServer) -> None:
    """Before any answer there is none; then it is the Date header's, in UTC, whatever else the answer was."""
    fal.faults.add("status", fal_faults.nginx(502))
    said = waited(blog, fal)
    assert said["before"] is None
    told = datetime.datetime.fromisoformat(said["time"])
    assert told.utcoffset() == datetime.timedelta(0)
    assert abs(datetime.datetime.now(datetime.UTC) - told) < datetime.timedelta(seconds=30)


def test_a_request_is_looked_at_within_a_tenth_of_its_time(blog: Blog, fal: FalServer) -> None:
    """The pauses begin short and grow with the time that a request takes."""
    fal.latency = 1.0
    assert "url" in waited(blog, fal, poll_shortest=0.05)
    times = [request.at for request in fal.requests_of("status")]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert 10 <= len(pauses) <= 20
    assert min(pauses) > 0.045


@pytest.mark.parametrize(("passed", "pause"), [(0, 0.1), (0.9, 0.1), (5, 0.5), (19, 1.9), (20, 2), (300, 2)])
def test_a_pause_is_a_share_of_the_time_waited(passed: float, pause: float) -> None:
    """A tenth of it, at least a tenth of a second, at most two seconds."""
    assert backoff(passed, share=0.1, shortest=0.1, longest=2.0) == pytest.approx(pause)
