"""What a theme's field must hold so that the address that the theme makes of it is a picture's."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from .addresses import SENTINEL
from .hero import Picture

PREFIX_OF_FORM: Mapping[str, str] = {"path": f"{SENTINEL}/", "url": "", "images": f"{SENTINEL}/images/"}
"""The forms of FALHERO_FIELDS as what a theme writes in front of the field."""

_ABSOLUTE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


def field_text(picture: Picture, prefix: str, *, siteurl: str) -> str | None:
    """The text behind ``prefix`` with which it is the picture's address; None where there is none.

    Args:
        picture: what to show.
        prefix: what the theme writes in front of the field, with ``SENTINEL`` for SITEURL.
        siteurl: Pelican's setting.
    """
    siteurl = siteurl.rstrip("/")
    url = picture.url.removeprefix(f"{siteurl}/") if siteurl else picture.url
    elsewhere = bool(_ABSOLUTE.match(url))
    # The whole address, or one from the server's root, also under RELATIVE_URLS: a list shows the same text on pages of
    # every depth, where none that is relative to the page is right. Without a SITEURL the root is where Pelican's own
    # server, the one place for such a build, has the site.
    whole = url if elsewhere else f"{siteurl}/{url}"
    if not prefix:
        return whole
    if siteurl and f"{prefix}/".startswith(f"{siteurl}/"):  # made by the site's settings
        prefix = SENTINEL + prefix.removeprefix(siteurl)
    if prefix.startswith(SENTINEL):
        return None if elsewhere else _from(prefix.removeprefix(SENTINEL), f"/{url}")
    if prefix.startswith("/") and not prefix.startswith("//"):
        return None if elsewhere else _from(prefix, f"{urlsplit(siteurl).path}/{url}")
    return whole.removeprefix(prefix) if whole.startswith(prefix) else None


def _from(prefix: str, path: str) -> str:
    """``path`` as it is written behind ``prefix``; browsers resolve ``..`` by the text alone."""
    prefix = re.sub("/{2,}", "/", prefix)
    if path.startswith(prefix):
        return path.removeprefix(prefix)
    return ("" if prefix.endswith("/") else "/") + posixpath.relpath(path, prefix)
