"""Changes of YAML front matter, at the places that the parser tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from .values import Value, bare, quoted

_NULL = "tag:yaml.org,2002:null"


def changes(text: str, names: Sequence[str], value: Value, newline: str) -> Iterator[str]:
    """Yield the text with the field set, in the ways that may be right; nothing if it is a flow mapping as a whole.

    Args:
        text: valid YAML, up to the closing fence.
        names: of the field, and before it of those that it is in.
        value: what it is to be.
        newline: the file's line end.
    """
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        # Posts are read by libyaml where it is installed, which takes some characters that this parser refuses.
        return
    edit = _Edit(text, value, newline)
    if root is None:
        yield edit.with_lines(len(text), names, "")
    elif isinstance(root, yaml.MappingNode) and not root.flow_style:
        yield from edit.below(root, names)


@dataclass(frozen=True)
class _Edit:
    text: str
    value: Value
    newline: str

    def below(self, root: yaml.MappingNode, names: Sequence[str]) -> Iterator[str]:
        """Yield the text with the field set: in its place, or in the innermost of its mappings that there is."""
        key: yaml.Node = root
        node: yaml.Node = root
        for depth, name in enumerate(names):
            if not isinstance(node, yaml.MappingNode):
                # Of something else than nothing the author has made a value.
                yield from self._with_mapping(key, node, names[depth:]) if node.tag == _NULL else ()
                return
            found = next(((key, child) for key, child in reversed(node.value) if key.value == name), None)
            if found is None and node is root:
                yield self.with_lines(len(self.text), names, _indent(root))
                return
            if found is None:
                yield from self._inserted(node, names[depth:])
                return
            key, node = found
        yield from self._replaced(node, self.value)

    def with_lines(self, at: int, names: Sequence[str], indent: str) -> str:
        """Return the text with the field in lines of its own, at the start of a line."""
        indents = [indent + "  " * depth for depth in range(len(names))]
        outer = "".join(f"{space}{name}:{self.newline}" for space, name in zip(indents, names[:-1], strict=False))
        new = f"{outer}{indents[-1]}{names[-1]}: {bare(self.value)}{self.newline}"
        return self.text[:at] + new + self.text[at:]

    def _replaced(self, node: yaml.Node, value: Value) -> Iterator[str]:
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(value, list) and isinstance(node, yaml.SequenceNode) and len(node.value) == 1:
            yield from self._replaced(node.value[0], value[0])
            return
        # A text of several lines is nothing that we have written, and neither is a mapping or a longer list.
        is_line = (
            isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">") and "\n" not in self.text[start:end]
        )
        if is_line or self.text[start:end] == "[]":
            space = " " if self.text[start - 1] == ":" else ""
            for new in (bare(value), quoted(value)):
                yield self.text[:start] + space + new + self.text[end:]

    def _inserted(self, node: yaml.MappingNode, names: Sequence[str]) -> Iterator[str]:
        """Yield the text with the field in a mapping that lies in another."""
        if node.flow_style:
            at = node.start_mark.index + 1
            yield self.text[:at] + self._flow(names) + (", " if node.value else "") + self.text[at:]
            return
        yield self.with_lines(self.text.find("\n", _end(node) - 1) + 1, names, _indent(node))
        first = node.value[0][0].start_mark
        yield self.with_lines(first.index - first.column, names, _indent(node))

    def _with_mapping(self, key: yaml.Node, node: yaml.Node, names: Sequence[str]) -> Iterator[str]:
        start, end = node.start_mark.index, node.end_mark.index
        if start == end:
            yield self.with_lines(self.text.find("\n", start) + 1, names, " " * (key.start_mark.column + 2))
        yield f"{self.text[:start]}{' ' if start == end else ''}{{{self._flow(names)}}}{self.text[end:]}"

    def _flow(self, names: Sequence[str]) -> str:
        return ": {".join(names) + f": {quoted(self.value)}" + "}" * (len(names) - 1)


def _indent(node: yaml.MappingNode) -> str:
    return " " * int(node.value[0][0].start_mark.column)


def _end(node: yaml.Node) -> int:
    """Return where the last value of a node ends; a block's own end is behind the comments that follow it."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)
