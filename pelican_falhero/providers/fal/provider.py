"""fal: heroes drawn by FLUX, through fal's queue and the real fal_client."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fal_client
import fal_client.auth
import httpx

from ...errors import (
    AccountError,
    ForgottenError,
    JobError,
    OutOfReachError,
    UncertainError,
    UnsentError,
)
from ...planning.request import HeroRequest
from ..base import Drawn, Patience, Status
from .credentials import HOW_TO, checked_key, sendable
from .download import download
from .responses import (
    account_error,
    job_error,
    picture_of,
    request_id_of,
    status_of,
    submit_error,
)
from .transport import (
    AnswerError,
    BrokenOffError,
    OnceClient,
    is_trusted,
    look_up,
)

FIRST_POLL = 0.2
LAST_POLL = 2.0
"""Seconds between two looks at a request; the first pictures take about a second, cold starts minutes."""
CONNECT_SECONDS = 5.0
"""How long a host that can't be reached is tried, in all."""
RECONNECT_PAUSES = (0.5, 1.0)
"""Seconds before a second and a third try to connect."""
MISSES = 5
"""How often fal must not know a request before it counts as forgotten."""
WITHHELD_SECONDS = 6.0
"""How long a result that is ready is asked for before the next build asks again."""

# fal_client warns of its backup domain, which under Pelican's --fatal warnings would raise inside of a submit.
for _name in ("fal_client", "fal_client.client", "httpx", "httpcore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class FalProvider:
    """Draws through fal's queue. Safe for threads: they share one client."""

    name = "fal"

    def __init__(self) -> None:
        self._handles: dict[str, Any] = {}
        self._taken: set[str] = set()
        self._opened: OnceClient | None = None
        self._opening = threading.Lock()

    @property
    def _client(self) -> OnceClient:
        # One thread opens it: a login is renewed here, and fal gives out each renewal once.
        with self._opening:
            if self._opened is None:
                self._opened = _open_client()
            return self._opened

    def submit(self, request: HeroRequest, patience: Patience) -> str:
        """Send the request once, and return fal's id of it.

        Raises:
            AccountError: the key, the account or the network (UnsentError): nothing was sent or taken.
            UncertainError: the request left, and fal never said what became of it.
            BusyError: fal has no room; nothing was taken.
            RefusedError, JobError: fal does not take this request.
        """
        try:
            handle = self._send(request, patience)
        except (KeyError, TypeError, ValueError) as error:
            if not self._client.transport.has_sent:
                raise JobError(f"the request can't be sent ({error})", retryable=False) from error
            return self._named(UncertainError("fal's answer could not be read"), is_taken=True)
        except AnswerError as error:
            failure = submit_error(error, request)
            if isinstance(failure, UncertainError):
                return self._named(failure)
            raise failure from error
        except UncertainError as error:
            return self._named(error)
        request_id = request_id_of(handle.request_id)
        if not request_id:
            return self._named(UncertainError("fal's answer does not name the request"), is_taken=True)
        self._taken.add(request_id)
        if is_trusted(handle.status_url) and is_trusted(handle.response_url):
            self._handles[request_id] = handle
        return request_id

    def wait(self, endpoint: str, request_id: str, patience: Patience, on_status: Callable[[Status], None]) -> Drawn:
        """Ask until the request is drawn.

        Raises:
            ForgottenError: fal does not know the request.
            OutOfReachError: it is drawn, and fal does not hand it over.
            RefusedError, JobError: it came to nothing.
            AccountError: the key no longer opens it, or fal can't be reached.
            DeadlineError, StoppedError: see Patience; the request goes on at fal.
        """
        # By the addresses that fal gave, else (after a restart, or where they were not fal's) by the id.
        handle = self._handles.get(request_id) or self._client.get_handle(endpoint, request_id)
        is_new = request_id in self._taken
        pause, misses = FIRST_POLL, 0
        unreached, withheld = _Stopwatch(CONNECT_SECONDS), _Stopwatch(WITHHELD_SECONDS)
        while True:
            self._client.transport.limit(patience.left())
            try:
                drawn = self._look(handle, on_status)
            except UnsentError:
                if unreached.has_run_out():
                    raise
            except BrokenOffError:
                pass
            except OutOfReachError:
                if withheld.has_run_out():
                    raise
            except AnswerError as error:
                if error.status in (401, 403):
                    raise account_error(error) from error
                # A new request may not be known everywhere at once.
                misses = misses + 1 if error.status == 404 and not is_new else 0
                if misses >= MISSES:
                    raise ForgottenError("fal no longer knows the request") from error
            else:
                if drawn:
                    return drawn
                unreached, withheld = _Stopwatch(CONNECT_SECONDS), _Stopwatch(WITHHELD_SECONDS)
                misses = 0
            patience.pause(pause)
            pause = min(pause * 1.5, LAST_POLL)

    def fetch(self, drawn: Drawn, target: Path, patience: Patience) -> None:
        """Bring the picture's file into ``target``.

        Raises:
            PictureError: it can't be had.
        """
        download(drawn.url, target, patience)

    def _send(self, request: HeroRequest, patience: Patience) -> Any:
        """Submit, again only where nothing was sent and there is time to connect."""
        until = time.monotonic() + CONNECT_SECONDS
        connect = CONNECT_SECONDS / 2.5
        for pause in (*RECONNECT_PAUSES, None):
            self._client.transport.limit(patience.left(), connect=connect)
            try:
                return self._client.submit(request.endpoint, request.arguments)
            except UnsentError:
                # Half of what is left for each of fal's two domains.
                connect = (until - time.monotonic() - (pause or 0.0)) / 2
                if pause is None or connect < RECONNECT_PAUSES[0]:
                    raise
                patience.pause(pause)
        raise AssertionError("unreachable")

    def _named(self, uncertain: UncertainError, *, is_taken: bool = False) -> str:
        """The id that the head of an otherwise useless answer gives: with it fal can be asked what became of it."""
        request_id = request_id_of(self._client.transport.named)
        if not request_id:
            raise uncertain
        if is_taken:
            self._taken.add(request_id)
        return request_id

    def _look(self, handle: Any, on_status: Callable[[Status], None]) -> Drawn | None:
        """One look at a request: its picture, or None while there is none."""
        try:
            status = handle.status(with_logs=True)
        except (KeyError, TypeError, ValueError):
            status = None  # not one that fal_client knows, but the result may be there
        if isinstance(status, fal_client.Queued | fal_client.InProgress):
            on_status(status_of(status))
            return None
        try:
            response = handle.client.get(handle.response_url)
        except AnswerError as error:
            if failure := job_error(error, has_failed=bool(status and status.error)):
                raise failure from error
            if status and error.status not in (401, 403, 404, 429):
                raise OutOfReachError(f"fal has drawn it and does not hand it over ({error.status})") from error
            raise
        return picture_of(response)


class _Stopwatch:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: float | None = None

    def has_run_out(self) -> bool:
        """Whether it was first asked so many seconds ago."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        return now - self._since >= self._seconds


def _open_client() -> OnceClient:
    client = OnceClient(key=checked_key())
    try:
        header = client._auth.header_value
    except fal_client.auth.MissingCredentialsError as error:
        raise AccountError(f"there are no credentials for fal: {HOW_TO}") from error
    except (OSError, ValueError) as error:
        raise AccountError(f"the login of fal can't be read ({type(error).__name__}); {HOW_TO}") from error
    except httpx.HTTPError as error:
        # A login that has expired is renewed here.
        raise UnsentError(f"fal can't be reached ({type(error).__name__}); check the network") from error
    if not sendable(header.partition(" ")[2]):
        raise AccountError(f"the credentials for fal can't be sent; {HOW_TO}")
    if not is_trusted(fal_client.client.QUEUE_URL_FORMAT):
        raise AccountError(f"FAL_QUEUE_RUN_HOST must be a host and no more, not {fal_client.auth.FAL_QUEUE_RUN_HOST}")
    look_up(CONNECT_SECONDS)
    return client
