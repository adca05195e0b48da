"""fal's credentials: whether there are any, without importing fal_client, and how to keep them out of sight."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import AccountError

if TYPE_CHECKING:
    import requests

HOW_TO_SET_KEY = "set FAL_KEY (https://fal.ai/dashboard/keys) or run `fal auth login`"

_KEY = re.compile(r"[!-~]+")


def are_present(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether fal_client would find credentials: in the environment, or where `fal auth login` leaves them."""
    return bool(key_of(environ)) or _token_file(environ).is_file()


def key_of(environ: Mapping[str, str] = os.environ) -> str | None:
    """The key that the environment holds, without the white space that pasting adds; None where it holds none."""
    if environ.get("FAL_FORCE_AUTH_BY_USER") == "1":
        return None
    key = environ.get("FAL_KEY", "").strip()
    if not key and environ.get("FAL_KEY_ID", "").strip() and environ.get("FAL_KEY_SECRET", "").strip():
        key = f"{environ['FAL_KEY_ID'].strip()}:{environ['FAL_KEY_SECRET'].strip()}"
    return key or None


def checked_key(environ: Mapping[str, str] = os.environ) -> str | None:
    """``key_of``, once it is sure that it can travel in a header.

    Raises:
        AccountError: it can't. An HTTP library would say so by showing it.
    """
    key = key_of(environ)
    if key is not None and not fits_header(key):
        raise AccountError(f"FAL_KEY holds characters that no key has; copy it again: {HOW_TO_SET_KEY}")
    return key


def fits_header(key: str) -> bool:
    """Whether this can travel in a header."""
    return bool(_KEY.fullmatch(key))


def redacted(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """``text`` without any secret of the environment, should an answer ever repeat one."""
    for name in ("FAL_KEY", "FAL_KEY_SECRET"):
        secret = environ.get(name, "").strip()
        for part in (secret, secret.partition(":")[2]):
            if len(part) > 3:
                text = text.replace(part, "***")
    return text


def no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An ``auth`` that adds nothing: with one of its own, requests does not look into ~/.netrc for the host."""
    return request


def _token_file(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("FAL_HOME_DIR") or Path.home() / ".fal").expanduser() / "auth0_token"
