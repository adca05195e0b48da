"""Addresses of pictures, as pages and other sites need them."""

from __future__ import annotations

import re
from urllib.parse import quote

from ..text import is_address

_PLAIN = re.compile("[A-Za-z0-9/:._-]*")
"""An address that is the same percent-encoded and escaped; most are."""

SENTINEL = "https://falhero-probe.invalid/site"
"""The SITEURL of a page that is only rendered to look where markers land."""


def web_address(url: str, siteurl: str) -> str:
    """The address of ``url`` for a page or feed that calls the site ``siteurl``, percent-encoded where it must be.

    ``siteurl`` is relative under RELATIVE_URLS; ``url`` is relative to it, or a whole address.
    """
    address = url if is_address(url) else f"{siteurl}/{url}"
    if _PLAIN.fullmatch(address):
        return address
    return quote(re.sub(r"%(?![0-9a-fA-F]{2})", "%25", address), safe="/:?#[]@!$&'()*+,;=~%")


def absolute_address(url: str, siteurl: str) -> str:
    """The same with scheme and host; ``siteurl`` has both."""
    address = web_address(url, siteurl)
    return siteurl.partition("//")[0] + address if address.startswith("//") else address
