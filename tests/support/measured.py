"""What a command takes: its time on the clock, its processor time, its memory, and the instructions it executes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

# What getrusage says of children is about the largest of them and of the process that started it, so it is a small one.
_MEASURED = """
import json, resource, subprocess, sys
run = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump([run.returncode, run.stdout.decode(), used.ru_utime + used.ru_stime, used.ru_maxrss], file)
"""
_BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Measured:
    """A command that has ended well."""

    seconds: float
    processor_seconds: float
    peak_bytes: int
    """Of the largest of its processes."""
    output: str


def measure(command: Sequence[str], *, folder: Path, env: Mapping[str, str]) -> Measured:
    """Run a command in a new process, and wait for its end; it must succeed."""
    with tempfile.NamedTemporaryFile() as told:
        began = time.monotonic()
        subprocess.run([sys.executable, "-S", "-c", _MEASURED, told.name, *command], cwd=folder, env=env, check=True)
        seconds = time.monotonic() - began
        code, output, processor, peak = json.loads(Path(told.name).read_bytes())
    assert code == 0, output
    return Measured(seconds, processor, peak * _BYTES_PER_UNIT, output)


def can_count_instructions() -> bool:
    """Whether valgrind is there."""
    return which("valgrind") is not None


def count_instructions(command: Sequence[str], *, folder: Path, env: Mapping[str, str]) -> int:
    """Run a command in valgrind, some fifty times slower, and return how many instructions its process executes.

    However busy the machine is, that hardly changes: with the same order of hashes, by a thousandth.
    """
    counter = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *command]
    done = subprocess.run(
        counter, cwd=folder, env={**env, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    assert counted, done.stderr
    return int(counted[1].replace(",", ""))
