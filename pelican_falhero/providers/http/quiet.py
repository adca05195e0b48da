"""Silences what HTTP libraries log about our own requests; the same libraries' other users are heard as always.

Under Pelican's ``--fatal warnings`` a logged warning is an exception, in worker threads too: fal_client's about its
backup domain, or urllib3's about an odd answer, would end a submit half-way and lose a picture that is paid for.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType

from ...debug import show

_LIBRARIES = frozenset(
    {"fal_client", "httpx", "httpcore", "urllib3", "requests", "huggingface_hub", "httpx2", "httpcore2"}
)
# With pelican --debug, Python's warnings are logged too, by a logger of this name.
_WARNINGS = "py.warnings"
# Python's own methods take the place of Pelican 4.11's, to which a warning is fatal even if a filter drops it.
_METHODS = (logging.Logger.warning, logging.Logger.error)

_lock = threading.Lock()
_calls = 0


class _OwnCalls(logging.Filter):
    """Drops the records of threads that are in a call of ours; debugging shows the warnings among them."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        is_own = getattr(self.thread, "is_in_call", False)
        if is_own and record.levelno >= logging.WARNING:
            show(f"{record.name}: {record.getMessage()}")
        return not is_own


_own_calls = _OwnCalls()


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silence the libraries in this thread. May be nested; also a decorator. Leaves nothing behind after the last."""
    global _calls  # noqa: PLW0603 - loggers are global too
    was_in_call = getattr(_own_calls.thread, "is_in_call", False)
    with _lock:
        _calls += 1
        # At each call, because some loggers are not made before the first request. Adding one twice does nothing.
        for logger in _library_loggers():
            logger.addFilter(_own_calls)
            vars(logger).update({method.__name__: MethodType(method, logger) for method in _METHODS})
    _own_calls.thread.is_in_call = True
    try:
        yield
    finally:
        _own_calls.thread.is_in_call = was_in_call
        with _lock:
            _calls -= 1
            if not _calls:
                for logger in _library_loggers():
                    logger.removeFilter(_own_calls)
                    for method in _METHODS:
                        vars(logger).pop(method.__name__, None)


def _library_loggers() -> list[logging.Logger]:
    # A filter holds for one logger and not for those below it, so each needs it.
    loggers = list(logging.root.manager.loggerDict.items())
    return [
        logger
        for name, logger in loggers
        if isinstance(logger, logging.Logger) and (name.partition(".")[0] in _LIBRARIES or name == _WARNINGS)
    ]
