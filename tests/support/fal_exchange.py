"""One request and its answer as the test double of fal sees them, and where a fault may take hold of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from fal_jobs import Outcome, Submission
from fal_pictures import Picture
from fal_wire import Reply, Wire

Stage = Literal["connect", "submit", "status", "result", "cancel", "download", "run", "pricing", "unknown"]
Door = Literal["queue", "run", "cdn", "foreign"]


@dataclass(frozen=True)
class Recorded:
    """One HTTP request: header names in lower case, `json` None without a JSON body, `at` in monotonic seconds.

    `door` is the listener it came to; `nth` counts the requests of its stage, from 1.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    json: Any
    stage: Stage
    door: Door
    endpoint: str | None
    request_id: str | None
    nth: int
    at: float

    @property
    def authorization(self) -> str | None:
        """The Authorization header as it was sent."""
        return self.headers.get("authorization")


@dataclass(frozen=True)
class Hosts:
    """The host:port of every listener; fal's key belongs to the first two only."""

    queue: str
    run: str
    cdn: str
    foreign: str


@dataclass
class Exchange:
    """What a fault can see and change: the request, what it is about, and how its job will end."""

    recorded: Recorded
    hosts: Hosts
    stopping: threading.Event
    job: Submission | None = None
    picture: Picture | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong; made by the constructors of fal_faults.

    `works` False: fal does nothing of what it was asked. `before` sees the exchange before the work, `edit` the answer
    after it, `deliver` sends the answer, `greet` has a fresh connection to itself and returns whether it may go on.
    """

    name: str
    works: bool = True
    before: Callable[[Exchange], None] | None = None
    edit: Callable[[Reply, Exchange], Reply] | None = None
    deliver: Callable[[Wire, Reply], None] | None = None
    greet: Callable[[socket.socket, threading.Event], bool] | None = None


@dataclass(eq=False)
class Rule:
    """When a fault strikes; `seen` counts the requests that it looked at, `hits` those that it struck."""

    stage: Stage
    fault: Fault
    nth: frozenset[int] | None
    times: int | None
    endpoint: str | None
    seen: int = 0
    hits: int = 0

    def strikes(self, stage: Stage, endpoint: str | None) -> bool:
        """Count one request and return whether the fault strikes it."""
        if stage != self.stage or self.endpoint not in (None, endpoint):
            return False
        self.seen += 1
        if self.times is not None and self.hits >= self.times:
            return False
        if self.nth is not None and self.seen not in self.nth:
            return False
        self.hits += 1
        return True


@dataclass
class Faults:
    """The faults of one server, in the order in which they were added; thread-safe."""

    rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        stage: Stage,
        fault: Fault,
        *,
        nth: int | Collection[int] | None = None,
        times: int | None = None,
        endpoint: str | None = None,
    ) -> Rule:
        """Let `fault` strike the nth requests of `stage` (counted from 1, from now on), or all, at most `times` times.

        Every fault that strikes one request is applied, in order; of several ways to send the answer, the last wins.
        """
        places = frozenset({nth} if isinstance(nth, int) else nth) if nth is not None else None
        rule = Rule(stage, fault, places, times, endpoint)
        with self._lock:
            self.rules.append(rule)
        return rule

    def take(self, stage: Stage, endpoint: str | None = None) -> list[Fault]:
        """Return the faults that strike this request."""
        with self._lock:
            return [rule.fault for rule in self.rules if rule.strikes(stage, endpoint)]

    def clear(self) -> None:
        """Let everything go well from now on."""
        with self._lock:
            self.rules.clear()
