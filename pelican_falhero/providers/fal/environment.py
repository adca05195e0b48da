"""Check what names fal's hosts in the environment, before anything is bought."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from ...errors import AccountError
from ..http import environment

PICTURE_HOSTS = {"queue.fal.run": "v3.fal.media", "queue.falrun.com": "v3.fal.media"}
"""Host of the queue to host of its pictures; for other queues it is not known in advance."""


def check_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Check that both HTTP clients can use the environment's variables, and that those for fal's hosts are valid.

    Raises:
        AccountError: a variable is invalid; the text names it.
    """
    if "FAL_QUEUE_RUN_HOST" in environ:
        _check_host("FAL_QUEUE_RUN_HOST", environ["FAL_QUEUE_RUN_HOST"])
    elif "FAL_RUN_HOST" in environ:
        _check_host("FAL_RUN_HOST", environ["FAL_RUN_HOST"])
    environment.check_environment(environ)


def check_picture_host(queue_host: str, seconds: float) -> None:
    """Check that the certificate of a queue's picture host is trusted, if that host is known.

    Raises:
        AccountError: it is not trusted.
    """
    if host := PICTURE_HOSTS.get(queue_host):
        environment.check_picture_host(host, seconds)


def _check_host(name: str, host: str) -> None:
    try:
        parts = urlsplit(f"https://{host}")
        usable = bool(parts.hostname) and parts.netloc == host and (parts.port or 443) > 0 and "@" not in host
    except ValueError:
        usable = False
    if not host.strip():
        raise AccountError(f"{name} is empty; unset it, or set it to the host of fal's queue")
    if not usable:
        raise AccountError(f"{name} must be a host such as queue.fal.run, not {host}; correct it or unset it")
