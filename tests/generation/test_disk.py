"""Disks full, read-only or in disorder: what can't be written down is not bought, what is paid for is kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import processes
import pytest
from blog import Blog, Built
from fal_server import FalServer
from killing import kill_while_fal_draws
from promises import assert_all_there, assert_sound, write_posts

POSTS = 2


def can_mount() -> bool:
    """Whether this machine lets us have file systems of our own."""
    try:
        done = subprocess.run(
            ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0


own_file_systems = pytest.mark.skipif(not can_mount(), reason="no file systems of our own here")


ON_OWN_FILE_SYSTEMS = """
import ctypes, os, pelican, subprocess, sys
from pathlib import Path

NEW_MOUNTS, NEW_USER = 0x20000, 0x10000000
user, group = os.getuid(), os.getgid()
assert ctypes.CDLL(None).unshare(NEW_MOUNTS | NEW_USER) == 0
for name, text in ("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1"):
    Path("/proc/self", name).write_text(text)
number = 0
for step in sys.argv[1:]:
    if step != "build":
        subprocess.run(["sh", "-ec", step], check=True)
        continue
    number += 1
    if pid := os.fork():
        Path(f"code{number}").write_text(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
    else:
        log = os.open(f"log{number}", os.O_WRONLY | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.exit(pelican.main(["-s", "pelicanconf.py", "--log-handler", "plain"]))
"""


def build_on(blog: Blog, fal: FalServer, *steps: str) -> list[Built]:
    """Run shell commands where file systems can be mounted, with a build at each ``build``; the builds.

    All happens below a temporary file system at the blog's content folder, of which a copy is left there at the end.
    """
    copy = blog.root / "copy"
    copy.mkdir()
    blog.command()
    on_one = "cp -a content/. copy; mount -t tmpfs -o size=16m none content; cp -a copy/. content"
    command = [sys.executable, "-c", ON_OWN_FILE_SYSTEMS, on_one, *steps, "cp -a content/. copy"]
    done = processes.run(command, folder=blog.root, env=blog.environment(fal.environment()))
    assert done.returncode == 0, done.stderr.decode()
    shutil.copytree(copy, blog.content, dirs_exist_ok=True)
    return [
        Built(int((blog.root / f"code{n}").read_text()), (blog.root / f"log{n}").read_text())
        for n in range(1, steps.count("build") + 1)
    ]


@own_file_systems
@pytest.mark.parametrize("folder", ["content/.falhero", "content/images/heroes"])
def test_a_full_disk_loses_no_picture(blog: Blog, fal: FalServer, folder: str) -> None:
    """Where a picture does not fit, the folder is named, nothing more is bought, and with room again it is fetched."""
    titles = write_posts(blog, POSTS)
    # A picture that does not fit.
    blog.configure(FALHERO_CONCURRENCY=1, FALHERO_IMAGE_SIZE=(1024, 768))
    full, roomy = build_on(
        blog,
        fal,
        f"mkdir -p {folder}; mount -t tmpfs -o size=24k none {folder}",
        "build",
        f"test -z \"$(find {folder} -name '*.png' -o -name '*.part' -o -path '*/tmp/*')\"",
        f"mount -o remount,size=8m none {folder}",
        "build",
    )
    assert full.code == 0
    warning = full.line("falhero: ")
    assert f"/{folder}" in warning
    assert "No space left on device" in warning
    assert full.output.count("falhero: ") == 1
    charged = [job.request_id for job in fal.submissions]
    assert_sound(blog, fal, roomy)
    assert_all_there(blog, titles)
    assert fal.charges == POSTS == len(set(charged))


@own_file_systems
@pytest.mark.parametrize(
    "folder", ["content/.falhero", "content/images/heroes", pytest.param("content", marks=pytest.mark.long)]
)
def test_nothing_is_bought_for_a_read_only_disk(blog: Blog, fal: FalServer, folder: str) -> None:
    """Where ledger or pictures can't be written, no request leaves, the folder is named and the site is built."""
    titles = write_posts(blog, POSTS)
    read_only, writable = build_on(
        blog,
        fal,
        f"mkdir -p {folder}; test {folder} = content || mount -t tmpfs none {folder}",
        f"mount -o remount,ro none {folder}",
        "build",
        f"mount -o remount,rw none {folder}",
        "build",
    )
    assert read_only.code == 0
    assert f"/{folder}" in read_only.line("falhero: ")
    assert "check its permissions" in read_only.line("falhero: ")
    assert_sound(blog, fal, writable)
    assert_all_there(blog, titles)
    # None was sent by the first build.
    assert fal.charges == len(fal.requests_of("submit")) == POSTS
    assert f"{POSTS} made" in writable.line("heroes:")


@own_file_systems
def test_an_assets_folder_on_another_disk_works(blog: Blog, fal: FalServer) -> None:
    """Pictures reach an assets folder that is a file system of its own whole, and nothing else does."""
    titles = write_posts(blog, POSTS)
    (built,) = build_on(blog, fal, "mkdir -p content/images/heroes; mount -t tmpfs none content/images/heroes", "build")
    assert_sound(blog, fal, built)
    assert_all_there(blog, titles)
    assert fal.charges == POSTS


def a_file_for_the_state_folder(blog: Blog) -> Path:
    """A file where the state folder should be."""
    return blog.write(".falhero", "")


def a_folder_for_the_ledger(blog: Blog) -> Path:
    """A folder where the ledger should be."""
    blog.ledger.mkdir(parents=True)
    return blog.ledger


def a_folder_for_the_lock(blog: Blog) -> Path:
    """A folder where the lock should be."""
    path = blog.ledger.with_name("lock")
    path.mkdir(parents=True)
    return path


def a_file_for_the_assets_folder(blog: Blog) -> Path:
    """A file where the pictures should go."""
    return blog.write("images/heroes", "")


def a_loop_for_the_assets_folder(blog: Blog) -> Path:
    """A link to itself where the pictures should go."""
    blog.assets.parent.mkdir(parents=True)
    blog.assets.symlink_to(blog.assets)
    return blog.assets


def a_file_for_the_temporary_folder(blog: Blog) -> Path:
    """A file where pictures are put together."""
    return blog.write(".falhero/tmp", "")


def a_link_to_nowhere_for_the_assets_folder(blog: Blog) -> Path:
    """A link to a folder that is gone, where the pictures should go."""
    blog.assets.parent.mkdir(parents=True)
    blog.assets.symlink_to(blog.root / "gone" / "folder")
    return blog.assets


def a_link_to_nowhere_for_the_ledger(blog: Blog) -> Path:
    """A link to a file in a folder that is gone, where the ledger should be."""
    blog.ledger.parent.mkdir()
    blog.ledger.symlink_to(blog.root / "gone" / "ledger.jsonl")
    return blog.ledger


OBSTACLES = [
    a_file_for_the_temporary_folder,
    a_link_to_nowhere_for_the_assets_folder,
    a_file_for_the_state_folder,
    a_folder_for_the_ledger,
    a_folder_for_the_lock,
    a_file_for_the_assets_folder,
]
LONG_OBSTACLES = [a_link_to_nowhere_for_the_ledger, a_loop_for_the_assets_folder]


@pytest.mark.parametrize(
    ("obstacle", "on_error"),
    [
        *((obstacle, "warn") for obstacle in OBSTACLES),
        (OBSTACLES[0], "fail"),
        *(pytest.param(obstacle, "warn", marks=pytest.mark.long) for obstacle in LONG_OBSTACLES),
        pytest.param(OBSTACLES[1], "fail", marks=pytest.mark.long),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_what_stands_in_the_way_is_named(
    blog: Blog, fal: FalServer, obstacle: Callable[[Blog], Path], on_error: str
) -> None:
    """Whatever is where a folder or the ledger should be, nothing is bought, it is named, and the site is built."""
    titles = write_posts(blog, 1)
    path = obstacle(blog)
    blog.configure(FALHERO_ON_ERROR=on_error)
    built = blog.build(env=fal.environment())
    assert built.code == (1 if on_error == "fail" else 0), built.output
    assert "Traceback" not in built.output
    assert str(path.relative_to(blog.root)) in built.line("falhero: ")
    assert "; " in built.line("falhero: "), "no remedy"
    assert fal.requests == []
    if path.name != "ledger.jsonl":
        assert blog.ledger.parent.is_file() or not blog.ledger.exists()
    if on_error != "fail":
        assert (blog.output / "post-1.html").exists()
    path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    mended = blog.build(env=fal.environment())
    assert_sound(blog, fal, mended)
    assert_all_there(blog, titles)
    assert fal.charges == 1


def test_a_torn_ledger_is_mended_and_a_damaged_one_told(blog: Blog, fal: FalServer) -> None:
    """A last line that was cut short is taken back; a line in the middle that can't be read is told, and kept."""
    titles = write_posts(blog, 3)
    (blog.content / "post3.md").rename(blog.content / "post3.txt")
    assert blog.build(env=fal.environment()).code == 0
    lines = blog.ledger.read_text().splitlines(keepends=True)
    torn = lines[-1][: len(lines[-1]) // 2]
    blog.ledger.write_text("".join([*lines[:2], "<<<<<<< HEAD\n", *lines[2:], torn]))
    (blog.content / "post3.txt").rename(blog.content / "post3.md")
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, titles)
    assert f"{blog.ledger}: line 3 can't be read and is ignored" in built.output
    kept = blog.ledger.read_text().splitlines(keepends=True)
    assert kept[: len(lines) + 1] == [*lines[:2], "<<<<<<< HEAD\n", *lines[2:]]
    assert len(kept) == len(lines) + 1 + 3
    assert fal.charges == 3


def test_a_ledger_of_two_branches_is_one(blog: Blog, fal: FalServer) -> None:
    """Lines that a merge has shuffled and doubled say what they said."""
    titles = write_posts(blog, 2)
    kill_while_fal_draws(blog, fal, 2)
    lines = blog.ledger.read_text().splitlines(keepends=True)
    blog.ledger.write_text("".join([*reversed(lines), *lines]))
    blog.configure(FALHERO_BUDGET=0)
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == 2
