"""What falhero doctor says of versions."""

from __future__ import annotations

from importlib.metadata import requires, version
from pathlib import Path

import pytest

from pelican_falhero.doctor import versions
from pelican_falhero.doctor.findings import Finding, Mark
from pelican_falhero.doctor.subject import Subject
from pelican_falhero.prepublish.remedies import Shell


def told(values: dict[str, object] | None = None) -> list[Finding]:
    """What is told."""
    return list(versions.version_findings(Subject(shell=Shell(folder=Path.cwd()), values=values or {})))


def test_every_dependency_is_told_with_its_version() -> None:
    """This package, and each that it needs."""
    ours, others = told()
    assert (ours.mark, others.mark) == (Mark.OK, Mark.OK)
    assert ours.text.startswith(f"pelican-falhero {version('pelican-falhero')}, Python 3.")
    assert f"pillow {version('pillow')}" in others.text
    needed = [name for name in requires("pelican-falhero") or () if "extra ==" not in name]
    assert len(others.text.split(", ")) == len(needed)


@pytest.mark.parametrize(
    ("requirement", "text", "remedy"),
    [
        ("pillow>=999.1", f"pillow {version('pillow')}, where >=999.1 is needed", '"pillow>=999.1"'),
        ("rich>=1,<2", f"rich {version('rich')}, where >=1,<2 is needed", '"rich>=1,<2"'),
        ("nowhere-to-be-found>=1", "nowhere-to-be-found is not installed", '"nowhere-to-be-found>=1"'),
    ],
)
def test_a_version_that_does_not_fit_is_wrong(
    monkeypatch: pytest.MonkeyPatch, requirement: str, text: str, remedy: str
) -> None:
    """One that is too old or too new, and a package that is missing, with the command that installs it."""
    monkeypatch.setattr(versions, "requires", lambda _: [requirement, 'other>=1; extra == "more"'])
    (wrong,) = (finding for finding in told() if finding.mark is Mark.WRONG)
    assert (wrong.text, wrong.remedy) == (text, (f"python -m pip install {remedy}",))


def test_a_pelican_of_another_environment_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pelican that the shell finds would not know this plugin."""
    (tmp_path / "pelican").write_text("#!/bin/sh\n")
    (tmp_path / "pelican").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert told({"PATH": "content"})[-1].text.startswith(
        f"the pelican on the PATH is of another environment ({tmp_path})"
    )
    assert [finding.mark for finding in told()] == [Mark.OK, Mark.OK]
