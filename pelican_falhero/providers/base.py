"""The interface of providers, which make pictures. Providers do not depend on Pelican."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

from ..errors import DeadlineError, HeroError
from ..planning.request import HeroRequest


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Time limits and pauses of a provider, all in seconds."""

    connect: float = 5.0
    """To connect, in total: name lookup, proxy, all domains, retries."""
    read: float = 10.0
    """For the answer to a request that is free to repeat, such as a poll."""
    submit: float = 60.0
    """For the answer to a submit, which may be charged even if the answer does not arrive."""
    unavailable: float = 6.0
    """For a paid picture that can't be fetched; after that the next build tries again."""
    unknown_request: float = 10.0
    """How long a service must answer, without exception, that it does not know a request, before it is lost."""
    stall: float = 10.0
    """For the next bytes of a download; after that the connection is closed and the download resumed."""
    prices: float = 15.0
    """For the answer to a request for fal's price list."""
    poll_shortest: float = 0.1
    """Shortest pause between two polls of a request."""
    poll_longest: float = 2.0
    """Longest pause between two polls of a request."""
    retry_shortest: float = 0.5
    """Shortest pause before a connection or download is retried."""
    retry_longest: float = 5.0
    """Longest pause before a connection or download is retried."""


DEFAULT_TIMEOUTS = Timeouts()
"""The timeouts of a provider that is created without others."""


def backoff(waited: float, *, shortest: float, longest: float, share: float = 1.0) -> float:
    """Return the pause before the next try, in seconds: a share of the time waited so far, within bounds.

    With a share of 1 the total time doubles with each try. With 0.1 a change is noticed after at most a tenth of the
    time that it took.
    """
    return min(max(share * waited, shortest), longest)


@dataclass(frozen=True)
class Status:
    """The progress of a request; None for what is not known."""

    queue_position: int | None = None
    """Number of requests in the queue before this one."""
    step: int | None = None
    steps: int | None = None


@dataclass(frozen=True)
class RemotePicture:
    """A finished picture on the provider's server."""

    url: str
    seed: int | None = None
    units: float | None = None
    """Units that the provider bills: images or megapixels, depending on the endpoint's price; None if not reported."""


@dataclass(frozen=True)
class RemoteText:
    """The answer of a language model."""

    text: str
    usd: float | None = None
    """What it has cost, in USD; None if the provider does not say."""


@dataclass(frozen=True)
class Deadline:
    """A time limit: it ends at ``at`` on the monotonic clock, or when ``stop`` is set."""

    at: float
    stop: Event = field(default_factory=Event)
    timeout: float | None = None
    """``FALHERO_TIMEOUT`` in seconds, for the error message."""

    @classmethod
    def after(cls, timeout: float, stop: Event) -> Deadline:
        """Make a deadline that ends ``timeout`` seconds from now."""
        return cls(time.monotonic() + timeout, stop, timeout)

    def left(self) -> float:
        """Return the remaining seconds.

        Raises:
            DeadlineError: the time is over, or the run is being stopped.
        """
        if self.stop.is_set():
            raise DeadlineError("the build was stopped")
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            after = "" if self.timeout is None else f" after {self.timeout:g} s"
            raise DeadlineError(f"timed out{after} (FALHERO_TIMEOUT)")
        return seconds

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than the deadline, and stop waiting when the run is being stopped.

        Raises:
            DeadlineError: the time is over, or the run is being stopped.
        """
        self.stop.wait(min(seconds, self.left()))
        self.left()


class DrawsOnly:
    """What providers without language models share."""

    def wait_for_text(self, endpoint: str, request_id: str, deadline: Deadline) -> RemoteText:
        """Refuse.

        Raises:
            HeroError: always.
        """
        raise HeroError(f"{endpoint} is no language model of this engine")


class Provider(Protocol):
    """Draws heroes in three steps, so that the ledger can be written between them."""

    name: str
    """As ``engines`` names the engine."""
    keeps_requests: bool
    """Whether a request has an id by which its picture can be fetched later, by another run as well. If not, the answer
    to the submit is the picture, which can be fetched once, with the name that ``submit`` returns."""

    def check(self) -> None:
        """Check, before anything is bought, that requests can be sent and pictures fetched.

        Raises:
            AccountError: they can't; the text says how to fix it.
        """

    def server_time(self) -> datetime.datetime | None:
        """Return the time (UTC) in the provider's last answer to this thread; None if there was no answer."""

    def submit(self, request: HeroRequest, deadline: Deadline) -> str:
        """Send the request once and return its id at the provider."""

    def wait(
        self, endpoint: str, request_id: str, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> RemotePicture:
        """Poll until the picture is finished."""

    def wait_for_text(self, endpoint: str, request_id: str, deadline: Deadline) -> RemoteText:
        """Poll until a language model has answered."""

    def fetch(self, drawn: RemotePicture, target: Path, deadline: Deadline) -> None:
        """Download the picture into the existing file ``target``."""
