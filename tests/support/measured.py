"""What a command takes: its time on the clock, its processor time and its memory, with all that it starts."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
