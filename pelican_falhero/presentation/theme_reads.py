"""Which fields of an article a theme's templates read that may hold a picture."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from jinja2 import Environment, nodes
from pelican.contents import Article

KNOWN_FIELDS = frozenset(
    (
        "cover",
        "cover_image",
        "facebookimage",
        "featured",
        "featured_image",
        "header_cover",
        "header_img",
        "headerimage",
        "illustration",
        "image",
        "og_image",
        "ogimage",
        "ogp_image_url",
        "picture",
        "previewimage",
        "social_image",
        "thumb",
        "thumbnail",
        "titleimage",
        "twitter_image",
    )
)
"""Fields that published themes read a picture from (found in 136 themes)."""

_LIKE_A_PICTURE = re.compile(
    r"(?:image|img|cover|thumb|photo|pic(?:ture)?$|banner|header|illustration|poster|background|figure|featured|preview"
    r"|teaser|splash|logo|media|art$|bg$)"
    r"(?!.*(?:alt|author|caption|colou?r|credit|descr|gallery|height|link|locale|position|size|tags|title|type|width))",
    re.IGNORECASE,
)
_OURS = frozenset({"hero", "hero_image"})
_NOT_THE_THEMES = ("!simple/", "!theme/", "falhero/")
# Each alternative begins with a character of its own, for those re finds without trying all of them at every place.
_NAME_READ = re.compile(r"""\.\s*(\w+)|\[\s*["'](\w+)["']|\(\s*["'](\w+)["']""")
_ARTICLE_READ = r"\b(\w+)\.(?:title|url|content|summary|date|locale_date)\b"
_PREVIEW_TAGS = ("og:image", "twitter:image", "ld+json", "itemprop=image", 'itemprop="image', "itemprop='image")


class ThemeReads(NamedTuple):
    """What was found in the source of a theme's templates."""

    fields: tuple[str, ...]
    """Fields that may hold a picture, sorted."""
    has_preview_tags: bool
    """Whether a template writes og:image or its like."""


def read_theme(env: Environment, contents: Iterable[Any], *, more: Collection[str] = ()) -> ThemeReads:
    """Look through the templates; one that can't be read or parsed is passed over.

    Args:
        env: the environment whose loader knows the theme's and the site's templates.
        contents: the site's articles and pages; a field that one holds as something else than text is left out.
        more: fields to look for, whatever their names are like.
    """
    known = KNOWN_FIELDS.union(more)
    reads: set[tuple[str, str]] = set()
    sources = [source for _, source in _sources(env)]
    for source in sources:
        names = {name for groups in _NAME_READ.findall(source) for name in groups}
        # Parsing is what takes the time, and most templates read nothing of the kind.
        if any(name in known or _LIKE_A_PICTURE.search(name) for name in names):
            with contextlib.suppress(Exception):  # whatever a theme's own extensions may raise
                reads.update((variable, field) for variable, field, _ in _reads(env.parse(source)))
    articles = {name for source in sources for name in re.findall(_ARTICLE_READ, source)} if reads else set()
    # A macro in a file of its own may read nothing but the field, so a known one counts of any variable.
    found = {
        field for variable, field in reads if field in known or (variable in articles and _LIKE_A_PICTURE.search(field))
    }
    usable = {field for field in found if can_be_set(field)}
    held = [content.__dict__ for content in contents]
    return ThemeReads(
        fields=tuple(sorted(f for f in usable if all(isinstance(values.get(f, ""), str) for values in held))),
        has_preview_tags=any(tag in source for source in map(str.lower, sources) for tag in _PREVIEW_TAGS),
    )


def places_of(env: Environment, field: str) -> list[tuple[str, int]]:
    """The templates that read a field, with the line of the first place in each, in the order of their names."""
    places: dict[str, int] = {}
    for name, source in _sources(env):
        if field in source:
            with contextlib.suppress(Exception):  # as in read_theme
                lines = [line for _, read, line in _reads(env.parse(source)) if read == field]
                places |= {name: min(lines)} if lines else {}
    return list(places.items())


def can_be_set(field: str) -> bool:
    """Whether a field is neither an attribute of Pelican's articles nor one of ours."""
    return field.isidentifier() and field not in _OURS and not hasattr(Article, field)


def _sources(env: Environment) -> Iterator[tuple[str, str]]:
    """Name and text of each template of the theme and the site."""
    if env.loader is None:
        return
    for name in env.list_templates(filter_func=lambda name: not name.startswith(_NOT_THE_THEMES)):
        with contextlib.suppress(Exception):  # a picture among the templates, a broken link
            yield name, env.loader.get_source(env, name)[0]


def _reads(tree: nodes.Template) -> Iterator[tuple[str, str, int]]:
    """Each (variable, field, line) read as ``x.field``, ``x["field"]`` or ``x.get("field")``, also of its metadata."""
    for node in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Call)):
        match node:
            case nodes.Getattr(node=base, attr=str(field)):
                pass
            case nodes.Getitem(node=base, arg=nodes.Const(value=str(field))):
                pass
            case nodes.Call(node=nodes.Getattr(node=base, attr="get"), args=[nodes.Const(value=str(field)), *_]):
                pass
            case _:
                continue
        if isinstance(base, nodes.Getattr) and base.attr == "metadata":
            base = base.node
        if isinstance(base, nodes.Name):
            yield base.name, field, node.lineno
