"""Versions, and whether they are those that this package needs."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from .findings import Finding, Findings, Group
from .subject import Subject

_VERSIONS = Findings(Group.VERSIONS)
_PACKAGE = "pelican-falhero"
_REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[[^\]]*\])?\s*([^;]*)")
_BOUND = re.compile(r"(>=|<)\s*([\d.]+)")


def version_findings(subject: Subject) -> Iterator[Finding]:
    """This package, Python, and each package that this one needs."""
    yield _VERSIONS.ok(f"{_PACKAGE} {version(_PACKAGE)}, Python {platform.python_version()}")
    fit: list[str] = []
    for requirement in requires(_PACKAGE) or ():
        found = _REQUIREMENT.match(requirement)
        if found is None or "extra ==" in requirement:
            continue
        name, bounds = found[1], found[2].strip()
        try:
            installed = version(name)
        except PackageNotFoundError:
            yield _VERSIONS.wrong(f"{name} is not installed", _install(name, bounds))
            continue
        if all(_keeps(installed, sign, bound) for sign, bound in _BOUND.findall(bounds)):
            fit.append(f"{name} {installed}")
        else:
            yield _VERSIONS.wrong(f"{name} {installed}, where {bounds} is needed", _install(name, bounds))
    yield _VERSIONS.ok(", ".join(fit))
    if subject.is_pelican:
        yield from _other_pelican()


def _install(name: str, bounds: str) -> str:
    return f'python -m pip install "{name}{bounds}"'


def _keeps(installed: str, sign: str, bound: str) -> bool:
    have, asked = _numbers(installed), _numbers(bound)
    return have >= asked if sign == ">=" else have < asked


def _numbers(text: str) -> tuple[int, ...]:
    """``1.10.2rc1`` as 1, 10, 2; enough for bounds that are plain numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[a-zA-Z+]", text)[0]))


def _other_pelican() -> Iterator[Finding]:
    """A ``pelican`` on the PATH that is of another environment does not know this plugin, or another version."""
    command = shutil.which("pelican")
    if command is None:
        return
    folder, ours = Path(command).resolve().parent, Path(sys.executable).parent.resolve()
    if folder != ours:
        yield _VERSIONS.note(f"the pelican on the PATH is of another environment ({folder}) than falhero ({ours})")
