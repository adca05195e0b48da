"""Title cards for posts without a hero: drawn once, kept in the state folder, with words and without."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ...errors import AssetsError
from ...storage.assets import Library
from .card import art_name, card_name, draw_art, draw_card, titled_name


def draw_cards(titles: Iterable[str], site_name: str, library: Library) -> int:
    """Draw the cards that are not there yet, each titled and as art, and return for how many titles.

    Raises:
        AssetsError: the state folder can't be written.
    """
    there = library.card_names()
    named = {card_name(title, site_name): title for title in titles}
    cards = {name: partial(draw_card, title, site_name) for name, title in named.items()}
    art = {art_name(name): partial(draw_art, title) for name, title in named.items()}
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
    return len({titled_name(name) for name in missing})
