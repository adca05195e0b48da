"""Providers make pictures: fal draws heroes, the card provider draws title cards. They know nothing of Pelican."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

from ..errors import DeadlineError
from ..planning.request import HeroRequest


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long a provider waits for each thing, in seconds."""

    connect: float = 5.0
    """For a host that can't be reached, in all: names, proxies, both of fal's domains, second tries."""
    read: float = 10.0
    """For an answer to a question, which can be asked again for nothing."""
    submit: float = 60.0
    """For an answer to a submit, which may have been charged."""
    unavailable: float = 6.0
    """For a picture that is paid for and that something keeps from us; after that the next build asks again."""
    unknown_request: float = 10.0
    """For how long fal must say, without a break, that it does not know a request."""
    stall: float = 10.0
    """For the next bytes of a download, before it is broken off and resumed."""
    prices: float = 15.0
    """For fal's price list."""
    poll_shortest: float = 0.1
    poll_longest: float = 2.0
    """Between two looks at a request."""
    retry_shortest: float = 0.5
    retry_longest: float = 5.0
    """Before another try at a connection or a download that failed."""


DEFAULT_TIMEOUTS = Timeouts()
"""What a provider uses that is given no others; read when the provider is made."""


def backoff(waited: float, *, shortest: float, longest: float, share: float = 1.0) -> float:
    """The pause before the next try: a share of the time that was waited so far, within bounds. All in seconds.

    A share of 1 doubles the time waited with each try; a share of 0.1 sees what happens within a tenth of its time.
    """
    return min(max(share * waited, shortest), longest)


@dataclass(frozen=True)
class Status:
    """How far a request has come; what is not known is None."""

    queue_position: int | None = None
    """Requests before this one."""
    step: int | None = None
    steps: int | None = None


@dataclass(frozen=True)
class RemotePicture:
    """A finished picture that is still at the provider."""

    url: str
    seed: int | None = None
    units: float | None = None
    """What the provider says that it bills, in the unit of the endpoint's price (images, megapixels)."""


@dataclass(frozen=True)
class Deadline:
    """How long to wait: until ``at`` on the monotonic clock, or until ``stop`` is set."""

    at: float
    stop: Event = field(default_factory=Event)
    timeout: float | None = None
    """``FALHERO_TIMEOUT`` in seconds, for the message."""

    @classmethod
    def after(cls, timeout: float, stop: Event) -> Deadline:
        """The deadline that is ``timeout`` seconds from now."""
        return cls(time.monotonic() + timeout, stop, timeout)

    def left(self) -> float:
        """Seconds that are left.

        Raises:
            DeadlineError: no time is left, or the run is being stopped.
        """
        if self.stop.is_set():
            raise DeadlineError("the build was stopped")
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            after = "" if self.timeout is None else f" after {self.timeout:g} s"
            raise DeadlineError(f"timed out{after} (FALHERO_TIMEOUT)")
        return seconds

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than there is time, and not at all once the run is being stopped."""
        self.stop.wait(min(seconds, self.left()))
        self.left()


class Provider(Protocol):
    """Draws heroes in three steps, so that what was paid for can be written down between them."""

    name: str

    def check(self) -> None:
        """Be sure, before anything is bought, that requests can be sent and pictures fetched.

        Raises:
            AccountError: they can't, and what to do about it.
        """

    def server_time(self) -> datetime.datetime | None:
        """The provider's own time (UTC), as of the last answer that this thread got from it; None where it got none."""

    def submit(self, request: HeroRequest, deadline: Deadline) -> str:
        """Send the request once and return the provider's id of it."""

    def wait(
        self, endpoint: str, request_id: str, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> RemotePicture:
        """Wait until the request is drawn."""

    def fetch(self, drawn: RemotePicture, target: Path, deadline: Deadline) -> None:
        """Bring the picture's file into ``target``."""
