"""How long a build takes that draws every hero, and how much memory, beside the same build without heroes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blog import Blog
from fal_process import FalProcess, Seen
from measured import Measured, measure


@dataclass(frozen=True)
class ColdBuild:
    """A build that has drawn all heroes, and what Pelican takes for the same blog without the plugin."""

    heroes: int
    ideal_seconds: float
    """As many rounds as there must be, each as long as a hero takes at fal."""
    cold: Measured
    alone: Measured
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


def measure_cold_build(
    folder: Path, *, heroes: int, seconds: float = 1.0, concurrency: int = 10, formats: Sequence[str] = ()
) -> ColdBuild:
    """Build a new blog below ``folder`` with so many posts, whose heroes fal draws in ``seconds`` each.

    fal is on this machine, in a process of its own, and is sent ``concurrency`` of them at a time; ``formats`` are
    those of lighter copies, which the build makes meanwhile.
    """
    blog = Blog(folder / f"{heroes}-heroes")
    del blog.settings["FALHERO_IMAGE_SIZE"]
    for number in range(heroes):
        blog.post(f"{number}.md", f"Post {number}", "Some words of the post. " * 20)
    blog.configure(
        THEME="notmyidea", FALHERO_CONCURRENCY=concurrency, FALHERO_BUDGET=1000, FALHERO_FORMATS=list(formats)
    )
    with FalProcess(latency=seconds) as fal:
        cold = measured_build(blog, fal.environment)
        blog.configure(PLUGINS=[])
        alone = measured_build(blog, fal.environment)
    assert fal.seen.charges == heroes, cold.output
    assert len(blog.heroes()) == heroes, cold.output
    assert fal.seen.peak_unfinished <= concurrency
    return ColdBuild(heroes, math.ceil(heroes / concurrency) * seconds, cold, alone, fal.seen)


def measured_build(blog: Blog, env: Mapping[str, str] | None = None) -> Measured:
    """Build the blog anew by Pelican's command, in a Python that has imported nothing yet."""
    return measure(blog.command("--delete-output-directory"), folder=blog.root, env=blog.environment(env))
