"""The engines: which models each has, and how a model's name holds when the engine changes."""

from __future__ import annotations

import datetime

import pytest
from replicate_server import MODELS as REPLICATE

from pelican_falhero.engines import ENGINES, FAL, Engine, endpoint_at, find_anywhere, model_at, title_of
from pelican_falhero.models import CATALOGUE

EVERY = pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)


@EVERY
def test_every_model_is_found_by_its_name_and_its_endpoint(engine: Engine) -> None:
    """A short name and the endpoint id mean the same model of an engine, and the ledger's endpoint alone finds it."""
    for model in engine.catalogue:
        assert model_at(engine.name, model.name) is model_at(engine.name, model.endpoint) is model
        assert find_anywhere(model.endpoint) is not None
        assert endpoint_at(engine.name, model.endpoint) == model.endpoint
    assert len({model.name for model in engine.catalogue}) == len(engine.catalogue)


@EVERY
def test_an_engine_says_how_to_set_its_key_and_of_when_its_prices_are(engine: Engine) -> None:
    """The remedy for a missing key names the variable, and prices have a date."""
    assert engine.key_variable in engine.how_to_set_key
    if any(model.price for model in engine.catalogue):
        assert datetime.date.fromisoformat(engine.prices_date) <= datetime.date(2026, 11, 28)


def test_fals_catalogue_is_fals() -> None:
    """fal's models are those of the catalogue that refine, LoRAs and control images choose from."""
    assert ENGINES[FAL].catalogue is CATALOGUE


@pytest.mark.parametrize("name", ["schnell", "dev", "pro", "ultra"])
def test_the_same_model_is_meant_at_another_engine(name: str) -> None:
    """What a site or a post says for one engine means the same model at the other, in both directions."""
    at_fal, at_replicate = model_at(FAL, name), model_at("replicate", name)
    assert at_fal
    assert at_replicate
    assert endpoint_at("replicate", at_fal.endpoint) == at_replicate.endpoint
    assert endpoint_at(FAL, at_replicate.endpoint) == at_fal.endpoint


def test_a_model_that_an_engine_has_not_is_an_error_with_those_that_it_has() -> None:
    """A model of fal's alone is not silently replaced; an id that no catalogue has is the author's own affair."""
    with pytest.raises(ValueError, match=r"must be a model of Replicate \(schnell, dev, pro, ultra, or .*\), not krea"):
        endpoint_at("replicate", "fal-ai/flux/krea")
    assert endpoint_at("replicate", "me/mine") == "me/mine"
    assert endpoint_at(FAL, "gpt-image-1") == "gpt-image-1"


def test_an_engine_of_a_later_version_is_called_by_its_name() -> None:
    """A ledger that a later version wrote can still be told of."""
    assert title_of("replicate") == "Replicate"
    assert title_of("other") == "other"


@pytest.mark.parametrize("name", ["schnell", "dev", "pro", "ultra"])
def test_replicates_catalogue_is_what_its_pages_say(name: str) -> None:
    """Price, steps, guidance and aspect ratios are those of the model's own page."""
    model = model_at("replicate", name)
    assert model
    page = REPLICATE[model.endpoint]
    assert model.price
    assert page.price
    assert (model.price.usd, model.price.unit) == (page.price.usd, "image")
    for limits, argument in ((model.steps, "num_inference_steps"), (model.guidance, "guidance")):
        assert (limits is None) == (argument not in page.schema)
        if limits:
            found = page.schema[argument]
            assert (limits.minimum, limits.maximum, limits.default) == (found.low, found.high, found.default)
    assert set(model.shapes) == set(page.schema["aspect_ratio"].choices)
