"""``scripts/generate-fal-hero.py``: makes the hero of one post, in a Pelican site or any site with front matter."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .. import debug
from ..content.front_matter_edit import check_field_name, write_field
from ..content.post import Post
from ..content.site import OpenSite, SiteError, open_site
from ..errors import HeroError, PostError
from ..generation import messages
from ..generation.result import HeroResult, Outcome
from ..generation.text_messages import text_lines
from ..text import plain_text, printable
from .drawing import make_heroes
from .exits import SUCCESS, exit_code_of
from .options import SingleOptions, read_options
from .output import Reporter, relative
from .overrides import with_option_names, work_for
from .parser import Parser, buying_options, parser_arguments, request_options, settings_option
from .selection import why_no_hero

_DESCRIPTION = """\
Draws the hero of one post with FLUX on fal, and prints its file, its prompt, the seconds it took and
what it cost. A picture that is there is not drawn again.

In a Pelican site the picture has the name and the folder that a build looks for. Elsewhere (Astro,
Hugo, Jekyll, Eleventy) title and excerpt (or description, or summary) come from the post's front
matter, and the ledger is kept beside the nearest pyproject.toml or .git."""

_EPILOG = """\
  generate-fal-hero.py content/my-post.md
  generate-fal-hero.py --title "Why graphs?" --excerpt "On nodes" --output src/assets/images
  generate-fal-hero.py src/content/blog/post.md --output src/assets/images \\
      --write heroImage --path-format "~/assets/images/{name}"

exit codes: 0 the picture is there; 1 it could not be made, or the field could not be written;
2 an option, a setting or the post can't be used; 130 interrupted; 143 terminated."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script, and return its exit code."""
    parser = _parser()
    options = read_options(SingleOptions, parser.parse_args(arguments))
    if bool(options.post) == bool(options.title):
        parser.error("name a post, or a title with --title")
    if options.excerpt and options.post:
        parser.error("--excerpt works with --title only; a post has its own excerpt")
    if options.write and not options.post:
        parser.error("--write needs a post")
    if options.verbose:
        debug.turn_on()
    reporter = Reporter(as_json=False)
    return exit_code_of(lambda: _make(options, reporter), lambda error: _say(error, parser.prog))


def _parser() -> Parser:
    parser = Parser(**parser_arguments("generate-fal-hero.py", "[options] POST | --title TEXT", _DESCRIPTION, _EPILOG))
    parser.add_argument("post", nargs="?", metavar="POST", help="the post's file")
    parser.add_argument("--title", metavar="TEXT", help="a title, instead of a post")
    parser.add_argument("--excerpt", metavar="TEXT", help="what the post is about, for --title")
    parser.add_argument("--output", metavar="FOLDER", help="where the picture goes (default: the assets folder)")
    parser.add_argument("--write", metavar="FIELD", help="put the picture's path into this field of the front matter")
    text = "the path to write; {name} is the file's name, {path} its path in the site (default: {path})"
    parser.add_argument("--path-format", metavar="TEXT", default="{path}", help=text)
    settings_option(parser)
    buying_options(parser)
    request_options(parser)
    return parser


def _make(options: SingleOptions, reporter: Reporter) -> int:
    # An unusable option must be reported before anything is bought.
    _field_value(options, "hero.png", "hero.png")
    site, post = _from_post(options.post, options) if options.post else _from_title(options)
    if options.output:
        folder = Path(os.path.relpath(Path(options.output).resolve(), site.root)).as_posix()
        site = replace(site, settings=replace(site.settings, assets_dir=folder))
    work = work_for(site, [post], options, named=[post])
    report = make_heroes(work, reporter, settings_file=options.settings)
    (result,) = report.results
    if result.state is Outcome.INVALID:
        raise PostError(result.reason)
    if not result.has_picture:
        raise HeroError(f"{result.item.post.title}: {result.reason}")
    if options.force and result.state is Outcome.PRESENT and result.item.reason:
        raise PostError(result.item.reason)
    picture = work.library.folder / result.file
    _print_result(result, picture, reporter)
    ignored = with_option_names(messages.ignored_lines(report), options)
    for note in [*messages.kept_lines(report), *messages.lost_lines(report), *text_lines(report), *ignored]:
        reporter.note(note)
    if options.post and options.write:
        value = _field_value(options, picture.name, Path(os.path.relpath(picture, site.root)).as_posix())
        changed = write_field(Path(options.post), options.write, value)
        reporter.line(f"Field:  {options.write} {'is now' if changed else 'was already'} {value}")
    return SUCCESS


def _from_post(name: str, options: SingleOptions) -> tuple[OpenSite, Post]:
    path = Path(name)
    if path.is_dir():
        raise SiteError(f"{path} is a folder; name one post")
    site = open_site(options.settings, [path])
    (post,) = site.posts_in([path])
    if post.problem:
        raise PostError(post.problem)
    if reason := why_no_hero(post):
        raise SiteError(reason)
    return site, post


def _from_title(options: SingleOptions) -> tuple[OpenSite, Post]:
    title = plain_text(options.title or "")
    if not title:
        raise SiteError("--title is empty")
    site = open_site(options.settings)
    return site, Post(title=title, excerpt_markup=options.excerpt or "")


def _field_value(options: SingleOptions, name: str, path: str) -> str:
    if options.write:
        check_field_name(options.write)
    try:
        return str(options.path_format.format(name=name, path=path))
    except (AttributeError, IndexError, KeyError, ValueError) as error:
        raise SiteError(f"--path-format can hold {{name}} and {{path}} only, not {options.path_format!r}") from error


def _print_result(result: HeroResult, picture: Path, reporter: Reporter) -> None:
    was_there = "" if result.state is Outcome.MADE else " (it was there)"
    reporter.line(f"File:   {relative(picture)}")
    reporter.line(f"Prompt: {result.prompt}")
    reporter.line(f"Time:   {result.seconds:.1f} s{was_there}")
    reporter.line(f"Cost:   {messages.dollars(result.usd)}")


def _say(error: HeroError, program: str) -> None:
    sys.stderr.write(f"{program}: {printable(str(error))}\n")
