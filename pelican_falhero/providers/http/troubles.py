"""Errors while a request is polled: decide how long to ignore each kind, and when to raise it.

Only the service's own answer, given repeatedly, that it does not know a request makes the request count as lost. Any
other error means that the picture is unavailable for now.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ...errors import AccountError, HeroError, OutOfReachError, UnsentError
from ..base import Timeouts
from .once import AnswerError, ConnectionLostError


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a service's HTTP errors are read."""

    service: str
    is_unknown: Callable[[AnswerError], bool]
    """Whether the service itself says that it does not know a request."""
    account_error: Callable[[AnswerError], AccountError]
    """What an answer says of key and account that refuses them."""
    account_statuses: frozenset[int] = frozenset({401, 403})


class PollErrors:
    """The errors of one request since its last successful poll."""

    def __init__(self, reading: Reading, timeouts: Timeouts, *, is_new: bool) -> None:
        self._reading = reading
        self._is_new = is_new
        self._unreachable = _Stopwatch(timeouts.connect)
        self._unavailable = _Stopwatch(timeouts.unavailable)
        self._unknown = _Stopwatch(timeouts.unknown_request)

    def reset(self) -> None:
        """Forget all errors, after a successful poll."""
        for stopwatch in (self._unreachable, self._unavailable, self._unknown):
            stopwatch.reset()

    def handle(self, error: HeroError) -> None:
        """Return if polling again may help.

        Raises:
            HeroError: the error has lasted too long, or polling again can't help.
        """
        if isinstance(error, UnsentError):
            self._unknown.reset()
            if self._unreachable.has_run_out():
                raise error
            return
        self._unreachable.reset()
        reading = self._reading
        if isinstance(error, AnswerError) and error.status in reading.account_statuses:
            raise reading.account_error(error) from error
        if isinstance(error, AnswerError) and reading.is_unknown(error):
            if not self._is_new and self._unknown.has_run_out():
                raise OutOfReachError(f"{reading.service} no longer knows the request", lost=True) from error
            return
        self._unknown.reset()
        if not isinstance(error, AnswerError | ConnectionLostError | OutOfReachError):
            raise error
        # A new request may still be drawn, so it gets all the time of its hero's deadline.
        if (isinstance(error, OutOfReachError) or not self._is_new) and self._unavailable.has_run_out():
            raise _out_of_reach(error) from error


def _out_of_reach(error: HeroError) -> OutOfReachError:
    if isinstance(error, OutOfReachError):
        return error
    return OutOfReachError(f"the picture can't be fetched at the moment: {error}")


class _Stopwatch:
    """Measures the time since the first call of ``has_run_out`` after ``reset``."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def reset(self) -> None:
        self._since = None

    def has_run_out(self) -> bool:
        """Whether the first call was at least this many seconds ago."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        return now - self._since >= self._seconds
