"""What fal does, without the network: accounts, the queue, models, the file CDN and the price list."""

from __future__ import annotations

import hashlib
import math
import re
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urlsplit

from fal_answers import (
    EXHAUSTED_BALANCE,
    NOT_FOUND,
    completed,
    ended,
    locked,
    platform_error,
    queued,
    served,
    too_many,
    unauthorized,
)
from fal_exchange import Exchange, Hosts, Recorded, Stage
from fal_jobs import Outcome, Runners, Submission
from fal_pictures import SUFFIXES, Picture
from fal_schemas import ENDPOINTS, SIZES, Endpoint, Price, megapixels
from fal_validation import NO_RETRY, Checked, check, embedded_size
from fal_wire import Reply

MOST_PRICES = 50
DESCRIPTION = '{"alt": "A fox on a snowy ridge", "decorative": false, "flaws": ""}'
SCENE = "A red fox crosses a snowy ridge at dawn, its breath a small cloud in the first low light."
UNKNOWN_INPUT = (1024, 768)


class FalService:
    """One fal, with its accounts, its jobs and its files; FalServer puts it on the network.

    latency: seconds of inference of every job accepted from now on.
    queue_polls, progress_polls: how many looks at its status a job stays IN_QUEUE, and then IN_PROGRESS.
    validates_at: where the queue answers 422: with the "result", as fal does, or at the "submit".
    locked: the reason for which the user is locked out (such as EXHAUSTED_BALANCE), or None.
    balance_usd: locks the user out when that much is spent; None: no end of money.
    language_model: what a language model answers to these arguments.
    prices: USD by endpoint, and open to change; an endpoint without one costs 0 and is missing from the price list.
    endpoints: what can be asked for.
    """

    endpoints: Mapping[str, Endpoint] = ENDPOINTS

    def __init__(self) -> None:
        """Start with one valid key, no latency and no limit."""
        self.latency = 0.0
        self.queue_polls = 0
        self.progress_polls = 0
        self.validates_at: Literal["result", "submit"] = "result"
        self.locked: str | None = None
        self.balance_usd: float | None = None
        self.language_model: Callable[[dict[str, Any]], str] = _answer
        self.valid_keys = {"test-key:secret"}
        self.prices: dict[str, Price | None] = {name: model.price for name, model in self.endpoints.items()}
        self.hosts = Hosts("", "", "", "")
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._runners = Runners(time.monotonic)
        self._jobs: dict[str, Submission] = {}
        self._files: dict[str, tuple[Submission, Picture]] = {}
        self._work: dict[Stage, Callable[[Exchange], Reply]] = {
            "submit": self._submit,
            "status": self._status,
            "result": self._result,
            "cancel": self._cancel,
            "run": self._run,
            "download": self._download,
            "pricing": self._pricing,
        }

    @property
    def submissions(self) -> list[Submission]:
        """Every job that was accepted, in order."""
        with self._lock:
            return list(self._jobs.values())

    @property
    def charges(self) -> int:
        """How many inferences fal bills."""
        return sum(job.charged for job in self.submissions)

    @property
    def cost_usd(self) -> float:
        """What fal bills for all of them, in USD."""
        return round(sum(job.cost_usd for job in self.submissions), 6)

    @property
    def concurrency(self) -> int | None:
        """How many jobs are in progress at once; None: all of them."""
        return self._runners.concurrency

    @concurrency.setter
    def concurrency(self, limit: int | None) -> None:
        with self._lock:
            self._runners.concurrency = limit

    @property
    def peak_in_progress(self) -> int:
        """How many jobs were in progress at the same time at most."""
        return self._runners.peak_in_progress

    @property
    def peak_unfinished(self) -> int:
        """How many jobs were in the queue or in progress at the same time at most."""
        return self._runners.peak_unfinished

    def forget(self, request_id: str) -> None:
        """Know this request no more: 404 for its status and its result. Its files stay."""
        self._jobs[request_id].forgotten = True

    def forget_all(self) -> None:
        """Know no request any more."""
        for job in self.submissions:
            job.forgotten = True

    def work(self, exchange: Exchange) -> Reply:
        """Do what was asked and return fal's answer."""
        work = self._work.get(exchange.recorded.stage)
        if work is None:
            return Reply.of({"detail": f"Path {exchange.recorded.path} not found"}, 404)
        return work(exchange)

    # Orders.

    def _refuse_order(self, recorded: Recorded) -> Reply | None:
        refusal = unauthorized(recorded, self.valid_keys)
        if refusal is not None:
            return refusal
        if self.locked is not None:
            return locked(self.locked)
        if self.balance_usd is not None and self.cost_usd >= self.balance_usd:
            return locked(EXHAUSTED_BALANCE)
        if recorded.endpoint not in self.endpoints:
            return Reply.of({"detail": f"Application {recorded.endpoint!r} not found"}, 404)
        if not isinstance(recorded.json, dict):
            error = {"loc": ["body"], "msg": "JSON decode error", "type": "json_invalid", "input": {}}
            return Reply.of({"detail": [error]}, 422, NO_RETRY)
        return None

    def _submit(self, exchange: Exchange) -> Reply:
        with self._lock:
            refusal = self._refuse_order(exchange.recorded)
            if refusal is not None:
                return refusal
            job = self._order(exchange, "submit")
            if job.invalid and self.validates_at == "submit":
                return ended(job, self.hosts)
            self._accept(exchange, job)
            return queued(job, self.hosts, 200, status="IN_QUEUE", queue_position=self._runners.position(job))

    def _run(self, exchange: Exchange) -> Reply:
        with self._lock:
            refusal = self._refuse_order(exchange.recorded)
            if refusal is not None:
                return refusal
            job = self._order(exchange, "run")
            if job.invalid:
                return ended(job, self.hosts)
            if self._runners.full():
                return too_many()
            self._accept(exchange, job)
        while not self._stopping.wait(0.002):
            with self._lock:
                self._runners.advance()
                if self._runners.state(job) == "COMPLETED":
                    break
        return ended(job, self.hosts)

    def _order(self, exchange: Exchange, source: Literal["submit", "run"]) -> Submission:
        recorded = exchange.recorded
        model, arguments = self.endpoints[recorded.endpoint or ""], self.arguments_in(recorded)
        checked = check(model.schema, arguments)
        values = checked.values
        width, height = UNKNOWN_INPUT if checked.errors else self._frame(model, values)
        images = 1 if checked.errors else int(values.get("num_images") or 1)
        return Submission(
            request_id=str(uuid.uuid4()),
            endpoint=recorded.endpoint or "",
            arguments=arguments,
            source=source,
            model=model,
            price=self.prices.get(recorded.endpoint or ""),
            values=values,
            unknown_fields=checked.unknown,
            seed=_seed(values, len(self._jobs)),
            width=width,
            height=height,
            megapixels=megapixels(width, height),
            images=images,
            sent_megapixels=0 if checked.errors else self._sent_megapixels(values),
            invalid=bool(checked.errors),
            outcome=_invalid(checked) if checked.errors else exchange.outcome or Outcome(),
            latency=0.0 if checked.errors else self.latency,
            queue_polls_left=self.queue_polls if source == "submit" else 0,
            progress_polls_left=self.progress_polls if source == "submit" else 0,
            accepted_at=time.monotonic(),
        )

    def arguments_in(self, recorded: Recorded) -> Any:
        """Return the arguments in a request's body."""
        return recorded.json

    def _accept(self, exchange: Exchange, job: Submission) -> None:
        exchange.job = job
        self._jobs[job.request_id] = job
        if not job.invalid and job.model.envelope == "text":
            job.text = self.language_model(job.values)
        elif not job.invalid:
            format_ = str(job.values.get("output_format") or job.values.get("format") or "png")
            sent = "".join(hashlib.sha256(url.encode()).hexdigest() for url in job.values.get("image_urls") or [])
            for number in range(job.images):
                path = f"/files/b/{secrets.token_hex(4)}/{secrets.token_urlsafe(16)[:21]}.{SUFFIXES[format_]}"
                # What is drawn depends on the pictures that were sent as well.
                prompt = f"{job.values.get('prompt', '')}{sent}"
                job.pictures[path] = Picture(prompt, job.seed + number, job.width, job.height, format_)
                self._files[path] = (job, job.pictures[path])
        self._runners.add(job)

    def _frame(self, model: Endpoint, values: dict[str, Any]) -> tuple[int, int]:
        if model.frame == "aspect_ratio":
            return _of_ratio(str(values["aspect_ratio"]), model.area)
        size = values.get("image_size")
        if isinstance(size, dict):
            return int(size["width"]), int(size["height"])
        if isinstance(size, str):
            return SIZES[size]
        sent = values.get("image_urls") or []
        return self._size_behind(str(values.get("image_url") or values.get("control_image_url") or "".join(sent[:1])))

    def _sent_megapixels(self, values: dict[str, Any]) -> int:
        return sum(megapixels(*self._size_behind(url)) for url in values.get("image_urls") or [])

    def _size_behind(self, url: str) -> tuple[int, int]:
        known = self._files.get(urlsplit(url).path)
        if known is not None:
            return known[1].width, known[1].height
        return embedded_size(url) or UNKNOWN_INPUT if url.startswith("data:") else UNKNOWN_INPUT

    # The life of a request.

    def _find(self, exchange: Exchange) -> Submission | Reply:
        refusal = unauthorized(exchange.recorded, self.valid_keys)
        if refusal is not None:
            return refusal
        job = exchange.job
        if job is None or job.forgotten or not exchange.recorded.path.startswith(f"/{job.app}/"):
            return NOT_FOUND
        return job

    def _status(self, exchange: Exchange) -> Reply:
        job = self._find(exchange)
        if isinstance(job, Reply):
            return job
        wants_logs = exchange.recorded.query.get("logs", [""])[-1].lower() in ("1", "true")
        with self._lock:
            state = self._runners.poll(job)
            logs = job.logs(time.monotonic()) if wants_logs else None
            if state == "IN_QUEUE":
                return queued(job, self.hosts, 202, status=state, queue_position=self._runners.position(job))
            if state == "IN_PROGRESS":
                return queued(job, self.hosts, 202, status=state, logs=logs)
            return completed(job, self.hosts, logs)

    def _result(self, exchange: Exchange) -> Reply:
        job = self._find(exchange)
        if isinstance(job, Reply):
            return job
        with self._lock:
            self._runners.advance()
            if self._runners.state(job) != "COMPLETED":
                return Reply.of({"detail": "Request is still in progress"}, 400, {"x-fal-request-id": job.request_id})
            return ended(job, self.hosts)

    def _cancel(self, exchange: Exchange) -> Reply:
        job = self._find(exchange)
        if isinstance(job, Reply):
            return job
        with self._lock:
            self._runners.advance()
            if self._runners.state(job) == "COMPLETED":
                return Reply.of({"status": "ALREADY_COMPLETED"}, 400)
            text, kind = "Request was cancelled", "client_cancelled"
            job.outcome = replace(
                job.outcome,
                status=499,
                body={"detail": text, "error_type": kind},
                headers={"x-fal-error-type": kind},
                error=text,
                error_type=kind,
            )
            self._runners.cancel(job)
            return Reply.of({"status": "CANCELLATION_REQUESTED"}, 202)

    # Files and prices.

    def picture(self, path: str) -> tuple[Submission, Picture] | None:
        """Return the job and the picture behind a path of the CDN."""
        found = self._files.get(path)
        return found and (found[0], replace(found[1], black=found[0].outcome.black))

    def _download(self, exchange: Exchange) -> Reply:
        if exchange.picture is None:
            return Reply.of({"detail": "Not Found"}, 404)
        return served(exchange.picture, exchange.recorded.headers)

    def _pricing(self, exchange: Exchange) -> Reply:
        scheme, _, key = (exchange.recorded.authorization or "").partition(" ")
        if scheme != "Key" or key not in self.valid_keys:
            return platform_error(401, "authorization_error", "Authentication required")
        asked = ",".join(exchange.recorded.query.get("endpoint_id", [])).split(",")
        if asked == [""] or len(asked) > MOST_PRICES:
            return platform_error(400, "validation_error", f"endpoint_id: between 1 and {MOST_PRICES} are needed")
        prices = []
        for name in asked:
            if name not in self.prices:
                return platform_error(404, "not_found", f"Endpoint {name} not found")
            price = self.prices[name]
            if price is not None:
                prices.append({"endpoint_id": name, "unit_price": price.usd, "unit": price.unit, "currency": "USD"})
        return Reply.of({"prices": prices, "next_cursor": None, "has_more": False})


def _answer(arguments: dict[str, Any]) -> str:
    return DESCRIPTION if "image_urls" in arguments else SCENE


def _invalid(checked: Checked) -> Outcome:
    first = checked.errors[0]
    body = {"detail": checked.errors}
    return Outcome(422, body, NO_RETRY, error=first["msg"], error_type=first["type"], charged=False)


def _seed(values: dict[str, Any], number: int) -> int:
    if values.get("seed") is not None:
        return int(values["seed"])
    digest = hashlib.sha256(f"{number} {values.get('prompt')}".encode()).digest()
    # fal's own seeds can be larger than an int64 holds; these always are.
    return int.from_bytes(digest[:8], "big") | 1 << 63


def _of_ratio(ratio: str, area: int) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d*):([1-9]\d*)", ratio)
    across, down = (int(found[1]), int(found[2])) if found else (16, 9)
    width = math.sqrt(area * across / down)
    return max(16, int(width) // 16 * 16), max(16, int(width * down / across) // 16 * 16)
