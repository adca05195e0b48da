"""What a field holds for the address that a theme makes of it."""

from __future__ import annotations

import pytest

from pelican_falhero.presentation.addresses import SENTINEL
from pelican_falhero.presentation.forms import PREFIX_OF_FORM, field_text
from pelican_falhero.presentation.hero import Picture

SITE = "https://example.org/blog"
HERO = "images/heroes/a.png"
ELSEWHERE = "https://static.example/images/heroes/a.png"


@pytest.mark.parametrize(
    ("prefix", "siteurl", "url", "text"),
    [
        (f"{SENTINEL}/", SITE, HERO, HERO),
        (f"{SENTINEL}/", "", HERO, HERO),
        (SENTINEL, SITE, HERO, f"/{HERO}"),
        (f"{SENTINEL}//", SITE, HERO, HERO),
        (f"{SENTINEL}/images/", SITE, HERO, "heroes/a.png"),
        (f"{SENTINEL}/images", SITE, HERO, "/heroes/a.png"),
        (f"{SENTINEL}/theme/img/", SITE, HERO, "../../images/heroes/a.png"),
        (f"{SENTINEL}/theme/img", SITE, HERO, "/../../images/heroes/a.png"),
        ("", SITE, HERO, f"{SITE}/{HERO}"),
        ("", "", HERO, f"/{HERO}"),
        ("/", SITE, HERO, f"blog/{HERO}"),
        ("/", "", HERO, HERO),
        ("/blog/images/", SITE, HERO, "heroes/a.png"),
        (f"{SITE}/images/", SITE, HERO, "heroes/a.png"),
        ("https://example.org", SITE, HERO, f"/blog/{HERO}"),
        ("https://cdn.example/", SITE, HERO, None),
        ("", SITE, ELSEWHERE, ELSEWHERE),
        (f"{SENTINEL}/", SITE, ELSEWHERE, None),
        ("/", SITE, ELSEWHERE, None),
        ("https://static.example/images/", SITE, ELSEWHERE, "heroes/a.png"),
        (f"{SENTINEL}/", SITE, f"{SITE}/{HERO}", HERO),
    ],
)
def test_prefix_and_text_make_the_address(prefix: str, siteurl: str, url: str, text: str | None) -> None:
    """For every kind of prefix, with and without a SITEURL, and for a STATIC_URL on this and on another host."""
    assert field_text(Picture(url=url), prefix, siteurl=siteurl) == text


def test_the_forms_of_the_setting_are_such_prefixes() -> None:
    """``path``, ``url`` and ``images`` of FALHERO_FIELDS."""
    held = {form: field_text(Picture(url=HERO), prefix, siteurl=SITE) for form, prefix in PREFIX_OF_FORM.items()}
    assert held == {"path": HERO, "url": f"{SITE}/{HERO}", "images": "heroes/a.png"}
