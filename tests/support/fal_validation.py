"""The arguments of a request against the schema of its endpoint, with the answers that pydantic would give."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fal_schemas import MISSING_SIDE, SIZES, Field, Schema
from PIL import Image

Location = tuple[str | int, ...]
NO_RETRY = {"x-fal-retryable": "false", "x-fal-billable-units": "0"}


@dataclass
class Checked:
    """Arguments with their defaults filled in, what was wrong with them, and what no schema knows."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def refuse(self, at: Location, kind: str, message: str, given: object, **context: object) -> None:
        """Note one error, in the form of fal's `detail` list."""
        error: dict[str, Any] = {"loc": list(at), "msg": message, "type": kind, "input": given}
        if context:
            error["ctx"] = context
        self.errors.append(error)


def check(schema: Schema, arguments: Mapping[str, Any]) -> Checked:
    """Check the arguments of one request; unknown ones are ignored, as fal does, but written down."""
    checked = Checked()
    checked.values = _check_object(checked, schema, arguments, ("body",))
    return checked


def one_of(choices: Sequence[str]) -> str:
    """Return choices as pydantic lists them: 'a', 'b' or 'c'."""
    quoted = [f"'{choice}'" for choice in choices]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _check_object(checked: Checked, schema: Schema, given: Mapping[str, Any], at: Location) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, rule in schema.items():
        if name not in given:
            if rule.required:
                checked.refuse((*at, name), "missing", "Field required", dict(given))
            values[name] = rule.default
        elif given[name] is None and rule.nullable:
            values[name] = None
        else:
            values[name] = _CHECKS[rule.kind](checked, rule, given[name], (*at, name))
    prefix = "".join(f"{part}." for part in at[1:])
    checked.unknown += [prefix + name for name in given if name not in schema]
    return values


def _check_text(checked: Checked, _: Field, given: object, at: Location) -> object:
    if not isinstance(given, str):
        checked.refuse(at, "string_type", "Input should be a valid string", given)
    return given


def _check_picture_url(checked: Checked, _: Field, given: object, at: Location) -> object:
    if not isinstance(given, str):
        checked.refuse(at, "string_type", "Input should be a valid string", given)
    elif not given.startswith(("https://", "http://", "data:image/")):
        checked.refuse(at, "file_download_error", "Failed to download the file.", given)
    elif given.startswith("data:") and embedded_size(given) is None:
        checked.refuse(at, "image_load_error", "Failed to load the image.", given[:80])
    return given


def _check_picture_urls(checked: Checked, rule: Field, given: object, at: Location) -> object:
    if not isinstance(given, list):
        checked.refuse(at, "list_type", "Input should be a valid list", given)
        return []
    low, high = int(rule.low or 0), int(rule.high or len(given))
    if len(given) < low:
        checked.refuse(at, "too_short", f"List should have at least {low} item after validation", given)
    if len(given) > high:
        checked.refuse(at, "too_long", f"List should have at most {high} items after validation", given)
    return [_check_picture_url(checked, rule, item, (*at, index)) for index, item in enumerate(given)]


def embedded_picture(data_uri: str) -> Image.Image:
    """Return the picture in a data URI, decoded.

    Raises:
        OSError, ValueError: there is none.
    """
    with Image.open(io.BytesIO(base64.b64decode(data_uri.partition(",")[2]))) as image:
        image.load()
        return image


def embedded_size(data_uri: str) -> tuple[int, int] | None:
    """Return the size in pixels of a picture in a data URI, or None when it is not a picture."""
    try:
        return embedded_picture(data_uri).size
    except (OSError, ValueError):
        return None


def _check_flag(checked: Checked, _: Field, given: object, at: Location) -> object:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    value = known.get(str(given).lower()) if isinstance(given, bool | int | str) else None
    if value is None:
        checked.refuse(at, "bool_parsing", "Input should be a valid boolean, unable to interpret input", given)
    return value


def _check_whole(checked: Checked, rule: Field, given: object, at: Location) -> object:
    message = "Input should be a valid integer"
    try:
        value = int(given) if isinstance(given, int | float | str) else None
    except (ValueError, OverflowError):
        checked.refuse(at, "int_parsing", f"{message}, unable to parse string as an integer", given)
        return None
    if value is None:
        checked.refuse(at, "int_type", message, given)
    elif isinstance(given, float) and value != given:
        checked.refuse(at, "int_from_float", f"{message}, got a number with a fractional part", given)
    else:
        _check_limits(checked, rule, value, given, at)
    return value


def _check_number(checked: Checked, rule: Field, given: object, at: Location) -> object:
    message = "Input should be a valid number"
    try:
        value = float(given) if isinstance(given, int | float | str) else None
    except ValueError:
        checked.refuse(at, "float_parsing", f"{message}, unable to parse string as a number", given)
        return None
    if value is None:
        checked.refuse(at, "float_type", message, given)
    else:
        _check_limits(checked, rule, value, given, at)
    return value


def _check_limits(checked: Checked, rule: Field, value: float, given: object, at: Location) -> None:
    if rule.low is not None and value < rule.low:
        message = f"Input should be greater than or equal to {rule.low}"
        checked.refuse(at, "greater_than_equal", message, given, ge=rule.low)
    elif rule.high is not None and value > rule.high:
        message = f"Input should be less than or equal to {rule.high}"
        checked.refuse(at, "less_than_equal", message, given, le=rule.high)
    elif rule.multiple is not None and value % rule.multiple:
        message = f"Input should be a multiple of {rule.multiple}"
        checked.refuse(at, "multiple_of", message, given, multiple_of=rule.multiple)


def _check_choice(checked: Checked, rule: Field, given: object, at: Location) -> object:
    if given not in rule.choices:
        expected = one_of(rule.choices)
        checked.refuse(at, "literal_error", f"Input should be {expected}", given, expected=expected)
    return given


def _check_size(checked: Checked, rule: Field, given: object, at: Location) -> object:
    if isinstance(given, Mapping):
        side = Field("whole", MISSING_SIDE, low=rule.low, high=rule.high, multiple=rule.multiple)
        return _check_object(checked, {"width": side, "height": side}, given, at)
    if not isinstance(given, str) or given not in SIZES:
        message = "Input should be a valid dictionary or object to extract fields from"
        checked.refuse((*at, "ImageSize"), "model_attributes_type", message, given)
        expected = one_of(tuple(SIZES))
        checked.refuse((*at, "enum"), "literal_error", f"Input should be {expected}", given, expected=expected)
    return given


def _check_list(checked: Checked, rule: Field, given: object, at: Location) -> object:
    if not isinstance(given, list):
        checked.refuse(at, "list_type", "Input should be a valid list", given)
        return []
    values: list[object] = []
    for index, item in enumerate(given):
        if isinstance(item, Mapping):
            values.append(_check_object(checked, rule.items or {}, item, (*at, index)))
        else:
            message = "Input should be a valid dictionary or object to extract fields from"
            checked.refuse((*at, index), "model_attributes_type", message, item)
    return values


_CHECKS: Mapping[str, Callable[[Checked, Field, object, Location], object]] = {
    "text": _check_text,
    "picture_url": _check_picture_url,
    "picture_urls": _check_picture_urls,
    "flag": _check_flag,
    "whole": _check_whole,
    "number": _check_number,
    "choice": _check_choice,
    "size": _check_size,
    "list": _check_list,
}
