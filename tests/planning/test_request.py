"""HeroRequest: what is asked of fal, and the fingerprint of it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import PROPERTY, make_post
from fal_schemas import ENDPOINTS
from fal_validation import check
from hypothesis import given
from hypothesis import strategies as st

from pelican_falhero.content.post import Overrides, Post
from pelican_falhero.errors import PostError, RangeError
from pelican_falhero.loras import Lora
from pelican_falhero.models import CATALOGUE, SIZES, Model
from pelican_falhero.planning.prompt import prompt_of, style_of
from pelican_falhero.planning.request import HeroRequest, build_request
from pelican_falhero.settings import Settings

STYLE = "Cinematic lighting, professional photography, 8K"
PICTURE = Path(__file__)
"""What stands for a control image: a request's fingerprint only needs its bytes."""


def arguments(post: Post | None = None, /, **settings: Any) -> dict[str, Any]:
    """What fal gets for a post, under these settings."""
    return build_request(post or make_post(), Settings(**settings)).arguments


def test_a_request_is_the_guides_unless_told_otherwise() -> None:
    """FLUX Dev, 4:3, four steps, guidance 3.5, and PNG asked for by name, since fal's own default is JPEG."""
    request = build_request(make_post("Winter hikes", excerpt_markup="<p>Snow &amp; sun.</p>"), Settings())
    assert request.endpoint == "fal-ai/flux/dev"
    assert request.arguments == {
        "prompt": f"Winter hikes. Snow & sun. {STYLE}",
        "image_size": "landscape_4_3",
        "num_inference_steps": 4,
        "guidance_scale": 3.5,
        "output_format": "png",
    }


def test_a_seed_is_sent_only_when_there_is_one() -> None:
    """The post's seed wins over the site's, zero is a seed, and without one fal draws its own."""
    assert "seed" not in arguments()
    assert arguments(seed=7)["seed"] == 7
    assert arguments(make_post(seed=0), seed=7)["seed"] == 0


def test_the_settings_and_then_the_post_decide() -> None:
    """What the site sets replaces the model's own, and what the post says replaces what the site sets."""
    site: dict[str, Any] = {"steps": 20, "guidance_scale": 5.0, "image_size": "square_hd"}
    assert arguments(**site) == arguments() | {
        "num_inference_steps": 20,
        "guidance_scale": 5.0,
        "image_size": "square_hd",
    }
    own = arguments(make_post(steps=30, size=(1200, 630)), **site)
    assert own["num_inference_steps"] == 30
    assert own["image_size"] == {"width": 1200, "height": 630}


def test_steps_and_guidance_are_never_shared_between_models() -> None:
    """A post with a model of its own gets that model's steps and guidance, not those set for the site's."""
    own = arguments(make_post(model="fal-ai/flux/schnell"), steps=28, guidance_scale=9.0)
    assert own["num_inference_steps"] == 4
    assert own["guidance_scale"] == 3.5


def test_a_post_may_name_the_sites_own_model() -> None:
    """Naming the model that the site has anyway changes nothing."""
    assert arguments(make_post(model="fal-ai/flux/dev"), steps=28) == arguments(steps=28)


def test_what_a_model_does_not_take_is_not_sent() -> None:
    """A model without steps and guidance gets neither, whatever is set."""
    own = arguments(make_post(model="fal-ai/flux-pro/v1.1", steps=30))
    assert own.keys() == {"prompt", "image_size", "output_format"}


@pytest.mark.parametrize(
    ("size", "ratio"),
    [
        ("landscape_4_3", "4:3"),
        ("portrait_16_9", "9:16"),
        ("square", "1:1"),
        ((1200, 630), "16:9"),
        ((1500, 1000), "3:2"),
        ((3000, 1000), "21:9"),
        ((100, 1000), "9:21"),
        # By proportion: 2.045 is nearer to 21:9 than to 16:9, if not by difference.
        ((2045, 1000), "21:9"),
    ],
)
def test_a_model_that_takes_aspect_ratios_gets_the_nearest(size: str | tuple[int, int], ratio: str) -> None:
    """A size becomes the listed aspect ratio that is most like it."""
    own = arguments(make_post(model="fal-ai/flux-pro/v1.1-ultra", size=size))
    assert own["aspect_ratio"] == ratio
    assert "image_size" not in own


def test_an_endpoint_of_ones_own_gets_what_was_set() -> None:
    """Of an unknown endpoint's arguments nothing is presumed, and what the site sets for it is sent."""
    assert arguments(model="me/mine").keys() == {"prompt", "image_size", "output_format"}
    set_for_it = arguments(model="me/mine", steps=9, guidance_scale=0.0)
    assert (set_for_it["num_inference_steps"], set_for_it["guidance_scale"]) == (9, 0.0)


@pytest.mark.parametrize(
    "model",
    [model for model in CATALOGUE if model.control != "control_lora" and not model.edits],
    ids=lambda model: model.name,
)
@pytest.mark.parametrize("size", [*SIZES, (1024, 576)], ids=str)
def test_fal_takes_every_models_arguments(model: Model, size: str | tuple[int, int]) -> None:
    """Every argument is one that the endpoint has, with a value that it accepts; nothing is dropped in silence."""
    checked = check(ENDPOINTS[model.endpoint].schema, arguments(model=model.endpoint, image_size=size, seed=2**64 - 1))
    assert checked.errors == []
    assert checked.unknown == []


def test_arguments_are_a_copy() -> None:
    """Whoever changes the arguments of a request changes only what he was given."""
    request = build_request(make_post(), Settings())
    request.arguments["prompt"] = "another"
    assert request.arguments["prompt"].startswith("Winter hikes")


def test_a_category_or_a_tag_can_have_a_style() -> None:
    """The post's own style comes first, then the first group that the post is in, then the site's."""
    settings = Settings(style="site", styles={"category:Python": "flat", "tag:graphs": "ink", "tag:Maps": "atlas"})
    assert style_of(make_post(), settings)[0] == "site"
    assert style_of(make_post(category="python"), settings)[0] == "flat"
    assert style_of(make_post(tags=("maps", "graphs")), settings)[0] == "ink"
    assert style_of(make_post(category="Python", tags=("graphs",)), settings)[0] == "flat"
    assert style_of(make_post(category="graphs"), settings)[0] == "site"
    assert style_of(make_post(category="Python", style="own"), settings)[0] == "own"


def test_a_template_sees_the_whole_post() -> None:
    """A site's template, or a post's own in its place, can name all that is known of a post."""
    post = make_post("Winter", category="Hikes", tags=("snow", "sun"), lang="en", excerpt_markup="<p>Boots</p>")
    settings = Settings(prompt="{lang} {category} [{tags}] {title}: {excerpt} {style}", style="ink")
    assert prompt_of(post, settings).text == "en Hikes [snow, sun] Winter: Boots ink"
    own = make_post("Winter", prompt="A {title}, {style}")
    assert prompt_of(own, settings).text == "A Winter, ink"


def test_a_prompt_function_gets_the_article() -> None:
    """The author's function is called with Pelican's article, and what it returns is the prompt, cut to the limit."""
    article = object()
    seen: list[object] = []

    def prompt(given: object) -> str:
        seen.append(given)
        return "  a {title}\nwith words " * 50

    made = prompt_of(make_post(origin=article), Settings(prompt=prompt, prompt_limit=30)).text
    assert made == "a {title} with words a {title}"
    assert seen == [article]


def test_a_posts_own_prompt_wins_over_the_function() -> None:
    """Hero_Prompt is a template, whatever the site has."""
    settings = Settings(prompt=lambda article: "from the function")
    assert prompt_of(make_post(prompt="from the post"), settings).text == "from the post"


@pytest.mark.parametrize("says", [lambda _: "a hill", lambda _: None, lambda article: article.nothing])
def test_a_prompt_function_is_called_once(says: Callable[[object], Any]) -> None:
    """However often its request is built, and also where it fails; a copy of the post does not call it again."""
    calls: list[object] = []

    def prompt(article: object) -> Any:
        calls.append(article)
        return says(article)

    post, settings = make_post(), Settings(prompt=prompt)

    def built(of: Post) -> str:
        try:
            return prompt_of(of, settings).text
        except PostError as error:
            return str(error)

    first = built(post)
    assert built(post) == built(replace(post, source="winter-hikes.md")) == first
    assert len(calls) == 1


@pytest.mark.parametrize("result", ["", "  ", None, 5])
def test_a_prompt_function_that_gives_no_text_is_an_error_of_that_post(result: Any) -> None:
    """What the function gave is shown, with the post's file."""
    with pytest.raises(PostError) as caught:
        prompt_of(make_post(), Settings(prompt=lambda article: result))
    assert str(caught.value) == f"winter-hikes.md: FALHERO_PROMPT returned {result!r}, not a text"


def test_a_prompt_function_that_fails_is_an_error_of_that_post() -> None:
    """Whatever the author's function raises, the message names the post and the reason."""
    with pytest.raises(PostError) as caught:
        prompt_of(make_post(), Settings(prompt=lambda article: article.nothing))
    assert str(caught.value).startswith("winter-hikes.md: FALHERO_PROMPT failed: AttributeError: ")


def test_a_fingerprint_is_written_down_for_good() -> None:
    """The fingerprint of a request never changes from one version to the next, or people would pay again."""
    request = HeroRequest.of("fal-ai/flux/dev", {"prompt": "Kış yürüyüşleri", "seed": 1})
    assert request.fingerprint == "6708a7e9cc8e3455"


def test_the_order_of_arguments_does_not_matter() -> None:
    """Equal arguments are one request."""
    one = HeroRequest.of("a/b", {"prompt": "x", "seed": 1, "image_size": {"width": 5, "height": 6}})
    other = HeroRequest.of("a/b", {"image_size": {"height": 6, "width": 5}, "seed": 1, "prompt": "x"})
    assert one == other
    assert one.fingerprint == other.fingerprint


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=30)
USD = st.floats(0, 100)
INDIFFERENT_SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "concurrency": st.integers(1, 64),
        "timeout": st.floats(1, 86_400),
        "provider": st.sampled_from(["auto", "fal", "card", "none"]),
        "budget": USD,
        "monthly_budget": st.none() | USD,
        "on_error": st.sampled_from(["warn", "card", "fail"]),
        "refresh": st.sampled_from(["missing", "changed"]),
        "assets_dir": st.sampled_from(["images/heroes", "heroes", "."]),
        "include": st.frozensets(st.sampled_from(["hidden", "drafts", "pages"])),
        "since": st.none() | st.dates(),
        "spend_in_ci": st.booleans(),
        "dry_run": st.booleans(),
        "prices": st.dictionaries(st.sampled_from(["dev", "schnell"]), USD),
        # Styles of groups that the post is in no way part of.
        "styles": st.dictionaries(st.sampled_from(["tag:absent", "category:Absent"]), TEXT),
    },
)
INDIFFERENT_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "source": TEXT,
        "date": st.none() | st.datetimes() | st.datetimes(timezones=st.just(datetime.UTC)),
        "lang": TEXT,
        "category": TEXT.map(lambda name: f"not {name}"),
        "tags": st.lists(TEXT.map(lambda name: f"not {name}")).map(tuple),
        "origin": st.builds(object),
        "alt_override": TEXT,
        # What a post says over again changes nothing.
        "model": st.just("fal-ai/flux/dev"),
        "size": st.just("landscape_4_3"),
        "steps": st.just(4),
        "style": st.just(STYLE),
        "prompt": st.just("{title}. {excerpt}. {style}"),
    },
)


@PROPERTY
@given(title=TEXT, excerpt=TEXT, settings=INDIFFERENT_SETTINGS, fields=INDIFFERENT_FIELDS)
def test_the_fingerprint_depends_on_nothing_but_the_pixels(
    title: str, excerpt: str, settings: dict[str, Any], fields: dict[str, Any]
) -> None:
    """No setting of speed, money, place or policy, and no field that the prompt does not name, makes it another."""
    plain = build_request(make_post(title, excerpt_markup=excerpt), Settings())
    other = build_request(make_post(title, excerpt_markup=excerpt, **fields), Settings(**settings))
    assert other == plain
    assert other.fingerprint == plain.fingerprint


@PROPERTY
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a hill", "a lake", "gölge"]),
            st.sampled_from([model.endpoint for model in CATALOGUE if not model.edits]),
            st.sampled_from(["square_hd", "square", (1024, 1024), (640, 1200)]),
            st.none() | st.sampled_from([5, 6, 8]),
            st.none() | st.sampled_from([2.0, 3.0]),
            st.none() | st.sampled_from([0, 1, 2**63]),
        ),
        min_size=2,
        max_size=2,
    )
)
def test_the_fingerprint_tells_any_two_requests_apart(two: list[tuple[Any, ...]]) -> None:
    """Fingerprints are equal exactly where endpoint and arguments are."""
    requests = [
        build_request(
            make_post(prompt=prompt, size=size),
            Settings(model=model, steps=steps, guidance_scale=guidance, seed=seed),
        )
        for prompt, model, size, steps, guidance, seed in two
    ]
    one, other = requests
    same = (one.endpoint, one.arguments) == (other.endpoint, other.arguments)
    assert (one.fingerprint == other.fingerprint) is same


@pytest.mark.parametrize(
    "change",
    [
        {"model": "fal-ai/flux/krea"},
        {"image_size": "square_hd"},
        {"steps": 5},
        {"guidance_scale": 3.6},
        {"seed": 0},
        {"style": "ink"},
        {"prompt": "{title}"},
        {"prompt_limit": 30},
        {"styles": {"tag:snow": "ink"}},
    ],
    ids=str,
)
def test_each_setting_that_decides_pixels_changes_the_fingerprint(change: dict[str, Any]) -> None:
    """Of prompt, model, size, steps, guidance and seed, none can change unnoticed."""
    post = make_post(excerpt_markup="<p>Snow</p>", tags=("snow",))
    plain = build_request(post, Settings())
    assert build_request(post, replace(Settings(), **change)).fingerprint != plain.fingerprint


INK = "https://example.org/ink.safetensors"
LIBRARY = {"ink": Lora(INK)}


@pytest.mark.parametrize(
    ("own", "settings", "says"),
    [
        (
            {"prompt": "A hill <lora:ink:9>"},
            {"lora_library": LIBRARY},
            f"Hero_Prompt must give the LoRA {INK} a scale of 0 to 4 for fal-ai/flux-lora, not 9",
        ),
        (
            {"style": "ink <lora:ink:4.5>"},
            {"lora_library": LIBRARY},
            f"Hero_Style must give the LoRA {INK} a scale of 0 to 4 for fal-ai/flux-lora, not 4.5",
        ),
        (
            {},
            {"lora_library": LIBRARY, "prompt": lambda _: "A hill <lora:ink:9>"},
            f"FALHERO_PROMPT must give the LoRA {INK} a scale of 0 to 4 for fal-ai/flux-lora, not 9",
        ),
        (
            {"loras": (("ink", 5.0),)},
            {"lora_library": LIBRARY},
            f"Hero_Lora must give the LoRA {INK} a scale of 0 to 4 for fal-ai/flux-lora, not 5",
        ),
        ({"steps": 51}, {}, "Hero_Steps must be 1 to 50 for fal-ai/flux/dev, not 51"),
        (
            {"steps": 28, "model": "fal-ai/flux/schnell"},
            {},
            "Hero_Steps must be 1 to 12 for fal-ai/flux/schnell, not 28",
        ),
        (
            {"steps": 60, "model": "fal-ai/flux-pro/v1.1", "loras": (("ink", None),)},
            {"lora_library": LIBRARY},
            "Hero_Steps must be 1 to 50 for fal-ai/flux-lora, not 60",
        ),
        (
            {"steps": 60, "model": "fal-ai/flux-pro/v1.1", "control": PICTURE},
            {},
            "Hero_Steps must be 1 to 50 for fal-ai/flux-control-lora-canny, not 60",
        ),
        (
            {"model": "fal-ai/flux/dev"},
            {"model": "fal-ai/flux-lora", "guidance_scale": 30.0},
            "FALHERO_GUIDANCE_SCALE must be 1 to 20 for fal-ai/flux/dev, not 30",
        ),
        (
            {"model": "fal-ai/flux-2"},
            {"model": "fal-ai/flux-2/flash", "steps": 2},
            "FALHERO_STEPS must be 4 to 50 for fal-ai/flux-2, not 2",
        ),
        (
            {},
            {"arguments": {"guidance_scale": "high"}},
            "FALHERO_ARGUMENTS[\"guidance_scale\"] must be 1 to 20 for fal-ai/flux/dev, not 'high'",
        ),
        (
            {},
            {"arguments": {"num_inference_steps": 4.5}},
            'FALHERO_ARGUMENTS["num_inference_steps"] must be 1 to 50 for fal-ai/flux/dev, not 4.5',
        ),
        (
            {},
            {"arguments": {"output_format": "webp"}},
            "FALHERO_ARGUMENTS[\"output_format\"] must be one of png, jpeg for fal-ai/flux/dev, not 'webp'",
        ),
        (
            {},
            {"model": "fal-ai/flux-lora", "arguments": {"loras": [{"path": INK, "scale": 9}]}},
            f'FALHERO_ARGUMENTS["loras"] must give the LoRA {INK} a scale of 0 to 4 for fal-ai/flux-lora, not 9',
        ),
        (
            {},
            {
                "model": "fal-ai/flux-general",
                "arguments": {"controlnet_unions": [1, {"controls": ["x", {"conditioning_scale": 3}]}]},
            },
            'FALHERO_ARGUMENTS["controlnet_unions"] must be 0 to 2 for fal-ai/flux-general, not 3',
        ),
        (
            {"control": PICTURE, "control_scale": 2.5},
            {},
            "Hero_Control_Scale must be 0 to 2 for fal-ai/flux-control-lora-canny, not 2.5",
        ),
        (
            {"control": PICTURE, "control_scale": 2.5, "control_type": "pose"},
            {},
            "Hero_Control_Scale must be 0 to 2 for fal-ai/flux-general, not 2.5",
        ),
        (
            {"model": "fal-ai/flux-2-pro", "size": (1200, 630)},
            {},
            "Hero_Size must have sides of 256 to 2560 pixels, in steps of 16 for fal-ai/flux-2-pro, not 1200x630",
        ),
        (
            {"model": "fal-ai/flux-2-pro"},
            {"image_size": (1200, 630)},
            "FALHERO_IMAGE_SIZE must have sides of 256 to 2560 pixels, in steps of 16 for fal-ai/flux-2-pro, "
            "not 1200x630",
        ),
        (
            {},
            {"arguments": {"image_size": "huge"}},
            'FALHERO_ARGUMENTS["image_size"] must be one of fal\'s size names or a width and height in pixels for '
            "fal-ai/flux/dev, not 'huge'",
        ),
        (
            {},
            {"model": "me/mine", "arguments": {"image_size": {"width": 40}}},
            'FALHERO_ARGUMENTS["image_size"] must have sides of 64 to 14142 pixels for me/mine, not 40x512',
        ),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(value),
)
def test_what_the_endpoint_would_refuse_is_an_error_of_the_post(
    own: dict[str, Any], settings: dict[str, Any], says: str
) -> None:
    """Wherever a value comes from, the endpoint that would really be called decides, and file and field are named."""
    with pytest.raises(PostError) as caught:
        build_request(make_post(overrides=Overrides(**own)), Settings(**settings))
    assert str(caught.value) == f"winter-hikes.md: {says}"


def test_of_an_endpoint_of_ones_own_no_ranges_are_known() -> None:
    """What is sent to an endpoint outside the catalogue is its author's affair."""
    settings = Settings(model="me/mine", steps=99, arguments={"guidance_scale": "high", "image_size": "2K"})
    assert build_request(make_post(), settings).arguments["image_size"] == "2K"


def test_a_post_without_a_file_is_not_named() -> None:
    """An error about a title alone begins with the setting."""
    with pytest.raises(RangeError, match=r"^FALHERO_STEPS must be"):
        build_request(make_post(source=""), Settings(steps=51))
