"""Runs a plan: buys what the budget allows, fetches what was bought before, and copies pictures that can be reused."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from ..engines import FAL
from ..errors import AccountError, AssetsError, HeroError
from ..planning.budget import (
    Allowance,
    Selection,
    allowance,
    select,
    spent_in_a_day,
)
from ..planning.item import TO_BUY, TO_COPY, Item, State
from ..planning.plan import Plan
from ..planning.site import Site
from ..planning.survey import Survey, survey
from ..providers.base import Provider
from ..providers.opening import open_provider
from ..storage.attempts import Attempt
from ..storage.events import SAVED, Event
from ..storage.masters import place_master
from ..storage.preflight import require_writable
from ..storage.versions import sha256_of
from .alt_text import fetch_descriptions
from .lock import BuyingLock, Say, buying
from .policy import NoSpending, refusal_text, why_not_spend
from .report import Report
from .result import HeroResult, Outcome
from .run_context import RunContext
from .run_state import Listener, RunState, Silent
from .workers import JobResults, run_jobs


def purchase(site: Site, *, listener: Listener, say: Say, environ: Mapping[str, str] = os.environ) -> Report:
    """Make the missing heroes for a command or the Python API. With a provider that is no engine, only copy pictures.

    Raises:
        AccountError: there are no credentials, or this is a build server.
        AssetsError, LedgerError: files can't be written, or another run holds the lock.
    """
    refusal = why_not_spend(site.settings, RunContext(environ=environ))
    found = None if refusal is NoSpending.PROVIDER else survey(site)
    if found is None or not (found.has_more_to_fetch or found.plan.in_state(*TO_BUY, State.PENDING)):
        return generate(site, None, listener=listener, say=say, found=found)
    if refusal and not (found.candidates or found.plan.in_state(*TO_BUY, State.PENDING)):
        # A description that is still to be fetched is no reason to fail.
        return generate(site, None, listener=listener, say=say, found=found)
    if refusal:
        raise AccountError(refusal_text(refusal, site.settings.engine))
    provider = open_provider(site.settings.engine, site.settings)
    return generate(site, provider, listener=listener, say=say, found=found)


def generate(
    site: Site, provider: Provider | None, *, listener: Listener, say: Say, found: Survey | None = None
) -> Report:
    """Make the missing heroes that the budget allows; without a provider, only copy pictures that can be reused.

    ``found`` is a survey of the same site from before the lock. The survey is made again when another run held the lock
    first, or when ledger or assets folder have changed since: an old plan could pay twice.

    Raises:
        AssetsError: the folders can't be written; nothing was bought.
        LedgerError: the ledger can't be written, or another run holds the lock; nothing was bought.
    """
    with buying(site, say) as lock:
        if lock.was_waited_for or (found and not found.is_current(site)):
            found = None
        # After the question whether anything has changed, for this changes the ledger's time.
        require_writable(site.library, site.ledger.path)
        found = found or survey(site)
        copied = [
            _copy(item.copied_from, item, site, made_for=(item.copied_fingerprint, item.copied_own_fingerprint))
            for item in found.plan.in_state(*TO_COPY)
        ]
        if provider is None:
            return Report.of(found.plan, copied, unreadable=found.unreadable)
        return buy(found, copied, site, provider, listener=listener, lock=lock)


def buy(
    found: Survey,
    copied: Iterable[HeroResult],
    site: Site,
    provider: Provider,
    *,
    listener: Listener,
    lock: BuyingLock,
) -> Report:
    """Fetch what is pending in a plan, and buy what the budget allows; ``copied`` are results to report as well.

    ``found`` was made while ``lock`` was held, and the folders can be written.
    """
    money, selection = _select_affordable(found.plan, found.attempts, site)
    work, followers = _split_by_request((*found.plan.in_state(State.PENDING), *selection.affordable))
    everything = run_items((*work, *found.candidates), site, provider, money=money, listener=listener, lock=lock)
    if found.descriptions:
        run = RunState.of(site, provider, money=money, listener=Silent())
        if not _account_error(run, [FAL]):
            fetch_descriptions(found.descriptions, run)
    finished, candidates = _split_candidates(everything)
    # Of several results of one request, one with a picture comes last and wins.
    ranked = sorted(finished.results, key=lambda result: result.has_picture)
    leaders = {result.item.expected_fingerprint: result for result in ranked}
    followed = [item for item in followers if item.expected_fingerprint in leaders]
    halted = (*finished.untried, *(item for item in followers if item not in followed))
    results = [*copied, *finished.results]
    results += [_result_of_follower(item, leaders[item.expected_fingerprint], site) for item in followed]
    results += [halted_result(item, str(finished.halt_error)) for item in halted]
    return Report.of(
        found.plan,
        results,
        candidates=candidates,
        halt_error=finished.halt_error,
        selection=selection,
        spent_nothing_before=spent_in_a_day(found.attempts, site.ledger.clock()) == 0,
        unreadable=found.unreadable,
    )


def run_items(
    work: tuple[Item, ...],
    site: Site,
    provider: Provider,
    *,
    money: Allowance,
    listener: Listener,
    lock: BuyingLock,
) -> JobResults:
    """Make or fetch these pictures at once, each a request of its own; ``money`` is what there is for all of them."""
    if not work:
        return JobResults(results=())
    for item in work:
        money = money.minus(0.0 if item.pending else item.price or 0.0)
    run = RunState.of(site, provider, money=money, listener=listener)
    asks_for_texts = any(item.needs_brief or item.is_described for item in work)
    if error := _account_error(run, [provider.name, *([FAL] if asks_for_texts else [])]):
        return JobResults(results=(), halt_error=error, untried=work)
    return run_jobs(work, run, concurrency=site.settings.concurrency, lock=lock)


def _split_candidates(finished: JobResults) -> tuple[JobResults, tuple[HeroResult, ...]]:
    """Return what became of the heroes, and the results of the candidates."""
    heroes = replace(
        finished,
        results=tuple(result for result in finished.results if not result.item.is_candidate),
        untried=tuple(item for item in finished.untried if not item.is_candidate),
    )
    return heroes, candidate_results(finished)


def candidate_results(finished: JobResults) -> tuple[HeroResult, ...]:
    """The results of the candidates among finished jobs, also of those that were not started."""
    made = tuple(result for result in finished.results if result.item.is_candidate)
    halted = (halted_result(item, str(finished.halt_error)) for item in finished.untried if item.is_candidate)
    return (*made, *halted)


def halted_result(item: Item, reason: str) -> HeroResult:
    """The result of an item that was not tried because the run was halted."""
    return HeroResult(item=item, state=Outcome.FAILED, reason=reason, was_tried=True, is_halted=True)


def _account_error(run: RunState, engines: Iterable[str]) -> AccountError | None:
    """The error of the engines' own checks of credentials and network settings, if any.

    Briefs and descriptions are fal's, whatever engine draws.
    """
    for engine in engines:
        try:
            run.provider_of(engine).check()
        except AccountError as error:
            if engine == run.provider.name:
                return error
            return AccountError(f"FALHERO_DIRECTOR and FALHERO_ALT_MODEL ask fal: {error}")
    return None


def dry_run(site: Site, found: Survey | None = None) -> tuple[Plan, Selection]:
    """What ``generate`` would do now; ``found`` is a survey of the site, if there is one already."""
    found = found or survey(site)
    return found.plan, _select_affordable(found.plan, found.attempts, site)[1]


def _select_affordable(plan: Plan, attempts: tuple[Attempt, ...], site: Site) -> tuple[Allowance, Selection]:
    money = allowance(attempts, site.settings, site.ledger.clock())
    paid = [item.expected_fingerprint for item in plan.in_state(State.PENDING)]
    return money, select(plan.in_state(*TO_BUY), money, paid=paid)


def _split_by_request(items: Iterable[Item]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Split items into leaders (the first of each request) and followers (others with the same request)."""
    seen: set[str] = set()
    leaders: list[Item] = []
    followers: list[Item] = []
    for item in items:
        # Two paid tries of one request are both fetched.
        key = item.pending.first.attempt if item.pending else item.expected_fingerprint
        (followers if key in seen else leaders).append(item)
        seen |= {key, item.expected_fingerprint}
    return tuple(leaders), tuple(followers)


def _result_of_follower(item: Item, leader: HeroResult, site: Site) -> HeroResult:
    """Copy the leader's picture for a hero with the same request."""
    if not leader.has_picture:
        return replace(leader, item=item, usd=0.0, seconds=0.0, lost="")
    path = PurePosixPath(site.library.assets_dir, leader.file).as_posix()
    own = item.pending.first.own_fingerprint if item.pending else item.own_fingerprint
    copy = _copy(path, item, site, made_for=(item.expected_fingerprint, own))
    return replace(copy, state=Outcome.MADE, kept_from="") if copy.has_picture else copy


def _copy(former: str, item: Item, site: Site, *, made_for: tuple[str, str]) -> HeroResult:
    """Copy the picture ``former`` (relative to the site's root) to the hero's own name, and record it in the ledger.

    ``made_for`` is the event's ``fingerprint`` and ``own_fingerprint``.
    """
    library = site.library
    name = item.stem + PurePosixPath(former).suffix
    try:
        with library.temporary_file() as file:
            shutil.copyfile(library.root / former, file)
            digest = sha256_of(file)
            place_master(file, name, library)
        site.ledger.append(
            Event(
                event=SAVED,
                attempt=uuid.uuid4().hex[:12],
                hero=name,
                time=site.ledger.clock(),
                title=item.post.title,
                source=item.post.source,
                provider=item.pending.first.provider if item.pending else item.request.engine,
                endpoint=item.pending.first.endpoint if item.pending else item.request.endpoint,
                fingerprint=made_for[0],
                own_fingerprint=made_for[1],
                sha256=digest,
                folder=library.assets_dir,
                kept_from=PurePosixPath(former).name,
            )
        )
    except OSError as error:
        return _failed_copy(item, AssetsError.of(library.folder, error))
    except HeroError as error:
        return _failed_copy(item, error)
    return HeroResult(item=item, state=Outcome.KEPT, was_tried=True, kept_from=former)


def _failed_copy(item: Item, error: HeroError) -> HeroResult:
    return HeroResult(item=item, state=Outcome.FAILED, reason=str(error), remedy=error.remedy, was_tried=True)
