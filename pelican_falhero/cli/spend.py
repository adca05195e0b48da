"""``falhero spend``: what was spent, by month and model, from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..content.site import open_site
from ..engines import FAL, find_anywhere, title_of
from ..generation import messages
from ..language_models import ROUTER, VISION_ROUTER
from ..storage.attempts import Attempt, attempts_of
from ..storage.events import FAILED, REFUSED, SAVED, WRITTEN
from .exits import SUCCESS
from .options import SiteOptions
from .output import Reporter, relative

_NOUNS = {ROUTER: "brief", VISION_ROUTER: "description"}
"""What the endpoints of language models are asked for."""


@dataclass
class _Sum:
    heroes: int = 0
    candidates: int = 0
    texts: int = 0
    noun: str = "text"
    """For a text."""
    engine: str = FAL
    uncertain: int = 0
    usd: float = 0.0
    estimated_usd: float = 0.0

    def add(self, attempt: Attempt) -> None:
        self.heroes += attempt.outcome == SAVED and not attempt.candidate
        self.candidates += attempt.outcome == SAVED and attempt.candidate
        self.texts += attempt.outcome == WRITTEN
        self.uncertain += attempt.is_uncertain
        self.usd += attempt.usd
        came_to_nothing = attempt.outcome in (REFUSED, FAILED)
        # A try without a picture does not show that the estimate was wrong, so it adds no difference.
        self.estimated_usd += attempt.usd if came_to_nothing else attempt.estimate

    @property
    def is_worth_a_line(self) -> bool:
        """Whether anything was made or spent, or may have been."""
        made = self.heroes or self.candidates or self.texts
        return bool(made or self.uncertain or self.usd or self.estimated_usd)

    @property
    def difference(self) -> str:
        """The estimate, if it differs from what was billed; else empty."""
        estimated = messages.dollars(self.estimated_usd)
        return "" if estimated == messages.dollars(self.usd) else f"  (estimated {estimated})"

    @property
    def more(self) -> str:
        """How many candidates were drawn beside the heroes; empty without any."""
        return f"  {messages.count(self.candidates, 'candidate')}" if self.candidates else ""

    @property
    def doubt(self) -> str:
        """How many of the requests may have been in vain; empty without any."""
        asked = title_of(self.engine)
        return f"  {self.uncertain} uncertain: {asked} never said whether it accepted them" if self.uncertain else ""

    @property
    def made(self) -> str:
        """How many heroes, or texts of a language model, were made of it."""
        if self.texts and not self.heroes:
            return messages.count(self.texts, self.noun)
        return messages.count(self.heroes, "hero")

    def as_json(self) -> dict[str, float]:
        """The numbers; USD rounded to six digits."""
        usd, estimated_usd = round(self.usd, 6), round(self.estimated_usd, 6)
        return {
            "heroes": self.heroes,
            "candidates": self.candidates,
            "texts": self.texts,
            "uncertain": self.uncertain,
            "usd": usd,
            "estimated_usd": estimated_usd,
        }


def run(options: SiteOptions, reporter: Reporter) -> int:
    """Print the sums of each month and model, and the total."""
    site = open_site(options.settings)
    history = site.ledger.read()
    sums: dict[tuple[str, str, str, str], _Sum] = {}
    total = _Sum()
    for attempt in attempts_of(history.events):
        # A picture copied for a new title cost nothing and was not drawn.
        if not attempt.last.kept_from:
            first = attempt.first
            key = first.time.strftime("%Y-%m"), first.endpoint, first.language_model, first.provider
            new = _Sum(noun=_NOUNS.get(first.endpoint, "text"), engine=first.provider)
            sums.setdefault(key, new).add(attempt)
            total.add(attempt)
    rows = []
    lines: list[tuple[str, str, _Sum]] = []
    for (month, endpoint, language_model, engine), found in sorted(sums.items(), key=lambda item: item[0]):
        if not found.is_worth_a_line:
            continue
        model = find_anywhere(endpoint)
        name = model.name if model else language_model or endpoint
        lines.append((month, name if engine == FAL else f"{name} at {title_of(engine)}", found))
        rows.append({"month": month, "model": name, "engine": engine, "endpoint": endpoint, **found.as_json()})
    for line in _table([*lines, ("in all", "", total)]):
        reporter.line(line)
    problems = messages.ledger_problems(history.unreadable, relative(site.ledger.path))
    reporter.notes(problems)
    summary = {name: value for name, value in total.as_json().items() if name != "estimated_usd"}
    reporter.document("spend", site, months=rows, summary=summary, problems=problems)
    return SUCCESS


def _table(rows: Sequence[tuple[str, str, _Sum]]) -> list[str]:
    """Lines of month, model, heroes and USD below each other; points stand below points."""
    made = [found.made for _, _, found in rows]
    usd = [messages.dollars(found.usd) for _, _, found in rows]
    digits = max(len(text.partition(".")[2]) for text in usd)
    usd = [text + " " * (digits - len(text.partition(".")[2])) for text in usd]
    numbers = [text.partition(" ")[0] for text in made]
    nouns = ["heroes", *(text.partition(" ")[2] for text in made)]
    widths = [max(map(len, column)) for column in ([name for _, name, _ in rows], numbers, nouns, usd)]
    lines = []
    for (month, name, found), text, money in zip(rows, made, usd, strict=True):
        number, _, noun = text.partition(" ")
        line = f"{month:<7}  {name:<{widths[0]}}  {number:>{widths[1]}} {noun:<{widths[2]}}  {money:>{widths[3]}}"
        lines.append(f"{line}{found.difference}{found.more}{found.doubt if month != 'in all' else ''}".rstrip())
    return lines
