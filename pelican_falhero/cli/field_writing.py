"""Has posts name their heroes in their front matter, where the site has a field for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..content.post import Post
from ..content.site import OpenSite
from ..errors import HeroError
from ..generation import messages
from .output import Reporter, shown


@dataclass(frozen=True, kw_only=True)
class Written:
    """Which posts were written."""

    field: str = ""
    posts: tuple[Path, ...] = ()
    problems: tuple[str, ...] = ()
    """Why posts could not be written."""

    def __str__(self) -> str:
        return f"{self.field} written into {messages.count(len(self.posts), 'post')}" if self.posts else ""


def write_fields(site: OpenSite, posts: Iterable[Post]) -> Written:
    """Write the field of each of these posts that has a hero and does not name it."""
    if not site.hero_field:
        return Written()
    from ..content.front_matter_edit import write_hero  # noqa: PLC0415 - a site without such a field needs no YAML

    heroes = site.library.heroes()
    done: list[Path] = []
    problems: list[str] = []
    for post in posts:
        value = site.to_write(post, heroes)
        try:
            if value and write_hero(post.path, site.hero_field, value):
                done.append(post.path)
        except HeroError as error:
            problems.append(str(error).replace(str(post.path), shown(post.path), 1))
    return Written(field=site.hero_field.name, posts=tuple(done), problems=tuple(problems))


def tell(written: Written, reporter: Reporter) -> None:
    """Print what was done, as part of the result."""
    if text := str(written):
        reporter.line(text)
    for problem in written.problems:
        reporter.line(problem, style="red")
