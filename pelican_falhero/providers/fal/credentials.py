"""fal's credentials: check for them without importing fal_client."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ...engines import ENGINES, FAL
from ...errors import AccountError
from ..http.headers import fits_header

HOW_TO_SET_KEY = ENGINES[FAL].how_to_set_key


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


def _token_file(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("FAL_HOME_DIR") or Path.home() / ".fal").expanduser() / "auth0_token"
