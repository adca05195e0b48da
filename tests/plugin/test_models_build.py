"""Whole builds with every model and feature: the exact JSON that reaches fal, and what it costs."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from PIL import Image, ImageDraw

STYLE = "Cinematic lighting, professional photography, 8K"
SIZE = {"image_size": "landscape_4_3"}
COMMON = {"output_format": "png"}

MODELS: list[tuple[str, str, dict[str, Any], float]] = [
    ("schnell", "fal-ai/flux/schnell", SIZE | {"num_inference_steps": 4, "guidance_scale": 3.5}, 0.003),
    ("dev", "fal-ai/flux/dev", SIZE | {"num_inference_steps": 4, "guidance_scale": 3.5}, 0.025),
    ("krea", "fal-ai/flux/krea", SIZE | {"num_inference_steps": 28, "guidance_scale": 4.5}, 0.025),
    ("pro", "fal-ai/flux-pro/v1.1", SIZE, 0.04),
    ("ultra", "fal-ai/flux-pro/v1.1-ultra", {"aspect_ratio": "4:3"}, 0.06),
    ("lora", "fal-ai/flux-lora", SIZE | {"num_inference_steps": 28, "guidance_scale": 3.5}, 0.035),
    ("general", "fal-ai/flux-general", SIZE | {"num_inference_steps": 28, "guidance_scale": 3.5}, 0.075),
    ("flux-2", "fal-ai/flux-2", SIZE | {"num_inference_steps": 28, "guidance_scale": 2.5}, 0.012),
    ("flux-2-flash", "fal-ai/flux-2/flash", SIZE | {"guidance_scale": 2.5}, 0.005),
    ("flux-2-turbo", "fal-ai/flux-2/turbo", SIZE | {"guidance_scale": 2.5}, 0.008),
    ("flux-2-pro", "fal-ai/flux-2-pro", SIZE, 0.03),
    ("flux-2-max", "fal-ai/flux-2-max", SIZE, 0.07),
    ("flux-2-flex", "fal-ai/flux-2-flex", SIZE | {"num_inference_steps": 28, "guidance_scale": 3.5}, 0.05),
    ("flux-2-klein", "fal-ai/flux-2/klein/9b", SIZE | {"num_inference_steps": 4}, 0.006),
    ("z-image-turbo", "fal-ai/z-image/turbo", SIZE | {"num_inference_steps": 8}, 0.005),
]
QUICK = {"dev", "ultra", "lora", "flux-2-flash", "flux-2-pro", "flux-2-klein"}
"""One of each kind of request; the others are long."""


@pytest.mark.parametrize(
    ("name", "endpoint", "expected", "usd"),
    [model if model[0] in QUICK else pytest.param(*model, marks=pytest.mark.long) for model in MODELS],
)
def test_each_model_gets_what_it_takes_and_nothing_else(
    blog: Blog, fal: FalServer, name: str, endpoint: str, expected: dict[str, Any], usd: float
) -> None:
    """Each model's request holds its own defaults and no argument that its endpoint ignores, at fal's price."""
    del blog.settings["FALHERO_IMAGE_SIZE"]
    blog.configure(FALHERO_MODEL=name, FALHERO_SEED=42)
    blog.post("a.md", "Graphs", "About nodes.")
    built = blog.build(env=fal.environment())
    assert built.code == 0, built.output
    (job,) = fal.submissions
    assert job.endpoint == endpoint
    assert job.arguments == COMMON | expected | {"prompt": f"Graphs. About nodes. {STYLE}", "seed": 42}
    assert not job.unknown_fields
    assert fal.cost_usd == pytest.approx(usd)
    assert blog.events()[-1]["usd"] == pytest.approx(usd)
    with Image.open(blog.assets / hero_name("Graphs")) as image:
        assert image.format == "PNG"


def test_a_model_without_published_price_needs_one(blog: Blog, fal: FalServer) -> None:
    """An endpoint that the catalogue has no price for is bought only once FALHERO_PRICES gives one."""
    del blog.settings["FALHERO_IMAGE_SIZE"]
    blog.configure(FALHERO_MODEL="fal-ai/flux-2/klein/4b")
    blog.post("a.md", "Graphs")
    built = blog.build(env=fal.environment())
    assert 'FALHERO_PRICES = {"fal-ai/flux-2/klein/4b": ' in built.output
    assert fal.charges == 0
    blog.configure(FALHERO_PRICES={"fal-ai/flux-2/klein/4b": 0.01})
    assert blog.build(env=fal.environment()).code == 0
    assert fal.submissions[0].endpoint == "fal-ai/flux-2/klein/4b"
    assert blog.events()[-1]["usd"] == 0.01


def test_any_other_endpoint_works_with_arguments_as_given(blog: Blog, fal: FalServer) -> None:
    """An endpoint outside the catalogue is sent FALHERO_ARGUMENTS as they are, once it has a price."""
    arguments = {"aspect_ratio": "3:2", "safety_tolerance": "3"}
    blog.configure(
        FALHERO_MODEL="fal-ai/flux-pro/kontext/text-to-image",
        FALHERO_ARGUMENTS=arguments,
        FALHERO_PRICES={"fal-ai/flux-pro/kontext/text-to-image": 0.04},
    )
    blog.post("a.md", "Graphs")
    assert blog.build(env=fal.environment()).code == 0
    assert arguments.items() <= fal.submissions[0].arguments.items()
    assert fal.cost_usd == 0.04


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"FALHERO_MODEL": "schnell", "FALHERO_STEPS": 28}, "FALHERO_STEPS must be 1 to 12 for fal-ai/flux/schnell"),
        pytest.param(
            {"FALHERO_GUIDANCE_SCALE": 40},
            "FALHERO_GUIDANCE_SCALE must be 1 to 20 for fal-ai/flux/dev",
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"FALHERO_MODEL": "flux-2-pro", "FALHERO_IMAGE_SIZE": (1200, 630)},
            "FALHERO_IMAGE_SIZE must have sides of",
            marks=pytest.mark.long,
        ),
        pytest.param(
            {"FALHERO_LORAS": [{"path": "https://example.org/a.safetensors", "scale": 5}]},
            "a scale from 0 to 4",
            marks=pytest.mark.long,
        ),
        (
            {"FALHERO_STYLE": "oil <lora:ink>"},
            "FALHERO_STYLE names the unknown LoRA ink; FALHERO_LORA_LIBRARY has nothing",
        ),
        pytest.param(
            {"FALHERO_ARGUMENTS": {"a": {1, 2}}},
            "FALHERO_ARGUMENTS must be a dictionary of JSON values",
            marks=pytest.mark.long,
        ),
        ({"FALHERO_ARGUMENTS": {"num_images": 4}}, "FALHERO_ARGUMENTS can't have num_images 4: only one picture"),
        pytest.param(
            {"FALHERO_ARGUMENTS": {"sync_mode": True}}, "FALHERO_ARGUMENTS can't have sync_mode", marks=pytest.mark.long
        ),
        ({"FALHERO_ARGUMENTS": {"guidance_scale": 99}}, 'FALHERO_ARGUMENTS["guidance_scale"] must be 1 to 20'),
        pytest.param(
            {"FALHERO_IMAGE_SIZE": (49, 49)},
            "FALHERO_IMAGE_SIZE must have sides of 64 to 14142 pixels",
            marks=pytest.mark.long,
        ),
        ({"FALHERO_ARGUMENTS": {"image_size": {"width": 8001, "height": 8001}}}, "must have at most 64000000 pixels"),
    ],
)
def test_an_argument_out_of_range_is_an_error_before_anything_is_sent(
    blog: Blog, fal: FalServer, settings: dict[str, Any], says: str
) -> None:
    """A setting that the model would refuse is one error that names the range; nothing is submitted."""
    blog.configure(**settings)
    blog.post("a.md", "Graphs")
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert built.output.count(says) == 1
    assert not fal.requests


@pytest.mark.parametrize(
    ("settings", "fields", "says"),
    [
        ({}, {"Hero_Size": "63x2000"}, "Hero_Size must have sides of 64 to 14142 pixels"),
        pytest.param(
            {},
            {"Hero_Prompt": "A hill <lora:ink:9>"},
            "Hero_Prompt must give the LoRA me/ink a scale of 0 to 4",
            marks=pytest.mark.long,
        ),
        ({"FALHERO_MODEL": "pro"}, {"Hero_Lora": "ink", "Hero_Steps": "60"}, "Hero_Steps must be 1 to 50"),
        pytest.param(
            {"FALHERO_MODEL": "pro"},
            {"Hero_Control": "sketch.png", "Hero_Steps": "60"},
            "Hero_Steps must be 1 to 50",
            marks=pytest.mark.long,
        ),
        (
            {"FALHERO_MODEL": "lora", "FALHERO_GUIDANCE_SCALE": 30},
            {"Hero_Model": "dev"},
            "FALHERO_GUIDANCE_SCALE must be 1 to 20 for fal-ai/flux/dev, not 30",
        ),
    ],
)
def test_what_the_endpoint_of_a_post_does_not_take_is_never_sent(
    blog: Blog, fal: FalServer, settings: dict[str, Any], fields: dict[str, str], says: str
) -> None:
    """What is out of range for the endpoint that a post really goes to is one warning; the others are drawn."""
    blog.configure(**settings, FALHERO_LORA_LIBRARY={"ink": "me/ink"})
    sketch(blog)
    blog.post("a.md", "Graphs", **fields)
    blog.post("b.md", "Nodes")
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert built.output.count(f"a.md: {says}") == 1
    assert [job.arguments["prompt"][:5] for job in fal.submissions] == ["Nodes"]


def test_the_price_is_that_of_what_is_sent(blog: Blog, fal: FalServer) -> None:
    """A size in FALHERO_ARGUMENTS counts for the budget and in the ledger, as fal charges it."""
    blog.configure(FALHERO_ARGUMENTS={"image_size": {"width": 2048, "height": 2048}}, FALHERO_BUDGET=0.15)
    blog.post("a.md", "Graphs")
    blog.post("b.md", "Nodes")
    built = blog.build(env=fal.environment())
    assert fal.cost_usd == pytest.approx(0.1)
    assert built.tally == "heroes: 1 made, 0 there, 1 card (budget: falhero plan), $0.10"
    assert blog.events()[-1]["usd"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("settings", "fields", "says"),
    [
        ({"FALHERO_MODEL": "pro", "FALHERO_STEPS": 20}, {}, "FALHERO_STEPS is ignored by pro; schnell, dev, krea"),
        ({"FALHERO_NEGATIVE_PROMPT": "text"}, {}, "FALHERO_NEGATIVE_PROMPT is ignored by dev; general supports it"),
        ({}, {"Hero_Negative_Prompt": "text"}, "a.md: Hero_Negative_Prompt is ignored by dev; general supports it"),
        ({"FALHERO_MODEL": "pro"}, {"Hero_Steps": "20"}, "a.md: Hero_Steps is ignored by pro; schnell, dev"),
    ],
)
def test_an_argument_that_is_ignored_is_one_warning(
    blog: Blog, fal: FalServer, settings: dict[str, Any], fields: dict[str, str], says: str
) -> None:
    """What the endpoint does not support is not sent, and one warning names a model that supports it."""
    blog.configure(**settings)
    blog.post("a.md", "Graphs", **fields)
    blog.post("b.md", "Nodes", **fields)
    built = blog.build(env=fal.environment())
    assert built.output.count(says) == 1
    assert fal.charges == 2
    assert not any(job.unknown_fields for job in fal.submissions)


def test_a_size_becomes_an_aspect_ratio_for_ultra(blog: Blog, fal: FalServer) -> None:
    """For ultra a size is sent as the aspect ratio that comes nearest."""
    blog.configure(FALHERO_MODEL="ultra", FALHERO_IMAGE_SIZE=(1200, 630))
    blog.post("a.md", "Graphs")
    blog.build(env=fal.environment())
    assert fal.submissions[0].arguments["aspect_ratio"] == "16:9"
    assert "image_size" not in fal.submissions[0].arguments


def test_a_seed_may_follow_from_the_title(blog: Blog, fal: FalServer) -> None:
    """FALHERO_SEED = "title" gives each post a seed of its own that is the same on every machine."""
    blog.configure(FALHERO_SEED="title")
    blog.post("a.md", "Graphs")
    blog.post("b.md", "Nodes", Hero_Seed="7")
    blog.build(env=fal.environment())
    seeds = {job.arguments["prompt"].split(".")[0]: job.arguments["seed"] for job in fal.submissions}
    assert seeds == {"Graphs": int(hashlib.sha256(b"Graphs").hexdigest()[:8], 16), "Nodes": 7}


def test_a_seed_beyond_64_bits_survives_in_the_ledger(blog: Blog, fal: FalServer) -> None:
    """The seed that fal used is in the ledger to the last digit, however large."""
    fal.faults.add("result", fal_faults.with_values(seed=158603074658846355121234567890))
    blog.post("a.md", "Graphs")
    blog.build(env=fal.environment())
    assert blog.events()[-1]["seed"] == 158603074658846355121234567890


def test_a_negative_prompt_goes_where_it_is_honoured(blog: Blog, fal: FalServer) -> None:
    """A negative prompt is sent to flux-general, a post's own before the settings'."""
    blog.configure(FALHERO_MODEL="general", FALHERO_NEGATIVE_PROMPT="people")
    blog.post("a.md", "Graphs")
    blog.post("b.md", "Nodes", Hero_Negative_Prompt="text, letters")
    blog.build(env=fal.environment())
    sent = {job.arguments["prompt"].split(".")[0]: job.arguments["negative_prompt"] for job in fal.submissions}
    assert sent == {"Graphs": "people", "Nodes": "text, letters"}


def test_loras_come_from_settings_posts_and_prompts(blog: Blog, fal: FalServer) -> None:
    """LoRAs of settings, of a post and in a prompt's <lora:name:scale> switch to the LoRA endpoint by themselves."""
    ink = "https://example.org/ink.safetensors"
    base = "https://example.org/base.safetensors"
    blog.configure(
        FALHERO_LORA_LIBRARY={"ink": {"path": ink, "scale": 0.9, "trigger": "INKSTYLE"}, "clay": "owner/clay-lora"},
        FALHERO_STEPS=20,
    )
    blog.post("a.md", "Own", Hero_Lora=ink)
    blog.post("b.md", "Named", Hero_Lora="ink:0.5")
    blog.post("c.md", "Written", Hero_Prompt="A {title} in clay <lora:clay:0.8>, please")
    blog.post("d.md", "Styled", Hero_Style="INKSTYLE drawing <lora:ink>")
    blog.post("e.md", "Plain")
    assert blog.build(env=fal.environment()).code == 0
    jobs = {job.arguments["prompt"].replace("A ", "").split(".")[0].split(" in ")[0]: job for job in fal.submissions}
    assert jobs["Plain"].endpoint == "fal-ai/flux/dev"
    for name, loras in {
        "Own": [{"path": ink, "scale": 1.0}],
        "Named": [{"path": ink, "scale": 0.5}],
        "Written": [{"path": "owner/clay-lora", "scale": 0.8}],
        "Styled": [{"path": ink, "scale": 0.9}],
    }.items():
        assert jobs[name].endpoint == "fal-ai/flux-lora"
        assert jobs[name].arguments["loras"] == loras
        assert jobs[name].arguments["num_inference_steps"] == 20
        assert "lora:" not in jobs[name].arguments["prompt"]
    assert jobs["Written"].arguments["prompt"] == "A Written in clay, please"
    assert jobs["Named"].arguments["prompt"].endswith("8K, INKSTYLE")
    assert jobs["Styled"].arguments["prompt"].count("INKSTYLE") == 1
    fal_total = sum(event["usd"] for event in blog.events() if event["event"] == "saved")
    assert fal.cost_usd == pytest.approx(fal_total)
    blog.configure(FALHERO_LORAS=[{"path": base, "scale": 0.4}], FALHERO_MODEL="general")
    blog.post("f.md", "Based", Hero_Lora="clay")
    blog.build(env=fal.environment())
    last = fal.submissions[-1]
    assert last.endpoint == "fal-ai/flux-general"
    assert [lora["path"] for lora in last.arguments["loras"]] == [base, "owner/clay-lora"]


def test_a_lora_that_nobody_knows_leaves_its_post_without_hero(blog: Blog, fal: FalServer) -> None:
    """A name that FALHERO_LORA_LIBRARY lacks is named with its post; the others are drawn."""
    blog.configure(FALHERO_LORA_LIBRARY={"ink": "owner/ink"})
    blog.post("a.md", "Bad", Hero_Lora="inc")
    blog.post("b.md", "Good")
    built = blog.build(env=fal.environment())
    assert "names the unknown LoRA inc; FALHERO_LORA_LIBRARY has ink" in built.output
    assert fal.charges == 1


def sketch(blog: Blog, name: str = "sketch.png", size: tuple[int, int] = (200, 100)) -> None:
    """A drawing that a camera took lying on its side."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).line((0, 0, *size), fill="black", width=10)
    path = blog.content / name
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(path, exif=exif)


def picture_in(uri: str) -> Image.Image:
    """The picture that a data URI holds."""
    head, _, data = uri.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


@pytest.mark.parametrize("kind", ["canny", "depth"])
def test_canny_and_depth_go_to_their_control_lora(blog: Blog, fal: FalServer, kind: str) -> None:
    """A control image of these types is sent upright and brought down, to the endpoint that maps it itself."""
    sketch(blog, "images/sketch.png", (1400, 700))
    blog.post(
        "a.md", "Graphs", Hero_Control="{static}/images/sketch.png", Hero_Control_Type=kind, Hero_Control_Scale="0.8"
    )
    built = blog.build(env=fal.environment())
    assert built.code == 0, built.output
    (job,) = fal.submissions
    assert job.endpoint == f"fal-ai/flux-control-lora-{kind}"
    assert job.arguments["control_lora_strength"] == 0.8
    assert not job.unknown_fields
    assert picture_in(job.arguments["control_lora_image_url"]).size == (512, 1024)
    assert blog.events()[-1]["usd"] == 0.04
    assert blog.heroes() == {hero_name("Graphs")}


@pytest.mark.parametrize(
    ("kind", "endpoint", "mode"),
    [("pose", "fal-ai/dwpose", "pose"), ("scribble", "fal-ai/image-preprocessors/scribble", "canny")],
)
def test_pose_and_scribble_are_mapped_first(blog: Blog, fal: FalServer, kind: str, endpoint: str, mode: str) -> None:
    """A pose or scribble is made into a map by a request of its own, whose price counts, then steers flux-general."""
    sketch(blog)
    blog.configure(FALHERO_PRICES={endpoint: 0.01})
    blog.post("a.md", "Graphs", Hero_Control="sketch.png", Hero_Control_Type=kind)
    built = blog.build(env=fal.environment())
    assert built.code == 0, built.output
    first, second = fal.submissions
    assert first.endpoint == endpoint
    assert set(first.arguments) == {"image_url"}
    picture_in(first.arguments["image_url"])
    assert second.endpoint == "fal-ai/flux-general"
    (union,) = second.arguments["controlnet_unions"]
    (control,) = union["controls"]
    assert union["path"] == "Shakker-Labs/FLUX.1-dev-ControlNet-Union-Pro"
    assert control["control_mode"] == mode
    assert control["control_image_url"].startswith("https://")
    assert built.tally == "heroes: 1 made, 0 there, $0.085"
    assert blog.heroes() == {hero_name("Graphs")}


def test_the_price_of_a_preparation_must_be_known(blog: Blog, fal: FalServer) -> None:
    """As long as the preparation has no price, neither step is bought."""
    sketch(blog)
    blog.post("a.md", "Graphs", Hero_Control="sketch.png", Hero_Control_Type="scribble")
    built = blog.build(env=fal.environment())
    assert 'FALHERO_PRICES = {"fal-ai/image-preprocessors/scribble": ' in built.output
    assert fal.charges == 0


def test_a_map_is_not_paid_for_twice(blog: Blog, fal: FalServer) -> None:
    """When the drawing fails after its preparation, the next build uses the map that fal still has."""
    sketch(blog)
    blog.configure(FALHERO_PRICES={"fal-ai/image-preprocessors/scribble": 0.01})
    blog.post("a.md", "Graphs", Hero_Control="sketch.png", Hero_Control_Type="scribble")
    fal.faults.add("submit", fal_faults.no_media(), nth=2)
    blog.build(env=fal.environment())
    assert blog.heroes() == set()
    fal.faults.clear()
    blog.configure(FALHERO_SEED=3)
    assert blog.build(env=fal.environment()).code == 0
    assert [job.endpoint for job in fal.submissions].count("fal-ai/image-preprocessors/scribble") == 1
    assert blog.heroes() == {hero_name("Graphs")}


def test_a_control_image_that_cannot_be_used_is_named(blog: Blog, fal: FalServer) -> None:
    """A control image outside the site, not there or no picture leaves its post without hero, and nothing is sent."""
    (blog.root / "outside.png").write_bytes(b"x")
    blog.write("text.txt", "words")
    unusable = ["../outside.png", "/etc/passwd", "missing.png", "https://example.org/a.png", "text.txt"]
    for number, named in enumerate(unusable):
        blog.post(f"{number}.md", f"Graphs {number}", Hero_Control=named)
    built = blog.build(env=fal.environment())
    assert built.code == 0
    assert [named for number, named in enumerate(unusable) if f"{number}.md: " not in built.output] == []
    assert fal.charges == 0
    assert "uncertain" not in {event["event"] for event in blog.events()}


def test_all_features_at_once(blog: Blog, fal: FalServer) -> None:
    """A site whose posts use every model and feature is drawn in one build, and the ledger's cost is fal's."""
    sketch(blog)
    blog.configure(
        FALHERO_IMAGE_SIZE="square",
        FALHERO_LORA_LIBRARY={"ink": "owner/ink"},
        FALHERO_SEED="title",
        FALHERO_PRICES={"fal-ai/dwpose": 0.0, "fal-ai/image-preprocessors/scribble": 0.0},
        FALHERO_BUDGET=5,
    )
    models = ["schnell", "dev", "krea", "pro", "ultra", "lora", "general", "flux-2", "flux-2-flash", "flux-2-turbo"]
    for name in [*models, "flux-2-pro", "flux-2-klein"]:
        blog.post(f"{name}.md", f"Model {name}", Hero_Model=name)
    for kind in ("canny", "depth", "pose", "scribble"):
        blog.post(
            f"{kind}.md", f"Control {kind}", Hero_Control="sketch.png", Hero_Control_Type=kind, Hero_Lora="ink:0.5"
        )
    blog.post("negative.md", "Negative", Hero_Model="general", Hero_Negative_Prompt="people")
    built = blog.build(env=fal.environment())
    assert built.code == 0, built.output
    assert len(blog.heroes()) == 17
    assert "WARNING" not in built.output
    fal.prices |= dict.fromkeys(["fal-ai/flux-control-lora-canny", "fal-ai/flux-control-lora-depth"])
    ledger = sum(event["usd"] for event in blog.events() if event["event"] == "saved")
    control_loras = 2 * 0.04
    assert ledger == pytest.approx(fal.cost_usd + control_loras)
    assert not any(job.unknown_fields for job in fal.submissions)
