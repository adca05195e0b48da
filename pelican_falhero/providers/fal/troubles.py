"""What goes wrong while a request is waited for, and from when on it counts.

Nothing here says that a picture is lost. It says whose word there is: fal's own, that the request failed or is not
known, or none, because something keeps the picture from us.
"""

from __future__ import annotations

import time

from ...errors import HeroError, OutOfReachError, UnsentError
from ..base import Timeouts
from .responses import account_error, is_unknown
from .transport import AnswerError, ConnectionLostError


class PollErrors:
    """The troubles of one request since it was last seen to be well."""

    def __init__(self, timeouts: Timeouts, *, is_new: bool) -> None:
        self._is_new = is_new
        self._unreached = _Stopwatch(timeouts.connect)
        self._unavailable = _Stopwatch(timeouts.unavailable)
        self._unknown = _Stopwatch(timeouts.unknown_request)

    def are_over(self) -> None:
        """Fal knows the request and works on it."""
        for stopwatch in (self._unreached, self._unavailable, self._unknown):
            stopwatch.reset()

    def judge(self, error: HeroError) -> None:
        """Return where asking again may help.

        Raises:
            HeroError: it has not helped for long enough, or can't.
        """
        if isinstance(error, UnsentError):
            self._unknown.reset()
            if self._unreached.has_run_out():
                raise error
            return
        self._unreached.reset()
        if isinstance(error, AnswerError) and error.status in (401, 403):
            raise account_error(error) from error
        if isinstance(error, AnswerError) and is_unknown(error):
            if not self._is_new and self._unknown.has_run_out():
                raise OutOfReachError("fal no longer knows the request", lost=True) from error
            return
        self._unknown.reset()
        if not isinstance(error, AnswerError | ConnectionLostError | OutOfReachError):
            raise error
        # A new request that may still be drawn has all the time that its hero has.
        if (isinstance(error, OutOfReachError) or not self._is_new) and self._unavailable.has_run_out():
            raise _out_of_reach(error) from error


def _out_of_reach(error: HeroError) -> OutOfReachError:
    if isinstance(error, OutOfReachError):
        return error
    return OutOfReachError(f"the picture can't be had at the moment: {error}")


class _Stopwatch:
    """Runs from the first question to it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def reset(self) -> None:
        self._since = None

    def has_run_out(self) -> bool:
        """Whether it was first asked so many seconds ago."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        return now - self._since >= self._seconds
