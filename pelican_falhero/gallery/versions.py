"""The pictures that can be a post's hero: the present one, what the history has of it, and its candidates."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from ..content.post import Post
from ..errors import AssetsError
from ..storage.assets import Library, hero_stem
from ..storage.attempts import Attempt
from ..storage.candidates import Candidates
from ..storage.events import SAVED
from ..storage.kept import KeptPicture, sha256_of
from ..storage.versions import Versions
from .origin import Origin, Origins


class Role(StrEnum):
    """What a picture of a post is."""

    HERO = "hero"
    VERSION = "version"
    """It was the hero earlier."""
    CANDIDATE = "candidate"


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A picture that is, was, or can be the hero of a post, with the number by which ``falhero pick`` chooses it."""

    number: int
    """From 1: the present hero if there is one, the versions from the newest, then the candidates from the oldest.

    So the next candidates, and picking one, change as few numbers as possible."""
    role: Role
    path: Path
    digest: str
    """The SHA-256 of the file."""
    origin: Origin | None
    """What made it; None if the ledger does not know."""
    kept: KeptPicture | None = None
    """Its place in the state folder; None for the present hero."""


@dataclass(frozen=True, kw_only=True)
class Others:
    """The pictures of a post beside its present hero; each is listed once."""

    versions: tuple[KeptPicture, ...] = ()
    candidates: tuple[KeptPicture, ...] = ()


class VersionIndex:
    """The history and the candidates of a site, by post."""

    def __init__(
        self, versions: Iterable[KeptPicture], attempts: Iterable[Attempt], candidates: Iterable[KeptPicture] = ()
    ) -> None:
        """Pictures are those of the two folders; ``attempts`` those of the ledger, oldest first."""
        self._versions = _Folder(versions)
        self._candidates = _Folder(candidates)
        self._digests: dict[str, set[str]] = {}
        for attempt in attempts:
            if attempt.outcome == SAVED and attempt.last.sha256 and attempt.last.source:
                self._digests.setdefault(attempt.last.source, set()).add(attempt.last.sha256[:8])

    @classmethod
    def of(cls, library: Library, attempts: Iterable[Attempt]) -> VersionIndex:
        """Read the two folders.

        Raises:
            AssetsError: one of them can't be read.
        """
        return cls(Versions(library).all(), attempts, Candidates(library).all())

    def others(self, post: Post, present: str) -> Others:
        """Return the pictures of a post, under its present title or a former one, beside its hero.

        ``present`` is the SHA-256 of its present hero; empty if there is none.
        """
        if not post.takes_hero:
            return Others()
        stem = hero_stem(post.title)
        drawn_for_it = self._digests.get(post.source, set()) if post.source else set()
        versions = self._versions.of(stem, drawn_for_it, without={present[:8]})
        known = {picture.digits for picture in versions}
        return Others(
            versions=versions,
            candidates=self._candidates.of(stem, drawn_for_it, without={present[:8], *known}),
        )


class _Folder:
    """The pictures of one folder, by the hero that they belong to and by their content."""

    def __init__(self, pictures: Iterable[KeptPicture]) -> None:
        self._by_stem: dict[str, list[KeptPicture]] = {}
        self._by_digits: dict[str, list[KeptPicture]] = {}
        for picture in pictures:
            self._by_stem.setdefault(picture.stem, []).append(picture)
            self._by_digits.setdefault(picture.digits, []).append(picture)

    def of(self, stem: str, digits: Iterable[str], *, without: Collection[str]) -> tuple[KeptPicture, ...]:
        """Return the pictures of this hero or with this content, each content once."""
        found: dict[str, KeptPicture] = {}
        same_content = (picture for some in digits for picture in self._by_digits.get(some, ()))
        for picture in (*self._by_stem.get(stem, ()), *same_content):
            if picture.digits not in without:
                found.setdefault(picture.digits, picture)
        return tuple(found.values())


def numbered(present: Path | None, others: Others, origins: Origins) -> list[Numbered]:
    """Return the pictures of a post with their numbers.

    Args:
        present: the present hero; None if there is none, or it can't be read.
        others: the others.
        origins: what made the pictures of the site.

    Raises:
        AssetsError: a file can't be read.
    """
    rows = [_row(Role.HERO, present, None, origins)] if present else []
    versions = [_row(Role.VERSION, kept.path, kept, origins) for kept in others.versions]
    candidates = [_row(Role.CANDIDATE, kept.path, kept, origins) for kept in others.candidates]
    versions.sort(key=lambda row: (-_time(row), row.path.name))
    candidates.sort(key=lambda row: (origins.place_of(row.digest), _time(row), row.path.name))
    return [replace(row, number=number) for number, row in enumerate([*rows, *versions, *candidates], start=1)]


def _row(role: Role, path: Path, kept: KeptPicture | None, origins: Origins) -> Numbered:
    digest = _digest(path)
    return Numbered(number=0, role=role, path=path, digest=digest, origin=origins.find("", digest), kept=kept)


def _time(row: Numbered) -> float:
    """When a picture was drawn; for want of that, when its file was written. Seconds since 1970."""
    if row.origin:
        return row.origin.time.timestamp()
    return row.kept.time_ns / 1e9 if row.kept else 0.0


def _digest(file: Path) -> str:
    try:
        return sha256_of(file)
    except OSError as error:
        raise AssetsError(f"{file} can't be read ({error.strerror}); check its permissions") from error
