"""What ``--verbose`` and ``FALHERO_DEBUG=1`` show on standard error: requests and tracebacks, and never a secret."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from .engines import ENGINES

VARIABLE = "FALHERO_DEBUG"

_CREDENTIALS = re.compile(r"\b(Bearer|Key|Basic) [!-~]{16,}")
_DATA_URI = re.compile(r'(data:[\w/+.-]*(?:;[\w=.-]*)*,)[^"\s]*')
# What is behind the question mark of a LoRA's address, for example, may be a token.
_QUERY = re.compile(r'(https?://[^\s"?]*\?)[^\s"]*')
_CONTROL_CHARACTER = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@dataclass
class Answer:
    """What is known of the answer to a request while it is being made."""

    status: int | None = None
    """None: there was no answer."""
    request_id: str = ""
    """fal's id."""


def is_on() -> bool:
    """Whether anything is shown."""
    return os.environ.get(VARIABLE, "") not in ("", "0")


def turn_on() -> None:
    """Show everything from now on, in this process and those that it starts."""
    os.environ[VARIABLE] = "1"


def hint() -> str:
    """How to see more, as the end of a message; empty when it is shown already."""
    return "" if is_on() else f" ({VARIABLE}=1 shows more)"


def show(text: str) -> None:
    """Print a text on standard error, without secrets; nothing when this is off. Never raises an error."""
    if not is_on():
        return
    clean = _CREDENTIALS.sub(r"\1 ***", redacted(text))
    clean = _CONTROL_CHARACTER.sub(lambda found: f"\\x{ord(found[0]):02x}", clean)
    # It may be called between a submit and the note of its id, so a closed terminal must not end it.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        stream = sys.stderr
        if not stream.isatty():
            # While rich shows a bar on standard output, what goes to sys.stderr is printed there.
            stream = getattr(stream, "rich_proxied_file", stream)
        encoding = stream.encoding or "utf-8"
        stream.write(f"falhero: {clean}\n".encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()


def show_traceback(error: BaseException) -> None:
    """Show where an unexpected error comes from."""
    if is_on():
        show("".join(traceback.format_exception(error)).rstrip())


@contextmanager
def shown_request(method: str, url: object, body: bytes = b"") -> Iterator[Answer]:
    """Show the request that is made inside: its address, status, seconds, fal's id and the arguments in ``body``.

    Pictures are cut from the arguments, and queries from addresses.
    """
    answer, began, problem = Answer(), time.monotonic(), ""
    try:
        yield answer
    except BaseException as error:
        problem = f"{type(error).__name__}: {error}"
        raise
    finally:
        if is_on():
            status = str(answer.status or "no answer")
            seconds = f"{time.monotonic() - began:.2f} s"
            identity = answer.request_id and f"request {answer.request_id}"
            parts = filter(None, [status, seconds, identity, problem, _arguments(body)])
            show(f"{method} {_address(str(url))}: {', '.join(parts)}")


def _arguments(body: bytes) -> str:
    return _QUERY.sub(r"\1…", _DATA_URI.sub(r"\1…", body.decode(errors="replace")))


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an invalid address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def redacted(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Replace the environment's secrets in a text with ``***``, in case an engine's answer repeats one."""
    for name in ("FAL_KEY_SECRET", *(engine.key_variable for engine in ENGINES.values())):
        secret = environ.get(name, "").strip()
        for part in (secret, secret.partition(":")[2]):
            if len(part) > 3:
                text = text.replace(part, "***")
    return text
