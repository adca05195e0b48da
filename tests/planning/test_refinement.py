"""The request that has a hero changed: what is sent, and in which size it comes back."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from builders import save_picture
from fal_schemas import ENDPOINTS
from fal_validation import check, embedded_size
from PIL import Image

from pelican_falhero.models import CATALOGUE, Model, find_edit_model
from pelican_falhero.planning.price import price_of
from pelican_falhero.planning.refinement import Instruction, refinement_of
from pelican_falhero.settings import Settings

WANTED = Instruction(text="at night", seed=2**64 - 1)
EDIT_MODELS = [model for model in CATALOGUE if model.edits]
SMALL = (300, 300)


def is_long(model: Model, size: tuple[int, int]) -> bool:
    """Whether it takes longer, and an earlier model draws the same sizes."""
    earlier = EDIT_MODELS[: EDIT_MODELS.index(model)]
    return size != SMALL and model.sides in [other.sides for other in earlier]


def plain(width: int, height: int) -> Image.Image:
    """A picture that is encoded and decoded fast, for only its size matters."""
    return Image.linear_gradient("L").resize((width, height), Image.Resampling.BOX).convert("RGB")


@pytest.mark.parametrize(
    ("model", "size"),
    [
        pytest.param(model, size, id=f"{model.name}-{size}", marks=pytest.mark.long if is_long(model, size) else ())
        for model in EDIT_MODELS
        for size in [(1024, 768), SMALL, (2400, 1800), (2400, 360), (64, 700)]
    ],
)
def test_fal_takes_what_is_sent_of_every_hero(tmp_path: Path, model: Model, size: tuple[int, int]) -> None:
    """Whatever the size of a hero, every argument is one that the endpoint has, with a value that it accepts."""
    hero = save_picture(tmp_path / "hero.png", image=plain(*size), compress_level=1)
    request = refinement_of(hero, Instruction(text="at night", model=model, seed=2**64 - 1))
    sent = request.with_control_image()
    checked = check(ENDPOINTS[sent.endpoint].schema, sent.arguments)
    assert (checked.errors, checked.unknown) == ([], [])
    assert request.arguments["image_urls"] == [f"falhero:file:sha256:{hashlib.sha256(hero.read_bytes()).hexdigest()}"]


def test_the_same_instruction_is_the_same_request(tmp_path: Path) -> None:
    """Asked for twice, a change is paid for once; another picture is another request."""
    hero = save_picture(tmp_path / "hero.png", image=plain(300, 300))
    other = save_picture(tmp_path / "other.png", image=plain(300, 300).rotate(180))
    assert refinement_of(hero, WANTED).fingerprint == refinement_of(hero, WANTED).fingerprint
    assert refinement_of(hero, WANTED).fingerprint != refinement_of(other, WANTED).fingerprint


@pytest.mark.parametrize(
    ("size", "asked", "sent", "megapixels"),
    [
        ((1024, 768), (1024, 768), (1024, 768), 2),
        ((1440, 810), (1440, 810), (1024, 576), 3),
        ((2400, 1800), (2048, 1536), (1024, 768), 4),
        ((200, 150), (683, 512), (200, 150), 2),
        # No size in the endpoint's range has this shape.
        ((2400, 360), (2048, 512), (1024, 154), 2),
    ],
    ids=str,
)
def test_the_result_has_the_shape_of_the_hero(
    tmp_path: Path, size: tuple[int, int], asked: tuple[int, int], sent: tuple[int, int], megapixels: int
) -> None:
    """Its own size, or the nearest that the endpoint draws; both pictures are paid for, each rounded up."""
    request = refinement_of(save_picture(tmp_path / "hero.png", image=plain(*size), compress_level=1), WANTED)
    assert request.arguments["image_size"] == {"width": asked[0], "height": asked[1]}
    assert embedded_size(request.with_control_image().arguments["image_urls"][0]) == sent
    assert price_of(request, Settings()) == pytest.approx(megapixels * 0.012)
    assert price_of(request, Settings(prices={"flux-2-edit": 0.5})) == 0.5


@pytest.mark.parametrize(
    ("name", "size", "asked", "usd"),
    [
        ("flux-2-pro-edit", (1024, 768), (1024, 768), 0.045),
        ("flux-2-pro-edit", (1200, 630), (1200, 624), 0.045),
        ("flux-2-pro-edit", (3000, 2000), (2496, 1664), 0.09),
        ("flux-2-max-edit", (1024, 768), (1024, 768), 0.10),
        ("flux-2-max-edit", (1920, 1088), (1920, 1088), 0.13),
    ],
)
def test_a_dearer_model_bills_its_first_megapixel_once(
    tmp_path: Path, name: str, size: tuple[int, int], asked: tuple[int, int], usd: float
) -> None:
    """Every other megapixel that comes or is sent has the lower price; sides fit the model's steps and its area."""
    request = refinement_of(
        save_picture(tmp_path / "hero.png", image=plain(*size), compress_level=1),
        Instruction(text="at night", model=find_edit_model(name)),
    )
    assert request.arguments["image_size"] == {"width": asked[0], "height": asked[1]}
    assert price_of(request, Settings()) == pytest.approx(usd)


def test_a_hero_that_lies_on_its_side_is_sent_upright(tmp_path: Path) -> None:
    """A photograph that its author has put in the place of a hero is turned as every viewer turns it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    hero = save_picture(tmp_path / "hero.jpg", image=plain(800, 600), exif=exif)
    request = refinement_of(hero, WANTED)
    assert request.arguments["image_size"] == {"width": 600, "height": 800}
    assert embedded_size(request.with_control_image().arguments["image_urls"][0]) == (600, 800)
