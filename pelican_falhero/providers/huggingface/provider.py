"""The provider Hugging Face, through huggingface_hub's InferenceClient (an extra of this package).

There is no id: the client returns the picture. Whether a request was sent is known by the client's ``_inner_post``, a
private name, so its version is limited in pyproject.toml, and a test holds that a request is sent once.
"""

from __future__ import annotations

import datetime
import io
import os
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...debug import redacted, show_traceback, shown_request
from ...engines import ENGINES
from ...errors import AccountError, BusyError, HeroError, JobError, RefusedError, UncertainError, UnsentError
from ...planning.request import HeroRequest
from .. import base
from ..base import Deadline, Timeouts
from ..http.at_once import Answered, DrawsAtOnce
from ..http.environment import check_environment, check_name_lookup
from ..http.quiet import quiet_libraries

if TYPE_CHECKING:
    from PIL.Image import Image

_ENGINE = ENGINES["huggingface"]
_HUB = "https://huggingface.co"
"""Where the client looks a model up, unless HF_ENDPOINT names another address."""
_LONGEST_REASON = 300
"""Characters."""
_UNSENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "OfflineModeIsEnabled", "UnsupportedProtocol"}
"""Errors of the client, and of the HTTP library that it uses, after which certainly nothing was sent."""
_OWN = ("width", "height", "num_inference_steps", "guidance_scale", "negative_prompt", "seed")
"""Arguments that the client has names for; others are sent as they are."""


class HuggingFaceProvider(DrawsAtOnce):
    """Draws through Hugging Face's router. Thread-safe: each request has a client of its own."""

    name = "huggingface"

    def __init__(self, timeouts: Timeouts | None = None) -> None:
        super().__init__(timeouts or base.DEFAULT_TIMEOUTS)

    @quiet_libraries()
    def check(self) -> None:
        """Check that there are a token and the client, and that this machine can send requests. Sends none.

        Raises:
            AccountError: something is missing, or Hugging Face can't be reached; the text says how to fix it.
        """
        _token()
        if find_spec("huggingface_hub") is None:
            raise AccountError('Hugging Face needs one more package: pip install "pelican-falhero[huggingface]"')
        check_environment()
        hub = urlsplit(os.environ.get("HF_ENDPOINT", "").strip() or _HUB)
        check_name_lookup(_ENGINE.title, hub.hostname or "", self.timeouts.connect)

    def server_time(self) -> datetime.datetime | None:
        """Return None: the client does not tell, and nothing is ever fetched later."""
        return None

    @quiet_libraries()
    def submit(self, request: HeroRequest, deadline: Deadline) -> str:
        """Send the request once, wait for the picture, and return a name for it in this run.

        Raises:
            AccountError: Hugging Face refuses the token, or can't be reached (UnsentError).
            UncertainError: the request was sent, and no picture has arrived.
            BusyError: a rate limit, or the model is being loaded; this request was not accepted.
            RefusedError, JobError: it does not draw this request.
        """
        from .client import OnceClient  # noqa: PLC0415 - an extra

        arguments = request.arguments
        client = OnceClient(provider=arguments.pop("provider", "auto"), api_key=_token(), timeout=deadline.left())
        prompt = arguments.pop("prompt")
        known = {name: arguments.pop(name) for name in _OWN if name in arguments}
        try:
            with shown_request("POST", f"{_HUB}/{request.endpoint}"):
                image = client.text_to_image(prompt, model=request.endpoint, **known, extra_body=arguments)
            return self.keep(Answered(data=_bytes_of(image), seed=known.get("seed")))
        except Exception as error:
            show_traceback(error)
            raise _converted(error, request, deadline, has_sent=client.has_sent) from error


def _token() -> str:
    token = os.environ.get(_ENGINE.key_variable, "").strip()
    if not token:
        raise AccountError(f"there are no credentials for {_ENGINE.title}: {_ENGINE.how_to_set_key}")
    if not (token.startswith("hf_") and token.isascii() and token.isprintable() and " " not in token):
        # The client would send a key of another kind to the inference provider itself.
        raise AccountError(
            f"{_ENGINE.key_variable} must be a token of Hugging Face, which begins with hf_; copy it again"
        )
    return token


def _bytes_of(image: Image) -> bytes:
    """Return the bytes as they came, with content credentials if they have any; anew as PNG if they are not kept."""
    file = getattr(image, "fp", None)
    if isinstance(file, io.BytesIO):
        return file.getvalue()
    anew = io.BytesIO()
    image.save(anew, "PNG")
    return anew.getvalue()


def _converted(error: Exception, request: HeroRequest, deadline: Deadline, *, has_sent: bool) -> HeroError:
    """Convert an error of the client."""
    reason = redacted(" ".join(str(error).split()))[:_LONGEST_REASON] or type(error).__name__
    kinds = {kind.__name__ for cause in (error, error.__cause__) for kind in type(cause).__mro__}
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return _by_status(status, reason, error, request)
    if kinds & _UNSENT:
        return UnsentError(f"Hugging Face can't be reached ({reason}); check the network")
    if not has_sent:
        if isinstance(error, ValueError):
            # No inference provider has the model, for example.
            return JobError(f"Hugging Face does not draw with {request.endpoint}: {reason}", retryable=False)
        return UnsentError(f"Hugging Face can't be asked ({reason}); check the network")
    if deadline.at <= time.monotonic():
        return UncertainError(f"Hugging Face has sent no picture within {deadline.timeout:g} s (FALHERO_TIMEOUT)")
    return UncertainError(f"Hugging Face's answer did not arrive ({reason})")


def _by_status(status: int, reason: str, error: Any, request: HeroRequest) -> HeroError:
    match status:
        case 401 | 403:
            return AccountError(f"Hugging Face refuses the token ({status}): {reason}; {_ENGINE.how_to_set_key}")
        case 402:
            return AccountError(f"Hugging Face has no credit left (402): {reason}")
        case 404:
            return JobError(f"Hugging Face does not know the model {request.endpoint}", retryable=False)
        case 429 | 503:
            seconds = error.response.headers.get("retry-after", "")
            return BusyError(reason, retry_after=float(seconds) if seconds.isdecimal() else 0.0)
        case 400 | 422:
            return RefusedError(reason, charged=False)
    return UncertainError(f"Hugging Face answered {status} ({reason}), so it may have charged for it")
