"""The options of each verb, as they were typed: what they mean is read where they are used."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from typing import TypeVar

Options = TypeVar("Options")

<<<<<<< HEAD
_DESCRIPTION = """\
Hero images for blog posts, drawn by FLUX on fal. In a Pelican site (below a folder with a
pelicanconf.py) posts are found as the build finds them. Elsewhere posts are files with front
matter: name them, or say where they are in pyproject.toml: [tool.falhero] content = "posts"."""

_EPILOG = """\
verbs:
  plan      what is there, what is missing, and what it would cost
  generate  make what is missing, or named posts' heroes
  check     is every post fit to be published?
  prune     list pictures that no post uses any more
  spend     what was spent, by month and model
  models    the models and their prices
  hook      have git stop a push of posts without heroes

exit codes:
  0    all is well
  1    a hero is missing, or could not be made
  2    an option, a setting or a post that was named can't be used
  130  interrupted
  143  terminated

the usual day:
  falhero plan                 what is missing, and what would it cost?
  falhero generate             make it, within the budget
  falhero check                is every post fit to be published?

--json prints one object instead; the README lists its fields. "falhero VERB --help" tells more."""

_PLAN = """\
Shows what there is of every hero, what is missing and why, with prompts and prices, and what it
would cost in all. Spends nothing, and opens no connection."""

_PLAN_EPILOG = """\
states:
  present       the picture is there
  missing       it would be drawn
  stale         it would be drawn anew: its request has changed, and FALHERO_REFRESH is "changed"
  pending       bought and not fetched yet; the next run fetches it, for nothing
  retitled      the post had another title, and keeps its picture, for nothing
  elsewhere     its picture was drawn into another folder, and is copied, for nothing
  refused       fal will not draw this request; change it, or generate --retry
  unaffordable  it does not fit what is left of the budget
  unpriced      the price of its model is not known; see FALHERO_PRICES
  invalid       one of the post's own Hero_ fields can't be used"""

_GENERATE = """\
Makes the heroes that are missing, the newest first, as far as the budget goes; or those of the
posts that are named. What is there is not drawn again without --force."""

_GENERATE_EPILOG = """\
What is given for the picture goes before the posts' own Hero_ fields, which go before the settings.

  falhero generate content/winter.md
  falhero generate content/winter.md --force --style "Woodcut, two colours"
  falhero generate --dry-run --model schnell
  falhero generate --budget 2.50"""

_CHECK = """\
Exits with 1 when a published post is not fit to be published, and prints the commands that mend it:
it has no hero, only a title card, or a broken picture, or git does not track the picture. Opens no
connection."""

_PRUNE = """\
Lists pictures that no post uses any more (its title has changed, or it is gone) and title cards that
gave way. Only what the ledger knows as drawn here, and unchanged since, is ever listed; what is
younger than 7 days stays, for social networks still show it."""

_SPEND = "Shows what was spent, by month and model, from the ledger. fal's own dashboard is right."

_MODELS = "Shows the models: what each is best for, how long it takes, and what it costs."

_HOOK = """\
Has git stop a push (or a commit) of posts whose heroes are not in it, with the commands that mend
it. Only the posts that it changes are looked at, as the commits have them. Nothing is spent and no
connection is opened, unless it was installed with --generate."""

_HOOK_EPILOG = """\
actions:
  install    put the hook into this repository
  uninstall  take it out again
  run        what the hook runs

To push all the same: FALHERO_SKIP=1 git push, or git push --no-verify."""

_INSTALL = """\
Puts the hook into this repository, where core.hooksPath says. Where another hook stands, nothing is
changed, and the lines to add to it are printed."""

_UNINSTALL = "Takes the hook out of this repository; another hook is left alone."

_HOOK_RUN = "What the hook runs. By hand: would a push of this branch be stopped?"
=======
PRE_PUSH = "pre-push"
PRE_COMMIT = "pre-commit"
>>>>>>> cli


@dataclass(frozen=True, kw_only=True)
class SiteOptions:
    """Which site it is."""

    settings: str | None = None
    """Pelican's settings file, where it was named."""


@dataclass(frozen=True, kw_only=True)
class PostOptions(SiteOptions):
    """Which posts it is about."""

    posts: tuple[str, ...] = ()
    """Files and folders; without any, all posts."""


@dataclass(frozen=True, kw_only=True)
class PictureOptions:
    """What the command line says of the pictures, before the settings and the posts' own fields."""

    model: str | None = None
    style: str | None = None
    prompt: str | None = None
    seed: str | None = None
    size: str | None = None
    steps: str | None = None
    negative_prompt: str | None = None
    lora: str | None = None
    control: str | None = None
    """A file."""
    control_type: str | None = None
    control_scale: str | None = None

    def fields_of_a_post(self) -> dict[str, str]:
        """What was given of that which a post's own fields can say too, by the fields' names without ``hero_``."""
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
    """What may be bought."""

    force: bool = False
    retry: bool = False
    budget: str | None = None
    """USD."""
    provider: str | None = None


@dataclass(frozen=True, kw_only=True)
class GenerateOptions(PostOptions, DrawOptions):
    """Those of ``falhero generate``."""

    dry_run: bool = False


@dataclass(frozen=True, kw_only=True)
class CheckOptions(PostOptions):
    """Those of ``falhero check``."""

    fresh: bool = False


@dataclass(frozen=True, kw_only=True)
class PruneOptions(SiteOptions):
    """Those of ``falhero prune``."""

    apply: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelsOptions:
    """Those of ``falhero models``."""

    live: bool = False


@dataclass(frozen=True, kw_only=True)
class HookOptions(SiteOptions):
    """Those of ``falhero hook``."""

    action: str
    """``install``, ``uninstall`` or ``run``."""
    type: str = PRE_PUSH
    """The name of git's hook."""
    generate: bool = False
    remote: tuple[str, ...] = ()
    """What git gives a pre-push hook: the remote's name and its address."""


@dataclass(frozen=True, kw_only=True)
class SingleOptions(SiteOptions, DrawOptions):
    """Those of ``scripts/generate-fal-hero.py``."""

    post: str | None = None
    title: str | None = None
    excerpt: str | None = None
    output: str | None = None
    """A folder."""
    write: str | None = None
    """A field of the post's front matter."""
    path_format: str = "{path}"


def read_options(kind: type[Options], parsed: argparse.Namespace) -> Options:
    """The options of a verb; an option that its parser does not have keeps its default."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in vars(parsed).items()}
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: values[name] for name in names if name in values})
