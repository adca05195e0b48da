"""What a build does when heroes are missing: draw them, draw cards for them, or say why not."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from ..errors import HeroError
from ..generation import messages
from ..generation.policy import NoSpending, RunContext, why_not_spend
from ..generation.progress import RichListener
from ..generation.report import Report
from ..generation.run import dry_run, generate
from ..generation.run_state import Silent
from ..planning.item import TO_BUY, TO_COPY, TO_DO, Item, State
from ..planning.plan import Plan
from ..planning.survey import Site, Survey
from ..providers.cards.card import art_name
from ..providers.cards.draw import draw_cards
from ..providers.fal import credentials
from .build import Result
from .console import print_line

CARD_NOTE = f"title cards stand in until there are credentials for fal: {credentials.HOW_TO_SET_KEY}"


class MissingHeroes:
    """One build's work on its heroes, and what there is to say of it."""

    def __init__(
        self, site: Site, context: RunContext, *, site_name: str, console: Console, found: Survey | None
    ) -> None:
        self.site = site
        self.settings = site.settings
        self.context = context
        self.site_name = site_name
        self.console = console
        self.found = found
        """What the build's plan was made of; None where that could not be read."""
        self.result = Result()

    def run(self, plan: Plan) -> Result:
        """Do what settings and context allow for the heroes of ``plan`` that are not there."""
        try:
            self._do_what_is_allowed(plan)
        except HeroError as error:
            self._fail([str(error)], missing=len(plan.items) - len(plan.in_state(State.PRESENT)))
            self._show_placeholders(Report.of(plan), cards=self.settings.on_error == "card")
        invalid = [item.reason for item in plan.items if item.reason and item.state is not State.REFUSED]
        self._fail(invalid, missing=len(plan.in_state(State.INVALID)))
        return self.result

    def _do_what_is_allowed(self, plan: Plan) -> None:
        match why_not_spend(self.settings, self.context):
            case NoSpending.DRY_RUN:
                self.result.lines += messages.plan_lines(*dry_run(self.site, self.found))
            case NoSpending.WRITING:
                self._show_placeholders(Report.of(plan), cards=True)
            case NoSpending.PROVIDER:
                self._draw_cards(plan)
            case NoSpending.NO_CREDENTIALS if self.settings.provider == "auto":
                self._draw_cards(plan)
            case NoSpending.CI:
                self._show_placeholders(Report.of(plan), cards=True)
                if missing := len(plan.in_state(*TO_BUY, State.PENDING, State.REFUSED)):
                    self._fail([messages.ci_warning(missing)], missing=missing)
            case NoSpending.NO_CREDENTIALS | None:
                # Where fal was asked for by name, the run itself reports that there are no credentials.
                self._draw_heroes(plan)

    def _draw_cards(self, plan: Plan) -> None:
        report = Report.of(plan)
        if plan.in_state(*TO_COPY):
            report = generate(self.site, None, listener=Silent(), say=self._say, found=self.found)
        cards = self._show_placeholders(report, cards=True)
        note = CARD_NOTE if cards and self.settings.provider == "auto" else ""
        self._close(report, cards=cards, note=note)
        self._fail(messages.failure_warnings(report), missing=len(report.failed))

    def _draw_heroes(self, plan: Plan) -> None:
        # What fal refused is not there either, but nothing can be done about it, nor is anybody waited for.
        report = self._generated() if plan.in_state(*TO_DO) else Report.of(plan)
        cards = self._show_placeholders(report, cards=self.settings.on_error == "card")
        self._close(report, cards=cards)
        self.result.lines += messages.budget_lines(report, self.settings)
        self._fail(messages.failure_warnings(report), missing=len(report.without_picture))
        self.result.warnings += messages.ledger_warnings(report, str(self.site.ledger.path))
        self.result.warnings += messages.ignored_lines(report)

    def _generated(self) -> Report:
        from ..providers.fal.provider import FalProvider  # noqa: PLC0415 - imports fal_client, which cards don't need

        with RichListener(self.console) as listener:
            return generate(self.site, FalProvider(), listener=listener, say=self._say, found=self.found)

    def _show_placeholders(self, report: Report, *, cards: bool) -> int:
        """Show something for every hero that is not there; the number of cards that were drawn for it."""
        # A stale picture is shown as it is, and a post whose fields can't be used is its author's to mend.
        unshown = (State.STALE, State.INVALID)
        lacking = [result.item for result in report.without_picture if result.item.state not in unshown]
        for item in lacking:
            if item.file:
                self.result.placeholders[item.stem] = f"{self.site.library.assets_dir}/{item.file}"
        return self._cards([item for item in lacking if not item.file]) if cards else 0

    def _cards(self, items: list[Item]) -> int:
        titles = {item.stem: item.post.title for item in items}
        library = self.site.library
        try:
            cards = draw_cards(titles.values(), self.site_name, library, font=self.settings.card_font)
        except HeroError as error:
            self._fail([str(error)], missing=0)
            return 0
        folder = library.cards.relative_to(library.root).as_posix()
        self.result.placeholders |= {stem: f"{folder}/{art_name(cards.names[title])}" for stem, title in titles.items()}
        self.result.lines += [f"heroes: {line}" for line in cards.left_off]
        return cards.drawn

    def _close(self, report: Report, *, cards: int, note: str = "") -> None:
        if line := messages.closing_line(report, cards=cards, note=note):
            self.result.lines.append(line)
        self.result.lines += messages.kept_lines(report)

    def _fail(self, warnings: Iterable[str], *, missing: int) -> None:
        self.result.warnings += warnings
        if missing and self.settings.on_error == "fail":
            heroes = messages.count(missing, "hero")
            self.result.failure = f'{heroes} could not be made, and FALHERO_ON_ERROR is "fail"'

    def _say(self, text: str) -> None:
        print_line(self.console, f"heroes: {text}")
