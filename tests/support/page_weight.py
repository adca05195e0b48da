"""Weighs the pictures that a reader loads, with the masters as they are and with light pictures.

Run it as scripts/page-weight. The blog's pictures compress as FLUX's do, its theme is notmyidea, and the screen has
one pixel for each of CSS.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

from blog import Blog, hero_name
from chromium import Chromium, served
from photographs import save_photograph

WINDOWS = (390, 1280)
PAGES = ("article", "index")
_TEXT = "A few words about the hike, the weather and the food. " * 30


@dataclass(frozen=True)
class Weight:
    """The bytes of the pictures of one page in one window."""

    page: str
    window: int
    """How wide it is, in CSS pixels."""
    before: int
    """With ``FALHERO_FORMATS = ()``."""
    after: int
    """With the default."""


def weigh(folder: Path, *, posts: int = 10, browser: Chromium | None = None) -> list[Weight]:
    """Build a blog below a folder twice, and weigh its first article and its index, which shows all posts.

    Without a browser the choice is made by the rules of ``srcset``, as if each picture were as wide as the window.
    """
    pictures = [save_photograph(folder / f"{number}.png", seed=number) for number in range(posts)]
    before = _weigh(folder / "before", pictures, formats=[], browser=browser)
    after = _weigh(folder / "after", pictures, formats=None, browser=browser)
    return [Weight(*key, before=before[key], after=after[key]) for key in before]


def _weigh(
    root: Path, pictures: list[Path], *, formats: list[str] | None, browser: Chromium | None
) -> dict[tuple[str, int], int]:
    """Each page and window to the bytes of its pictures."""
    blog = Blog(root)
    del blog.settings["FALHERO_IMAGE_SIZE"]
    blog.output.mkdir()
    blog.assets.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        title = f"Winter hike {number}"
        blog.post(f"{number}.md", title, _TEXT, Slug=f"article{number or ''}")
        shutil.copy(picture, blog.assets / hero_name(title))
    del blog.settings["FALHERO_FORMATS"]
    if formats is not None:
        blog.configure(FALHERO_FORMATS=formats)
    blog.configure(THEME="notmyidea", FALHERO_PROVIDER="none", DEFAULT_PAGINATION=False)
    with served(blog.output) as address:
        blog.configure(SITEURL=address)
        built = blog.build("--fatal", "warnings", fresh=True)
        assert built.code == 0, built.output
        look: Callable[[str, int], int]
        look = partial(_by_browser, browser, address) if browser else partial(_by_rules, blog.output, address)
        return {(page, window): look(page, window) for page in PAGES for window in WINDOWS}


def _by_browser(browser: Chromium, address: str, page: str, window: int) -> int:
    return sum(picture.bytes for picture in browser.pictures(f"{address}/{page}.html", width=window))


def _by_rules(output: Path, address: str, page: str, window: int) -> int:
    images = _Images()
    images.feed((output / f"{page}.html").read_text(encoding="utf-8"))
    chosen = {_choice(attributes, window) for attributes in images.found}
    return sum((output / url.removeprefix(f"{address}/")).stat().st_size for url in chosen)


class _Images(HTMLParser):
    """The attributes of all images of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append({name: value or "" for name, value in attrs})


def _choice(image: dict[str, str], window: int) -> str:
    """The narrowest file that is as wide as the window, else the widest."""
    offered = [candidate.split() for candidate in image.get("srcset", "").split(",") if candidate]
    widths = {int(width.removesuffix("w")): url for url, width in offered}
    wide_enough = [width for width in widths if width >= window]
    return widths[min(wide_enough) if wide_enough else max(widths)] if widths else image["src"]


def _table(weights: list[Weight], *, posts: int, chooser: str) -> str:
    lines = [f"Pictures of a page in kB (1,000 bytes), {posts} posts, files chosen by {chooser}", ""]
    lines.append(f"{'page':<10}{'window':>8}{'before':>10}{'after':>9}{'':>8}")
    lines += [
        f"{w.page:<10}{w.window:>8}{w.before / 1e3:>10,.0f}{w.after / 1e3:>9,.0f}{w.after / w.before:>8.1%}"
        for w in weights
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="page-weight", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--posts", type=int, default=10, metavar="N", help="posts of the blog (default: 10)")
    parser.add_argument("--no-browser", action="store_true", help="don't ask Chromium, which is used where it is found")
    options = parser.parse_args()
    if options.posts < 1:
        parser.error("--posts must be at least 1")
    with ExitStack() as stack:
        is_asked = not options.no_browser and shutil.which("chromium")
        browser = stack.enter_context(Chromium()) if is_asked else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        weights = weigh(folder, posts=options.posts, browser=browser)
    chooser = "Chromium" if browser else "the rules of srcset"
    if options.json:
        text = json.dumps({"posts": options.posts, "chooser": chooser, "pages": [asdict(w) for w in weights]}, indent=2)
    else:
        text = _table(weights, posts=options.posts, chooser=chooser)
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
