"""Credentials in HTTP headers: those that are ours, and none that the libraries would add."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

_KEY = re.compile(r"[!-~]+")


def fits_header(key: str) -> bool:
    """Whether a key can be sent in an HTTP header. (The error of an HTTP library would show one that can't.)"""
    return bool(_KEY.fullmatch(key))


def no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no credentials. As ``auth`` it stops requests from reading credentials from ~/.netrc."""
    return request
