"""The provider for servers that speak OpenAI's images API, among them one's own GPU.

There is no id: the answer to the request is the picture. It is waited for as long as ``FALHERO_TIMEOUT`` allows, and
can't be asked for again if it does not arrive.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from ...engines import model_at
from ...errors import AccountError, DeadlineError, UncertainError
from ...planning.request import HeroRequest
from ...settings import Settings
from .. import base
from ..base import Deadline, RemotePicture, Timeouts
from ..http.api import Api
from ..http.at_once import DrawsAtOnce
from ..http.download import MAX_BYTES
from ..http.environment import check_environment, check_name_lookup
from ..http.headers import fits_header
from ..http.once import AnswerError
from ..http.opened_once import OpenedOnce
from ..http.quiet import quiet_libraries
from .responses import Server, picture_in

_OPENAI = "api.openai.com"
_MAX_ANSWER = MAX_BYTES * 3 // 2
"""Bytes; a picture takes a third more as Base64."""


class OpenAIProvider(DrawsAtOnce):
    """Draws through ``POST /images/generations`` behind ``FALHERO_BASE_URL``. Thread-safe."""

    name = "openai"

    def __init__(self, settings: Settings, timeouts: Timeouts | None = None) -> None:
        self._base = settings.base_url
        origin = self._base if self._base.startswith("http:") else ""
        super().__init__(timeouts or base.DEFAULT_TIMEOUTS, plain_origin=origin)
        parts = urlsplit(self._base)
        self._host, self._port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        self._key_name = settings.api_key_name
        key = os.environ.get(self._key_name, "").strip() if self._key_name else ""
        self._server = Server(
            name=f"the server at {parts.netloc}",
            is_own=settings.draws_at_home,
            how_to_set_key=_how_to_set_key(self._key_name),
            key=key,
        )
        self._api = OpenedOnce(self._open_api)

    @quiet_libraries()
    def check(self) -> None:
        """Check that the key is there, if one is named, and that this machine can send requests. Sends none.

        Raises:
            AccountError: the key is missing or invalid, or the server's name can't be looked up.
        """
        key = self._server.key
        if self._key_name and not key:
            raise AccountError(f"there is no key for {self._server.name}: {self._server.how_to_set_key}")
        if key and not fits_header(key):
            raise AccountError(f"{self._key_name} contains characters that are not allowed in a key; copy it again")
        check_environment()
        check_name_lookup(self._server.name, self._host, self.timeouts.connect, self._port)
        self._api.get()

    def server_time(self) -> datetime.datetime | None:
        """Return the server's time (UTC) in its last answer to this thread; None if there was none."""
        return self._api.opened.server_time if self._api.opened else None

    @quiet_libraries()
    def submit(self, request: HeroRequest, deadline: Deadline) -> str:
        """Send the request once, wait for the picture, and return a name for it in this run.

        Raises:
            AccountError: the server refuses the key, does not draw at this address, or can't be reached (UnsentError).
            UncertainError: the request was sent, and no picture has arrived.
            BusyError: it takes no requests now; this one was not accepted.
            RefusedError, JobError: it does not draw this request.
        """
        content = self._content(request)
        try:
            response = self._api.get().post(
                "/images/generations",
                content,
                deadline,
                seconds=deadline.left(),
                max_answer=_MAX_ANSWER,
            )
        except AnswerError as error:
            raise self._server.submit_error(error) from error
        except UncertainError as error:
            raise self._late(deadline) or error from error
        answered = picture_in(response)
        if answered is None:
            raise UncertainError(f"the answer of {self._server.name} contains no picture")
        seed = content.get("seed")
        return self.keep(replace(answered, seed=seed if isinstance(seed, int) else None))

    @quiet_libraries()
    def fetch(self, drawn: RemotePicture, target: Path, deadline: Deadline) -> None:
        """Write or download the picture; see ``DrawsAtOnce``."""
        super().fetch(drawn, target, deadline)

    def _late(self, deadline: Deadline) -> UncertainError | None:
        """The error when the time is over; None if it is not."""
        try:
            deadline.left()
        except DeadlineError:
            return UncertainError(
                f"{self._server.name} has sent no picture within {deadline.timeout:g} s (FALHERO_TIMEOUT)"
            )
        return None

    def _open_api(self) -> Api:
        key = self._server.key
        headers = {"User-Agent": "pelican-falhero"} | ({"Authorization": f"Bearer {key}"} if key else {})
        return Api(self._server.name, self._base, headers=headers, timeouts=self.timeouts)

    def _content(self, request: HeroRequest) -> dict[str, object]:
        """What is sent for a request. OpenAI refuses what its schema does not have, and always sends the bytes."""
        content = {"model": request.endpoint, "n": 1, **request.arguments}
        if self._host != _OPENAI:
            content = {"response_format": "b64_json"} | content
        model = model_at(self.name, request.endpoint)
        if model and not model.seeds:
            content.pop("seed", None)
        return content


def _how_to_set_key(name: str) -> str:
    return (
        f"set {name}, which FALHERO_API_KEY_NAME names"
        if name
        else ("if it needs a key, name its environment variable in FALHERO_API_KEY_NAME")
    )
