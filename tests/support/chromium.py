"""Chromium without a window, told what to do over its DevTools protocol; it reaches nothing but this machine."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_SECONDS = 30
"""How long any answer may take; a busy machine needs a few for the first."""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)
# Lazy pictures are loaded when they come near the window.
_SEE_ALL = """
(async () => {
  for (let top = 0; top < document.documentElement.scrollHeight; top += innerHeight) {
    scrollTo({top, behavior: "instant"});
    await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
  }
  await Promise.allSettled([...document.images].map(image => image.decode()));
  scrollTo({top: 0, behavior: "instant"});
})()
"""
_WIDTHS = """
Promise.all(%s.map(async url => {
  const image = new Image();
  image.src = url;
  return image.decode().then(() => image.naturalWidth, () => 0);
}))
"""


@dataclass(frozen=True)
class LoadedPicture:
    """A picture that a page had Chromium load, as an image or by its CSS."""

    url: str
    bytes: int
    """What came over the wire for it, with some 200 bytes of headers."""
    width: int
    """Of the file, in pixels; 0 where Chromium can't decode it."""


class Chromium:
    """One browser with one tab. Use it as a context manager."""

    def __init__(self) -> None:
        program = shutil.which("chromium")
        assert program, "no chromium on the PATH"
        self._profile = tempfile.mkdtemp(prefix="chromium-")
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        # It reads commands from file 3 and writes answers to file 4. Ours have other numbers, of any length,
        # which the shell's <& does not take.
        command = f'exec "$@" 3</dev/fd/{commands} 4>/dev/fd/{answers}'
        self._process = subprocess.Popen(
            ["sh", "-c", command, "sh", program, *_FLAGS, f"--user-data-dir={self._profile}", "about:blank"],
            env={**os.environ, "HOME": self._profile},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(commands, answers),
            # All its processes are ended together.
            start_new_session=True,
        )
        os.close(commands)
        os.close(answers)
        self._unread = b""
        self._events: list[dict[str, Any]] = []
        self._number = 0
        self._session = ""

    def __enter__(self) -> Self:
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Network"):
                self.call(f"{domain}.enable")
            self.call("Network.setCacheDisabled", cacheDisabled=True)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def pictures(self, url: str, *, width: int, density: int = 1) -> list[LoadedPicture]:
        """All pictures that a page has loaded once it was seen down to its end, in a window of so many CSS pixels."""
        self.open(url, width=width, density=density)
        self.evaluate(_SEE_ALL)
        self._wait_for_pictures()
        asked, sizes = self._requests()
        urls = [url for url in asked.values() if not url.startswith("data:")]
        widths = self.evaluate(_WIDTHS % json.dumps(urls))
        by_url = {url: sizes.get(number, 0) for number, url in asked.items()}
        return [LoadedPicture(url, by_url[url], pixels) for url, pixels in zip(urls, widths, strict=True)]

    def open(self, url: str, *, width: int, height: int = 800, density: int = 1) -> None:
        """Open a page in a window of this size in CSS pixels, and wait for its load.

        ``density`` is how many pixels of the screen are one of CSS.
        """
        # A page that is still open would load what fits its new width.
        self.call("Page.navigate", url="about:blank")
        screen = {"width": width, "height": height, "deviceScaleFactor": density}
        self.call("Emulation.setDeviceMetricsOverride", **screen, mobile=False)
        self._events.clear()
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, f"{url}: {answer['errorText']}"
        self._wait(lambda: self._has_loaded(answer["loaderId"]))

    def evaluate(self, code: str) -> Any:
        """The value of a JavaScript expression in the page, or of the promise that it is."""
        done = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def call(self, method: str, **parameters: object) -> Any:
        """Call a method of the protocol and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + _SECONDS
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            if "method" in answer:
                self._events.append(answer)

    def _has_loaded(self, loader: str) -> bool:
        """Whether this document has loaded all its files; the load of the page before may be told late."""
        is_there = False
        for event in self._events:
            if event["method"] == "Page.frameNavigated":
                is_there |= event["params"]["frame"]["loaderId"] == loader
            elif event["method"] == "Page.loadEventFired" and is_there:
                return True
        return False

    def _requests(self) -> tuple[dict[str, str], dict[str, int]]:
        """Each picture that was asked for, by its request's id, and the bytes of each request that is done."""
        asked: dict[str, str] = {}
        sizes: dict[str, int] = {}
        for event in self._events:
            of = event["params"]
            if event["method"] == "Network.requestWillBeSent" and of.get("type") == "Image":
                asked[of["requestId"]] = of["request"]["url"]
            elif event["method"] == "Network.loadingFinished":
                sizes[of["requestId"]] = round(of["encodedDataLength"])
            elif event["method"] == "Network.loadingFailed":
                sizes[of["requestId"]] = 0
        return asked, sizes

    def _wait_for_pictures(self) -> None:
        def are_done() -> bool:
            asked, sizes = self._requests()
            return asked.keys() <= sizes.keys()

        self._wait(are_done)

    def _wait(self, is_done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _SECONDS
        while not is_done():
            self._events.append(self._next(deadline))

    def _next(self, deadline: float) -> dict[str, Any]:
        """The next message, an answer or an event; all end in a zero byte."""
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"Chromium did not answer within {_SECONDS} s"
            data = os.read(self._answers, 1 << 20)
            assert data, "Chromium has ended"
            self._unread += data
        message, _, self._unread = self._unread.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _end(self) -> None:
        os.close(self._commands)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._answers)
        shutil.rmtree(self._profile, ignore_errors=True)


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; its address, without a slash at the end."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_QuietHandler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
