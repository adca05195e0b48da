"""Title cards of a build: which file is shown for a post, and drawing those that are not there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..content.post import Post
from ..providers.cards.card import art_name
from ..storage.assets import Library, hero_stem

if TYPE_CHECKING:
    from ..providers.cards.draw import Cards


class SiteCards:
    """The cards of one site; ``font`` is ``FALHERO_CARD_FONT``."""

    def __init__(self, library: Library, site_name: str, font: str) -> None:
        self._library = library
        self._site_name = site_name
        self._font = font

    def draw(self, posts: Iterable[Post]) -> Cards:
        """Draw the cards of these posts that are not there.

        Raises:
            AssetsError: the state folder can't be read or written.
        """
        from ..providers.cards.draw import draw_cards  # noqa: PLC0415 - a warm build needs none

        return draw_cards([post.title for post in posts], self._site_name, self._library, font=self._font)

    def existing(self, posts: Iterable[Post]) -> dict[str, str]:
        """Map the hero's stem of each post whose card is there to that card, relative to the content folder.

        Raises:
            AssetsError: the state folder can't be read.
        """
        from ..providers.cards.fonts import CardFonts  # noqa: PLC0415 - a warm build needs none

        fonts = CardFonts(self._library, self._font)
        there = self._library.card_names()
        folder = self._library.cards.relative_to(self._library.root).as_posix()
        found = {hero_stem(post.title): art_name(fonts.card_stem(post.title, self._site_name)) for post in posts}
        return {stem: f"{folder}/{name}" for stem, name in found.items() if name in there}
