"""Whether the folders can be written, and whether the ledger is sound."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import AssetsError, HeroError
from ..generation import messages
from ..storage.attempts import attempts_of
from ..storage.ledger import Ledger
from .findings import Finding, Findings, Group
from .subject import Subject

_FILES = Findings(Group.FILES)


def file_findings(subject: Subject) -> Iterator[Finding]:
    """The folder of heroes, the state folder and the ledger."""
    library, ledger = subject.library, subject.ledger
    if library is None or ledger is None:
        yield _FILES.note("not looked at, because it is not known where they are")
        return
    for what, folder in {"heroes": library.folder, "state": library.state}.items():
        yield _folder(what, folder, subject)
    yield from _ledger(ledger, subject)


def _folder(what: str, folder: Path, subject: Subject) -> Finding:
    """Whether a file can be written there; one without a name is, where the system has such."""
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    try:
        with tempfile.TemporaryFile(dir=there, prefix=".falhero-") as file:
            file.write(b" ")
            file.flush()
    except OSError as error:
        return _FILES.wrong(f"{what}: {AssetsError.of(Path(subject.shown(there)), error)}")
    is_new = "" if there == folder else ", made when it is needed"
    return _FILES.ok(f"{what}: {subject.shown(folder)} can be written{is_new}")


def _ledger(ledger: Ledger, subject: Subject) -> Iterator[Finding]:
    name = subject.shown(ledger.path)
    if not os.path.lexists(ledger.path):
        yield _FILES.ok(f"ledger: none yet; the first request makes {name}")
        return
    try:
        history = ledger.read()
        with ledger.path.open("r+b"):
            pass  # whether it may be written; nothing is
    except HeroError as error:
        yield _FILES.wrong(f"ledger: {str(error).replace(str(ledger.path), name)}; nothing is bought without it")
        return
    except OSError as error:
        why = f"{name} can't be written ({error.strerror}); check its permissions"
        yield _FILES.wrong(f"ledger: {why}; nothing is bought without it")
        return
    attempts = attempts_of(history.events)
    for problem in messages.ledger_problems(history.unreadable, name):
        number = history.unreadable[0]
        yield _FILES.wrong(f"ledger: {problem}", f"sed -n {number}p {subject.shell.quote_path(ledger.path)}")
    if not history.unreadable:
        yield _FILES.ok(f"ledger: {name}, {messages.count(len(attempts), 'request')}")
    if _is_torn(ledger.path):
        yield _FILES.note("ledger: its last line was cut off by a crash; the next run removes it")
    if pending := sum(attempt.is_pending for attempt in attempts):
        text = f"ledger: {messages.count(pending, 'request')} paid for and not fetched yet; the next run fetches"
        yield _FILES.note(text, subject.shell.command("generate"))
    if uncertain := sum(attempt.is_uncertain for attempt in attempts):
        text = f"ledger: {messages.count(uncertain, 'request')} without an answer from fal; counted as spent"
        yield _FILES.note(text)


def _is_torn(path: Path) -> bool:
    """Whether the last line has no end and is no whole event."""
    from ..storage.events import is_json_object  # noqa: PLC0415

    last = path.read_bytes().replace(b"\r", b"\n").rpartition(b"\n")[2]
    return bool(last.strip()) and not is_json_object(last)
