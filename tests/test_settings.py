"""Settings: from pelicanconf.py or pyproject.toml into one frozen, checked object."""

from __future__ import annotations

import datetime
import tomllib
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from pelican.settings import DEFAULT_CONFIG

from pelican_falhero.errors import SettingsError
from pelican_falhero.loras import Lora
from pelican_falhero.settings import Settings, setting_names
from pelican_falhero.settings_reading import read_settings

ROOT = Path("/blog/content")

DEFAULTS: dict[str, object] = {
    "provider": "auto",
    "base_url": "",
    "insecure_host": "",
    "api_key_name": "",
    "model": "fal-ai/flux/dev",
    "style": "Cinematic lighting, professional photography, 8K",
    "styles": {},
    "prompt": "{title}. {excerpt}. {style}",
    "director": "",
    "direction": "",
    "prompt_limit": 500,
    "image_size": "landscape_4_3",
    "steps": None,
    "guidance_scale": None,
    "seed": None,
    "negative_prompt": "",
    "loras": (),
    "lora_library": {},
    "arguments": {},
    "assets_dir": "images/heroes",
    "include": frozenset(),
    "since": None,
    "concurrency": 8,
    "timeout": 300.0,
    "refresh": "missing",
    "budget": 1.0,
    "monthly_budget": None,
    "spend_in_ci": False,
    "dry_run": False,
    "show": "auto",
    "fields": {},
    "widths": (480, 800),
    "formats": ("webp",),
    "alt": "",
    "alt_model": "",
    "inline_style": True,
    "card_font": "",
    "on_error": "card",
    "prices": {},
}


def read(root: Path = ROOT, /, **values: Any) -> Settings:
    """The settings of a pelicanconf.py that sets these."""
    return read_settings({f"FALHERO_{name}": value for name, value in values.items()}, root=root)


def complaints(**values: object) -> str:
    """What is said about settings that can't be used."""
    with pytest.raises(SettingsError) as caught:
        read(**values)
    return str(caught.value)


def values_of(settings: Settings) -> dict[str, Any]:
    """All of them, by their names."""
    return {name: getattr(settings, name) for name in setting_names()}


def test_a_blog_that_sets_nothing_gets_the_defaults() -> None:
    """All settings have a default, and these are the promised ones."""
    settings = read_settings(DEFAULT_CONFIG, root=ROOT)
    assert values_of(settings) == values_of(Settings()) == DEFAULTS


def test_the_settings_of_others_are_left_alone() -> None:
    """Only names that begin with FALHERO_ are looked at, however similar others are."""
    settings = read_settings({"SITENAME": "x", "FAL_BUDGET": -1, "falhero_budget": -1}, root=ROOT)
    assert values_of(settings) == DEFAULTS


def test_every_setting_can_be_set() -> None:
    """Each value arrives checked, in the form that the program uses."""
    own = {
        "provider": "fal",
        "base_url": "https://gpu.example/v1",
        "insecure_host": "gpu.lan",
        "api_key_name": "GPU_KEY",
        "model": "krea",
        "style": "Oil painting",
        "styles": {"category:Python": "flat"},
        "prompt": "{title}",
        "director": "google/gemini-2.5-pro",
        "direction": "Only animals",
        "prompt_limit": 200,
        "image_size": "1200x630",
        "steps": 20,
        "guidance_scale": 5,
        "seed": 7,
        "negative_prompt": "people",
        "loras": ["https://weights.example/ink"],
        "lora_library": {"ink": "owner/ink"},
        "arguments": {"acceleration": "regular"},
        "assets_dir": "pictures",
        "include": ["drafts"],
        "since": "2026-11-01",
        "concurrency": 2,
        "timeout": 60,
        "refresh": "changed",
        "budget": 5,
        "monthly_budget": 20,
        "spend_in_ci": True,
        "show": "insert",
        "fields": {"cover": "path"},
        "widths": [1600, 640],
        "formats": ["jpeg", "avif"],
        "alt": "On {title}",
        "alt_model": "google/gemini-2.5-flash",
        "inline_style": False,
        "dry_run": True,
        "card_font": "fonts/kai.ttc",
        "on_error": "fail",
        "prices": {"krea": 0.03},
    }
    assert own.keys() == DEFAULTS.keys()
    settings = read(**{name.upper(): value for name, value in own.items()})
    assert values_of(settings) == own | {
        "model": "fal-ai/flux/krea",
        "image_size": (1200, 630),
        "guidance_scale": 5.0,
        "loras": (Lora("https://weights.example/ink"),),
        "lora_library": {"ink": Lora("owner/ink")},
        "include": frozenset({"drafts"}),
        "since": datetime.date(2026, 11, 1),
        "widths": (640, 1600),
        "formats": ("avif", "jpeg"),
        "timeout": 60.0,
        "budget": 5.0,
        "monthly_budget": 20.0,
    }


def test_settings_can_not_be_changed() -> None:
    """What was checked stays as it was checked."""
    settings = read()
    with pytest.raises(FrozenInstanceError):
        settings.budget = 1000.0  # type: ignore[misc]


@pytest.mark.parametrize("name", ["STEPS", "GUIDANCE_SCALE", "SEED", "SINCE", "MONTHLY_BUDGET"])
def test_none_leaves_a_setting_open(name: str) -> None:
    """Settings that have no value by default can be set to none."""
    assert values_of(read(**{name: None})) == DEFAULTS


def test_a_style_may_be_empty() -> None:
    """Who wants no style says so."""
    assert read(STYLE="").style == ""


def test_a_prompt_may_be_a_function() -> None:
    """A function is taken as it is; it is called when there is an article."""

    def prompt(article: object) -> str:
        return f"About {article}"

    assert read(PROMPT=prompt).prompt is prompt


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FALHERO_BUGDET", "FALHERO_BUDGET"),
        ("FALHERO_BUDGETS", "FALHERO_BUDGET"),
        ("FALHERO_MONTHLYBUDGET", "FALHERO_MONTHLY_BUDGET"),
        ("FALHERO_ASSET_DIR", "FALHERO_ASSETS_DIR"),
        ("FALHERO_STYEL", "FALHERO_STYLE"),
        ("FALHERO_GUIDANCE", "FALHERO_GUIDANCE_SCALE"),
        ("FALHERO_Provider", "FALHERO_PROVIDER"),
    ],
)
def test_a_misspelt_setting_is_an_error_with_a_suggestion(written: str, meant: str) -> None:
    """A setting that does not exist names the one that was probably meant."""
    with pytest.raises(SettingsError) as caught:
        read_settings({written: 5}, root=ROOT)
    assert str(caught.value) == f"{written} is not a setting (did you mean {meant}?)"


def test_a_setting_that_is_like_no_other_lists_them_all() -> None:
    """Where there is nothing to suggest, everything is."""
    said = complaints(XYZZY=1)
    assert said.startswith("FALHERO_XYZZY is not a setting; the settings are FALHERO_")
    assert all(f"FALHERO_{name.upper()}" in said for name in setting_names())


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Nobody mends one setting to hear of the next."""
    said = complaints(BUDGET="much", BUGDET=1, CONCURRENCY=0)
    assert said == (
        "FALHERO_BUDGET must be a number from 0, not 'much'; "
        "FALHERO_BUGDET is not a setting (did you mean FALHERO_BUDGET?); "
        "FALHERO_CONCURRENCY must be a whole number from 1 to 64, not 0"
    )


WRONG: list[tuple[str, Any]] = [
    ("PROVIDER", "dall-e"),
    ("PROVIDER", None),
    ("MODEL", "deev"),
    ("MODEL", None),
    ("STYLE", None),
    ("STYLE", ["flat"]),
    ("STYLES", ["flat"]),
    ("STYLES", {"Python": "flat"}),
    ("PROMPT", "{titel}"),
    ("PROMPT", "{title"),
    ("PROMPT", ""),
    ("PROMPT_LIMIT", 19),
    ("PROMPT_LIMIT", 10_001),
    ("IMAGE_SIZE", "huge"),
    ("IMAGE_SIZE", (0, 100)),
    ("STEPS", 0),
    ("STEPS", 101),
    ("STEPS", 4.5),
    ("GUIDANCE_SCALE", -1),
    ("SEED", -1),
    ("SEED", 2**64),
    ("ASSETS_DIR", ""),
    ("ASSETS_DIR", "images/\0heroes"),
    ("ASSETS_DIR", None),
    ("INCLUDE", "articles"),
    ("SINCE", "last week"),
    ("CONCURRENCY", 65),
    ("CONCURRENCY", True),
    ("TIMEOUT", 0.5),
    ("TIMEOUT", float("inf")),
    ("REFRESH", "always"),
    ("BUDGET", -0.01),
    ("BUDGET", float("nan")),
    ("BUDGET", None),
    ("MONTHLY_BUDGET", -1),
    ("SPEND_IN_CI", "yes"),
    ("DRY_RUN", 1),
    ("CARD_FONT", "Noto Sans"),
    ("CARD_FONT", None),
    ("ON_ERROR", "ignore"),
    ("PRICES", {"dev": -1}),
    ("PRICES", 0.03),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name}={value!r}" for name, value in WRONG])
def test_a_value_of_the_wrong_type_or_range_names_its_setting(name: str, value: object) -> None:
    """A bad value is one sentence that begins with the full name of its setting."""
    assert complaints(**{name: value}).startswith(f"FALHERO_{name} ")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"MODEL": "schnell", "STEPS": 28}, "FALHERO_STEPS must be 1 to 12 for fal-ai/flux/schnell, not 28"),
        ({"STEPS": 51}, "FALHERO_STEPS must be 1 to 50 for fal-ai/flux/dev, not 51"),
        ({"GUIDANCE_SCALE": 0.5}, "FALHERO_GUIDANCE_SCALE must be 1 to 20 for fal-ai/flux/dev, not 0.5"),
        (
            {"MODEL": "lora", "GUIDANCE_SCALE": 36},
            "FALHERO_GUIDANCE_SCALE must be 0 to 35 for fal-ai/flux-lora, not 36",
        ),
        (
            {"LORAS": ["owner/ink"], "GUIDANCE_SCALE": 36},
            "FALHERO_GUIDANCE_SCALE must be 0 to 35 for fal-ai/flux-lora, not 36",
        ),
        (
            {"ARGUMENTS": {"num_inference_steps": 51}},
            'FALHERO_ARGUMENTS["num_inference_steps"] must be 1 to 50 for fal-ai/flux/dev, not 51',
        ),
        (
            {"LORA_LIBRARY": {"ink": "owner/ink"}, "STYLE": "oil <lora:ink:9>"},
            "FALHERO_STYLE names the LoRA ink, which must have a scale from 0 to 4, not 9.0",
        ),
    ],
)
def test_steps_and_guidance_must_suit_the_model(values: dict[str, object], said: str) -> None:
    """fal refuses, and may charge, what a model does not take; so it is refused here, for nothing."""
    assert complaints(**values) == said


def test_an_endpoint_of_ones_own_takes_any_steps() -> None:
    """Of an endpoint that the catalogue does not know, nothing is presumed."""
    assert read(MODEL="me/mine", STEPS=99, GUIDANCE_SCALE=0).steps == 99


def test_guidance_must_suit_the_endpoint_that_loras_lead_to() -> None:
    """With LoRAs for every hero, dev's own range does not matter: nothing is sent there."""
    assert read(LORAS=["owner/ink"], GUIDANCE_SCALE=30).guidance_scale == 30


@pytest.mark.parametrize(
    ("written", "folder"),
    [
        ("images/heroes", "images/heroes"),
        ("images/heroes/", "images/heroes"),
        ("./images//heroes", "images/heroes"),
        ("images/../heroes", "heroes"),
        (Path("images/heroes"), "images/heroes"),
        ("/blog/content/images", "images"),
        (".", "."),
        ("", None),
        ("..", None),
        ("../images", None),
        ("images/../../heroes", None),
        ("/elsewhere/images", None),
        ("/blog/content-too/images", None),
        ("~/images", None),
        (".falhero", None),
        (".falhero/heroes", None),
        ("images/.falhero", None),
    ],
)
def test_the_assets_folder_lies_below_path(written: str | Path, folder: str | None) -> None:
    """A folder inside PATH is kept relative to it; any other, whose pictures nobody would see, is an error."""
    if folder is None:
        assert complaints(ASSETS_DIR=written).startswith("FALHERO_ASSETS_DIR must ")
    else:
        assert read(ASSETS_DIR=written).assets_dir == folder


def test_a_relative_path_is_as_good_as_an_absolute_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """PATH = "." works, with an assets folder that is relative or absolute."""
    monkeypatch.chdir(tmp_path)
    assert read(Path(), ASSETS_DIR="images/heroes").assets_dir == "images/heroes"
    assert read(Path(), ASSETS_DIR=str(tmp_path / "images")).assets_dir == "images"


def test_an_assets_folder_may_be_a_link(tmp_path: Path) -> None:
    """A link inside PATH is published like a folder, wherever it leads."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "heroes").symlink_to(tmp_path / "elsewhere")
    assert read(tmp_path / "content", ASSETS_DIR="heroes").assets_dir == "heroes"


def test_pyproject_toml_has_the_same_settings() -> None:
    """Without a prefix, in lower case, with TOML's own dates; and errors name them as they are written there."""
    table = tomllib.loads('model = "schnell"\nsince = 2026-11-01\nimage_size = [1200, 630]\nprices = {dev = 0.02}')
    settings = read_settings(table, root=ROOT, prefix="")
    assert settings.model == "fal-ai/flux/schnell"
    assert settings.since == datetime.date(2026, 11, 1)
    assert settings.image_size == (1200, 630)
    assert settings.prices == {"dev": 0.02}
    with pytest.raises(SettingsError, match=r"^bugdet is not a setting \(did you mean budget\?\); steps must be"):
        read_settings({"bugdet": 1, "steps": 0}, root=ROOT, prefix="")
