"""``scripts/generate-fal-hero.py``: makes the heroes of posts that are named, in a site of any kind."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import debug
from ..content.fields.hero_field import HeroField, check_path_format, why_not_ours
from ..content.front_matter import read_document
from ..content.front_matter_edit import check_field_name, write_field
from ..content.post import Post
from ..content.site import OpenSite, SiteError, open_site
from ..errors import HeroError, PostError
from ..generation import messages
from ..generation.report import Report
from ..generation.result import HeroResult, Outcome
from ..generation.text_messages import text_lines
from ..storage.assets import hero_stem
from ..text import plain_text, printable
from .drawing import make_heroes
from .exits import FAILED, SUCCESS, exit_code_of
from .options import SingleOptions, read_options
from .output import Reporter, relative
from .overrides import with_option_names, work_for
from .parser import Parser, buying_options, parser_arguments, request_options, settings_option
from .selection import why_no_hero

_PROGRAM = "generate-fal-hero.py"
_DESCRIPTION = """\
Draws the heroes of single posts with FLUX on fal, and prints the file of each, its prompt, the seconds
it took and what it cost. A picture that is there is not drawn again.

In a Pelican site the picture has the name and the folder that a build looks for. Elsewhere (Astro,
Hugo, Jekyll, Eleventy) title and excerpt (or description, or summary) come from the post's front
matter, and the ledger is kept beside the nearest pyproject.toml or .git."""

_EPILOG = """\
  generate-fal-hero.py content/my-post.md
  generate-fal-hero.py --title "Why graphs?" --excerpt "On nodes" --output src/assets/images
  generate-fal-hero.py src/content/blog/a.md src/content/blog/b.md --output src/assets/images \\
      --write heroImage --path-format "~/assets/images/{name}"

exit codes: 0 the pictures are there; 1 one could not be made, or a field could not be written; 2 an
option, a setting or the only post can't be used; 130 interrupted; 143 terminated."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script, and return its exit code."""
    parser = _parser()
    options = read_options(SingleOptions, parser.parse_args(arguments))
    if bool(options.posts) == bool(options.title):
        parser.error("name a post, or a title with --title")
    if options.excerpt and options.posts:
        parser.error("--excerpt works with --title only; a post has its own excerpt")
    if options.write and not options.posts:
        parser.error("--write needs a post")
    if options.verbose:
        debug.turn_on()
    reporter = Reporter(as_json=False)
    return exit_code_of(lambda: _run(options, reporter), _say)


def _parser() -> Parser:
    parser = Parser(**parser_arguments(_PROGRAM, "[options] POST... | --title TEXT", _DESCRIPTION, _EPILOG))
    parser.add_argument("posts", nargs="*", metavar="POST", help="the file of a post")
    parser.add_argument("--title", metavar="TEXT", help="a title, instead of posts")
    parser.add_argument("--excerpt", metavar="TEXT", help="what the post is about, for --title")
    parser.add_argument("--output", metavar="FOLDER", help="where the pictures go (default: the assets folder)")
    text = "put the picture's path into this field of the front matter (default: write in [tool.falhero])"
    parser.add_argument("--write", metavar="FIELD", help=text)
    text = (
        "the path to write; {name} is the file's name, {path} its path in the site, {relative} the one from the post "
        "(default: that in [tool.falhero], else {path})"
    )
    parser.add_argument("--path-format", metavar="TEXT", help=text)
    settings_option(parser)
    buying_options(parser)
    request_options(parser)
    return parser


def _run(options: SingleOptions, reporter: Reporter) -> int:
    # An unusable option must be reported before anything is bought.
    if options.write:
        check_field_name(options.write)
    if options.path_format is not None:
        try:
            check_path_format(options.path_format)
        except ValueError as error:
            raise SiteError(f"--path-format {error}") from error
    names = tuple(dict.fromkeys(options.posts))
    site, posts, failures = _from_posts(names, options) if names else _from_title(options)
    if options.output:
        folder = Path(os.path.relpath(Path(options.output).resolve(), site.root)).as_posix()
        site = replace(site, settings=replace(site.settings, assets_dir=folder))
    run = _Run(site=site, posts=posts, options=options, reporter=reporter)
    try:
        failures += run.make(has_headings=len(names) > 1) if posts else []
    except HeroError as error:
        failures.append(error)
    if len(names) > 1:
        for failure in failures:
            _say(failure)
        return FAILED if failures else SUCCESS
    if failures:
        raise failures[0]
    return SUCCESS


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One run for all posts, with one lock and one budget."""

    site: OpenSite
    posts: Sequence[Post]
    options: SingleOptions
    reporter: Reporter

    def make(self, *, has_headings: bool) -> list[HeroError]:
        """Make the heroes, print what became of each, and return why some were not made or written."""
        work = work_for(self.site, self.posts, self.options, named=self.posts)
        report = make_heroes(work, self.reporter, settings_file=self.options.settings)
        results = {result.item.stem: result for result in report.results}
        failures: list[HeroError] = []
        for number, post in enumerate(self.posts):
            if number:
                self.reporter.line()
            if has_headings:
                self.reporter.line(f"Post:   {relative(post.path)}")
            try:
                self._finish(post, results[hero_stem(post.title)])
            except HeroError as error:
                failures.append(error)
        self._tell(report)
        return failures

    def _finish(self, post: Post, result: HeroResult) -> None:
        """Print the result of a post, and write its field.

        Raises:
            HeroError: it has no hero, or not the one that was asked for, or its field can't be written.
        """
        if result.state is Outcome.INVALID:
            raise PostError(result.reason)
        if not result.has_picture:
            raise HeroError(f"{result.item.post.title}: {result.reason}")
        if self.options.force and result.state is Outcome.PRESENT and result.item.reason:
            raise PostError(result.item.reason)
        picture = self.site.library.folder / result.file
        _print_result(result, picture, self.reporter)
        if self.options.posts and (field := _field(self.site, self.options)):
            value = field.value(post.source, Path(os.path.relpath(picture, self.site.root)).as_posix())
            changed = write_field(post.path, field.name, field.as_value(value))
            self.reporter.line(f"Field:  {field.name} {'is now' if changed else 'was already'} {value}")

    def _tell(self, report: Report) -> None:
        ignored = with_option_names(messages.ignored_lines(report), self.options)
        for note in [*messages.kept_lines(report), *messages.lost_lines(report), *text_lines(report), *ignored]:
            self.reporter.note(note)


def _field(site: OpenSite, options: SingleOptions) -> HeroField | None:
    """The field to write: that of the command line, else the site's; with the form of either likewise."""
    own = site.hero_field
    field = HeroField(name=options.write, formats={"": "{path}"}) if options.write else own
    if own and field and field.name == own.name:
        field = own
    return replace(field, formats={"": options.path_format}) if field and options.path_format else field


def _from_posts(names: Sequence[str], options: SingleOptions) -> tuple[OpenSite, list[Post], list[HeroError]]:
    """Return the site, the posts, and why some can't be used.

    Raises:
        HeroError: none can be used.
    """
    usable: list[Path] = []
    failures: list[HeroError] = []
    for path in map(Path, names):
        try:
            if path.is_dir():
                raise SiteError(f"{path} is a folder; name its posts")
            if not path.exists():
                open_site(options.settings, [path])  # says which post may be meant
            usable.append(path)
        except HeroError as error:
            failures.append(error)
    if not usable:
        raise failures[0]
    site = open_site(options.settings, usable)
    posts = []
    for path in usable:
        try:
            posts.append(_usable_post(site, path, _field(site, options)))
        except HeroError as error:
            failures.append(error)
    return site, posts, failures


def _usable_post(site: OpenSite, path: Path, field: HeroField | None) -> Post:
    (post,) = site.posts_in([path])
    if post.problem:
        raise PostError(post.problem)
    # The field of --write is none of those that the site looks into.
    metadata = post.origin.metadata if post.origin else read_document(path).metadata
    if field and (why := why_not_ours(metadata, [field.name], field=field)):
        raise SiteError(f"{relative(path)} {why}, so nothing is drawn for it")
    if reason := why_no_hero(post):
        raise SiteError(reason)
    return post


def _from_title(options: SingleOptions) -> tuple[OpenSite, list[Post], list[HeroError]]:
    title = plain_text(options.title or "")
    if not title:
        raise SiteError("--title is empty")
    return open_site(options.settings), [Post(title=title, excerpt_markup=options.excerpt or "")], []


def _print_result(result: HeroResult, picture: Path, reporter: Reporter) -> None:
    was_there = "" if result.state is Outcome.MADE else " (it was there)"
    reporter.line(f"File:   {relative(picture)}")
    reporter.line(f"Prompt: {result.prompt}")
    reporter.line(f"Time:   {result.seconds:.1f} s{was_there}")
    reporter.line(f"Cost:   {messages.dollars(result.usd)}")


def _say(error: HeroError) -> None:
    sys.stderr.write(f"{_PROGRAM}: {printable(str(error))}\n")
