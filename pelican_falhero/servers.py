"""A server of the author's own, or one that is named by its address: checks of its settings, as in ``validators``."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from .validators import text


def address(value: object) -> str:
    """Check the address of a server's API; a slash at its end is removed. Empty: none."""
    if value == "":
        return ""
    url = text(value).rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f'must be an address such as "http://localhost:8080/v1", without a key in it, not {value!r}')
    return url


def host(value: object) -> str:
    """Check the name of a host, without scheme and port. Empty: none."""
    if value == "":
        return ""
    name = text(value).lower()
    try:
        usable = urlsplit(f"http://{name}").hostname == name.strip("[]")
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f'must be the name of a host such as "gpu.lan", not {value!r}')
    return name.strip("[]")


def variable(value: object) -> str:
    """Check the name of an environment variable. Empty: none."""
    if value == "":
        return ""
    if not isinstance(value, str) or not (value.isascii() and value.isidentifier()):
        raise ValueError('must be the name of an environment variable such as "OPENAI_API_KEY", not the key itself')
    return value


def model(value: object) -> str:
    """Check a model's name at a server, which may be any word."""
    name = text(value)
    if len(name.split()) > 1:
        raise ValueError(f"must be a model's name at the server, not {value!r}")
    return name


def is_at_home(url: str, own_host: str) -> bool:
    """Whether a server is on this machine, or is the host that the author calls their own."""
    name = urlsplit(url).hostname or ""
    if name and name in (own_host, "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
