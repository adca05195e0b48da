"""Rendering a theme's own templates once more, to see where the fields of an article land."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from pelican.contents import Article, Page
from pelican.generators import ArticlesGenerator

from .landings import FAILED, MARKER, Landing, find_landings, preview_addresses
from .trial_render import TrialRenderer, without_a_trace

Landings = Mapping[str, tuple[Landing, ...]]
"""A field to where it lands."""

_STAND_IN = "<p>Words of an article.</p>"
_LISTS = ("index", "category")


class TemplateKey(NamedTuple):
    """Which template shows an article or page, and under which variable."""

    variable: str
    """``article`` or ``page``."""
    name: str
    """Without its suffix."""


@dataclass(frozen=True, kw_only=True)
class ThemeProbe:
    """Where a theme shows the fields that were asked for."""

    pages: Mapping[TemplateKey, Landings] = field(default_factory=dict)
    """What an article's own page shows, by its template; empty where that could not be rendered."""
    lists: Landings = field(default_factory=dict)
    """What the index and the pages of categories show."""
    default_pictures: frozenset[str] = frozenset()
    """What og:image and the like name on every page, whatever its fields hold, for a SITEURL of ``SENTINEL``."""


def template_of(content: Any) -> TemplateKey:
    """The template that Pelican renders an article or page with."""
    return TemplateKey("page" if isinstance(content, Page) else "article", str(content.template))


def probe_theme(
    generator: ArticlesGenerator, contents: Sequence[Any], *, fields: Sequence[str], previews: bool
) -> ThemeProbe:
    """Render copies of some articles, each time with a marker in one field.

    The site is as it was afterwards, and nothing is logged. What raises is passed over: only that field is lost.

    Args:
        generator: one whose context is complete; its templates are used.
        contents: articles and pages; each template that one of them has is probed.
        fields: which to probe.
        previews: whether to look for ``default_pictures``.
    """
    by_template: dict[TemplateKey, list[Any]] = {}
    # Drafts come last: a template may show them in another way.
    contents = sorted(contents, key=lambda content: content.status != "published")
    for content in contents:
        by_template.setdefault(template_of(content), []).append(content)
    pages: dict[TemplateKey, Landings] = {}
    lists: Landings = {}
    defaults: frozenset[str] = frozenset()
    renderer = TrialRenderer(generator)
    with without_a_trace():
        for key, of_template in by_template.items():
            samples = [_blank(content, fields) for content in _two_that_differ(of_template)]
            pages[key] = _landings(renderer.page, samples, fields)
            if previews:
                with contextlib.suppress(Exception):
                    named = [preview_addresses(renderer.page(sample)) for sample in samples]
                    defaults |= frozenset.intersection(*named)
        articles = [content for content in contents if isinstance(content, Article)]
        if fields and articles:
            samples = [_blank(articles[0], fields)]
            shows = [partial(renderer.list_of, template=name) for name in _LISTS]
            found = [_landings(show, samples, fields) for show in shows]
            lists = {name: tuple(chain.from_iterable(of.get(name, ()) for of in found)) for name in fields}
    return ThemeProbe(pages=pages, lists=lists, default_pictures=defaults)


def _landings(show: Callable[[Any], str], samples: Sequence[Any], fields: Sequence[str]) -> Landings:
    """Where each field lands on the sample that shows it most; a prefix that differs between samples is None."""
    found: dict[str, tuple[Landing, ...]] = {}
    for name in fields:
        try:
            seen = [find_landings(show(_marked(sample, name))) for sample in samples]
        except Exception:  # a theme may raise whatever it likes
            with contextlib.suppress(Exception):
                show(samples[0])
                found[name] = (FAILED,)  # only with the field
        else:
            found[name] = tuple(
                at if all(_agrees(at, other) for other in seen) else replace(at, prefix=None)
                for at in max(seen, key=len)
            )
    return found


def _agrees(landing: Landing, others: Iterable[Landing]) -> bool:
    """Whether another article's page, if it shows the field in this way at all, does so with this prefix."""
    prefixes = {at.prefix for at in others if at.kind is landing.kind}
    return not prefixes or landing.prefix in prefixes


def _two_that_differ(contents: Sequence[Any]) -> list[Any]:
    """The first, and one of another category where there is one: its name may be part of a picture's path."""
    first, *rest = contents
    category = getattr(first, "category", None)
    other = next((content for content in rest if getattr(content, "category", None) != category), None)
    return [first, other or rest[0]] if rest else [first]


def _blank(content: Any, fields: Iterable[str]) -> Any:
    """A copy that has none of the fields, and little to say."""
    blank = copy(content)
    blank.metadata = dict(content.metadata)
    blank._content = _STAND_IN
    for name in fields:
        blank.__dict__.pop(name, None)
        blank.metadata.pop(name, None)
    return blank


def _marked(blank: Any, name: str) -> Any:
    marked = copy(blank)
    marked.metadata = {**blank.metadata, name: MARKER}
    setattr(marked, name, MARKER)
    return marked
