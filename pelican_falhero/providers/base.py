"""Providers make pictures: fal draws heroes, the card provider draws title cards. They know nothing of Pelican."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

from ..errors import DeadlineError, StoppedError
from ..planning.request import HeroRequest


@dataclass(frozen=True)
class Status:
    """How far a request has come; what is not known is None."""

    queue_position: int | None = None
    """Requests before this one."""
    step: int | None = None
    steps: int | None = None


@dataclass(frozen=True)
class Drawn:
    """A finished picture that is still at the provider."""

    url: str
    seed: int | None = None


@dataclass(frozen=True)
class Patience:
    """How long to wait: until ``deadline`` on the monotonic clock, or until ``stop`` is set."""

    deadline: float
    stop: Event = field(default_factory=Event)

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            StoppedError: the run is being stopped.
            DeadlineError: no time is left.
        """
        if self.stop.is_set():
            raise StoppedError("the build was stopped")
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise DeadlineError("its time was up")
        return seconds

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than there is time, and not at all once the run is being stopped."""
        self.stop.wait(min(seconds, self.left()))
        self.left()


class Provider(Protocol):
    """Draws heroes in three steps, so that what was paid for can be written down between them."""

    name: str

    def submit(self, request: HeroRequest, patience: Patience) -> str:
        """Send the request once and return the provider's id of it."""

    def wait(self, endpoint: str, request_id: str, patience: Patience, on_status: Callable[[Status], None]) -> Drawn:
        """Wait until the request is drawn."""

    def fetch(self, drawn: Drawn, target: Path, patience: Patience) -> None:
        """Bring the picture's file into ``target``."""
