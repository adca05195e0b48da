"""Download a picture: https only, no credentials, limited in size and time, resumed if the connection breaks."""

from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from ...debug import shown_request
from ...errors import AccountError, AssetsError, PictureError
from ..base import DEFAULT_TIMEOUTS, Deadline, Timeouts, backoff
from .environment import bundle_variable, is_certificate_error, untrusted_pictures
from .headers import no_credentials

MAX_BYTES = 64 * 1024 * 1024
TRIES = 6
MAX_REDIRECTS = 5
MAX_CONNECTIONS = 64
"""Connections to a picture host that are kept for further downloads: as many as FALHERO_CONCURRENCY allows."""
CHUNK = 64 * 1024

_PARTIAL = 206
_OK = 200
_NOT_FOUND = 404
_GONE = 410
_NOT_SATISFIABLE = 416
_SERVER_ERROR = 500
_RETRY = {408, 425, 429}


class _BrokenTransferError(Exception):
    """The transfer failed, and a retry may succeed."""


def picture_session() -> requests.Session:
    """Return a session without credentials and cookies. Several threads may download with it at the same time.

    Each new connection loads the trusted certificates again, which takes longer than to receive a picture.
    """
    session = requests.Session()
    session.auth = no_credentials
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    session.mount("https://", HTTPAdapter(pool_maxsize=MAX_CONNECTIONS))
    return session


def download(
    url: str,
    target: Path,
    deadline: Deadline,
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
    *,
    session: requests.Session | None = None,
    plain_origin: str = "",
) -> None:
    """Download ``url`` into the existing file ``target``, with a session of its own or a given ``picture_session``.

    The address is https, unless it is one of ``plain_origin``. After a broken connection, a timeout or an HTTP 5xx the
    download is resumed, or started again if the server can't resume it, after growing pauses.

    Raises:
        PictureError: the download failed; polling the request again may give another address.
        AssetsError: the file can't be written.
        AccountError: the host's certificate is not trusted, or the file of trusted certificates can't be read.
        DeadlineError: see Deadline.
    """
    if session is None:
        with picture_session() as own:
            return download(url, target, deadline, timeouts, session=own, plain_origin=plain_origin)
    transfer = _Transfer(session, url, target, deadline, timeouts)
    transfer.plain_origin = plain_origin
    waited = 0.0
    for turn in range(TRIES):
        if turn:
            pause = backoff(waited, shortest=timeouts.retry_shortest, longest=timeouts.retry_longest)
            deadline.pause(pause)
            waited += pause
        try:
            transfer.resume()
        except _BrokenTransferError as error:
            reason = str(error)
        except OSError as error:
            raise AssetsError.of(target.parent, error) from error
        else:
            return None
    if reason == f"HTTP {_NOT_FOUND}":
        raise PictureError(f"{_host(url)} no longer has the picture's file")
    raise PictureError(f"the picture could not be downloaded ({reason})")


class _Transfer:
    """The download of one file, over one or more connections."""

    def __init__(
        self, session: requests.Session, url: str, target: Path, deadline: Deadline, timeouts: Timeouts
    ) -> None:
        self._session = session
        self._url = url
        self._target = target
        self._deadline = deadline
        self._timeouts = timeouts
        self._received = 0
        self._etag = ""
        self.plain_origin = ""
        """The address of a server over plain http that may have the picture as well; empty: none."""

    def resume(self) -> None:
        """Download the part that is still missing, over one connection.

        Raises:
            _BrokenTransferError: a retry may succeed.
            PictureError, AccountError: it will not.
        """
        headers = {"Accept": "image/png, image/*;q=0.9", "Accept-Encoding": "identity"}
        if self._received:
            headers["Range"] = f"bytes={self._received}-"
            if self._etag:
                headers["If-Range"] = self._etag
        with self._follow_redirects(headers) as response:
            status = response.status_code
            if status == _NOT_SATISFIABLE:
                self._received = 0
                raise _BrokenTransferError("the file changed while it was fetched")
            if status >= _SERVER_ERROR or status in _RETRY or status == _NOT_FOUND:
                # A new file may not be on all servers yet, so a 404 is retried.
                raise _BrokenTransferError(f"HTTP {status}")
            if status == _GONE:
                raise PictureError(f"{_host(self._url)} no longer has the picture's file")
            if status not in (_OK, _PARTIAL):
                raise PictureError(f"the picture could not be downloaded (HTTP {status})")
            if status == _PARTIAL and not response.headers.get("Content-Range", "").startswith(
                f"bytes {self._received}-"
            ):
                self._received = 0
                raise _BrokenTransferError("the server sent the wrong part")
            if status == _OK:
                self._received = 0
            self._etag = response.headers.get("ETag", "")
            self._copy(response)

    def _follow_redirects(self, headers: dict[str, str]) -> requests.Response:
        """Return the answer after all redirects, each of which must be https, or of the plain origin."""
        url = self._url
        for _ in range(MAX_REDIRECTS + 1):
            if not (url.lower().startswith("https://") or _is_of(self.plain_origin, url)):
                raise PictureError(f"the picture's address is not https ({_scheme(url)})")
            response = self._get(url, headers)
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
        raise PictureError("the picture's address redirects too often")

    def _get(self, url: str, headers: dict[str, str]) -> requests.Response:
        timeout = (self._timeouts.connect, min(self._timeouts.stall, self._deadline.left()))
        try:
            with shown_request("GET", url) as answer:
                response = self._session.get(
                    url,
                    headers=headers,
                    stream=True,
                    timeout=timeout,
                    allow_redirects=False,
                    # Over plain http a server is asked directly, and not through a proxy.
                    proxies={"http": ""},
                )
                answer.status = response.status_code
                return response
        except (requests.ConnectionError, requests.Timeout) as error:
            if is_certificate_error(error):
                raise untrusted_pictures(_host(url)) from error
            raise _BrokenTransferError(type(error).__name__) from error
        except (requests.RequestException, ValueError) as error:
            # An invalid address, or a redirect to one: e.g. no host, or a port that is not a number.
            raise PictureError(f"the picture's address is invalid ({type(error).__name__})") from error
        except OSError as error:
            name = bundle_variable() or "REQUESTS_CA_BUNDLE"
            raise AccountError(f"pictures can't be fetched: the certificates in {name} can't be read") from error

    def _copy(self, response: requests.Response) -> None:
        length = response.headers.get("Content-Length", "")
        self._check_size(self._received + int(length) if length.isdecimal() else 0)
        with self._target.open("rb+") as file:
            file.seek(self._received)
            file.truncate()
            try:
                # read1 returns any bytes that have arrived, so that the deadline also holds for a very slow server.
                while chunk := response.raw.read1(CHUNK, decode_content=True):
                    self._deadline.left()
                    self._check_size(self._received + len(chunk))
                    file.write(chunk)
                    self._received += len(chunk)
            except HTTPError as error:
                raise _BrokenTransferError(type(error).__name__) from error
        if not self._received:
            raise _BrokenTransferError("the answer was empty")

    def _check_size(self, size: int) -> None:
        if size > MAX_BYTES:
            raise PictureError(f"the picture is larger than {MAX_BYTES // 2**20} MiB")


def _is_of(origin: str, url: str) -> bool:
    """Whether an address is of the same scheme, host and port as an origin."""
    try:
        return bool(origin) and urlsplit(url)[:2] == urlsplit(origin)[:2]
    except ValueError:
        return False


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme or "none"
    except ValueError:
        return "none"


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the pictures"
