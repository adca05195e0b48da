"""What made a picture, as the ledger records it. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from ..engines import title_of
from ..planning.tries import AttemptIndex
from ..storage.attempts import Attempt
from ..storage.events import FAILED, REFUSED, SAVED


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What made a picture; what the ledger does not have is empty or None."""

    endpoint: str
    prompt: str
    seed: int | None
    usd: float
    """What the picture cost; 0 if only a copy of it was recorded."""
    time: datetime.datetime
    """When it was saved, in UTC."""
    is_changed: bool = False
    """Whether the file was changed after it was saved, so that this is about what was there before."""


class Origins:
    """Finds what made the pictures of a site."""

    def __init__(self, attempts: Iterable[Attempt]) -> None:
        """``attempts`` are those of the ledger, oldest first."""
        everything = tuple(attempts)
        self._index = AttemptIndex.of(everything)
        saved = [attempt for attempt in everything if attempt.outcome == SAVED and attempt.last.sha256]
        self._places = {attempt.last.sha256: place for place, attempt in enumerate(saved)}
        # A copy for a new title has the content of its original, whose attempt has prompt, seed and cost.
        saved.sort(key=lambda attempt: not attempt.last.kept_from)
        self._by_digest = {attempt.last.sha256: attempt for attempt in saved}

    def find(self, stem: str, digest: str) -> Origin | None:
        """Return what made the picture with this SHA-256, else what was last saved as this hero; None without either.

        Args:
            stem: the hero's file name without extension; empty for a picture that is no hero.
            digest: the SHA-256 of the file; empty if it can't be read.
        """
        if found := self._by_digest.get(digest):
            return _origin(found, is_changed=False)
        tries = self._index.by_name.get(stem, ()) if stem else ()
        last = next((attempt for attempt in reversed(tries) if attempt.outcome == SAVED), None)
        return _origin(last, is_changed=bool(digest and last.last.sha256)) if last else None

    def place_of(self, digest: str) -> int:
        """Return the place of the picture with this SHA-256 in the order in which pictures were asked for.

        Those that the ledger does not know come last.
        """
        return self._places.get(digest, len(self._places))

    def attempt_of(self, digest: str) -> Attempt | None:
        """Return the attempt that made the picture with this SHA-256; None if the ledger does not know it."""
        return self._by_digest.get(digest)

    def last_failure(self, stem: str) -> str:
        """Return why a hero's last attempt brought no picture, as a sentence; empty if it did, or is still pending."""
        tries = self._index.by_name.get(stem, ())
        if not tries:
            return ""
        last = tries[-1]
        day = f"{last.last.time:%Y-%m-%d}"
        if last.is_uncertain:
            asked = title_of(last.first.provider)
            return f"On {day} the request was sent, and {asked} never said whether it accepted it."
        verb = {FAILED: "failed", REFUSED: "was refused"}.get(last.outcome)
        return f"The last attempt {verb} on {day}: {last.last.reason or 'no reason was recorded'}" if verb else ""


def _origin(attempt: Attempt, *, is_changed: bool) -> Origin:
    return Origin(
        endpoint=attempt.first.endpoint,
        prompt=attempt.first.prompt,
        seed=attempt.last.seed,
        usd=attempt.usd,
        time=attempt.last.time,
        is_changed=is_changed,
    )
