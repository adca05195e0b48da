"""Look up the briefs in the ledger: the scenes that a language model has written for heroes. Pure.

A brief belongs to the name of its hero and, after a retitle, to its source file, whatever its post says today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..content.post import Post
from ..language_models import ROUTER
from ..storage.attempts import Attempt
from ..storage.events import WRITTEN, stem_of


@dataclass(frozen=True, kw_only=True)
class BriefIndex:
    """The last brief of each hero, and the last one that is paid for and was not fetched yet."""

    _written: dict[str, Attempt] = field(default_factory=dict)
    """By stem and by source file; the two can't be mistaken for each other, because a file has an extension."""
    _pending: dict[str, Attempt] = field(default_factory=dict)
    _uncertain: Counter[str] = field(default_factory=Counter)
    """Stem to the number of attempts since the last brief for which no answer from fal was received."""

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> BriefIndex:
        """Make the index of these attempts, which must be sorted by time."""
        index = cls()
        for attempt in attempts:
            if attempt.first.endpoint == ROUTER:
                index._add(attempt)
        return index

    def _add(self, attempt: Attempt) -> None:
        stem = stem_of(attempt.first.hero)
        if attempt.is_uncertain:
            self._uncertain[stem] += 1
        if attempt.is_pending or attempt.outcome == WRITTEN:
            kind = self._pending if attempt.is_pending else self._written
            kind |= {name: attempt for name in (stem, attempt.first.source) if name}
            self._uncertain[stem] = 0

    def uncertain(self, stem: str) -> int:
        """Return the number of attempts at a brief since the last one for which no answer from fal was received."""
        return self._uncertain[stem]

    def written(self, stem: str, posts: Iterable[Post]) -> Attempt | None:
        """Return the attempt that wrote the brief of a hero, or else that of one of its posts; None without either."""
        return _first(self._written, stem, posts)

    def pending(self, stem: str, posts: Iterable[Post]) -> Attempt | None:
        """Return the attempt whose brief is to be fetched; None if there is none, or a later one was written."""
        posts = tuple(posts)
        pending, written = _first(self._pending, stem, posts), self.written(stem, posts)
        is_outdated = pending and written and pending.first.time < written.first.time
        return None if is_outdated else pending


def _first(found: dict[str, Attempt], stem: str, posts: Iterable[Post]) -> Attempt | None:
    names = (stem, *(post.source for post in posts if post.source))
    return next((found[name] for name in names if name in found), None)
