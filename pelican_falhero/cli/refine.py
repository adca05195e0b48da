"""``falhero refine``: has the present hero of a post changed as its author says, for the price of two pictures."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .. import validators
from ..content.post import Post
from ..content.site import OpenSite
from ..errors import HeroError, SettingsError
from ..gallery.choice import update_choices_of
from ..gallery.reading import read_records
from ..gallery.records import Kind
from ..gallery.words import model_name, pixels
from ..generation import messages
from ..generation.refine import refine
from ..generation.report import Report
from ..generation.result import HeroResult, Outcome
from ..generation.run import dry_run
from ..models import DEFAULT_EDIT_MODEL, find_edit_model, image_size_in_pixels
from ..planning.refinement import Instruction, survey_refinement
from ..planning.site import Site
from ..planning.survey import site_of
from ..prepublish import git
from ..prepublish.remedies import Shell
from ..prompts import extract_loras
from ..settings import Settings
from ..storage.assets import hero_stem
from .drawing import CommandProgress
from .exits import FAILED, SUCCESS
from .field_writing import Written, tell, write_fields
from .options import RefineOptions
from .output import Reporter, hero_row, relative, shown, with_paths
from .overrides import with_budget
from .selection import open_post
from .wrapping import unbroken


def run(options: RefineOptions, reporter: Reporter) -> int:
    """Have the hero changed, or with ``--dry-run`` show what would be sent, and what it would cost."""
    began = time.monotonic()
    site, post = open_post(options, reporter)
    wanted = _instruction(options, site.settings)
    shell = Shell(folder=Path.cwd(), settings_file=options.settings)
    _require_hero(site, post, shell)
    settings = with_budget(site.settings, options.budget, site)
    work = site_of(site, site.with_same_title([post]), settings=settings)._replace(retry=options.retry)
    try:
        report = _planned(work, wanted) if options.dry_run else _refined(work, wanted, reporter, shell)
    except HeroError as error:
        raise type(error)(with_paths(str(error), site)) from error
    (result,) = report.results
    problems = [f"{shown(post.path)}: {_why_not(result, report, options)}"] if _is_lacking(result) else []
    for problem in problems:
        reporter.line(problem, style="red")
    if result.state is Outcome.STALE:
        _show_request(result, post, site, reporter)
    elif result.state is Outcome.MADE:
        written = write_fields(site, work.posts)
        _show_result(result, post, site, reporter, shell, written=written)
        problems += written.problems
    notes = [with_paths(note, site) for note in messages.ledger_warnings(report, relative(site.ledger.path))]
    reporter.notes(notes)
    seconds = round(time.monotonic() - began, 1)
    summary = {"refined": len(report.made), "seconds": seconds, "usd": round(report.usd, 6)}
    reporter.document("refine", site, heroes=[_row(result)], summary=summary, problems=[*problems, *notes])
    return FAILED if problems and not options.dry_run else SUCCESS


def _instruction(options: RefineOptions, settings: Settings) -> Instruction:
    """What is to be changed, checked.

    Raises:
        SettingsError: it, ``--model`` or ``--seed`` can't be used.
    """
    text, limit = " ".join(options.instruction), settings.prompt_limit
    if len(options.instruction) > 1:
        raise SettingsError(f'put TEXT in quotes: "{text}"')
    if not text.strip():
        raise SettingsError('TEXT is empty; say what to change, such as "warmer light"')
    if len(text) > limit:
        raise SettingsError(
            f"TEXT has {len(text)} characters; it is sent as it is, so shorten it to {limit} (FALHERO_PROMPT_LIMIT)"
        )
    if extract_loras(text)[1]:
        raise SettingsError("TEXT names a LoRA, and no model that changes a picture accepts one; leave <lora:…> out")
    try:
        model = DEFAULT_EDIT_MODEL if options.model is None else find_edit_model(options.model)
    except ValueError as error:
        raise SettingsError(f"--model {error}") from error
    try:
        seed = None if options.seed is None else validators.seed(options.seed)
    except ValueError as error:
        raise SettingsError(f"--seed {error}") from error
    return Instruction(text=text, model=model, seed=seed)


def _require_hero(site: OpenSite, post: Post, shell: Shell) -> None:
    """Require that the post has a hero, and not only a title card in its place.

    Raises:
        SettingsError: it has none.
    """
    if hero_stem(post.title) in site.library.heroes():
        return
    (record,) = read_records(site, [post], shell).records
    what = "only a title card" if record.picture.kind is Kind.CARD else "no hero"
    raise SettingsError(f"{relative(post.path)} has {what}; make its hero first: {shell.generate([post.path])}")


def _planned(work: Site, wanted: Instruction) -> Report:
    found = survey_refinement(work, wanted)
    plan, selection = dry_run(work, found)
    return Report.of(plan, selection=selection, unreadable=found.unreadable)


def _refined(work: Site, wanted: Instruction, reporter: Reporter, shell: Shell) -> Report:
    with CommandProgress(reporter) as progress:
        report = refine(work, wanted, listener=progress, say=reporter.note)
    update_choices_of(report, work, shell)
    return report


def _is_lacking(result: HeroResult) -> bool:
    return result.state not in (Outcome.MADE, Outcome.STALE)


def _why_not(result: HeroResult, report: Report, options: RefineOptions) -> str:
    """Why the hero was, or would be, not changed, and what became of the money."""
    if result.state is Outcome.PENDING:
        return f"{result.reason.rstrip('.')}; it is paid for, and falhero generate fetches it"
    parts = [result.reason.rstrip(".")]
    if result.state is Outcome.REFUSED:
        parts.append("--retry sends it again")
    by_day = report.selection and report.selection.limiting_setting == "FALHERO_BUDGET"
    if result.state is Outcome.UNAFFORDABLE and by_day and options.budget is None:
        parts.append(f"--budget {messages.budget_argument(result.item.price or 0.0)} allows it")
    if result.usd:
        parts.append(f"{messages.dollars(result.usd)} may have been charged")
    return "; ".join([*parts, "the hero stays as it is"])


def _show_request(result: HeroResult, post: Post, site: OpenSite, reporter: Reporter) -> None:
    item = result.item
    arguments = item.request.arguments
    price = messages.dollars(item.price or 0.0)
    hero = shown(site.library.folder / str(item.file))
    reporter.line(f"{shown(post.path)}  {hero}  {unbroken(price)}")
    reporter.line(f"  text    {item.prompt}", indent=10)
    seed = f", seed {arguments['seed']}" if "seed" in arguments else ""
    reporter.line(f"  model   {model_name(item.request.endpoint)}{seed}", indent=10)
    size = pixels(image_size_in_pixels(arguments["image_size"]))
    reporter.line(f"  result  {size}, in place of the hero, which is sent and kept", indent=10)
    reporter.line(f"1 hero to change for {price}; dry run, nothing was sent")


def _show_result(
    result: HeroResult, post: Post, site: OpenSite, reporter: Reporter, shell: Shell, *, written: Written
) -> None:
    hero = shown(site.library.folder / result.file)
    cost = f"{unbroken(f'{result.seconds:.1f} s')}  {messages.dollars(result.usd)}"
    reporter.line(f"{shown(post.path)}  {hero}  {cost}", style="green")
    reporter.line(f"the former one is kept: {shell.show(post.path)}")
    tell(written, reporter)
    if git.is_in_repository(site.root):
        folder, ledger = relative(site.library.folder), relative(site.library.state)
        reporter.line(f"commit {'the posts, and ' if written.posts else ''}what is new in {folder} and {ledger}")


def _row(result: HeroResult) -> dict[str, Any]:
    item = result.item
    row = hero_row(item, state=str(result.state))
    row["file"] = result.file if result.state is Outcome.MADE else item.file
    if result.was_tried:
        row["usd"] = result.usd
    row["reason"] = result.reason if _is_lacking(result) else ""
    return row | {"seconds": round(result.seconds, 1), "arguments": item.request.arguments}
