"""How a run was started. A warm build imports this, and nothing else of generation."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple


class RunContext(NamedTuple):
    """How a run was started. The defaults are those of a command that a user typed."""

    is_first: bool = True
    """Whether it is the first build in this process; later ones are rebuilds while somebody edits."""
    is_autoreload: bool = False
    """Whether ``pelican -r`` started it."""
    is_dry_run: bool = False
    has_invalid_settings: bool = False
    """Whether a setting is invalid, so that it is not known what is wanted."""
    environ: Mapping[str, str] = os.environ

    @property
    def is_ci(self) -> bool:
        """Whether a build server runs it: its files, and so the pictures, are deleted afterwards."""
        return self.environ.get("CI", "").lower() not in ("", "0", "false", "no")

    @property
    def is_writing(self) -> bool:
        """Whether posts are being edited, so that titles may be unfinished."""
        return self.is_autoreload or not self.is_first
