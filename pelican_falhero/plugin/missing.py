"""What a build does when heroes are missing: draw them, draw cards for them, and say why they are not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from ..content.post import Post
from ..engines import ENGINES, FAL
from ..errors import HeroError
from ..generation import messages
from ..generation.policy import NoSpending, why_not_spend
from ..generation.progress import RichListener
from ..generation.report import Report
from ..generation.result import HeroResult, Outcome
from ..generation.run import dry_run, generate
from ..generation.run_context import RunContext
from ..generation.run_state import Silent
from ..planning.item import TO_BUY, TO_COPY, TO_DO, State
from ..planning.plan import Plan
from ..planning.site import Site
from ..planning.survey import Survey, plan_by_files, plan_without_ledger, survey
from ..prepublish.remedies import Shell
from ..providers.opening import open_provider
from .build import Result
from .cards import SiteCards
from .console import print_line

KEY_NOTE = f"for heroes {ENGINES[FAL].how_to_set_key}"


def make_missing(
    site: Site,
    context: RunContext,
    cards: SiteCards,
    *,
    unusable: Sequence[Post],
    console: Console,
    on_saved: Callable[[Iterable[str]], None],
) -> Result:
    """Plan a site's heroes, and do what settings and context allow for those that are not there.

    Args:
        site: the posts that are to have a hero, and where heroes are kept.
        context: how the build was started.
        cards: of the site.
        unusable: posts that are to have one, with fields that can't be used.
        console: where progress is shown.
        on_saved: is given each new hero, relative to the content folder, from several threads.
    """
    found: Survey | None = None
    try:
        makes_nothing = site.settings.provider == "none" and not context.is_dry_run
        if makes_nothing or context.has_invalid_settings:
            plan = plan_by_files(site)
        else:
            found = survey(site)
            plan = found.plan
    except HeroError:
        # Whatever is in the way is met again, and told, by what wants to buy.
        plan = plan_without_ledger(site)
    is_complete = len(plan.in_state(State.PRESENT)) == len(plan.items) and not any(item.reason for item in plan.items)
    if is_complete and not unusable and not (found and found.has_more_to_fetch):
        return Result(is_complete=True)
    work = _MissingHeroes(site, context, cards, console=console, found=found, unusable=unusable, on_saved=on_saved)
    return work.run(plan)


class _Listener(RichListener):
    """Shows progress, and hands each new picture on."""

    def __init__(self, console: Console, folder: str, on_saved: Callable[[Iterable[str]], None]) -> None:
        super().__init__(console)
        self._folder = folder
        self._on_saved = on_saved

    def finished(self, result: HeroResult) -> None:
        """A hero was made, or failed."""
        super().finished(result)
        if result.has_picture and not result.item.is_candidate:
            self._on_saved([f"{self._folder}/{result.file}"])


class _MissingHeroes:
    """One build's work on its heroes, and what there is to say of it."""

    def __init__(
        self,
        site: Site,
        context: RunContext,
        cards: SiteCards,
        *,
        console: Console,
        found: Survey | None,
        unusable: Sequence[Post],
        on_saved: Callable[[Iterable[str]], None],
    ) -> None:
        self.site = site
        self.settings = site.settings
        self.cards = cards
        self.console = console
        self.found = found
        """What the build's plan was made of; None where that could not be read."""
        self.unusable = unusable
        self.on_saved = on_saved
        """Is given each new picture, relative to the content folder."""
        self.no_spending = why_not_spend(site.settings, context)
        if self.settings.provider == "none" and self.no_spending not in (NoSpending.DRY_RUN, NoSpending.SETTINGS):
            self.no_spending = NoSpending.PROVIDER
        self.result = Result()

    def run(self, plan: Plan) -> Result:
        """Do what settings and context allow for the heroes of ``plan`` that are not there."""
        self.result.warnings += [post.problem for post in self.unusable]
        if self.no_spending is NoSpending.DRY_RUN:
            return self._dry_run()
        try:
            report = self._make(plan)
        except HeroError as error:
            report = Report.of(plan, halt_error=error)
        report = replace(report, no_spending=self.no_spending)
        self._show_and_tell(report)
        self._warn(report)
        self.result.failure = self._failure(report)
        return self.result

    def _dry_run(self) -> Result:
        try:
            plan, selection = dry_run(self.site, self.found)
        except HeroError as error:
            self.result.warnings.append(str(error))
        else:
            self.result.lines += messages.plan_lines(plan, selection, self.settings)
        return self.result

    def _make(self, plan: Plan) -> Report:
        match self.no_spending:
            case NoSpending.PROVIDER if self.settings.provider == "card":
                return self._copied(plan)
            case NoSpending.NO_CREDENTIALS if self.settings.provider == "auto":
                return self._copied(plan)
            case NoSpending.NO_CREDENTIALS | None:
                # Where an engine was asked for by name, the run itself reports that there are no credentials.
                self.no_spending = None
                # What was refused is not there either, but nothing can be done about it, nor is anybody waited for.
                is_needed = plan.in_state(*TO_DO) or (self.found and self.found.has_more_to_fetch)
                return self._drawn() if is_needed else Report.of(plan)
        return Report.of(plan)

    def _copied(self, plan: Plan) -> Report:
        if not plan.in_state(*TO_COPY):
            return Report.of(plan)
        return generate(self.site, None, listener=Silent(), say=self._say, found=self.found)

    def _drawn(self) -> Report:
        provider = open_provider(self.settings.engine, self.settings)
        with _Listener(self.console, self.settings.assets_dir, self.on_saved) as listener:
            report = generate(self.site, provider, listener=listener, say=self._say, found=self.found)
        if self.found and self.found.choices:
            self._show_choices(report)
        return report

    def _show_choices(self, report: Report) -> None:
        """Bring the sheets of candidates up to date, of which a build makes no more than a note."""
        from ..gallery.choice import update_choices_of  # noqa: PLC0415 - most sites have no candidates

        try:
            update_choices_of(report, self.site, Shell(folder=Path.cwd()))
        except HeroError as error:
            self.result.warnings.append(str(error))

    def _show_and_tell(self, report: Report) -> None:
        """Show something for every hero that is not there, and say so in one line."""
        # A stale picture is shown as it is. A post whose fields can't be used must be fixed by its author.
        unshown = (State.STALE, State.INVALID)
        lacking = [result.item for result in report.without_picture if result.item.state not in unshown]
        for item in lacking:
            if item.file:
                self.result.placeholders[item.stem] = f"{self.site.library.assets_dir}/{item.file}"
        without_file = [item for item in lacking if not item.file]
        drawn = 0
        if self._may_show_cards and without_file:
            try:
                drawn = self._show_cards([item.post for item in without_file])
            except HeroError as error:
                # A run that was halted tells what its own trouble is; that of the cards is mostly the same.
                if not report.halt_error:
                    self.result.warnings.append(str(error))
        with_card = {item.stem for item in without_file} & self.result.placeholders.keys()
        asked_for = with_card if self.settings.provider == "card" else ()
        unexplained = [result for result in report.without_picture if result.item.stem not in asked_for]
        self.result.lines += [f"heroes: {line}" for line in messages.candidate_lines(report)]
        if not (report.tried or unexplained or self.unusable or drawn):
            return
        is_news = drawn and self.no_spending is NoSpending.NO_CREDENTIALS
        notes = [KEY_NOTE if is_news else "", self._commit_note(report)]
        line = messages.closing_line(report, with_card=with_card, unusable=len(self.unusable), notes=notes)
        more = [*messages.kept_lines(report), *messages.budget_lines(report, self.settings)]
        self.result.lines = [line, *more, *self.result.lines]

    @property
    def _may_show_cards(self) -> bool:
        return self.settings.provider != "none" and (self.no_spending is not None or self.settings.on_error == "card")

    def _show_cards(self, posts: list[Post]) -> int:
        """Show a card for each of these posts; the number of cards that had to be drawn.

        Raises:
            AssetsError: the state folder can't be read or written.
        """
        drawn = 0
        if self.no_spending is not NoSpending.SETTINGS:
            cards = self.cards.draw(posts)
            drawn = cards.drawn
            self.result.lines += [f"heroes: {line}" for line in cards.left_off]
        self.result.placeholders |= self.cards.existing(posts)
        return drawn

    def _commit_note(self, report: Report) -> str:
        if not (report.made or report.kept):
            return ""
        places = (self.site.library.folder, self.site.ledger.path)
        return f"commit {' and '.join(map(_relative, places))}"

    def _warn(self, report: Report) -> None:
        warnings = self.result.warnings
        warnings += messages.failure_warnings(report)
        unpaid = [item for item in report.plan.items if item.state in (*TO_BUY, State.PENDING, State.REFUSED)]
        if self.no_spending is NoSpending.CI and unpaid:
            warnings.append(messages.ci_warning(len(unpaid)))
        warnings += messages.ledger_warnings(report, str(self.site.ledger.path))
        warnings += messages.ignored_lines(report)
        is_told = (State.REFUSED, State.UNDECIDED)
        warnings += [item.reason for item in report.plan.items if item.reason and item.state not in is_told]
        self.result.warnings = list(dict.fromkeys(warnings))

    def _failing(self, report: Report) -> list[HeroResult]:
        """The heroes whose lack fails the build, if one may fail."""
        lacking = report.without_picture
        if report.halt_error or self.no_spending is None:
            return list(lacking)
        if self.no_spending in (NoSpending.CI, NoSpending.SETTINGS):
            return [result for result in lacking if result.item.state not in TO_COPY]
        return [result for result in lacking if result.state in (Outcome.FAILED, Outcome.INVALID)]

    def _failure(self, report: Report) -> str:
        """Why the build is to fail; empty if it is not. While posts are being written nothing fails."""
        is_wanted = self.settings.on_error == "fail" and self.settings.provider != "none"
        if not is_wanted or self.no_spending is NoSpending.WRITING:
            return ""
        reasons: dict[str, list[str]] = {}
        for result in self._failing(report):
            why = messages.why_lacking(result, report.no_spending)
            reasons.setdefault(why, []).append(result.item.post.source)
        if self.unusable:
            reasons.setdefault("fields", []).extend(post.source for post in self.unusable)
        return messages.failure_line(reasons) if reasons else ""

    def _say(self, text: str) -> None:
        print_line(self.console, f"heroes: {text}")


def _relative(path: Path) -> str:
    """A path as it is typed in the working directory."""
    try:
        return os.path.relpath(path)
    except ValueError:  # on another drive
        return str(path)
