"""Post: what a hero is for. Made from a Pelican article or page, or from a front-matter file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from .. import validators
from ..errors import PostError
from ..loras import lora_names
from ..models import endpoint_of
from ..prompts import check_template
from ..text import plain_text

OPT_OUT = frozenset({"none", "no", "off", "false"})
"""Values of ``Hero`` that leave a post without a hero."""


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """What a post says about its own hero; None is what it leaves to the settings."""

    prompt: str | None = None
    """A template, as ``FALHERO_PROMPT``."""
    style: str | None = None
    seed: int | None = None
    model: str | None = None
    """An endpoint id."""
    size: str | tuple[int, int] | None = None
    steps: int | None = None
    alt: str | None = None
    negative_prompt: str | None = None
    loras: tuple[tuple[str, float | None], ...] = ()
    """Names in ``FALHERO_LORA_LIBRARY`` or addresses, and scales; None is the library's scale."""
    control: Path | None = None
    """A picture that says how the hero is composed."""
    control_type: str = "canny"
    control_scale: float | None = None
    show: bool = True
    """Whether the site's pages show it."""


_CHECKS: Mapping[str, Callable[[object], Any]] = {
    "prompt": lambda value: check_template(validators.text(value)),
    "style": validators.text,
    "seed": validators.seed,
    "model": lambda value: endpoint_of(validators.text(value)),
    "size": validators.size,
    "steps": validators.whole(1, 100),
    "alt": validators.text,
    "negative_prompt": validators.text,
    "lora": lora_names,
    "control_type": validators.one_of("canny", "depth", "pose", "scribble"),
    "control_scale": validators.control_scale,
    "show": validators.yes_or_no,
}
_SPELLED = {"lora": "loras"}


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post, as far as its hero is concerned: what the picture is for, and whether there is to be one."""

    title: str = ""
    """Plain text."""
    source: str = ""
    """Its file, relative to the site's root, with forward slashes; empty where there is none."""
    path: Path = field(default=Path(), compare=False)
    """That file, absolute."""
    date: datetime.datetime | None = None
    lang: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)
    excerpt_markup: str = field(default="", repr=False)
    """Summary or beginning of the post, as HTML; only read when a prompt is built."""
    wanted: bool = True
    """Whether a build cares for it: published, or of a kind that is included, recent enough, and not opted out."""
    own: str = ""
    """The picture that its author named with ``Hero:``, relative to the site's root."""
    picture: str = ""
    """Its author's own picture, wherever it was named: relative to the site's root, or an address on another host."""
    problem: str = ""
    """What its author should mend."""
    reason: str = ""
    """Why its author wants no hero of ours."""
    origin: Any = field(default=None, repr=False, compare=False)
    """Pelican's article or page, which an author's own prompt function is called with."""
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What is only worked out once a run; copies of the post share it."""

    @property
    def takes_hero(self) -> bool:
        """Whether a hero of ours belongs to it; if not, ``own``, ``problem`` or ``reason`` says why."""
        return bool(self.title) and not (self.own or self.problem or self.reason)

    def excerpt(self, enough: int) -> str:
        """The first ``enough`` characters, or some more, of the post as plain text."""
        return plain_text(self.excerpt_markup, enough=enough)


def written(value: object) -> str:
    """The text of a metadata value as its author meant it.

    Markdown's headers give a list for a value of several lines, and a value in a fence keeps its YAML quotes.
    """
    if value is None:
        return ""
    parts = value if isinstance(value, list | tuple) else [value]
    text = " ".join(str(part).strip() for part in parts if part is not None).strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def own_hero(metadata: Mapping[str, Any]) -> str | None:
    """What ``Hero:`` names: None when it is absent or empty, a word of ``OPT_OUT``, or a picture's path."""
    text = written(metadata.get("hero"))
    return (text.lower() if text.lower() in OPT_OUT else text) or None


def find_picture(named: str, source: str, root: Path, *, exists: Callable[[Path], bool] = Path.is_file) -> str:
    """The picture that a post names, relative to ``root``: from there, or from beside the post.

    Raises:
        ValueError: it is not there, or outside of ``root``.
    """
    path = named
    for marker in ("{static}", "{attach}", "{filename}", "|static|", "|attach|", "|filename|"):
        path = path.removeprefix(marker)
    if "://" in path:
        raise ValueError(f"must name a picture in the content folder, not the address {named}")
    beside = str(PurePosixPath(source).parent / path)
    candidates = [path.lstrip("/"), beside] if path == named else [beside if path[:1] != "/" else path[1:]]
    for candidate in candidates:
        for spelled in (candidate, unquote(candidate)):
            file = root / spelled
            if exists(file) and file.resolve().is_relative_to(root.resolve()):
                plain = file if ".." not in file.parts else root / file.resolve().relative_to(root.resolve())
                return plain.relative_to(root).as_posix()
    raise ValueError(f"names {named}, and there is no such picture in the content folder")


def read_overrides(metadata: Mapping[str, Any], *, source: str, root: Path | None = None) -> Overrides:
    """The post's ``Hero_…`` fields. Whether an endpoint takes them is only known when its request is built.

    Args:
        metadata: the post's, with names in lower case.
        source: its file, relative to ``root``.
        root: the folder that a control image must lie in.

    Raises:
        PostError: names the file, the field and what it may hold.
    """
    found: dict[str, Any] = {}
    for name, check in _CHECKS.items():
        text = written(metadata.get(f"hero_{name}"))
        if not text:
            continue
        try:
            found[_SPELLED.get(name, name)] = check(text)
        except ValueError as error:
            raise PostError(f"{source}: Hero_{name.title()} {error}") from None
    if root and (named := written(metadata.get("hero_control"))):
        try:
            found["control"] = root / find_picture(named, source, root)
        except ValueError as error:
            raise PostError(f"{source}: Hero_Control {error}") from None
    return Overrides(**found)
