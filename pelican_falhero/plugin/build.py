"""What a build does about its heroes when all are there: nothing. Otherwise it imports what can help, and says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from rich.console import Console

from ..content.post import Post
from ..errors import HeroError
from ..generation.run_context import RunContext
from ..planning.site import Site, has_all_heroes
from ..storage.assets import hero_stem
from .cards import SiteCards


@dataclass(kw_only=True, eq=False, repr=False)
class Result:
    """What a build found and made."""

    placeholders: dict[str, str] = field(default_factory=dict)
    """Stem of a hero that is not there to what is shown for it, relative to the content folder."""
    lines: list[str] = field(default_factory=list)
    """To be printed."""
    warnings: list[str] = field(default_factory=list)
    """To be logged, once all is attached."""
    is_complete: bool = False
    """Whether all heroes were there, so that nothing was done."""
    failure: str = ""
    """Why the build is to fail, if it is."""


def run_build(
    site: Site,
    context: RunContext,
    *,
    posts: Sequence[Post],
    heroes: Collection[str],
    site_name: str,
    console: Console,
    on_saved: Callable[[Iterable[str]], None],
) -> Result:
    """Make what is missing, as far as settings and context allow.

    Args:
        site: the posts that are to have a hero, and where heroes are kept.
        context: how the build was started.
        posts: all posts, also those that are not in ``site``.
        heroes: stems of the existing pictures.
        site_name: for cards.
        console: where progress is shown.
        on_saved: is given each new hero, relative to the content folder, from several threads.
    """
    cards = SiteCards(site.library, site_name, site.settings.card_font)
    unusable = [post for post in posts if post.problem and post.wanted]
    result = None
    with suppress(HeroError):  # whatever is in the way is met again, and told, by what wants to buy
        if not unusable and has_all_heroes(site, heroes):
            result = Result(is_complete=True)
    if result is None:
        from .missing import make_missing  # noqa: PLC0415 - a warm build costs nothing, and this imports a lot

        result = make_missing(site, context, cards, unusable=unusable, console=console, on_saved=on_saved)
    drafts = [post for post in posts if post.is_previewed and post.takes_hero]
    if drafts and site.settings.provider != "none":
        may_draw = not (context.has_invalid_settings or context.is_dry_run)
        _show_draft_cards(drafts, site, cards, result, may_draw=may_draw)
    return result


def _show_draft_cards(drafts: Iterable[Post], site: Site, cards: SiteCards, result: Result, *, may_draw: bool) -> None:
    """Show a card for each draft without a picture, which costs nothing and is not worth a word."""
    try:
        there = site.library.heroes().keys() | result.placeholders.keys()
        lacking = [post for post in drafts if hero_stem(post.title) not in there]
        if may_draw:
            result.lines += [f"heroes: {line}" for line in cards.draw(lacking).left_off]
        result.placeholders |= cards.existing(lacking)
    except HeroError as error:
        if str(error) not in result.warnings:
            result.warnings.append(str(error))
