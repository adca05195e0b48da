"""The lock that lets one run at a time buy: how long it is waited for, and what is said when it can't be had."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from pathlib import Path

import fal_faults
import pytest
from blog import Blog
from builders import disk_full_at, make_event
from fal_server import FalServer
from filelock import FileLock
from promises import assert_all_there, assert_sound, write_posts
from running import Running
from terminal import at_home

from pelican_falhero.errors import AssetsError, HeroError, LedgerError
from pelican_falhero.generation.lock import buying
from pelican_falhero.planning.site import Site
from pelican_falhero.settings import Settings
from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.ledger import FILE_NAME, Ledger
from pelican_falhero.storage.preflight import require_writable


def test_a_suspended_build_is_waited_for_no_longer_than_one_hero(blog: Blog, fal: FalServer) -> None:
    """Beside a suspended build another ends after FALHERO_TIMEOUT with the site and one warning, and buys nothing."""
    titles = write_posts(blog, 2)
    blog.configure(FALHERO_CONCURRENCY=1)
    gate = fal_faults.Gate()
    fal.faults.add("submit", fal_faults.hold(gate), nth=2)
    with Running(blog, env=fal.environment()) as suspended:
        fal.wait_for("submit", 2)
        suspended.wait_until(lambda: len(blog.heroes()) == 1)
        suspended.send(signal.SIGSTOP)
        blog.configure(OUTPUT_PATH="output2", FALHERO_TIMEOUT=1)
        built = blog.build(env=fal.environment(), timeout=15)
        ran = at_home(blog, fal.environment()).falhero("generate")
        suspended.send(signal.SIGCONT)
        gate.open()
        assert suspended.end().code == 0
    sentence = f"another build has held {blog.ledger.with_name('lock')} for more than 1 s (FALHERO_TIMEOUT)"
    assert built.code == 0
    assert built.output.count("falhero: ") == 1
    assert sentence in built.line("falhero: ")
    assert "stop that build or wait until it ends, and build again" in built.line("falhero: ")
    # What was there meanwhile is shown.
    assert (blog.root / "output2" / "images" / "heroes").is_dir()
    assert ran.code == 1
    assert sentence in ran.err
    assert_sound(blog, fal)
    blog.configure(OUTPUT_PATH="output", FALHERO_TIMEOUT=20)
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == 2


def site_at(folder: Path, timeout: float = 0.3) -> Site:
    """A site without posts."""
    library = Library(folder, "images/heroes")
    settings = Settings(timeout=timeout)
    return Site(posts=(), settings=settings, library=library, ledger=Ledger(library.state / FILE_NAME))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "for more than 0 s (FALHERO_TIMEOUT)"),
        (errno.EAGAIN, "for more than 0 s (FALHERO_TIMEOUT)"),
        (errno.ENOLCK, "can't be locked (No locks available)"),
        (errno.EOPNOTSUPP, "can't be locked (Operation not supported)"),
    ],
    ids=lambda value: errno.errorcode[value] if isinstance(value, int) else "",
)
def test_locks_that_do_not_work_end_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    """Whatever the file system answers, the wait ends, and the error names the lock and what to do."""

    def flock(_file: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(LedgerError) as caught, buying(site_at(tmp_path), lambda _: None):
        pass
    assert str(tmp_path / ".falhero" / "lock") in str(caught.value)
    assert said in str(caught.value)


def test_where_there_is_no_flock_a_file_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without flock gets a lock that works all the same, without a warning."""

    def flock(_file: int, _operation: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", flock)
    first = buying(site_at(tmp_path), lambda _: None)
    with first, pytest.raises(LedgerError), buying(site_at(tmp_path), lambda _: None):
        pass
    with buying(site_at(tmp_path), lambda _: None):
        pass


def test_trying_to_write_changes_nothing(tmp_path: Path) -> None:
    """It leaves nothing behind but the folders, and the ledger as it was."""
    site = site_at(tmp_path)
    with buying(site, lambda _: None):
        require_writable(site.library, site.ledger.path)
        assert {path.name for path in site.library.state.rglob("*")} == {".gitignore", "lock", "tmp"}
        assert not list(site.library.folder.iterdir())
    site.ledger.append(make_event())
    before = site.ledger.path.read_bytes()
    require_writable(site.library, site.ledger.path)
    assert site.ledger.path.read_bytes() == before


@pytest.mark.parametrize(("size", "kind"), [(0, AssetsError), (100, AssetsError), (5000, LedgerError)])
def test_a_full_disk_is_found_before_anything_is_bought(tmp_path: Path, size: int, kind: type[HeroError]) -> None:
    """Where a picture's or the ledger's bytes don't fit, that is an error, and the ledger stays as it was."""
    site = site_at(tmp_path)
    with buying(site, lambda _: None):
        for _ in range(10):
            site.ledger.append(make_event())
    before = site.ledger.path.read_bytes()
    with disk_full_at(size), pytest.raises(kind, match=r"File too large.*space on the disk"), buying(site, print):
        require_writable(site.library, site.ledger.path)
    assert site.ledger.path.read_bytes() == before
    with FileLock(site.library.state / "lock", timeout=0):
        pass
