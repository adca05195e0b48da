"""What Chromium itself loads of heroes that weigh what FLUX's do, in every theme and at two widths of its window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from blog import Blog, hero_name
from chromium import Chromium, served
from photographs import save_photograph
from test_themes import PACKAGED, use_theme
from theme_forms import THEMES

pytestmark = pytest.mark.browser

TITLE = "Winter hikes"
STEM = hero_name(TITLE).removesuffix(".png")
WINDOWS = (390, 1280)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """One for all pages."""
    with Chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PNG of more than a megabyte."""
    return save_photograph(tmp_path_factory.mktemp("photographs") / "hero.png")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``.falhero`` of the first build, so that the others need not make its light copies again."""
    return tmp_path_factory.mktemp("state") / ".falhero"


@pytest.fixture
def site(blog: Blog) -> Iterator[str]:
    """Where the blog is served; its address is its SITEURL, too."""
    blog.output.mkdir()
    with served(blog.output) as address:
        blog.configure(SITEURL=address, FALHERO_FORMATS=["webp"], FALHERO_PROVIDER="none")
        blog.configure(AUTHOR="Mara", CC_LICENSE={})
        yield address


@pytest.mark.parametrize("theme", [*PACKAGED, *THEMES])
def test_a_page_loads_a_tenth_of_its_master(
    blog: Blog, site: str, browser: Chromium, photograph: Path, state: Path, theme: str
) -> None:
    """Of each article's picture Chromium loads one light copy, as an image or by CSS, and it decodes.

    An own picture is named by ``Hero:`` here; in a field that the theme reads itself it stays as its author wrote it.
    """
    blog.post("drawn.md", TITLE, "A few words. " * 50, Slug="drawn", Category="Coast")
    blog.post("own.md", "Own picture", "A few words. " * 50, Slug="own", Category="Coast", Hero="images/own.png")
    blog.assets.mkdir(parents=True)
    for file in (blog.assets / f"{STEM}.png", blog.content / "images" / "own.png"):
        shutil.copy(photograph, file)
    if state.exists():
        shutil.copytree(state, blog.content / ".falhero")
    use_theme(blog, theme)
    built = blog.build("--fatal", "warnings")
    assert built.code == 0, built.output
    if not state.exists():
        shutil.copytree(blog.content / ".falhero", state)
    for page, stem in {"drawn": STEM, "own": "own"}.items():
        for width in WINDOWS:
            loaded = browser.pictures(f"{site}/{page}.html", width=width)
            shown = [picture for picture in loaded if f"/{stem}" in picture.url]
            assert len(shown) == 1, (page, width, loaded)
            assert shown[0].bytes * 10 < photograph.stat().st_size, (page, width, shown)
            assert shown[0].width > 0, (page, width, shown)


@pytest.mark.parametrize(
    ("window", "density", "pixels"), [(390, 1, 480), (390, 2, 800), (390, 3, 1024), (1280, 1, 800), (1280, 2, 1024)]
)
def test_a_figure_is_sharp_on_each_screen_and_no_sharper(
    blog: Blog, site: str, browser: Chromium, photograph: Path, state: Path, window: int, density: int, pixels: int
) -> None:
    """In notmyidea's column of 760 pixels Chromium takes the narrowest copy that has a pixel for each of the screen's.

    On a screen of more pixels than the widest copy has, it takes that one.
    """
    blog.post("drawn.md", TITLE, "A few words. " * 50, Slug="drawn")
    blog.assets.mkdir(parents=True)
    shutil.copy(photograph, blog.assets / f"{STEM}.png")
    if state.exists():
        shutil.copytree(state, blog.content / ".falhero")
    use_theme(blog, "notmyidea")
    assert blog.build().code == 0
    (shown,) = browser.pictures(f"{site}/drawn.html", width=window, density=density)
    column = browser.evaluate("document.querySelector('.falhero img').clientWidth")
    assert shown.width >= min(column * density, 1024)
    assert shown.url.endswith(f"-{pixels}.webp")
