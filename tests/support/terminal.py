"""A terminal: commands as a user types them, with the installed entry points, and git with real repositories."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import processes
import pytest
from blog import Blog
from processes import Process

HERE = Path(__file__).parent
BIN = processes.BIN
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
"""What stands before a command that somebody is to run to whom permissions apply."""
NOT_AS_ROOT = (*NOBODY, sys.executable, "-P", "-m", "pelican_falhero")
"""Our command for that. Not by its script: in a path with a space, pip makes that start a
shell, which may not look for Python in root's folders."""
SCRIPT = HERE.parent.parent / "scripts" / "generate-fal-hero.py"

_GIT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": str(HERE / "gitconfig"),
}


def let_others_in(folder: Path) -> None:
    """Let other users look into a folder of pytest's, which are the user's alone; those above them are not touched."""
    if subprocess.run([*NOBODY, sys.executable, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("nobody but root can start this Python")
    for path in (folder, *folder.parents):
        if not path.is_relative_to(Path(tempfile.gettempdir())) or path == Path(tempfile.gettempdir()):
            break
        path.chmod(0o755)


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines of its result."""
        return self.out.splitlines()


class Terminal:
    """A shell in a folder. `env` goes to every command; `alone()` closes the network, even this machine's."""

    def __init__(
        self, folder: Path, env: Mapping[str, str] | None = None, *, guard: str = "guard", is_fresh: bool = False
    ) -> None:
        self.folder = folder
        self.guard = guard
        self.is_fresh = is_fresh
        self.env = dict(env or {})

    def at(self, folder: Path) -> Terminal:
        """The same terminal in another folder."""
        return Terminal(folder, self.env, guard=self.guard, is_fresh=self.is_fresh)

    def with_(self, **env: str) -> Terminal:
        """The same terminal with other variables."""
        return Terminal(self.folder, {**self.env, **env}, guard=self.guard, is_fresh=self.is_fresh)

    def alone(self) -> Terminal:
        """The same terminal without any network."""
        return Terminal(self.folder, self.env, guard="closed", is_fresh=self.is_fresh)

    def fresh(self) -> Terminal:
        """The same terminal, whose Pythons have imported nothing when they start."""
        return Terminal(self.folder, self.env, guard=self.guard, is_fresh=True)

    def environment(self) -> dict[str, str]:
        """What its commands see."""
        return {
            **os.environ,
            "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
            "PYTHONPATH": str(HERE / self.guard),
            "TERM": "dumb",
            "COLUMNS": "100",
            **_GIT,
            **self.env,
        }

    def run(self, *command: str | Path, stdin: str | None = None, timeout: float = 60) -> Ran:
        """Run a command and wait for its end."""
        given = b"" if stdin is None else stdin.encode()
        env = self.environment() if self.is_fresh else {**self.environment(), **processes.server_address()}
        done = processes.run(command, folder=self.folder, env=env, stdin=given, timeout=timeout, fresh=self.is_fresh)
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ran.err + ran.out, ran.err + ran.out
        return ran

    def on_screen(self, *command: str | Path, columns: int = 120, typed: str = "", code: int = 0) -> str:
        """What a command shows on a real terminal, escape sequences included; it must end with this code.

        ``typed`` is what the user types ahead.
        """
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        env = self.environment() | {"TERM": "xterm-256color", "COLUMNS": str(columns)}
        with os.fdopen(theirs, "r+b", buffering=0) as end:
            process = Process(command, folder=self.folder, env=env, streams=(end, end, end), fresh=self.is_fresh)
        with process:
            os.write(ours, typed.encode())
            shown = b""
            while part := _read(ours):
                shown += part
            ended = process.wait(60)
        os.close(ours)
        text = shown.decode().replace("\r\n", "\n")
        assert ended == code, text
        return text

    def falhero(self, *arguments: str | Path) -> Ran:
        """Run the installed command."""
        return self.run("falhero", *arguments)

    def script(self, *arguments: str | Path, script: Path = SCRIPT) -> Ran:
        """Run the script for single posts as a file."""
        return self.run(script, *arguments)

    def sh(self, line: str) -> Ran:
        """Run a line as it is pasted into a shell."""
        return self.run("sh", "-c", line)

    def git(self, *arguments: str | Path, code: int = 0) -> Ran:
        """Run git, which must end with this code."""
        ran = self.run("git", *arguments)
        assert ran.code == code, f"git {' '.join(map(str, arguments))}: {ran.code}\n{ran.out}{ran.err}"
        return ran

    def commit(self, message: str = "More") -> None:
        """Commit all that is there, past any hook."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--message", message)

    def mend(self, told: str) -> None:
        """Run the commands that a hook or a check printed, each of which must succeed."""
        commands = [line.strip() for line in told.splitlines() if line.startswith("  ")]
        commands = [line for line in commands if line.startswith(("falhero ", "git "))]
        assert commands, told
        for line in commands:
            # A shell makes nothing else of a line without special characters, and takes as long as the command.
            is_plain = re.fullmatch(r"[\w@%+=:,./ -]+", line, re.ASCII)
            ran = self.run(*line.split()) if is_plain else self.sh(line)
            assert ran.code == 0, f"{line}: {ran.code}\n{ran.out}{ran.err}"


def without_escapes(shown: str) -> str:
    """What a terminal shows, without colours and the cursor's moves."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # its last program has ended
        return b""


def at_home(blog: Blog, env: Mapping[str, str] | None = None) -> Terminal:
    """A terminal in a blog's folder, with its settings file written."""
    blog.command()
    return Terminal(blog.root, env)


def repository(folder: Path, env: Mapping[str, str] | None = None) -> Terminal:
    """A terminal in a new git repository around what is there, whose remote is bare and beside it."""
    terminal = Terminal(folder, env)
    remote = folder.parent / "remote.git"
    terminal.git("init", "--quiet", "--bare", remote)
    terminal.git("init", "--quiet")
    terminal.git("remote", "add", "origin", remote)
    return terminal
