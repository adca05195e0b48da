"""Whole builds: the files that are put into the output folder."""

from __future__ import annotations

from blog import Blog, hero_name
from fal_server import FalServer


def test_a_second_build_copies_nothing(blog: Blog, fal: FalServer) -> None:
    """What is published and has not changed is not written again, be it a hero or a card."""
    blog.configure(STATIC_PATHS=[])
    blog.post("a.md", "Drawn")
    blog.build(env=fal.environment())
    blog.post("b.md", "A card")
    stamps = []
    for _ in range(2):
        assert blog.build(env=fal.environment(key=None)).code == 0
        files = (blog.output / "images" / "heroes").iterdir()
        stamps.append({path.name: (path.stat().st_ino, path.stat().st_ctime_ns) for path in files})
    assert len(stamps[0]) == 3
    assert stamps[0] == stamps[1]


def test_an_output_folder_that_cannot_be_written_costs_only_the_pictures(blog: Blog, fal: FalServer) -> None:
    """Where heroes can't be published there is one warning, and the site is built."""
    blog.configure(STATIC_PATHS=[])
    blog.output.mkdir()
    (blog.output / "images").write_text("in the way")
    blog.post("a.md", "First")
    blog.post("b.md", "Second")
    built = blog.build(env=fal.environment())
    assert built.code == 0, built.output
    assert built.output.count("can't be written") == 1
    assert f"{blog.output / 'images' / 'heroes'} can't be written" in built.output
    assert blog.page("first.html")["url"] == f"images/heroes/{hero_name('First')}"


def test_plugins_that_work_on_the_output_find_the_pictures(blog: Blog, fal: FalServer) -> None:
    """When Pelican says that all is written, cards and heroes outside STATIC_PATHS are there too."""
    blog.configure(
        "from pathlib import Path\n"
        "from pelican import signals\n"
        "def look(instance):\n"
        "    Path('found').write_text(' '.join(path.name for path in Path(instance.output_path).rglob('*.png')))\n"
        "signals.finalized.connect(look, weak=False)\n",
        STATIC_PATHS=[],
    )
    blog.post("a.md", "Drawn")
    assert blog.build(env=fal.environment()).code == 0
    assert (blog.root / "found").read_text() == hero_name("Drawn")


def test_a_picture_may_be_in_the_folder_of_its_post(blog: Blog, fal: FalServer) -> None:
    """An own hero that the post also links with ``{attach}`` is at the address that the page shows for each."""
    blog.configure(ARTICLE_SAVE_AS="{slug}/index.html", ARTICLE_URL="{slug}/")
    blog.post("posts/a.md", "Mine", "![again]({attach}mine.png)", Hero="posts/mine.png")
    (blog.content / "posts" / "mine.png").write_bytes(b"picture")
    built = blog.build("--fatal", "warnings", env=fal.environment())
    assert built.code == 0, built.output
    assert blog.page("mine/index.html")["url"] == "posts/mine.png"
    assert (blog.output / "posts" / "mine.png").is_file()
    assert (blog.output / "mine" / "mine.png").is_file()
