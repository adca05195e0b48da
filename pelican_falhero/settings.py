"""Read and check the settings: ``FALHERO_…`` in pelicanconf.py, or ``[tool.falhero]`` in pyproject.toml."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from . import servers, validators
from .engines import ENGINES, FAL, endpoint_at, endpoint_of, model_at
from .errors import SettingsError
from .language_models import language_model
from .limits import find_problems
from .loras import Lora, lora_list, lora_scale, lora_table
from .models import DEFAULT_MODEL, DEFAULT_SIZE, LORA_ENDPOINT
from .prompts import (
    DEFAULT_LIMIT,
    DEFAULT_STYLE,
    DEFAULT_TEMPLATE,
    check_template,
    extract_loras,
    unknown_loras,
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


@dataclass(frozen=True, kw_only=True)
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


def read_settings(values: Mapping[str, object], *, root: Path, prefix: str = PREFIX) -> Settings:
    """Read and check the settings in ``values`` whose names begin with ``prefix``.

    Args:
        values: Pelican's settings, or the table of pyproject.toml (then with an empty prefix and names in lower case).
        root: the content folder; ``assets_dir`` must be inside it.
        prefix: the prefix of the names.

    Raises:
        SettingsError: names each unknown or invalid setting and how to fix it.
    """
    settings, problem = read_what_is_right(values, root=root, prefix=prefix)
    if problem:
        raise SettingsError(problem)
    return settings


def read_what_is_right(values: Mapping[str, object], *, root: Path, prefix: str = PREFIX) -> tuple[Settings, str]:
    """Return the settings, with the default for each that is invalid, and what is wrong; empty if nothing is.

    Heroes may be shown by such settings, but never made. The arguments are those of ``read_settings``.
    """
    problems: list[str] = []
    known = {prefix + (item.name.upper() if prefix else item.name): item for item in fields(Settings)}
    checked: dict[str, Any] = {}
    is_server = values.get(next(name for name, item in known.items() if item.name == "provider")) == "openai"
    for name in sorted(name for name in values if name.startswith(prefix)):
        if name not in known:
            problems.append(f"{name} is not a setting{_suggestion(name, known, prefix)}")
            continue
        try:
            check = servers.model if is_server and known[name].name == "model" else known[name].metadata["check"]
            checked[known[name].name] = check(values[name])
        except (ValueError, TypeError) as error:
            problems.append(f"{name} {error}")
    label = {item.name: name for name, item in known.items()}
    settings = Settings(**checked)
    if "concurrency" not in checked:
        settings = _with_own_concurrency(settings)
    if not problems:
        problems = _check_combinations(settings, label)
    folder = Settings.assets_dir
    try:
        folder = _relative_folder(root, settings.assets_dir)
    except ValueError as error:
        problems.append(f"{label['assets_dir']} {error}")
    return replace(settings, assets_dir=folder), "; ".join(problems)


def _with_own_concurrency(settings: Settings) -> Settings:
    """A single GPU draws one picture after the other; several at once would only wait longer for each."""
    return replace(settings, concurrency=1) if settings.draws_at_home else settings


def with_provider(settings: Settings, provider: str) -> Settings:
    """Return the settings with another provider.

    Raises:
        SettingsError: the other settings don't fit it.
    """
    changed = replace(settings, provider=provider)
    if problems := _check_combinations(changed, {name: f"{PREFIX}{name.upper()}" for name in setting_names()}):
        raise SettingsError("; ".join(problems))
    return changed if settings.concurrency != Settings.concurrency else _with_own_concurrency(changed)


def _suggestion(name: str, known: Mapping[str, Field[Any]], prefix: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - needed only for an error

    # Compare without the prefix: with it, all names are similar.
    bare = {item.name: full for full, item in known.items()}
    close = get_close_matches(name.removeprefix(prefix).lower(), bare, n=1, cutoff=0.6)
    return f" (did you mean {bare[close[0]]}?)" if close else f"; the settings are {', '.join(known)}"


def _check_combinations(settings: Settings, label: Mapping[str, str]) -> list[str]:
    """Find the problems of settings that depend on other settings."""
    if problem := _server_problem(settings, label):
        return [problem]
    try:
        endpoint = endpoint_at(settings.engine, settings.model)
    except ValueError as error:
        return [f"{label['model']} {error}"]
    problems = _out_of_range(settings, endpoint, label)
    engine = ENGINES[settings.engine]
    if settings.loras and not engine.takes_loras:
        problems.append(f"{label['loras']} can't be used with {engine.title}; remove it, or have fal draw")
    texts = {"style": [settings.style], "styles": settings.styles.values(), "prompt": [settings.prompt]}
    for name, values in texts.items():
        for value in filter(lambda value: isinstance(value, str), values):
            for unknown in unknown_loras(str(value), settings.lora_library):
                known = ", ".join(settings.lora_library) or "nothing"
                problems.append(f"{label[name]} names the unknown LoRA {unknown}; {label['lora_library']} has {known}")
            for lora, scale in extract_loras(str(value))[1]:
                try:
                    lora_scale(1.0 if scale is None else scale)
                except ValueError as error:
                    problems.append(f"{label[name]} names the LoRA {lora}, which {error}")
    return problems


def _server_problem(settings: Settings, label: Mapping[str, str]) -> str:
    """What is wrong with the server that draws; empty if nothing is, or if it is none."""
    if settings.provider != "openai":
        return ""
    if not settings.base_url:
        return f'{label["base_url"]} is needed: the address of the server, such as "http://localhost:8080/v1"'
    if settings.base_url.startswith("http:") and not settings.draws_at_home:
        host = urlsplit(settings.base_url).hostname
        return (
            f"{label['base_url']} must begin with https://, or what is sent there can be read on its way; "
            f'if {host} is your own, set {label["insecure_host"]} = "{host}"'
        )
    return ""


def _out_of_range(settings: Settings, endpoint: str, label: Mapping[str, str]) -> list[str]:
    """Find the settings that the site's endpoint would refuse in every request."""
    engine = ENGINES[settings.engine]
    model = model_at(engine.name, endpoint)
    if engine.takes_loras and settings.loras and model and not model.lora_scale:
        endpoint = LORA_ENDPOINT
    names = {"num_inference_steps": "steps", engine.guidance: "guidance_scale", "image_size": "image_size"}
    size = settings.image_size
    sent: dict[str, Any] = {
        "num_inference_steps": settings.steps,
        engine.guidance: settings.guidance_scale,
        "image_size": size if isinstance(size, str) else {"width": size[0], "height": size[1]},
    }
    sent = {name: value for name, value in sent.items() if value is not None} | dict(settings.arguments)
    return [
        f'{label["arguments"]}["{found.argument}"] {found.text}'
        if found.argument in settings.arguments
        else f"{label[names[found.argument]]} {found.text}"
        for found in find_problems(engine.name, endpoint, sent)
    ]


def _relative_folder(root: Path, folder: str) -> str:
    """Return ``folder`` relative to ``root``; symbolic links are not resolved."""
    relative = Path(os.path.relpath(root / folder, root))
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"must be a folder in PATH ({root}), so that its pictures are published, not {folder!r}")
    if STATE_DIR in relative.parts:
        raise ValueError(f"must not be in {STATE_DIR}, which is never published")
    return relative.as_posix()
