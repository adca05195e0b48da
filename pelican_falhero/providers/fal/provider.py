"""fal: heroes drawn by FLUX, through fal's queue and the real fal_client."""

from __future__ import annotations

import datetime
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fal_client
import fal_client.auth
import httpx

from ...errors import AccountError, HeroError, JobError, OutOfReachError, UncertainError, UnsentError
from ...planning.request import HeroRequest
from .. import base
from ..base import Deadline, RemotePicture, Status, Timeouts, backoff
from .credentials import HOW_TO_SET_KEY, checked_key, fits_header
from .download import download
from .environment import check_environment, check_picture_host
from .responses import job_error, picture_of, request_id_of, status_of, submit_error
from .transport import AnswerError, OnceClient, check_name_lookup, is_trusted
from .troubles import PollErrors

POLL_SHARE = 0.1
"""A request is looked at again after this share of the time that it has taken, so that no hero waits much longer."""

# fal_client warns of its backup domain, which under Pelican's --fatal warnings would raise inside of a submit.
for _name in ("fal_client", "fal_client.client", "httpx", "httpcore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class FalProvider:
    """Draws through fal's queue. Safe for threads: they share one client."""

    name = "fal"

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        self.timeouts = timeouts or base.DEFAULT_TIMEOUTS
        self._handles: dict[str, Any] = {}
        self._taken: set[str] = set()
        self._opened: OnceClient | AccountError | None = None
        self._opening = threading.Lock()

    @property
    def _client(self) -> OnceClient:
        # One thread opens it: a login is renewed here, and fal gives out each renewal once.
        with self._opening:
            if self._opened is None:
                try:
                    self._opened = _open_client(self.timeouts)
                except AccountError as error:
                    # For all threads: each would wait as long for the same.
                    self._opened = error
                except Exception as error:
                    # Whatever check_environment does not know of; nothing was sent.
                    self._opened = AccountError(
                        f"fal's client can't be opened ({type(error).__name__}: {error}); check the variables of "
                        "proxies and certificates: HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE"
                    )
            if isinstance(self._opened, AccountError):
                raise self._opened
            return self._opened

    def check(self) -> None:
        """Open the client, once, and be sure that this machine can send requests and fetch pictures; sends none.

        Raises:
            AccountError: the key, or a variable of the environment that keeps fal or its pictures out of reach.
        """
        _ = self._client

    def server_time(self) -> datetime.datetime | None:
        """fal's own time (UTC): the Date header of the last answer that this thread got from one of fal's hosts."""
        return self._opened.transport.server_time if isinstance(self._opened, OnceClient) else None

    def submit(self, request: HeroRequest, deadline: Deadline) -> str:
        """Send the request once, and return fal's id of it.

        Raises:
            AccountError: the key, the account or the network (UnsentError): nothing was sent or taken.
            UncertainError: the request left, and fal never said what became of it.
            BusyError: fal has no room; nothing was taken.
            RefusedError, JobError: fal does not take this request.
        """
        try:
            handle = self._send(request, deadline)
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
        except HeroError:
            raise
        except Exception as error:
            if not self._client.transport.has_sent:
                raise UnsentError(f"nothing could be sent to fal ({type(error).__name__}: {error})") from error
            return self._named(UncertainError("fal's answer could not be read"), is_taken=True)
        request_id = request_id_of(handle.request_id)
        if not request_id:
            return self._named(UncertainError("fal's answer does not name the request"), is_taken=True)
        self._taken.add(request_id)
        if is_trusted(handle.status_url) and is_trusted(handle.response_url):
            self._handles[request_id] = handle
        return request_id

    def wait(
        self, endpoint: str, request_id: str, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> RemotePicture:
        """Ask until the request is drawn.

        Raises:
            OutOfReachError: fal has answered for ``timeouts.unknown_request`` seconds that it does not know the
                request (then ``lost`` is true), or the picture was unavailable for ``timeouts.unavailable`` seconds.
            RefusedError, JobError: fal says that the request failed.
            AccountError: fal refuses the key, or can't be reached.
            DeadlineError: see Deadline; fal continues to work on the request.
        """
        # By the addresses that fal gave, else (after a restart, or where they were not fal's) by the id.
        handle = self._handles.get(request_id) or self._client.get_handle(endpoint, request_id)
        # A new request may not be known everywhere at once.
        troubles = PollErrors(self.timeouts, is_new=request_id in self._taken)
        began = time.monotonic()
        while True:
            self._client.transport.limit(deadline.left())
            try:
                drawn = self._look(handle, on_status)
            except HeroError as error:
                troubles.judge(error)
            else:
                if drawn:
                    return drawn
                troubles.are_over()
            deadline.pause(
                backoff(
                    time.monotonic() - began,
                    share=POLL_SHARE,
                    shortest=self.timeouts.poll_shortest,
                    longest=self.timeouts.poll_longest,
                )
            )

    def fetch(self, drawn: RemotePicture, target: Path, deadline: Deadline) -> None:
        """Bring the picture's file into ``target``.

        Raises:
            PictureError: it can't be had.
            AccountError: no picture can be fetched on this machine.
        """
        download(drawn.url, target, deadline, self.timeouts)

    def _send(self, request: HeroRequest, deadline: Deadline) -> Any:
        """Submit, again only where nothing was sent and there is time to connect."""
        began = time.monotonic()
        until = began + self.timeouts.connect
        connect = self.timeouts.connect / 2.5
        while True:
            self._client.transport.limit(deadline.left(), connect=connect)
            try:
                return self._client.submit(request.endpoint, request.arguments)
            except UnsentError:
                now = time.monotonic()
                pause = backoff(now - began, shortest=self.timeouts.retry_shortest, longest=self.timeouts.retry_longest)
                # Half of what is left for each of fal's two domains.
                connect = (until - now - pause) / 2
                if connect < self.timeouts.connect / 10:
                    raise
                deadline.pause(pause)

    def _named(self, uncertain: UncertainError, *, is_taken: bool = False) -> str:
        """The id that the head of an otherwise useless answer gives: with it fal can be asked what became of it."""
        request_id = request_id_of(self._client.transport.named)
        if not request_id:
            raise uncertain
        if is_taken:
            self._taken.add(request_id)
        return request_id

    def _look(self, handle: Any, on_status: Callable[[Status], None]) -> RemotePicture | None:
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


def _open_client(timeouts: Timeouts) -> OnceClient:
    check_environment()
    client = OnceClient(key=checked_key(), timeouts=timeouts)
    try:
        header = client._auth.header_value
    except fal_client.auth.MissingCredentialsError as error:
        raise AccountError(f"there are no credentials for fal: {HOW_TO_SET_KEY}") from error
    except (OSError, ValueError) as error:
        raise AccountError(f"the login of fal can't be read ({type(error).__name__}); {HOW_TO_SET_KEY}") from error
    except httpx.HTTPError as error:
        # A login that has expired is renewed here.
        raise UnsentError(f"fal can't be reached ({type(error).__name__}); check the network") from error
    if not fits_header(header.partition(" ")[2]):
        raise AccountError(f"the credentials for fal can't be sent; {HOW_TO_SET_KEY}")
    if not is_trusted(fal_client.client.QUEUE_URL_FORMAT):
        raise AccountError(f"FAL_QUEUE_RUN_HOST must be a host and no more, not {fal_client.auth.FAL_QUEUE_RUN_HOST}")
    _ = client._client
    check_name_lookup(timeouts.connect)
    check_picture_host(fal_client.auth.FAL_QUEUE_RUN_HOST.lower(), timeouts.connect)
    return client
