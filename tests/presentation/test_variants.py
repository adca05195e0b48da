"""What templates get of a hero's lighter copies."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader, Environment

from pelican_falhero.presentation.hero import NO_HERO, Hero, alt_text
from pelican_falhero.presentation.variants import Variants

BASE = "images/heroes/hero-0123456789ab"
WEBP = ("webp", (480, 800, 1024))


def hero_with(*widths: tuple[str, tuple[int, ...]], master: str = "", base: str = BASE) -> Hero:
    """A hero of 1024 × 768 pixels with these copies."""
    variants = Variants(base, widths, 1024, master)
    return Hero(url=variants.light or master, size=(1024, 768), alt=alt_text('A "B"'), variants=variants)


def render(template: str, hero: Hero, siteurl: str = "https://a.example/b") -> str:
    """What a page prints."""
    return Environment().from_string(template).render(hero=hero, SITEURL=siteurl)


def test_a_picture_is_whole() -> None:
    """One call prints widths, size, text and loading, at the addresses of the page that prints it."""
    assert render("{{ hero.picture() }}", hero_with(WEBP), "..") == (
        f'<picture><img src="../{BASE}-1024.webp"'
        f' srcset="../{BASE}-480.webp 480w, ../{BASE}-800.webp 800w, ../{BASE}-1024.webp 1024w" sizes="100vw"'
        ' alt="A &#34;B&#34;" width="1024" height="768" decoding="async"></picture>'
    )


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("hero.picture('50vw')", 'sizes="50vw"'),
        ("hero.picture(lazy=True)", 'sizes="auto, 100vw"'),
        ("hero.picture(lazy=True)", 'loading="lazy"'),
        ("hero.picture('50vw', lazy=True)", 'sizes="50vw"'),
        ("hero.picture(class_='a b', data_x='<')", 'class="a b" data-x="&lt;"'),
        ("hero.picture(alt='C')", 'alt="C"'),
    ],
)
def test_a_template_may_say_more_of_a_picture(call: str, expected: str) -> None:
    """How wide it is, when it is loaded, and any attribute of its image, escaped."""
    assert expected in render(f"{{{{ {call} }}}}", hero_with(WEBP))
    assert "width" not in render("{{ hero.picture(width=none) }}", hero_with(WEBP)).replace("100vw", "")


def test_a_modern_format_is_offered_first_and_whole() -> None:
    """Where WebP is smaller than AVIF, browsers that prefer AVIF get it too, not a picture that is too small."""
    page = render("{{ hero.picture() }}|{{ hero.srcset('avif') }}", hero_with(("avif", (480, 1024)), WEBP), "")
    files = f"/{BASE}-480.avif 480w, /{BASE}-800.webp 800w, /{BASE}-1024.avif 1024w"
    picture, _, avif = page.partition("|")
    assert picture.startswith(
        f'<picture><source type="image/avif" srcset="{files}" sizes="100vw"><img src="/{BASE}-1024.w'
    )
    assert avif == files


def test_a_master_that_is_lighter_than_its_copy_is_offered_itself() -> None:
    """At its own width; the smaller copies stand beside it."""
    hero = hero_with(("webp", (480,)), master="images/a b.webp")
    assert render("{{ hero.srcset() }}", hero, "") == f"/{BASE}-480.webp 480w, /images/a%20b.webp 1024w"


def test_a_picture_of_one_size_has_no_srcset() -> None:
    """Without copies, and on another host, the picture is an image in a frame; without a hero there is nothing."""
    remote = Hero(url="https://pictures.example/a.png")
    assert render("{{ hero.picture() }}{{ hero.srcset() }}", remote) == (
        '<picture><img src="https://pictures.example/a.png" alt="" decoding="async"></picture>'
    )
    assert render("{{ hero.picture() }}{{ hero.srcset() }}", NO_HERO) == ""


def test_a_macro_without_context_knows_the_page() -> None:
    """Imported macros know no SITEURL of their own; the page that is rendered is asked."""

    class Showing:
        page_siteurl = "../.."

    env = Environment(loader=DictLoader({"m": "{% macro show(hero) %}{{ hero.picture() }}{% endmacro %}"}))
    env.globals["falhero"] = Showing()
    page = env.from_string('{% from "m" import show %}{{ show(hero) }}').render(hero=hero_with(WEBP), SITEURL="x")
    assert f'src="../../{BASE}-1024.webp"' in page
