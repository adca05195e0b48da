"""How long a build takes that draws every hero, and how much memory, beside the same build without heroes."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from blog import HERE, Blog
from fal_process import FalProcess, Seen

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
class Build:
    """One build by Pelican's command."""

    seconds: float
    processor_seconds: float
    peak_bytes: int
    output: str


@dataclass(frozen=True)
class ColdBuild:
    """A build that has drawn all heroes, and what the same blog takes with ``FALHERO_PROVIDER = "none"``."""

    heroes: int
    ideal_seconds: float
    """As many rounds as there must be, each as long as a hero takes at fal."""
    cold: Build
    alone: Build
    seen: Seen

    @property
    def ratio(self) -> float:
        """What the heroes take beside Pelican, as a multiple of the ideal."""
        return (self.cold.seconds - self.alone.seconds) / self.ideal_seconds

    @property
    def peak_mb(self) -> float:
        """How much more memory the cold build needs at its peak, in MB (10**6 bytes)."""
        return (self.cold.peak_bytes - self.alone.peak_bytes) / 1e6

    def __str__(self) -> str:
        looks = self.seen.requests.get("status", 0) / self.heroes
        return (
            f"{self.heroes} heroes: {self.ratio:.3f} of the ideal, "
            f"drawing {self.seen.drawing_seconds / self.ideal_seconds:.3f}, "
            f"whole build {self.cold.seconds / self.ideal_seconds:.3f} ({self.cold.seconds:.2f} s, "
            f"alone {self.alone.seconds:.2f} s); processor {self.cold.processor_seconds:.2f} s, "
            f"alone {self.alone.processor_seconds:.2f} s, server {self.seen.processor_seconds:.2f} s; "
            f"{self.peak_mb:.1f} MB over {self.alone.peak_bytes / 1e6:.1f} MB; {looks:.1f} looks a hero, "
            f"{self.seen.connections} connections"
        )


def measure_cold_build(folder: Path, *, heroes: int, seconds: float = 1.0, concurrency: int = 10) -> ColdBuild:
    """Build a new blog below ``folder`` with so many posts, whose heroes fal draws in ``seconds`` each.

    fal is on this machine, in a process of its own, and is sent ``concurrency`` of them at a time.
    """
    blog = Blog(folder / f"{heroes}-heroes")
    for number in range(heroes):
        blog.post(f"{number}.md", f"Post {number}", "Some words of the post. " * 20)
    blog.configure(FALHERO_CONCURRENCY=concurrency, FALHERO_BUDGET=1000)
    with FalProcess(latency=seconds) as fal:
        cold = measured_build(blog, fal.environment)
        blog.configure(FALHERO_PROVIDER="none")
        alone = measured_build(blog, fal.environment)
    assert fal.seen.charges == heroes, cold.output
    assert len(blog.heroes()) == heroes, cold.output
    assert fal.seen.peak_unfinished <= concurrency
    return ColdBuild(heroes, math.ceil(heroes / concurrency) * seconds, cold, alone, fal.seen)


def measured_build(blog: Blog, env: dict[str, str] | None = None) -> Build:
    """Build the blog anew by Pelican's command, in a Python that has imported nothing yet."""
    told = blog.root / "measured.json"
    command = [sys.executable, "-S", "-c", _MEASURED, str(told), *blog.command("--delete-output-directory")]
    began = time.monotonic()
    subprocess.run(command, cwd=blog.root, env={**blog.environment(env), "PYTHONPATH": str(HERE / "guard")}, check=True)
    seconds = time.monotonic() - began
    code, output, processor, peak = json.loads(told.read_text())
    assert code == 0, output
    return Build(seconds, processor, peak * _BYTES_PER_UNIT, output)
