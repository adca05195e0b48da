"""What all threads share and the first one opens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ...errors import AccountError

T = TypeVar("T")


class OpenedOnce(Generic[T]):
    """Opens a client when it is first asked for. Thread-safe."""

    def __init__(self, opener: Callable[[], T]) -> None:
        self._opener = opener
        self._lock = threading.Lock()
        self._error: AccountError | None = None
        self.opened: T | None = None
        """The client; None as long as it is not open."""

    def get(self) -> T:
        """Return the client.

        Raises:
            AccountError: it can't be opened. Each thread gets the same error, which took its time.
        """
        with self._lock:
            if self._error:
                raise self._error
            if self.opened is None:
                try:
                    self.opened = self._opener()
                except AccountError as error:
                    self._error = error
                    raise
            return self.opened
