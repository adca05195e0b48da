"""The settings of a Pelican site, with what only its output folder can be wrong with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..settings import Settings
from ..settings_reading import read_what_is_right


def read_site_settings(values: Mapping[str, Any], root: Path) -> tuple[Settings, str]:
    """Return the ``FALHERO_`` settings, with the default for each that is invalid, and what is wrong; empty if nothing.

    Args:
        values: Pelican's settings.
        root: the content folder.
    """
    settings, problem = read_what_is_right(values, root=root)
    output = Path(os.path.realpath(values["OUTPUT_PATH"]))
    # Not Path.resolve, which fails for links that lead in circles.
    if Path(os.path.realpath(root / settings.assets_dir)).is_relative_to(output):
        settings = replace(settings, assets_dir=Settings.assets_dir)
        lies = f"FALHERO_ASSETS_DIR must not lie in the output folder ({output}), which Pelican may empty"
        problem = "; ".join(filter(None, [problem, lies]))
    return settings, problem
