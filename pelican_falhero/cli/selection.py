"""What the verbs share: the site and the posts that a command is about, and what the command line says of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..content.post import Subject, read_overrides
from ..content.site import (
    OpenSite,
    Post,
    SiteError,
    open_site,
    spellings,
)
from ..errors import RangeError, SettingsError, SubjectError
from ..planning.budget import spent_in_a_day
from ..planning.request import build_request
from ..settings import Settings
from ..storage.ledger import attempts_of
from .output import Reporter, relative

_NAMES = (
    "model",
    "style",
    "prompt",
    "seed",
    "size",
    "steps",
    "negative_prompt",
    "lora",
    "control_type",
    "control_scale",
)
"""Options that are fields of a post, too."""
_COMMAND_LINE = "the command line"


def open_posts(options: argparse.Namespace, reporter: Reporter) -> tuple[OpenSite, tuple[Post, ...]]:
    """The site, and the posts that the command is about: those that were named, or all that a build cares for.

    Raises:
        SiteError, SettingsError: there are none.
    """
    site = open_whole(options, reporter) if not options.posts else _open(options, reporter)
    paths = [Path(name) for name in options.posts]
    return site, site.named(paths) if paths else site.wanted()


def open_whole(options: argparse.Namespace, reporter: Reporter) -> OpenSite:
    """The site with all its posts.

    Raises:
        SiteError, SettingsError: it can't be read, or nobody said where its posts are.
    """
    site = _open(options, reporter)
    if not site.is_whole:
        raise SiteError(
            f"{site.root} is no Pelican site (it has no pelicanconf.py); name posts, "
            'or say where they are in its pyproject.toml: [tool.falhero] content = "posts"'
        )
    return site


def _open(options: argparse.Namespace, reporter: Reporter) -> OpenSite:
    site = open_site(options.settings, [Path(name) for name in getattr(options, "posts", ())])
    reporter.notes(site.warnings)
    return site


def problems_of(site: OpenSite, posts: Iterable[Post], options: argparse.Namespace) -> list[str]:
    """What is wrong with these posts, and with the files in their place that can't be read."""
    places = [Path(name).resolve() for name in options.posts]
    files = (file for file in site.unreadable if not places or any(place in (file, *file.parents) for place in places))
    return [*(post.problem for post in posts if post.problem), *(site.unreadable[file] for file in files)]


def excuses_for(posts: Iterable[Post], options: argparse.Namespace) -> list[str]:
    """Why nothing is drawn for some of the posts that were named one by one."""
    names = [Path(name) for name in options.posts]
    files = {spelling for name in names if name.is_file() for spelling in spellings(name)}
    return [excuse for post in posts if post.path in files and (excuse := without_hero(post))]


def without_hero(post: Post) -> str:
    """Why nothing is drawn for a post; empty where its author has not said so."""
    why = f"has its own picture ({post.own})" if post.own else post.reason
    return f"{relative(post.path)} {why}, so nothing is drawn for it" if why else ""


def with_options(site: OpenSite, options: argparse.Namespace) -> Settings:
    """The settings as the command line has them.

    Raises:
        SettingsError: an option's value can't be used.
    """
    settings = site.settings
    if getattr(options, "provider", None):
        settings = replace(settings, provider=options.provider)
    if options.budget is not None:
        history = site.ledger.read()
        before = spent_in_a_day(attempts_of(history.events), site.ledger.clock())
        settings = replace(settings, budget=before + _usd(options.budget))
    return settings


def with_overrides(site: OpenSite, posts: Sequence[Post], options: argparse.Namespace) -> tuple[Post, ...]:
    """The posts, with what the command line says of their pictures before what they say themselves.

    Raises:
        SettingsError: an option's value can't be used.
    """
    given = {name: getattr(options, name) for name in _NAMES if getattr(options, name) is not None}
    for name, value in given.items():
        if not value.strip():
            raise SettingsError(f"{_option(name)} is empty")
    try:
        fields = {f"hero_{name}": value for name, value in given.items()}
        own = read_overrides(fields, source=_COMMAND_LINE)
    except SubjectError as error:
        raise SettingsError(_as_option(str(error))) from error
    names = ["loras" if name == "lora" else name for name in given]
    changes: dict[str, Any] = {name: getattr(own, name) for name in names}
    if options.control:
        changes["control"] = _control_image(Path(options.control), site)
    return tuple(_changed(post, changes, site.settings) for post in posts)


def _changed(post: Post, changes: dict[str, Any], settings: Settings) -> Post:
    if post.subject is None or not changes:
        return post
    subject = replace(post.subject, overrides=replace(post.subject.overrides, **changes))
    if error := _out_of_range(subject, settings):
        name = error.field.removeprefix("Hero_").lower()
        if name in changes:
            where = f" ({subject.source})" if subject.source else ""
            raise SettingsError(f"{_option(name)} {error.problem}{where}")
        if not _out_of_range(post.subject, settings):
            advice = f"; give {_option(name)}" if name in _NAMES else ""
            raise SettingsError(f"with these options, {error}{advice}")
    return replace(post, subject=subject)


def _out_of_range(subject: Subject, settings: Settings) -> RangeError | None:
    """What the endpoint that would draw a subject does not take; what else is wrong with it, the plan tells."""
    try:
        build_request(subject, settings)
    except RangeError as error:
        return error
    except SubjectError:
        pass
    return None


def _as_option(message: str) -> str:
    """What is wrong with a post's field, said of the option of the same name."""
    field, _, rest = message.removeprefix(f"{_COMMAND_LINE}: ").partition(" ")
    return f"{_option(field.removeprefix('Hero_'))} {rest}"


def _option(name: str) -> str:
    return f"--{name.lower().replace('_', '-')}"


def _control_image(path: Path, site: OpenSite) -> Path:
    if not path.is_file():
        raise SettingsError(f"--control {path}: there is no such file")
    if not path.resolve().is_relative_to(site.root):
        raise SettingsError(f"--control {path} lies outside of the site ({site.root})")
    return path.resolve()


def _usd(text: str) -> float:
    try:
        usd = float(text)
    except ValueError:
        usd = -1.0
    if not usd >= 0:
        raise SettingsError(f"--budget must be a number of USD from 0, not {text!r}")
    return usd
