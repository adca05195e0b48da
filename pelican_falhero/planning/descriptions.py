"""Look up what language models have said of pictures: alternative texts, by the picture's content. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..language_models import VISION_ROUTER
from ..storage.attempts import Attempt
from ..storage.events import WRITTEN, stem_of
from .item import Item


@dataclass(frozen=True, kw_only=True)
class DescriptionIndex:
    """The last description of each picture, and the last one that is paid for and was not fetched yet."""

    written: dict[str, Attempt] = field(default_factory=dict)
    """By the SHA-256 of the picture. An empty text says that the picture is decorative."""
    pending: dict[str, Attempt] = field(default_factory=dict)

    @classmethod
    def of(cls, attempts: Iterable[Attempt]) -> DescriptionIndex:
        """Make the index of these attempts, which must be sorted by time."""
        index = cls()
        for attempt in attempts:
            if attempt.first.endpoint == VISION_ROUTER and attempt.first.sha256:
                if attempt.outcome == WRITTEN:
                    index.written[attempt.first.sha256] = attempt
                elif attempt.is_pending:
                    index.pending[attempt.first.sha256] = attempt
        return index


@dataclass(frozen=True, kw_only=True)
class PendingDescription:
    """A description that is paid for and was not fetched yet."""

    item: Item
    """The hero that it is about."""
    attempt: Attempt


def pending_descriptions(items: Iterable[Item], attempts: Iterable[Attempt]) -> tuple[PendingDescription, ...]:
    """Return the descriptions that are paid for and not fetched yet: of these heroes, or of their former titles."""
    items = tuple(items)
    by_name = {item.stem: item for item in items}
    by_source = {post.source: item for item in items for post in item.posts if post.source}
    pending = DescriptionIndex.of(attempts).pending.values()
    owned = ((by_name.get(stem_of(it.first.hero)) or by_source.get(it.first.source), it) for it in pending)
    return tuple(PendingDescription(item=item, attempt=attempt) for item, attempt in owned if item)
