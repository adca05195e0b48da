"""The figure that shows a hero: how it is printed, and what it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, Template
from markupsafe import escape

from .addresses import web_address
from .hero import Hero

TEMPLATES = Path(__file__).parent / "templates"

FIGURE_TEMPLATE = "falhero/figure.html"
_SOURCE = "//falhero.source"
"""Stands for what the addresses begin with in a figure that is printed for several heroes."""

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


def _overriding_template(env: Environment) -> Template | None:
    """The template of the site or the theme that prints figures; None where there is only ours."""
    try:
        file = env.loader.get_source(env, FIGURE_TEMPLATE)[1] if env.loader else None
    except RuntimeError:  # a loader of compiled templates has no sources
        file = env.get_template(FIGURE_TEMPLATE).filename
    return None if Path(file or "").is_relative_to(TEMPLATES) else env.get_template(FIGURE_TEMPLATE)


class FigureRenderer:
    """Prints figures. Those of ours that differ in nothing but the addresses are printed once."""

    def __init__(self, env: Environment, *, inline_style: bool) -> None:
        """Begin with an environment that :func:`add_templates` was called for.

        ``inline_style`` is whether figures on pages carry their size and style; those in feeds never do.
        """
        self._template = _overriding_template(env)
        self._inline_style = inline_style
        self._printed: dict[tuple[object, ...], list[str]] = {}
        """What stands between the addresses."""
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
        if self._template or not hero.url.startswith(base):
            return self._print(hero, siteurl, loading)
        url, master = (_alike(address, base) for address in (hero.url, hero.variants.master))
        size = hero.size or (hero.width, hero.height)
        key = hero.alt, size, loading, hero.variants.widths, hero.variants.width, url, master
        if key not in self._printed:
            variants = hero.variants._replace(base=_SOURCE, master=master)
            alike = replace(hero, url=url, variants=variants, size=_size(hero))
            self._printed[key] = self._print(alike, siteurl, loading).split(_SOURCE)
        if (base, siteurl) not in self._sources:
            self._sources[base, siteurl] = str(escape(web_address(base, siteurl)))
        return self._sources[base, siteurl].join(self._printed[key])

    def _print(self, hero: Hero, siteurl: str, loading: Loading) -> str:
        is_styled = self._inline_style and bool(loading)
        values = {
            "hero": hero,
            "SITEURL": siteurl,
            "src": web_address(hero.url, siteurl),
            "loading": loading,
            "sizes": f"auto, {_COLUMN}" if loading == "lazy" and hero.width else _COLUMN,
            "size": {} if is_styled else {"width": None, "height": None},
            "figure_style": _FIGURE_RULES if is_styled else "",
            "image_style": _image_rules(hero) if is_styled else "",
        }
        return self._template.render(values).strip() if self._template else _our_figure(values)


def _our_figure(values: Mapping[str, Any]) -> str:
    """What our template prints of these values, without Jinja, which would compile it in every build."""
    hero, loading, style = values["hero"], values["loading"], values["figure_style"]
    if loading:
        picture = hero.picture(
            values,
            values["sizes"],
            lazy=loading == "lazy",
            fetchpriority="high" if loading == "high" else None,
            style=values["image_style"] or None,
            **values["size"],
        )
    else:
        picture = f'<img src="{escape(values["src"])}" alt="{hero.alt}">'
    styled = f' style="{style}"' if style else ""
    return f'<figure class="falhero"{styled}>{picture}</figure>'


def _alike(address: str, base: str) -> str:
    """An address without what differs from hero to hero."""
    return _SOURCE + address[len(base) :] if address.startswith(base) else address


def _size(hero: Hero) -> tuple[int, int] | None:
    return (int(hero.width), int(hero.height)) if hero.width and hero.height else None


def _image_rules(hero: Hero) -> str:
    """The image's style: never larger than the picture itself, nor than half a screen is high."""
    width = f"min(100%,{min(int(hero.width), _WIDEST) if hero.width else _WIDEST}px)"
    return _IMAGE_RULES.format(width=width, height=f"min(50vh,{hero.height}px)" if hero.height else "50vh")
