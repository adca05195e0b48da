"""Title cards for posts without a hero: drawn once, kept in the state folder, with words and without."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from ...errors import AssetsError
from ...storage.assets import Library
from .card import art_name, draw_art, draw_card, titled_name
from .fonts import CardFonts
from .scripts import Script, script_of


@dataclass(frozen=True)
class Cards:
    """The cards of some titles."""

    names: dict[str, str]
    """Title to the file name of its titled card."""
    drawn: int
    """For how many titles something was drawn."""
    left_off: tuple[str, ...]
    """Which titles can't be written on cards, and why; empty when that was told before."""


def draw_cards(titles: Iterable[str], site_name: str, library: Library, *, font: str) -> Cards:
    """Draw the cards that are not there yet, each titled and as art; ``font`` is ``FALHERO_CARD_FONT``.

    Raises:
        AssetsError: the state folder can't be written.
    """
    fonts = CardFonts(library, font)
    wanted = dict.fromkeys(titles)
    there = library.card_names()
    # A font is looked for when it is not known yet, and again for a new card: there may be one by now.
    scripts = {
        script
        for title in wanted
        if (script := script_of(title) or script_of(site_name))
        and not (fonts.is_known(script) and fonts.card_name(title, site_name) in there)
    }
    if scripts:
        fonts.look_for(scripts)
    names = {title: fonts.card_name(title, site_name) for title in wanted}
    _draw_missing(names, site_name, library, fonts, there=there)
    missing = {titled_name(name) for card in names.values() for name in (card, art_name(card)) if name not in there}
    left_off = _left_off(names, site_name, fonts) if scripts else ()
    is_news = left_off and library.is_new("left-off", "\n".join(left_off))
    return Cards(names, len(missing), left_off if is_news else ())


def _draw_missing(
    names: dict[str, str], site_name: str, library: Library, fonts: CardFonts, *, there: set[str]
) -> None:
    cards = {
        name: partial(draw_card, title, site_name, fonts.font_of(title, site_name)) for title, name in names.items()
    }
    art = {art_name(name): partial(draw_art, title) for title, name in names.items()}
    missing = {name: picture for name, picture in (cards | art).items() if name not in there}

    def draw(name: str) -> None:
        with library.temporary_file("card") as file:
            try:
                missing[name]().save(file, format="PNG", compress_level=4)
            except OSError as error:
                raise AssetsError.of(library.state, error) from error
            library.place(file, library.cards / name)

    if missing:
        library.prepare_state()
        library.remove_old_leftovers()
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for _ in pool.map(draw, missing):
                pass


def _left_off(titles: Iterable[str], site_name: str, fonts: CardFonts) -> tuple[str, ...]:
    """A line for each reason why titles are not written on their cards."""
    from .layout import is_title_drawable  # noqa: PLC0415 - warm builds import no fonts

    reasons: dict[str, dict[Script, None]] = {}
    for title in titles:
        script, font = script_of(title), fonts.font_of(title, site_name)
        if script and not is_title_drawable(title, font):
            reason = fonts.why_none(script) or "their font lacks some of their characters"
            reasons.setdefault(reason, {})[script] = None
    return tuple(
        f"titles in {' and '.join(script.name for script in scripts)} are left off the cards: {reason}"
        for reason, scripts in reasons.items()
    )
