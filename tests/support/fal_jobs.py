"""fal's queue in the test double: what was ordered, how it ends, and runners that work by the clock."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from fal_pictures import Picture
from fal_schemas import Endpoint, Price
from fal_validation import embedded_picture
from PIL import Image

State = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
_MAX_LOGGED_STEPS = 200


@dataclass(frozen=True)
class Outcome:
    """How a job ends: with the model's own answer (`body` None), or with an error's status and body."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    error_type: str | None = None
    charged: bool = True
    ends: bool = True
    black: bool = False


@dataclass(eq=False)
class Submission:
    """A job that fal accepted, through the queue ("submit") or the synchronous host ("run").

    `unknown_fields` names arguments that the endpoint doesn't know; `values` are the arguments with fal's defaults.
    `invalid` ones are those whose arguments the model refuses.
    `text` is what a language model answers.
    `megapixels` and `images` are what is billed: whole megapixels of one picture, and how many pictures; and then
    `sent_megapixels`, those of the pictures that an edit endpoint was sent.
    """

    request_id: str
    endpoint: str
    arguments: dict[str, Any]
    source: Literal["submit", "run"]
    unknown_fields: list[str]
    seed: int
    width: int
    height: int
    megapixels: int
    images: int
    accepted_at: float
    model: Endpoint = field(repr=False)
    price: Price | None = field(repr=False)
    values: dict[str, Any] = field(repr=False)
    invalid: bool
    outcome: Outcome = field(repr=False)
    latency: float = field(repr=False)
    queue_polls_left: int = field(repr=False)
    progress_polls_left: int = field(repr=False)
    pictures: dict[str, Picture] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)
    ready_at: float | None = field(default=None, repr=False)
    polled_out_at: float = field(default=0.0, repr=False)
    started_at: float | None = None
    finished_at: float | None = None
    sent_megapixels: int = 0
    cancelled: bool = False
    forgotten: bool = False

    @property
    def charged(self) -> bool:
        """Whether fal bills this job; one cancelled before it started is free, and so is one that failed."""
        if self.cancelled and self.started_at is None:
            return False
        return self.outcome.charged

    @property
    def cost_usd(self) -> float:
        """What fal bills, in USD; 0 where no price is known."""
        if not self.charged or self.price is None:
            return 0.0
        sent = self.sent_megapixels if self.price.unit == "megapixels" else 0
        return self.price.cost(self.megapixels, self.images, sent)

    @property
    def billable_units(self) -> int:
        """What the header x-fal-billable-units says."""
        if not self.charged:
            return 0
        per_image = self.price is not None and self.price.unit != "megapixels"
        return self.images if per_image else self.images * self.megapixels + self.sent_megapixels

    @property
    def sent_pictures(self) -> list[Image.Image]:
        """The pictures that an edit endpoint was sent as data URIs, decoded."""
        return [embedded_picture(url) for url in self.arguments.get("image_urls", []) if url.startswith("data:")]

    @property
    def inference_seconds(self) -> float:
        """How long a runner was busy with it."""
        if self.started_at is None or self.finished_at is None:
            return 0.0
        return round(self.finished_at - self.started_at, 4)

    @property
    def app(self) -> str:
        """Owner and alias: the endpoint without its subpath, as in the addresses of its requests."""
        return "/".join(self.endpoint.split("/")[:2])

    def logs(self, now: float) -> list[dict[str, str]]:
        """Return the runner's output so far: one line of a progress bar a step."""
        steps = min(int(self.values.get("num_inference_steps") or 0), _MAX_LOGGED_STEPS)
        if self.started_at is None or steps == 0:
            return []
        elapsed = (self.finished_at or now) - self.started_at
        ended = self.finished_at is not None or self.latency == 0
        done = steps if ended else min(steps, int(steps * elapsed / self.latency))
        started = datetime.now(UTC) - timedelta(seconds=now - self.started_at)
        return [
            {
                "message": _progress_bar(step, steps, self.latency),
                "level": "INFO",
                "source": "USER",
                "timestamp": (started + timedelta(seconds=self.latency * step / steps)).isoformat(),
            }
            for step in range(done + 1)
        ]


def _progress_bar(step: int, steps: int, seconds: float) -> str:
    tenths = 100 * step // steps
    bar = "#" * (tenths // 10) + (str(tenths % 10) if tenths % 10 else "")
    past, ahead = round(seconds * step / steps), round(seconds * (steps - step) / steps)
    return f"{tenths:3d}%|{bar:<10}| {step}/{steps} [00:{past:02d}<00:{ahead:02d}]"


class Runners:
    """The queue and the machines behind it. Not thread-safe: the server holds its lock around every call."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take the time from `clock`, in seconds."""
        self.concurrency: int | None = None
        self.peak_in_progress = 0
        self.peak_unfinished = 0
        self.running: list[Submission] = []
        self._waiting: list[Submission] = []
        self._clock = clock
        self._freed_at = 0.0

    def add(self, job: Submission) -> None:
        """Queue a job."""
        if job.queue_polls_left == 0:
            job.ready_at = job.accepted_at
        self._waiting.append(job)
        self.advance()
        self.peak_unfinished = max(self.peak_unfinished, len(self._waiting) + len(self.running))

    def full(self) -> bool:
        """Return whether every runner is busy."""
        self.advance()
        return self.concurrency is not None and len(self.running) >= self.concurrency

    def position(self, job: Submission) -> int:
        """Return how many are ahead of a job that waits."""
        ahead = self._waiting.index(job) if job in self._waiting else 0
        return ahead + job.queue_polls_left

    def cancel(self, job: Submission) -> None:
        """End a job now."""
        self.advance()
        job.cancelled = True
        if job in self._waiting:
            self._waiting.remove(job)
        self._finish(job, self._clock())

    def poll(self, job: Submission) -> State:
        """Return the state of a job, and count this look where it stays in a state for a number of looks."""
        self.advance()
        now = self._clock()
        state = self.state(job)
        if state == "IN_QUEUE" and job.queue_polls_left > 0:
            job.queue_polls_left -= 1
            if job.queue_polls_left == 0:
                job.ready_at = now
        elif state == "IN_PROGRESS" and job.progress_polls_left > 0:
            job.progress_polls_left -= 1
            job.polled_out_at = now
        return state

    def state(self, job: Submission) -> State:
        """Return the state of a job as of the last advance."""
        if job.finished_at is not None:
            return "COMPLETED"
        return "IN_QUEUE" if job.started_at is None else "IN_PROGRESS"

    def advance(self) -> None:
        """Let everything happen that has happened by now, in its order."""
        now = self._clock()
        while True:
            ending = min(self.running, key=_end, default=None)
            starting = next((job for job in self._waiting if job.ready_at is not None), None)
            free = self.concurrency is None or len(self.running) < self.concurrency
            start = max(starting.ready_at or 0.0, self._freed_at) if starting and free else math.inf
            end = _end(ending) if ending else math.inf
            if min(start, end) > now:
                return
            if starting and start <= end:
                self._waiting.remove(starting)
                starting.started_at = start
                self.running.append(starting)
                self.peak_in_progress = max(self.peak_in_progress, len(self.running))
            elif ending:
                self._finish(ending, end)

    def _finish(self, job: Submission, at: float) -> None:
        if job in self.running:
            if self.concurrency is not None and len(self.running) >= self.concurrency:
                self._freed_at = at
            self.running.remove(job)
        job.finished_at = at


def _end(job: Submission) -> float:
    if not job.outcome.ends or job.progress_polls_left > 0:
        return math.inf
    return max((job.started_at or 0.0) + job.latency, job.polled_out_at)
