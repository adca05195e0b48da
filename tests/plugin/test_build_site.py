"""Whole builds: sites of every common shape give pages whose images exist, and stay as they were otherwise."""

from __future__ import annotations

import filecmp
import re
from pathlib import Path
from typing import Any

import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from PIL import Image


def every_image_exists(folder: Path, *, site_url: str = "") -> int:
    """How many images the pages of a folder show, each of which is looked up as a browser would."""
    seen: list[Path] = []
    for page in folder.rglob("*.html"):
        for source in re.findall(r'data-src="([^"]+)"', page.read_text()):
            path = source.removeprefix(site_url)
            file = folder / path.lstrip("/") if path != source or source.startswith("/") else page.parent / source
            assert file.is_file(), f"{page} shows {source}"
            seen.append(file.resolve())
    for file in set(seen):
        with Image.open(file) as image:
            image.load()
    return len(seen)


@pytest.mark.parametrize(
    ("provider", "settings"),
    [
        (
            "fal",
            {"SITEURL": "https://example.org/blog", "STATIC_URL": "files/{path}", "STATIC_SAVE_AS": "files/{path}"},
        ),
        (
            "card",
            {"RELATIVE_URLS": True, "ARTICLE_URL": "{date:%Y}/{slug}.html", "ARTICLE_SAVE_AS": "{date:%Y}/{slug}.html"},
        ),
        ("fal", {"FALHERO_ASSETS_DIR": "extra/art", "STATIC_PATHS": ["images"]}),
        ("fal", {"FALHERO_ASSETS_DIR": "."}),
        ("card", {"STATIC_PATHS": [], "STATIC_CREATE_LINKS": True, "DELETE_OUTPUT_DIRECTORY": True}),
        ("card", {"EXTRA_PATH_METADATA": {"images": {"note": "ours"}}}),
        ("fal", {"CACHE_CONTENT": True, "LOAD_CONTENT_CACHE": True, "CONTENT_CACHING_LAYER": "generator"}),
        ("fal", {"CACHE_CONTENT": True, "LOAD_CONTENT_CACHE": True, "CONTENT_CACHING_LAYER": "reader"}),
    ],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_every_shape_of_site_shows_images_that_exist(
    blog: Blog, fal: FalServer, settings: dict[str, Any], provider: str
) -> None:
    """Whatever the paths and addresses of a site, its pages show images that are there, on the second build too."""
    blog.configure(**settings, FALHERO_PROVIDER=provider, FALHERO_INCLUDE=["pages"])
    blog.post("a.md", "First", "![own]({static}/images/own.png)")
    blog.post("b.md", "Second")
    blog.post("pages/about.md", "About")
    blog.content.joinpath("images").mkdir()
    Image.linear_gradient("L").save(blog.content / "images" / "own.png")
    for _ in range(2):
        built = blog.build(env=fal.environment())
        assert built.code == 0, built.output
        assert "WARNING" not in built.output
        # Three pages of their own, and two posts on the index and on their category's page.
        assert every_image_exists(blog.output, site_url=str(settings.get("SITEURL", ""))) == 7
    assert fal.charges == (3 if provider == "fal" else 0)
    assert not list(blog.output.rglob(".falhero*"))
    assert not list(blog.output.rglob("ledger*"))


def test_a_site_may_be_its_own_content_folder(blog: Blog, fal: FalServer) -> None:
    """With ``PATH = "."`` and everything below it static, heroes are drawn and the state folder is not published."""
    blog.configure(PATH=".", STATIC_PATHS=["."], ARTICLE_PATHS=["content"], PAGE_PATHS=[])
    blog.configure(ARTICLE_EXCLUDES=["output"], STATIC_EXCLUDES=["output"])
    blog.post("a.md", "Here")
    for _ in range(2):
        built = blog.build(env=fal.environment())
        assert built.code == 0, built.output
    assert fal.charges == 1
    assert (blog.root / "images" / "heroes" / hero_name("Here")).exists()
    assert (blog.root / ".falhero" / "ledger.jsonl").exists()
    assert not list(blog.output.rglob(".falhero"))
    assert (blog.output / "images" / "heroes" / hero_name("Here")).exists()


def test_posts_of_several_languages_are_drawn_once(blog: Blog, fal: FalServer) -> None:
    """Under i18n_subsites each language's pages show their heroes, drawn once in the main run, drafts excepted."""
    blog.configure(
        PLUGINS=["i18n_subsites", "pelican_falhero"],
        DEFAULT_LANG="en",
        I18N_SUBSITES={"tr": {"SITENAME": "Deneme"}, "de": {}},
        FALHERO_INCLUDE=["pages"],
    )
    blog.post("both.md", "Both", Slug="both", Lang="en")
    blog.post("both-tr.md", "İkisi de", Slug="both", Lang="tr")
    blog.post("only-de.md", "Nur deutsch", Lang="de")
    blog.post("draft.md", "Not yet", Status="draft", Lang="en")
    blog.post("pages/about.md", "About", Slug="about", Lang="en")
    blog.post("pages/about-tr.md", "Hakkında", Slug="about", Lang="tr")
    for _ in range(2):
        built = blog.build(env=fal.environment())
        assert built.code == 0, built.output
        titles = ["Both", "İkisi de", "Nur deutsch", "About", "Hakkında"]
        assert blog.heroes() == {hero_name(title) for title in titles}
        assert fal.charges == len(titles)
        assert built.output.count(" made, ") <= 1
    for name, title in {
        "both.html": "Both",
        "tr/both.html": "İkisi de",
        "de/nur-deutsch.html": "Nur deutsch",
    }.items():
        folder = (blog.output / name).parent
        assert (folder / "images" / "heroes" / hero_name(title)).is_file()
        assert blog.page(name)["url"] == f"images/heroes/{hero_name(title)}"


def test_cards_show_in_every_language(blog: Blog) -> None:
    """Under i18n_subsites the sub-sites show the cards of the main run."""
    plugins = ["pelican_falhero", "i18n_subsites"]
    blog.configure(PLUGINS=plugins, DEFAULT_LANG="en", I18N_SUBSITES={"tr": {}})
    blog.post("only-tr.md", "Yalnız Türkçe", Lang="tr")
    assert blog.build().code == 0
    page = blog.page("tr/yalniz-turkce.html")
    assert page["card"] == "True"
    assert (blog.output / "tr" / page["url"]).is_file()
    assert (blog.output / "tr" / page["preview"]).is_file()


@pytest.mark.parametrize("provider", ["fal", "card"])
def test_each_language_publishes_only_what_its_pages_show(blog: Blog, fal: FalServer, provider: str) -> None:
    """Under i18n_subsites a sub-site gets copies of the heroes that its own pages name, and the main site of all."""
    blog.configure(
        PLUGINS=["i18n_subsites", "pelican_falhero"],
        DEFAULT_LANG="en",
        I18N_SUBSITES={"tr": {}, "de": {}},
        I18N_UNTRANSLATED_ARTICLES="remove",
        FALHERO_PROVIDER=provider,
    )
    for number in range(2):
        blog.post(f"en-{number}.md", f"English {number}", Lang="en")
    blog.post("tr.md", "Türkçe", Lang="tr")
    blog.post("de.md", "Deutsch", Lang="de")
    assert blog.build(env=fal.environment()).code == 0
    folders = [blog.output, blog.output / "tr", blog.output / "de"]
    each = 1 if provider == "fal" else 2
    assert [len(list((folder / "images" / "heroes").iterdir())) for folder in folders] == [4 * each, each, each]
    # On the post's page, the index and its category's page.
    assert every_image_exists(blog.output / "tr", site_url="/tr") == 3


def test_a_site_that_shows_none_writes_the_pages_it_wrote(blog: Blog, fal: FalServer) -> None:
    """With ``FALHERO_SHOW = "never"`` every page and feed stays byte for byte what it was without the plugin."""
    blog.configure(THEME="simple", FEED_ALL_ATOM="feeds/all.atom.xml", SITEURL="https://example.org")
    blog.post("a.md", "One & only", "Text with a [link]({filename}b.md) and ![picture]({static}images/p.png).")
    blog.post("b.md", "Two", Summary="With an ![image]({static}images/p.png) in it.", Status="draft")
    blog.post("pages/about.md", "About")
    blog.content.joinpath("images").mkdir()
    Image.linear_gradient("L").save(blog.content / "images" / "p.png")
    blog.configure(PLUGINS=[], OUTPUT_PATH="before")
    assert blog.build().code == 0
    blog.configure(PLUGINS=["pelican_falhero"], OUTPUT_PATH="output", FALHERO_SHOW="never")
    assert blog.build(env=fal.environment()).code == 0
    before = blog.root / "before"
    pages = [path.relative_to(before) for path in before.rglob("*") if path.is_file()]
    assert len(pages) > 8
    _, changed, missing = filecmp.cmpfiles(before, blog.output, [str(page) for page in pages], shallow=False)
    assert (changed, missing) == ([], [])


def test_links_in_a_summary_are_resolved(blog: Blog, fal: FalServer) -> None:
    """A summary or beginning with ``{static}`` links is read for the prompt and still published resolved."""
    Image.linear_gradient("L").save(blog.content / "p.png")
    picture = "![chart]({static}p.png)"
    blog.post("a.md", "Given", "Body.", Summary=f"A {picture} summary.")
    blog.post("b.md", "Taken", f"A {picture} body.")
    built = blog.build("--fatal", "warnings", env=fal.environment())
    assert built.code == 0, built.output
    index = (blog.output / "index.html").read_text()
    assert "{static}" not in index
    assert index.count('src="/p.png"') == 2
    prompts = sorted(job.arguments["prompt"].rpartition(". ")[0] for job in fal.submissions)
    assert prompts == ["Given. A summary", "Taken. A body"]


@pytest.mark.parametrize("typogrify", [False, True])
def test_names_come_from_the_plain_title(blog: Blog, fal: FalServer, typogrify: bool) -> None:
    """Markup that reST and TYPOGRIFY put into titles changes neither name nor prompt; curly quotes are text."""
    blog.configure(TYPOGRIFY=typogrify)
    title = 'A *very* ``long`` "title" & more than NASA has'
    blog.write("a.rst", f"{title}\n{'=' * len(title)}\n\n:date: 2026-11-01\n\nWords.\n")
    blog.post("b.md", 'Plain "quotes" & co')
    assert blog.build(env=fal.environment()).code == 0
    quote = "“{}”" if typogrify else '"{}"'
    titles = [f"A very long {quote.format('title')} & more than NASA has", f"Plain {quote.format('quotes')} & co"]
    assert blog.heroes() == {hero_name(title) for title in titles}
    assert sorted(job.arguments["prompt"].split(". ")[0] for job in fal.submissions) == titles


def test_a_hero_that_the_author_converted_is_shown(blog: Blog, fal: FalServer) -> None:
    """A hero that its author turned into WebP or JPEG is found under its name, and nothing is drawn."""
    blog.assets.mkdir(parents=True)
    for title, suffix in {"First": ".webp", "Second": ".jpg"}.items():
        blog.post(f"{title}.md", title)
        Image.linear_gradient("L").save((blog.assets / hero_name(title)).with_suffix(suffix))
    blog.build(env=fal.environment())
    assert fal.charges == 0
    page = blog.page("first.html")
    assert page["url"].endswith(".webp")
    assert (page["width"], page["height"]) == ("256", "256")


def test_a_warm_build_costs_nothing(blog: Blog, fal: FalServer) -> None:
    """When all heroes are there no request is sent, and nothing is imported that only drawing and trying need."""
    blog.post("a.md", "First")
    blog.build(env=fal.environment())
    asked = len(fal.requests)
    code = (
        "import sys, pelican\n"
        "from pelican.readers import MarkdownReader\n"
        "loaded = {plugins}\n"
        "pelican.main(['-s', 'pelicanconf.py', *loaded])\n"
        "print('MODULES', *sorted(sys.modules))\n"
    )
    plain = blog.python(code.format(plugins="['-t', 'simple', '-e', 'PLUGINS=[]']"), fal.environment(), fresh=True)
    warm = blog.python(code.format(plugins="[]"), fal.environment(), fresh=True)
    modules = [set(output.partition("MODULES ")[2].split()) for output in (warm, plain)]
    extra = {name.partition(".")[0] for name in modules[0] - modules[1]}
    heavy = {"fal_client", "httpx", "requests", "urllib3", "asyncio", "filelock", "concurrent", "ssl", "sqlite3"}
    assert "pelican_falhero" in extra
    assert not extra & heavy
    assert not {name for name in modules[0] - modules[1] if name.startswith("PIL")}
    drawing = "storage.events planning.request planning.plan generation.policy providers.base presentation.theme_probe"
    assert modules[0].isdisjoint(f"pelican_falhero.{name}" for name in drawing.split())
    assert len(fal.requests) == asked
    assert "heroes" not in warm.partition("MODULES")[0]
