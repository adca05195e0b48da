"""What there is of a site's heroes: the plan, from the assets folder and the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from ..content.post import Subject
from ..errors import HeroError
from ..settings import Settings
from ..storage.assets import Library
from ..storage.ledger import Attempt, Ledger, attempts_of
from .plan import Plan, State, make_plan


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a plan is made of."""

    subjects: tuple[Subject, ...]
    settings: Settings
    library: Library
    ledger: Ledger
    redo: frozenset[str] = frozenset()
    """Stems of heroes that are to be drawn anew."""
    retry: bool = False
    """Whether requests that fal refused may be sent again."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was found."""

    plan: Plan
    attempts: tuple[Attempt, ...] = ()
    """What the ledger tells of; it is only read when a hero is not there."""
    unreadable: tuple[int, ...] = ()
    """Numbers of the ledger's lines that can't be read."""


def survey(site: Site) -> Survey:
    """Look at the assets folder, and at the ledger where something is not there.

    Raises:
        AssetsError, LedgerError: it can't be read.
    """
    heroes = site.library.heroes()
    plan = make_plan(site.subjects, heroes, site.settings)
    if site.settings.refresh == "missing" and not site.redo and len(plan.in_state(State.PRESENT)) == len(plan.items):
        return Survey(plan=plan)
    history = site.ledger.read()
    attempts = attempts_of(history.events)
    plan = make_plan(site.subjects, heroes, site.settings, attempts=attempts, redo=site.redo, retry=site.retry)
    return Survey(plan=plan, attempts=attempts, unreadable=history.unreadable)


def glance(site: Site) -> Plan:
    """The plan as far as it can be told without what can't be read: what is not seen is missing."""
    try:
        heroes = site.library.heroes()
    except HeroError:
        heroes = {}
    return make_plan(site.subjects, heroes, site.settings)
