"""``falhero spend``: what was spent, by month and model, from the ledger."""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass

from ..content.site import open_site
from ..generation import messages
from ..models import find_model
from ..storage.ledger import SAVED, Attempt, attempts_of
from .main import GOOD
from .output import Reporter, relative


@dataclass
class _Sum:
    heroes: int = 0
    uncertain: int = 0
    usd: float = 0.0

    def add(self, attempt: Attempt) -> None:
        self.heroes += attempt.outcome == SAVED
        self.uncertain += attempt.is_uncertain
        self.usd += attempt.usd


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Show it."""
    site = open_site(options.settings)
    history = site.ledger.read()
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    for attempt in attempts_of(history.events):
        # A picture that was kept under a new title cost nothing and drew nothing.
        if not attempt.last.kept_from:
            sums[attempt.first.time.strftime("%Y-%m"), attempt.first.endpoint].add(attempt)
    rows = []
    for (month, endpoint), found in sorted(sums.items()):
        if not (found.heroes or found.uncertain or found.usd):
            continue
        model = find_model(endpoint)
        name = model.name if model else endpoint
        unsure = f"  {found.uncertain} uncertain: fal never said whether it took them" if found.uncertain else ""
        reporter.line(
            f"{month}  {name:<12}  {messages.count(found.heroes, 'hero'):>10}  {messages.dollars(found.usd):>8}{unsure}"
        )
        rows.append({"month": month, "model": name, "endpoint": endpoint, **vars(found), "usd": round(found.usd, 6)})
    usd = sum(found.usd for found in sums.values())
    reporter.line(f"{messages.dollars(usd)} in all")
    problems = messages.ledger_problems(history.unreadable, relative(site.ledger.path))
    reporter.notes(problems)
    summary = {"heroes": sum(row["heroes"] for row in rows), "usd": round(usd, 6)}
    summary["uncertain"] = sum(row["uncertain"] for row in rows)
    reporter.document("spend", site, months=rows, summary=summary, problems=problems)
    return GOOD
