"""Draws several pictures for one post, to choose from, by the rules of heroes: sent once, and within the budget."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ..errors import AccountError, AssetsError
from ..language_models import ROUTER
from ..planning.budget import Allowance, Selection, allowance, select, spent_in_a_day
from ..planning.candidates import NOTHING, brief_item, wanted_candidates
from ..planning.item import TO_BUY, Item
from ..planning.plan import Plan
from ..planning.site import Site
from ..planning.survey import Survey, full_survey
from ..providers.opening import open_provider
from ..storage.assets import hero_stem
from ..storage.candidates import Candidates
from ..storage.preflight import require_writable
from ..storage.versions import Versions, sha256_of
from .lock import Say, buying
from .policy import refusal_text, why_not_spend
from .report import Report
from .result import HeroResult, result_by_plan, result_without_new_brief
from .run import candidate_results, run_items
from .run_context import RunContext
from .run_state import Listener, Silent
from .workers import JobResults


@dataclass(frozen=True, kw_only=True)
class CandidatePlan:
    """What a run for a number of candidates would do."""

    there: int
    """How many of them exist, or are to be fetched."""
    new: tuple[Item, ...]
    """Those to buy, or that the engine has refused."""
    brief: Item | None
    """What has their brief written, which comes first; None if they need none."""
    brief_usd: float
    """USD that it costs."""
    selection: Selection
    """Those that the budget allows, and the others."""
    money: Allowance
    """What there is for them, without the brief."""
    found: Survey

    @property
    def needs_brief(self) -> bool:
        """Whether their prompt is not known before their brief is written."""
        return self.brief is not None

    @property
    def pending(self) -> tuple[Item, ...]:
        """The candidates of the post, also for other requests, that are paid for and not fetched yet."""
        return self.found.candidates

    def report(self, results: tuple[HeroResult, ...] = (), **known: object) -> Report:
        """The report of a run with these results; plan and budget decide those of all other candidates."""
        tried = {result.item.key: result for result in results}
        others = (result_by_plan(item, self.selection) for item in (*self.pending, *self.new) if item.key not in tried)
        report = Report(plan=Plan(()), results=(), candidates=(*results, *others), selection=self.selection)
        return replace(report, unreadable=self.found.unreadable, **known)  # type: ignore[arg-type]


def plan_candidates(site: Site, number: int) -> CandidatePlan:
    """Plan ``number`` candidates for the one title that ``site`` has posts of.

    Raises:
        PostError: a field of the post can't be used.
        AssetsError, LedgerError: the folders or the ledger can't be read.
    """
    stems = frozenset(hero_stem(post.title) for post in site.posts)
    # As if the hero was to be drawn: then it is known whether a brief is needed.
    found = full_survey(site._replace(redo=stems, named=stems))
    (item,) = found.plan.items
    wanted = wanted_candidates(
        item,
        number,
        found.choices.get(item.stem, NOTHING),
        attempts=found.attempts,
        exists=_existing(site, found.heroes.get(item.stem)),
        retry=site.retry,
    )
    brief = brief_item(item) if wanted.new else None
    brief_usd = item.price_at(ROUTER) if brief and not brief.pending_brief else 0.0
    money = allowance(found.attempts, site.settings, site.ledger.clock()).minus(brief_usd)
    selection = select([item for item in wanted.new if item.state in TO_BUY], money)
    return CandidatePlan(
        there=wanted.there,
        new=wanted.new,
        brief=brief if selection.affordable else None,
        brief_usd=brief_usd if selection.affordable else 0.0,
        selection=selection,
        money=money,
        found=found,
    )


def _existing(site: Site, hero: str | None) -> Callable[[str], bool]:
    """Return what tells whether the picture with a SHA-256 is a candidate, a version, or the present hero."""
    library = site.library
    kept = [*Candidates(library).all(), *Versions(library).all()]
    try:
        present = sha256_of(library.folder / hero) if hero else ""
    except OSError as error:
        raise AssetsError.of(library.folder, error) from error
    return lambda digest: digest == present or any(picture.is_of(digest) for picture in kept)


def draw_candidates(
    site: Site, number: int, *, listener: Listener, say: Say, environ: Mapping[str, str] = os.environ
) -> Report:
    """Draw what is missing of ``number`` candidates, as far as the budget allows, and fetch what was bought before.

    The report has them as ``candidates``, and no heroes.

    Raises:
        AccountError: there are no credentials, or this is a build server.
        PostError: a field of the post can't be used.
        AssetsError, LedgerError: files can't be written, or another run holds the lock.
    """
    first = plan_candidates(site, number)
    if not (first.pending or first.selection.affordable):
        return first.report()
    if refusal := why_not_spend(site.settings, RunContext(environ=environ)):
        raise AccountError(refusal_text(refusal, site.settings.engine))
    provider = open_provider(site.settings.engine, site.settings)
    with buying(site, say) as lock:
        require_writable(site.library, site.ledger.path)
        # Another run may have bought some of them since.
        plan = plan_candidates(site, number)
        briefed = JobResults(results=())
        failure, wants_new_brief = "", False
        if plan.brief:
            wants_new_brief = plan.brief.wants_new_brief
            silent = Silent()
            briefed = run_items((plan.brief,), site, provider, money=plan.money, listener=silent, lock=lock)
            plan = replace(plan_candidates(site._replace(new_briefs=frozenset()), number), brief=None)
            failure = next((result.brief_failure for result in briefed.results), "")
        new = plan.selection.affordable
        undrawn = tuple(result_without_new_brief(item, failure) for item in new) if failure and wants_new_brief else ()
        work = () if briefed.halt_error else (*plan.pending, *(() if undrawn else new))
        finished = run_items(work, site, provider, money=plan.money, listener=listener, lock=lock)
    return plan.report(
        (*undrawn, *(replace(result, brief_failure=failure) for result in candidate_results(finished))),
        brief_usd=sum(result.usd for result in briefed.results),
        halt_error=briefed.halt_error or finished.halt_error,
        spent_nothing_before=spent_in_a_day(plan.found.attempts, site.ledger.clock()) == 0,
    )
