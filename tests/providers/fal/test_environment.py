"""Proxies, certificates and hosts of the environment: what can't work is found before anything is bought."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import fal_faults
import pytest
import trustme
from blog import Blog, Built
from fal_server import FalServer
from fal_timeouts import shortened
from promises import assert_all_there, assert_sound, uncertain, write_posts

from pelican_falhero.errors import AccountError
from pelican_falhero.providers.fal.environment import check_environment

POSTS = 3


def assert_nothing_bought(blog: Blog, fal: FalServer, built: Built, *told: str) -> None:
    """The build succeeds with one message that holds these words; nothing was charged, nothing counts as spent."""
    assert_sound(blog, fal, built)
    (warning,) = [line for line in built.output.splitlines() if line.startswith("falhero: ")]
    assert warning.startswith(f"falhero: {POSTS} heroes not made: "), warning
    assert [words for words in told if words not in warning] == [], warning
    assert built.tally == f"heroes: 0 there, {POSTS} cards (failed), $0.00"
    assert fal.charges == 0
    assert uncertain(blog) == []
    assert sum(event.get("usd") or 0 for event in blog.events() if event["event"] != "submitting") == 0
    assert len({event["attempt"] for event in blog.events()}) <= 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files that variables may name: one that is no certificate, one of another authority."""
    (tmp_path / "not.pem").write_text("no certificate\n")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    return tmp_path


# The names of proxies are in lower case, for there an empty one, which the environment of these builds has, wins.
WORTHLESS = [
    ("SSL_CERT_FILE", "FOLDER/missing.pem", "SSL_CERT_FILE names a file that can't be read (FOLDER/missing.pem"),
    ("SSL_CERT_FILE", "FOLDER", "SSL_CERT_FILE names a file that can't be read"),
    ("SSL_CERT_FILE", "FOLDER/not.pem", "SSL_CERT_FILE names a file without certificates"),
    ("SSL_CERT_FILE", "FOLDER/other.pem", "is not signed by an authority in SSL_CERT_FILE; unset SSL_CERT_FILE"),
    ("REQUESTS_CA_BUNDLE", "FOLDER/missing.pem", "REQUESTS_CA_BUNDLE names a file that can't be read"),
    ("REQUESTS_CA_BUNDLE", "FOLDER/not.pem", "REQUESTS_CA_BUNDLE names a file without certificates"),
    ("CURL_CA_BUNDLE", "FOLDER/missing.pem", "CURL_CA_BUNDLE names a file that can't be read"),
    ("https_proxy", "foo://me:pass@bar", "https_proxy names a proxy of an unknown type (foo://); unset"),
    ("https_proxy", "http://me:pass@bar:port", "https_proxy is not a valid proxy address"),
    ("https_proxy", "http://", "https_proxy contains no host"),
    ("all_proxy", "socks5://me:pass@localhost:1", "all_proxy names a SOCKS proxy, which needs more packages"),
    ("FAL_QUEUE_RUN_HOST", "", "FAL_QUEUE_RUN_HOST is empty; unset it"),
    (
        "FAL_QUEUE_RUN_HOST",
        "localhost:port",
        "FAL_QUEUE_RUN_HOST must be a host such as queue.fal.run, not localhost:port",
    ),
    (
        "FAL_QUEUE_RUN_HOST",
        "localhost/path",
        "FAL_QUEUE_RUN_HOST must be a host such as queue.fal.run, not localhost/path",
    ),
]


@pytest.mark.parametrize(("name", "value", "told"), [row for row in WORTHLESS if row[1] != "FOLDER/other.pem"])
def test_a_variable_that_can_not_work_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    """What can be seen without a connection is an error before one is opened, and shows no password."""
    for variable, text in {"NO_PROXY": "", "no_proxy": "", name: value.replace("FOLDER", str(folder))}.items():
        monkeypatch.setenv(variable, text)
    with pytest.raises(AccountError) as caught:
        check_environment()
    assert told.replace("FOLDER", str(folder)) in str(caught.value)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        *(WORTHLESS[row] for row in (3, 6, 7)),
        *(pytest.param(*WORTHLESS[row], marks=pytest.mark.long) for row in (0, 4, 11)),
    ],
)
def test_a_variable_that_can_not_work_costs_nothing(
    blog: Blog, fal: FalServer, folder: Path, name: str, value: str, told: str
) -> None:
    """Certificates, proxies and hosts that can't be used end the run at the first hero, with what to do about it."""
    write_posts(blog, POSTS)
    blog.configure(shortened(connect=1.0))
    environment = fal.environment() | {name: value.replace("FOLDER", str(folder))}
    if name == "CURL_CA_BUNDLE":
        environment["REQUESTS_CA_BUNDLE"] = ""
    if name.lower().endswith("_proxy"):
        environment |= {"NO_PROXY": "", "no_proxy": ""}
    built = blog.build(env=environment)
    assert_nothing_bought(blog, fal, built, told.replace("FOLDER", str(folder)))
    assert "pass" not in built.output
    assert not fal.requests_of("submit")


@pytest.fixture
def proxy() -> Iterator[str]:
    """The address of a proxy that refuses every connection with a 403."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    client.recv(65_536)
                    client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_proxy_that_refuses_the_connection_costs_nothing(blog: Blog, fal: FalServer, proxy: str) -> None:
    """A proxy that turns CONNECT away has passed nothing on, and it is the proxy's variable that is named."""
    write_posts(blog, POSTS)
    blog.configure(shortened(connect=1.0))
    built = blog.build(
        env=fal.environment() | {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "", "no_proxy": ""}
    )
    assert_nothing_bought(blog, fal, built, "the proxy refuses the connection (403 Forbidden)", "check https_proxy")


def test_an_unusable_proxy_that_nothing_goes_through_is_no_obstacle(blog: Blog, fal: FalServer) -> None:
    """Where NO_PROXY excludes every host, the other variables are as good as not set."""
    titles = write_posts(blog, 1)
    assert_sound(blog, fal, blog.build(env=fal.environment() | {"https_proxy": "foo://bar"}))
    assert_all_there(blog, titles)


def known_picture_host(queue: str, pictures: str) -> str:
    """Source that says where the pictures of a queue are, as is known of fal's own."""
    return f"from pelican_falhero.providers.fal import environment; environment.PICTURE_HOSTS[{queue!r}] = {pictures!r}"


def test_a_picture_host_of_another_authority_is_found_before_buying(blog: Blog, fal: FalServer, folder: Path) -> None:
    """Where REQUESTS_CA_BUNDLE does not vouch for fal's pictures, none is paid for."""
    write_posts(blog, POSTS)
    blog.configure(known_picture_host(fal.host, fal.cdn_host))
    built = blog.build(env=fal.environment() | {"REQUESTS_CA_BUNDLE": str(folder / "other.pem")})
    told = "is not signed by an authority in REQUESTS_CA_BUNDLE; unset REQUESTS_CA_BUNDLE"
    assert_nothing_bought(blog, fal, built, "pictures can't be fetched: the certificate of localhost", told)
    assert not fal.requests


@pytest.mark.parametrize("trouble", ["none", "refused", "silent"])
def test_only_a_certificate_keeps_a_run_from_buying(blog: Blog, fal: FalServer, trouble: str) -> None:
    """A picture host that is there, or has another trouble before the run, is asked once and keeps nobody waiting."""
    titles = write_posts(blog, 2)
    host = "localhost:1" if trouble == "refused" else fal.foreign_host
    if trouble == "silent":
        fal.faults.add("connect", fal_faults.stall_handshake(), nth=1)
    blog.configure(known_picture_host(fal.host, host) + "\n" + shortened(connect=0.5))
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert sum(request.door == "foreign" for request in fal.requests) == (trouble == "none")


def test_a_picture_that_comes_from_an_untrusted_host_halts_the_run(blog: Blog, fal: FalServer, folder: Path) -> None:
    """A certificate that shows only at the first download is said at once, and what was paid for waits for its cure."""
    titles = write_posts(blog, POSTS)
    blog.configure(FALHERO_CONCURRENCY=1)
    built = blog.build(env=fal.environment() | {"REQUESTS_CA_BUNDLE": str(folder / "other.pem")})
    assert_sound(blog, fal, built)
    assert "is not signed by an authority in REQUESTS_CA_BUNDLE" in built.line("falhero: ")
    paid = fal.charges
    assert paid < POSTS
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == POSTS
