"""The test double of fal, driven by the real fal_client in another process, and by requests."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import socket
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import fal_faults
import processes
import pytest
import requests
from fal_answers import EXHAUSTED_BALANCE
from fal_exchange import Fault
from fal_schemas import ENDPOINTS, Price
from fal_server import FalServer
from PIL import Image
from processes import HERE

DEV = "fal-ai/flux/dev"
EDIT = "fal-ai/flux-2/edit"
CAT = {"prompt": "A cat on a fence", "num_inference_steps": 4, "output_format": "png"}
KEY = {"Authorization": "Key test-key:secret"}


@pytest.fixture
def server() -> Iterator[FalServer]:
    """A fal of one's own."""
    with FalServer() as running:
        yield running


@pytest.fixture
def http(server: FalServer) -> Iterator[requests.Session]:
    """A plain HTTP client that trusts the server, and carries no key of its own."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(server.ca_file)
        yield session


def run_client(server: FalServer, code: str, *, key: str | None = "test-key:secret") -> Any:
    """Run a program with the unmodified fal_client in a process of its own; return what it gave to say()."""
    prelude = """
        import json, fal_client
        client = fal_client.SyncClient()
        def say(value): print(json.dumps(value))
        def error(call, *arguments):
            try: call(*arguments)
            except Exception as error:
                return [getattr(error, "status_code", type(error).__name__), getattr(error, "message", str(error))]
    """
    program = textwrap.dedent(prelude) + textwrap.dedent(code)
    environment = {**os.environ, "PYTHONPATH": str(HERE / "guard"), **server.environment(key)}
    done = processes.run([sys.executable, "-c", program], folder=HERE, env=environment)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def submit(server: FalServer, http: requests.Session, endpoint: str = DEV, **arguments: object) -> requests.Response:
    """Order a picture through the queue."""
    return http.post(f"https://{server.host}/{endpoint}", json={**CAT, **arguments}, headers=KEY, timeout=10)


def result(server: FalServer, http: requests.Session, endpoint: str = DEV, **arguments: object) -> Any:
    """Order a picture and return the result."""
    order = submit(server, http, endpoint, **arguments).json()
    return get(http, order["response_url"]).json()


def get(http: requests.Session, url: str) -> requests.Response:
    """GET with the key."""
    return http.get(url, headers=KEY, timeout=10)


def fetch(http: requests.Session, url: str, **headers: str) -> requests.Response:
    """GET as one gets a picture: without the key."""
    return http.get(url, headers=headers, timeout=10)


def picture_url(server: FalServer, http: requests.Session) -> str:
    """Order a picture and return its address."""
    return str(result(server, http)["images"][0]["url"])


# The real client.


def test_an_order_goes_through_queue_and_progress_to_a_picture(server: FalServer) -> None:
    """fal_client sees every state, tqdm's lines in the logs, and a result in FLUX.1's envelope; one charge."""
    server.queue_polls, server.progress_polls = 2, 1
    seen = run_client(
        server,
        f"""
        handle = client.submit({DEV!r}, {CAT!r})
        states = list(handle.iter_events(with_logs=True, interval=0.01))
        say([[type(s).__name__ for s in states], states[0].position, states[-1].logs, states[-1].metrics, handle.get()])
        """,
    )
    names, position, logs, metrics, answer = seen
    assert names == ["Queued", "Queued", "InProgress", "Completed"]
    assert position == 1
    assert [line["message"][:4] for line in logs] == ["  0%", " 25%", " 50%", " 75%", "100%"]
    assert metrics["inference_time"] >= 0
    assert answer.keys() == {"images", "timings", "seed", "has_nsfw_concepts", "prompt"}
    assert answer["images"][0].keys() == {"url", "width", "height", "content_type"}
    assert answer["seed"] > 2**63
    assert (server.charges, server.cost_usd) == (1, 0.025)
    assert server.submissions[0].arguments == CAT
    assert server.requests_of("status")[0].query["logs"] == ["true"]
    assert {request.authorization for request in server.requests} == {"Key test-key:secret"}


def test_keys_and_locked_accounts_get_the_texts_of_fal(server: FalServer) -> None:
    """A wrong, a malformed and a foreign key are 401, a locked account is 403, and nothing is charged."""
    server.locked = EXHAUSTED_BALANCE
    keys = ["other:secret", "no-colon", "test-key:secret"]
    answers = run_client(
        server, f"say([error(fal_client.SyncClient(key=key).submit, {DEV!r}, {CAT!r}) for key in {keys!r}])"
    )
    assert answers == [
        [401, "No user found for Key ID and Secret"],
        [401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."],
        [403, f"User is locked. Reason: {EXHAUSTED_BALANCE}"],
    ]
    assert server.submissions == []


def test_without_credentials_fal_client_finds_none_on_this_machine(server: FalServer) -> None:
    """The environment for no key hides the keys and the login of whoever runs the tests."""
    assert run_client(server, f"say(error(client.submit, {DEV!r}, {CAT!r})[0])", key=None) == "MissingCredentialsError"
    assert server.requests == []


def test_schnell_refuses_28_steps_with_the_result_and_free_of_charge(server: FalServer) -> None:
    """The queue takes an order that the model refuses: the 422 comes with the result, as it does at fal."""
    schnell, arguments = "fal-ai/flux/schnell", {**CAT, "num_inference_steps": 28}
    status, [detail] = run_client(server, f"say(error(client.subscribe, {schnell!r}, {arguments!r}))")
    assert status == 422
    assert detail["loc"] == ["body", "num_inference_steps"]
    assert detail["type"] == "less_than_equal"
    assert detail["msg"] == "Input should be less than or equal to 12"
    assert (len(server.submissions), server.charges, server.cost_usd) == (1, 0, 0)


def test_fal_client_pays_twice_when_the_first_answer_is_lost(server: FalServer) -> None:
    """The work is done, the answer dropped, the client sends again: two charges for one picture."""
    server.faults.add("submit", fal_faults.drop_after(), nth=1)
    assert run_client(server, f"say(client.subscribe({DEV!r}, {CAT!r}))")["images"]
    assert (server.charges, server.cost_usd) == (2, 0.05)


def test_fal_client_retries_nginx_but_not_fal(server: FalServer) -> None:
    """A 502 of the ingress is sent again without a charge; fal's own JSON 503 and an unhandled 500 are final."""
    server.faults.add("submit", fal_faults.nginx(502), nth=1)
    server.faults.add("submit", fal_faults.infrastructure("runner_disconnected"), nth=3)
    server.faults.add("submit", fal_faults.unhandled(), nth=4)
    answers = run_client(server, f"say([error(client.submit, {DEV!r}, {CAT!r}) for _ in range(3)])")
    assert answers[0] is None
    assert [answer[0] for answer in answers[1:]] == [503, 500]
    assert (len(server.requests), server.charges) == (4, 1)


def test_failed_jobs_end_as_completed_and_raise_at_the_result(server: FalServer) -> None:
    """There is no FAILED: the status carries an error (or not even that), and the result is 500, 422 or 504."""
    server.faults.add("submit", fal_faults.internal_error(), nth=1)
    server.faults.add("submit", fal_faults.content_policy(in_status=False), nth=2)
    server.faults.add("submit", fal_faults.generation_timeout(), nth=3)
    server.faults.add("submit", fal_faults.content_policy(charged=True), nth=4)
    answers = run_client(
        server,
        f"""
        handles = [client.submit({DEV!r}, {CAT!r}) for _ in range(4)]
        say([[handle.status().error_type, *error(handle.get)] for handle in handles])
        """,
    )
    assert [(kind, status) for kind, status, _ in answers] == [
        ("internal_server_error", 500),
        (None, 422),
        ("generation_timeout", 504),
        ("content_policy_violation", 422),
    ]
    assert answers[1][2][0]["loc"] == ["body", "prompt"]
    assert [job.charged for job in server.submissions] == [False, False, False, True]


def test_odd_statuses_make_fal_client_raise(server: FalServer) -> None:
    """An unknown status, missing keys, a web page and NOT_FOUND all arrive at the client as what they are."""
    server.queue_polls = 9
    for nth, fault in enumerate(
        (
            fal_faults.unknown_status(),
            fal_faults.without("queue_position"),
            fal_faults.html(),
            fal_faults.not_found(),
        ),
        start=1,
    ):
        server.faults.add("status", fault, nth=nth)
    answers = run_client(
        server, f"handle = client.submit({DEV!r}, {CAT!r})\nsay([error(handle.status)[0] for _ in range(4)])"
    )
    assert answers == ["ValueError", "KeyError", "JSONDecodeError", 404]


def test_a_job_in_the_queue_can_be_cancelled_free_of_charge(server: FalServer) -> None:
    """Cancelling is 202 while the job waits and 400 once it is over; the client hears a 499 as the result."""
    server.concurrency, server.latency = 1, 60
    answers = run_client(
        server,
        f"""
        first, second = [client.submit({DEV!r}, {CAT!r}) for _ in range(2)]
        say([second.status().position, second.cancel(), error(second.cancel)[0], error(second.get)[0],
             type(first.status()).__name__])
        """,
    )
    assert answers == [0, None, 400, 499, "InProgress"]
    assert [job.charged for job in server.submissions] == [True, False]


def test_the_synchronous_host_answers_with_the_picture(server: FalServer) -> None:
    """run() goes to its own host, waits for the work, and is refused by the model at once."""
    answer, refused = run_client(
        server,
        """
        arguments = {"prompt": "A dog", "image_size": {"width": 320, "height": 200}}
        refused = error(client.run, "fal-ai/flux-2", {"num_inference_steps": 3})
        say([client.run("fal-ai/flux-2", arguments), refused])
        """,
    )
    assert [request.door for request in server.requests_of("run")] == ["run", "run"]
    assert (answer["images"][0]["width"], answer["images"][0]["height"]) == (320, 200)
    assert answer["images"][0]["file_name"].endswith(".png")
    assert refused[0] == 422
    assert [error["type"] for error in refused[1]] == ["missing", "greater_than_equal"]
    assert server.cost_usd == 0.012


# What is charged.


@pytest.mark.parametrize("after_work", [False, True])
@pytest.mark.parametrize("make", [fal_faults.unhandled, fal_faults.too_many_requests, fal_faults.nginx])
def test_an_error_is_charged_only_when_the_work_was_done(
    server: FalServer, http: requests.Session, make: Callable[..., Fault], after_work: bool
) -> None:
    """The same answer can hide an order that was taken and one that was not."""
    server.faults.add("submit", make(after_work=after_work))
    answer = submit(server, http)
    assert answer.status_code in (429, 500, 502)
    assert server.charges == after_work
    assert ("x-fal-request-id" in answer.headers) == (after_work and make is not fal_faults.nginx)


def test_a_price_is_that_of_the_model_the_size_and_the_number(server: FalServer, http: requests.Session) -> None:
    """Megapixels are billed whole, pictures each, and flux-2-pro less for every further megapixel."""
    submit(server, http, num_images=3)
    submit(server, http, "fal-ai/flux-2-pro", image_size={"width": 1920, "height": 1088})
    submit(server, http, "fal-ai/flux-pro/v1.1-ultra", num_images=2)
    submit(server, http, "fal-ai/dwpose", image_url="https://example.com/a.png")
    assert [job.cost_usd for job in server.submissions] == [0.075, 0.045, 0.12, 0]
    assert server.cost_usd == 0.24


def test_an_edit_endpoint_bills_what_it_is_sent_as_well(server: FalServer, http: requests.Session) -> None:
    """Each picture and the result are rounded up to megapixels by themselves; a data URI can be looked at, decoded."""
    data = io.BytesIO()
    Image.new("RGB", (1025, 1024)).save(data, format="PNG")
    url = "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
    assert submit(server, http, EDIT, image_urls=[url, "https://example.com/a.png"], image_size="square").ok
    (job,) = server.submissions
    assert [picture.size for picture in job.sent_pictures] == [(1025, 1024)]
    assert (job.billable_units, job.cost_usd) == (4, 0.048)
    submit(server, http, "fal-ai/flux-2-pro/edit", image_urls=[url], image_size="square_hd")
    # The first megapixel is dearer, once.
    assert (server.submissions[1].billable_units, server.submissions[1].cost_usd) == (3, 0.06)


def test_money_runs_out(server: FalServer, http: requests.Session) -> None:
    """With a balance, the order after the last dollar is refused as fal refuses it."""
    server.balance_usd, server.prices[DEV] = 1.5, Price(1.0)
    assert [submit(server, http).status_code for _ in range(3)] == [200, 200, 403]


def test_the_price_list_speaks_the_platform_api(server: FalServer, http: requests.Session) -> None:
    """Prices are told by endpoint, with repeated or comma-separated ids, to those with a key."""
    url = f"{server.platform_url}/models/pricing?endpoint_id={DEV},fal-ai/flux-2&endpoint_id=fal-ai/flux-pro/v1.1-ultra"
    assert [tuple(price.values())[1:3] for price in get(http, url).json()["prices"]] == [
        (0.025, "megapixels"),
        (0.012, "megapixels"),
        (0.06, "images"),
    ]
    assert fetch(http, url).status_code == 401
    assert get(http, f"{server.platform_url}/models/pricing?endpoint_id=x").json()["error"]["type"] == "not_found"


# What is accepted.


@pytest.mark.parametrize(
    ("endpoint", "arguments", "kinds"),
    [
        (DEV, {"num_inference_steps": "four"}, ["int_parsing"]),
        (DEV, {"num_inference_steps": 4.5}, ["int_from_float"]),
        (DEV, {"image_size": "huge"}, ["model_attributes_type", "literal_error"]),
        (DEV, {"image_size": {"width": 0}}, ["greater_than_equal"]),
        (DEV, {"output_format": "webp"}, ["literal_error"]),
        (DEV, {"prompt": None}, ["string_type"]),
        ("fal-ai/flux-pro/v1.1", {"safety_tolerance": 2}, ["literal_error"]),
        ("fal-ai/flux-lora", {"loras": [{"scale": 5}]}, ["missing", "less_than_equal"]),
        ("fal-ai/flux-general", {"controlnets": [{"path": "x"}]}, ["missing"]),
        ("fal-ai/flux-control-lora-canny", {}, ["missing"]),
        ("fal-ai/image-preprocessors/scribble", {"image_url": "data:image/png;base64,AAAA"}, ["image_load_error"]),
        ("fal-ai/fast-sdxl-controlnet-canny", {"control_image_url": "ftp://x"}, ["file_download_error"]),
        ("fal-ai/flux-2-pro", {"image_size": {"width": 1000, "height": 3000}}, ["multiple_of", "less_than_equal"]),
        (EDIT, {}, ["missing"]),
        (EDIT, {"image_urls": []}, ["too_short"]),
        (EDIT, {"image_urls": ["https://example.com/a.png"] * 5}, ["too_long"]),
        (EDIT, {"image_urls": ["data:image/png;base64,AAAA"]}, ["image_load_error"]),
        (EDIT, {"image_urls": "https://example.com/a.png"}, ["list_type"]),
    ],
)
def test_wrong_arguments_are_422(
    server: FalServer, http: requests.Session, endpoint: str, arguments: dict[str, object], kinds: list[str]
) -> None:
    """Types, ranges, choices and missing arguments are refused in the words of pydantic, and cost nothing."""
    server.validates_at = "submit"
    answer = submit(server, http, endpoint, **arguments)
    assert answer.status_code == 422
    assert answer.headers["x-fal-retryable"] == "false"
    assert answer.headers["x-fal-billable-units"] == "0"
    assert [error["type"] for error in answer.json()["detail"]] == kinds
    assert server.submissions == []


def test_every_endpoint_accepts_its_own_defaults(server: FalServer, http: requests.Session) -> None:
    """Every schema agrees with itself: what fal fills in, it would take from a client too."""
    for endpoint, model in ENDPOINTS.items():
        url = "https://example.com/a.png"
        required = {
            name: [url] if rule.kind == "picture_urls" else url for name, rule in model.schema.items() if rule.required
        }
        defaults = {name: rule.default for name, rule in model.schema.items() if rule.default is not None}
        order = http.post(f"https://{server.host}/{endpoint}", json={**defaults, **required}, headers=KEY, timeout=10)
        answer = get(http, order.json()["response_url"])
        assert answer.status_code == 200, (endpoint, answer.text)
    assert all(not job.unknown_fields for job in server.submissions)


def test_unknown_arguments_are_ignored_and_written_down(server: FalServer, http: requests.Session) -> None:
    """fal drops what it doesn't know, without a word; a test can see that it was sent."""
    assert submit(server, http, negative_prompt="text", image_size={"width": 64, "hight": 64}).ok
    assert sorted(server.submissions[0].unknown_fields) == ["image_size.hight", "negative_prompt"]


@pytest.mark.parametrize("endpoint", ["fal-ai/controlnet/scribble", "fal-ai/flux/nothing", "nobody/nothing"])
def test_an_unknown_endpoint_is_404(server: FalServer, http: requests.Session, endpoint: str) -> None:
    """An order for a model that fal doesn't have is no order."""
    assert submit(server, http, endpoint).status_code == 404
    assert server.submissions == []


# The life of a request.


def test_addresses_drop_the_subpath_and_the_full_ones_are_unknown(server: FalServer, http: requests.Session) -> None:
    """Requests live under owner and alias; an address built from the whole endpoint is not found."""
    server.latency = 60
    order = submit(server, http).json()
    base = f"https://{server.host}/fal-ai/flux/requests/{order['request_id']}"
    assert (order["response_url"], order["status_url"]) == (base, f"{base}/status")
    assert order["cancel_url"] == f"{base}/cancel"
    assert get(http, base).json() == {"detail": "Request is still in progress"}
    assert get(http, f"{base}/status").status_code == 202
    assert get(http, base.replace("flux/", "flux/dev/")).status_code == 404
    assert get(http, base.replace("flux/", "flux-2/")).status_code == 404
    assert fetch(http, base).status_code == 401


def test_a_forgotten_request_is_not_found(server: FalServer, http: requests.Session) -> None:
    """After the retention time, fal knows neither status nor result; the file stays."""
    order = submit(server, http).json()
    url = get(http, order["response_url"]).json()["images"][0]["url"]
    server.forget(order["request_id"])
    for name in ("response_url", "status_url"):
        answer = get(http, order[name])
        assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})
    assert fetch(http, url).ok


def test_jobs_over_the_limit_wait_in_the_queue(server: FalServer, http: requests.Session) -> None:
    """With two runners, two jobs are in progress and the third is next; a direct run is 429."""
    server.concurrency, server.latency = 2, 60
    orders = [submit(server, http).json() for _ in range(4)]
    states = [get(http, order["status_url"]).json() for order in orders]
    assert [state["status"] for state in states] == ["IN_PROGRESS", "IN_PROGRESS", "IN_QUEUE", "IN_QUEUE"]
    assert [state["queue_position"] for state in states[2:]] == [0, 1]
    assert http.post(f"https://{server.run_host}/{DEV}", json=CAT, headers=KEY, timeout=10).status_code == 429
    assert (server.peak_in_progress, server.peak_unfinished) == (2, 4)


def test_a_job_that_never_completes(server: FalServer, http: requests.Session) -> None:
    """Such a job is in progress for ever."""
    server.faults.add("submit", fal_faults.never_completes())
    assert get(http, submit(server, http).json()["status_url"]).json()["status"] == "IN_PROGRESS"


# Pictures.


@pytest.mark.parametrize(
    ("endpoint", "format_", "expected"),
    [(DEV, "jpeg", "JPEG"), (DEV, "png", "PNG"), ("fal-ai/flux-2", "webp", "WEBP")],
)
def test_pictures_are_real_and_as_asked(
    server: FalServer, http: requests.Session, endpoint: str, format_: str, expected: str
) -> None:
    """Format and size are those of the order, and the picture is not blank."""
    answer = result(server, http, endpoint, output_format=format_, image_size="portrait_16_9", seed=7)
    data = fetch(http, answer["images"][0]["url"])
    image = Image.open(io.BytesIO(data.content))
    assert (image.format, image.size) == (expected, (576, 1024))
    assert data.headers["content-type"] == answer["images"][0]["content_type"] == f"image/{format_}"
    assert answer["seed"] == 7
    assert len(set(image.convert("RGB").resize((32, 32)).tobytes())) > 16


def test_the_same_seed_draws_the_same_picture(server: FalServer, http: requests.Session) -> None:
    """Prompt and seed decide the bytes; without a seed every order is another picture."""
    urls = [result(server, http, seed=seed)["images"][0]["url"] for seed in (1, 1, 2, None, None)]
    pictures = [fetch(http, url).content for url in urls]
    assert pictures[0] == pictures[1]
    assert len(set(pictures)) == 4


def _read_into(part: bytearray, answer: requests.Response) -> None:
    for chunk in answer.iter_content(1024):
        part += chunk


def test_a_broken_download_can_be_resumed(server: FalServer, http: requests.Session) -> None:
    """A reset in the middle leaves a part; the rest comes as 206, and a range past the end is 416."""
    url = picture_url(server, http)
    server.faults.add("download", fal_faults.reset(), nth=1)
    part = bytearray()
    with http.get(url, stream=True, timeout=10) as answer, pytest.raises(requests.exceptions.ChunkedEncodingError):
        _read_into(part, answer)
    rest = fetch(http, url, **{"Range": f"bytes={len(part)}-", "If-Range": answer.headers["ETag"]})
    assert 0 < len(part) < int(answer.headers["Content-Length"])
    assert rest.status_code == 206
    assert Image.open(io.BytesIO(part + rest.content)).size == (1024, 768)
    assert fetch(http, url, Range="bytes=99999999-").status_code == 416
    server.faults.add("download", fal_faults.ignore_range())
    assert fetch(http, url, Range="bytes=10-").content == part + rest.content


def test_the_safety_checker_blacks_a_picture_out(server: FalServer, http: requests.Session) -> None:
    """200, flagged, the same size, black, and paid for."""
    server.faults.add("submit", fal_faults.nsfw())
    answer = result(server, http)
    image = Image.open(io.BytesIO(fetch(http, answer["images"][0]["url"]).content))
    assert answer["has_nsfw_concepts"] == [True]
    assert (image.size, image.getextrema()) == ((1024, 768), ((0, 0), (0, 0), (0, 0)))
    assert server.charges == 1


@pytest.mark.parametrize(
    ("fault", "start"),
    [
        (fal_faults.image_over_http(), "http://localhost"),
        (fal_faults.image_as_data_uri(), "data:image/png;base64,iVBOR"),
        (fal_faults.image_at("https://evil.example/a.png"), "https://evil.example/"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_results_can_point_anywhere(server: FalServer, http: requests.Session, fault: Fault, start: str) -> None:
    """A result may name addresses that must not be fetched, or be the picture itself."""
    server.faults.add("result", fault)
    assert picture_url(server, http).startswith(start)


def test_results_can_lack_what_they_should_have(server: FalServer, http: requests.Session) -> None:
    """A result may have no pictures, no seed, or pictures of which only the address is told."""
    server.faults.add("result", fal_faults.no_images(), nth=1)
    server.faults.add("result", fal_faults.without("seed"), nth=2)
    server.faults.add("result", fal_faults.image_without("width", "height", "content_type"), nth=2)
    assert result(server, http)["images"] == []
    answer = result(server, http)
    assert "seed" not in answer
    assert answer["images"][0].keys() == {"url"}


def test_a_key_sent_elsewhere_is_seen(server: FalServer, http: requests.Session) -> None:
    """Addresses on a host that is not fal's lead to a door that records what it was sent."""
    server.faults.add("submit", fal_faults.urls_on_foreign_host())
    server.faults.add("result", fal_faults.image_on_foreign_host())
    order = submit(server, http).json()
    assert get(http, order["status_url"]).ok
    fetch(http, get(http, order["response_url"]).json()["images"][0]["url"])
    assert [(r.stage, r.authorization is not None) for r in server.requests if r.door == "foreign"] == [
        ("status", True),
        ("result", True),
        ("download", False),
    ]


def _opens(data: bytes) -> str:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return f"{image.format} {image.size}"
    except Image.DecompressionBombError:
        return "bomb"
    except OSError:
        return "no picture"


@pytest.mark.parametrize(
    ("fault", "status", "what"),
    [
        (fal_faults.status(404), 404, "no picture"),
        (fal_faults.empty(), 200, "no picture"),
        (fal_faults.html_as_png(), 200, "no picture"),
        (fal_faults.jpeg_bytes(), 200, "JPEG (1024, 768)"),
        (fal_faults.one_colour(), 200, "PNG (1024, 768)"),
        (fal_faults.tiny(), 200, "PNG (1, 1)"),
        (fal_faults.decompression_bomb(), 200, "bomb"),
        (fal_faults.endless(1), 200, "no picture"),
        (fal_faults.oversized(1), 200, "no picture"),
        (fal_faults.redirect_once(foreign=True), 200, "PNG (1024, 768)"),
        (fal_faults.trickle(chunk=20_000, pause=0.001), 200, "PNG (1024, 768)"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_downloads_can_be_anything(
    server: FalServer, http: requests.Session, fault: Fault, status: int, what: str
) -> None:
    """Every bad download arrives as what it is meant to be."""
    url = picture_url(server, http)
    server.faults.add("download", fault)
    answer = fetch(http, url)
    assert (answer.status_code, _opens(answer.content)) == (status, what)


def test_redirects_that_must_not_be_followed(server: FalServer, http: requests.Session) -> None:
    """A redirect to http:// comes to a door where it is counted, and a loop goes round."""
    url = picture_url(server, http)
    server.faults.add("download", fal_faults.redirect_to_http(), nth=1)
    with pytest.raises(requests.ConnectionError):
        fetch(http, url)
    assert server.plaintext_connections >= 1
    server.faults.add("download", fal_faults.redirect_loop())
    with pytest.raises(requests.TooManyRedirects):
        fetch(http, url)


# The connection.


@pytest.mark.parametrize(
    "fault",
    [
        fal_faults.drop_before(),
        fal_faults.drop_after(),
        fal_faults.truncate(),
        fal_faults.reset(0),
        fal_faults.stall(0.05),
        fal_faults.silence(0.05),
    ],
    ids=lambda fault: fault.name,
)
def test_an_answer_can_be_lost_in_many_ways(server: FalServer, http: requests.Session, fault: Fault) -> None:
    """However the answer is lost, what was done before was done, and only that."""
    rule = server.faults.add("submit", fault, times=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        submit(server, http)
    assert submit(server, http).ok
    assert rule.hits == 1
    assert server.charges == (1 if fault.name == "drop_before" else 2)


@pytest.mark.parametrize(
    "fault",
    [fal_faults.refuse(), fal_faults.reset_handshake(), fal_faults.stall_handshake(0.05)],
    ids=lambda fault: fault.name,
)
def test_a_connection_can_fail_before_there_is_a_request(
    server: FalServer, http: requests.Session, fault: Fault
) -> None:
    """Nothing was read, so nothing was ordered."""
    server.faults.add("connect", fault, nth=1)
    with pytest.raises(requests.ConnectionError):
        submit(server, http)
    assert server.requests == []
    assert submit(server, http).ok


def test_unplugged_it_refuses_and_plugged_it_remembers(server: FalServer, http: requests.Session) -> None:
    """The network can go away and come back, with the orders as they were; nobody else gets its ports meanwhile."""
    order = submit(server, http).json()
    server.unplug()
    with pytest.raises(requests.ConnectionError):
        get(http, order["status_url"])
    with socket.socket() as other, pytest.raises(OSError, match="already in use"):
        other.bind(("127.0.0.1", int(server.host.partition(":")[2])))
    server.plug()
    assert get(http, order["status_url"]).ok


def test_hooks_and_gates_stop_the_world_at_an_exact_step(server: FalServer, http: requests.Session) -> None:
    """Before the work nothing is charged, after it everything is, and a gate holds the answer back."""
    charges: list[int] = []
    server.on_request = lambda _request: charges.append(server.charges)
    server.on_answer = lambda _request, _reply: charges.append(server.charges)
    gate = fal_faults.Gate()
    server.faults.add("submit", fal_faults.hold(gate, after_work=True))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(submit, server, http)
        server.wait_for("submit")
        assert gate.reached.wait(5)
        assert not waiting.done()
        assert server.charges == 1
        gate.open()
        assert waiting.result(5).ok
    assert charges == [0, 1]


def test_a_client_can_be_killed_between_the_charge_and_the_answer(server: FalServer) -> None:
    """The hook knows when the work is done and nothing is sent: the moment in which a crash loses an order."""
    program = [sys.executable, "-c", f"import fal_client; fal_client.submit({DEV!r}, {CAT!r})"]
    environment = {**os.environ, "PYTHONPATH": str(HERE / "guard"), **server.environment()}
    killed = threading.Event()

    def kill(_request: object, _reply: object) -> None:
        client.send(signal.SIGKILL)
        killed.wait(20)

    server.on_answer = kill
    with (
        tempfile.TemporaryFile() as nothing,
        processes.Process(program, folder=HERE, env=environment, streams=(nothing, nothing, nothing)) as client,
    ):
        assert client.wait(20) == -signal.SIGKILL
        killed.set()
    assert (len(server.requests), server.charges) == (1, 1)


def test_a_program_error_inside_the_server_is_not_lost() -> None:
    """What goes wrong in a hook fails the test that set it, instead of vanishing in a thread."""
    server = FalServer().__enter__()
    server.on_request = lambda request: request.json["missing"]
    with pytest.raises(requests.ConnectionError):
        requests.post(f"https://{server.host}/", json={}, verify=str(server.ca_file), timeout=10)
    with pytest.raises(ExceptionGroup) as caught:
        server.__exit__(None, None, None)
    assert isinstance(caught.value.exceptions[0], KeyError)


def test_thirty_two_clients_at_once(server: FalServer) -> None:
    """32 connections with keep-alive order, wait and fetch in parallel, and every order counts once."""
    server.latency = 0.05
    together = threading.Barrier(32)

    def one(number: int) -> tuple[int, int]:
        with requests.Session() as session:
            session.trust_env, session.verify = False, str(server.ca_file)
            together.wait(10)
            order = submit(server, session, seed=number, image_size={"width": 64, "height": 64}).json()
            while get(session, order["status_url"]).status_code == 202:
                pass
            answer = get(session, order["response_url"]).json()
            return answer["seed"], len(fetch(session, answer["images"][0]["url"]).content)

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(one, range(32)))
    assert [seed for seed, _ in answers] == list(range(32))
    assert all(size > 0 for _, size in answers)
    assert server.charges == 32
    assert server.connections == 64
    assert 2 <= server.peak_in_progress <= 32


def test_leaving_ends_what_hangs() -> None:
    """A stalled answer doesn't hold the server up, and no thread stays behind."""
    before = threading.active_count()
    with FalServer() as server:
        server.faults.add("submit", fal_faults.silence())
        with ThreadPoolExecutor(1) as pool, requests.Session() as session:
            session.trust_env, session.verify = False, str(server.ca_file)
            waiting = pool.submit(submit, server, session)
            server.wait_for("submit")
            server.__exit__(None, None, None)
            assert isinstance(waiting.exception(5), requests.ConnectionError)
    assert threading.active_count() == before
