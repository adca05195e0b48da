"""fal's credentials: check for them without importing fal_client."""

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
    """Whether fal_client would find credentials: in the environment, or from `fal auth login`."""
    return bool(key_of(environ)) or _token_file(environ).is_file()


def key_of(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the key in the environment, without white space around it; None if there is none."""
    if environ.get("FAL_FORCE_AUTH_BY_USER") == "1":
        return None
    key = environ.get("FAL_KEY", "").strip()
    if not key and environ.get("FAL_KEY_ID", "").strip() and environ.get("FAL_KEY_SECRET", "").strip():
        key = f"{environ['FAL_KEY_ID'].strip()}:{environ['FAL_KEY_SECRET'].strip()}"
    return key or None


def checked_key(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return ``key_of`` if it can be sent in an HTTP header.

    Raises:
        AccountError: it can't. (The error of an HTTP library would show the key.)
    """
    key = key_of(environ)
    if key is not None and not fits_header(key):
        raise AccountError(
            f"FAL_KEY contains characters that are not allowed in a key; copy it again: {HOW_TO_SET_KEY}"
        )
    return key


def fits_header(key: str) -> bool:
    """Whether a key can be sent in an HTTP header."""
    return bool(_KEY.fullmatch(key))


def no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no credentials. As ``auth`` it stops requests from reading credentials from ~/.netrc."""
    return request


def _token_file(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("FAL_HOME_DIR") or Path.home() / ".fal").expanduser() / "auth0_token"
