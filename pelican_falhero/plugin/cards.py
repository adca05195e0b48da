"""Title cards of a build: which file is shown for a post, and drawing those that are not there."""

from __future__ import annotations

from collections.abc import Iterable

from ..content.post import Post
from ..providers.cards.card import art_name, card_name
from ..storage.assets import Library, hero_stem


class Cards:
    """The cards of one site."""

    def __init__(self, library: Library, site_name: str) -> None:
        self._library = library
        self._site_name = site_name

    def draw(self, posts: Iterable[Post]) -> int:
        """Draw the cards of these posts that are not there, and return for how many titles.

        Raises:
            AssetsError: the state folder can't be read or written.
        """
        there = self._library.card_names()
        names = {post.title: card_name(post.title, self._site_name) for post in posts}
        missing = [title for title, name in names.items() if not {name, art_name(name)} <= there]
        if not missing:
            return 0
        from ..providers.cards.draw import draw_cards  # noqa: PLC0415 - a build with all its cards draws none

        return draw_cards(missing, self._site_name, self._library)

    def existing(self, posts: Iterable[Post]) -> dict[str, str]:
        """Map the hero's stem of each post whose card is there to that card, relative to the content folder.

        Raises:
            AssetsError: the state folder can't be read.
        """
        there = self._library.card_names()
        folder = self._library.cards.relative_to(self._library.root).as_posix()
        found = {hero_stem(post.title): art_name(card_name(post.title, self._site_name)) for post in posts}
        return {stem: f"{folder}/{name}" for stem, name in found.items() if name in there}
