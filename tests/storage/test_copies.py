"""Copies in the output folder: complete, no more than needed, and never outside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pelican_falhero.storage.copies import copy_changed


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A picture to publish, some days old."""
    path = tmp_path / "content" / "a.png"
    path.parent.mkdir()
    path.write_bytes(b"picture")
    os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """The output folder, which Pelican has made."""
    path = tmp_path / "output"
    path.mkdir()
    return path


def files_in(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_file_is_copied_with_its_time(source: Path, output: Path) -> None:
    """The copy has the bytes and the time of its source, in folders that are made, and nothing else is left."""
    assert copy_changed({"images/deep/b.png": source}, output) == []
    copy = output / "images" / "deep" / "b.png"
    assert copy.read_bytes() == b"picture"
    assert copy.stat().st_mtime_ns == source.stat().st_mtime_ns
    assert files_in(output) == ["images/deep/b.png"]


def test_what_is_there_is_left_alone(source: Path, output: Path) -> None:
    """A second run writes nothing."""
    copy_changed({"b.png": source}, output)
    before = (output / "b.png").stat()
    assert copy_changed({"b.png": source}, output) == []
    after = (output / "b.png").stat()
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns)


def test_what_has_changed_is_copied(source: Path, output: Path) -> None:
    """Another size or another time, older too, means another picture."""
    copy_changed({"b.png": source}, output)
    status = source.stat()
    source.write_bytes(b"a larger picture")
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    copy_changed({"b.png": source}, output)
    assert (output / "b.png").read_bytes() == b"a larger picture"
    source.write_bytes(b"A LARGER PICTURE")
    os.utime(source, (1, 1))
    copy_changed({"b.png": source}, output)
    assert (output / "b.png").read_bytes() == b"A LARGER PICTURE"


def test_a_linked_file_is_replaced_and_not_written_into(source: Path, output: Path, tmp_path: Path) -> None:
    """What else is linked to the old copy keeps its bytes; a symbolic link is replaced and not followed."""
    kept = tmp_path / "kept.png"
    kept.write_bytes(b"kept")
    (output / "hard.png").hardlink_to(kept)
    (output / "soft.png").symlink_to(kept)
    assert copy_changed({"hard.png": source, "soft.png": source}, output) == []
    assert kept.read_bytes() == b"kept"
    assert (output / "hard.png").read_bytes() == (output / "soft.png").read_bytes() == b"picture"
    assert not (output / "soft.png").is_symlink()


def test_links_are_made_where_they_are_asked_for(source: Path, output: Path) -> None:
    """With ``link`` the output has the very file, which the next run leaves alone."""
    for _ in range(2):
        assert copy_changed({"b.png": source}, output, link=True) == []
        assert (output / "b.png").samefile(source)
    assert files_in(output) == ["b.png"]


def test_what_a_killed_build_left_is_cleared(source: Path, output: Path) -> None:
    """A left-over link to the source is not written into."""
    (output / ".b.png.part").hardlink_to(source)
    assert copy_changed({"b.png": source}, output) == []
    assert not (output / "b.png").samefile(source)
    assert files_in(output) == ["b.png"]


def test_a_folder_that_cannot_be_written_costs_only_its_files(source: Path, output: Path) -> None:
    """There is one error for the folder, which says what to do, and the other files are in place."""
    (output / "images").write_text("in the way")
    found = copy_changed({"images/a.png": source, "images/b.png": source, "c.png": source}, output)
    assert [str(error) for error in found] == [
        f"{output / 'images'} can't be written (File exists); something that is not a folder is in its place;"
        " move it away"
    ]
    assert files_in(output) == ["c.png", "images"]


def test_a_folder_in_place_of_the_file_is_told(source: Path, output: Path) -> None:
    """A folder of the file's name is left as it is."""
    (output / "a.png").mkdir()
    (found,) = copy_changed({"a.png": source}, output)
    assert "a directory" in str(found).lower()
    assert files_in(output) == []


@pytest.mark.parametrize("place", ["../a.png", "images/../../a.png", "/a.png"])
def test_nothing_is_written_outside(source: Path, output: Path, place: str) -> None:
    """A place outside the output folder is refused."""
    (found,) = copy_changed({place: source, "b.png": source}, output)
    assert "outside the output folder" in str(found)
    assert files_in(output.parent) == ["content/a.png", "output/b.png"]


def test_a_picture_that_has_vanished_is_told(source: Path, output: Path) -> None:
    """A source that is gone is named, and what was published of it stays."""
    copy_changed({"b.png": source}, output)
    source.unlink()
    (found,) = copy_changed({"b.png": source}, output)
    assert str(found).startswith(f"{source} is not published: it can't be read")
    assert files_in(output) == ["b.png"]
