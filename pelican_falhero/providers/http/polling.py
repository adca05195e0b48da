"""Looks at requests until they are finished."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ...errors import HeroError
from ..base import Deadline, Timeouts
from .pace import Fastest, pause_before_look
from .troubles import PollErrors, Reading

T = TypeVar("T")


class Poller:
    """Knows which requests were submitted in this run, and how fast those of each endpoint are. Thread-safe."""

    def __init__(self, reading: Reading, timeouts: Timeouts) -> None:
        self._reading = reading
        self._timeouts = timeouts
        self._submitted_here: dict[str, float] = {}
        """Request id to the time at which it was submitted, on the monotonic clock."""
        self._fastest = Fastest()

    def submitted(self, request_id: str, at: float) -> None:
        """Remember a request of this run, and when it was sent, on the monotonic clock."""
        self._submitted_here[request_id] = at

    def wait(self, look: Callable[[float], T | None], endpoint: str, request_id: str, deadline: Deadline) -> T:
        """Return what ``look`` finds once the request is finished; None says that it is not.

        ``look`` is given the seconds that it may take.

        Raises:
            HeroError: an error of ``look`` that polling again does not help, or that has lasted too long.
            DeadlineError: see Deadline.
        """
        # A new request may not be known on all of the service's servers yet.
        errors = PollErrors(self._reading, self._timeouts, is_new=request_id in self._submitted_here)
        sent_at = self._submitted_here.get(request_id)
        began = time.monotonic() if sent_at is None else sent_at
        is_first_look = True
        while True:
            seconds = deadline.left()
            try:
                result = look(seconds)
            except HeroError as error:
                errors.handle(error)
            else:
                if result is not None:
                    # It may have been finished long before the first look.
                    if sent_at is not None and not is_first_look:
                        self._fastest.learn(endpoint, time.monotonic() - sent_at)
                    return result
                errors.reset()
            is_first_look = False
            fastest = None if sent_at is None else self._fastest.seconds(endpoint)
            deadline.pause(pause_before_look(time.monotonic() - began, fastest=fastest, timeouts=self._timeouts))
