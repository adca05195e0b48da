#!/usr/bin/env python3
"""Draws the hero of a single post; see --help.

Runs from a clone of pelican-falhero. Where the package is installed, a copy of this file alone works too.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

SCRIPT = Path(__file__).resolve()
CLONE = SCRIPT.parent.parent
PYTHON = CLONE / ".venv" / "bin" / "python"

if find_spec("pelican_falhero") is None and (CLONE / "pelican_falhero").is_dir():
    sys.path.insert(0, str(CLONE))
try:
    from pelican_falhero.cli.single import main
except ModuleNotFoundError as error:
    if PYTHON.is_file() and Path(sys.prefix) != PYTHON.parent.parent:
        os.execv(PYTHON, [str(PYTHON), str(SCRIPT), *sys.argv[1:]])  # noqa: S606 - the clone's own environment
    sys.exit(f"{SCRIPT.name}: {error.name} is not installed; pip install pelican-falhero")

sys.exit(main())
