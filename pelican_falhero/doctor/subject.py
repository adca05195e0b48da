"""The site that is examined, as far as it could be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..content.site import OpenSite
from ..prepublish.remedies import Shell
from ..settings import Settings
from ..storage.assets import Library
from ..storage.ledger import FILE_NAME, Ledger


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the checks are given."""

    shell: Shell
    """Where remedies are typed."""
    file: Path | None = None
    """The settings file: Pelican's, or ``pyproject.toml``; None where there is none."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Pelican's settings; empty where there is no Pelican, or they can't be read."""
    root: Path | None = None
    """The content folder, or the project's; None where it is not known."""
    settings: Settings = field(default_factory=Settings)
    """Ours; those that are invalid have their defaults."""
    site: OpenSite | None = None
    """None where its posts can't be read."""

    @property
    def is_pelican(self) -> bool:
        """Whether Pelican builds it, and its settings can be read."""
        return bool(self.values)

    @property
    def library(self) -> Library | None:
        """Its pictures; None where its root is not known."""
        return Library(self.root, self.settings.assets_dir) if self.root else None

    @property
    def ledger(self) -> Ledger | None:
        """Its ledger; None where its root is not known."""
        return Ledger(self.library.state / FILE_NAME) if self.library else None

    def named(self, setting: str) -> str:
        """How the settings file calls one of our settings (``budget``)."""
        return f"FALHERO_{setting.upper()}" if self.is_pelican else setting

    def shown(self, path: Path) -> str:
        """A path as it is typed in the shell's folder."""
        return self.shell.relative(path)
