"""Applies the command line's options, which override the posts' own fields and the settings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..content.post import Post, read_overrides
from ..content.site import OpenSite
from ..errors import PostError, RangeError, SettingsError
from ..language_models import DEFAULT_LANGUAGE_MODEL
from ..planning.budget import spent_in_a_day
from ..planning.request import build_request
from ..planning.site import Site
from ..planning.survey import site_of
from ..settings import Settings
from ..settings_reading import with_provider
from ..storage.assets import hero_stem
from ..storage.attempts import attempts_of
from .options import DrawOptions, PictureOptions

_COMMAND_LINE = "the command line"
_LIKE_FIELDS = frozenset(field.name for field in fields(PictureOptions)) - {"control"}
"""Options that are also fields of a post."""


def work_for(site: OpenSite, posts: Sequence[Post], options: DrawOptions, *, named: Iterable[Post] = ()) -> Site:
    """What to plan and make: these posts and the settings, with the command line's options applied.

    ``named`` are the posts that the user named one by one.

    Raises:
        SettingsError: an option's value can't be used.
    """
    settings = _with_options(site, options)
    if options.force and settings.provider in ("card", "none"):
        raise SettingsError(f"--force draws with fal, but the provider is {settings.provider}")
    work = site_of(site, _with_overrides(site, site.with_same_title(posts), options), settings=settings)
    redo = {hero_stem(post.title) for post in posts if post.takes_hero and options.force}
    new_briefs = _new_briefs(posts, settings) if options.new_brief else frozenset()
    names = frozenset(hero_stem(post.title) for post in named)
    redo |= new_briefs
    return work._replace(redo=frozenset(redo), named=names, new_briefs=new_briefs, retry=options.retry)


def _new_briefs(posts: Iterable[Post], settings: Settings) -> frozenset[str]:
    """The stems of the heroes for which ``--new-brief`` has one written.

    Raises:
        SettingsError: none of the posts takes one.
    """
    if settings.provider in ("card", "none"):
        raise SettingsError(f"--new-brief asks a model on fal, but the provider is {settings.provider}")
    if not settings.director:
        raise SettingsError(f'--new-brief needs a language model; set FALHERO_DIRECTOR = "{DEFAULT_LANGUAGE_MODEL}"')
    taking = [post for post in posts if post.takes_hero]
    stems = frozenset(hero_stem(post.title) for post in taking if not post.overrides.prompt)
    if taking and not stems:
        raise SettingsError("every post that was named has a Hero_Prompt; remove it to have a brief written")
    return stems


def _with_options(site: OpenSite, options: DrawOptions) -> Settings:
    """The settings with ``--provider`` and ``--budget`` applied.

    Raises:
        SettingsError: an option's value can't be used.
    """
    settings = site.settings
    if options.provider:
        settings = with_provider(settings, options.provider)
    return with_budget(settings, options.budget, site)


def with_budget(settings: Settings, budget: str | None, site: OpenSite) -> Settings:
    """The settings with ``--budget`` applied; ``budget`` is its value, None without it.

    Raises:
        SettingsError: it is not an amount.
        LedgerError: the ledger can't be read.
    """
    if budget is None:
        return settings
    history = site.ledger.read()
    # The budget counts the last 24 hours; --budget counts this run only.
    spent = spent_in_a_day(attempts_of(history.events), site.ledger.clock())
    return replace(settings, budget=spent + _usd(budget))


def _with_overrides(site: OpenSite, posts: Sequence[Post], options: PictureOptions) -> tuple[Post, ...]:
    """The posts with the options for the picture applied.

    Raises:
        SettingsError: an option's value can't be used.
    """
    given = options.fields_of_a_post()
    for name, value in given.items():
        if not value.strip():
            raise SettingsError(f"{_option(name)} is empty")
    try:
        fields = {f"hero_{name}": value for name, value in given.items()}
        own = read_overrides(fields, source=_COMMAND_LINE)
    except PostError as error:
        raise SettingsError(_as_option(str(error))) from error
    if not options.control and not any(post.overrides.control for post in posts):
        for name in ("control_type", "control_scale"):
            if name in given:
                raise SettingsError(f"{_option(name)} needs a picture to follow; give --control")
    names = ["loras" if name == "lora" else name for name in given]
    changes: dict[str, Any] = {name: getattr(own, name) for name in names}
    if options.control:
        changes["control"] = _control_image(Path(options.control), site)
    options_given = {*given, *(["control"] if options.control else [])}
    return tuple(_changed(post, changes, site.settings, given=options_given) for post in posts)


def with_option_names(messages: Iterable[str], options: PictureOptions) -> list[str]:
    """Messages about posts' fields, each once, where those that the command line gave are named as its options."""
    given = "|".join(f"Hero_{name.title()}" for name in options.fields_of_a_post())
    pattern = re.compile(rf"^(?:.+?: )?({given}) ") if given else None

    def renamed(message: str) -> str:
        found = pattern and pattern.match(message)
        return f"{_option(found[1].removeprefix('Hero_'))} {message[found.end() :]}" if found else message

    return list(dict.fromkeys(map(renamed, messages)))


def _changed(post: Post, changes: dict[str, Any], settings: Settings, *, given: Collection[str]) -> Post:
    if not (post.takes_hero and changes):
        return post
    changed = replace(post, overrides=post.overrides._replace(**changes), as_written=post)
    if error := _request_error(changed, settings):
        field, problem = _field_and_problem(error, post)
        name = field.removeprefix("Hero_").lower()
        if name in given:
            # A value out of range is so for one post's model; an unknown name is so for every post.
            where = f" ({post.source})" if post.source and isinstance(error, RangeError) else ""
            raise SettingsError(f"{_option(name)} {problem}{where}")
        if not _request_error(post, settings):
            advice = f"; give {_option(name)}" if name in _LIKE_FIELDS else ""
            raise SettingsError(f"with these options, {error}{advice}")
    return changed


def _request_error(post: Post, settings: Settings) -> PostError | None:
    """Why the post's request can't be built, or is out of its endpoint's range."""
    try:
        build_request(post, settings)
    except PostError as error:
        return error
    return None


def _field_and_problem(error: PostError, post: Post) -> tuple[str, str]:
    """The field or setting that an error is about, and the rest of its sentence."""
    if isinstance(error, RangeError):
        return error.field, error.problem
    field, _, problem = str(error).removeprefix(f"{post.source}: ").partition(" ")
    return field.rstrip(":"), problem


def _as_option(message: str) -> str:
    """Rewrite a message about a post's field, so that it names the option instead."""
    field, _, rest = message.removeprefix(f"{_COMMAND_LINE}: ").partition(" ")
    return f"{_option(field.removeprefix('Hero_'))} {rest}"


def _option(name: str) -> str:
    return f"--{name.lower().replace('_', '-')}"


def _control_image(path: Path, site: OpenSite) -> Path:
    if not path.is_file():
        raise SettingsError(f"--control {path}: there is no such file")
    if not path.resolve().is_relative_to(site.root):
        raise SettingsError(f"--control {path} is outside the site ({site.root})")
    return path.resolve()


def _usd(text: str) -> float:
    try:
        usd = float(text)
    except ValueError:
        usd = -1.0
    if not usd >= 0:
        raise SettingsError(f"--budget must be a number of USD from 0, not {text!r}")
    return usd
