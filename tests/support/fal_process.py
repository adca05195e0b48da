"""The test double of fal in a process of its own, so that what it does is not counted as a build's work.

with FalProcess(latency=1.0) as fal:
    subprocess.run(["pelican", ...], env={**os.environ, **fal.environment})
assert fal.seen.charges == 60
"""

from __future__ import annotations

import dataclasses
import io
import json
import resource
import struct
import subprocess
import sys
import zlib
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from fal_exchange import Exchange, Fault
from fal_server import FalServer
from fal_wire import Reply
from photographs import photograph

_HEADER = 33
"""Bytes of a PNG before its second chunk."""


@dataclass(frozen=True)
class Seen:
    """What the server has seen, told at its end."""

    charges: int
    peak_unfinished: int
    """How many jobs were in the queue or in progress at the same time at most."""
    connections: int
    requests: dict[str, int]
    """How many there were of each stage."""
    drawing_seconds: float
    """From the first submit to the last download."""
    processor_seconds: float


class FalProcess:
    """A FalServer in a process of its own, from the start to the end of the ``with``; ``seen`` is set at the end."""

    def __init__(self, *, latency: float) -> None:
        """Start a server whose jobs take ``latency`` seconds of inference."""
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(latency)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.seen = Seen(0, 0, 0, {}, 0.0, 0.0)

    def __enter__(self) -> Self:
        assert self._process.stdout
        self.environment: dict[str, str] = json.loads(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        told, _ = self._process.communicate(timeout=30)
        if error is None:
            self.seen = Seen(**json.loads(told))


def _photograph() -> Fault:
    """Send one picture, which weighs what FLUX's do, for all prompts: drawing takes processor time.

    Each file says another thing, so that none is known by its bytes.
    """
    file = io.BytesIO()
    photograph().save(file, "PNG")
    data = file.getvalue()

    def say_another(_reply: Reply, exchange: Exchange) -> Reply:
        text = b"tEXtSource\0" + exchange.recorded.path.encode()
        chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
        return Reply(200, {"content-type": "image/png"}, data[:_HEADER] + chunk + data[_HEADER:])

    return Fault(name="photograph", works=False, edit=say_another)


def _serve(latency: float) -> None:
    with FalServer() as server:
        server.latency = latency
        server.faults.add("download", _photograph())
        _tell(server.environment())
        sys.stdin.read()
        server.wait_until_idle()
        times = [request.at for request in server.requests_of("submit", "download")]
        usage = resource.getrusage(resource.RUSAGE_SELF)
        seen = Seen(
            charges=server.charges,
            peak_unfinished=server.peak_unfinished,
            connections=server.connections,
            requests=dict(Counter(request.stage for request in server.requests)),
            drawing_seconds=max(times, default=0.0) - min(times, default=0.0),
            processor_seconds=usage.ru_utime + usage.ru_stime,
        )
    _tell(dataclasses.asdict(seen))


def _tell(data: object) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _serve(float(sys.argv[1]))
