"""The figure: valid, safe and of the right size, as ours or as a site writes it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from builders import draw, save_picture
from jinja2 import ChoiceLoader, DictLoader, Environment, ModuleLoader

from pelican_falhero.presentation.addresses import absolute_address, web_address
from pelican_falhero.presentation.figure import (
    FIGURE_TEMPLATE,
    STYLESHEET,
    TEMPLATES,
    FigureRenderer,
    Loading,
    add_templates,
)
from pelican_falhero.presentation.hero import Hero, alt_text
from pelican_falhero.presentation.variants import Variants

SITE = "https://example.org"
WEBP = Variants("images/a", (("webp", (480, 1024)),), 1024)
HEROES = (
    Hero(url="a.png"),
    Hero(url="a.png", size=(640, 480), alt=alt_text('"Rock" & <roll>')),
    Hero(url="https://pictures.example/a.png?b=1&c", alt=alt_text("Words")),
    Hero(url='im"ages/a & b <i>.png', size=(2000, 1500)),
    Hero(url="images/a-1024.webp", size=(1024, 768), variants=WEBP),
    Hero(url="images/a-1024.webp", variants=WEBP._replace(widths=(("avif", (480,)), ("webp", (480, 1024))))),
    Hero(url="images/ü.jpg", size=(300, 900), variants=WEBP._replace(base="images/ü", master="images/ü.jpg")),
    # They differ in the names of their masters only, and in those of copies that have digits of their own.
    *(
        Hero(
            url=f"images/{name}", size=(1600, 800), variants=Variants(base, (("webp", (800,)),), 1600, f"images/{name}")
        )
        for name, base in (("b.webp", "images/b"), ("c.webp", "images/c"), ("d.jpg", "images/d"), ("e.jpg", "copies/e"))
    ),
)


def figure_of(
    hero: Hero, env: Environment | None = None, *, inline_style: bool = True, loading: Loading = "high"
) -> dict[str, str | None]:
    """The attributes of the figure's image, and its style as ``figure``."""
    env = env or Environment()
    add_templates(env)
    found: dict[str, str | None] = {}

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update(dict(attrs) if tag == "img" else {tag: dict(attrs).get("style")})

    Parser().feed(FigureRenderer(env, inline_style=inline_style).figure(hero, SITE, loading))
    return found


def picture(folder: Path, width: int, height: int) -> Hero:
    """A hero of this size."""
    return Hero(url="a.png", file=str(save_picture(folder / "a.png", image=draw(width, height))))


def test_a_figure_is_never_larger_than_its_picture(tmp_path: Path) -> None:
    """It fills its column, as far as the picture has pixels for that, and half of a screen's height."""
    small = str(figure_of(picture(tmp_path, 300, 100))["style"])
    assert "width:100%;max-width:min(100%,300px);" in small
    assert "max-height:min(50vh,100px);" in small
    wide = str(figure_of(picture(tmp_path / "wide", 2000, 1500))["style"])
    assert "max-width:min(100%,1200px);" in wide


def test_a_figure_keeps_room_for_its_picture(tmp_path: Path) -> None:
    """Width and height stand in the page where they are known, and nowhere else."""
    known = figure_of(picture(tmp_path, 300, 100))
    assert (known["width"], known["height"]) == ("300", "100")
    remote = figure_of(Hero(url="https://pictures.example/a.png"))
    assert not {"width", "height"} & remote.keys()
    assert remote["src"] == "https://pictures.example/a.png"
    assert "max-width:min(100%,1200px);" in str(remote["style"])


def test_a_figure_expects_the_column_of_a_usual_theme() -> None:
    """A wide window loads no picture for its whole width; a browser that knows the column goes by that."""
    variants = Variants("a", (("webp", (480, 1024)),), 1024)
    hero = Hero(url="a-1024.webp", size=(1024, 768), variants=variants)
    assert figure_of(hero)["sizes"] == "min(100vw, 800px)"
    assert figure_of(hero, loading="lazy")["sizes"] == "auto, min(100vw, 800px)"
    assert "sizes" not in figure_of(Hero(url="a.png"))


def test_a_figure_can_do_without_inline_style(tmp_path: Path) -> None:
    """For a strict Content-Security-Policy it has neither style nor size, and its rules are the stylesheet's."""
    hero = picture(tmp_path, 2000, 1500)
    styled, plain = figure_of(hero), figure_of(hero, inline_style=False)
    assert not {"style", "width", "height"} & plain.keys()
    assert plain["figure"] is None
    figure, image = re.findall(r"{(.*)}", STYLESHEET)
    assert figure == styled["figure"]
    assert set(image.split(";")) ^ set(str(styled["style"]).split(";")) == {
        "max-height:50vh",
        "max-height:min(50vh,1500px)",
    }


@pytest.mark.parametrize("autoescape", [False, True])
def test_a_figure_is_safe(autoescape: bool) -> None:
    """Quotes and brackets in text or name stay inside their attributes, whether the site escapes or not."""
    hero = Hero(url='im"ages/a & b <i>.png', alt=alt_text('"Rock" & <roll>'))
    image = figure_of(hero, Environment(autoescape=autoescape))
    assert image["alt"] == '"Rock" & <roll>'
    assert image["src"] == f"{SITE}/im%22ages/a%20&%20b%20%3Ci%3E.png"
    assert image["fetchpriority"] == "high"
    assert figure_of(Hero(url="a.png"))["alt"] == ""


def test_a_site_writes_its_own_figure() -> None:
    """A template of that name in the site's or the theme's folder comes first."""
    env = Environment(loader=ChoiceLoader([DictLoader({"falhero/figure.html": "<i>{{ hero.url }} {{ src }}</i>"})]))
    add_templates(env)
    assert (
        FigureRenderer(env, inline_style=True).figure(Hero(url="a.png"), SITE, "lazy") == f"<i>a.png {SITE}/a.png</i>"
    )


@pytest.mark.parametrize("autoescape", [False, True])
@pytest.mark.parametrize("inline_style", [False, True])
@pytest.mark.parametrize("siteurl", [SITE, "", ".."])
def test_a_copy_of_our_template_prints_what_we_print(siteurl: str, *, inline_style: bool, autoescape: bool) -> None:
    """Who begins with our template for a figure of their own changes nothing by copying it, on pages and in feeds.

    That goes for each of many heroes of one site, some of which differ in nothing but the names of their files.
    """
    ours = Environment(autoescape=autoescape)
    copied = Environment(
        autoescape=autoescape, loader=DictLoader({FIGURE_TEMPLATE: (TEMPLATES / FIGURE_TEMPLATE).read_text()})
    )
    renderers = []
    for env in (ours, copied):
        add_templates(env)
        renderers.append(FigureRenderer(env, inline_style=inline_style))
    every: tuple[Loading, ...] = get_args(Loading)
    figures, copies = (
        [renderer.figure(hero, siteurl, loading) for hero in HEROES for loading in every] for renderer in renderers
    )
    assert figures == copies
    assert len(set(figures)) > 2 * len(HEROES)


def test_our_figure_compiles_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither site nor theme has a figure of its own, a build does not wait for Jinja to compile one."""
    monkeypatch.delattr(Environment, "compile")
    assert figure_of(HEROES[0])["src"] == f"{SITE}/a.png"


@pytest.mark.parametrize("has_own", [False, True])
def test_a_loader_of_compiled_templates_is_asked_too(tmp_path: Path, *, has_own: bool) -> None:
    """It has no sources to look at, but may have a figure of the site's own."""
    own = {FIGURE_TEMPLATE: "<i>own</i>"} if has_own else {"other.html": ""}
    Environment(loader=DictLoader(own)).compile_templates(tmp_path, zip=None)
    env = Environment(loader=ModuleLoader(tmp_path))
    add_templates(env)
    figure = FigureRenderer(env, inline_style=True).figure(Hero(url="a.png"), SITE, "")
    assert figure.startswith("<i>own" if has_own else "<figure")


def test_templates_are_found_beside_any_loader() -> None:
    """A loader that another plugin put in place stays in use, before ours."""
    env = Environment(loader=DictLoader({"own.html": "own"}))
    add_templates(env)
    assert env.get_template("own.html").render() == "own"
    assert "<figure" in FigureRenderer(env, inline_style=True).figure(Hero(url="a.png"), SITE, "")


@pytest.mark.parametrize(
    ("url", "site", "address", "absolute"),
    [
        ("a.png", SITE, f"{SITE}/a.png", f"{SITE}/a.png"),
        ("a.png", f"{SITE}/sub", f"{SITE}/sub/a.png", f"{SITE}/sub/a.png"),
        ("ü 1.png", SITE, f"{SITE}/%C3%BC%201.png", f"{SITE}/%C3%BC%201.png"),
        ("a%20b 100%.png", SITE, f"{SITE}/a%20b%20100%25.png", f"{SITE}/a%20b%20100%25.png"),
        ("//static.example/a.png", SITE, "//static.example/a.png", "https://static.example/a.png"),
        ("http://other.example/a.png?x=1&y", SITE, *["http://other.example/a.png?x=1&y"] * 2),
    ],
)
def test_an_address_is_valid_wherever_the_picture_is(url: str, site: str, address: str, absolute: str) -> None:
    """Below the site, on a host for static files or on another one; encoded where it must be, and once."""
    assert web_address(url, site) == address
    assert absolute_address(url, site) == absolute
