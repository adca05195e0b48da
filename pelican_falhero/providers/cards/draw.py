"""Title cards for posts without a hero: drawn once, kept in the state folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from ...errors import AssetsError
from ...storage.assets import Library
from .card import card_name, draw_card


def draw_cards(titles: Iterable[str], site_name: str, library: Library) -> int:
    """Draw the cards that are not there yet, and return how many they were.

    Raises:
        AssetsError: the state folder can't be written.
    """
    there = library.card_names()
    missing = {card_name(title, site_name): title for title in titles}
    missing = {name: title for name, title in missing.items() if name not in there}

    def draw(name: str) -> None:
        with library.temporary_file("card") as file:
            try:
                draw_card(missing[name], site_name).save(file, format="PNG", compress_level=4)
            except OSError as error:
                raise AssetsError.of(library.state, error) from error
            library.place(file, library.cards / name)

    if missing:
        library.prepare_state()
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for _ in pool.map(draw, missing):
                pass
    return len(missing)
