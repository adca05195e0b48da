"""The page in Chromium, from the disk: the filter, the keyboard, copying, and no overflow on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blog import Blog, hero_name
from builders import save_picture
from chromium import Chromium
from terminal import at_home

pytestmark = pytest.mark.browser

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3
TITLES = ["Winter hikes", "رحلة الشتاء: إلى القمم البعيدة", LONG, "雪の上のループ線", "A < b && <i>c</i>"]
SHOWN = "[...document.querySelectorAll('.post')].filter(post => post.checkVisibility()).length"


@pytest.fixture
def browser() -> Iterator[Chromium]:
    """A browser with one tab."""
    with Chromium() as chromium:
        yield chromium


@pytest.fixture
def page(blog: Blog) -> str:
    """The address of a page of some posts, the first with a hero."""
    for number, title in enumerate(TITLES):
        fields = {"Hero_Model": "schnell" if number == 3 else "dev", "Hero_Alt": "Footprints in deep snow. " * 5}
        blog.post(f"{number}.md", title, Date=f"2026-11-0{number + 1}", **fields)
    save_picture(blog.assets / hero_name(TITLES[0]))
    assert at_home(blog).alone().falhero("gallery").code == 0
    return (blog.content / ".falhero" / "gallery.html").as_uri()


def press(browser: Chromium, key: str, *, text: str = "", code: int = 0) -> None:
    """Press and release a key."""
    keys = {"key": key, "text": text, "windowsVirtualKeyCode": code}
    browser.call("Input.dispatchKeyEvent", type="keyDown", **keys)
    browser.call("Input.dispatchKeyEvent", type="keyUp", **keys)


def test_the_page_is_filtered_by_keyboard_alone(browser: Chromium, page: str) -> None:
    """A slash focuses the filter, its words are looked for in file and model too, Escape shows all, a state filters."""
    browser.open(page, width=1280)
    assert browser.evaluate(SHOWN) == 5
    press(browser, "/", text="/", code=191)
    for letter in "3.MD Schnell":
        press(browser, letter, text=letter)
    assert browser.evaluate("document.activeElement.value") == "3.MD Schnell"
    assert browser.evaluate(SHOWN) == 1
    assert browser.evaluate("document.querySelector('output').textContent") == "1 of 5 posts"
    press(browser, "Escape", code=27)
    assert browser.evaluate(SHOWN) == 5
    press(browser, "Tab", code=9)
    for letter in "present":
        press(browser, letter, text=letter)
    assert browser.evaluate("document.activeElement.value") == "present"
    assert browser.evaluate(SHOWN) == 1
    assert browser.evaluate("[...document.querySelectorAll('h2')].filter(h => h.checkVisibility()).length") == 1


def test_a_command_is_copied_by_keyboard(browser: Chromium, page: str) -> None:
    """Each command has a button that copies it; its focus is seen, and it says what it did."""
    browser.open(page, width=1280)
    browser.evaluate("document.querySelector('.next button').focus({focusVisible: true})")
    assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.evaluate(
        "document.addEventListener('copy', () => { window.copied = getSelection().toString() });"
        "navigator.clipboard.writeText = async text => { window.copied = text }"
    )
    press(browser, "Enter", text="\r", code=13)
    assert browser.evaluate("new Promise(done => setTimeout(() => done(window.copied)))") == (
        "falhero generate content/4.md"
    )
    assert browser.evaluate("document.activeElement.firstChild.data") == "Copied"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows(browser: Chromium, page: str, width: int, scheme: str) -> None:
    """On a phone and a wide screen nothing is wider than the window; the picture is shown, and the scheme followed."""
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.open(page, width=width)
    wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
    assert browser.evaluate(f"{wide}.map(element => element.outerHTML.slice(0, 80))") == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    lines = "(range => (range.selectNodeContents(label), range.getClientRects().length))(document.createRange())"
    labels = f"[...document.querySelectorAll('.facts dt')].filter(label => {lines} > 1).map(label => label.textContent)"
    assert browser.evaluate(labels) == [], "these labels are broken"
    assert browser.evaluate("document.images[0].decode().then(() => document.images[0].naturalWidth)") == 160
    paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(245, 245, 243)" if scheme == "light" else "rgb(21, 22, 25)")
    assert browser.evaluate("getComputedStyle(document.querySelectorAll('h3')[3]).direction") == "rtl"
