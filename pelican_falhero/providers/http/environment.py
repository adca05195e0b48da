"""Check the environment's variables for the HTTP clients (proxies, certificates) before anything is bought.

httpx (the services) reads ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``, requests (the pictures) reads ``REQUESTS_CA_BUNDLE``
and ``CURL_CA_BUNDLE``; both read the proxy variables. Messages never show a value that may contain a password.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.request import getproxies

import httpx
import requests

from ...debug import shown_request
from ...errors import AccountError, UnsentError
from .headers import no_credentials
from .quiet import quiet_libraries

_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CERTIFICATE_ERROR = "CERTIFICATE_VERIFY_FAILED"


def check_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Check that both HTTP clients can use the environment's variables.

    Raises:
        AccountError: a variable is invalid; the text names it.
    """
    if environ.get("SSL_CERT_FILE"):
        _check_certificates("SSL_CERT_FILE", environ["SSL_CERT_FILE"])
    if bundle := bundle_variable(environ):
        _check_certificates(bundle, environ[bundle])
    _check_proxies(environ)


def bundle_variable(environ: Mapping[str, str] = os.environ) -> str:
    """Return the variable that names the trusted certificates for pictures; empty if none is set."""
    return next((name for name in _BUNDLES if environ.get(name)), "")


def proxy_variable(environ: Mapping[str, str] = os.environ) -> str:
    """Return the variable that names the proxy; the system's settings if none is set."""
    return next((name for name in _PROXIES if environ.get(name)), "the system's proxy settings")


def is_certificate_error(error: BaseException) -> bool:
    """Whether a connection failed because the server's certificate is not trusted."""
    return _CERTIFICATE_ERROR in str(error)


def untrusted_service(service: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return the message for a certificate of a service that is not trusted."""
    name = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if environ.get(name)), "")
    return _untrusted(service, name, otherwise="SSL_CERT_FILE")


def untrusted_pictures(host: str, environ: Mapping[str, str] = os.environ) -> AccountError:
    """Return the error for a picture host with an untrusted certificate: no picture of this run can be fetched."""
    return AccountError(
        f"pictures can't be fetched: {_untrusted(host, bundle_variable(environ), otherwise='REQUESTS_CA_BUNDLE')}"
    )


def _untrusted(host: str, name: str, *, otherwise: str) -> str:
    if name:
        return (
            f"the certificate of {host} is not signed by an authority in {name}; "
            f"unset {name}, or add the missing authority to its file"
        )
    return (
        f"the certificate of {host} is not trusted; "
        f"if a proxy decrypts TLS connections, set {otherwise} to the file with its authority"
    )


def check_picture_host(host: str, seconds: float) -> None:
    """Check that the picture host's certificate is trusted, if a variable changes the trusted certificates.

    Raises:
        AccountError: it is not trusted. Other failures are ignored: a later download may still succeed.
    """
    if not bundle_variable():
        return
    untrusted: list[bool] = []

    @quiet_libraries()
    def connect() -> None:
        try:
            with shown_request("HEAD", f"https://{host}/") as answer:
                response = requests.head(
                    f"https://{host}/", timeout=seconds, allow_redirects=False, auth=no_credentials
                )
                answer.status = response.status_code
        except (requests.RequestException, OSError, ValueError) as error:
            untrusted.append(is_certificate_error(error))

    if finishes_within(seconds, connect) and any(untrusted):
        raise untrusted_pictures(host)


def check_name_lookup(service: str, host: str, seconds: float, port: int = 443) -> None:
    """Check that a name lookup answers, with success or an error. Without network it may take minutes, and httpx has no
    timeout for it.

    Raises:
        UnsentError: there was no answer within this time.
    """
    if {"https", "all"} & getproxies().keys():
        return  # the proxy looks up the names

    def resolve() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            socket.getaddrinfo(host, port)

    if not finishes_within(seconds, resolve):
        raise UnsentError(f"{service} can't be reached (the name lookup of {host} timed out); check the network")


def finishes_within(seconds: float, task: Callable[[], None]) -> bool:
    """Run a task that has no timeout in a thread; return whether it ended in time. If not, the thread continues."""
    done = threading.Event()

    def work() -> None:
        task()
        done.set()

    threading.Thread(target=work, daemon=True).start()
    return done.wait(seconds)


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
        raise AccountError(f"{name} names a file without certificates ({value}); {remedy}") from error
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
        raise AccountError(f"{name} names a proxy of an unknown type ({kind}://); {remedy}") from error
    except httpx.InvalidURL as error:
        raise AccountError(f"{name} is not a valid proxy address; {remedy}") from error
    if not proxy.url.host:
        raise AccountError(f"{name} contains no host; {remedy}")
    if proxy.url.scheme.startswith("socks") and not (find_spec("socksio") and find_spec("socks")):
        raise AccountError(
            f'{name} names a SOCKS proxy, which needs more packages: pip install "httpx[socks]" "requests[socks]"'
        )
