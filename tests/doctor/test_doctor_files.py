"""What falhero doctor says of folders and ledger; it leaves them as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import attempt_events, make_post

from pelican_falhero.doctor.files import file_findings
from pelican_falhero.doctor.findings import Mark
from pelican_falhero.doctor.subject import Subject
from pelican_falhero.prepublish.remedies import Shell
from pelican_falhero.storage.events import SAVED, SUBMITTED, SUBMITTING


def told(root: Path) -> list[tuple[Mark, str]]:
    """What is told of the files below a content folder."""
    subject = Subject(shell=Shell(folder=root), root=root)
    return [(finding.mark, finding.text) for finding in file_findings(subject)]


def state_of(root: Path) -> dict[str, tuple[int, int]]:
    """Size and time of all that is there, the folder itself included."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in (root, *root.rglob("*"))}


def write_ledger(root: Path, text: str) -> Path:
    """The ledger, with this text."""
    (root / ".falhero").mkdir(exist_ok=True)
    (root / ".falhero" / "ledger.jsonl").write_text(text)
    return root / ".falhero" / "ledger.jsonl"


def test_folders_are_tried_and_left_as_they_were(tmp_path: Path) -> None:
    """Folders that are there, or are still to be made, can be written; afterwards there is nothing new."""
    (tmp_path / "images" / "heroes").mkdir(parents=True)
    before = state_of(tmp_path)
    assert told(tmp_path) == [
        (Mark.OK, "heroes: images/heroes can be written"),
        (Mark.OK, "state: .falhero can be written, made when it is needed"),
        (Mark.OK, "ledger: none yet; the first request makes .falhero/ledger.jsonl"),
    ]
    assert state_of(tmp_path) == before


def test_what_is_in_the_way_of_a_folder_is_wrong(tmp_path: Path) -> None:
    """A file in its place is named."""
    (tmp_path / "images").write_text("")
    mark, text = told(tmp_path)[0]
    assert mark is Mark.WRONG
    assert text.startswith("heroes: images can't be written (Not a directory); something that is not a folder")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(Mark.OK, "ledger: .falhero/ledger.jsonl, 0 requests")]),
        (
            '{"v": 1}\n<<<<<<< HEAD\n',
            [
                (
                    Mark.WRONG,
                    "ledger: .falhero/ledger.jsonl: line 1, 2 can't be read and is ignored; fix or delete it by hand",
                )
            ],
        ),
        (
            '{"v": 1, "event": "sub',
            [
                (Mark.OK, "ledger: .falhero/ledger.jsonl, 0 requests"),
                (Mark.NOTE, "ledger: its last line was cut off by a crash; the next run removes it"),
            ],
        ),
    ],
)
def test_a_ledger_that_is_not_sound_is_told(tmp_path: Path, text: str, expected: list[tuple[Mark, str]]) -> None:
    """Lines that can't be read are wrong, a torn last one is a note; none is changed."""
    ledger = write_ledger(tmp_path, text)
    assert told(tmp_path)[2:] == expected
    assert ledger.read_text() == text


def test_what_was_paid_for_and_not_fetched_is_told(tmp_path: Path) -> None:
    """Requests that fal took, and those without an answer, are counted."""
    outcomes = (SAVED, SUBMITTED, SUBMITTING)
    events = [event for number, kind in enumerate(outcomes) for event in attempt_events(make_post(f"{number}"), kind)]
    write_ledger(tmp_path, "".join(event.to_line() + "\n" for event in events))
    assert told(tmp_path)[2:] == [
        (Mark.OK, "ledger: .falhero/ledger.jsonl, 3 requests"),
        (Mark.NOTE, "ledger: 1 request paid for and not fetched yet; the next run fetches"),
        (Mark.NOTE, "ledger: 1 request without an answer from fal; counted as spent"),
    ]


def test_a_ledger_that_is_no_file_is_wrong(tmp_path: Path) -> None:
    """Without a ledger that can be read nothing is bought, and that is said."""
    (tmp_path / ".falhero" / "ledger.jsonl").mkdir(parents=True)
    mark, text = told(tmp_path)[-1]
    assert mark is Mark.WRONG
    assert text.startswith("ledger: .falhero/ledger.jsonl can't be read (Is a directory)")
    assert text.endswith("nothing is bought without it")
