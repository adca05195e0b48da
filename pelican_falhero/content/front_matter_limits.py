"""Limits for front matter, so that a file that was made to exhaust memory or time is refused quickly."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml
from frontmatter.default_handlers import SafeLoader, YAMLHandler

MAX_CHARACTERS = 250_000
"""Characters of front matter, with each alias of YAML replaced by what it stands for."""
MAX_DEPTH = 50
"""Levels of lists and tables inside each other."""
MAX_BITS = 4096
"""Of a whole number; Python refuses to write longer ones than some 14,000 bits as text."""


_DOTTED_KEY = re.compile(
    r"""(?:\.[ \t]*+(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+){%d}""" % MAX_DEPTH  # noqa: UP031 - braces
)
"""A key of more than ``MAX_DEPTH`` parts; tomllib needs memory for each pair of them."""


class LimitedYamlHandler(YAMLHandler):
    """YAML whose aliases do not expand to more than ``MAX_CHARACTERS``."""

    def load(self, fm: str, **_: object) -> Any:
        """Parse YAML.

        Raises:
            ValueError, yaml.YAMLError: it is invalid, or exceeds a limit.
        """
        loader = SafeLoader(fm)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            # Before any value is made: merge keys (<<) copy what they name.
            _expanded_size(node, {}, depth=0)
            return loader.construct_document(node)
        finally:
            loader.dispose()


def load_toml(text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        ValueError: it is invalid, or exceeds a limit.
    """
    if _DOTTED_KEY.search(text):
        raise _too_deep()
    return tomllib.loads(text)


def check_size(front_matter: str) -> None:
    """Check the length of front matter.

    Raises:
        ValueError: it is too long.
    """
    if len(front_matter) > MAX_CHARACTERS:
        raise ValueError(f"it has {len(front_matter):,} characters; {MAX_CHARACTERS:,} are the most")


def check_values(value: object) -> None:
    """Check how deep lists and tables are inside each other, and the sizes of numbers.

    Raises:
        ValueError: they are too deep, or a number is too long.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if any(isinstance(child, int) and child.bit_length() > MAX_BITS for child in level):
            raise ValueError("it has a number that is too long")
        if not level:
            return
    raise _too_deep()


def _children(value: object) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return list(value) if isinstance(value, list | tuple | set) else []


def _expanded_size(node: yaml.Node, known: dict[int, int], *, depth: int) -> int:
    """Return the characters and values below a node; each node is visited once, however many aliases it has.

    A node that contains itself is too deep.
    """
    if depth > MAX_DEPTH:
        raise _too_deep()
    if id(node) not in known:
        parts = node.value if isinstance(node.value, list) else []
        children = [child for part in parts for child in (part if isinstance(part, tuple) else (part,))]
        text = 0 if children else len(node.value)
        size = 1 + text + sum(_expanded_size(child, known, depth=depth + 1) for child in children)
        if size > MAX_CHARACTERS:
            raise ValueError(f"its aliases stand for more than {MAX_CHARACTERS:,} characters")
        known[id(node)] = size
    return known[id(node)]


def _too_deep() -> ValueError:
    return ValueError(f"it has lists or tables more than {MAX_DEPTH} levels deep")
