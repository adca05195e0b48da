"""What can happen to a small site: steps that are drawn from a seed before the first of them is taken.

The ``repr`` of a step is Python, so that a list of them can be copied out of a failure and taken again. Numbers of
posts and heroes are counted round whatever there is by then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

import fal_faults
from fal_exchange import Fault, Stage
from fal_wire import Reply, Wire

Command = Literal["build", "generate", "force"]
"""``pelican``, ``falhero generate``, or ``falhero generate --force`` for one post."""
Field = Literal["summary", "text", "style", "model"]
Point = Literal["received", "done", "half", "answered"]
"""``received``: fal does nothing about it. ``done``: it does, and is silent. Else so much of the answer is sent."""

_COMMANDS: tuple[Command, ...] = ("build", "generate", "force")
_FIELDS: tuple[Field, ...] = ("summary", "text", "style", "model")
_POINTS: tuple[Point, ...] = ("received", "done", "half", "answered")
_STAGES: tuple[Stage, ...] = ("submit", "status", "result", "download")

FAULTS: Mapping[Stage, Mapping[str, Callable[[], Fault]]] = {
    "connect": {"refuse": fal_faults.refuse, "reset_handshake": fal_faults.reset_handshake},
    "submit": {
        "drop_before": fal_faults.drop_before,
        "drop_after": fal_faults.drop_after,
        "silence": lambda: fal_faults.silence(1.5),
        "truncate": fal_faults.truncate,
        "500": fal_faults.unhandled,
        "500 after work": lambda: fal_faults.unhandled(after_work=True),
        "503": lambda: fal_faults.infrastructure("runner_disconnected"),
        "nginx": fal_faults.nginx,
        "nginx after work": lambda: fal_faults.nginx(504, after_work=True),
        "429": fal_faults.too_many_requests,
        "invalid_json": fal_faults.invalid_json,
        "without id": lambda: fal_faults.without("request_id"),
        "content_policy": fal_faults.content_policy,
        "content_policy charged": lambda: fal_faults.content_policy(charged=True, in_status=False),
        "internal_error": fal_faults.internal_error,
        "nsfw": fal_faults.nsfw,
    },
    "status": {
        "drop": fal_faults.drop_after,
        "nginx": lambda: fal_faults.nginx(503),
        "404": fal_faults.not_found,
        "500": fal_faults.unhandled,
        "unknown_status": fal_faults.unknown_status,
        "invalid_json": fal_faults.invalid_json,
    },
    "result": {
        "drop": fal_faults.drop_after,
        "nginx": fal_faults.nginx,
        "404": fal_faults.not_found,
        "500": fal_faults.unhandled,
        "truncate": fal_faults.truncate,
        "empty": lambda: fal_faults.replaced("{}"),
        "no_images": fal_faults.no_images,
    },
    "download": {
        "drop": fal_faults.drop_after,
        "503": lambda: fal_faults.status(503),
        "410": lambda: fal_faults.status(410),
        "reset": fal_faults.reset,
        "stall": lambda: fal_faults.stall(1.5),
        "half_file": fal_faults.half_file,
        "html": fal_faults.html_as_png,
        "black": fal_faults.black,
    },
}


@dataclass(frozen=True)
class Kill:
    """SIGKILL at the nth request of a stage."""

    stage: Stage
    nth: int
    point: Point

    def fault(self, kill: Callable[[], None]) -> Fault:
        """What kills."""

        def deliver(wire: Wire, reply: Reply) -> None:
            if self.point in ("half", "answered"):
                wire.send_part(reply, len(reply.body) // (2 if self.point == "half" else 1))
            wire.open = False
            kill()

        return Fault(name="kill", works=self.point != "received", deliver=deliver)


@dataclass(frozen=True)
class Strike:
    """A fault at the nth request of a stage; at all of them without ``nth``."""

    stage: Stage
    name: str
    nth: int | None

    def fault(self) -> Fault:
        """What strikes."""
        return FAULTS[self.stage][self.name]()


@dataclass(frozen=True)
class Run:
    """A command, with what goes wrong and how many more heroes the budget has room for (None: any number)."""

    command: Command
    post: int = 0
    trouble: Kill | Strike | None = None
    room: int | None = None


@dataclass(frozen=True)
class Race:
    """Two commands at once; what kills, kills the first."""

    first: Command
    second: Command
    trouble: Kill | Strike | None = None


@dataclass(frozen=True)
class Edit:
    """Other words in a post, or another style or model for the site."""

    field: Field
    post: int = 0


@dataclass(frozen=True)
class Retitle:
    """Another title for a post: a new one, or the one before."""

    post: int
    back: bool = False


@dataclass(frozen=True)
class DeleteHero:
    """The author deletes a picture."""

    hero: int


@dataclass(frozen=True)
class DeletePost:
    """The author deletes a post, if it is not the last."""

    post: int


@dataclass(frozen=True)
class Prune:
    """``falhero prune --apply``, when all pictures are a month old."""


Step = Run | Race | Edit | Retitle | DeleteHero | DeletePost | Prune

_KINDS = {"run": 10, "edit": 5, "retitle": 4, "delete hero": 2, "delete post": 1, "prune": 3, "race": 2}


def draw_steps(random: Random) -> list[Step]:
    """Three to five steps, of which the first runs something."""
    kinds = random.choices(list(_KINDS), list(_KINDS.values()), k=random.randint(2, 4))
    return [_run(random), *(_step(kind, random) for kind in kinds)]


def _step(kind: str, random: Random) -> Step:
    number = random.randrange(5)
    made: dict[str, Callable[[], Step]] = {
        "run": lambda: _run(random),
        "race": lambda: Race(_command(random), _command(random), _trouble(random)),
        "edit": lambda: Edit(random.choice(_FIELDS), number),
        "retitle": lambda: Retitle(number, back=random.random() < 0.3),
        "delete hero": lambda: DeleteHero(number),
        "delete post": lambda: DeletePost(number),
        "prune": Prune,
    }
    return made[kind]()


def _command(random: Random) -> Command:
    return random.choices(_COMMANDS, (5, 2, 3))[0]


def _run(random: Random) -> Run:
    room = random.randrange(3) if random.random() < 0.2 else None
    return Run(_command(random), random.randrange(5), _trouble(random), room)


def _trouble(random: Random) -> Kill | Strike | None:
    kind = random.random()
    if kind < 0.4:
        return Kill(random.choice(_STAGES), random.randint(1, 4), random.choice(_POINTS))
    if kind < 0.8:
        stage = random.choices((*_STAGES, "connect"), (8, 4, 4, 4, 1))[0]
        return Strike(stage, random.choice(list(FAULTS[stage])), random.choice((None, 1, 1, 2, 3)))
    return None
