"""Set a field in a post's front matter; every other byte of the file stays the same."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import HeroError
from .fields import json_edit, toml_edit, yaml_edit
from .fields.hero_field import HeroField, value_at, why_not_ours
from .fields.values import Value, bare, quoted
from .front_matter import Document, FrontMatterError, front_matter_span, parse, read_data
from .pelican_headers import with_header
from .post import OPT_OUT, hero_field
from .site import SiteError

_NAME = re.compile(r"[^\W\d][\w-]*")
_EDITORS: Mapping[str, Callable[[str, Sequence[str], Value, str], Iterator[str]]] = {
    "yaml": yaml_edit.changes,
    "toml": toml_edit.changes,
    "json": json_edit.changes,
    "fenced json": json_edit.changes,
}


def write_field(path: Path, field: str, value: Value) -> bool:
    """Set a field of a post; all other bytes stay the same. Return False if it had the value already.

    Args:
        path: the post.
        field: its name; dots lead into mappings, as in ``cover.image``.
        value: one line of text, or a list of one.

    Raises:
        SiteError: the post can't be read, or the name of the field is invalid.
        HeroError: the file can't be changed safely, or not written; the text ends with the line to add.
    """
    check_field_name(field)
    return _write(path, read_data(path), field, value)


def write_hero(path: Path, field: HeroField, value: str) -> bool:
    """Have a post name its hero, unless its author has named another picture, or wants none, since the site was read.

    Args:
        path: the post.
        field: the site's.
        value: what it is to say.

    Returns:
        Whether the post was changed.

    Raises:
        SiteError, HeroError: as ``write_field``.
    """
    data = read_data(path)
    document = parse(data, path)
    wants_none = hero_field(document.lower_case_fields()) in OPT_OUT
    if wants_none or why_not_ours(document.metadata, ["hero", field.name], field=field):
        return False
    return _write(path, data, field.name, field.as_value(value))


def _write(path: Path, data: bytes, field: str, value: Value) -> bool:
    changed = edited(data, path, field, value)
    if changed == data:
        return False
    try:
        _replace(path, data, changed)
    except OSError as error:
        advice = _advice(path, parse(data, path), field, value)
        raise HeroError(f"{path} can't be written ({error.strerror}); {advice}") from error
    return True


def edited(data: bytes, path: Path, field: str, value: Value) -> bytes:
    """Return a post with a field set.

    The changed text is parsed, and must differ in this field only.

    Args:
        data: the post.
        path: its file, for messages, and because the extension tells some formats.
        field: as ``write_field``.
        value: as ``write_field``.

    Raises:
        FrontMatterError: the post can't be read.
        HeroError: it can't be changed safely.
    """
    document = parse(data, path)
    names = field.split(".")
    if value_at(document.metadata, names) == value:
        return data
    if not document.kind and isinstance(value, str) and (headed := with_header(data, path, field, value)):
        return headed
    wanted = _with_value(document.metadata, names, value)
    for changed in _changes(data, document, names, value) if wanted else ():
        if _says(changed, wanted, document.body):
            return changed
    raise HeroError(f"{path} could not be changed safely; {_advice(path, document, field, value)}")


def check_field_name(field: str) -> None:
    """Check the name of a field.

    Raises:
        SiteError: the name is invalid.
    """
    if not all(map(_NAME.fullmatch, field.split("."))):
        raise SiteError(
            f"{field!r} can't be the name of a field; use letters, digits, - and _, with dots between names"
        )


def field_line(path: Path, document: Document, field: str, value: Value) -> str:
    """Return the line that sets a field, in the format of the post's front matter."""
    if document.kind == "yaml":
        return f"{field}: {bare(value)}"
    if document.kind == "toml":
        return f"{field} = {quoted(value)}"
    if document.kind:
        return f'"{field}": {quoted(value)},'
    # In Pelican's own metadata lines, values have no quotes.
    return f":{field}: {value}" if path.suffix == ".rst" else f"{field}: {value}"


def _advice(path: Path, document: Document, field: str, value: Value) -> str:
    if "." in field:
        return f"in its front matter, set {field} to {quoted(value)}"
    return f"write this line into its front matter: {field_line(path, document, field, value)}"


def _changes(data: bytes, document: Document, names: Sequence[str], value: Value) -> Iterator[bytes]:
    """Yield the post with the field set, in the ways that may be right."""
    if not document.kind:
        return
    text = data.decode()
    start, end = front_matter_span(text, document.kind)
    newline = "\r\n" if "\r\n" in text[:end] else "\n"
    for changed in _EDITORS[document.kind](text[start:end], names, value, newline):
        yield (text[:start] + changed + text[end:]).encode()


def _with_value(metadata: Mapping[str, Any], names: Sequence[str], value: Value) -> dict[str, Any]:
    """Return the fields as they are to be; none if the field is more than a picture, or would be in no mapping."""
    first, *rest = names
    inner = metadata.get(first)
    if not rest:
        return {} if _holds_more(inner) else {**metadata, first: value}
    if not isinstance(inner, dict | None):
        return {}
    # Without changing it: with an alias of YAML, other fields may have the same object.
    changed = _with_value(inner or {}, rest, value)
    return {**metadata, first: changed} if changed else {}


def _holds_more(value: Any) -> bool:
    """Whether a value has more in it than a picture, such as its alternative text, which would be lost."""
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    return isinstance(value, dict) or (isinstance(value, list) and bool(value))


def _says(data: bytes, metadata: Mapping[str, Any], body: str) -> bool:
    try:
        document = parse(data, Path())
    except FrontMatterError:
        return False
    return document.metadata == metadata and document.body == body


def _replace(path: Path, old: bytes, data: bytes) -> None:
    """Replace a post, unless its author has saved it since it was read.

    Raises:
        HeroError: the file has changed.
        OSError: it can't be replaced.
    """
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o7777)
        _check_unchanged(path, old)
        os.replace(name, target)  # noqa: PTH105 - clearer than Path.replace
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _check_unchanged(path: Path, old: bytes) -> None:
    if path.read_bytes() != old:
        raise HeroError(f"{path} was changed while it was being written; run the command again")
