"""The Python API: heroes for titles and excerpts, wherever they come from."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .content.front_matter_site import read_table
from .content.post import Overrides, Post
from .errors import HeroError, PostError
from .generation.report import Report
from .generation.result import HeroResult, Outcome
from .generation.run import purchase
from .generation.run_state import Silent
from .planning.survey import Site
from .settings import read_settings
from .storage.assets import Library, hero_stem
from .storage.ledger import FILE_NAME, Ledger
from .text import plain_text

log = logging.getLogger(__name__)

_KEYS = ("title", "excerpt", "style")


@dataclass(frozen=True, kw_only=True)
class SavedHero:
    """A hero's file, and how it came to be."""

    path: Path
    prompt: str
    seconds: float = 0.0
    """How long it took; 0 when it was there."""
    usd: float = 0.0
    """Estimated cost in this call; 0 when it was there."""
    is_new: bool = False
    """Whether this call drew it."""

    @classmethod
    def of(cls, result: HeroResult, library: Library) -> SavedHero:
        """A hero that is there."""
        return cls(
            path=library.folder / result.file,
            prompt=result.prompt,
            seconds=result.seconds,
            usd=result.usd,
            is_new=result.state is Outcome.MADE,
        )


class NotMadeError(HeroError):
    """Some heroes could not be made; the text says which and why, ``saved`` are those that could."""

    def __init__(self, message: str, saved: Sequence[SavedHero] = ()) -> None:
        super().__init__(message)
        self.saved = tuple(saved)


class BlogImageGenerator:
    """Draws a blog's heroes with FLUX on fal: each once, within a budget, checked and written down.

    The ledger is kept in ``.falhero`` below ``root``; pictures go to ``assets_dir`` below it.

    Args:
        root: the blog's folder. What ``[tool.falhero]`` in its pyproject.toml says holds here too.
        settings: as in pelicanconf.py, in lower case and without prefix: ``model="schnell"``, ``budget=0.5``.

    Raises:
        SettingsError: a setting can't be used.
    """

    def __init__(self, root: Path | str = ".", **settings: Any) -> None:
        self.root = Path(root).resolve()
        table, _ = read_table(self.root)
        self.settings = read_settings({**table, **settings}, root=self.root, prefix="")
        self.library = Library(self.root, self.settings.assets_dir)
        self.ledger = Ledger(self.library.state / FILE_NAME)

    def generate_hero(self, title: str, excerpt: str = "", *, style: str | None = None) -> SavedHero:
        """The hero of one post; what is there is not drawn again.

        Raises:
            NotMadeError: it could not be made.
            AccountError, AssetsError, LedgerError: nothing can be made at the moment.
        """
        return self.generate_heroes([{"title": title, "excerpt": excerpt, "style": style}])[0]

    def generate_heroes(self, posts: Iterable[Mapping[str, str | None]]) -> list[SavedHero]:
        """The heroes of several posts (``title``, and ``excerpt`` and ``style`` where there are any), in parallel.

        Raises:
            PostError: a post has no title, or other keys.
            NotMadeError: not all could be made; what could be is saved.
            AccountError, AssetsError, LedgerError: nothing can be made at the moment.
            KeyboardInterrupt, Terminated: Ctrl-C or SIGTERM; only in the main thread are they handled.
        """
        read = tuple(_post(post) for post in posts)
        site = Site(posts=read, settings=self.settings, library=self.library, ledger=self.ledger)
        heroes = saved_heroes(purchase(site, listener=Silent(), say=log.warning), self.library)
        return [heroes[hero_stem(post.title)] for post in read]


def saved_heroes(report: Report, library: Library) -> dict[str, SavedHero]:
    """Stem to hero, of a run in which all could be made.

    Raises:
        NotMadeError: some could not.
    """
    heroes: dict[str, SavedHero] = {}
    problems: list[str] = []
    for result in report.results:
        if result.has_picture:
            heroes[result.item.stem] = SavedHero.of(result, library)
        else:
            problems.append(f"{result.item.post.title}: {result.reason}")
    if problems:
        raise NotMadeError("; ".join(dict.fromkeys(problems)), tuple(heroes.values()))
    return heroes


def _post(post: Mapping[str, str | None]) -> Post:
    if unknown := [name for name in post if name not in _KEYS]:
        raise PostError(f"a post has {', '.join(_KEYS)}, not {unknown[0]!r}")
    title = plain_text(post.get("title") or "")
    if not title:
        raise PostError("a post needs a title")
    overrides = Overrides(style=post.get("style"))
    return Post(title=title, overrides=overrides, excerpt_markup=post.get("excerpt") or "")
