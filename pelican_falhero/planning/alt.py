"""The alternative text of a post's picture."""

from __future__ import annotations

from ..content.post import Post
from ..prompts import build_prompt
from ..settings import Settings

_LONGEST_ALT = 250
"""Characters. Screen readers read an alternative text in one go."""


def alt_of(post: Post, settings: Settings, described: str | None = None) -> str:
    """Return the alternative text of a post's picture, plain: ``Hero_Alt``, else ``described``, else ``FALHERO_ALT``.

    ``described`` is what a language model has written of this very picture, or None if none was asked.
    """
    if post.overrides.alt:
        return post.overrides.alt
    if described is not None or not settings.alt:
        return described or ""
    # A build asks this of every post, and to read an excerpt takes longest.
    values = post.values(limit=_LONGEST_ALT if "{excerpt" in settings.alt else 0)
    return build_prompt(settings.alt, values, limit=_LONGEST_ALT)
