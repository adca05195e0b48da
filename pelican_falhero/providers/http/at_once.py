"""Engines whose answer to a request is the picture."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...errors import AssetsError, OutOfReachError
from ..base import Deadline, DrawsOnly, RemotePicture, Status, Timeouts
from .download import download, picture_session


@dataclass(frozen=True)
class Answered:
    """A picture as it was sent: its bytes, or an address to download it from."""

    data: bytes = b""
    url: str = ""
    seed: int | None = None
    """The seed that was sent and is honoured."""


class DrawsAtOnce(DrawsOnly):
    """What providers share that keep no requests: pictures that have arrived, until they are saved."""

    keeps_requests = False

    def __init__(self, timeouts: Timeouts, *, plain_origin: str = "") -> None:
        """``plain_origin`` is the address of a server that may send pictures over plain http."""
        self.timeouts = timeouts
        self._plain_origin = plain_origin
        self._pictures = picture_session()
        self._answers: dict[str, Answered] = {}

    def keep(self, answered: Answered) -> str:
        """Keep a picture until it is fetched, and return a name for it in this run."""
        name = uuid.uuid4().hex
        self._answers[name] = answered
        return name

    def wait(
        self, endpoint: str, request_id: str, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> RemotePicture:
        """Return the picture, which has arrived.

        Raises:
            OutOfReachError: another run has asked for it (then ``lost`` is true).
        """
        if request_id not in self._answers:
            raise OutOfReachError("a picture that another build has asked for is not kept anywhere", lost=True)
        return RemotePicture(request_id, seed=self._answers[request_id].seed)

    def fetch(self, drawn: RemotePicture, target: Path, deadline: Deadline) -> None:
        """Write the picture into the existing file ``target``; download it without a key if only its address came.

        Raises:
            AssetsError: it can't be written.
            PictureError, AccountError, DeadlineError: see ``download``.
        """
        answered = self._answers.pop(drawn.url)
        if answered.url:
            download(
                answered.url,
                target,
                deadline,
                self.timeouts,
                session=self._pictures,
                plain_origin=self._plain_origin,
            )
            return
        try:
            target.write_bytes(answered.data)
        except OSError as error:
            raise AssetsError.of(target.parent, error) from error
