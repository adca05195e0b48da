"""The catalogue of endpoints: what each is called, what it accepts, what a picture of it costs."""

from __future__ import annotations

import datetime

import pytest
from builders import PROPERTY
from fal_schemas import ENDPOINTS, megapixels
from hypothesis import given
from hypothesis import strategies as st

from pelican_falhero.models import (
    CATALOGUE,
    DEFAULT_MODEL,
    MEGAPIXEL,
    PRICES_DATE,
    SIZES,
    Model,
    Price,
    endpoint_of,
    find_edit_model,
    find_model,
    size_in_pixels,
)


def price_of(model: Model | None, size: str | tuple[int, int]) -> float:
    """USD for one picture of this size."""
    assert model
    assert model.price
    width, height = size_in_pixels(size)
    return model.price.usd_for_units(model.price.units(width * height))


MODELS = pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.name)


def test_the_default_is_the_guides() -> None:
    """Without a setting, heroes come from FLUX Dev, in four steps with a guidance of 3.5, for 2.5 cents each."""
    assert DEFAULT_MODEL.endpoint == "fal-ai/flux/dev"
    assert DEFAULT_MODEL.steps
    assert DEFAULT_MODEL.steps.default == 4
    assert DEFAULT_MODEL.guidance
    assert DEFAULT_MODEL.guidance.default == 3.5
    assert price_of(DEFAULT_MODEL, "landscape_4_3") == 0.025


@MODELS
def test_every_model_is_found_by_its_name_and_its_endpoint(model: Model) -> None:
    """A short name and the endpoint id mean the same model."""
    assert find_model(model.name) is model
    assert find_model(model.endpoint) is model
    if model.edits:
        assert find_edit_model(model.name) is find_edit_model(model.endpoint) is model
    else:
        assert endpoint_of(model.name) == endpoint_of(model.endpoint) == model.endpoint


@pytest.mark.parametrize("name", ["flux-2-edit", "fal-ai/flux-2/flash/edit"])
def test_a_model_that_changes_pictures_draws_none(name: str) -> None:
    """It can't be asked for a hero from nothing, and the error names the verb that it is for."""
    with pytest.raises(ValueError, match=f"must be a model that draws, not '{name}': .* falhero refine"):
        endpoint_of(name)
    with pytest.raises(ValueError, match=r"must be one of flux-2-edit, flux-2-flash-edit, .* not 'dev'"):
        find_edit_model("dev")


def test_no_two_models_share_a_name() -> None:
    """Names and endpoints are unique among themselves and each other."""
    names = [name for model in CATALOGUE for name in (model.name, model.endpoint)]
    assert len(set(names)) == len(names)


@MODELS
def test_every_default_lies_in_its_range(model: Model) -> None:
    """What is sent unasked is something that the endpoint takes."""
    for allowed in (model.steps, model.guidance):
        assert allowed is None or allowed.minimum <= allowed.default <= allowed.maximum


def test_steps_belong_to_a_model() -> None:
    """The fast model takes no more than twelve steps, and its range reads as a user would write it."""
    schnell = find_model("schnell")
    assert schnell
    assert str(schnell.steps) == "1 to 12"


@MODELS
def test_every_model_draws_png(model: Model) -> None:
    """PNG is what is asked of all of them."""
    assert "png" in model.formats


@MODELS
def test_the_catalogue_agrees_with_fals_schemas(model: Model) -> None:
    """Arguments, ranges and formats are those that the test double of fal, written down on its own, has as well."""
    schema = ENDPOINTS[model.endpoint].schema
    for name, allowed in (("num_inference_steps", model.steps), ("guidance_scale", model.guidance)):
        field = schema.get(name)
        assert (field and (field.low, field.high)) == (allowed and (allowed.minimum, allowed.maximum)), name
    assert {"image_size", "aspect_ratio"} & schema.keys() == {model.sizing}
    assert schema["output_format"].choices == tuple(sorted(model.formats, key=["jpeg", "png", "webp"].index))


PRICED = [model for model in CATALOGUE if model.price and ENDPOINTS[model.endpoint].price]


@pytest.mark.parametrize("model", PRICED, ids=lambda model: model.name)
def test_the_catalogue_agrees_with_fals_prices(model: Model) -> None:
    """A picture of any size costs what the test double of fal, written down on its own, would charge."""
    price = ENDPOINTS[model.endpoint].price
    assert price
    for size in [(512, 512), (1024, 768), (1024, 1024), (1920, 1080), (2048, 2048)]:
        assert price_of(model, size) == pytest.approx(price.cost(megapixels(*size), 1)), size


def test_prices_say_how_old_they_are() -> None:
    """The catalogue carries the day of its prices."""
    assert datetime.date.fromisoformat(PRICES_DATE) <= datetime.datetime.now(datetime.UTC).date()


@pytest.mark.parametrize(
    ("name", "size", "usd"),
    [
        ("dev", "landscape_4_3", 0.025),
        ("dev", "square_hd", 0.025),
        ("dev", (1025, 1024), 0.05),
        ("dev", (2048, 2048), 0.1),
        ("schnell", "square", 0.003),
        # fal's own examples for this endpoint.
        ("flux-2-pro", (1024, 1024), 0.03),
        ("flux-2-pro", (1920, 1080), 0.045),
        ("flux-2-pro", (512, 512), 0.03),
        # The three sums of fal's page.
        ("flux-2-flex", (1024, 1024), 0.05),
        ("flux-2-flex", (1920, 1080), 0.10),
        ("flux-2-flex", (512, 512), 0.05),
        ("flux-2-max", (1024, 768), 0.07),
        ("flux-2-max", (2048, 1536), 0.13),
        ("flux-2-klein", (1024, 768), 0.006),
        ("z-image-turbo", (2048, 2048), 0.02),
        ("ultra", (2048, 2048), 0.06),
        ("ultra", "square", 0.06),
    ],
)
def test_a_picture_costs_what_fal_publishes(name: str, size: str | tuple[int, int], usd: float) -> None:
    """Megapixels are rounded up where fal does, and a price by the picture does not depend on its size."""
    assert price_of(find_model(name), size) == pytest.approx(usd)


@PROPERTY
@given(st.integers(1, 20_000_000), st.integers(1, 20_000_000))
def test_a_larger_picture_is_never_cheaper(one: int, other: int) -> None:
    """A price grows with every megapixel begun, and with nothing less."""
    price = Price(usd=0.03, unit="megapixel", usd_after_first=0.015)
    small, large = sorted((one, other))
    cheap, dear = (price.usd_for_units(price.units(pixels)) for pixels in (small, large))
    assert cheap <= dear
    assert cheap >= 0.015 * small / MEGAPIXEL
    if (small - 1) // MEGAPIXEL == (large - 1) // MEGAPIXEL:
        assert cheap == dear


@pytest.mark.parametrize("name", ["fal-ai/flux/dev/image", "me/my-model", "fal-ai/flux-2/klein/4b", "a/b.c_d"])
def test_an_endpoint_of_ones_own_is_taken_as_it_is(name: str) -> None:
    """An endpoint that the catalogue does not know can be used."""
    assert endpoint_of(name) == name
    assert find_model(name) is None


@pytest.mark.parametrize(
    "name",
    ["deev", "", "Dev", "fal-ai/", "/flux", "fal-ai//dev", "fal-ai/flux dev", "https://fal.run/fal-ai/flux", "a/b?c=d"],
)
def test_what_is_no_endpoint_is_an_error_that_lists_the_models(name: str) -> None:
    """A misspelt model is told, with the names there are, before a request is made of it."""
    with pytest.raises(
        ValueError, match=r"must be one of schnell, dev, krea.*or an endpoint id such as fal-ai/flux/dev"
    ):
        endpoint_of(name)


@pytest.mark.parametrize("name", ["fal-ai/../flux/dev", "fal-ai/..", "fal-ai/./flux"])
def test_an_endpoint_is_no_way_to_another_address(name: str) -> None:
    """Dots, which would climb out of the address that the key is sent to, are no part of an endpoint."""
    with pytest.raises(ValueError, match="must be one of"):
        endpoint_of(name)


def test_fals_sizes_have_their_pixels() -> None:
    """Each named size is as wide and as high as fal draws it, and a size in pixels is itself."""
    assert {name: size_in_pixels(name) for name in SIZES} == {
        "square_hd": (1024, 1024),
        "square": (512, 512),
        "portrait_4_3": (768, 1024),
        "portrait_16_9": (576, 1024),
        "landscape_4_3": (1024, 768),
        "landscape_16_9": (1024, 576),
    }
    assert size_in_pixels((1200, 630)) == (1200, 630)
