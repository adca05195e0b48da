"""``falhero generate --candidates``: draws several pictures of one post to choose from, and shows them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..content.post import Post
from ..content.site import OpenSite
from ..errors import PostError, SettingsError
from ..gallery.choice import Choice, update_choices
from ..gallery.versions import Numbered
from ..gallery.words import origin_fields, short_name
from ..generation import messages
from ..generation.candidates import CandidatePlan, draw_candidates, plan_candidates
from ..generation.report import Report
from ..generation.result import Outcome
from ..generation.text_messages import text_lines
from ..planning.budget import Selection
from ..planning.site import Site
from ..prepublish.remedies import Shell
from ..storage.assets import hero_stem
from .drawing import CommandProgress
from .exits import FAILED, SUCCESS
from .options import GenerateOptions
from .output import Reporter, candidate_row, relative, shown
from .overrides import with_option_names, work_for
from .wrapping import unbroken


def plan_to_choose(site: OpenSite, posts: Sequence[Post], options: GenerateOptions, reporter: Reporter) -> int:
    """Show which candidates would be fetched and drawn for the one post, and the price.

    Raises:
        HeroError: an option or the post can't be used.
    """
    show = _show(site, posts, options, reporter)
    show.plan(plan_candidates(show.work, show.number))
    return SUCCESS


def draw_to_choose(site: OpenSite, posts: Sequence[Post], options: GenerateOptions, reporter: Reporter) -> int:
    """Draw the candidates of the one post that are missing, list all, and return the exit code.

    Raises:
        HeroError: nothing can be drawn, or an option or the post can't be used.
    """
    began = time.monotonic()
    show = _show(site, posts, options, reporter)
    with CommandProgress(reporter, noun="candidate") as progress:
        report = draw_candidates(show.work, show.number, listener=progress, say=reporter.note)
    return show.result(report, time.monotonic() - began)


def _show(site: OpenSite, posts: Sequence[Post], options: GenerateOptions, reporter: Reporter) -> _Show:
    (post,) = posts
    if post.problem:
        raise PostError(post.problem)
    work = work_for(site, posts, options)
    if work.settings.provider in ("card", "none"):
        raise SettingsError(f"--candidates draws with fal, but the provider is {work.settings.provider}")
    number = int(options.candidates or 0)
    return _Show(site=site, post=post, work=work, options=options, number=number, reporter=reporter)


@dataclass(frozen=True, kw_only=True)
class _Show:
    """Prints what a run for candidates has done, or would do."""

    site: OpenSite
    post: Post
    work: Site
    options: GenerateOptions
    number: int
    reporter: Reporter

    @property
    def _shell(self) -> Shell:
        return Shell(folder=Path.cwd(), settings_file=self.options.settings)

    def plan(self, plan: CandidatePlan) -> None:
        """Print what would be fetched and drawn, and the price."""
        report = plan.report()
        selection = plan.selection
        rows = list(map(candidate_row, report.candidates))
        shown_prompt = ""
        for row in rows:
            if plan.needs_brief and row["state"] != Outcome.PENDING:
                row["prompt"] = None
            price = "price unknown" if row["usd"] is None else messages.dollars(row["usd"]) if row["usd"] else "free"
            self.reporter.line(f"{row['state']:<14}seed {row['seed']}  {unbroken(price)}", indent=14)
            prompt = row["prompt"] or f"a scene that {self.work.settings.director} writes first"
            if prompt != shown_prompt:
                self.reporter.line(f"{'':<14}{prompt}", indent=14)
            shown_prompt = prompt
        usd = selection.affordable_usd + plan.brief_usd
        there = f"{plan.there} of {messages.count(self.number, 'candidate')} there"
        self.reporter.line(f"{there}, {len(selection.affordable)} to draw for {messages.dollars(usd)}")
        for line in self._budget_lines(selection):
            self.reporter.line(line)
        summary = {"there": plan.there, "to_make": len(selection.affordable), "usd": round(usd, 6)}
        summary["unaffordable_usd"] = round(selection.unaffordable_usd, 6)
        self.reporter.document("generate", self.site, heroes=[], candidates=rows, summary=summary, problems=[])

    def result(self, report: Report, seconds: float) -> int:
        """Print all candidates with their commands, and what was not drawn; return the exit code."""
        choice = update_choices(self.work, [self.post], self._shell).get(hero_stem(self.post.title))
        pictures = choice.candidates if choice else ()
        new = {result.file for result in report.candidates if result.has_picture}
        if choice:
            self._show_choice(choice)
        problems = self._problems(report)
        for problem in problems:
            self.reporter.line(problem, style="red")
        ignored = with_option_names(messages.ignored_notes(report.candidates), self.options)
        ledger = messages.ledger_problems(report.unreadable, relative(self.site.ledger.path))
        lost, uncertain = messages.lost_lines(report), messages.uncertain_lines(report.candidates)
        self.reporter.notes([*ignored, *ledger, *lost, *uncertain, *text_lines(report)])
        lacking = sum(not result.has_picture for result in report.candidates)
        line = f"{messages.count(len(new), 'candidate')} drawn, {len(pictures) - len(new)} there"
        line += f", {lacking} not drawn" if lacking else ""
        line = f"{line}; {seconds:.1f} s, {messages.dollars(report.usd)}{self._what_next(pictures)}"
        self.reporter.line(line, style="" if lacking else "green")
        summary: dict[str, Any] = dict.fromkeys(("made", "kept", "present", "card"), 0)
        summary |= {"candidates": len(new), "lacking": lacking}
        summary |= {"seconds": round(seconds, 1), "usd": round(report.usd, 6)}
        rows = [self._row_of_picture(picture, new) for picture in pictures]
        rows += [candidate_row(result) for result in report.candidates if not result.has_picture]
        self.reporter.document("generate", self.site, heroes=[], candidates=rows, summary=summary, problems=problems)
        return FAILED if lacking else SUCCESS

    def _show_choice(self, choice: Choice) -> None:
        say = self.reporter.line
        say(f"{shown(self.post.path)}: {messages.count(len(choice.candidates), 'candidate')} to choose from")
        for picture in choice.candidates:
            origin = picture.origin
            made = (
                f"seed {origin.seed}  {short_name(origin.endpoint)}  {messages.dollars(origin.usd)}" if origin else ""
            )
            say(f"  {picture.number:>2}  {unbroken(made or 'not in the ledger')}  {shown(picture.path)}", indent=6)
        say(f"sheet  {shown(choice.sheet)}")
        say(f"page   {choice.page.as_uri()}")
        say("To make one the hero, for nothing:")
        for picture in choice.candidates:
            self.reporter.command(f"  {self._shell.pick(self.post.path, picture.number)}")

    def _what_next(self, pictures: Sequence[Numbered]) -> str:
        has_hero = hero_stem(self.post.title) in self.site.library.heroes()
        if has_hero or not pictures:
            return ""
        return "; the post has no hero until you pick one, and builds draw none meanwhile"

    def _problems(self, report: Report) -> list[str]:
        refused = [result for result in report.candidates if result.remedy and not result.was_tried]
        lines = [f"{result.reason.rstrip('.')}; {result.remedy}" for result in refused]
        lines = [f"{shown(self.post.path)}: {line}" for line in dict.fromkeys(lines)]
        lines += messages.failure_warnings(report)
        return [*lines, *(self._budget_lines(report.selection) if report.selection else [])]

    def _budget_lines(self, selection: Selection) -> list[str]:
        """What does not fit the budget, with the command that draws it, or has no known price."""
        lines = []
        if selection.unaffordable:
            rest = selection.unaffordable_usd
            fit = f"{len(selection.affordable)} of {len(selection.affordable) + len(selection.unaffordable)}"
            limit = selection.limiting_setting
            if self.options.budget is not None and limit == "FALHERO_BUDGET":
                limit = f"--budget {self.options.budget}"
            line = f"{fit} candidates fit {limit}; the rest would cost {messages.dollars(rest)}"
            if limit == "FALHERO_BUDGET":
                line = f"{line}: add --budget {messages.budget_argument(rest)}"
            lines.append(line)
        return [*lines, *messages.unpriced_lines(selection)]

    def _row_of_picture(self, picture: Numbered, new: set[str]) -> dict[str, Any]:
        return {
            "number": picture.number,
            "state": "made" if picture.path.name in new else "present",
            "file": _in_site(picture.path, self.site),
            **origin_fields(picture.origin),
            "reason": "",
        }


def _in_site(path: Path, site: OpenSite) -> str:
    return path.relative_to(site.root).as_posix()
