"""Set a field in a post's front matter by changing one line; every other byte of the file stays the same."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from frontmatter.default_handlers import YAMLHandler

from ..errors import HeroError
from .front_matter import Document, FrontMatterError, parse
from .pelican_headers import with_header
from .site import SiteError

_FENCES = {"yaml": re.compile(rb"-{3,}\s*"), "toml": re.compile(rb"\+{3,}\s*"), "fenced json": re.compile(rb"---\s*")}
_NAME = re.compile(r"[^\W\d][\w-]*")


def write_field(path: Path, field: str, value: str) -> bool:
    """Set a field of a post; all other bytes stay the same. Return False if it had the value already.

    The changed text is parsed before it is saved, and must differ in this field only.

    Raises:
        SiteError: the post can't be read, or the name of the field is invalid.
        HeroError: the file can't be changed safely, or not written; the text ends with the line to add.
    """
    check_field_name(field)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FrontMatterError(f"{path} can't be read: {error.strerror}") from error
    document = parse(data, path)
    if document.metadata.get(field) == value:
        return False
    if not document.kind and (headed := with_header(data, path, field, value)):
        if headed == data:
            return False
        return _written(path, headed, field_line(path, document, field, value))
    changed = next(
        (new for new in _candidates(data, document, field, value) if _changes_only_field(new, document, field, value)),
        None,
    )
    line = field_line(path, document, field, value)
    if changed is None:
        raise HeroError(f"{path} could not be changed safely; write this line into its front matter: {line}")
    return _written(path, changed, line)


def _written(path: Path, data: bytes, line: str) -> bool:
    try:
        _replace(path, data)
    except OSError as error:
        raise HeroError(
            f"{path} can't be written ({error.strerror}); write this line into its front matter: {line}"
        ) from error
    return True


def check_field_name(field: str) -> None:
    """Check the name of a field.

    Raises:
        SiteError: the name is invalid.
    """
    if not _NAME.fullmatch(field):
        raise SiteError(f"{field!r} can't be the name of a field; use letters, digits, - and _")


def field_line(path: Path, document: Document, field: str, value: str) -> str:
    """Return the line that sets a field, in the format of the post's front matter."""
    if document.kind == "yaml":
        return f"{field}: {_yaml(value)}"
    if document.kind == "toml":
        return f"{field} = {_quoted(value)}"
    if document.kind:
        return f'"{field}": {_quoted(value)},'
    # In Pelican's own metadata lines, values have no quotes.
    return f":{field}: {value}" if path.suffix == ".rst" else f"{field}: {value}"


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _yaml(value: str) -> str:
    """Return a value for YAML, without quotes if that is safe: Pelican's Markdown reader keeps quotes."""
    try:
        is_safe = "/" in value and YAMLHandler().load(f"key: {value}") == {"key": value}
    except Exception:  # whatever the parser raises, the value needs quotes
        is_safe = False
    return value if is_safe else _quoted(value)


def _candidates(data: bytes, document: Document, field: str, value: str) -> Iterator[bytes]:
    """Yield the post with one line changed or added, for each line that may be the right one."""
    lines = data.splitlines(keepends=True)
    end = _front_matter_end(lines, document)
    if not end:
        return
    if field in document.metadata:
        pattern = _field_pattern(document, field)
        for number in range(1, end):
            if match := pattern.fullmatch(lines[number]):
                space = b"" if match["start"][-1:].isspace() else b" "
                new = match["start"] + space + _value(document, value).encode() + (match["rest"] or b"") + match["end"]
                yield b"".join([*lines[:number], new, *lines[number + 1 :]])
        return
    newline = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
    for index in _insert_positions(lines, end, document):
        new = _indent(lines[1:end]) + field_line(Path(), document, field, value).encode()
        if not document.metadata:
            new = new.removesuffix(b",")
        yield b"".join([*lines[:index], new + newline, *lines[index:]])


def _front_matter_end(lines: list[bytes], document: Document) -> int:
    """Return the index of the line that ends the front matter; 0 if there is none.

    JSON without fences has no such line: then it is the number of lines, as each candidate is parsed anyway.
    """
    fence = _FENCES.get(document.kind)
    if fence is None:
        return len(lines) if document.kind else 0
    return next((number for number in range(1, len(lines)) if fence.fullmatch(lines[number])), 0)


def _field_pattern(document: Document, field: str) -> re.Pattern[bytes]:
    """Return the pattern of a line with the field: text before the value, a comment or comma after it, and line end."""
    name = re.escape(field.encode())
    sign = b"=" if document.kind == "toml" else b":"
    start = rb"(?P<start>\s*(?:%b|\"%b\"|'%b')\s*%b[ \t]*)" % (name, name, name, sign)
    rest = rb"(?P<rest>\s*,)?" if "json" in document.kind else rb"(?P<rest>[ \t]+#[^\"']*?)?"
    value = rb".*?" if "json" in document.kind else rb"(?:[^\"'#]*?|\"[^\"]*\"|'[^']*'|.*?)"
    return re.compile(start + value + rest + rb"(?P<end>[ \t]*\r?\n)", re.DOTALL)


def _value(document: Document, value: str) -> str:
    return _yaml(value) if document.kind == "yaml" else _quoted(value)


def _insert_positions(lines: list[bytes], end: int, document: Document) -> Iterator[int]:
    """Yield where a new line may go: before the closing fence, in JSON after the brace, in TOML before a table."""
    if "json" in document.kind:
        yield next((number + 1 for number in range(end) if lines[number].strip().endswith(b"{")), end)
        return
    if document.kind == "toml":
        for number in range(1, end):
            if lines[number].lstrip().startswith(b"["):
                yield _above_comments(lines, number)
    yield end


def _above_comments(lines: list[bytes], number: int) -> int:
    """Return the index above the comments and empty lines that precede a line."""
    while number > 1 and (not lines[number - 1].strip() or lines[number - 1].lstrip().startswith(b"#")):
        number -= 1
    return number


def _indent(lines: list[bytes]) -> bytes:
    first = next((line for line in lines if line.strip() not in (b"", b"{") and line.lstrip()[:1] != b"#"), b"")
    return first[: len(first) - len(first.lstrip())]


def _changes_only_field(data: bytes, document: Document, field: str, value: str) -> bool:
    try:
        changed = parse(data, Path())
    except FrontMatterError:
        return False
    return changed.metadata == {**document.metadata, field: value} and changed.body == document.body


def _replace(path: Path, data: bytes) -> None:
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o7777)
        os.replace(name, target)  # noqa: PTH105 - clearer than Path.replace
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
