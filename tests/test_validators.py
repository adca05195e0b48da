"""Values as users write them: what is taken, what it becomes, and what is said about the rest."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from pelican_falhero import loras
from pelican_falhero import validators as checks
from pelican_falhero.models import MAX_SIDE, SIZES

CHECKS: Mapping[str, Callable[[object], object]] = {
    "text": checks.text,
    "flag": checks.flag,
    "whole_number": checks.whole_number(1, 50),
    "number": checks.number(0.5, 20),
    "usd": checks.number(0, float("inf")),
    "one of": checks.one_of("auto", "fal"),
    "some of": checks.some_of("hidden", "drafts", "pages"),
    "seed": checks.seed,
    "size": checks.size,
    "widths": checks.widths,
    "formats": checks.picture_formats,
    "iso_date": checks.iso_date,
    "styles": checks.styles,
    "prices": checks.prices,
    "arguments": checks.arguments,
    "yes or no": checks.yes_or_no,
    "fields": checks.picture_fields,
    "lora": loras.lora,
    "lora list": loras.lora_list,
    "lora table": loras.lora_table,
}
LARGEST_SEED = 2**64 - 1
FIRST = datetime.date(2026, 11, 1)
INK = loras.Lora("https://a.b/ink.safetensors", 0.9, "ink")

TAKEN: list[tuple[str, object, object]] = [
    ("text", "words", "words"),
    ("text", "  words ", "words"),
    ("flag", True, True),
    ("flag", False, False),
    ("whole_number", 1, 1),
    ("whole_number", 50, 50),
    ("whole_number", "28", 28),
    ("whole_number", " 28 ", 28),
    ("number", 0.5, 0.5),
    ("number", 20, 20.0),
    ("usd", 10**9, 1e9),
    ("one of", "auto", "auto"),
    ("some of", "drafts", frozenset({"drafts"})),
    ("some of", ["drafts", "pages", "drafts"], frozenset({"drafts", "pages"})),
    ("some of", ("hidden",), frozenset({"hidden"})),
    ("some of", {"hidden"}, frozenset({"hidden"})),
    ("some of", [], frozenset()),
    ("seed", 0, 0),
    ("seed", "42", 42),
    # fal has answered with seeds that need all 64 bits.
    ("seed", 15860307465884635512, 15860307465884635512),
    ("seed", LARGEST_SEED, LARGEST_SEED),
    *(("size", name, name) for name in SIZES),
    ("size", " square_hd ", "square_hd"),
    ("size", (1200, 630), (1200, 630)),
    ("size", [1200, "630"], (1200, 630)),
    ("size", "1200x630", (1200, 630)),
    ("size", "1200 × 630", (1200, 630)),
    ("size", (64, MAX_SIDE), (64, MAX_SIDE)),
    ("size", (8000, 8000), (8000, 8000)),
    ("widths", [800, "480", 800], (480, 800)),
    ("widths", (16, 4096), (16, 4096)),
    ("widths", (), ()),
    ("formats", ["jpeg", "avif", "webp", "jpeg"], ("avif", "webp", "jpeg")),
    ("formats", "webp", ("webp",)),
    ("formats", (), ()),
    ("iso_date", "2026-11-01", FIRST),
    ("iso_date", " 2026-11-01 ", FIRST),
    ("iso_date", FIRST, FIRST),
    ("iso_date", datetime.datetime(2026, 11, 1, 23, 59), FIRST),
    ("styles", {"category:Python": "flat ", "tag:graphs": "ink"}, {"category:Python": "flat", "tag:graphs": "ink"}),
    # White space around a group's name is no part of it.
    ("styles", {" tag: graphs ": "ink"}, {"tag:graphs": "ink"}),
    ("styles", {"tag:a:b": "ink"}, {"tag:a:b": "ink"}),
    ("styles", {}, {}),
    ("prices", {"dev": 0.03, "me/mine": 1}, {"dev": 0.03, "me/mine": 1.0}),
    ("prices", {"dev": 0}, {"dev": 0.0}),
    ("arguments", {"num_images": 1, "sync_mode": False}, {"num_images": 1, "sync_mode": False}),
    ("arguments", {"image_size": {"width": 64}}, {"image_size": {"width": 64}}),
    # An endpoint of one's own may have names for sizes that fal's toolkit does not have.
    ("arguments", {"image_size": "2K"}, {"image_size": "2K"}),
    *(("yes or no", word, True) for word in ("yes", " True ", "on", True)),
    *(("yes or no", word, False) for word in ("no", "FALSE", "off", False)),
    ("fields", {" Cover ": "path", "og_image": "off"}, {"cover": "path", "og_image": "off"}),
    ("lora", " owner/ink ", loras.Lora("owner/ink")),
    ("lora", {"path": "https://a.b/ink.safetensors", "scale": "0.9", "trigger": " ink "}, INK),
    ("lora list", [], ()),
    ("lora list", ["owner/ink"], (loras.Lora("owner/ink"),)),
    ("lora table", {"ink.2": "owner/ink"}, {"ink.2": loras.Lora("owner/ink")}),
]


@pytest.mark.parametrize(("check", "value", "clean"), TAKEN, ids=[f"{check}: {value!r}" for check, value, _ in TAKEN])
def test_a_good_value_is_taken(check: str, value: object, clean: object) -> None:
    """A value that means what it should becomes the one form that the program uses."""
    taken = CHECKS[check](value)
    assert taken == clean
    assert type(taken) is type(clean)


INCLUDE = 'must be a list with any of "hidden", "drafts", "pages", not VALUE'
SIZE = "or (width, height) in pixels, not VALUE"

REFUSED: list[tuple[str, str, list[object]]] = [
    ("text", "must be a text, not VALUE", ["", "   ", 5, None, ["words"]]),
    ("flag", "must be True or False, not VALUE", [1, 0, "false", None]),
    ("whole_number", "must be a whole number from 1 to 50, not VALUE", [0, 51, 4.0, True, None, "4.5", ""]),
    ("whole_number", "must be a whole number from 1 to 50, not VALUE", ["-4", "٤", "²", "four", [4], 10**400]),
    ("number", "must be a number from 0.5 to 20, not VALUE", [0.4, 20.1, "3.5", True, None, 2 + 0j, Decimal(3)]),
    ("number", "must be a number from 0.5 to 20, not VALUE", [float("nan"), float("inf"), 10**400, -(10**400)]),
    ("usd", "must be a number from 0, not VALUE", [-1, -0.01, float("nan")]),
    ("one of", 'must be one of "auto", "fal", not VALUE', ["Auto", "", None, ["auto"]]),
    ("some of", INCLUDE, ["draft", ["drafts", "all"], None, True, {"drafts": True}, [["drafts"]]]),
    ("seed", f"must be a whole number from 0 to {LARGEST_SEED}, not VALUE", [-1, LARGEST_SEED + 1, 4.0, "many"]),
    ("size", 'must be one of "square_hd", "square", "portrait_4_3"', ["large"]),
    ("size", SIZE, ["", "1200", "1200x", "x630", "1200x630x3", "0x630", "-1x5", 5, None]),
    ("size", SIZE, [(0, 630), (1200, 0), (1200,), (1200, 630, 1), (1200.5, 630), (True, 630)]),
    # What our own checks would refuse when it arrives is not asked for.
    ("size", f"must have sides of 64 to {MAX_SIDE} pixels, not VALUE", ["49x49", (63, 2000), (MAX_SIDE + 1, 64)]),
    ("size", "must have at most 64000000 pixels, not VALUE", [(8001, 8001), "8001x8001"]),
    ("arguments", "can't have num_images ", [{"num_images": count} for count in (2, 0, True, "1", 1.0, None)]),
    ("arguments", "can't have sync_mode: the picture is", [{"sync_mode": True}, {"sync_mode": 1}, {"sync_mode": None}]),
    (
        "arguments",
        f"has an image_size that must have sides of 64 to {MAX_SIDE} pixels, not ",
        [{"image_size": {"width": 49, "height": 49}}, {"image_size": {"height": 63}}],
    ),
    ("arguments", "that must have at most 64000000 pixels", [{"image_size": {"width": 8001, "height": 8001}}]),
    ("widths", "must be a list of widths in pixels, such as (480, 800), not VALUE", [480, "480", None, {480}]),
    ("widths", "must be a whole number from 16 to 4096, not ", [(15,), [480, 4097], [480.5], [True], [None]]),
    ("formats", 'must be a list with any of "avif", "webp", "jpeg", not VALUE', [["png"], "WebP", ["jpg"], None, True]),
    ("iso_date", 'must be a date such as "2026-11-01", not VALUE', ["", "yesterday", "2026-13-01", None, True, 5]),
    ("styles", "must be a dictionary such as", ["flat", ["tag:a"], None]),
    ("prices", 'must be a dictionary such as {"fal-ai/flux/dev": 0.025}, not VALUE', [0.025, None, ["dev"]]),
    ("yes or no", 'must be "yes" or "no", not VALUE', ["", "perhaps", 1, None]),
    ("fields", 'must be a dictionary such as {"cover": "path"}, not VALUE', ["cover", None, ["cover"]]),
    (
        "lora",
        'must be an address or {"path": …, "scale": …, "trigger": …}, not VALUE',
        [None, ["a/b"], {}, {"scale": 1}],
    ),
    ("lora", "must be an address or", [{"path": "owner/ink", "strength": 1}]),
    ("lora", "must name weights by an https address, or as owner/name", ["", "ink", "http://a.b/ink", "file:///ink"]),
    ("lora", "must have a scale from 0 to 4, not ", [{"path": "a/b", "scale": s} for s in (-1, 4.1, "much", None)]),
    ("lora list", "must be a list such as", ["owner/ink", None, {"path": "owner/ink"}]),
    ("lora table", 'must be a dictionary such as {"ink": "https://…"}, not VALUE', ["owner/ink", ["owner/ink"], None]),
]
CASES = [(check, value, said.replace("VALUE", repr(value))) for check, said, values in REFUSED for value in values]


@pytest.mark.parametrize(
    ("check", "value", "said"), CASES, ids=[f"{check}: {value!r:.30}" for check, value, _ in CASES]
)
def test_a_bad_value_is_refused_with_what_it_must_be(check: str, value: object, said: str) -> None:
    """A value that can't be used is an error that goes on where the setting's name ends, and shows the value."""
    with pytest.raises(ValueError, match=re.escape(said)):
        CHECKS[check](value)


@pytest.mark.parametrize(
    ("check", "entry", "said"),
    [
        ("styles", {"Python": "flat"}, 'has the key \'Python\'; keys are "category:Name" or "tag:Name"'),
        ("styles", {"author:Me": "flat"}, "has the key 'author:Me'"),
        ("styles", {"tag:": "flat"}, "has the key 'tag:'"),
        ("styles", {5: "flat"}, "has the key 5"),
        ("styles", {"tag:a": ""}, "has no text for 'tag:a'"),
        ("styles", {"tag:a": None}, "has no text for 'tag:a'"),
        ("prices", {"dev": "0.03"}, "for 'dev' must be a number from 0 to 1000, not '0.03'"),
        ("prices", {"dev": -0.03}, "for 'dev' must be a number from 0 to 1000, not -0.03"),
        ("fields", {"my cover": "path"}, "has 'my cover', which can't be the name of a field in a template"),
        ("fields", {"cover": "whole"}, 'for \'cover\' must be one of "path", "url"'),
        ("lora table", {"my ink": "owner/ink"}, "has the name 'my ink'; names are letters, digits"),
        ("lora table", {5: "owner/ink"}, "has the name 5; names are"),
    ],
)
def test_a_bad_entry_of_a_dictionary_is_named(check: str, entry: dict[object, object], said: str) -> None:
    """Of many entries, the one to mend is told."""
    with pytest.raises(ValueError, match=re.escape(said)):
        CHECKS[check](entry)
