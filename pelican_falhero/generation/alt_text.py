"""Has a picture described after it was drawn or picked: its alternative text, and what looks wrong."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from ..direction.alt_text import alt_request, description_of
from ..engines import FAL
from ..errors import AssetsError
from ..language_models import VISION_ROUTER
from ..planning.budget import allowance
from ..planning.descriptions import DescriptionIndex, PendingDescription
from ..planning.item import Item
from ..planning.site import Site
from ..planning.survey import full_survey
from ..providers.opening import open_provider
from ..storage.versions import sha256_of
from .lock import BuyingLock, Say, buying
from .policy import refusal_text, why_not_spend
from .run_context import RunContext
from .run_state import RunState, Silent
from .slots import Slot
from .text_step import Kept, TextStep

_OVER_BUDGET = "it does not fit what is left of the budget"


@dataclass(frozen=True, kw_only=True)
class Described:
    """What became of a picture's description."""

    usd: float = 0.0
    """USD that this run has spent on it, or may have spent."""
    failure: str = ""
    """Why there is none; empty if there is one, or none is wanted."""


def describe_made(run: RunState, item: Item, slot: Slot, *, picture: str, digest: str, is_reserved: bool) -> Described:
    """Have a hero described that was made just now; no error comes out of here, for the picture is there.

    Args:
        run: what all heroes of the run share.
        item: the hero.
        slot: the hero's, at the provider.
        picture: its file name in the assets folder.
        digest: the SHA-256 of the file.
        is_reserved: whether what it costs was reserved with the picture, which no earlier run has bought then.
    """
    if not is_reserved and not run.reserve(item.price_at(VISION_ROUTER)):
        return Described(failure=_OVER_BUDGET)
    file = run.library.folder / picture
    return _described(run, item, slot, digest, lambda step: step.ask(alt_request(item.post, item.settings, file)))


def fetch_descriptions(pending: Iterable[PendingDescription], run: RunState) -> None:
    """Fetch descriptions that an earlier run has paid for; what can't be fetched now is left to the next run.

    All of them together get ``FALHERO_TIMEOUT``, and none is asked for after an error that every other would meet too.
    """
    slot = Slot(threading.BoundedSemaphore())
    began = time.monotonic()
    for found in pending:
        if run.halt_error or time.monotonic() - began >= found.item.settings.timeout:
            return
        attempt = found.attempt
        _described(run, found.item, slot, attempt.first.sha256, partial(TextStep.resume, pending=attempt))


def describe_hero(site: Site, *, say: Say, environ: Mapping[str, str] = os.environ) -> Described:
    """Have the present hero of the one title that ``site`` has posts of described, if it was not yet.

    Raises:
        AssetsError, LedgerError: the folders or the ledger can't be read or written, or another run holds the lock.
    """
    if refusal := why_not_spend(site.settings, RunContext(environ=environ), engine=FAL):
        return Described(failure=refusal_text(refusal, FAL))
    provider = open_provider(FAL, site.settings)
    with buying(site, say) as lock:
        found = full_survey(site)
        (item,) = found.plan.items
        picture = found.heroes[item.stem]
        try:
            digest = sha256_of(site.library.folder / picture)
        except OSError as error:
            raise AssetsError.of(site.library.folder, error) from error
        known = DescriptionIndex.of(found.attempts)
        if digest in known.written:
            return Described()
        money = allowance(found.attempts, site.settings, site.ledger.clock())
        run = RunState.of(site, provider, money=money, listener=Silent())
        slot = Slot(threading.BoundedSemaphore())
        if pending := known.pending.get(digest):
            return _described(run, item, slot, digest, lambda step: step.resume(pending))
        if not run.reserve(item.price_at(VISION_ROUTER)):
            return Described(failure=_OVER_BUDGET)
        file = site.library.folder / picture
        request = partial(alt_request, item.post, item.settings, file)
        return _in_thread(run, lock, lambda: _described(run, item, slot, digest, lambda step: step.ask(request())))


def _in_thread(run: RunState, lock: BuyingLock, ask: Callable[[], Described]) -> Described:
    """Ask in a thread of its own, so that after Ctrl-C the id of what was sent still gets into the ledger."""
    described: list[Described] = []
    thread = threading.Thread(target=lambda: described.append(ask()), daemon=True, name="hero-description")
    lock.hold_until_ended([thread])
    with lock.signals.deferred():
        thread.start()
        while thread.is_alive() and not lock.signals.received:
            thread.join(0.1)
        if lock.signals.received:
            lock.wait_for_submits(run.stop, run.open_submits)
    return described[0]


def _described(run: RunState, item: Item, slot: Slot, digest: str, ask: Callable[[TextStep], Kept]) -> Described:
    step = TextStep(run, item, slot, read=_kept, picture=digest)
    _, failure = step.attempt(lambda: ask(step))
    return Described(usd=step.log.usd, failure=failure)


def _kept(answer: str) -> Kept:
    found = description_of(answer)
    return {"text": found.alt, "flaws": found.flaws}
