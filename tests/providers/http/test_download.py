"""Downloads: https only, without credentials, bounded, and resumed where a transfer breaks."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fal_faults
import pytest
import requests
import responses
from builders import disk_full_at
from fal_exchange import Fault
from fal_server import FalServer
from responses import RequestsMock

from pelican_falhero.errors import AccountError, AssetsError, DeadlineError, PictureError
from pelican_falhero.providers.base import Deadline
from pelican_falhero.providers.http.download import MAX_BYTES, MAX_REDIRECTS, TRIES, download, picture_session
from pelican_falhero.storage.images import make_png

URL = "https://cdn.example/files/picture.png"
DATA = bytes(range(256)) * 1000


@dataclass(frozen=True)
class Hurried(Deadline):
    """Has a minute, does not wait, and remembers for how long it should have."""

    at: float = field(default_factory=lambda: time.monotonic() + 60)
    pauses: list[float] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        """Go on at once."""
        self.pauses.append(seconds)
        self.left()


@pytest.fixture
def cdn() -> Iterator[RequestsMock]:
    """A CDN that answers what a test tells it to, in that order, and nothing that it was not told."""
    with RequestsMock(registry=responses.registries.OrderedRegistry) as mock:
        yield mock


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """The empty file that a picture is brought into."""
    path = tmp_path / "picture"
    path.touch()
    return path


def dashed(headers: dict[str, str]) -> dict[str, str]:
    """The headers by their real names."""
    return {name.replace("_", "-"): value for name, value in headers.items()}


def answer(
    cdn: RequestsMock, status: int = 200, body: bytes | Exception = DATA, url: str = URL, **headers: str
) -> None:
    """Have the CDN answer the next request; underscores in names of headers stand for dashes."""
    cdn.add(responses.GET, url, status=status, body=body, headers=dashed(headers))


def broken(cdn: RequestsMock, brought: int, **headers: str) -> None:
    """Have the CDN promise the whole picture and break off after so many bytes."""
    headers["Content_Length"] = str(len(DATA))
    cdn.add(responses.GET, URL, body=DATA[:brought], headers=dashed(headers))


def rest(cdn: RequestsMock, start: int, **headers: str) -> None:
    """Have the CDN send the rest of the picture."""
    headers.setdefault("Content_Range", f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")
    cdn.add(responses.GET, URL, status=206, body=DATA[start:], headers=dashed(headers))


def asked(cdn: RequestsMock, name: str) -> list[str | None]:
    """What the requests said in one header, in order."""
    return [call.request.headers.get(name) for call in cdn.calls]


# What goes well.


def test_a_picture_is_brought_whole(cdn: RequestsMock, target: Path) -> None:
    """One request brings the file as it is, asks for an image, and for no compression of it."""
    answer(cdn)
    deadline = Hurried()
    download(URL, target, deadline)
    assert target.read_bytes() == DATA
    assert deadline.pauses == []
    (accepted,), (encoding,) = asked(cdn, "Accept"), asked(cdn, "Accept-Encoding")
    assert accepted
    assert accepted.startswith("image/png")
    assert encoding == "identity"


def test_an_address_may_point_to_another(cdn: RequestsMock, target: Path) -> None:
    """Redirects are followed, relative ones too, up to a number of them."""
    for number in range(MAX_REDIRECTS):
        url = URL if number == 0 else f"https://cdn.example/files/{number}"
        answer(cdn, 302, b"", url=url, Location=f"/files/{number + 1}")
    answer(cdn, url=f"https://cdn.example/files/{MAX_REDIRECTS}")
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA


# What must not be.


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example/files/picture.png",
        "ftp://cdn.example/picture.png",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "//cdn.example/files/picture.png",
        "picture.png",
        "",
    ],
)
def test_an_address_that_is_not_https_is_refused(cdn: RequestsMock, target: Path, url: str) -> None:
    """Nothing is sent anywhere in the clear, and no file of this machine is taken for a picture."""
    with pytest.raises(PictureError, match="not https"):
        download(url, target, Hurried())
    assert len(cdn.calls) == 0


def test_a_redirect_to_http_is_refused(cdn: RequestsMock, target: Path) -> None:
    """What begins encrypted stays encrypted."""
    answer(cdn, 301, b"", Location="http://cdn.example/files/picture.png")
    with pytest.raises(PictureError, match="not https"):
        download(URL, target, Hurried())
    assert len(cdn.calls) == 1


@pytest.mark.parametrize("location", ["https://[", "https://cdn.example:port/", "https://"])
def test_an_address_that_is_none_is_an_error_of_the_picture(cdn: RequestsMock, target: Path, location: str) -> None:
    """Whatever a server writes as an address, it is an error that the rest of the run knows how to take."""
    cdn.assert_all_requests_are_fired = False
    for _ in range(TRIES):
        answer(cdn, 302, b"", Location=location)
    with pytest.raises(PictureError):
        download(URL, target, Hurried())


def test_redirects_in_circles_end(cdn: RequestsMock, target: Path) -> None:
    """A redirect to itself is followed a few times and not tried again."""
    for _ in range(MAX_REDIRECTS + 1):
        answer(cdn, 302, b"", Location=URL)
    with pytest.raises(PictureError, match="redirects too often"):
        download(URL, target, Hurried())


def test_no_credentials_are_sent(cdn: RequestsMock, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither fal's key, nor a name in the address, nor what a user's ~/.netrc has for the host goes along."""
    monkeypatch.setenv("FAL_KEY", "id:secret")
    netrc = Path.home() / ".netrc"
    netrc.write_text("default login somebody password something\n")
    netrc.chmod(0o600)
    assert requests.utils.get_netrc_auth(URL), "a session left to itself would send this"
    answer(cdn, 302, b"", url="https://user:password@cdn.example/from", Location="https://other.example/to")
    answer(cdn, url="https://other.example/to")
    download("https://user:password@cdn.example/from", target, Hurried())
    assert asked(cdn, "Authorization") == [None, None]
    assert not [value for call in cdn.calls for value in call.request.headers.values() if "secret" in str(value)]


def test_what_is_too_large_is_broken_off(cdn: RequestsMock, target: Path) -> None:
    """A body without end is left as soon as it exceeds the cap, whatever it announced."""

    class Zeroes(io.RawIOBase):
        read_so_far = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            Zeroes.read_so_far += len(buffer)
            return len(buffer)

    cdn.add(responses.GET, URL, body=io.BufferedReader(Zeroes(), 2**20), auto_calculate_content_length=False)
    with pytest.raises(PictureError, match="larger than 64 MiB"):
        download(URL, target, Hurried())
    assert MAX_BYTES == 64 * 2**20
    assert Zeroes.read_so_far <= MAX_BYTES + 2 * 2**20
    assert target.stat().st_size <= MAX_BYTES


# What breaks, and is mended.


def test_a_broken_transfer_goes_on_where_it_broke(cdn: RequestsMock, target: Path) -> None:
    """Only what is missing is asked for, as often as it takes."""
    broken(cdn, 100_000)
    answer(
        cdn,
        206,
        DATA[100_000:150_000],
        Content_Length=str(len(DATA) - 100_000),
        Content_Range=f"bytes 100000-255999/{len(DATA)}",
    )
    rest(cdn, 150_000)
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA
    assert asked(cdn, "Range") == [None, "bytes=100000-", "bytes=150000-"]


def test_halves_of_two_files_are_not_put_together(cdn: RequestsMock, target: Path) -> None:
    """What is asked for is the rest of the very file that the transfer began with, by its ETag."""
    broken(cdn, 100_000, ETag='"one"')
    answer(cdn, ETag='"two"')
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA
    assert asked(cdn, "If-Range") == [None, '"one"']


def test_a_server_that_sends_everything_again_is_understood(cdn: RequestsMock, target: Path) -> None:
    """Where a server knows no ranges, what was there is replaced and not continued."""
    broken(cdn, 100_000)
    answer(cdn)
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA


def test_a_file_that_is_sent_again_and_shorter_leaves_no_tail(cdn: RequestsMock, target: Path) -> None:
    """Of a first, longer transfer nothing stays behind the second."""
    broken(cdn, 100_000)
    answer(cdn, body=DATA[:50_000])
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA[:50_000]


def test_what_was_in_the_file_before_is_replaced(cdn: RequestsMock, target: Path) -> None:
    """A download begins with nothing, whatever an earlier one left."""
    target.write_bytes(b"something else, and half of it")
    answer(cdn)
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA
    assert asked(cdn, "Range") == [None]


def test_a_rest_that_begins_elsewhere_is_not_appended(cdn: RequestsMock, target: Path) -> None:
    """A part is put where it belongs, or fetched again; never where it does not."""
    cdn.assert_all_requests_are_fired = False
    broken(cdn, 100_000)
    rest(cdn, 50_000)
    answer(cdn)
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA


def test_a_file_that_became_shorter_is_fetched_from_the_start(cdn: RequestsMock, target: Path) -> None:
    """Where there is nothing after what is there, what is there is given up."""
    broken(cdn, 100_000)
    answer(cdn, 416, b"", Content_Range="bytes */50000")
    answer(cdn)
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA
    assert asked(cdn, "Range") == [None, "bytes=100000-", None]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 429, 408, 404])
def test_a_server_in_trouble_is_asked_again(cdn: RequestsMock, target: Path, status: int) -> None:
    """What may go better later is tried later, and what it says is not taken for a picture."""
    answer(cdn, status, b"<html>Bad Gateway</html>")
    answer(cdn)
    deadline = Hurried()
    download(URL, target, deadline)
    assert target.read_bytes() == DATA
    assert len(deadline.pauses) == 1


@pytest.mark.parametrize(
    "error", [requests.ConnectionError, requests.ConnectTimeout, requests.ReadTimeout, requests.exceptions.SSLError]
)
def test_a_connection_that_fails_is_tried_again(
    cdn: RequestsMock, target: Path, error: Callable[[], Exception]
) -> None:
    """No connection is no verdict."""
    answer(cdn, body=error())
    answer(cdn)
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA


def test_an_empty_answer_is_no_picture(cdn: RequestsMock, target: Path) -> None:
    """An answer that is well but empty is asked for again."""
    answer(cdn, body=b"")
    answer(cdn)
    download(URL, target, Hurried())
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("status", [400, 401, 403, 405, 304])
def test_an_answer_that_will_not_change_is_final(cdn: RequestsMock, target: Path, status: int) -> None:
    """A picture that is not there is not asked for twice, and its status is told."""
    answer(cdn, status, b"not here")
    deadline = Hurried()
    with pytest.raises(PictureError, match=f"HTTP {status}"):
        download(URL, target, deadline)
    assert deadline.pauses == []


def test_a_picture_that_stays_away_is_gone(cdn: RequestsMock, target: Path) -> None:
    """A file that is found nowhere, time after time, is told apart from a server in trouble."""
    for _ in range(TRIES):
        answer(cdn, 404, b"not here")
    with pytest.raises(PictureError, match="no longer has"):
        download(URL, target, Hurried())


def test_a_picture_that_is_said_to_be_gone_is_gone(cdn: RequestsMock, target: Path) -> None:
    """What a server has deleted for good is not asked for twice."""
    answer(cdn, 410, b"gone")
    with pytest.raises(PictureError, match="no longer has"):
        download(URL, target, Hurried())


def test_tries_come_to_an_end(cdn: RequestsMock, target: Path) -> None:
    """After some tries, with growing pauses between them, the reason of the last one is told."""
    for _ in range(TRIES - 1):
        answer(cdn, 500, b"")
    answer(cdn, 503, b"")
    deadline = Hurried()
    with pytest.raises(PictureError, match=r"could not be downloaded \(HTTP 503\)"):
        download(URL, target, deadline)
    assert len(deadline.pauses) == TRIES - 1
    assert deadline.pauses == sorted(deadline.pauses)
    assert deadline.pauses[0] < deadline.pauses[-1] <= 5


# What ends it.


def test_no_time_is_no_request(cdn: RequestsMock, target: Path) -> None:
    """Past the deadline, nothing is begun."""
    with pytest.raises(DeadlineError):
        download(URL, target, Deadline(time.monotonic() - 1))
    assert len(cdn.calls) == 0


def test_a_pause_does_not_outlast_the_deadline(cdn: RequestsMock, target: Path) -> None:
    """Where the time ends before the next try, it is over at once."""
    answer(cdn, 503, b"")
    deadline = time.monotonic() + 0.2
    with pytest.raises(DeadlineError):
        download(URL, target, Deadline(deadline))
    assert time.monotonic() - deadline < 0.2


def test_a_stopped_run_begins_nothing(cdn: RequestsMock, target: Path) -> None:
    """After Ctrl-C no request is sent."""
    deadline = Hurried()
    deadline.stop.set()
    with pytest.raises(DeadlineError, match="stopped"):
        download(URL, target, deadline)
    assert len(cdn.calls) == 0


def test_a_stopped_run_leaves_a_transfer_in_the_middle(cdn: RequestsMock, target: Path) -> None:
    """Ctrl-C ends a transfer that is under way before it is whole."""
    deadline = Hurried()

    class Stopping(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            deadline.stop.set()
            return len(buffer)

    cdn.add(responses.GET, URL, body=io.BufferedReader(Stopping(), 2**16), auto_calculate_content_length=False)
    with pytest.raises(DeadlineError, match="stopped"):
        download(URL, target, deadline)


@pytest.mark.parametrize("room", [0, 5000, 100_000, len(DATA) - 1])
def test_a_full_disk_is_an_error_of_the_folder(cdn: RequestsMock, target: Path, room: int) -> None:
    """Wherever the disk ends, also within the last few bytes, the error names the folder, and it is not tried again."""
    answer(cdn)
    with disk_full_at(room), pytest.raises(AssetsError, match="can't be written") as caught:
        download(URL, target, Hurried())
    assert str(target.parent) in str(caught.value)


def test_a_target_that_can_not_be_opened_is_an_error_of_the_folder(cdn: RequestsMock, tmp_path: Path) -> None:
    """A folder that is gone is told as such."""
    answer(cdn)
    with pytest.raises(AssetsError, match="can't be written"):
        download(URL, tmp_path / "gone" / "picture", Hurried())


# Over real connections.


@pytest.fixture
def picture(fal: FalServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a picture that a real server has, which this process trusts."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(fal.ca_file))
    drawn = requests.post(
        f"https://{fal.run_host}/fal-ai/flux/dev",
        json={"prompt": "a hill", "output_format": "png"},
        headers={"Authorization": "Key test-key:secret"},
        timeout=10,
    )
    return str(drawn.json()["images"][0]["url"])


@pytest.mark.parametrize(
    "fault",
    [
        fal_faults.truncate(),
        fal_faults.reset(),
        fal_faults.drop_before(),
        fal_faults.empty(),
        fal_faults.nginx(502),
        fal_faults.redirect_once(foreign=True),
    ],
    ids=lambda fault: fault.name,
)
def test_a_transfer_survives_what_real_connections_do(fal: FalServer, picture: str, target: Path, fault: Any) -> None:
    """Over TLS as over nothing: the picture ends whole, and no host is told the key."""
    fal.faults.add("download", fault, times=1)
    download(picture, target, Hurried())
    assert make_png(target).format == "PNG"
    assert [request.authorization for request in fal.requests_of("download")] == [None] * 2


def test_pictures_share_a_connection_and_no_cookies(fal: FalServer, picture: str, target: Path) -> None:
    """Several downloads of one session shake hands once, and a host can't have them tell it anything."""
    cookie = Fault(name="cookie", edit=lambda reply, _: reply.with_headers(set_cookie="who=me; Path=/"))
    fal.faults.add("download", cookie)
    before = fal.connections
    with picture_session() as session:
        for _ in range(3):
            download(picture, target, Hurried(), session=session)
    assert fal.connections == before + 1
    downloads = fal.requests_of("download")
    assert len(downloads) == 3
    assert not any("cookie" in request.headers for request in downloads)


def test_a_kept_connection_that_has_broken_is_replaced(fal: FalServer, picture: str, target: Path) -> None:
    """A host that has ended an idle connection is connected to again."""
    with picture_session() as session:
        download(picture, target, Hurried(), session=session)
        fal.unplug()
        fal.plug()
        download(picture, target, Hurried(), session=session)
    assert make_png(target).format == "PNG"


def test_a_transfer_that_stalls_ends_with_the_deadline(fal: FalServer, picture: str, target: Path) -> None:
    """A server that falls silent holds nobody up for longer than there is time."""
    fal.faults.add("download", fal_faults.stall())
    began = time.monotonic()
    with pytest.raises(DeadlineError):
        download(picture, target, Deadline(time.monotonic() + 0.3))
    assert time.monotonic() - began < 1.5


def test_a_transfer_that_trickles_ends_with_the_deadline(fal: FalServer, picture: str, target: Path) -> None:
    """Nor does one that brings a few bytes every now and then, and is never quite silent."""
    fal.faults.add("download", fal_faults.replaced(bytes(2000), "image/png"))
    fal.faults.add("download", fal_faults.trickle(chunk=25, pause=0.03))
    began = time.monotonic()
    with pytest.raises(DeadlineError):
        download(picture, target, Deadline(time.monotonic() + 0.3))
    assert time.monotonic() - began < 1.5


def test_a_certificate_that_nobody_vouches_for_is_refused(
    fal: FalServer, picture: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Https without a certificate that this machine trusts is no https."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with pytest.raises(AccountError, match=r"certificate of localhost is not trusted; .* set REQUESTS_CA_BUNDLE"):
        download(picture, target, Hurried())
    assert not fal.requests_of("download")


def test_plain_http_is_taken_from_one_origin_alone(cdn: RequestsMock, target: Path) -> None:
    """A server that is asked over plain http may send its own pictures so; those of any other are refused."""
    origin = "http://localhost:8080/v1"
    cdn.get("http://localhost:8080/files/a.png", body=DATA)
    download("http://localhost:8080/files/a.png", target, Hurried(), plain_origin=origin)
    assert target.read_bytes() == DATA
    for other in ("http://localhost:8081/files/a.png", "http://example.org/a.png", "http://[/a.png"):
        with pytest.raises(PictureError, match=r"not https|invalid"):
            download(other, target, Hurried(), plain_origin=origin)
