"""The provider Replicate: FLUX draws heroes, through predictions.

A prediction is created without waiting for it (no ``Prefer: wait``): if the connection breaks while an answer with the
picture is awaited, its id is not known, and the picture is lost. The ``replicate`` package is not used, since it sends
a submit again by itself.
"""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

from ...engines import ENGINES
from ...errors import AccountError, UncertainError
from ...planning.request import HeroRequest
from .. import base
from ..base import Deadline, DrawsOnly, RemotePicture, Status, Timeouts
from ..http.api import Api
from ..http.download import download, picture_session
from ..http.environment import check_environment, check_name_lookup
from ..http.headers import fits_header
from ..http.once import AnswerError
from ..http.opened_once import OpenedOnce
from ..http.polling import Poller
from ..http.quiet import quiet_libraries
from .responses import READING, picture_of, prediction_id_of, submit_error

_ENGINE = ENGINES["replicate"]
_HOST_VARIABLE = "REPLICATE_API_BASE_URL"
"""Names another address of the API, as for Replicate's own client."""
_HOST = "https://api.replicate.com"


class ReplicateProvider(DrawsOnly):
    """Draws through Replicate's predictions. Thread-safe: all threads share one client."""

    name = "replicate"
    keeps_requests = True

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        self.timeouts = timeouts or base.DEFAULT_TIMEOUTS
        self._poller = Poller(READING, self.timeouts)
        self._pictures = picture_session()
        self._api = OpenedOnce(lambda: _open_api(self.timeouts))

    @quiet_libraries()
    def check(self) -> None:
        """Check that there is a token and that this machine can send requests. Sends none.

        Raises:
            AccountError: the token is missing or invalid, or Replicate can't be reached.
        """
        self._api.get()

    def server_time(self) -> datetime.datetime | None:
        """Return Replicate's time (UTC) in its last answer to this thread; None if there was none."""
        return self._api.opened.server_time if self._api.opened else None

    @quiet_libraries()
    def submit(self, request: HeroRequest, deadline: Deadline) -> str:
        """Send the request once, and return the prediction's id.

        Raises:
            AccountError: Replicate refuses the token or the account, or can't be reached (UnsentError).
            UncertainError: the request was sent, but Replicate may or may not have accepted it.
            BusyError: too many requests; this one was not accepted.
            RefusedError, JobError: Replicate does not accept this request.
        """
        sent_at = time.monotonic()
        path = f"/models/{quote(request.endpoint)}/predictions"
        try:
            response = self._api.get().post(path, {"input": request.arguments}, deadline, seconds=self.timeouts.submit)
        except AnswerError as error:
            raise submit_error(error, request) from error
        prediction_id = prediction_id_of(response)
        if not prediction_id:
            raise UncertainError("Replicate's answer contains no prediction id")
        self._poller.submitted(prediction_id, sent_at)
        return prediction_id

    @quiet_libraries()
    def wait(
        self, endpoint: str, request_id: str, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> RemotePicture:
        """Poll until the picture is finished.

        Raises:
            OutOfReachError: Replicate has deleted the picture or answers that it does not know the prediction (then
                ``lost`` is true), or the picture was unavailable for ``timeouts.unavailable`` seconds.
            RefusedError, JobError: Replicate says that the prediction failed.
            AccountError: Replicate refuses the token, or can't be reached.
            DeadlineError: see Deadline; Replicate continues to work on the prediction.
        """

        def look(seconds: float) -> RemotePicture | None:
            found = picture_of(self._api.get().get(f"/predictions/{quote(request_id, safe='')}", seconds))
            if isinstance(found, Status):
                on_status(found)
                return None
            return found

        return self._poller.wait(look, endpoint, request_id, deadline)

    @quiet_libraries()
    def fetch(self, drawn: RemotePicture, target: Path, deadline: Deadline) -> None:
        """Download the picture, from a public address and without the token, into the existing file ``target``.

        Raises:
            PictureError, AssetsError, AccountError, DeadlineError: see ``download``.
        """
        download(drawn.url, target, deadline, self.timeouts, session=self._pictures)


def _open_api(timeouts: Timeouts) -> Api:
    token = os.environ.get(_ENGINE.key_variable, "").strip()
    if not token:
        raise AccountError(f"there are no credentials for {_ENGINE.title}: {_ENGINE.how_to_set_key}")
    if not fits_header(token):
        raise AccountError(f"{_ENGINE.key_variable} contains characters that are not allowed in a token; copy it again")
    check_environment()
    host = os.environ.get(_HOST_VARIABLE, "").strip() or _HOST
    parts = urlsplit(host)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise AccountError(f"{_HOST_VARIABLE} must be an address such as {_HOST}; correct it or unset it")
    check_name_lookup(_ENGINE.title, parts.hostname, timeouts.connect, parts.port or 443)
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "pelican-falhero"}
    return Api(_ENGINE.title, f"{host.rstrip('/')}/v1", headers=headers, timeouts=timeouts)
