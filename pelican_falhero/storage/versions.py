"""Versions: heroes that were replaced or removed, kept in ``.falhero/history`` until their author deletes them."""

from __future__ import annotations

from pathlib import Path

from ..errors import AssetsError
from .assets import Library
from .kept import KeptPictures, sha256_of

__all__ = ["Versions", "sha256_of"]


class Versions(KeptPictures):
    """The history of a site."""

    def __init__(self, library: Library) -> None:
        super().__init__(library, "history")

    def keep(self, hero: Path, *, successor: str = "") -> None:
        """Put a copy of a hero into the history, before the hero is replaced or removed.

        A copy, so that no moment is without the hero: whatever happens in between, a build finds it in its place and
        buys nothing. A file that does not exist, or is empty, is no hero; one whose content is that of its
        ``successor`` (a SHA-256) is not replaced by anything else, and needs no copy.

        Raises:
            AssetsError: the copy can't be made; the hero must then stay.
        """
        try:
            size, digest = hero.stat().st_size, sha256_of(hero)
        except FileNotFoundError:
            return
        except OSError as error:
            raise AssetsError(f"{hero} can't be read ({error.strerror}), so it stays; check its permissions") from error
        if size and digest != successor:
            self.copy(hero, digest)

    def remove(self, hero: Path, *, successor: str = "") -> None:
        """Move a hero into the history; ``successor`` as in ``keep``.

        Raises:
            AssetsError: it can't be moved; it is still in its place.
        """
        self.keep(hero, successor=successor)
        try:
            hero.unlink(missing_ok=True)
        except OSError as error:
            raise AssetsError.of(hero.parent, error) from error
