"""Whole builds: which articles and pages are to have a hero, and which are left alone."""

from __future__ import annotations

from blog import Blog, hero_name
from fal_server import FalServer
from PIL import Image

PICTURE_FIELDS = [
    "Cover",
    "Image",
    "Featured_Image",
    "Og_Image",
    "Header_Cover",
    "Illustration",
    "Thumbnail",
    "Headerimage",
    "Hero_Image",
]


def own_picture(blog: Blog, name: str = "images/mine.jpg") -> None:
    """A picture of the author's."""
    path = blog.content / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").resize((320, 200)).save(path)


def test_drafts_hidden_articles_and_pages_are_drawn_only_when_included(blog: Blog, fal: FalServer) -> None:
    """Only published articles and their translations are drawn, until FALHERO_INCLUDE names the other kinds."""
    blog.post("a.md", "Published", Slug="published")
    blog.post("a-tr.md", "Yayında", Slug="published", Lang="tr")
    blog.post("b.md", "Unlisted", Status="hidden")
    blog.post("b-tr.md", "Listede yok", Status="hidden", Slug="unlisted", Lang="tr")
    blog.post("c.md", "Half-written", Status="draft")
    blog.post("c-tr.md", "Yarım", Status="draft", Slug="half-written", Lang="tr")
    blog.post("pages/about.md", "About")
    blog.post("pages/about-tr.md", "Hakkında", Slug="about", Lang="tr")
    blog.post("pages/gone.md", "Hidden page", Status="hidden")
    assert blog.build(env=fal.environment()).code == 0
    first = {hero_name("Published"), hero_name("Yayında")}
    assert blog.heroes() == first
    assert blog.page("drafts/half-written.html")["card"] == "True"
    assert blog.page("pages/about.html")["url"] == ""
    for kind, titles in {
        "hidden": ["Unlisted", "Listede yok"],
        "drafts": ["Half-written", "Yarım"],
        "pages": ["About", "Hakkında"],
    }.items():
        blog.configure(FALHERO_INCLUDE=[kind])
        assert blog.build(env=fal.environment()).code == 0
        first |= {hero_name(title) for title in titles}
        assert blog.heroes() == first
    blog.configure(FALHERO_INCLUDE=["hidden", "drafts", "pages"])
    assert blog.build(env=fal.environment()).code == 0
    assert blog.heroes() == first | {hero_name("Hidden page")}
    assert blog.page("drafts/half-written-tr.html")["url"] == f"images/heroes/{hero_name('Yarım')}"
    assert blog.page("pages/about-tr.html")["src"] == f"/images/heroes/{hero_name('Hakkında')}"


def test_a_draft_shows_the_hero_that_is_there(blog: Blog, fal: FalServer) -> None:
    """A published article that becomes a draft keeps its picture, though drafts are not drawn."""
    blog.post("a.md", "Second thoughts")
    blog.build(env=fal.environment())
    blog.post("a.md", "Second thoughts", Status="draft")
    blog.build(env=fal.environment())
    assert blog.page("drafts/second-thoughts.html")["url"] == f"images/heroes/{hero_name('Second thoughts')}"
    assert fal.charges == 1


def test_an_article_that_opts_out_is_left_alone(blog: Blog, fal: FalServer) -> None:
    """``Hero: none`` leaves an article without a picture, and its template with an empty hero."""
    written = ["none", "None", "no", "off", "'none'"]
    for number, word in enumerate(written):
        blog.post(f"{number}.md", f"Plain {number}", Hero=word)
    built = blog.build(env=fal.environment())
    assert (built.code, fal.charges) == (0, 0)
    for number, word in enumerate(written):
        page = blog.page(f"plain-{number}.html")
        assert [page[field] for field in ("url", "path", "str", "alt", "width", "height", "card", "image")] == [
            *[""] * 6,
            "False",
            "",
        ], word


def test_an_article_shows_its_own_picture(blog: Blog, fal: FalServer) -> None:
    """A picture that ``Hero:`` names, in whatever way, is the hero, is published, and nothing is drawn."""
    own_picture(blog)
    blog.configure(STATIC_PATHS=["elsewhere"])
    ways = ["images/mine.jpg", "/images/mine.jpg", "{static}/images/mine.jpg", '"images/mine.jpg"', "mine.jpg"]
    for number, written in enumerate(ways):
        blog.post(f"images/{number}.md", f"Mine {number}", Hero=written, Hero_Alt="A gradient")
    built = blog.build(env=fal.environment())
    assert (built.code, fal.charges) == (0, 0), built.output
    for number, written in enumerate(ways):
        page = blog.page(f"mine-{number}.html")
        assert (page["url"], page["alt"]) == ("images/mine.jpg", "A gradient"), written
        assert (page["width"], page["height"]) == ("320", "200")
        assert (blog.output / page["url"]).exists()


def test_a_picture_that_is_not_there_is_one_warning(blog: Blog, fal: FalServer) -> None:
    """An own picture outside the content folder, or not there, is named with its post; the article has no hero."""
    (blog.root / "outside.jpg").write_bytes(b"x")
    lost = ["images/lost.jpg", "https://example.org/a.jpg", "../outside.jpg", "/etc/hostname"]
    for number, written in enumerate(lost):
        blog.post(f"{number}.md", f"Lost {number}", Hero=written)
    blog.post("b.md", "Found")
    built = blog.build(env=fal.environment())
    assert built.code == 0
    for number, written in enumerate(lost):
        assert built.output.count(f"{number}.md: Hero ") == 1
        assert written in built.output
        assert blog.page(f"lost-{number}.html")["url"] == ""
    assert blog.heroes() == {hero_name("Found")}


def test_an_article_with_a_picture_for_its_theme_is_left_alone(blog: Blog, fal: FalServer) -> None:
    """A post that already names a picture in a field that themes read gets no hero, and one that names none does."""
    for field in PICTURE_FIELDS:
        blog.post(f"{field}.md", f"Covered by {field}", **{field: "images/cover.jpg"})
    blog.post("emptied.md", "Emptied", Cover="", Featured="yes", Image="no")
    blog.build(env=fal.environment())
    assert blog.heroes() == {hero_name("Emptied")}
    assert blog.page("covered-by-cover.html")["url"] == "", "there is no such picture"


def test_a_picture_for_the_theme_is_the_hero(blog: Blog) -> None:
    """A picture that a theme's field names, below PATH or on another host, is what ``article.hero`` gives."""
    own_picture(blog)
    blog.configure(SITEURL="https://blog.example/sub")
    urls = {
        "images/mine.jpg": "images/mine.jpg",
        "/images/mine.jpg": "images/mine.jpg",
        "{static}/images/mine.jpg": "images/mine.jpg",
        "mine.jpg": "images/mine.jpg",
        "https://blog.example/sub/images/mine.jpg": "images/mine.jpg",
        "https://pictures.example/p?id=7": "https://pictures.example/p?id=7",
        "//pictures.example/p.jpg": "//pictures.example/p.jpg",
    }
    for number, written in enumerate(urls):
        blog.post(f"{number}.md", f"Covered {number}", Cover=written, Hero_Alt="A gradient")
    assert blog.build().code == 0
    for number, (written, url) in enumerate(urls.items()):
        page = blog.page(f"covered-{number}.html")
        assert (page["url"], page["alt"]) == (url, "A gradient"), written
    assert (blog.output / "images" / "mine.jpg").exists()


def test_a_picture_that_every_post_has_by_default_is_no_choice(blog: Blog, fal: FalServer) -> None:
    """A cover that DEFAULT_METADATA puts on all posts keeps no post from a hero of its own."""
    blog.configure(DEFAULT_METADATA={"cover": "images/default.jpg"})
    blog.post("a.md", "Default")
    blog.post("b.md", "Chosen", Cover="images/mine.jpg")
    blog.build(env=fal.environment())
    assert blog.heroes() == {hero_name("Default")}


def test_older_articles_are_left_alone(blog: Blog, fal: FalServer) -> None:
    """FALHERO_SINCE draws nothing for what was published before that day."""
    blog.configure(FALHERO_SINCE="2026-11-01", FALHERO_INCLUDE=["pages"])
    blog.post("a.md", "October", Date="2026-10-31 23:59")
    blog.post("b.md", "November", Date="2026-11-01 00:01")
    blog.write("pages/about.md", "Title: Undated\n\nWords.\n")
    blog.build(env=fal.environment())
    assert blog.heroes() == {hero_name("November"), hero_name("Undated")}


def test_equal_titles_share_one_hero(blog: Blog, fal: FalServer) -> None:
    """Two posts of one title make one request, made from the older one, and never buy in turns."""
    blog.post("new.md", "Weekly notes", "The newer post.", Date="2026-11-09", Slug="new")
    blog.post("old.md", "Weekly notes", "The older post.", Date="2026-11-02", Slug="old")
    for _ in range(2):
        blog.build(env=fal.environment())
    assert fal.charges == 1
    assert "The older post" in fal.submissions[0].arguments["prompt"]
    assert blog.page("new.html")["url"] == blog.page("old.html")["url"] == f"images/heroes/{hero_name('Weekly notes')}"


def test_overrides_of_a_post_reach_its_request(blog: Blog, fal: FalServer) -> None:
    """A post's own prompt, seed, model, size, steps and alternative text go before the settings."""
    blog.configure(FALHERO_STEPS=28, FALHERO_SEED=7, FALHERO_GUIDANCE_SCALE=5)
    fields = {
        "Hero_Prompt": "A lighthouse at dawn. {style}",
        "Hero_Style": "woodcut",
        "Hero_Seed": "42",
        "Hero_Model": "schnell",
        "Hero_Size": "1200x640",
        "Hero_Alt": 'A "lighthouse" <drawn>',
    }
    blog.post("a.md", "Own", **fields)
    blog.post("b.md", "Steps", Hero_Steps="12")
    blog.post("c.md", "Settings")
    assert blog.build(env=fal.environment()).code == 0
    jobs = {job.arguments["prompt"].split(".")[0]: job for job in fal.submissions}
    own = jobs["A lighthouse at dawn"]
    assert own.endpoint == "fal-ai/flux/schnell"
    assert own.arguments == {
        "prompt": "A lighthouse at dawn. woodcut",
        "image_size": {"width": 1200, "height": 640},
        "num_inference_steps": 4,
        "guidance_scale": 3.5,
        "seed": 42,
        "output_format": "png",
    }
    assert (jobs["Steps"].arguments["num_inference_steps"], jobs["Steps"].arguments["seed"]) == (12, 7)
    assert jobs["Settings"].arguments["num_inference_steps"] == 28
    assert jobs["Settings"].arguments["guidance_scale"] == 5
    page = blog.page("own.html")
    assert page["alt"] == page["escaped"] == 'A "lighthouse" <drawn>'
    assert (page["width"], page["height"]) == ("1200", "640")


def test_a_bad_override_leaves_only_its_article_without_hero(blog: Blog, fal: FalServer) -> None:
    """A post's unusable field is one warning that names the file and the field; the other posts are drawn."""
    bad = [
        ("Hero_Seed", "-1", "must be a whole number"),
        ("Hero_Seed", "many", "must be a whole number"),
        ("Hero_Steps", "60", "must be 1 to 50"),
        ("Hero_Model", "devv", "must be one of"),
        ("Hero_Size", "huge", "must be one of"),
        ("Hero_Prompt", "{titel}", "has the unknown field {titel}"),
    ]
    for number, (field, value, _) in enumerate(bad):
        blog.post(f"bad{number}.md", f"Bad {number}", **{field: value})
    blog.post("good.md", "Good")
    built = blog.build(env=fal.environment())
    assert built.code == 0
    for number, (field, _, says) in enumerate(bad):
        assert built.output.count(f"bad{number}.md: {field} {says}") == 1
        assert blog.page(f"bad-{number}.html")["url"] == ""
    assert blog.heroes() == {hero_name("Good")}


def test_a_section_of_the_blog_has_one_look(blog: Blog, fal: FalServer) -> None:
    """FALHERO_STYLES gives a style by category or tag; the first that fits wins, and a post's own wins over all."""
    blog.configure(
        FALHERO_STYLE="a photograph", FALHERO_STYLES={"category:Python": "flat colours", "tag:graphs": "thin lines"}
    )
    blog.post("a.md", "Both", Category="python", Tags="graphs")
    blog.post("b.md", "Tagged", Tags="maths, Graphs")
    blog.post("c.md", "Neither", Category="Life")
    blog.post("d.md", "Its own", Category="Python", Hero_Style="oil")
    blog.build(env=fal.environment())
    styles = {
        job.arguments["prompt"].split(". ")[0]: job.arguments["prompt"].split(". ")[-1] for job in fal.submissions
    }
    assert styles == {"Both": "flat colours", "Tagged": "thin lines", "Neither": "a photograph", "Its own": "oil"}


def test_an_author_can_write_the_prompts_in_python(blog: Blog, fal: FalServer) -> None:
    """FALHERO_PROMPT may be a function of the article; where it fails, only that article has no hero."""
    blog.configure(
        "def FALHERO_PROMPT(article):\n"
        "    if article.slug == 'bad':\n        raise KeyError('mood')\n"
        "    return f'{article.slug} in {article.category}'\n"
    )
    blog.post("a.md", "Good", Category="Life")
    blog.post("b.md", "Bad")
    built = blog.build(env=fal.environment())
    assert [job.arguments["prompt"] for job in fal.submissions] == ["good in Life"]
    assert "b.md: FALHERO_PROMPT failed: KeyError: 'mood'" in built.output
    assert blog.page("bad.html")["url"] == ""


def test_a_prompt_function_is_called_once_a_build(blog: Blog, fal: FalServer) -> None:
    """From the plan to the ledger the author's function is asked once for each post, also where it fails."""
    blog.configure(
        "from pathlib import Path\n"
        "calls = []\n"
        "def FALHERO_PROMPT(article):\n"
        "    calls.append(Path(article.source_path).name)\n"
        "    Path('calls').write_text(' '.join(sorted(calls)))\n"
        "    return f'About {article.mood} {len(calls)}'\n"
    )
    blog.post("a.md", "Graphs", Mood="calm")
    blog.post("b.md", "Nodes")
    blog.post("c.md", "Trees", Mood="wild")
    built = blog.build(env=fal.environment())
    assert built.output.count("b.md: FALHERO_PROMPT failed") == 1
    assert (blog.root / "calls").read_text().split() == ["a.md", "b.md", "c.md"]
    assert blog.heroes() == {hero_name("Graphs"), hero_name("Trees")}
