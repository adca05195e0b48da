"""Read the settings and check how they go together: ``FALHERO_…`` in pelicanconf.py, or ``[tool.falhero]``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import servers
from .engines import ENGINES, endpoint_at, model_at
from .errors import SettingsError
from .limits import find_problems
from .loras import lora_scale
from .models import LORA_ENDPOINT
from .prompts import extract_loras, unknown_loras
from .settings import PREFIX, STATE_DIR, Settings, setting_names


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
