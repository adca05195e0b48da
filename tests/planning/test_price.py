"""What a hero costs: by its arguments as they are sent, and by what fal says that it billed."""

from __future__ import annotations

from typing import Any

import pytest
from builders import item_of, make_post, save_picture

from pelican_falhero.content.post import Overrides, Post
from pelican_falhero.planning.price import billed_usd, price_of
from pelican_falhero.planning.request import build_request
from pelican_falhero.settings import Settings

SCRIBBLE = "fal-ai/image-preprocessors/scribble"


@pytest.mark.parametrize(
    ("post", "settings", "usd"),
    [
        (make_post(), Settings(), 0.025),
        (make_post(size=(2048, 2048)), Settings(), 0.1),
        (make_post(), Settings(image_size=(2048, 1024)), 0.05),
        (make_post(model="fal-ai/flux/schnell"), Settings(), 0.003),
        (make_post(steps=28), Settings(), 0.025),
        (make_post(), Settings(prices={"dev": 0.5}), 0.5),
        (make_post(), Settings(prices={"fal-ai/flux/dev": 0.4, "dev": 0.5}), 0.4),
        (make_post(), Settings(prices={"schnell": 0.5}), 0.025),
        (make_post(), Settings(prices={"dev": 0.0}), 0.0),
        (make_post(), Settings(model="me/mine"), None),
        (make_post(), Settings(model="me/mine", prices={"me/mine": 0.2}), 0.2),
        (make_post(model="me/mine"), Settings(), None),
    ],
)
def test_a_hero_has_its_models_price_unless_one_is_set(post: Post, settings: Settings, usd: float | None) -> None:
    """FALHERO_PRICES wins, by endpoint or short name; steps cost nothing; what nobody knows has no price."""
    assert price_of(build_request(post, settings), settings) == usd


@pytest.mark.parametrize(
    ("image_size", "usd"),
    [
        ({"width": 2048, "height": 2048}, 0.1),
        # fal's own value for a side that is left out is 512.
        ({"width": 4096}, 0.05),
        ({"height": 512}, 0.025),
        ({}, 0.025),
        ("square_hd", 0.025),
    ],
)
def test_the_size_that_is_sent_has_the_price(image_size: object, usd: float) -> None:
    """A size in FALHERO_ARGUMENTS goes before those of settings and post, for the price as for the picture."""
    settings = Settings(image_size=(1024, 2048), arguments={"image_size": image_size})
    assert price_of(build_request(make_post(size=(3000, 3000)), settings), settings) == usd


def test_a_preparation_has_its_own_price(tmp_path: Any) -> None:
    """A hero of two steps costs both, and each step is priced by what it is sent."""
    own = Overrides(control=save_picture(tmp_path / "sketch.png"), control_type="scribble")
    post = make_post(overrides=own)
    settings = Settings(prices={SCRIBBLE: 0.01}, arguments={"image_size": {"width": 2048, "height": 1024}})
    item = item_of(post, settings=settings)
    assert item.price == pytest.approx(0.16)
    assert item.price_at(SCRIBBLE) == 0.01
    assert item.price_at("fal-ai/flux-general") == 0.15
    assert item.unpriced == ""
    assert item_of(post).unpriced == SCRIBBLE


def test_a_step_that_is_free_or_of_another_request_has_no_price() -> None:
    """What is written down of a request is what it costs, and that may be nothing."""
    assert item_of(make_post(), settings=Settings(prices={"dev": 0.0})).price_at("fal-ai/flux/dev") == 0.0
    assert item_of(make_post()).price_at(SCRIBBLE) == 0.0


TWO = {"image_size": {"width": 2048, "height": 1024}}


@pytest.mark.parametrize(
    ("endpoint", "units", "arguments", "prices", "usd"),
    [
        ("fal-ai/flux/dev", 1, {}, {}, 0.025),
        ("fal-ai/flux/dev", 0.75, {}, {}, 0.01875),
        ("fal-ai/flux/dev", 2, TWO, {}, 0.05),
        ("fal-ai/flux/dev", 0, TWO, {}, 0.0),
        # A size that fal does not know can't be priced, and counts as the usual one.
        ("fal-ai/flux/dev", 2, {"image_size": "huge"}, {"dev": 0.08}, 0.16),
        ("fal-ai/flux-2-pro", 1, {}, {}, 0.03),
        ("fal-ai/flux-2-pro", 2.5, TWO, {}, 0.0525),
        ("fal-ai/flux-2-pro", 0.5, {}, {}, 0.015),
        ("fal-ai/flux-pro/v1.1-ultra", 1, {"aspect_ratio": "21:9"}, {}, 0.06),
        ("fal-ai/flux-pro/v1.1-ultra", 2, {"aspect_ratio": "21:9"}, {}, 0.12),
        # A price of one's own is for the picture as it was expected.
        ("fal-ai/flux/dev", 2, TWO, {"dev": 0.08}, 0.08),
        ("fal-ai/flux/dev", 1, TWO, {"dev": 0.08}, 0.04),
        ("fal-ai/flux-pro/v1.1-ultra", 2, {}, {"ultra": 0.05}, 0.1),
        ("fal-ai/flux/dev", 3, {}, {"dev": 0.0}, 0.0),
        # What a unit of an endpoint outside the catalogue is, nobody knows; nothing is nothing.
        ("me/mine", 7, {}, {"me/mine": 0.2}, 9.0),
        ("me/mine", 0, {}, {"me/mine": 0.2}, 0.0),
        ("fal-ai/flux/dev", -1, {}, {}, 9.0),
        ("fal-ai/flux/dev", float("nan"), {}, {}, 9.0),
        ("fal-ai/flux/dev", float("inf"), {}, {}, 9.0),
    ],
)
def test_what_fal_billed_has_the_plans_prices(
    endpoint: str, units: float, arguments: dict[str, object], prices: dict[str, float], usd: float
) -> None:
    """Units are megapixels or pictures, by the endpoint's price; where they say nothing the estimate stands."""
    billed = billed_usd(endpoint, units, estimate=9.0, arguments=arguments, settings=Settings(prices=prices))
    assert billed == pytest.approx(usd)
