"""The figure that shows a hero: the templates that print it, and what it looks like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader
from markupsafe import escape

from .addresses import web_address
from .hero import Hero

TEMPLATES = Path(__file__).parent / "templates"

FIGURE_TEMPLATE = "falhero/figure.html"
_SOURCE = "//falhero.source"
"""Stands for what the addresses begin with in a figure that is rendered for several heroes."""

Loading = Literal["high", "lazy", ""]
"""How a browser loads the first figure of a page, the others, and what is on no page."""

_FIGURE_RULES = (
    "display:block;float:none;width:auto;max-width:100%;margin:.5em 0 1.5em;padding:0;border:0;background:none;"
    "box-shadow:none"
)
_IMAGE_RULES = (
    "display:block;float:none;box-sizing:border-box;width:100%;max-width:{width};min-width:0;height:auto;"
    "max-height:{height};aspect-ratio:2/1;object-fit:cover;margin:0;padding:0;border:0"
)
_COLUMN = "min(100vw, 800px)"
"""How wide a theme's column is, for browsers that choose a file before they know it.

Of 163 themes in a window of 1280 pixels 58 % have a column of at most 800, and their median is 768.
"""
# Not in rem, for many themes make the root's font small. A wider one is a mere strip at half of a screen's height.
_WIDEST = 1200

STYLESHEET = (
    f".falhero{{{_FIGURE_RULES}}}\n"
    f".falhero img{{{_IMAGE_RULES.format(width=f'min(100%,{_WIDEST}px)', height='50vh')}}}\n"
)
"""What belongs into a site's stylesheet with ``FALHERO_INLINE_STYLE = False``.

A strict Content-Security-Policy drops style attributes, and an image whose height attribute is left alone is distorted;
so a figure has none of them then. Without its size in the page a picture smaller than the column is enlarged.
"""


def add_templates(env: Environment) -> None:
    """Let the environment's templates include ours; the site's and the theme's own of the same name come first."""
    ours = FileSystemLoader(TEMPLATES)
    loader: BaseLoader | None = env.loader
    if isinstance(loader, ChoiceLoader):
        loader.loaders = [*loader.loaders, ours]
    else:
        env.loader = ChoiceLoader([*filter(None, [loader]), ours])


class FigureRenderer:
    """Prints figures. Those of our own template that differ in nothing but the addresses are rendered once."""

    def __init__(self, env: Environment, *, inline_style: bool) -> None:
        """Begin with an environment that :func:`add_templates` was called for.

        ``inline_style`` is whether figures on pages carry their size and style; those in feeds never do.
        """
        self._template = env.get_template(FIGURE_TEMPLATE)
        self._is_ours = Path(self._template.filename or "").is_relative_to(TEMPLATES)
        self._inline_style = inline_style
        self._rendered: dict[tuple[object, ...], str] = {}
        self._figures: dict[tuple[int, str, Loading], str] = {}
        self._sources: dict[tuple[str, str], str] = {}

    def figure(self, hero: Hero, siteurl: str, loading: Loading) -> str:
        """The figure for a page or feed that calls the site ``siteurl``."""
        key = id(hero), siteurl, loading
        if key not in self._figures:
            self._figures[key] = self._figure(hero, siteurl, loading)
        return self._figures[key]

    def _figure(self, hero: Hero, siteurl: str, loading: Loading) -> str:
        base = hero.variants.base or hero.url
        if not self._is_ours or not hero.url.startswith(base):
            return self._render(hero, siteurl, loading)
        key = hero.alt, hero.size or (hero.width, hero.height), loading, hero.variants.widths
        if key not in self._rendered:
            variants = hero.variants._replace(base=_SOURCE)
            alike = replace(hero, url=_SOURCE + hero.url.removeprefix(base), variants=variants, size=_size(hero))
            self._rendered[key] = self._render(alike, siteurl, loading)
        if (base, siteurl) not in self._sources:
            self._sources[base, siteurl] = escape(web_address(base, siteurl))
        return self._rendered[key].replace(_SOURCE, self._sources[base, siteurl])

    def _render(self, hero: Hero, siteurl: str, loading: Loading) -> str:
        is_styled = self._inline_style and bool(loading)
        return self._template.render(
            hero=hero,
            SITEURL=siteurl,
            src=web_address(hero.url, siteurl),
            loading=loading,
            sizes=f"auto, {_COLUMN}" if loading == "lazy" and hero.width else _COLUMN,
            size={} if is_styled else {"width": None, "height": None},
            figure_style=_FIGURE_RULES if is_styled else "",
            image_style=_image_rules(hero) if is_styled else "",
        ).strip()


def _size(hero: Hero) -> tuple[int, int] | None:
    return (int(hero.width), int(hero.height)) if hero.width and hero.height else None


def _image_rules(hero: Hero) -> str:
    """The image's style: never larger than the picture itself, nor than half a screen is high."""
    width = f"min(100%,{min(int(hero.width), _WIDEST) if hero.width else _WIDEST}px)"
    return _IMAGE_RULES.format(width=width, height=f"min(50vh,{hero.height}px)" if hero.height else "50vh")
