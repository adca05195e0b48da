"""The lighter copies of a build's pictures."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from blog import Blog, hero_name
from builders import draw, save_picture
from cold_build import measured_build
from photographs import save_photograph
from PIL import Image
from rich.console import Console

from pelican_falhero.planning.site import Site
from pelican_falhero.plugin.variants import MANY, SiteVariants
from pelican_falhero.settings import Settings
from pelican_falhero.storage.assets import Library
from pelican_falhero.storage.events import History
from pelican_falhero.storage.labels import Label, label_png, tool_name
from pelican_falhero.storage.ledger import Ledger

HERO = "images/heroes/hero-0123456789ab.png"


def variants_of(
    root: Path,
    *,
    may_write: bool = True,
    formats: tuple[str, ...] = ("webp",),
    ledger: Ledger | None = None,
    console: Console | None = None,
) -> SiteVariants:
    """Those of a new build."""
    site = Site(
        posts=(),
        settings=Settings(formats=formats),
        library=Library(root, "images/heroes"),
        ledger=ledger or Ledger(root / ".falhero" / "ledger.jsonl"),
    )
    return SiteVariants(site, console=console or Console(file=io.StringIO()), may_write=may_write)


def colour_of(file: Path) -> tuple[int, ...]:
    """The colour in the middle of a picture."""
    with Image.open(file) as image:
        found = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
        assert isinstance(found, tuple)
        return found


def test_a_picture_that_is_replaced_in_a_build_is_shown_as_it_is_now(tmp_path: Path) -> None:
    """A hero that a build redraws has its old copies until then, and new ones when it ends."""
    save_picture(tmp_path / HERO, image=Image.new("RGB", (600, 400), "red"))
    with variants_of(tmp_path) as first:
        first.add([HERO])
    copy = tmp_path / ".falhero" / "variants" / "hero-0123456789ab-480.webp"
    assert colour_of(copy)[0] > 200
    with variants_of(tmp_path) as variants:
        variants.add([HERO])
        save_picture(tmp_path / HERO, image=Image.new("RGB", (700, 400), "blue"))
        variants.add([HERO])
    assert colour_of(copy)[2] > 200
    assert variants.found[HERO].width == 700


def test_who_made_a_picture_is_known_without_copies(tmp_path: Path) -> None:
    """With FALHERO_FORMATS = () nothing is made, and templates can still say that a model drew it."""
    file = save_picture(tmp_path / HERO, image=draw())
    label_png(file, Label("trainedAlgorithmicMedia", tool_name(), "fal-ai/flux/dev"))
    for _ in range(2):
        with variants_of(tmp_path, formats=()) as variants:
            variants.add([HERO])
        found = variants.found[HERO]
        assert (found.is_ai, found.model, found.width, found.file_names()) == (True, "fal-ai/flux/dev", 160, [])


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    """Pages show the masters then."""
    save_picture(tmp_path / HERO, image=draw())
    with variants_of(tmp_path, may_write=False) as variants:
        variants.add([HERO, "images/gone.png"])
    assert variants.found == {}
    assert not (tmp_path / ".falhero").exists()


def test_many_pictures_are_worth_a_line(tmp_path: Path) -> None:
    """A build that makes the copies of many says so once, and the next one is silent."""
    paths = [f"images/heroes/hero-{number:012x}.png" for number in range(MANY)]
    for path in paths:
        save_picture(tmp_path / path, image=draw(100, 80))
    with variants_of(tmp_path) as variants:
        variants.add(paths)
    (line,) = variants.lines
    assert line.startswith(f"heroes: made lighter copies of {MANY} pictures in ")
    with variants_of(tmp_path) as again:
        again.add(paths)
    assert again.lines == []
    assert set(again.found) == set(paths)


class Screen(io.StringIO):
    """Remembers what is written, and tells when the first of it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.is_used = threading.Event()

    def write(self, text: str) -> int:
        """Remember it."""
        self.is_used.set()
        return super().write(text)


class HeldLedger(Ledger):
    """Can be read once a screen is used; who drew a picture is not known before."""

    def __init__(self, path: Path, screen: Screen) -> None:
        super().__init__(path)
        self._screen = screen

    def read(self) -> History:
        """Wait for the screen."""
        assert self._screen.is_used.wait(10), "nothing is shown"
        return super().read()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_whoever_waits_for_many_copies_sees_it(tmp_path: Path, *, is_terminal: bool) -> None:
    """A terminal shows a bar that counts to the end; a log gets one line, before the work."""
    paths = [f"images/heroes/hero-{number:012x}.png" for number in range(MANY)]
    for path in paths:
        save_picture(tmp_path / path, image=draw(100, 80))
    screen = Screen()
    ledger = HeldLedger(tmp_path / ".falhero" / "ledger.jsonl", screen)
    console = Console(file=screen, force_terminal=is_terminal, width=80)
    with variants_of(tmp_path, ledger=ledger, console=console) as variants:
        variants.add(paths)
    shown = screen.getvalue()
    assert f"{MANY}/{MANY}" in shown if is_terminal else shown == f"heroes: making lighter copies of {MANY} pictures\n"


def test_few_copies_are_not_worth_a_word(tmp_path: Path) -> None:
    """Neither a bar nor a line."""
    save_picture(tmp_path / HERO, image=draw())
    for is_terminal in (True, False):
        console = Console(file=io.StringIO(), force_terminal=is_terminal, width=80)
        with variants_of(tmp_path, console=console) as variants:
            variants.add([HERO])
        assert isinstance(console.file, io.StringIO)
        assert console.file.getvalue() == ""
        assert variants.lines == []


def test_an_exception_makes_an_end(tmp_path: Path) -> None:
    """What interrupts the build is not held up, and nothing is removed."""
    save_picture(tmp_path / HERO, image=draw())
    variants = variants_of(tmp_path)

    def interrupted() -> None:
        with variants:
            variants.add([HERO])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert variants.warnings == []


def test_a_picture_without_copies_is_told_once_and_ends_no_build(tmp_path: Path) -> None:
    """A line, no warning, says that it is shown as it is; none where no copies are wanted."""
    frames = [draw().rotate(9)]
    save_picture(tmp_path / "images" / "loop.gif", image=draw(), save_all=True, append_images=frames)
    for formats, told in (("webp",), 1), (("webp",), 0), ((), 0):
        with variants_of(tmp_path, formats=formats) as variants:
            variants.add(["images/loop.gif"])
        assert (len(variants.lines), variants.warnings) == (told, [])
        assert variants.found["images/loop.gif"].file_names() == []


@pytest.mark.long
def test_a_clean_clone_has_its_copies_in_less_than_a_minute(blog: Blog) -> None:
    """The copies of 200 heroes such as FLUX draws take less than 40 s where two processors have nothing else to do.

    Measured in processor time, for others may use this machine: 37 s, so 19 s on each of two.
    """
    pictures = [save_photograph(blog.root / f"{seed}.png", seed=seed).read_bytes() for seed in range(10)]
    blog.assets.mkdir(parents=True)
    for number in range(200):
        title = f"Post {number}"
        blog.post(f"{number}.md", title)
        # What stands behind a PNG's end makes it another one, whose copies are made anew.
        (blog.assets / hero_name(title)).write_bytes(pictures[number % 10] + bytes([number]))
    blog.configure(FALHERO_FORMATS=["webp"], FALHERO_PROVIDER="none")
    cold, warm = measured_build(blog), measured_build(blog)
    print(cold, warm, sep="\n")  # noqa: T201 - pytest shows it when the test fails
    assert "heroes: made lighter copies of 200 pictures in" in cold.output
    assert len(list((blog.content / ".falhero" / "variants").glob("*.webp"))) == 3 * 200
    assert cold.processor_seconds - warm.processor_seconds < 2 * 40
