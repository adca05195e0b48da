"""Post: what a hero is made for. Read from a Pelican article or page, or from a front-matter file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from .. import validators
from ..engines import endpoint_of
from ..errors import PostError
from ..loras import lora_names
from ..prompts import check_template
from ..text import plain_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

OPT_OUT = frozenset({"none", "no", "off", "false"})
"""Values of ``Hero`` that leave a post without a hero."""


class Overrides(NamedTuple):
    """What a post's ``Hero_…`` fields set; None means that the site's setting is used."""

    prompt: str | None = None
    """A template, like ``FALHERO_PROMPT``."""
    style: str | None = None
    seed: int | None = None
    model: str | None = None
    """An endpoint id."""
    size: str | tuple[int, int] | None = None
    steps: int | None = None
    alt: str | None = None
    negative_prompt: str | None = None
    loras: tuple[tuple[str, float | None], ...] = ()
    """(name in ``FALHERO_LORA_LIBRARY`` or address, scale); without a scale (None) the library's is used."""
    control: Path | None = None
    """A picture that determines the composition of the hero."""
    control_type: str = "canny"
    control_scale: float | None = None
    show: bool = True
    """Whether the site's pages show the hero."""


NO_OVERRIDES = Overrides()


_CHECKS: Mapping[str, Callable[[object], Any]] = {
    "prompt": lambda value: check_template(validators.text(value)),
    "style": validators.text,
    "seed": validators.seed,
    "model": lambda value: endpoint_of(validators.text(value)),
    "size": validators.size,
    "steps": validators.whole_number(1, 100),
    "alt": validators.text,
    "negative_prompt": validators.text,
    "lora": lora_names,
    "control_type": validators.one_of("canny", "depth", "pose", "scribble"),
    "control_scale": validators.control_scale,
    "show": validators.yes_or_no,
}
_FIELD_NAMES = {"lora": "loras"}

OVERRIDE_NAMES = (*_CHECKS, "control")
"""The fields without ``hero_``, in lower case."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post: the data that its hero is made from, and whether it needs one."""

    title: str = ""
    """Plain text."""
    source: str = ""
    """Its file, relative to ``root``, with forward slashes; empty if it has no file."""
    root: Path = field(default=Path(), compare=False)
    """The site's root, absolute."""
    date: datetime.datetime | None = None
    lang: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    overrides: Overrides = NO_OVERRIDES
    excerpt_markup: str = field(default="", repr=False)
    """Summary or text of the post, as HTML; it is only parsed when a prompt is built."""
    excerpt_markdown: str = field(default="", repr=False)
    """The start of its text as Markdown, for want of ``excerpt_markup``; likewise."""
    text_markup: str = field(default="", repr=False)
    """The start of its text as HTML, or as Markdown, if the excerpt is a summary of it."""
    brief: str = ""
    """The scene that a language model has written for its hero; empty without one."""
    wanted: bool = True
    """Whether a build makes its hero: it is published or included, recent enough, and does not say ``Hero: none``."""
    is_previewed: bool = False
    """Whether it is a draft that builds make no hero for before it is published: its preview shows a card."""
    own: str = ""
    """The picture that ``Hero:`` names, relative to the site's root; empty if there is none."""
    picture: str = ""
    """The author's own picture, from ``Hero:`` or a theme's field: relative to the site's root, or an address."""
    written: str = ""
    """What the front-matter field for heroes says, on a site that has one; empty if it is empty."""
    problem: str = ""
    """What the author must fix before a hero is made; empty if there is no problem."""
    reason: str = ""
    """Why no hero is made for it, e.g. ``says Hero: none``; empty if one can be made."""
    origin: Any = field(default=None, repr=False, compare=False)
    """Pelican's article or page: the argument of the author's prompt function."""
    as_written: Post | None = field(default=None, repr=False, compare=False)
    """The post without the command line's options; None if it has none."""
    cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """Results that are computed only once per run; copies of the post share it."""

    @property
    def path(self) -> Path:
        """Its file, absolute."""
        return self.root / self.source

    @property
    def takes_hero(self) -> bool:
        """Whether we can make a hero for it; if not, ``own``, ``problem`` or ``reason`` says why."""
        return self.shows_hero and not self.problem

    @property
    def shows_hero(self) -> bool:
        """Whether its hero, if there is one, is shown: also while its author has a problem to fix."""
        return bool(self.title) and not (self.own or self.reason)

    def excerpt(self, stop_after: int) -> str:
        """Return at least the first ``stop_after`` characters of the excerpt, as plain text."""
        markup = self.excerpt_markup or _html(self.excerpt_markdown)
        return plain_text(markup, stop_after=stop_after)

    def beginning(self, stop_after: int) -> str:
        """Return at least the first ``stop_after`` characters of its text, as far as it is known, as plain text."""
        return plain_text(self.text_markup, stop_after=stop_after) if self.text_markup else self.excerpt(stop_after)

    def values(self, style: str = "", *, limit: int) -> dict[str, str]:
        """Return the values of a template's fields, as plain text; of the excerpt at least ``limit`` characters."""
        return {
            "title": self.title,
            "excerpt": self.excerpt(limit),
            "style": style,
            "category": self.category,
            "tags": ", ".join(self.tags),
            "lang": self.lang,
        }


def _html(markdown: str) -> str:
    """Convert Markdown to HTML, with a parser that rich depends on anyway."""
    return str(_markdown_parser().render(markdown)) if markdown else ""


@cache
def _markdown_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 - few sites need it

    return MarkdownIt()


def metadata_text(value: object) -> str:
    """Return a metadata value as text, with lines joined and quotes removed.

    Pelican's Markdown reader gives a list for a value of several lines, and keeps YAML quotes.
    """
    if value is None:
        return ""
    parts = value if isinstance(value, list | tuple) else [value]
    text = " ".join(str(part).strip() for part in parts if part is not None).strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def hero_field(metadata: Mapping[str, Any]) -> str | None:
    """Return the value of ``Hero:``: a word in ``OPT_OUT``, or a picture's path; None if it is missing or empty."""
    text = metadata_text(metadata.get("hero"))
    return (text.lower() if text.lower() in OPT_OUT else text) or None


def find_picture(named: str, source: str, root: Path, *, exists: Callable[[Path], bool] = Path.is_file) -> str:
    """Return a picture that a post names, relative to ``root``. It is searched in ``root`` and next to the post.

    Raises:
        ValueError: the picture does not exist, or is outside ``root``.
    """
    path = named
    for marker in ("{static}", "{attach}", "{filename}", "|static|", "|attach|", "|filename|"):
        path = path.removeprefix(marker)
    if "://" in path:
        raise ValueError(f"must name a picture in the content folder, not the address {named}")
    next_to_post = str(PurePosixPath(source).parent / path)
    candidates = [path.lstrip("/"), next_to_post] if path == named else [next_to_post if path[:1] != "/" else path[1:]]
    for candidate in candidates:
        for name in (candidate, unquote(candidate)):
            file = root / name
            if exists(file) and file.resolve().is_relative_to(root.resolve()):
                found = file if ".." not in file.parts else root / file.resolve().relative_to(root.resolve())
                return found.relative_to(root).as_posix()
    raise ValueError(f"names the picture {named}, which is not in the content folder")


def read_overrides(metadata: Mapping[str, Any], *, source: str, root: Path | None = None) -> Overrides:
    """Read and check a post's ``Hero_…`` fields. The endpoint's own limits are checked later, by ``build_request``.

    Args:
        metadata: the post's metadata, with names in lower case.
        source: its file, relative to ``root``.
        root: the folder that a control image must be in.

    Raises:
        PostError: a field is invalid; the text names the file, the field and what it may contain.
    """
    if not any(name.startswith("hero_") for name in metadata):
        return NO_OVERRIDES
    found: dict[str, Any] = {}
    for name, check in _CHECKS.items():
        text = metadata_text(metadata.get(f"hero_{name}"))
        if not text:
            continue
        try:
            found[_FIELD_NAMES.get(name, name)] = check(text)
        except ValueError as error:
            raise PostError(f"{source}: Hero_{name.title()} {error}") from None
    if root and (named := metadata_text(metadata.get("hero_control"))):
        try:
            found["control"] = root / find_picture(named, source, root)
        except ValueError as error:
            raise PostError(f"{source}: Hero_Control {error}") from None
    return Overrides(**found)
