"""The versions of a post's hero: the present picture, and what the history has of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..content.post import Post
from ..errors import AssetsError
from ..storage.assets import hero_stem
from ..storage.ledger import SAVED, Attempt
from ..storage.versions import Version, sha256_of
from .origin import Origin, Origins


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A picture that is, or was, the hero of a post, with the number by which ``falhero pick`` chooses it."""

    number: int
    """From 1: the present hero if there is one, then the newest."""
    path: Path
    digest: str
    """The SHA-256 of the file."""
    origin: Origin | None
    """What made it; None if the ledger does not know."""
    version: Version | None = None
    """Its place in the history; None for the present hero."""


class VersionIndex:
    """The history of a site, by post."""

    def __init__(self, versions: Iterable[Version], attempts: Iterable[Attempt]) -> None:
        """``versions`` are those of the history, newest first; ``attempts`` those of the ledger, oldest first."""
        self._by_stem: dict[str, list[Version]] = {}
        self._by_digits: dict[str, list[Version]] = {}
        for version in versions:
            self._by_stem.setdefault(version.stem, []).append(version)
            self._by_digits.setdefault(version.digits, []).append(version)
        self._digests: dict[str, set[str]] = {}
        for attempt in attempts:
            if attempt.outcome == SAVED and attempt.last.sha256 and attempt.last.source:
                self._digests.setdefault(attempt.last.source, set()).add(attempt.last.sha256)

    def earlier(self, post: Post, present: str) -> list[Version]:
        """Return the earlier heroes of a post, under its present title or a former one, each picture once.

        ``present`` is the SHA-256 of its present hero; empty if there is none.
        """
        if not (self._by_stem and post.takes_hero):
            return []
        found: dict[str, Version] = {}
        former = (digest for digest in self._digests.get(post.source, ()) if post.source)
        drawn_for_it = (version for digest in former for version in self._by_digits.get(digest[:8], ()))
        for version in (*self._by_stem.get(hero_stem(post.title), ()), *drawn_for_it):
            found.setdefault(version.digits, version)
        return [version for version in found.values() if not version.is_of(present)]


def numbered(present: Path | None, earlier: Iterable[Version], origins: Origins) -> list[Numbered]:
    """Return the versions of a hero with their numbers.

    Args:
        present: the present hero; None if there is none, or it can't be read.
        earlier: the earlier ones.
        origins: what made the pictures of the site.

    Raises:
        AssetsError: a file can't be read.
    """
    first = [(present, None)] if present else []
    found = [(path, version, _digest(path)) for path, version in (*first, *((one.path, one) for one in earlier))]
    known = [(path, version, digest, origins.find("", digest)) for path, version, digest in found]
    known.sort(key=lambda row: (row[1] is not None, -_time(row[1], row[3]), row[0].name))
    return [
        Numbered(number=number, path=path, digest=digest, origin=origin, version=version)
        for number, (path, version, digest, origin) in enumerate(known, start=1)
    ]


def _time(version: Version | None, origin: Origin | None) -> float:
    """When a version was drawn; for want of that, when it became the hero. Seconds since 1970."""
    if origin:
        return origin.time.timestamp()
    return version.time_ns / 1e9 if version else 0.0


def _digest(file: Path) -> str:
    try:
        return sha256_of(file)
    except OSError as error:
        raise AssetsError(f"{file} can't be read ({error.strerror}); check its permissions") from error
