"""The assets folder and the state folder: which pictures are there, and how new ones come in whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import disk_full_at

from pelican_falhero.errors import AssetsError
from pelican_falhero.storage.assets import EXTENSIONS, Library, hero_stem

PLACES = (Path("/dev/shm"), Path("/var/tmp"))
"""Folders that are often on another file system than that of the tests."""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library of a blog that has neither folder yet."""
    return Library(tmp_path, "images/heroes")


def put(library: Library, *names: str, data: bytes = b"picture") -> None:
    """Put files into the assets folder, as an author does."""
    library.folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (library.folder / name).write_bytes(data)


def finished(library: Library, data: bytes = b"new picture") -> Path:
    """A finished file outside the assets folder."""
    library.prepare_state()
    file = library.state / "finished"
    file.write_bytes(data)
    return file


def everything(folder: Path) -> set[str]:
    """All that is in a folder, hidden files included."""
    return set(os.listdir(folder))  # noqa: PTH208 - names are what is compared


def test_a_heros_name_never_changes() -> None:
    """The name of a title is written down for good: another would buy every picture again."""
    assert hero_stem("Hello, world") == "hero-bc6e6f16b8a0"


def test_a_new_blog_has_no_heroes(library: Library) -> None:
    """Folders that are not there yet hold nothing, and looking does not make them."""
    assert library.heroes() == {}
    assert library.card_names() == set()
    assert everything(library.root) == set()


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_hero_that_its_author_converted_is_found(library: Library, extension: str) -> None:
    """A picture may be of any format that browsers show."""
    put(library, f"hero-0123456789ab{extension}")
    assert library.heroes() == {"hero-0123456789ab": f"hero-0123456789ab{extension}"}


def test_png_wins_over_other_formats(library: Library) -> None:
    """Where there are several, ours comes first, then the others in their order."""
    put(library, *(f"hero-a{extension}" for extension in EXTENSIONS))
    put(library, "hero-b.avif", "hero-b.webp", "hero-b.jpg")
    assert library.heroes() == {"hero-a": "hero-a.png", "hero-b": "hero-b.jpg"}


def test_an_empty_file_is_no_hero(library: Library) -> None:
    """What a crash left empty does not count, and does not hide a picture of another format."""
    put(library, "hero-a.png", "hero-b.png", data=b"")
    put(library, "hero-b.webp")
    assert library.heroes() == {"hero-b": "hero-b.webp"}


def test_only_heroes_are_heroes(library: Library) -> None:
    """Other pictures, other formats, unfinished files, folders and links to nothing are passed over."""
    put(library, "hero-a.png", "mine.png", "card-b.png", "hero-c.txt", "hero-d", ".hero-e.png", ".hero-a.png.part")
    (library.folder / "hero-f.png").mkdir()
    (library.folder / "hero-g.png").symlink_to("nowhere.png")
    assert library.heroes() == {"hero-a": "hero-a.png"}


def test_a_link_to_a_picture_is_a_hero(library: Library) -> None:
    """Who keeps pictures elsewhere can link to them."""
    put(library, "mine.jpg")
    (library.folder / "hero-a.jpg").symlink_to("mine.jpg")
    assert library.heroes() == {"hero-a": "hero-a.jpg"}


def test_a_picture_that_vanishes_takes_no_other_with_it(library: Library) -> None:
    """Files that come and go during a look do not make it seem that nothing is there, which would buy all again."""
    put(library, "hero-there.png")
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            put(library, "hero-fleeting.png")
            (library.folder / "hero-fleeting.png").unlink()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        assert all("hero-there" in library.heroes() for _ in range(2000))
    finally:
        stop.set()
        thread.join()


def test_an_assets_folder_that_is_a_file_holds_nothing(library: Library) -> None:
    """A file in the place of the folder is found out when something is to be written, not before."""
    library.folder.parent.mkdir(parents=True)
    library.folder.write_text("a file")
    assert library.heroes() == {}


def test_a_finished_file_moves_to_its_name(library: Library) -> None:
    """The picture is at its published name, readable by all, and nowhere else; missing folders are made."""
    file = finished(library)
    file.chmod(0o600)
    target = library.folder / "hero-a.png"
    library.place(file, target)
    assert target.read_bytes() == b"new picture"
    assert target.stat().st_mode & 0o777 == 0o644
    assert not file.exists()
    assert everything(library.folder) == {"hero-a.png"}


def test_a_picture_is_replaced_and_never_written_into(library: Library) -> None:
    """A hard link that Pelican made of the old picture keeps the old picture."""
    put(library, "hero-a.png", data=b"old picture")
    published = library.root / "published.png"
    published.hardlink_to(library.folder / "hero-a.png")
    library.place(finished(library), library.folder / "hero-a.png")
    assert (library.folder / "hero-a.png").read_bytes() == b"new picture"
    assert published.read_bytes() == b"old picture"


def test_no_half_of_a_picture_is_ever_seen(library: Library) -> None:
    """Whoever looks while pictures are replaced sees the one or the other, whole."""
    pictures = {bytes([number]) * 100_000 for number in range(8)}
    target = library.folder / "hero-a.png"
    library.place(finished(library, min(pictures)), target)
    stop = threading.Event()
    seen: set[bytes] = set()

    def look() -> None:
        while not stop.is_set():
            seen.add(target.read_bytes())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for picture in sorted(pictures):
            library.place(finished(library, picture), target)
    finally:
        stop.set()
        thread.join()
    assert seen <= pictures


def blocked_by_a_file(library: Library) -> None:
    """A file stands where the assets folder should."""
    library.folder.parent.mkdir(parents=True)
    library.folder.write_text("a file")


def blocked_by_a_folder(library: Library) -> None:
    """A folder stands where the hero should."""
    (library.folder / "hero-a.png" / "sub").mkdir(parents=True)


@pytest.mark.parametrize("block", [blocked_by_a_file, blocked_by_a_folder])
def test_a_picture_that_has_no_place_is_not_lost(library: Library, block: Callable[[Library], None]) -> None:
    """The error names the folder, the finished file is still there, and nothing else has appeared."""
    block(library)
    before = sorted(library.root.rglob("*"))
    file = finished(library)
    with pytest.raises(AssetsError, match="can't be written") as caught:
        library.place(file, library.folder / "hero-a.png")
    assert str(library.folder) in str(caught.value)
    assert file.read_bytes() == b"new picture"
    shutil.rmtree(library.state)
    assert sorted(library.root.rglob("*")) == before


@pytest.fixture
def far_library(library: Library) -> Iterator[Library]:
    """A library whose assets folder is a link to another file system."""
    here = library.root.stat().st_dev
    place = next((place for place in PLACES if place.is_dir() and place.stat().st_dev != here), None)
    if place is None:
        pytest.skip("this machine has no second file system at hand")
    far = place / f"heroes-{os.getpid()}"
    far.mkdir()
    library.folder.parent.mkdir(parents=True)
    library.folder.symlink_to(far)
    yield library
    shutil.rmtree(far)


def test_the_assets_folder_may_lie_on_another_file_system(far_library: Library) -> None:
    """Where a file can't be moved it is copied, and takes its name only when it is whole."""
    target = far_library.folder / "hero-a.png"
    target.write_bytes(b"old picture")
    far_library.place(finished(far_library), target)
    assert target.read_bytes() == b"new picture"
    assert target.stat().st_mode & 0o777 == 0o644
    assert everything(far_library.folder) == {"hero-a.png"}


def test_another_file_system_that_is_full_keeps_what_it_had(far_library: Library) -> None:
    """The old picture stays, the new one is still where it was, and no part of it is left behind."""
    target = far_library.folder / "hero-a.png"
    target.write_bytes(b"old picture")
    file = finished(far_library, b"x" * 10_000)
    with disk_full_at(4000), pytest.raises(AssetsError, match="can't be written"):
        far_library.place(file, target)
    assert target.read_bytes() == b"old picture"
    assert file.stat().st_size == 10_000
    assert everything(far_library.folder) == {"hero-a.png"}


def test_a_temporary_file_is_gone_when_its_work_is_done(library: Library) -> None:
    """After the work, and after work that failed, nothing temporary is left."""
    with library.temporary_file() as file:
        file.write_bytes(b"half a picture")
    assert not file.exists()
    with pytest.raises(RuntimeError), library.temporary_file() as file:
        raise RuntimeError
    assert everything(file.parent) == set()


def test_a_temporary_file_that_was_placed_stays_placed(library: Library) -> None:
    """Cleaning up takes only what is still in the workspace."""
    with library.temporary_file() as file:
        file.write_bytes(b"picture")
        library.place(file, library.folder / "hero-a.png")
    assert library.heroes() == {"hero-a": "hero-a.png"}


def test_temporary_files_are_not_shared(library: Library) -> None:
    """Two heroes that are made at once have a file each, in the state folder, where a move is atomic."""
    with library.temporary_file() as one, library.temporary_file() as other:
        assert one != other
        assert one.stat().st_size == other.stat().st_size == 0
        assert one.is_relative_to(library.state)
        assert other.is_relative_to(library.state)


def test_what_a_killed_process_left_does_not_count(library: Library) -> None:
    """An unfinished file in the state folder is neither a hero nor a card."""
    with library.temporary_file() as file:
        shutil.copy(finished(library), file.with_name("hero-a.png"))
        shutil.copy(finished(library), file.with_name("card-a.png"))
    assert library.heroes() == {}
    assert library.card_names() == set()


def test_cards_are_kept_in_the_state_folder(library: Library) -> None:
    """A card is found by its whole name, apart from the heroes; one that is empty was never finished."""
    library.cards.mkdir(parents=True)
    (library.cards / "card-a.png").write_bytes(b"card")
    (library.cards / "card-b.png").write_bytes(b"")
    (library.cards / "notes.txt").write_bytes(b"notes")
    assert library.card_names() == {"card-a.png"}
    assert library.heroes() == {}


def test_git_keeps_the_ledger_and_nothing_else(library: Library) -> None:
    """Git itself says so: ledger and .gitignore are committed; cards, temporary files and the lock are not."""
    library.prepare_state()
    library.cards.mkdir()
    (library.state / "tmp").mkdir()
    for name in ("ledger.jsonl", "lock", "cards/card-a.png", "tmp/unfinished"):
        (library.state / name).write_text("x")
    put(library, "hero-a.png")
    git = ["git", "-c", "init.defaultBranch=main", "-C", str(library.root)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    listed = subprocess.run(
        [*git, "ls-files", "--others", "--exclude-standard"], check=True, capture_output=True, text=True
    )
    assert set(listed.stdout.split()) == {
        ".falhero/.gitignore",
        ".falhero/ledger.jsonl",
        "images/heroes/hero-a.png",
    }


def test_an_authors_own_gitignore_is_left_as_it_is(library: Library) -> None:
    """Preparing the state folder again changes nothing in it."""
    library.prepare_state()
    ignore = library.state / ".gitignore"
    ignore.write_text("# mine\n")
    library.prepare_state()
    assert ignore.read_text() == "# mine\n"


def test_a_state_folder_that_can_not_be_made_is_named(library: Library) -> None:
    """A file in its place is an error that names it, before anything is bought."""
    library.state.write_text("a file")
    with pytest.raises(AssetsError, match="can't be written") as caught:
        library.prepare_state()
    assert str(library.state) in str(caught.value)
    with pytest.raises(AssetsError), library.temporary_file():
        pytest.fail("there is nowhere to work")
