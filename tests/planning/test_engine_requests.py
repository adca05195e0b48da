"""Requests to engines other than fal: the same post, in each engine's own words."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import PROPERTY, attempt_events, make_post, save_picture
from fal_validation import check
from hypothesis import given
from hypothesis import strategies as st
from replicate_server import MODELS

from pelican_falhero.content.post import Overrides
from pelican_falhero.errors import RangeError, SettingsError
from pelican_falhero.loras import Lora
from pelican_falhero.models import SIZES
from pelican_falhero.planning.item import State
from pelican_falhero.planning.plan import make_plan
from pelican_falhero.planning.price import price_of
from pelican_falhero.planning.request import HeroRequest, build_request, ignored_arguments
from pelican_falhero.settings import Settings
from pelican_falhero.settings_reading import read_settings
from pelican_falhero.storage.assets import hero_stem
from pelican_falhero.storage.attempts import attempts_of
from pelican_falhero.storage.events import SAVED

POST = make_post("Winter hikes", excerpt_markup="<p>Snow.</p>")


def at_replicate(**settings: Any) -> HeroRequest:
    """The request for a post at Replicate."""
    return build_request(POST, Settings(provider="replicate", **settings))


def test_a_request_to_replicate_is_in_replicates_words() -> None:
    """The size is an aspect ratio, steps and guidance are Replicate's own under its names, and PNG is asked for."""
    request = at_replicate()
    assert (request.engine, request.endpoint) == ("replicate", "black-forest-labs/flux-dev")
    assert request.arguments | {"prompt": ""} == {
        "prompt": "",
        "aspect_ratio": "4:3",
        "num_inference_steps": 28,
        "guidance": 3,
        "output_format": "png",
    }
    assert request.arguments["prompt"] == build_request(POST, Settings()).arguments["prompt"]


def test_settings_and_posts_decide_there_too() -> None:
    """Steps, guidance, seed, size and the author's own arguments mean what they mean for fal."""
    arguments = at_replicate(
        steps=8, guidance_scale=2.0, seed=7, image_size=(1200, 630), arguments={"go_fast": False}
    ).arguments
    assert {name: arguments[name] for name in arguments if name != "prompt"} == {
        "aspect_ratio": "16:9",
        "num_inference_steps": 8,
        "guidance": 2.0,
        "seed": 7,
        "output_format": "png",
        "go_fast": False,
    }


@pytest.mark.parametrize("endpoint", MODELS)
@PROPERTY
@given(size=st.one_of(st.sampled_from(list(SIZES)), st.tuples(st.integers(64, 9000), st.integers(64, 7000))))
def test_every_request_to_replicate_fits_its_model(endpoint: str, size: Any) -> None:
    """Whatever the size is, each model is asked for nothing that it does not know or take."""
    checked = check(MODELS[endpoint].schema, at_replicate(model=endpoint, image_size=size, seed=1).arguments)
    assert (checked.errors, checked.unknown) == ([], [])


def test_the_fingerprint_holds_the_engine_but_for_fals() -> None:
    """fal's fingerprints are what they were before there were other engines; the same words elsewhere have another."""
    request = HeroRequest.of("fal-ai/flux/dev", {"prompt": "A fox", "seed": 1})
    written = '1\nfal-ai/flux/dev\n{"prompt":"A fox","seed":1}'
    assert request.fingerprint == hashlib.sha256(written.encode()).hexdigest()[:16]
    assert replace(request, engine="replicate").fingerprint != request.fingerprint
    assert replace(request, engine="replicate").with_seed(2).engine == "replicate"


@pytest.mark.parametrize(
    ("model", "usd"),
    [("schnell", 0.003), ("dev", 0.025), ("pro", 0.04), ("ultra", 0.06)],
)
def test_a_picture_costs_what_replicate_asks(model: str, usd: float) -> None:
    """A picture has one price, whatever its size, and FALHERO_PRICES overrides it by name or id."""
    settings = read_settings({"provider": "replicate", "model": model}, root=Path(), prefix="")
    request = build_request(POST, replace(settings, image_size=(2048, 2048)))
    assert price_of(request, settings) == usd
    assert price_of(request, replace(settings, prices={model: 0.5})) == 0.5
    assert price_of(request, replace(settings, prices={request.endpoint: 0.7})) == 0.7
    assert price_of(replace(request, endpoint="me/mine"), settings) is None


@pytest.mark.parametrize(
    ("own", "field"),
    [
        (Overrides(loras=(("https://example.org/ink.safetensors", None),)), "Hero_Lora"),
        (Overrides(control=Path(__file__)), "Hero_Control"),
        (Overrides(model="fal-ai/flux/krea"), "Hero_Model"),
    ],
)
def test_a_post_is_not_drawn_without_what_its_author_asked_for(own: Overrides, field: str) -> None:
    """A LoRA, a control image or a model that Replicate has not is an error with the field's name."""
    with pytest.raises(RangeError) as caught:
        build_request(replace(POST, overrides=own), Settings(provider="replicate"))
    assert caught.value.field == field
    assert "Replicate" in caught.value.problem


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"model": "krea"}, "model must be a model of Replicate (schnell, dev, pro, ultra"),
        ({"loras": ["https://example.org/ink.safetensors"]}, "loras can't be used with Replicate"),
        ({"model": "schnell", "steps": 8}, "steps must be 1 to 4 for black-forest-labs/flux-schnell, not 8"),
        ({"guidance_scale": 11}, "guidance_scale must be 0 to 10 for black-forest-labs/flux-dev, not 11"),
    ],
)
def test_settings_that_replicate_can_not_honour_are_errors(settings: dict[str, Any], told: str) -> None:
    """What would fail for every post is told when the settings are read, and nothing is bought."""
    with pytest.raises(SettingsError) as caught:
        read_settings({"provider": "replicate", **settings}, root=Path(), prefix="")
    assert told in str(caught.value)


def test_what_is_ignored_is_told() -> None:
    """An argument that a model does not take is the same warning as for fal, with the engine's own models."""
    settings = Settings(provider="replicate", model="black-forest-labs/flux-1.1-pro", steps=8, negative_prompt="fog")
    assert ignored_arguments(POST, settings) == [
        "FALHERO_STEPS is ignored by pro; schnell, dev support it",
        "FALHERO_NEGATIVE_PROMPT is ignored by pro; no known model of Replicate supports it",
    ]


def test_another_engine_leaves_pictures_alone(tmp_path: Path) -> None:
    """What fal has drawn is there for Replicate too; only FALHERO_REFRESH = "changed" has it drawn anew."""
    picture = save_picture(tmp_path / f"{hero_stem(POST.title)}.png")
    attempts = attempts_of(attempt_events(POST, SAVED))
    for refresh, state in (("missing", State.PRESENT), ("changed", State.STALE)):
        settings = Settings(provider="replicate", refresh=refresh)
        (item,) = make_plan([POST], {hero_stem(POST.title): picture.name}, settings, attempts=attempts).items
        assert item.state is state


def test_a_lora_of_the_settings_stays_with_fal() -> None:
    """The site's LoRAs are named as the setting that holds them when an option of the command changes the engine."""
    with pytest.raises(RangeError) as caught:
        build_request(POST, Settings(provider="replicate", loras=(Lora("https://example.org/ink.safetensors"),)))
    assert caught.value.field == "FALHERO_LORAS"
