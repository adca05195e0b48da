"""The lines about what language models write, and how lines name posts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ..planning.item import Item
from .result import HeroResult

if TYPE_CHECKING:
    from .report import Report

MANY = 5
"""The most posts that a message names; it counts the others."""


def first_named(sources: Sequence[str]) -> str:
    """The first of these posts, and the number of the others."""
    return ", ".join(sources[:MANY]) + (f" and {len(sources) - MANY} more" if len(sources) > MANY else "")


def posts_named(items: Iterable[Item]) -> str:
    """The first of the posts of these items; the candidates of one post are several items."""
    return first_named(list(dict.fromkeys(item.post.source for item in items)))


def unwritten(item: Item) -> str:
    """What stands in place of the prompt while the brief is not written."""
    return f"a scene that {item.settings.director} writes first"


def text_lines(report: Report) -> list[str]:
    """Heroes that were drawn without the brief, or have no alternative text, that was to be written for them."""
    drawn = (*report.made, *report.fetched_candidates)
    briefs = "drawn with FALHERO_PROMPT, because no brief was written"
    without_brief = [(result.brief_failure, result) for result in drawn if result.brief_failure]
    without_alt = [(result.alt_failure, result) for result in report.results if result.alt_failure]
    return [*_lines(briefs, without_brief), *_lines("no alternative text was written", without_alt)]


def _lines(what: str, failures: list[tuple[str, HeroResult]]) -> list[str]:
    """One line for each reason."""
    groups = groupby(sorted(failures, key=_reason), key=_reason)
    return [f"{posts_named(result.item for _, result in group)}: {what}: {why}" for why, group in groups]


def _reason(failure: tuple[str, HeroResult]) -> str:
    return failure[0]
