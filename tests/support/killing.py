"""Builds that are killed at a chosen moment of their talk with fal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import fal_faults
from blog import Blog
from fal_exchange import Fault, Stage
from fal_server import FalServer
from fal_wire import Reply, Wire
from promises import assert_whole
from running import Running


@dataclass(frozen=True)
class Moment:
    """Where a build is killed: at the nth request of a stage, and how far that one had come."""

    stage: Stage
    nth: int
    point: str
    """``unsent``, ``received`` (fal does nothing about it), ``done`` (and not answered), ``half`` or ``answered``."""

    def __str__(self) -> str:
        return f"{self.stage} {self.nth} {self.point}"

    def fault(self, kill: Callable[[], None]) -> Fault:
        """What kills at this moment."""

        def deliver(wire: Wire, reply: Reply) -> None:
            if self.point in ("half", "answered"):
                wire.send_part(reply, len(reply.body) // (2 if self.point == "half" else 1))
            kill()

        def greet(_sock: object, _stopping: object) -> bool:
            kill()
            return False

        if self.point == "unsent":
            return Fault(name="kill", greet=greet)
        return Fault(name="kill", works=self.point != "received", deliver=deliver)


def kill_at(blog: Blog, fal: FalServer, moment: Moment) -> None:
    """Build, and kill the build at this moment."""
    running: list[Running] = []

    def kill() -> None:
        running[0].kill()

    rule = fal.faults.add(moment.stage, moment.fault(kill), nth=moment.nth)
    with Running(blog, env=fal.environment()) as build:
        running.append(build)
        assert build.end().code == -9
    assert rule.hits == 1
    assert_whole(blog)
    fal.faults.clear()


def kill_while_fal_draws(blog: Blog, fal: FalServer, looks: int, *command: str, endpoint: str | None = None) -> None:
    """Build, or run a command, and kill it when it has looked so often for what it sent.

    Until then it is not told how far fal is; with ``endpoint``, how far that one is.
    """
    gate = fal_faults.Gate()
    before = len(fal.requests_of("status"))
    fal.faults.add("status", fal_faults.hold(gate), endpoint=endpoint)
    with Running(blog, *command, env=fal.environment(), module="pelican_falhero" if command else "") as running:
        fal.wait_for("status", before + looks)
        running.kill()
        gate.open()
    fal.wait_until_idle()
    fal.faults.clear()
