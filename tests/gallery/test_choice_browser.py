"""The page of a post's candidates in Chromium, from the disk: it fits every window, and copies each command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blog import Blog
from chromium import Chromium
from fal_server import FalServer
from terminal import at_home

pytestmark = pytest.mark.browser

TITLE = "رحلة الشتاء: Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen & <i>c</i>"


@pytest.fixture
def browser() -> Iterator[Chromium]:
    """A browser with one tab."""
    with Chromium() as chromium:
        yield chromium


@pytest.fixture
def page(blog: Blog, fal: FalServer) -> str:
    """The address of a page with a hero and three candidates."""
    del blog.settings["FALHERO_IMAGE_SIZE"]  # as wide as real ones
    blog.configure(FALHERO_MODEL="schnell")
    blog.post("a.md", TITLE)
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate", "content/a.md", "--candidates", "4").code == 0
    assert terminal.falhero("pick", "content/a.md", "2").code == 0
    (page,) = (blog.content / ".falhero" / "candidates").glob("*.html")
    return page.as_uri()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows(browser: Chromium, page: str, width: int, scheme: str) -> None:
    """On a phone and a wide screen nothing is wider than the window; all pictures are shown, in the scheme."""
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.open(page, width=width)
    wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert browser.evaluate(f"{wide}.map(element => element.outerHTML.slice(0, 80))") == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    shown = "Promise.all([...document.images].map(image => image.decode().then(() => image.naturalWidth)))"
    assert browser.evaluate(shown) == [640] * 4
    paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(245, 245, 243)" if scheme == "light" else "rgb(21, 22, 25)")


def test_each_command_is_copied(browser: Chromium, page: str) -> None:
    """Every candidate has a button that copies the command that picks it; the hero has none."""
    browser.open(page, width=1280)
    browser.evaluate("navigator.clipboard.writeText = async text => { window.copied = text }")
    click = "[...document.querySelectorAll('.next button')].map(button => { button.click(); return window.copied })"
    assert browser.evaluate(click) == [f"falhero pick content/a.md {number}" for number in (2, 3, 4)]
    assert browser.evaluate("document.querySelector('[data-role=hero] button')") is None
