"""A provider in this process: it keeps what it is asked for, and answers as a test tells it.

For tests of single steps of a run, which would each cost a whole build with the fal of ``fal_server``.
"""

from __future__ import annotations

import datetime
import shutil
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from builders import NOW, draw, make_post

from pelican_falhero.content.post import Post
from pelican_falhero.generation.report import Report
from pelican_falhero.generation.result import HeroResult
from pelican_falhero.generation.run import generate
from pelican_falhero.generation.run_state import Silent
from pelican_falhero.planning.request import HeroRequest
from pelican_falhero.planning.site import Site
from pelican_falhero.providers.base import Deadline, RemotePicture, RemoteText, Status
from pelican_falhero.settings_reading import read_settings
from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.events import Event
from pelican_falhero.storage.ledger import FILE_NAME, Ledger

URL = "https://fal.media/picture.png"
SEED = 7


class ScriptedProvider:
    """Takes every request and draws the same small picture for it, unless a test has told it otherwise."""

    name = "fal"
    keeps_requests = True

    def __init__(self) -> None:
        self.sent: list[HeroRequest] = []
        self.waited: list[tuple[str, str]] = []
        """Endpoint and request id of each wait."""
        self.fetched: list[str] = []
        """The addresses of all downloads."""
        self.submit_errors: deque[Exception | None] = deque()
        """What the next submits raise; None for one that succeeds."""
        self.wait_errors: deque[Exception | None] = deque()
        self.texts: deque[RemoteText | Exception] = deque()
        """What language models answer, in turn."""
        self.fetch_errors: deque[Exception | None] = deque()
        self.files: deque[Path] = deque()
        """What the next downloads bring instead of the usual picture."""
        self.check_error: Exception | None = None
        self.units: float | None = None
        """The billed units of every picture."""
        self.clock: datetime.datetime | None = NOW
        """The time in its answers."""
        self.on_step: Callable[[str], None] = lambda step: None
        """Called at the start of each step with its name."""

    def check(self) -> None:
        """Raise what the test wants."""
        self.on_step("check")
        if self.check_error:
            raise self.check_error

    def server_time(self) -> datetime.datetime | None:
        """The time that the test has set."""
        return self.clock

    def submit(self, request: HeroRequest, deadline: Deadline) -> str:
        """Take a request; ids are r1, r2 and so on."""
        deadline.left()
        self.on_step("submit")
        self.sent.append(request)
        _raise_next(self.submit_errors)
        return f"r{len(self.sent)}"

    def wait(
        self, endpoint: str, request_id: str, deadline: Deadline, on_status: Callable[[Status], None]
    ) -> RemotePicture:
        """Have drawn it after one status."""
        deadline.left()
        self.on_step("wait")
        self.waited.append((endpoint, request_id))
        on_status(Status(queue_position=1))
        _raise_next(self.wait_errors)
        return RemotePicture(URL, seed=SEED, units=self.units)

    def wait_for_text(self, endpoint: str, request_id: str, deadline: Deadline) -> RemoteText:
        """Have it written: what the test wants."""
        deadline.left()
        self.on_step("wait for text")
        self.waited.append((endpoint, request_id))
        answer = self.texts.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fetch(self, drawn: RemotePicture, target: Path, deadline: Deadline) -> None:
        """Write the picture."""
        deadline.left()
        self.on_step("fetch")
        self.fetched.append(drawn.url)
        _raise_next(self.fetch_errors)
        if self.files:
            shutil.copyfile(self.files.popleft(), target)
        else:
            draw().save(target, format="PNG")


def site_in(folder: Path, *posts: Post, events: Iterable[Event] = (), retry: bool = False, **settings: Any) -> Site:
    """A site with these posts and these events in its ledger, whose clock stands still; one post unless told."""
    library = Library(folder, "images/heroes")
    library.prepare_state()
    ledger = Ledger(library.state / FILE_NAME, clock=lambda: NOW)
    for event in events:
        ledger.append(event)
    read = read_settings(settings, root=folder, prefix="")
    return Site(posts=posts or (make_post(),), settings=read, library=library, ledger=ledger, retry=retry)


def run(site: Site, provider: ScriptedProvider | None) -> Report:
    """Make the heroes of a site."""
    return generate(site, provider, listener=Silent(), say=lambda text: None)


def execute(site: Site, provider: ScriptedProvider) -> HeroResult:
    """Make a site's only hero."""
    (result,) = run(site, provider).results
    return result


def written(site: Site, *, after: int = 0) -> list[tuple[str, float]]:
    """Kind and USD of the ledger's events, but for the first ones."""
    return [(event.event, event.usd) for event in site.ledger.read().events[after:]]


def _raise_next(errors: deque[Exception | None]) -> None:
    if errors and (error := errors.popleft()):
        raise error
