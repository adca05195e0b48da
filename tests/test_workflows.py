"""What the public CI runs, which can't be run here: it names what there is, and tests what pyproject.toml promises."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
JOBS = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]


def test_workflows_run_scripts_that_there_are() -> None:
    """Every job runs a script of ours, which can be started, with options that it has."""
    test = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    for job in JOBS.values():
        scripts = [word for step in job["steps"] for word in re.findall(r"\./([\w./-]+)", step.get("run", ""))]
        assert scripts
        assert all(os.access(ROOT / script, os.X_OK) for script in scripts), scripts
        for row in job["strategy"]["matrix"]["include"]:
            assert all(f"    {option}) " in test for option in re.findall(r"--\w+", row.get("options", "")))


def test_workflows_test_the_pythons_that_are_promised() -> None:
    """They are those of the package's classifiers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = re.findall(r"Python :: (3\.\d+)", " ".join(project["classifiers"]))
    assert JOBS["pythons"]["strategy"]["matrix"]["python"] == promised
    assert project["requires-python"] == f">={promised[0]}"
