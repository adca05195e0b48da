"""The figure that shows a hero: the templates that print it, and what it looks like."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader
from markupsafe import Markup

from .hero import Hero, Picture

TEMPLATES = Path(__file__).parent / "templates"

FIGURE_TEMPLATE = "falhero/figure.html"

HIGH, LAZY, UNSAID = Markup('fetchpriority="high"'), Markup('loading="lazy"'), Markup()
"""How a browser loads the first figure of a page, the rest, and what is no page."""

_FIGURE_RULES = (
    "display:block;float:none;width:auto;max-width:100%;margin:.5em 0 1.5em;padding:0;border:0;background:none;"
    "box-shadow:none"
)
_IMAGE_RULES = (
    "display:block;float:none;box-sizing:border-box;width:100%;max-width:{width};min-width:0;height:auto;"
    "max-height:{height};aspect-ratio:2/1;object-fit:cover;margin:0;padding:0;border:0"
)
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


def web_address(picture: Picture, siteurl: str) -> str:
    """The picture's address for a page or feed that calls the site ``siteurl``, percent-encoded where it must be."""
    return quote(re.sub(r"%(?![0-9a-fA-F]{2})", "%25", picture.at(siteurl)), safe="/:?#[]@!$&'()*+,;=~%")


def absolute_address(picture: Picture, siteurl: str) -> str:
    """The same with scheme and host; ``siteurl`` has both."""
    address = web_address(picture, siteurl)
    return siteurl.partition("//")[0] + address if address.startswith("//") else address


def add_templates(env: Environment) -> None:
    """Let the environment's templates include ours; the site's and the theme's own of the same name come first."""
    ours = FileSystemLoader(TEMPLATES)
    loader: BaseLoader | None = env.loader
    if isinstance(loader, ChoiceLoader):
        loader.loaders = [*loader.loaders, ours]
    else:
        env.loader = ChoiceLoader([*filter(None, [loader]), ours])


def render_figure(env: Environment, hero: Hero, siteurl: str, *, loading: Markup, inline_style: bool) -> Markup:
    """The figure as markup.

    Args:
        env: one that :func:`add_templates` was called for.
        hero: what is shown.
        siteurl: what the page calls the site.
        loading: ``HIGH``, ``LAZY`` or ``UNSAID``.
        inline_style: whether the figure carries its size and style.
    """
    size = {"width": hero.width, "height": hero.height} if inline_style else {"width": "", "height": ""}
    text = env.get_template(FIGURE_TEMPLATE).render(
        hero=hero,
        src=web_address(hero, siteurl),
        loading=loading,
        figure_style=_FIGURE_RULES if inline_style else "",
        image_style=_image_rules(hero) if inline_style else "",
        **size,
    )
    return Markup(text.strip())  # noqa: S704 - the template escapes what it prints


def _image_rules(hero: Hero) -> str:
    """The image's style: never larger than the picture itself, nor than half a screen is high."""
    width = f"min(100%,{min(int(hero.width), _WIDEST) if hero.width else _WIDEST}px)"
    return _IMAGE_RULES.format(width=width, height=f"min(50vh,{hero.height}px)" if hero.height else "50vh")
