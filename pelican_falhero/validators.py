"""Check values that users write in settings and posts, and convert them.

Each function returns the converted value, or raises ``ValueError`` with the rest of a sentence that begins with the
name of the setting or field: "must be …, not …".
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Mapping

from .models import SIZES, Sides, image_size_in_pixels


def text(value: object) -> str:
    """Check a text; it must not be empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text, not {value!r}")
    return value.strip()


def flag(value: object) -> bool:
    """Check a boolean; 1, 0 and "true" are not accepted."""
    if not isinstance(value, bool):
        raise ValueError(f"must be True or False, not {value!r}")
    return value


def yes_or_no(value: object) -> bool:
    """Read a yes or no in a post's metadata."""
    word = str(value).strip().lower()
    if word in ("yes", "true", "on"):
        return True
    if word in ("no", "false", "off"):
        return False
    raise ValueError(f'must be "yes" or "no", not {value!r}')


def whole_number(low: int, high: int) -> Callable[[object], int]:
    """Make a check for a whole number from ``low`` to ``high``. Digits in a text are accepted: metadata is text."""

    def check(value: object) -> int:
        number = _digits(value)
        if number is None or not low <= number <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not {value!r}")
        return number

    return check


def number(low: float, high: float) -> Callable[[object], float]:
    """Make a check for a number from ``low`` to ``high``."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            upper = "" if high == float("inf") else f" to {high:g}"
            raise ValueError(f"must be a number from {low:g}{upper}, not {value!r}")
        return float(value)

    return check


def one_of(*choices: str) -> Callable[[object], str]:
    """Make a check for one of these words."""

    def check(value: object) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {_quoted_list(choices)}, not {value!r}")
        return str(value)

    return check


def some_of(*choices: str) -> Callable[[object], frozenset[str]]:
    """Make a check for a list of these words; a single word is accepted too."""

    def check(value: object) -> frozenset[str]:
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list | tuple | set | frozenset) or not all(word in choices for word in words):
            raise ValueError(f"must be a list with any of {_quoted_list(choices)}, not {value!r}")
        return frozenset(words)

    return check


def widths(value: object) -> tuple[int, ...]:
    """Check a list of widths in pixels, 16 to 4096; they are returned in ascending order, each once."""
    if not isinstance(value, list | tuple):
        raise ValueError(f"must be a list of widths in pixels, such as (480, 800), not {value!r}")
    return tuple(sorted({whole_number(16, 4096)(width) for width in value}))


PICTURE_FORMATS = ("avif", "webp", "jpeg")
"""What pictures can be encoded as for pages: the most modern format first, the most widely supported last."""


def picture_formats(value: object) -> tuple[str, ...]:
    """Check a list of ``PICTURE_FORMATS``; a single one is accepted too. They are returned in that order, each once."""
    asked = some_of(*PICTURE_FORMATS)(value)
    return tuple(name for name in PICTURE_FORMATS if name in asked)


def seed(value: object) -> int:
    """Check a seed: a whole number of up to 64 bits, not negative."""
    return whole_number(0, 2**64 - 1)(value)


def size(value: object) -> str | tuple[int, int]:
    """Check a size: a fal size name, ``(width, height)`` in pixels, or ``"1200x630"``."""
    sides = value
    if isinstance(value, str):
        name = value.strip()
        if name in SIZES:
            return name
        if match := re.fullmatch(r"(\d{1,5})\s*[x×]\s*(\d{1,5})", name):
            sides = match.groups()
    if isinstance(sides, list | tuple) and len(sides) == 2:
        width, height = (_digits(side) for side in sides)
        if width and height and min(width, height) > 0:
            if problem := Sides().problem(width, height):
                raise ValueError(f"{problem}, not {value!r}")
            return width, height
    raise ValueError(f"must be one of {_quoted_list(SIZES)}, or (width, height) in pixels, not {value!r}")


def iso_date(value: object) -> datetime.date:
    """Check a date, or read it from a text such as ``"2026-11-01"``."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(f'must be a date such as "2026-11-01", not {value!r}') from None


def styles(value: object) -> Mapping[str, str]:
    """Check a dictionary of ``"category:Python"`` or ``"tag:graphs"`` to a style."""
    if not isinstance(value, Mapping):
        raise ValueError(f'must be a dictionary such as {{"category:Python": "flat illustration"}}, not {value!r}')
    checked = {}
    for key, style in value.items():
        kind, _, name = (part.strip() for part in str(key).partition(":"))
        if kind not in ("category", "tag") or not name:
            raise ValueError(f'has the key {key!r}; keys are "category:Name" or "tag:Name"')
        if not isinstance(style, str) or not style.strip():
            raise ValueError(f"has no text for {key!r}")
        checked[f"{kind}:{name}"] = style.strip()
    return checked


def prices(value: object) -> Mapping[str, float]:
    """Check a dictionary of endpoint or model name to USD for one picture."""
    if not isinstance(value, Mapping):
        raise ValueError(f'must be a dictionary such as {{"fal-ai/flux/dev": 0.025}}, not {value!r}')
    usd = number(0, 1000)
    checked = {}
    for name, price in value.items():
        try:
            checked[str(name)] = usd(price)
        except ValueError as error:
            raise ValueError(f"for {name!r} {error}") from None
    return checked


PICTURE_FORMS = ("path", "url", "images", "off")
"""How a theme expects a picture: path below SITEURL, whole address, path below ``images``, or not at all."""


def picture_fields(value: object) -> Mapping[str, str]:
    """Check a dictionary of a theme's field (in lower case) to one of ``PICTURE_FORMS``."""
    if not isinstance(value, Mapping):
        raise ValueError(f'must be a dictionary such as {{"cover": "path"}}, not {value!r}')
    form = one_of(*PICTURE_FORMS)
    checked = {}
    for name, wanted in value.items():
        field = str(name).strip().lower()
        if not field.isidentifier():
            raise ValueError(f"has {name!r}, which can't be the name of a field in a template")
        try:
            checked[field] = form(wanted)
        except ValueError as error:
            raise ValueError(f"for {name!r} {error}") from None
    return checked


def _digits(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value.strip())
    return None


def _quoted_list(words: object) -> str:
    return ", ".join(f'"{word}"' for word in words)  # type: ignore[attr-defined]


def seed_or_title(value: object) -> int | str:
    """Check a seed, or ``"title"``, with which the same post always gets the same picture."""
    if value == "title":
        return "title"
    try:
        return seed(value)
    except ValueError as error:
        raise ValueError(f'{str(error).partition(", not")[0]}, or "title", not {value!r}') from None


def arguments(value: object) -> Mapping[str, object]:
    """Check additional arguments for the endpoint; they must be JSON values."""
    checked = _json(value)
    for name in ("num_images", "num_outputs", "n"):
        count = checked.get(name, 1)
        if type(count) is not int or count != 1:
            raise ValueError(f"can't have {name} {count!r}: only one picture of a request is used; remove {name}")
    if checked.get("sync_mode", False) is not False:
        raise ValueError("can't have sync_mode: the picture is fetched from its address; remove sync_mode")
    if checked.get("stream", False) is not False:
        raise ValueError("can't have stream: the picture is taken from a whole answer; remove stream")
    sides = image_size_in_pixels(checked.get("image_size"))
    if sides and (problem := Sides().problem(*sides)):
        raise ValueError(f"has an image_size that {problem}, not {checked['image_size']!r}")
    return checked


def _json(value: object) -> Mapping[str, object]:
    try:
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            copied: Mapping[str, object] = json.loads(json.dumps(dict(value), allow_nan=False))
            return copied
    except (TypeError, ValueError):
        pass
    raise ValueError(f'must be a dictionary of JSON values such as {{"acceleration": "regular"}}, not {value!r}')


def control_scale(value: object) -> float:
    """Check the strength of a control image, 0 to 2."""
    try:
        return number(0, 2)(float(value) if isinstance(value, str) else value)
    except ValueError:
        raise ValueError(f"must be a number from 0 to 2, not {value!r}") from None
