"""Title cards for posts without a hero: drawn once, kept in the state folder, with words and without."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...errors import AssetsError
from ...storage.assets import Library
from ...storage.labels import Label, label_png, tool_name
from .card import art_name, draw_art, draw_card, social_name
from .fonts import CardFont, CardFonts
from .scripts import Script, script_of


@dataclass(frozen=True)
class Cards:
    """The cards of some titles."""

    stems: dict[str, str]
    """Title to the stem of its card's two files; see ``art_name`` and ``social_name``."""
    drawn: int
    """For how many titles something was drawn."""
    left_off: tuple[str, ...]
    """Which titles can't be written on cards, and why; empty when that was told before."""


def draw_cards(titles: Iterable[str], site_name: str, library: Library, *, font: str) -> Cards:
    """Draw the cards that are not there yet, each as art and as social picture; ``font`` is ``FALHERO_CARD_FONT``.

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
        and not (fonts.is_known(script) and social_name(fonts.card_stem(title, site_name)) in there)
    }
    if scripts:
        fonts.look_for(scripts)
    stems = {title: fonts.card_stem(title, site_name) for title in wanted}
    _draw_missing(stems, site_name, library, fonts, there=there)
    missing = {stem for stem in stems.values() if not there.issuperset((art_name(stem), social_name(stem)))}
    left_off = _left_off(stems, site_name, fonts) if scripts else ()
    is_news = left_off and library.is_new("left-off", "\n".join(left_off))
    return Cards(stems, len(missing), left_off if is_news else ())


def _draw_missing(
    stems: dict[str, str], site_name: str, library: Library, fonts: CardFonts, *, there: set[str]
) -> None:
    label = Label("algorithmicMedia", tool_name())
    files: dict[str, Callable[[Path], None]] = {}
    for title, stem in stems.items():
        files[art_name(stem)] = partial(_save_art, title, label)
        files[social_name(stem)] = partial(_save_social, title, site_name, fonts.font_of(title, site_name), label)
    missing = {name: save for name, save in files.items() if name not in there}

    def draw(name: str) -> None:
        with library.temporary_file("card") as file:
            try:
                missing[name](file)
            except OSError as error:
                raise AssetsError.of(library.state, error) from error
            library.place(file, library.cards / name)

    if missing:
        library.prepare_state()
        library.remove_old_leftovers()
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for _ in pool.map(draw, missing):
                pass


def _save_art(title: str, label: Label, file: Path) -> None:
    draw_art(title).save(file, format="PNG", compress_level=4)
    label_png(file, label)


def _save_social(title: str, site_name: str, font: CardFont | None, label: Label, file: Path) -> None:
    from ...storage.variants.social_cut import encode_social  # noqa: PLC0415 - warm builds draw nothing

    file.write_bytes(encode_social(draw_card(title, site_name, font), label.xmp()))


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
