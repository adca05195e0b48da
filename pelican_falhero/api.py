"""The Python API: heroes for titles and excerpts, without Pelican and without files of posts."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .content.post import Overrides, Post
from .content.site_table import read_table
from .errors import HeroError, PostError
from .generation.report import Report
from .generation.result import HeroResult, Outcome
from .generation.run import purchase
from .generation.run_state import Silent
from .planning.site import Site
from .settings_reading import read_settings
from .storage.assets import Library, hero_stem
from .storage.ledger import FILE_NAME, Ledger
from .text import plain_text

log = logging.getLogger(__name__)

_KEYS = ("title", "excerpt", "style")


@dataclass(frozen=True, kw_only=True)
class SavedHero:
    """A hero's file, its prompt and its cost."""

    path: Path
    prompt: str
    seconds: float = 0.0
    """Seconds that drawing took; 0 if the file existed."""
    usd: float = 0.0
    """Cost of this call in USD, estimated; 0 if the file existed."""
    is_new: bool = False
    """Whether this call drew it."""

    @classmethod
    def of(cls, result: HeroResult, library: Library) -> SavedHero:
        """The saved hero of a result that has a picture."""
        return cls(
            path=library.folder / result.file,
            prompt=result.prompt,
            seconds=result.seconds,
            usd=result.usd,
            is_new=result.state is Outcome.MADE,
        )


class NotMadeError(HeroError):
    """Some heroes could not be made; the text says which and why. ``saved`` holds the heroes that were made."""

    def __init__(self, message: str, saved: Sequence[SavedHero] = ()) -> None:
        super().__init__(message)
        self.saved = tuple(saved)


class BlogImageGenerator:
    """Draws a blog's heroes with FLUX on fal: each only once, within a budget, and recorded in the ledger.

    The ledger is saved in ``.falhero`` below ``root``, pictures in ``assets_dir`` below ``root``.

    Args:
        root: the blog's folder. ``[tool.falhero]`` in its pyproject.toml is read too.
        settings: as in pelicanconf.py, in lower case and without the prefix: ``model="schnell"``, ``budget=0.5``.
            They override pyproject.toml.

    Raises:
        SettingsError: a setting can't be used.
    """

    def __init__(self, root: Path | str = ".", **settings: Any) -> None:
        self.root = Path(root).resolve()
        table = read_table(self.root)
        self.settings = read_settings({**table.settings, **settings}, root=self.root, prefix="")
        self.library = Library(self.root, self.settings.assets_dir)
        self.ledger = Ledger(self.library.state / FILE_NAME)

    def generate_hero(self, title: str, excerpt: str = "", *, style: str | None = None) -> SavedHero:
        """Return the hero of one post; draw it only if its file does not exist.

        Raises:
            NotMadeError: it could not be made.
            AccountError, AssetsError, LedgerError: no hero can be made at the moment.
        """
        return self.generate_heroes([{"title": title, "excerpt": excerpt, "style": style}])[0]

    def generate_heroes(self, posts: Iterable[Mapping[str, str | None]]) -> list[SavedHero]:
        """Return the heroes of several posts, in the same order; draw missing ones in parallel.

        Args:
            posts: mappings with the key ``title`` and, optionally, ``excerpt`` and ``style``.

        Raises:
            PostError: a post has no title, or has an unknown key.
            NotMadeError: some heroes could not be made; the others are saved.
            AccountError, AssetsError, LedgerError: no hero can be made at the moment.
            KeyboardInterrupt, Terminated: Ctrl-C or SIGTERM. They are handled in the main thread only.
        """
        parsed = tuple(_post(post) for post in posts)
        site = Site(
            posts=parsed,
            settings=self.settings,
            library=self.library,
            ledger=self.ledger,
            named=frozenset(hero_stem(post.title) for post in parsed),
        )
        heroes = saved_heroes(purchase(site, listener=Silent(), say=log.warning), self.library)
        return [heroes[hero_stem(post.title)] for post in parsed]


def saved_heroes(report: Report, library: Library) -> dict[str, SavedHero]:
    """Map the stem of each hero of a run to its saved file.

    Raises:
        NotMadeError: some heroes could not be made.
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
        raise PostError(f"a post can have the keys {', '.join(_KEYS)}, not {unknown[0]!r}")
    title = plain_text(post.get("title") or "")
    if not title:
        raise PostError("a post needs a title")
    overrides = Overrides(style=post.get("style"))
    return Post(title=title, overrides=overrides, excerpt_markup=post.get("excerpt") or "")
