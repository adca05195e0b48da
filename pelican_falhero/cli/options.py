"""The options of each verb, as they were typed: what they mean is read where they are used."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from typing import TypeVar

Options = TypeVar("Options")

PRE_PUSH = "pre-push"
PRE_COMMIT = "pre-commit"


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
