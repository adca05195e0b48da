"""Runs a plan: what may be bought is bought, what was bought is fetched, what can be kept is kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ..errors import AccountError, AssetsError, HeroError
from ..planning.budget import (
    Allowance,
    Selection,
    allowance,
    select,
    spent_in_a_day,
)
from ..planning.plan import TO_BUY, TO_COPY, Item, Plan, State
from ..planning.survey import Site, Survey, survey
from ..providers.base import Provider
from ..storage.ledger import SAVED, Attempt, Event
from .lock import BuyingLock, Say, buying
from .policy import NoSpending, RunContext, why_not_spend
from .result import HeroResult
from .run_state import Listener, RunState
from .workers import JobResults, run_jobs


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A hero whose picture was there under another name, or in another folder."""

    item: Item
    former: str
    """That picture, relative to the site's root."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run did, and what it left."""

    plan: Plan
    """As it was when the run had the ledger to itself."""
    results: tuple[HeroResult, ...] = ()
    kept: tuple[Kept, ...] = ()
    halt: HeroError | None = None
    untried: tuple[Item, ...] = ()
    """What the halt left."""
    selection: Selection | None = None
    is_first_day: bool = False
    """Whether nothing had been spent in the day before, so that nobody was told yet what did not fit."""
    unreadable: tuple[int, ...] = ()
    """Numbers of the ledger's lines that could not be read."""

    @property
    def made(self) -> tuple[HeroResult, ...]:
        """The heroes that were made."""
        return tuple(result for result in self.results if result.error is None)

    @property
    def failed(self) -> tuple[HeroResult, ...]:
        """The heroes that failed, each for a reason of its own."""
        return tuple(result for result in self.results if result.error and result.error is not self.halt)

    @property
    def usd(self) -> float:
        """What the run cost, or may have cost."""
        return sum(result.usd for result in self.results)


def purchase(site: Site, *, listener: Listener, say: Say, environ: Mapping[str, str] = os.environ) -> Report:
    """Make what is missing, as a command or the API asks; with a provider other than fal only what costs nothing.

    Raises:
        AccountError: there are no credentials, or this is a build server.
        AssetsError, LedgerError, LockError: nothing can be written.
    """
    refusal = why_not_spend(site.settings, RunContext(environ=environ))
    found = None if refusal is NoSpending.PROVIDER else survey(site)
    if found is None or not found.plan.in_state(*TO_BUY, State.PENDING):
        return generate(site, None, listener=listener, say=say, found=found)
    if refusal:
        raise AccountError(refusal.value)
    from ..providers.fal.provider import FalProvider  # noqa: PLC0415 - imports fal_client

    return generate(site, FalProvider(), listener=listener, say=say, found=found)


def generate(
    site: Site, provider: Provider | None, *, listener: Listener, say: Say, found: Survey | None = None
) -> Report:
    """Make what is missing, as far as the budget goes; without a provider, only what costs nothing.

    ``found`` is a survey of the same site, made before the lock was had. It is made again where another run was waited
    for, or where ledger or assets folder have changed since: a plan from before that could pay twice.

    Raises:
        AssetsError: the folders can't be written, so nothing was bought.
        LedgerError: the ledger can't be, so nothing was bought.
        LockError: another run buys for this site, so nothing was bought.
    """
    with buying(site, say) as lock:
        if found is None or lock.was_waited_for or not found.is_current(site):
            found = survey(site)
        kept, failed = _keep(found.plan.in_state(*TO_COPY), site)
        report = Report(plan=found.plan, kept=kept, results=failed, unreadable=found.unreadable)
        return (
            report if provider is None else _buy(report, found.attempts, site, provider, listener=listener, lock=lock)
        )


def _buy(
    report: Report,
    attempts: tuple[Attempt, ...],
    site: Site,
    provider: Provider,
    *,
    listener: Listener,
    lock: BuyingLock,
) -> Report:
    money, selection = _selected(report.plan, attempts, site)
    work, followers = _firsts((*report.plan.in_state(State.PENDING), *selection.affordable))
    finished = JobResults(results=())
    obstacle = _obstacle(provider) if work else None
    if obstacle:
        finished = JobResults(results=(), halt=obstacle, untried=work)
    elif work:
        for item in work:
            money = money.less(0.0 if item.pending else item.price or 0.0)
        run = RunState(
            provider=provider,
            library=site.library,
            ledger=site.ledger,
            listener=listener,
            money=money,
            retry=site.retry,
        )
        finished = run_jobs(work, run, concurrency=site.settings.concurrency, lock=lock)
    # Of several results of one request, one that has a picture leads.
    ranked = sorted(finished.results, key=lambda result: result.error is None)
    leaders = {result.item.drawn_as: result for result in ranked}
    followed = [item for item in followers if item.drawn_as in leaders]
    results = [*report.results, *finished.results]
    results += [_follow(item, leaders[item.drawn_as], site) for item in followed]
    place = {item.stem: number for number, item in enumerate(report.plan.items)}
    return replace(
        report,
        results=tuple(sorted(results, key=lambda result: place[result.item.stem])),
        halt=finished.halt,
        untried=(*finished.untried, *(item for item in followers if item not in followed)),
        selection=selection,
        is_first_day=spent_in_a_day(attempts, site.ledger.clock()) == 0,
    )


def _obstacle(provider: Provider) -> AccountError | None:
    """What on this machine keeps every hero from being bought or fetched."""
    try:
        provider.check()
    except AccountError as error:
        return error
    return None


def dry_run(site: Site) -> tuple[Plan, Selection]:
    """What ``generate`` would do now."""
    found = survey(site)
    return found.plan, _selected(found.plan, found.attempts, site)[1]


def _selected(plan: Plan, attempts: tuple[Attempt, ...], site: Site) -> tuple[Allowance, Selection]:
    money = allowance(attempts, site.settings, site.ledger.clock())
    paid = [item.drawn_as for item in plan.in_state(State.PENDING)]
    return money, select(plan.in_state(*TO_BUY), money, paid=paid)


def _firsts(items: Iterable[Item]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """The first item of each request, and those that ask for the same."""
    seen: set[str] = set()
    firsts: list[Item] = []
    followers: list[Item] = []
    for item in items:
        # Two tries of one request that are both paid for are both fetched.
        key = item.pending.first.attempt if item.pending else item.drawn_as
        (followers if key in seen else firsts).append(item)
        seen |= {key, item.drawn_as}
    return tuple(firsts), tuple(followers)


def _follow(item: Item, leader: HeroResult, site: Site) -> HeroResult:
    """A hero whose request another hero of this run has paid for: its picture, under its own name."""
    if leader.error:
        return HeroResult(item=item, error=leader.error, is_pending=leader.is_pending)
    path = PurePosixPath(site.library.assets_dir, leader.item.name).as_posix()
    return HeroResult(item=item, error=_copy(path, item, site, fingerprint=item.drawn_as))


def _keep(items: tuple[Item, ...], site: Site) -> tuple[tuple[Kept, ...], tuple[HeroResult, ...]]:
    """The heroes that got a picture which was there, and those for which that failed."""
    kept, failed = [], []
    for item in items:
        if error := _copy(item.copied_from, item, site, fingerprint=item.former):
            failed.append(HeroResult(item=item, error=error))
        else:
            kept.append(Kept(item=item, former=item.copied_from))
    return tuple(kept), tuple(failed)


def _copy(former: str, item: Item, site: Site, *, fingerprint: str) -> HeroError | None:
    """Give a picture, by its path from the site's root, to a hero as well, for nothing."""
    library = site.library
    name = item.stem + PurePosixPath(former).suffix
    try:
        with library.workspace() as file:
            shutil.copyfile(library.root / former, file)
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            library.place(file, library.folder / name)
        site.ledger.append(
            Event(
                event=SAVED,
                attempt=uuid.uuid4().hex[:12],
                hero=name,
                time=site.ledger.clock(),
                title=item.post.title,
                source=item.post.source,
                endpoint=item.pending.first.endpoint if item.pending else item.request.endpoint,
                fingerprint=fingerprint,
                sha256=digest,
                folder=library.assets_dir,
                kept_from=PurePosixPath(former).name,
            )
        )
    except OSError as error:
        return AssetsError.of(library.folder, error)
    except HeroError as error:
        return error
    return None
