"""All settings, with defaults and checks: ``FALHERO_…`` in pelicanconf.py, or ``[tool.falhero]`` in pyproject.toml."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from . import servers, validators
from .engines import ENGINES, FAL, endpoint_of
from .language_models import language_model
from .loras import Lora, lora_list, lora_table
from .models import DEFAULT_MODEL, DEFAULT_SIZE
from .prompts import (
    DEFAULT_LIMIT,
    DEFAULT_STYLE,
    DEFAULT_TEMPLATE,
    check_template,
)

PREFIX = "FALHERO_"

READ_ONLY = "_FALHERO_READ_ONLY"
"""The Pelican setting for a site that is only read: the plugin draws nothing and attaches no heroes to posts."""

STATE_DIR = ".falhero"
"""The folder in PATH for files that are not published: ledger, cards, temporary files, lock."""


def _setting(default: Any, check: Callable[[object], object]) -> Any:
    if isinstance(default, Mapping):
        return field(default_factory=lambda: default, metadata={"check": check})
    return field(default=default, metadata={"check": check})


def _or_none(check: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: None if value is None else check(value)


def _endpoint(value: object) -> str:
    return endpoint_of(validators.text(value))


def _prompt(value: object) -> object:
    return value if callable(value) else check_template(validators.text(value))


def _folder(value: object) -> str:
    if not isinstance(value, str | PurePath) or not str(value).strip() or "\0" in str(value):
        raise ValueError(f'must be a folder in PATH, such as "images/heroes", not {value!r}')
    return os.path.expanduser(str(value).strip())  # noqa: PTH111 - stays text until PATH is known


def _font_file(value: object) -> str:
    if value == "":
        return ""
    if not isinstance(value, str | PurePath) or PurePath(value).suffix.lower() not in (".ttf", ".otf", ".ttc"):
        raise ValueError(f"must be the path of a .ttf, .otf or .ttc file, not {value!r}")
    return os.path.expanduser(str(value))  # noqa: PTH111 - stays text until PATH is known


_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Settings:
    """All settings, checked. A field has the name of its setting, without prefix and in lower case."""

    provider: str = _setting("auto", validators.one_of("auto", *ENGINES, "card", "none"))
    base_url: str = _setting("", servers.address)
    """Where the engine ``openai`` finds its server."""
    insecure_host: str = _setting("", servers.host)
    """The author's own machine, which may be asked over plain http although it is another than this."""
    api_key_name: str = _setting("", servers.variable)
    """The environment variable with the key for that server; empty: it needs none."""
    model: str = _setting(DEFAULT_MODEL.endpoint, _endpoint)
    """An endpoint id; one of fal's stands for the same model at another engine."""
    style: str = _setting(DEFAULT_STYLE, lambda value: "" if value == "" else validators.text(value))
    styles: Mapping[str, str] = _setting(_EMPTY, validators.styles)
    prompt: str | Callable[[Any], str] = _setting(DEFAULT_TEMPLATE, _prompt)
    prompt_limit: int = _setting(DEFAULT_LIMIT, validators.whole_number(20, 10_000))
    """Characters."""
    director: str = _setting("", lambda value: "" if value == "" else language_model(validators.text(value)))
    """The language model that writes the scene of each new hero; empty: the template ``prompt`` makes it."""
    direction: str = _setting("", lambda value: "" if value == "" else validators.text(value))
    """The author's own rules for what it writes."""
    image_size: str | tuple[int, int] = _setting(DEFAULT_SIZE, validators.size)
    """A fal size name, or (width, height) in pixels."""
    steps: int | None = _setting(None, _or_none(validators.whole_number(1, 100)))
    """None: the model's default."""
    guidance_scale: float | None = _setting(None, _or_none(validators.number(0, 100)))
    """None: the model's default."""
    seed: int | str | None = _setting(None, _or_none(validators.seed_or_title))
    """A number, or ``title`` to compute it from the title; None: fal chooses a random one."""
    negative_prompt: str = _setting("", lambda value: "" if value == "" else validators.text(value))
    loras: tuple[Lora, ...] = _setting((), lora_list)
    lora_library: Mapping[str, Lora] = _setting(_EMPTY, lora_table)
    arguments: Mapping[str, Any] = _setting(_EMPTY, validators.arguments)
    """Sent to the endpoint unchanged; they override all other arguments."""
    assets_dir: str = _setting("images/heroes", _folder)
    """Relative to PATH, with forward slashes."""
    include: frozenset[str] = _setting(frozenset(), validators.some_of("hidden", "drafts", "pages"))
    since: datetime.date | None = _setting(None, _or_none(validators.iso_date))
    concurrency: int = _setting(8, validators.whole_number(1, 64))
    """Number of heroes that are drawn at the same time; by default 1 on one's own machine."""
    timeout: float = _setting(300.0, validators.number(1, 86_400))
    """Seconds that a build waits for one hero, and for the lock of another build."""
    refresh: str = _setting("missing", validators.one_of("missing", "changed"))
    budget: float = _setting(1.0, validators.number(0, float("inf")))
    """USD that may be spent in any 24 hours."""
    monthly_budget: float | None = _setting(None, _or_none(validators.number(0, float("inf"))))
    """USD that may be spent in a calendar month (UTC); None: no limit."""
    spend_in_ci: bool = _setting(False, validators.flag)
    dry_run: bool = _setting(False, validators.flag)
    show: str = _setting("auto", validators.one_of("auto", "insert", "fields", "never"))
    """How pages show heroes."""
    fields: Mapping[str, str] = _setting(_EMPTY, validators.picture_fields)
    """Theme field to the form of picture address that it expects; overrides what the plugin detects."""
    widths: tuple[int, ...] = _setting((480, 800), validators.widths)
    """Pixels, ascending; besides its own, a picture is offered in those that are smaller."""
    formats: tuple[str, ...] = _setting(("webp",), validators.picture_formats)
    """Of ``validators.PICTURE_FORMATS`` and in that order; empty: pages show the pictures as they are."""
    alt_model: str = _setting("", lambda value: "" if value == "" else language_model(validators.text(value)))
    """The language model that writes the alternative text of each new hero; empty: none does."""
    alt: str = _setting("", lambda value: "" if value == "" else check_template(validators.text(value)))
    """A template for the alternative text of pictures without ``Hero_Alt``; empty: they have none."""
    inline_style: bool = _setting(True, validators.flag)
    """Whether an inserted picture has a ``style`` attribute; a strict Content-Security-Policy blocks it."""
    card_font: str = _setting("", _font_file)
    """A font file, relative to PATH, for titles whose script the cards' own font lacks; empty: one of this machine."""
    on_error: str = _setting("card", validators.one_of("warn", "card", "fail"))
    prices: Mapping[str, float] = _setting(_EMPTY, validators.prices)
    """Endpoint or model name to USD per picture; overrides the catalogue."""

    @property
    def engine(self) -> str:
        """The engine that draws; with ``auto``, ``card`` or ``none`` it is fal that would."""
        return self.provider if self.provider in ENGINES else FAL

    @property
    def draws_at_home(self) -> bool:
        """Whether a machine of the author's own draws, where pictures cost nothing."""
        return self.provider == "openai" and servers.is_at_home(self.base_url, self.insecure_host)


def setting_names() -> tuple[str, ...]:
    """Return the names of all settings, in lower case and without prefix."""
    return tuple(item.name for item in fields(Settings))
