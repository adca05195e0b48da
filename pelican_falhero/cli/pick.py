"""``falhero pick``: makes a candidate or an earlier picture of a post its hero, for nothing. Opens no connection."""

from __future__ import annotations

import os
from pathlib import Path

from ..content.post import Post
from ..content.site import OpenSite
from ..errors import HeroError, SettingsError
from ..gallery.choice import update_choices
from ..gallery.origin import Origins
from ..gallery.reading import read_records
from ..gallery.versions import Numbered, numbered
from ..gallery.words import origin_fields
from ..generation.pick import Choice, pick
from ..planning.survey import site_of
from ..prepublish import git
from ..prepublish.remedies import Shell
from ..storage.assets import hero_stem
from .exits import FAILED, SUCCESS
from .field_writing import Written, tell, write_fields
from .options import PickOptions
from .output import Reporter, relative, shown
from .selection import open_post


def run(options: PickOptions, reporter: Reporter) -> int:
    """Make the picture the hero, and say so."""
    site, post = open_post(options, reporter)
    shell = Shell(folder=Path.cwd(), settings_file=options.settings)
    versions, origins = _versions_of(site, post, shell)
    chosen = _chosen(options.number, versions, shell.show(post.path), post)
    is_new = False
    if kept := chosen.kept:
        choice = Choice(version=kept, digest=chosen.digest, drawn=origins.attempt_of(chosen.digest))
        work = site_of(site, site.with_same_title([post]))
        try:
            is_new = pick(work, choice, say=reporter.note)
            update_choices(work, [post], shell)
        except HeroError as error:
            raise type(error)(f"{relative(post.path)}: {error}") from error
    usd = _describe(site, post, reporter)
    written = write_fields(site, site.with_same_title([post]))
    _say(chosen, site, post, reporter, is_new=is_new, usd=usd, written=written)
    return FAILED if written.problems else SUCCESS


def _versions_of(site: OpenSite, post: Post, shell: Shell) -> tuple[list[Numbered], Origins]:
    reading = read_records(site, [post], shell)
    (record,) = reading.records
    return numbered(record.picture.hero_in(site.root), record.others, reading.origins), reading.origins


def _chosen(number: str, versions: list[Numbered], show: str, post: Post) -> Numbered:
    """Return the picture with this number.

    Raises:
        SettingsError: there is none.
    """
    if not versions:
        raise SettingsError(
            f"{relative(post.path)} has no hero, no earlier one and no candidate on this machine; "
            "they are not in git, and only the machine that drew or replaced a picture has it"
        )
    found = next((version for version in versions if str(version.number) == number), None)
    if not found:
        there = "only picture 1" if len(versions) == 1 else f"pictures 1 to {len(versions)}"
        raise SettingsError(f"{relative(post.path)} has {there}, not {number!r}; see {show}")
    return found


def _describe(site: OpenSite, post: Post, reporter: Reporter) -> float:
    """Have the hero described if that is wanted, and was not done when it was drawn; return what that cost in USD."""
    if not site.settings.alt_model:
        return 0.0
    from ..generation.alt_text import describe_hero  # noqa: PLC0415 - most picks ask no model

    described = describe_hero(site_of(site, site.with_same_title([post])), say=reporter.note)
    if described.failure:
        reporter.note(f"falhero: no alternative text was written: {described.failure}")
    return described.usd


def _say(
    chosen: Numbered,
    site: OpenSite,
    post: Post,
    reporter: Reporter,
    *,
    is_new: bool,
    usd: float,
    written: Written,
) -> None:
    file = site.library.folder / site.library.heroes()[hero_stem(post.title)]
    if is_new:
        reporter.line(
            f"{shown(post.path)}: {chosen.role} {chosen.number} is its hero now: {shown(file)}", style="green"
        )
    else:
        reporter.line(f"{shown(post.path)}: picture {chosen.number} is its hero already")
    tell(written, reporter)
    if is_new and git.is_in_repository(site.root):
        folder, ledger = relative(site.library.folder), relative(site.library.state)
        reporter.line(f"commit {'the posts, and ' if written.posts else ''}what is new in {folder} and {ledger}")
    row = {
        "source": post.source,
        "title": post.title,
        "number": chosen.number,
        "state": "picked" if is_new else "present",
        "file": Path(os.path.relpath(file, site.root)).as_posix(),
        **origin_fields(chosen.origin),
    }
    summary = {"picked": int(is_new), "usd": round(usd, 6)}
    reporter.document("pick", site, heroes=[row], summary=summary, problems=list(written.problems))
