"""Faults of pictures: of the "result" that names them and of the "download" that fetches them."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fal_exchange import Exchange, Fault
from fal_faults_answers import HTML, edited, replaced
from fal_pictures import Picture, bomb, encode, render, solid
from fal_wire import Reply, Wire
from PIL import Image
from signed_pictures import signed

MEBIBYTE = 2**20
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


# Results: 200, with something wrong about the pictures in it.


def no_images() -> Fault:
    """Answer with an empty list of images."""
    return edited("no_images", lambda data, _exchange: data.update(images=[]))


def image_without(*keys: str) -> Fault:
    """Leave keys out of every image, such as width, height, content_type or url."""

    def change(image: dict[str, Any], _exchange: Exchange) -> None:
        for key in keys:
            image.pop(key, None)

    return _images("image_without " + ", ".join(keys), change)


def image_at(url: str) -> Fault:
    """Name an address of your own for every image."""
    return _images("image_at", lambda image, _exchange: image.update(url=url))


def image_over_http() -> Fault:
    """Name every image as http://."""
    return _images("image_over_http", lambda image, _: image.update(url=image["url"].replace("https://", "http://")))


def image_on_foreign_host() -> Fault:
    """Name every image on another https host, where it is served: allowed, but without credentials."""

    def change(image: dict[str, Any], exchange: Exchange) -> None:
        image["url"] = image["url"].replace(exchange.hosts.cdn, exchange.hosts.foreign)

    return _images("image_on_foreign_host", change)


def image_as_data_uri() -> Fault:
    """Put every picture into the answer itself."""

    def change(image: dict[str, Any], exchange: Exchange) -> None:
        if exchange.job is not None:
            picture = next(p for path, p in exchange.job.pictures.items() if image["url"].endswith(path))
            image["url"] = f"data:{picture.content_type};base64,{base64.b64encode(render(picture)).decode()}"

    return _images("image_as_data_uri", change)


def _images(name: str, change: Callable[[dict[str, Any], Exchange], object]) -> Fault:
    def change_all(data: dict[str, Any], exchange: Exchange) -> None:
        for image in data["images"]:
            change(image, exchange)

    return edited(name, change_all)


# Downloads: other bytes than those of the picture.


def content_type(value: str) -> Fault:
    """Send the picture under another media type."""

    def edit(reply: Reply, _exchange: Exchange) -> Reply:
        return reply.with_headers(content_type=value)

    return Fault(name="content_type", edit=edit)


def empty() -> Fault:
    """Send no bytes, with status 200."""
    return replaced(b"", "image/png", name="empty")


def html_as_png() -> Fault:
    """Send a web page that claims to be a PNG."""
    return replaced(HTML.format("Not a picture"), "image/png", name="html_as_png")


def half_file() -> Fault:
    """Send the first half of the file, and a Content-Length that agrees with it."""

    def edit(reply: Reply, _exchange: Exchange) -> Reply:
        return Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2])

    return Fault(name="half_file", edit=edit)


def as_format(format_: str) -> Fault:
    """Send the picture as jpeg, png or webp, whatever was asked, under the type that was asked."""
    return _drawn(f"as_format {format_}", lambda picture: render(replace(picture, format=format_)))


def with_credentials(format_: str) -> Fault:
    """Send the picture as jpeg, png or webp with content credentials (C2PA) in the file."""
    return _drawn(f"with_credentials {format_}", lambda picture: signed(render(replace(picture, format=format_))))


def jpeg_bytes() -> Fault:
    """Send JPEG bytes under the name and type of what was asked."""
    return replace(as_format("jpeg"), name="jpeg_bytes")


def one_colour(colour: tuple[int, int, int] = (120, 130, 140)) -> Fault:
    """Send a picture of the right size in one colour."""
    return _drawn("one_colour", lambda picture: solid(picture.width, picture.height, picture.format, colour))


def black() -> Fault:
    """Send a black picture of the right size, with nothing said about it in the result."""
    return replace(one_colour((0, 0, 0)), name="black")


def clear() -> Fault:
    """Send a picture that no pixel can be seen of, whatever colours it has."""

    def transparent(picture: Picture) -> bytes:
        image = Image.open(io.BytesIO(render(picture)))
        image.putalpha(0)
        return encode(image, "png")

    return _drawn("clear", transparent)


def sized(width: int, height: int) -> Fault:
    """Send the picture in another size than was asked."""
    return _drawn("sized", lambda picture: render(replace(picture, width=width, height=height)))


def tiny() -> Fault:
    """Send a picture of one pixel."""
    return replace(sized(1, 1), name="tiny")


def decompression_bomb(width: int = 50_000, height: int = 50_000) -> Fault:
    """Send a PNG of some hundred bytes that claims to be gigabytes of picture."""
    return replaced(bomb(width, height), "image/png", name="decompression_bomb")


def endless(mebibytes: int | None = None) -> Fault:
    """Send so many MiB (None: until the client goes) after a PNG signature, without saying how much it will be."""

    def deliver(wire: Wire, reply: Reply) -> None:
        wire.open = False
        wire.write(wire.head(reply, "transfer-encoding: chunked"))
        wire.write_body(b"%x\r\n%s\r\n" % (len(PNG_SIGNATURE), PNG_SIGNATURE))
        block = b"%x\r\n%s\r\n" % (MEBIBYTE // 16, bytes(MEBIBYTE // 16))
        sent = 0
        while not wire.stopping.is_set() and (mebibytes is None or sent < 16 * mebibytes):
            wire.write_body(block)
            sent += 1
        wire.write(b"0\r\n\r\n")

    return Fault(name="endless", deliver=deliver)


def oversized(mebibytes: int) -> Fault:
    """Announce so many MiB, and send them."""

    def deliver(wire: Wire, reply: Reply) -> None:
        wire.write(wire.head(reply, f"content-length: {mebibytes * MEBIBYTE}"))
        wire.write_body(PNG_SIGNATURE + bytes(MEBIBYTE - len(PNG_SIGNATURE)))
        for _ in range(mebibytes - 1):
            wire.write_body(bytes(MEBIBYTE))

    return Fault(name="oversized", deliver=deliver)


def ignore_range() -> Fault:
    """Answer a request for a range with 200 and the whole file."""

    def before(exchange: Exchange) -> None:
        headers = {name: value for name, value in exchange.recorded.headers.items() if name != "range"}
        exchange.recorded = replace(exchange.recorded, headers=headers)

    return Fault(name="ignore_range", before=before)


def _drawn(name: str, draw: Callable[[Picture], bytes]) -> Fault:
    def edit(reply: Reply, exchange: Exchange) -> Reply:
        if exchange.picture is None or reply.status >= 300:
            return reply
        return Reply(reply.status, reply.headers, draw(exchange.picture))

    return Fault(name=name, edit=edit)


# Redirects.


def redirect(to: str, *, code: int = 302) -> Fault:
    """Redirect to an address of your own."""
    return _redirect("redirect", lambda _exchange: to, code)


def redirect_to_http() -> Fault:
    """Redirect to the same path as http://."""
    return _redirect("redirect_to_http", lambda exchange: f"http://{exchange.hosts.cdn}{exchange.recorded.path}")


def redirect_once(*, foreign: bool = False) -> Fault:
    """Redirect to another https address where the picture is: on the CDN, or on another host."""

    def target(exchange: Exchange) -> str | None:
        host = exchange.hosts.foreign if foreign else exchange.hosts.cdn
        return None if "moved" in exchange.recorded.query else f"https://{host}{exchange.recorded.path}?moved=1"

    return _redirect("redirect_once", target)


def redirect_loop() -> Fault:
    """Redirect to the very same address, for ever."""
    return _redirect("redirect_loop", lambda exchange: f"https://{exchange.hosts.cdn}{exchange.recorded.path}")


def _redirect(name: str, target: Callable[[Exchange], str | None], code: int = 302) -> Fault:
    def edit(reply: Reply, exchange: Exchange) -> Reply:
        url = target(exchange)
        return reply if url is None else Reply(code, {"location": url})

    return Fault(name=name, edit=edit)
