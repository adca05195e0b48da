"""Whole builds that draw with Hugging Face, through the real InferenceClient: sent once, counted, and told."""

from __future__ import annotations

import fal_faults
import pytest
from blog import Blog
from fal_exchange import Fault
from huggingface_server import MODEL, HuggingFaceServer, answers
from killing import Moment, kill_at
from promises import assert_all_there, assert_sound, assert_two_at_once_buy_once, uncertain, write_posts

from pelican_falhero.errors import AccountError
from pelican_falhero.providers.huggingface import provider

POSTS = 2


def ledger_usd(blog: Blog) -> float:
    """What the ledger counts, in USD."""
    last = {event["attempt"]: event.get("usd", 0.0) for event in blog.events()}
    return float(round(sum(last.values()), 6))


def test_heroes_are_drawn_and_sent_once(blog: Blog, hugging_face: HuggingFaceServer) -> None:
    """A blog is drawn by FLUX dev at the author's price; the ledger counts what Hugging Face does, and has no ids."""
    titles = write_posts(blog, POSTS)
    blog.configure(FALHERO_SEED=7)
    built = blog.build(env=hugging_face.environment())
    assert_sound(blog, hugging_face, built)
    assert_all_there(blog, titles)
    assert built.tally == "heroes: 2 made, 0 there, $0.04"
    assert ledger_usd(blog) == hugging_face.cost_usd == 0.04
    for job in hugging_face.submissions:
        assert (job.endpoint, job.unknown_fields) == (MODEL, [])
        assert job.arguments | {"prompt": ""} == {
            "prompt": "",
            "width": 256,
            "height": 192,
            "num_inference_steps": 28,
            "guidance_scale": 3.5,
            "seed": 7,
        }
    assert {(event["provider"], event.get("request_id")) for event in blog.events()} == {("huggingface", None)}
    assert {event.get("seed") for event in blog.events()} == {None, 7}
    before = len(hugging_face.requests)
    assert "hero" not in blog.build(env=hugging_face.environment()).output
    assert len(hugging_face.requests) == before


MOMENTS = [
    Moment("submit", 1, "done"),
    Moment("submit", 2, "half"),
    pytest.param(Moment("submit", 1, "received"), marks=pytest.mark.long),
]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_killed_at_any_moment(blog: Blog, hugging_face: HuggingFaceServer, moment: Moment) -> None:
    """Killed with SIGKILL, a build leaves requests that are counted, told of, and asked for again."""
    titles = write_posts(blog, POSTS)
    blog.configure(FALHERO_CONCURRENCY=1)
    kill_at(blog, hugging_face, moment)
    assert len(uncertain(blog)) == 1
    built = blog.build(env=hugging_face.environment())
    assert_sound(blog, hugging_face, built)
    assert_all_there(blog, titles)
    assert "Hugging Face may have charged for that request too" in built.output
    assert hugging_face.cost_usd <= ledger_usd(blog) == 0.06


LOST = [
    fal_faults.drop_after(),
    fal_faults.html(),
    pytest.param(fal_faults.nginx(502, after_work=True), marks=pytest.mark.long),
    pytest.param(fal_faults.truncate(), marks=pytest.mark.long),
    pytest.param(fal_faults.status(504, after_work=True), marks=pytest.mark.long),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.name)
def test_a_lost_answer_is_counted_and_sent_once(blog: Blog, hugging_face: HuggingFaceServer, fault: Fault) -> None:
    """A picture that does not arrive is not asked for again by the build; its price counts, and both builds say so."""
    write_posts(blog, 1)
    hugging_face.faults.add("submit", fault, nth=1)
    built = blog.build(env=hugging_face.environment())
    assert_sound(blog, hugging_face, built)
    assert "It may have been charged, and counts as spent" in built.output
    assert (len(hugging_face.requests_of("submit")), len(uncertain(blog)), ledger_usd(blog)) == (1, 1, 0.02)
    built = blog.build(env=hugging_face.environment())
    assert "Hugging Face may have charged for that request too, so it counts as spent" in built.output
    assert hugging_face.cost_usd == ledger_usd(blog) == 0.04


@pytest.mark.parametrize("fault", [answers(503, "Model is currently loading"), answers(429, "Slow", retry_after="1")])
def test_loading_and_rate_limits_are_waited_for(blog: Blog, hugging_face: HuggingFaceServer, fault: Fault) -> None:
    """While the model is loaded, or too much was asked, the same request is sent again and paid once."""
    titles = write_posts(blog, 1)
    hugging_face.faults.add("submit", fault, nth=1)
    assert_sound(blog, hugging_face, blog.build(env=hugging_face.environment()))
    assert_all_there(blog, titles)
    assert (hugging_face.charges, ledger_usd(blog)) == (1, 0.02)


def test_a_model_that_loads_too_long_costs_nothing(blog: Blog, hugging_face: HuggingFaceServer) -> None:
    """The wait for a model ends with FALHERO_TIMEOUT, and nothing counts as spent."""
    write_posts(blog, 1)
    blog.configure(FALHERO_TIMEOUT=1)
    hugging_face.faults.add("submit", answers(503, "Model is currently loading"))
    built = blog.build(env=hugging_face.environment())
    assert_sound(blog, hugging_face, built)
    assert "FALHERO_TIMEOUT" in built.output
    assert (uncertain(blog), ledger_usd(blog)) == ([], 0.0)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("hf_wrong", "Hugging Face refuses the token (401): "),
        (None, "there are no credentials for Hugging Face: set HF_TOKEN"),
        ("sk-test-key", "HF_TOKEN must be a token of Hugging Face, which begins with hf_"),
    ],
)
def test_without_a_token_that_holds_nothing_is_bought(
    blog: Blog, hugging_face: HuggingFaceServer, key: str | None, told: str
) -> None:
    """A missing, wrong or foreign token is told with its variable; a foreign one is sent to nobody."""
    write_posts(blog, POSTS)
    built = blog.build(env=hugging_face.environment(key))
    assert_sound(blog, hugging_face, built)
    assert f"{POSTS} heroes not made: {told}" in built.output
    assert (hugging_face.charges, uncertain(blog), ledger_usd(blog)) == (0, [], 0.0)


TROUBLES = [
    ("submit", answers(402, "You have exceeded your monthly included credits"), "no credit left (402): "),
    ("submit", answers(422, "width must be a multiple of 32"), "width must be a multiple of 32"),
    ("status", answers(404, "Repository not found", x_error_code="RepoNotFound"), f"does not know the model {MODEL}"),
]


@pytest.mark.parametrize(("stage", "fault", "told"), TROUBLES, ids=lambda value: getattr(value, "name", ""))
def test_a_refusal_is_free_and_told(
    blog: Blog, hugging_face: HuggingFaceServer, stage: str, fault: Fault, told: str
) -> None:
    """What Hugging Face does not draw is told in its words, and costs nothing."""
    write_posts(blog, 1)
    hugging_face.faults.add(stage, fault)  # type: ignore[arg-type]
    built = blog.build(env=hugging_face.environment())
    assert_sound(blog, hugging_face, built)
    assert told in built.output
    assert (uncertain(blog), ledger_usd(blog)) == ([], 0.0)


def test_without_a_network_nothing_counts_as_spent(blog: Blog, hugging_face: HuggingFaceServer) -> None:
    """When Hugging Face can't be reached, the build says so and shows cards."""
    write_posts(blog, POSTS)
    hugging_face.unplug()
    built = blog.build(env=hugging_face.environment())
    hugging_face.plug()
    assert_sound(blog, hugging_face, built)
    assert "2 heroes not made: Hugging Face can't be reached" in built.output
    assert (uncertain(blog), ledger_usd(blog)) == ([], 0.0)


def test_a_price_is_needed(blog: Blog, hugging_face: HuggingFaceServer) -> None:
    """What a picture costs depends on who draws it, so nothing is bought before the author has said it."""
    write_posts(blog, 1)
    blog.configure(FALHERO_PRICES={})
    built = blog.build(env=hugging_face.environment())
    assert f"the price of {MODEL} is not known, so nothing is bought there" in built.output
    assert hugging_face.requests == []


def test_two_builds_at_once_draw_each_picture_once(blog: Blog, hugging_face: HuggingFaceServer) -> None:
    """Of two builds that start together, one waits for the other and draws nothing."""
    assert_two_at_once_buy_once(blog, hugging_face, write_posts(blog, POSTS))


def test_without_the_extra_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the client is not installed, the message has the command that installs it."""
    monkeypatch.setenv("HF_TOKEN", "hf_test-key")
    monkeypatch.setattr(provider, "find_spec", lambda name: None)
    with pytest.raises(AccountError, match=r'pip install "pelican-falhero\[huggingface\]"'):
        provider.HuggingFaceProvider().check()
