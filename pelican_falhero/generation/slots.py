"""The slots of a run: how many requests may be in the provider's queue, or be drawn, at the same time."""

from __future__ import annotations

import threading

from ..providers.base import Deadline


class Slot:
    """One hero's slot, of a run's ``FALHERO_CONCURRENCY``. It may be taken and freed again, each several times."""

    def __init__(self, slots: threading.BoundedSemaphore) -> None:
        self._slots = slots
        self._is_held = False

    def take(self, deadline: Deadline | None = None) -> None:
        """Wait until a slot is free, and take it; nothing if the hero has one.

        Raises:
            DeadlineError: see Deadline.
        """
        while not self._is_held:
            self._is_held = self._slots.acquire(timeout=deadline.left() if deadline else None)

    def free(self) -> None:
        """Let another hero have the slot, if this hero has one."""
        if self._is_held:
            self._is_held = False
            self._slots.release()
