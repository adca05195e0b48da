"""The options of each verb, as the user typed them; the verbs parse and check the values."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from ..errors import SettingsError

Options = TypeVar("Options")

LEAST_CANDIDATES, MOST_CANDIDATES = 2, 16
PRE_PUSH = "pre-push"
PRE_COMMIT = "pre-commit"


@dataclass(frozen=True, kw_only=True)
class SiteOptions:
    """Which site the command works on."""

    settings: str | None = None
    """Pelican's settings file; None to look for it."""


@dataclass(frozen=True, kw_only=True)
class PostOptions(SiteOptions):
    """Which posts the command works on."""

    posts: tuple[str, ...] = ()
    """Files and folders; without any, all posts."""


@dataclass(frozen=True, kw_only=True)
class PlanOptions(PostOptions):
    """The options of ``falhero plan``."""

    missing: bool = False
    """Whether heroes that are there are left out."""


@dataclass(frozen=True, kw_only=True)
class PickOptions(PostOptions):
    """The options of ``falhero pick``; ``posts`` is one."""

    number: str
    """Of a version, as ``falhero show`` lists them."""


@dataclass(frozen=True, kw_only=True)
class GalleryOptions(SiteOptions):
    """The options of ``falhero gallery``."""

    output: str | None = None
    """Path of the page; None for its place in the state folder."""


@dataclass(frozen=True, kw_only=True)
class PictureOptions:
    """Options for the picture; they override the posts' own fields and the settings."""

    model: str | None = None
    style: str | None = None
    prompt: str | None = None
    seed: str | None = None
    size: str | None = None
    steps: str | None = None
    negative_prompt: str | None = None
    lora: str | None = None
    control: str | None = None
    """Path of a file."""
    control_type: str | None = None
    control_scale: str | None = None

    def fields_of_a_post(self) -> dict[str, str]:
        """The given options that are also fields of a post, by the field's name without ``hero_``."""
        values = {
            "model": self.model,
            "style": self.style,
            "prompt": self.prompt,
            "seed": self.seed,
            "size": self.size,
            "steps": self.steps,
            "negative_prompt": self.negative_prompt,
            "lora": self.lora,
            "control_type": self.control_type,
            "control_scale": self.control_scale,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class DrawOptions(PictureOptions):
    """Options that decide what is bought."""

    force: bool = False
    new_brief: bool = False
    """Whether the heroes are drawn again, with new briefs."""
    retry: bool = False
    budget: str | None = None
    """USD."""
    verbose: bool = False
    provider: str | None = None


@dataclass(frozen=True, kw_only=True)
class GenerateOptions(PostOptions, DrawOptions):
    """The options of ``falhero generate``."""

    dry_run: bool = False
    write_brief: bool = False
    """Whether the briefs are put into the posts' front matter."""
    all_posts: bool = False
    """Whether the options that need a post mean every post."""
    candidates: str | None = None
    """How many pictures to draw to choose from, in place of the heroes that are missing."""

    def check(self) -> None:
        """Require that ``--force``, ``--new-brief`` and ``--write-brief`` say which posts they mean.

        Raises:
            SettingsError: one of them does not, or two options contradict each other.
        """
        if self.candidates is not None:
            self._check_candidates(self.candidates)
        if self.posts and self.all_posts:
            raise SettingsError("name posts or say --all, not both")
        again = "draws pictures again that are there"
        for name, effect in {"force": again, "new_brief": again, "write_brief": "changes posts"}.items():
            if getattr(self, name) and not (self.posts or self.all_posts):
                option = f"--{name.replace('_', '-')}"
                raise SettingsError(f"{option} {effect}, and needs a POST; --all means every post")
        if self.new_brief and self.prompt:
            raise SettingsError("--new-brief has the prompt written; leave out --prompt")

    def _check_candidates(self, number: str) -> None:
        if self.force or self.all_posts:
            raise SettingsError(f"--candidates draws beside the hero; leave out {'--force' if self.force else '--all'}")
        if not (number.isdecimal() and LEAST_CANDIDATES <= int(number) <= MOST_CANDIDATES):
            limits = f"{LEAST_CANDIDATES} to {MOST_CANDIDATES}"
            raise SettingsError(f"--candidates must be a number from {limits}, not {number!r}")
        if len(self.posts) != 1:
            raise SettingsError(f"--candidates draws for one post: name one, not {len(self.posts) or 'none'}")
        if Path(self.posts[0]).is_dir():
            raise SettingsError(f"--candidates draws for one post, and {self.posts[0]} is a folder; name one post")


@dataclass(frozen=True, kw_only=True)
class RefineOptions(PostOptions):
    """The options of ``falhero refine``; ``posts`` is one."""

    instruction: tuple[str, ...]
    """What to change; more than one if the quotes were forgotten."""
    model: str | None = None
    seed: str | None = None
    dry_run: bool = False
    retry: bool = False
    budget: str | None = None
    """USD."""
    verbose: bool = False


@dataclass(frozen=True, kw_only=True)
class CheckOptions(PostOptions):
    """The options of ``falhero check``."""

    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class DoctorOptions(SiteOptions):
    """The options of ``falhero doctor``."""

    output: str | None = None
    """The folder of a built site to look at; None to look at the set-up."""


@dataclass(frozen=True, kw_only=True)
class PruneOptions(SiteOptions):
    """The options of ``falhero prune``."""

    apply: bool = False
    history: bool = False
    """Whether it is about earlier heroes, and not about pictures in the assets folder."""


@dataclass(frozen=True, kw_only=True)
class ModelsOptions:
    """The options of ``falhero models``."""

    live: bool = False
    compare: bool = False
    provider: str | None = None


@dataclass(frozen=True, kw_only=True)
class HelpOptions:
    """The options of ``falhero help``."""

    topic: str | None = None
    """The name of a page or a verb; None for the list of pages."""


@dataclass(frozen=True, kw_only=True)
class HookOptions(SiteOptions):
    """The options of ``falhero hook``."""

    action: str
    """``install``, ``uninstall`` or ``run``."""
    type: str = PRE_PUSH
    """The name of git's hook: ``pre-push`` or ``pre-commit``."""
    generate: bool = False
    remote: tuple[str, ...] = ()
    """The arguments that git passes to a pre-push hook: the remote's name and its address."""


@dataclass(frozen=True, kw_only=True)
class SingleOptions(SiteOptions, DrawOptions):
    """The options of ``scripts/generate-fal-hero.py``."""

    posts: tuple[str, ...] = ()
    """Files."""
    title: str | None = None
    excerpt: str | None = None
    output: str | None = None
    """Path of a folder."""
    write: str | None = None
    """Name of a front-matter field; None for the site's own, if it has one."""
    path_format: str | None = None
    """None for the site's own, else the path in the site."""


def read_options(kind: type[Options], parsed: argparse.Namespace) -> Options:
    """Convert parsed arguments to a verb's options; an option that the parser does not have keeps its default."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in vars(parsed).items()}
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: values[name] for name in names if name in values})
