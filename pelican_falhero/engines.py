"""The engines that draw heroes: what each is called, how its key is set, which models it has, and what it calls things.

fal's own catalogue is in ``models``. To add a model of another engine, add a row here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from . import models
from .models import CATALOGUE, PRICES_DATE, Model, Price, Range

FAL = "fal"

_PNG: Mapping[str, Any] = MappingProxyType({"output_format": "png"})


class Engine(NamedTuple):
    """One engine."""

    name: str
    """Its name in ``FALHERO_PROVIDER`` and in the ledger."""
    title: str
    """Its name in messages."""
    catalogue: tuple[Model, ...]
    key_variable: str
    """The environment variable that holds its key; empty if a setting names it. fal's may be elsewhere too."""
    how_to_set_key: str
    """What to do when its credentials are missing."""
    prices_date: str
    """The last day whose published prices are in the catalogue; empty if it has none."""
    arguments: Mapping[str, Any] = _PNG
    """Arguments of every request."""
    guidance: str = "guidance_scale"
    """What it calls the guidance scale."""
    sizing: str = "image_size"
    """The argument that carries the size, for models outside the catalogue; as ``Model.sizing``."""
    takes_loras: bool = False
    """Whether it draws with LoRAs and control images."""


_RATIOS = ("21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "9:21")
_PRO_RATIOS = _RATIOS[1:-1]
_JPG_FORMATS = ("png", "jpg", "webp")


def _image(usd: float) -> Price:
    return Price(usd=usd, unit="image")


# No page of these models could be read itself. Arguments: schnell's and an older dev's version pages; the ranges of
# dev's steps and guidance as another model there passes them on (replicate.com/gfodor/text2vox); pro's and ultra's as
# relays of this API document them. The steps are Replicate's own default: its price does not depend on them. Prices
# per output image: https://replicate.com/pricing as transcribed on 2026-10-07 (api-evangelist/replicate), and ultra's
# as lumenfall.ai lists it.
# fmt: off
_REPLICATE: tuple[Model, ...] = (
    Model("schnell", "black-forest-labs/flux-schnell", "schnell", _image(0.003), Range(1, 4, 4), None, 1,
          "drafts and large back catalogues", sizing="aspect_ratio", shapes=_RATIOS, formats=_JPG_FORMATS),
    Model("dev", "black-forest-labs/flux-dev", "dev", _image(0.025), Range(1, 50, 28), Range(0, 10, 3), 3,
          "heroes: good and cheap", sizing="aspect_ratio", shapes=_RATIOS, formats=_JPG_FORMATS),
    Model("pro", "black-forest-labs/flux-1.1-pro", "pro", _image(0.04), None, None, 8,
          "faithful, detailed pictures", sizing="aspect_ratio", shapes=_PRO_RATIOS, formats=_JPG_FORMATS),
    Model("ultra", "black-forest-labs/flux-1.1-pro-ultra", "pro", _image(0.06), None, None, 10,
          "up to four megapixels, for print and large screens", sizing="aspect_ratio", shapes=_RATIOS,
          formats=("png", "jpg")),
)

# Which arguments count depends on the inference provider that draws, and so does the price.
_HUGGING_FACE: tuple[Model, ...] = (
    Model("schnell", "black-forest-labs/FLUX.1-schnell", "schnell", None, Range(1, 50, 4), None, 3,
          "drafts and large back catalogues", sizing="width and height"),
    Model("dev", "black-forest-labs/FLUX.1-dev", "dev", None, Range(1, 50, 28), Range(0, 20, 3.5), 8,
          "heroes", sizing="width and height"),
    Model("krea", "black-forest-labs/FLUX.1-Krea-dev", "dev", None, Range(1, 50, 28), Range(0, 20, 4.5), 8,
          "photographs without the artificial look", sizing="width and height"),
)

# https://platform.openai.com/docs/guides/image-generation: the price depends on the quality that is asked for.
_OPENAI_SIZES = ("1024x1024", "1536x1024", "1024x1536")
_OPENAI: tuple[Model, ...] = (
    Model("gpt-image-1", "gpt-image-1", "gpt-image-1", None, None, None, 40,
          "OpenAI's own, good at words in the picture", sizing="size", shapes=_OPENAI_SIZES, seeds=False),
    Model("gpt-image-1-mini", "gpt-image-1-mini", "gpt-image-1", None, None, None, 30,
          "OpenAI's own, for less", sizing="size", shapes=_OPENAI_SIZES, seeds=False),
)
# fmt: on

ENGINES: Mapping[str, Engine] = MappingProxyType(
    {
        engine.name: engine
        for engine in (
            Engine(
                name=FAL,
                title="fal",
                catalogue=CATALOGUE,
                key_variable="FAL_KEY",
                how_to_set_key="set FAL_KEY (https://fal.ai/dashboard/keys) or run `fal auth login`",
                prices_date=PRICES_DATE,
                takes_loras=True,
            ),
            Engine(
                name="replicate",
                title="Replicate",
                catalogue=_REPLICATE,
                key_variable="REPLICATE_API_TOKEN",
                how_to_set_key="set REPLICATE_API_TOKEN (https://replicate.com/account/api-tokens)",
                prices_date="2026-10-07",
                guidance="guidance",
                sizing="aspect_ratio",
            ),
            Engine(
                name="huggingface",
                title="Hugging Face",
                catalogue=_HUGGING_FACE,
                key_variable="HF_TOKEN",
                how_to_set_key="set HF_TOKEN (https://huggingface.co/settings/tokens)",
                prices_date="",
                arguments=MappingProxyType({}),
                sizing="width and height",
            ),
            Engine(
                name="openai",
                title="the image server",
                catalogue=_OPENAI,
                key_variable="",
                how_to_set_key="set the variable that FALHERO_API_KEY_NAME names",
                prices_date="",
                arguments=MappingProxyType({}),
                sizing="size",
            ),
        )
    }
)


def title_of(name: str) -> str:
    """Return what messages call an engine; for one that only a later version knows, its name."""
    return ENGINES[name].title if name in ENGINES else name


_MODELS = {
    name: {key: model for model in engine.catalogue for key in (model.name, model.endpoint)}
    for name, engine in ENGINES.items()
}


def model_at(engine: str, name: str) -> Model | None:
    """Return the model with this short name or endpoint id in an engine's catalogue; None if there is none."""
    return _MODELS[engine].get(name)


def find_anywhere(endpoint: str) -> Model | None:
    """Return the model with this endpoint id, whichever engine has it; None if none has."""
    every = (model for engine in ENGINES.values() for model in engine.catalogue)
    return next((model for model in every if model.endpoint == endpoint), None)


def endpoint_of(name: str) -> str:
    """Return the endpoint id for a model's short name at the first engine that has it, or for an endpoint id.

    Raises:
        ValueError: as ``models.endpoint_of``.
    """
    known = (model_at(engine, name) for engine in ENGINES if engine != FAL)
    other = None if model_at(FAL, name) else next(filter(None, known), None)
    return other.endpoint if other else models.endpoint_of(name)


def endpoint_at(engine: str, endpoint: str) -> str:
    """Return the endpoint at an engine for one that a setting or a post names, which may be another engine's.

    A model that another engine has stands for the one with the same short name, so that a change of the engine needs no
    other change.

    Raises:
        ValueError: the engine does not have that model.
    """
    if model_at(engine, endpoint):
        return endpoint
    foreign = find_anywhere(endpoint)
    if foreign is None:
        return endpoint
    if model := model_at(engine, foreign.name):
        return model.endpoint
    if engine == FAL:
        # It has no price there, so nothing is bought; and where cards are drawn, it does not matter.
        return endpoint
    known = names_of(ENGINES[engine].catalogue)
    raise ValueError(f"must be a model of {title_of(engine)} ({known}, or another by its id), not {foreign.name}")


def names_of(models: Iterable[Model]) -> str:
    """Return the short names of models, as a list in a sentence."""
    return ", ".join(model.name for model in models)


def models_with(engine: str, feature: str) -> str:
    """Return the short names of an engine's models that support a feature, named by its field of Model."""
    return names_of(model for model in ENGINES[engine].catalogue if getattr(model, feature))
