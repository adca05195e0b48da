"""Reads ``[tool.falhero]`` of pyproject.toml: the settings, and what only sites with front matter have."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import HeroError, SettingsError
from ..settings import setting_names
from .fields.hero_field import HeroField, check_path_format
from .front_matter_edit import check_field_name
from .generators import GENERATORS, Generator

KEYS = ("content", "generator", "write", "path_format", "own_fields")
"""The keys that are no settings: in a Pelican site they would mean nothing."""
_DEFAULT_FORMAT = "{path}"


@dataclass(frozen=True, kw_only=True)
class SiteTable:
    """What the table says, with the conventions of the generator where it says nothing."""

    settings: Mapping[str, Any]
    """Not checked."""
    folders: tuple[str, ...]
    """The folders of posts, relative to the site's root; none if commands are to name posts."""
    field: HeroField | None = None
    """The field that names a post's hero; None if nothing is written into posts."""
    own_fields: tuple[str, ...] = ()
    """The fields that may name a post's own picture, with ``field``."""
    generator: Generator | None = None


def read_table(root: Path) -> SiteTable:
    """Read the table of the site in a folder.

    Raises:
        SettingsError: the file can't be read, or one of ``KEYS`` is invalid.
    """
    file = root / "pyproject.toml"
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} can't be read: {error}") from error
    tool = document.get("tool", {})
    table = tool.get("falhero", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.falhero must be a table: [tool.falhero]")
    try:
        return _parse(dict(table), root)
    except ValueError as error:
        raise SettingsError(f"{file}: [tool.falhero] {error}") from error


def _parse(table: dict[str, Any], root: Path) -> SiteTable:
    _check_names(table)
    given = {name: table.pop(name) for name in KEYS if name in table}
    name = given.get("generator")
    if "generator" in given and not (isinstance(name, str) and name in GENERATORS):
        raise ValueError(f"generator must be one of {', '.join(GENERATORS)}, not {name!r}")
    generator = GENERATORS[name] if name else None
    field = _field(given, generator)
    own = list(generator.own_fields) if generator else []
    if "own_fields" in given:
        own = _field_names(given["own_fields"])
    return SiteTable(
        settings={"assets_dir": generator.assets_dir, **table} if generator else table,
        folders=tuple(_folders(given, generator, root)),
        field=field,
        own_fields=tuple(dict.fromkeys([*([field.name] if field else []), *own])),
        generator=generator,
    )


def _check_names(table: Mapping[str, Any]) -> None:
    for name in table:
        meant = [] if name in (*KEYS, *setting_names()) else get_close_matches(name, [*KEYS, *setting_names()], n=1)
        if meant and meant[0] in KEYS:
            raise ValueError(f"{name} is not a setting (did you mean {meant[0]}?)")


def _field(given: Mapping[str, Any], generator: Generator | None) -> HeroField | None:
    write = given.get("write", generator.write if generator else None)
    path_format = given.get("path_format")
    if write is None:
        if path_format is not None:
            raise ValueError('path_format needs write, the field that it is for: write = "image"')
        return None
    (name,) = _field_names(write, key="write", is_list=False)
    formats = generator.formats if generator else {"": _DEFAULT_FORMAT}
    if path_format is not None:
        if not isinstance(path_format, str):
            raise ValueError(f'path_format must be a text such as "/images/{{name}}", not {path_format!r}')
        try:
            check_path_format(path_format)
        except ValueError as error:
            raise ValueError(f"path_format {error}") from error
        formats = {"": path_format}
    return HeroField(name=name, formats=formats, is_list=generator is not None and name in generator.list_fields)


def _field_names(value: object, *, key: str = "own_fields", is_list: bool = True) -> list[str]:
    names = value if is_list else [value]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        what = 'a list of fields such as ["cover", "image"]' if is_list else 'a field such as "image" or "cover.image"'
        raise ValueError(f"{key} must be {what}, not {value!r}")
    for name in names:
        try:
            check_field_name(name)
        except HeroError as error:
            raise ValueError(f"{key}: {error}") from error
    return names


def _folders(given: Mapping[str, Any], generator: Generator | None, root: Path) -> Iterator[str]:
    if generator and "content" not in given:
        there = [folder for folder in generator.content if (root / folder).is_dir()]
        if not there:
            names = " or ".join(generator.content)
            raise ValueError(f'generator = "{generator.name}" looks for posts in {names}; say where yours are: content')
        yield from there
        return
    content = given.get("content", [])
    folders = [content.strip("/")] if isinstance(content, str) else content
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise ValueError("content must be a folder of posts, or a list of them")
    for folder in folders:
        if not (root / folder).is_dir():
            raise ValueError(f"content names the folder {folder}, which does not exist")
        # In the one form in which git names what is in it.
        yield PurePosixPath(folder).as_posix()
