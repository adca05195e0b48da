"""``falhero doctor``: what is set up and what is not; with a folder, what the site built there shows."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from ..doctor.examination import examine
from ..doctor.findings import Finding, Mark
from ..generation import messages
from .exits import FAILED, SUCCESS
from .options import DoctorOptions
from .output import Reporter

_STYLES = {Mark.OK: "green", Mark.NOTE: "yellow", Mark.WRONG: "red"}
_INDENT = 8


def run(options: DoctorOptions, reporter: Reporter) -> int:
    """Print what was found, and the remedies."""
    sys.dont_write_bytecode = True  # of settings file and plugins: this verb leaves nothing behind
    if options.output is not None:
        from .built_site import look_at_output  # noqa: PLC0415 - most look at the set-up

        return look_at_output(Path(options.output), options, reporter)
    examination = examine(options.settings, Path.cwd().resolve())
    last = None
    for finding in examination.findings:
        if finding.group is not last:
            if last:
                reporter.line()
            reporter.line(finding.group, "bold")
            last = finding.group
        _show(finding, reporter)
    marks = Counter(finding.mark for finding in examination.findings)
    wrong, notes = marks[Mark.WRONG], marks[Mark.NOTE]
    reporter.line()
    noted = f", {messages.count(notes, 'note')}" if notes else ""
    reporter.line(f"{messages.count(wrong, 'problem') if wrong else 'no problems'}{noted}", "" if wrong else "green")
    reporter.document(
        "doctor",
        examination.root,
        findings=[
            {"group": str(found.group), "state": str(found.mark), "text": found.text, "remedy": list(found.remedy)}
            for found in examination.findings
        ],
        summary={"ok": marks[Mark.OK], "notes": notes, "wrong": wrong},
        problems=[found.text for found in examination.findings if found.mark is Mark.WRONG],
    )
    return FAILED if wrong else SUCCESS


def _show(finding: Finding, reporter: Reporter) -> None:
    reporter.line(f"  {finding.mark:<{_INDENT - 2}}{finding.text}", _STYLES[finding.mark], indent=_INDENT)
    for line in finding.remedy:
        reporter.command(" " * _INDENT + line)
