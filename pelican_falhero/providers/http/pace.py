"""When to look at a request: seldom until the fastest one so far was finished, then often, then less and less."""

from __future__ import annotations

import threading

from ..base import Timeouts, backoff

LONGEST_SHARE = 0.1
"""The longest pause between two looks, as a share of the time since the submit."""
SHORTEST_SHARE = 0.02
"""The shortest pause, as a share of the time since the submit, around the time at which a request may be finished."""
CLOSEST = 0.02
"""The shortest pause, in seconds, around that time."""


class Fastest:
    """How long the fastest request of each endpoint took in this run. Thread-safe."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    def learn(self, endpoint: str, seconds: float) -> None:
        """Remember that a request was seen to be finished so many seconds after its submit."""
        with self._lock:
            self._seconds[endpoint] = min(seconds, self._seconds.get(endpoint, seconds))

    def seconds(self, endpoint: str) -> float | None:
        """Return the seconds from submit to end; None if no request of this endpoint was seen to end."""
        return self._seconds.get(endpoint)


def pause_before_look(waited: float, *, fastest: float | None, timeouts: Timeouts) -> float:
    """Return the seconds from a look, ``waited`` seconds after the submit, to the next one.

    Without ``fastest`` a request is seen to be finished within a tenth of its time. With it, each look halves the time
    that is left until then, so that requests which take equally long are seen within a few hundredths; later the pauses
    grow to a tenth again. A request that is faster than all before it may be seen late, but never later than they were.
    """
    if fastest is None:
        return backoff(waited, share=LONGEST_SHARE, shortest=timeouts.poll_shortest, longest=timeouts.poll_longest)
    pause = abs(fastest - waited) / 2
    if waited > fastest:
        pause = min(pause, LONGEST_SHARE * waited)
    closest = max(SHORTEST_SHARE * max(waited, fastest), CLOSEST)
    return min(max(pause, closest), timeouts.poll_longest)
