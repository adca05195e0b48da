"""The fault matrix: whatever goes wrong on the way, no picture is paid for twice, and none is published broken.

Every row is a real build against a fal that counts what it charges, and then another build in which all goes well.
Faults that take another way through the package are tried always, and their likes with ``-m long``.
"""

from __future__ import annotations

import re
from collections import Counter

import fal_faults
import pytest
from blog import Blog, Built, hero_name
from fal_exchange import Fault, Stage
from fal_jobs import Outcome
from fal_schemas import ENDPOINTS
from fal_server import FalServer
from fal_timeouts import HURRY
from promises import assert_all_there, assert_sound, names, paid_unknown, uncertain, write_posts

POSTS = 2
PLACES = {"first": 1, "last": POSTS}
LONG = pytest.mark.long

WIRE = [fal_faults.drop_after(), fal_faults.truncate(), fal_faults.silence()]
MORE_WIRE = [
    fal_faults.drop_before(),
    fal_faults.reset(),
    fal_faults.stall(),
    fal_faults.trickle(16, 0.001),
]

ANSWERS = [
    fal_faults.status(400),
    fal_faults.too_many_requests(),
    fal_faults.nginx(503),
    fal_faults.infrastructure("runner_disconnected"),
    fal_faults.redirect("https://localhost:1/"),
    fal_faults.invalid_json(),
    fal_faults.replaced("[]", name="a list"),
]
MORE_ANSWERS = [
    fal_faults.status(408),
    fal_faults.status(409),
    fal_faults.status(418, "<p>A teapot</p>"),
    fal_faults.unhandled(),
    *map(fal_faults.nginx, (502, 504)),
    *map(fal_faults.infrastructure, ("runner_incomplete_response", "internal_error")),
    fal_faults.html(),
    fal_faults.replaced("null", name="null"),
]

LOST = Outcome(
    503,
    {"detail": "Runner disconnected", "error_type": "runner_disconnected"},
    {"x-fal-error-type": "runner_disconnected"},
    error="Runner disconnected",
    error_type="runner_disconnected",
    charged=False,
)

SUBMITS = [
    fal_faults.drop_after(),
    fal_faults.silence(),
    fal_faults.status(400),
    fal_faults.too_many_requests(),
    fal_faults.internal_error(),
    fal_faults.never_completes(),
]
MORE_SUBMITS = [
    fal_faults.truncate(),
    *MORE_WIRE,
    fal_faults.nginx(504, after_work=True),
    fal_faults.replaced("[]", name="a list"),
    fal_faults.unhandled(),
    fal_faults.unhandled(after_work=True),
    fal_faults.status(409, after_work=True),
    fal_faults.nginx(503),
    fal_faults.infrastructure("runner_disconnected", after_work=True),
    fal_faults.redirect("https://localhost:1/"),
    fal_faults.invalid_json(),
    fal_faults.without("status_url", "response_url", "cancel_url"),
    fal_faults.with_values(request_id=None),
    fal_faults.generation_timeout(),
    fal_faults.ends("runner lost", LOST),
]

STATUSES = [
    *WIRE,
    *ANSWERS,
    fal_faults.not_found(),
    fal_faults.unknown_status(),
    fal_faults.without("status"),
    fal_faults.with_values(status="IN_PROGRESS", logs=["odd", {"message": 5}]),
]
MORE_STATUSES = [
    *MORE_WIRE,
    *MORE_ANSWERS,
    fal_faults.without("logs"),
    fal_faults.without("metrics"),
    fal_faults.with_values(logs="text", metrics=None),
    fal_faults.with_values(status="IN_QUEUE", queue_position="soon"),
    fal_faults.urls_on_foreign_host(),
]

RESULTS = [
    *WIRE,
    *ANSWERS,
    fal_faults.not_found(),
    fal_faults.no_images(),
    fal_faults.with_values(images=[None]),
    fal_faults.without("seed", "timings", "prompt", "has_nsfw_concepts"),
    fal_faults.image_over_http(),
    fal_faults.image_on_foreign_host(),
    fal_faults.image_at("file:///etc/passwd"),
]
MORE_RESULTS = [
    *MORE_WIRE,
    *MORE_ANSWERS,
    fal_faults.with_values(images="none"),
    fal_faults.image_without("url"),
    fal_faults.image_without("width", "height", "content_type"),
    fal_faults.with_values(seed="a text", has_nsfw_concepts="no"),
    fal_faults.image_as_data_uri(),
    fal_faults.image_at("https://localhost:1/gone.png"),
    fal_faults.image_at("https://[::1/bad"),
]

DOWNLOADS = [
    *WIRE,
    *map(fal_faults.status, (403, 404, 410, 500)),
    fal_faults.empty(),
    fal_faults.html_as_png(),
    fal_faults.half_file(),
    fal_faults.jpeg_bytes(),
    fal_faults.tiny(),
    fal_faults.decompression_bomb(),
    fal_faults.redirect("http://localhost:1/"),
    fal_faults.redirect_loop(),
    fal_faults.redirect_once(foreign=True),
]
MORE_DOWNLOADS = [
    *MORE_WIRE,
    *map(fal_faults.status, (401, 408, 425, 429, 503)),
    fal_faults.nginx(502),
    fal_faults.content_type("text/html"),
    fal_faults.as_format("webp"),
    fal_faults.decompression_bomb(12_000, 12_000),
    fal_faults.endless(),
    fal_faults.oversized(65),
    fal_faults.redirect("file:///etc/passwd"),
    fal_faults.redirect_to_http(),
    fal_faults.redirect_once(),
]

ROWS: list[tuple[Stage, list[Fault], list[Fault]]] = [
    ("status", STATUSES, MORE_STATUSES),
    ("result", RESULTS, MORE_RESULTS),
    ("download", DOWNLOADS, MORE_DOWNLOADS),
]
AFTER_SUBMIT = [
    *(pytest.param(stage, faults, id=stage) for stage, faults, _ in ROWS),
    *(pytest.param(stage, more, id=f"more {stage}", marks=LONG) for stage, _, more in ROWS),
]
"""What goes wrong with orders that fal has taken: a stage, and faults of which each hero has one."""


def named(value: object) -> str | None:
    """How a row is called."""
    return re.sub(r"\W+", "-", value.name) if isinstance(value, Fault) else None


def build_then_mend(blog: Blog, fal: FalServer, titles: list[str]) -> Built:
    """Build with faults, then without, and hold every promise; the first of the two builds."""
    blog.source = HURRY
    # Cards take a fifth of a second each, and are looked at elsewhere.
    blog.configure(FALHERO_ON_ERROR="warn")
    suffered = blog.build(env=fal.environment())
    blog.source = ""
    assert_sound(blog, fal, suffered)
    unknown = len(uncertain(blog))
    assert fal.charges <= len(titles) + unknown
    assert ("may have been charged" in suffered.output) == (unknown > 0)
    assert bool(names(titles) - blog.heroes()) == bool(suffered.line("falhero: "))
    fal.faults.clear()
    # The old request of "never_completes" is still known to fal, and is waited for.
    for job in fal.submissions:
        job.outcome = job.outcome if job.outcome.ends else Outcome()
    blog.configure(FALHERO_TIMEOUT=30)
    mended = blog.build(env=fal.environment())
    assert_sound(blog, fal, mended)
    assert_all_there(blog, titles)
    assert paid_unknown(blog, fal) <= unknown
    assert fal.charges == len(titles) + paid_unknown(blog, fal)
    return suffered


def one_post_for_each(blog: Blog, faults: list[Fault], patch: pytest.MonkeyPatch) -> dict[str, Fault]:
    """Posts that are each drawn by an endpoint of their own; endpoint to the fault it is to suffer."""
    endpoints = {f"faulty/number-{number:02d}": fault for number, fault in enumerate(faults, start=1)}
    for number, endpoint in enumerate(endpoints, start=1):
        patch.setitem(ENDPOINTS, endpoint, ENDPOINTS["fal-ai/flux/dev"])
        blog.post(f"post{number}.md", f"Post {number}", Hero_Model=endpoint)
    blog.configure(FALHERO_PRICES=dict.fromkeys(endpoints, 0.01), FALHERO_CONCURRENCY=64)
    return endpoints


NO_CONNECTION = [
    (fal_faults.refuse(), "last"),
    (fal_faults.reset_handshake(), "every"),
    (fal_faults.stall_handshake(), "first"),
]
MORE_CONNECTIONS = [
    (fal_faults.refuse(), "first"),
    (fal_faults.refuse(), "every"),
    (fal_faults.reset_handshake(), "first"),
    (fal_faults.reset_handshake(), "last"),
    (fal_faults.stall_handshake(), "last"),
    (fal_faults.stall_handshake(), "every"),
]


@pytest.mark.parametrize(
    ("fault", "place"),
    [*NO_CONNECTION, *(pytest.param(*row, marks=LONG) for row in MORE_CONNECTIONS)],
    ids=named,
)
def test_no_connection(blog: Blog, fal: FalServer, fault: Fault, place: str) -> None:
    """A connection that never comes about, to fal or to its files, costs nothing and loses nothing."""
    titles = write_posts(blog, POSTS)
    blog.configure(FALHERO_CONCURRENCY=1, FALHERO_TIMEOUT=6)
    # One to the queue and one to the files, both kept alive.
    rule = fal.faults.add("connect", fault, nth={"first": 1, "last": 2}.get(place))
    build_then_mend(blog, fal, titles)
    assert rule.hits >= 1


@pytest.mark.parametrize("fault", [*SUBMITS, *(pytest.param(fault, marks=LONG) for fault in MORE_SUBMITS)], ids=named)
def test_every_submit_fails(blog: Blog, fal: FalServer, fault: Fault) -> None:
    """Whatever fal answers to every order, no hero is ordered again while it is not known that nothing was bought."""
    titles = write_posts(blog, POSTS)
    blog.configure(FALHERO_TIMEOUT=1)
    fal.faults.add("submit", fault)
    build_then_mend(blog, fal, titles)


ONE_FAULT: list[tuple[Stage, Fault, str]] = [
    ("submit", fal_faults.drop_after(), "first"),
    ("submit", fal_faults.drop_after(), "last"),
    ("submit", fal_faults.too_many_requests(), "first"),
    ("download", fal_faults.half_file(), "last"),
]
MORE_ONE_FAULT: list[tuple[Stage, Fault, str]] = [
    ("submit", fal_faults.silence(), "first"),
    ("submit", fal_faults.nginx(503, after_work=True), "first"),
    ("status", fal_faults.not_found(), "first"),
    ("status", fal_faults.silence(), "first"),
    ("result", fal_faults.infrastructure("runner_disconnected"), "first"),
    ("download", fal_faults.stall(), "first"),
    ("download", fal_faults.half_file(), "first"),
]


@pytest.mark.parametrize(
    ("stage", "fault", "place"), [*ONE_FAULT, *(pytest.param(*row, marks=LONG) for row in MORE_ONE_FAULT)], ids=named
)
def test_one_request_fails(blog: Blog, fal: FalServer, stage: Stage, fault: Fault, place: str) -> None:
    """A fault of only the first or only the last request of a build costs nothing, and at most that hero is late."""
    titles = write_posts(blog, POSTS)
    blog.configure(FALHERO_TIMEOUT=2.5)
    rule = fal.faults.add(stage, fault, nth=PLACES[place])
    build_then_mend(blog, fal, titles)
    assert rule.hits == 1
    assert fal.charges - POSTS <= (stage == "submit")


@pytest.mark.parametrize(("stage", "faults"), AFTER_SUBMIT)
def test_every_request_of_a_hero_fails(
    blog: Blog, fal: FalServer, stage: Stage, faults: list[Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heroes that suffer one fault each, at every request of a stage, are each paid for once and fetched in the end."""
    suffering = one_post_for_each(blog, faults, monkeypatch)
    for endpoint, fault in suffering.items():
        fal.faults.add(stage, fault, endpoint=endpoint)
    blog.configure(FALHERO_TIMEOUT=1.5)
    build_then_mend(blog, fal, [f"Post {number}" for number in range(1, len(faults) + 1)])
    paid = Counter(job.endpoint for job in fal.submissions if job.charged)
    assert {fault.name: paid[endpoint] for endpoint, fault in suffering.items() if paid[endpoint] != 1} == {}


@pytest.mark.parametrize(("stage", "faults"), AFTER_SUBMIT)
def test_a_request_of_a_hero_fails_once(
    blog: Blog, fal: FalServer, stage: Stage, faults: list[Fault], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heroes that suffer one fault each, once, are all made in the same build; each is paid for once."""
    # What hangs is broken off in its time, and what was never there is given up in its; both are long.
    brief = [fault for fault in faults if fault.name not in ("silence", "stall", "image_at")]
    suffering = one_post_for_each(blog, brief, monkeypatch)
    for endpoint, fault in suffering.items():
        fal.faults.add(stage, fault, endpoint=endpoint, times=1)
    # Far more than it takes, but for a machine that is very busy.
    blog.configure(FALHERO_TIMEOUT=90, FALHERO_ON_ERROR="warn")
    built = blog.build(env=fal.environment(), timeout=120)
    assert_sound(blog, fal, built)
    heroes = blog.heroes()
    assert [fault.name for number, fault in enumerate(brief, 1) if hero_name(f"Post {number}") not in heroes] == []
    assert fal.charges == len(brief)


def test_a_download_without_end_is_cut_off(blog: Blog, fal: FalServer) -> None:
    """No more than 64 MiB are read of what claims to be a picture, announced or not, and the real one is fetched."""
    titles = write_posts(blog, 2)
    fal.faults.add("download", fal_faults.endless(), nth=1)
    fal.faults.add("download", fal_faults.oversized(100), nth=2)
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.bytes_sent < 80 * 2**20
    assert fal.charges == 2
