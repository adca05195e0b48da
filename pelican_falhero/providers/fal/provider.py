"""The provider fal: FLUX draws heroes, through fal's queue and fal_client."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import fal_client
import fal_client.auth
import httpx

from ...debug import show_traceback
from ...errors import AccountError, HeroError, JobError, OutOfReachError, UncertainError, UnsentError
from ...planning.request import HeroRequest
from .. import base
from ..base import Deadline, RemotePicture, RemoteText, Status, Timeouts, backoff
from ..http.download import download, picture_session
from ..http.environment import check_name_lookup
from ..http.headers import fits_header
from ..http.once import AnswerError
from ..http.opened_once import OpenedOnce
from ..http.polling import Poller
from ..http.quiet import quiet_libraries
from .credentials import HOW_TO_SET_KEY, checked_key
from .environment import check_environment, check_picture_host
from .responses import READING, job_error, picture_of, request_id_of, status_of, submit_error, text_of
from .transport import OnceClient, is_trusted

T = TypeVar("T")


class FalProvider:
    """Draws through fal's queue. Thread-safe: all threads share one client."""

    name = "fal"
    keeps_requests = True

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        self.timeouts = timeouts or base.DEFAULT_TIMEOUTS
        self._handles: dict[str, Any] = {}
        self._poller = Poller(READING, self.timeouts)
        self._pictures = picture_session()
        # Only one thread opens it: that may renew a login, and fal accepts each renewal only once.
        self._opening = OpenedOnce(lambda: _open_client(self.timeouts))

    @property
    def _client(self) -> OnceClient:
        return self._opening.get()

    @quiet_libraries()
    def check(self) -> None:
        """Open the client and check that this machine can send requests and fetch pictures. Sends no request.

        Raises:
            AccountError: the key is missing or invalid, or fal or its pictures can't be reached.
        """
        _ = self._client

    def server_time(self) -> datetime.datetime | None:
        """Return fal's time (UTC): the ``Date`` header of fal's last answer to this thread; None if there was none."""
        return self._opening.opened.transport.server_time if self._opening.opened else None

    @quiet_libraries()
    def submit(self, request: HeroRequest, deadline: Deadline) -> str:
        """Send the request once, and return fal's id for it.

        Raises:
            AccountError: fal refuses the key or the account, or can't be reached (UnsentError); nothing was bought.
            UncertainError: the request was sent, but fal may or may not have accepted it.
            BusyError: fal has too many requests; this one was not accepted.
            RefusedError, JobError: fal does not accept this request.
        """
        try:
            handle = self._send(request, deadline)
        except (KeyError, TypeError, ValueError) as error:
            show_traceback(error)
            if not self._client.transport.has_sent:
                raise JobError(f"the request can't be sent ({error})", retryable=False) from error
            return self._recover_request_id(UncertainError("fal's answer could not be read"), is_accepted=True)
        except AnswerError as error:
            failure = submit_error(error, request)
            if isinstance(failure, UncertainError):
                return self._recover_request_id(failure)
            raise failure from error
        except UncertainError as error:
            return self._recover_request_id(error)
        except HeroError:
            raise
        except Exception as error:
            show_traceback(error)
            if not self._client.transport.has_sent:
                raise UnsentError(f"nothing could be sent to fal ({type(error).__name__}: {error})") from error
            return self._recover_request_id(UncertainError("fal's answer could not be read"), is_accepted=True)
        request_id = request_id_of(handle.request_id)
        if not request_id:
            return self._recover_request_id(UncertainError("fal's answer contains no request id"), is_accepted=True)
        self._poller.submitted(request_id, self._client.transport.sent_at)
        if is_trusted(handle.status_url) and is_trusted(handle.response_url):
            self._handles[request_id] = handle
        return request_id

    @quiet_libraries()
    def wait(
        self, endpoint: str, request_id: str, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> RemotePicture:
        """Poll until the picture is finished.

        Raises:
            OutOfReachError: fal has answered for ``timeouts.unknown_request`` seconds that it does not know the
                request (then ``lost`` is true), or the picture was unavailable for ``timeouts.unavailable`` seconds.
            RefusedError, JobError: fal says that the request failed.
            AccountError: fal refuses the key, or can't be reached.
            DeadlineError: see Deadline; fal continues to work on the request.
        """
        return self._wait_for(picture_of, endpoint, request_id, deadline, on_status)

    @quiet_libraries()
    def wait_for_text(self, endpoint: str, request_id: str, deadline: Deadline) -> RemoteText:
        """Poll until a language model has answered.

        Raises:
            HeroError: as ``wait``.
        """
        return self._wait_for(text_of, endpoint, request_id, deadline, lambda status: None)

    def _wait_for(
        self,
        read: Callable[[httpx.Response], T],
        endpoint: str,
        request_id: str,
        deadline: Deadline,
        on_status: Callable[[Status], None],
    ) -> T:
        """Poll until a request is finished, and return what ``read`` finds in its result."""
        # Use the addresses from fal's answer to the submit. After a restart, or if they were not fal's, use the id.
        handle = self._handles.get(request_id) or self._client.get_handle(endpoint, request_id)

        def look(seconds: float) -> T | None:
            self._client.transport.limit(seconds)
            response = self._poll(handle, on_status)
            return None if response is None else read(response)

        return self._poller.wait(look, endpoint, request_id, deadline)

    @quiet_libraries()
    def fetch(self, drawn: RemotePicture, target: Path, deadline: Deadline) -> None:
        """Download the picture into the existing file ``target``.

        Raises:
            PictureError, AssetsError, AccountError, DeadlineError: see ``download``.
        """
        download(drawn.url, target, deadline, self.timeouts, session=self._pictures)

    def _send(self, request: HeroRequest, deadline: Deadline) -> Any:
        """Submit; retry only if nothing was sent and there is still time to connect."""
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
                # Half of the remaining time for each of fal's two domains.
                connect = (until - now - pause) / 2
                if connect < self.timeouts.connect / 10:
                    raise
                deadline.pause(pause)

    def _recover_request_id(self, uncertain: UncertainError, *, is_accepted: bool = False) -> str:
        """Return the request id from the headers of an unusable answer, so that the request can be polled.

        Args:
            uncertain: the error to raise if there is no id.
            is_accepted: whether fal has certainly accepted the request.
        """
        request_id = request_id_of(self._client.transport.request_id)
        if not request_id:
            raise uncertain
        if is_accepted:
            self._poller.submitted(request_id, self._client.transport.sent_at)
        return request_id

    def _poll(self, handle: Any, on_status: Callable[[Status], None]) -> httpx.Response | None:
        """Poll a request once; return the answer with its result, or None if it is not finished."""
        try:
            status = handle.status(with_logs=True)
        except (KeyError, TypeError, ValueError, RecursionError):
            status = None  # fal_client does not know this status, but the result may exist
        if isinstance(status, fal_client.Queued | fal_client.InProgress):
            on_status(status_of(status))
            return None
        try:
            response: httpx.Response = handle.client.get(handle.response_url)
        except AnswerError as error:
            if failure := job_error(error, has_failed=bool(status and status.error)):
                raise failure from error
            if status and error.status not in (401, 403, 404, 429):
                raise OutOfReachError(f"fal has finished, but can't deliver it now (HTTP {error.status})") from error
            raise
        return response


def _open_client(timeouts: Timeouts) -> OnceClient:
    try:
        return _opened_client(timeouts)
    except AccountError:
        raise
    except Exception as error:
        # A problem that check_environment does not find; nothing was sent.
        show_traceback(error)
        raise AccountError(
            f"fal's client can't be opened ({type(error).__name__}: {error}); check the variables for "
            "proxies and certificates: HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE"
        ) from error


def _opened_client(timeouts: Timeouts) -> OnceClient:
    check_environment()
    client = OnceClient(key=checked_key(), timeouts=timeouts)
    try:
        header = client._auth.header_value
    except fal_client.auth.MissingCredentialsError as error:
        raise AccountError(f"there are no credentials for fal: {HOW_TO_SET_KEY}") from error
    except (OSError, ValueError) as error:
        raise AccountError(f"the fal login can't be read ({type(error).__name__}); {HOW_TO_SET_KEY}") from error
    except httpx.HTTPError as error:
        # This happens while an expired login is renewed.
        raise UnsentError(f"fal can't be reached ({type(error).__name__}); check the network") from error
    if not fits_header(header.partition(" ")[2]):
        raise AccountError(f"the credentials for fal contain characters that can't be sent; {HOW_TO_SET_KEY}")
    if not is_trusted(fal_client.client.QUEUE_URL_FORMAT):
        raise AccountError(
            f"FAL_QUEUE_RUN_HOST must be a host such as queue.fal.run, not {fal_client.auth.FAL_QUEUE_RUN_HOST}"
        )
    _ = client._client
    check_name_lookup("fal", urlsplit(f"https://{fal_client.auth.FAL_QUEUE_RUN_HOST}").hostname or "", timeouts.connect)
    check_picture_host(fal_client.auth.FAL_QUEUE_RUN_HOST.lower(), timeouts.connect)
    return client
