"""A field's value as the formats of front matter write it."""

from __future__ import annotations

import json

from frontmatter.default_handlers import YAMLHandler

Value = str | list[str]
"""One line of text, or a list of such."""


def quoted(value: Value) -> str:
    """Return a value in JSON, which YAML and TOML read too."""
    return json.dumps(value, ensure_ascii=False)


def bare(value: Value) -> str:
    """Return a value for YAML, without quotes if that is safe: Pelican's Markdown reader keeps quotes."""
    if not isinstance(value, str):
        return quoted(value)
    try:
        is_safe = "/" in value and YAMLHandler().load(f"key: {value}") == {"key": value}
    except Exception:  # whatever the parser raises, the value needs quotes
        is_safe = False
    return value if is_safe else quoted(value)
