"""What the environment tells the HTTP clients: proxies, certificates, hosts; checked before anything is bought.

httpx (fal's queue) reads ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``, requests (the pictures) reads ``REQUESTS_CA_BUNDLE``
and ``CURL_CA_BUNDLE``; both read the variables of proxies. No message shows a variable's value where it may hold a
password.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
import requests

from ...errors import AccountError
from .credentials import no_credentials

PICTURE_HOSTS = {"queue.fal.run": "v3.fal.media", "queue.falrun.com": "v3.fal.media"}
"""Where the pictures of a queue are; what other queues hand out is not known in advance."""

_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_UNVERIFIED = "CERTIFICATE_VERIFY_FAILED"


def check_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Be sure that both HTTP clients can be made of what the environment says.

    Raises:
        AccountError: they can't; the text names the variable.
    """
    if "FAL_QUEUE_RUN_HOST" in environ:
        _check_host("FAL_QUEUE_RUN_HOST", environ["FAL_QUEUE_RUN_HOST"])
    elif "FAL_RUN_HOST" in environ:
        _check_host("FAL_RUN_HOST", environ["FAL_RUN_HOST"])
    if environ.get("SSL_CERT_FILE"):
        _check_certificates("SSL_CERT_FILE", environ["SSL_CERT_FILE"])
    if bundle := bundle_variable(environ):
        _check_certificates(bundle, environ[bundle])
    _check_proxies(environ)


def bundle_variable(environ: Mapping[str, str] = os.environ) -> str:
    """The variable that says which certificates pictures are fetched with; empty where none does."""
    return next((name for name in _BUNDLES if environ.get(name)), "")


def proxy_variable(environ: Mapping[str, str] = os.environ) -> str:
    """The variable that names the proxy on the way to fal; without one it is the system that does."""
    return next((name for name in _PROXIES if environ.get(name)), "the system's proxy settings")


def is_certificate_error(error: BaseException) -> bool:
    """Whether a connection failed because the other side's certificate is not trusted."""
    return _UNVERIFIED in str(error)


def unverified_fal(environ: Mapping[str, str] = os.environ) -> str:
    """What to say where fal's certificate is not trusted."""
    name = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name)), "")
    return _unverified("fal", name, otherwise="SSL_CERT_FILE")


def unverified_pictures(host: str, environ: Mapping[str, str] = os.environ) -> AccountError:
    """The error for a picture host whose certificate is not trusted: no picture of this run could be fetched."""
    return AccountError(
        f"pictures can't be fetched: {_unverified(host, bundle_variable(environ), otherwise='REQUESTS_CA_BUNDLE')}"
    )


def _unverified(host: str, name: str, *, otherwise: str) -> str:
    if name:
        return (
            f"the certificate of {host} is not signed by the authorities in {name}; "
            f"unset {name}, or add the missing authority to it"
        )
    return (
        f"the certificate of {host} is not trusted; "
        f"where a proxy opens TLS connections, set {otherwise} to the file of its authority"
    )


def check_picture_host(queue_host: str, seconds: float) -> None:
    """Be sure that the certificate of the host that has the pictures is trusted, where a variable changes who is.

    Raises:
        AccountError: it is not. Any other failure says nothing of later downloads and is ignored.
    """
    host = PICTURE_HOSTS.get(queue_host)
    if host is None or not bundle_variable():
        return
    untrusted: list[bool] = []

    def ask() -> None:
        try:
            requests.head(f"https://{host}/", timeout=seconds, allow_redirects=False, auth=no_credentials)
        except (requests.RequestException, OSError, ValueError) as error:
            untrusted.append(is_certificate_error(error))

    if finishes_within(seconds, ask) and any(untrusted):
        raise unverified_pictures(host)


def finishes_within(seconds: float, task: Callable[[], None]) -> bool:
    """Whether a task, which no timeout of its own bounds, ends in time; it goes on in its thread where it does not."""
    done = threading.Event()

    def work() -> None:
        task()
        done.set()

    threading.Thread(target=work, daemon=True).start()
    return done.wait(seconds)


def _check_host(name: str, host: str) -> None:
    try:
        parts = urlsplit(f"https://{host}")
        usable = bool(parts.hostname) and parts.netloc == host and (parts.port or 443) > 0 and "@" not in host
    except ValueError:
        usable = False
    if not host.strip():
        raise AccountError(f"{name} is empty; unset it, or set it to the host of fal's queue")
    if not usable:
        raise AccountError(f"{name} must be a host and no more, not {host}; correct it or unset it")


def _check_certificates(name: str, value: str) -> None:
    remedy = f"unset {name}, or set it to a file of certificates in PEM format"
    path = Path(value)
    if path.is_dir() and name != "SSL_CERT_FILE":
        return
    try:
        with path.open("rb"):
            pass
        ssl.create_default_context(cafile=value)
    except ssl.SSLError as error:
        raise AccountError(f"{name} names a file that holds no certificates ({value}); {remedy}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AccountError(f"{name} names a file that can't be read ({value}: {reason}); {remedy}") from error


def _check_proxies(environ: Mapping[str, str]) -> None:
    no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if "*" in [entry.strip() for entry in no_proxy.split(",")]:
        return
    for scheme, address in getproxies().items():
        if scheme in ("http", "https", "all") and address:
            name = next((key for key in environ if key.lower() == f"{scheme}_proxy" and environ[key]), "")
            _check_proxy(name or f"the system's {scheme} proxy", address if "://" in address else f"http://{address}")


def _check_proxy(name: str, address: str) -> None:
    remedy = f"unset {name}, or set it to http://HOST:PORT"
    try:
        proxy = httpx.Proxy(address)
    except ValueError as error:
        kind = address.partition("://")[0]
        raise AccountError(f"{name} names a proxy of a kind that is not known ({kind}://); {remedy}") from error
    except httpx.InvalidURL as error:
        raise AccountError(f"{name} is not the address of a proxy; {remedy}") from error
    if not proxy.url.host:
        raise AccountError(f"{name} names no host; {remedy}")
    if proxy.url.scheme.startswith("socks") and not (find_spec("socksio") and find_spec("socks")):
        raise AccountError(
            f'{name} names a SOCKS proxy, which needs more packages: pip install "httpx[socks]" "requests[socks]"'
        )
