"""falhero plan: every state with its prompt and price, for nothing and without any connection."""

from __future__ import annotations

from typing import Any

import fal_faults
import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from terminal import Terminal, at_home

STYLE = "Cinematic lighting, professional photography, 8K"


def states(terminal: Terminal, *arguments: str) -> dict[str, str]:
    """Source to state, of a plan."""
    document = terminal.falhero("plan", "--json", *arguments).json
    return {source: row["state"] for row in document["heroes"] for source in row["sources"]}


def row_of(terminal: Terminal, source: str) -> dict[str, Any]:
    """What the plan says of one post."""
    (row,) = (row for row in terminal.falhero("plan", "--json").json["heroes"] if source in row["sources"])
    return dict(row)


def test_no_prompt_is_built_for_a_hero_that_is_there(blog: Blog) -> None:
    """The text, which does not show it, needs none; the JSON tells it."""
    blog.configure("import sys\ndef FALHERO_PROMPT(article):\n    print('asked', file=sys.stderr)\n    return 'Snow'")
    blog.post("a.md", "Winter hikes")
    save_picture(blog.assets / hero_name("Winter hikes"))
    terminal = at_home(blog)
    assert terminal.falhero("plan").err == ""
    ran = terminal.falhero("plan", "--json")
    assert (ran.err, ran.json["heroes"][0]["prompt"]) == ("asked\n", "Snow")


def test_the_plan_tells_what_is_missing(blog: Blog) -> None:
    """Posts, files, prompts, prices and the sum are printed, those that are there in one line each."""
    blog.post("a.md", "Winter hikes", "Some words.", Date="2026-11-02")
    blog.post("b.md", "Summer hikes", Date="2026-11-01")
    save_picture(blog.assets / hero_name("Summer hikes"))
    ran = at_home(blog).falhero("plan")
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines == [
        "missing       content/a.md  $0.025",
        f"              content/images/heroes/{hero_name('Winter hikes')}",
        f"              Winter hikes. Some words. {STYLE}",
        f"present       content/b.md  content/images/heroes/{hero_name('Summer hikes')}",
        "1 hero there, 1 to make for $0.025",
    ]


def test_the_plan_can_leave_out_what_is_there(blog: Blog) -> None:
    """--missing lists only what is not there, in JSON too; the sum stays that of the whole site."""
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    save_picture(blog.assets / hero_name("Summer hikes"))
    terminal = at_home(blog)
    ran = terminal.falhero("plan", "--missing")
    assert "content/b.md" not in ran.out
    assert ran.lines[-1] == terminal.falhero("plan").lines[-1] == "1 hero there, 1 to make for $0.025"
    document = terminal.falhero("plan", "--missing", "--json").json
    assert [row["sources"] for row in document["heroes"]] == [["a.md"]]
    assert document["summary"]["there"] == 1


def test_a_post_that_is_not_there_is_looked_for_in_the_site(blog: Blog) -> None:
    """A name of which there is just one in the content folder is suggested, with its path from where one stands."""
    blog.post("graphs.md", "Graphs")
    blog.post("trips/alps.md", "Alps")
    blog.post("trips/index.md", "Trips")
    blog.post("notes/index.md", "Notes")
    terminal = at_home(blog)
    no_file = "there is no such file"
    for named, said in {
        "graphs.md": f"{no_file}; did you mean content/graphs.md?",
        "trips/alps.md": f"{no_file}; did you mean content/trips/alps.md?",
        "alps.md": f"{no_file}; did you mean content/trips/alps.md?",
        "index.md": no_file,
        "nowhere.md": no_file,
    }.items():
        ran = terminal.falhero("plan", named)
        assert (ran.code, ran.err) == (2, f"falhero: {named}: {said}\n")
    inside = terminal.at(blog.content / "notes").falhero("plan", "graphs.md")
    assert inside.err == "falhero: graphs.md: there is no such file; did you mean ../graphs.md?\n"


def test_the_plan_reaches_nobody_and_imports_little(blog: Blog, fal: FalServer) -> None:
    """With every connection refused it still works, and neither fal_client nor an HTTP library is imported."""
    blog.post("a.md", "Winter hikes")
    imported = blog.root / "imported"
    terminal = at_home(blog, fal.environment()).alone().with_(IMPORTED=str(imported))
    assert states(terminal) == {"a.md": "missing"}
    assert "pelican" in imported.read_text().split()
    assert not {"fal_client", "httpx", "requests", "urllib3", "PIL.PngImagePlugin"} & set(imported.read_text().split())
    assert not (blog.content / ".falhero").exists()


def test_what_is_bought_and_not_fetched_is_pending(blog: Blog, fal: FalServer) -> None:
    """A request that fal has taken is told as pending, and costs nothing more."""
    blog.configure(FALHERO_TIMEOUT=1)
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    fal.faults.add("status", fal_faults.status(500))
    assert terminal.falhero("generate").code == 1
    row = row_of(terminal, "a.md")
    assert (row["state"], row["usd"]) == ("pending", 0.0)
    assert "1 pending" in terminal.falhero("plan").lines[-1]
    fal.faults.clear()
    assert terminal.falhero("generate").code == 0
    assert fal.charges == 1


def test_what_fal_refused_is_told_with_its_reason(blog: Blog, fal: FalServer) -> None:
    """A refused request says why, and is not asked for again."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    fal.faults.add("submit", fal_faults.content_policy())
    assert terminal.falhero("generate").code == 1
    row = row_of(terminal, "a.md")
    assert row["state"] == "refused"
    assert "content checker" in row["reason"]
    assert "content checker" in terminal.falhero("plan").out


def test_what_has_changed_is_stale_where_that_is_wanted(blog: Blog, fal: FalServer) -> None:
    """With FALHERO_REFRESH = "changed" a hero whose request has changed would be drawn anew; else it is present."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate").code == 0
    blog.configure(FALHERO_STYLE="Woodcut")
    assert states(at_home(blog)) == {"a.md": "present"}
    blog.configure(FALHERO_REFRESH="changed")
    row = row_of(at_home(blog), "a.md")
    assert (row["state"], row["usd"]) == ("stale", 0.025)
    assert row["prompt"].endswith("Woodcut")


def test_what_the_money_does_not_reach_for_is_told_with_the_way_out(blog: Blog, fal: FalServer) -> None:
    """The newest posts fit the budget; the others are unaffordable, and the line's command buys exactly those."""
    blog.configure(FALHERO_BUDGET=0.05)
    for day in range(1, 5):
        blog.post(f"{day}.md", f"Day {day}", Date=f"2026-11-0{day}")
    terminal = at_home(blog, fal.environment())
    expected = {"1.md": "unaffordable", "2.md": "unaffordable", "3.md": "missing", "4.md": "missing"}
    assert states(terminal) == expected
    line = terminal.falhero("plan").lines[-1]
    assert line == (
        "2 of 4 heroes fit FALHERO_BUDGET ($0.05 a day); the rest would cost $0.05: falhero generate --budget 0.05"
    )
    assert terminal.falhero("generate").code == 1
    assert fal.charges == 2
    assert terminal.sh(line.rpartition(": ")[2]).code == 0
    assert fal.charges == 4


def test_a_model_without_a_price_is_told(blog: Blog) -> None:
    """An endpoint that is not in the catalogue is unpriced, until FALHERO_PRICES has it."""
    blog.configure(FALHERO_MODEL="fal-ai/new-model")
    blog.post("a.md", "Winter hikes")
    row = row_of(at_home(blog), "a.md")
    assert (row["state"], row["usd"], row["endpoint"]) == ("unpriced", None, "fal-ai/new-model")
    assert "price unknown" in at_home(blog).falhero("plan").out
    blog.configure(FALHERO_PRICES={"fal-ai/new-model": 0.07})
    assert row_of(at_home(blog), "a.md")["usd"] == 0.07


def test_a_retitled_post_keeps_its_picture(blog: Blog, fal: FalServer) -> None:
    """A post with another title than its picture's is told as retitled, for nothing."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    terminal.falhero("generate")
    blog.post("a.md", "Spring hikes")
    row = row_of(terminal, "a.md")
    assert (row["state"], row["usd"], row["file"]) == ("retitled", 0.0, hero_name("Spring hikes"))


def test_what_cannot_be_used_is_told_with_file_and_field(blog: Blog) -> None:
    """A bad override, a prompt that fails and a file that is no post are told; the others are planned all the same."""
    blog.configure("def FALHERO_PROMPT(article):\n    return article.title if article.title != 'Bad' else None")
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes", Hero_Size="huge")
    blog.post("c.md", "Bad")
    blog.write("notes.md", "only text\n")
    ran = at_home(blog).falhero("plan", "--json")
    assert ran.code == 0
    document = ran.json
    assert {row["title"]: row["state"] for row in document["heroes"]} == {"Winter hikes": "missing", "Bad": "invalid"}
    assert document["problems"][0].startswith("b.md: Hero_Size must be one of")
    shown = at_home(blog).falhero("plan").lines
    assert any(line.startswith("unusable      content/b.md: Hero_Size must be one of") for line in shown)
    assert "invalid       content/c.md" in shown
    assert "              FALHERO_PROMPT returned None, not a text" in shown
    assert document["problems"][1] == "Pelican can't read notes.md: could not find information about 'title'"
    (bad,) = (row for row in document["heroes"] if row["state"] == "invalid")
    assert bad["reason"] == "c.md: FALHERO_PROMPT returned None, not a text"
    assert (bad["prompt"], bad["usd"]) == (None, None)


def test_posts_and_folders_can_be_named(blog: Blog) -> None:
    """Named files and folders limit the plan, drafts are planned by their own name, and links to posts are posts."""
    blog.post("a.md", "Winter hikes")
    blog.post("trips/b.md", "Summer hikes")
    blog.post("trips/draft.md", "A draft", Status="draft")
    terminal = at_home(blog)
    assert states(terminal) == {"a.md": "missing", "trips/b.md": "missing"}
    assert states(terminal, "content/a.md") == {"a.md": "missing"}
    assert states(terminal, "content/trips") == {"trips/b.md": "missing"}
    assert states(terminal, "content/trips/draft.md") == {"trips/draft.md": "missing"}
    assert states(terminal, "content/trips/draft.md", "content/trips", "content/a.md", ".") == dict.fromkeys(
        ["a.md", "trips/b.md", "trips/draft.md"], "missing"
    )
    (blog.root / "link.md").symlink_to(blog.content / "a.md")
    assert states(terminal, "link.md") == {"a.md": "missing"}


def test_the_site_is_found_from_wherever_one_stands(blog: Blog) -> None:
    """A folder below the site, a post's path from outside, and -s with another name all find it."""
    blog.post("trips/b.md", "Summer hikes")
    terminal = at_home(blog)
    inside = terminal.at(blog.content / "trips")
    assert inside.falhero("plan").lines[0] == "missing       b.md  $0.025"
    assert states(inside, "b.md") == {"trips/b.md": "missing"}
    outside = terminal.at(blog.root.parent)
    assert states(outside, "blog/content/trips/b.md") == {"trips/b.md": "missing"}
    assert states(outside, "blog") == {"trips/b.md": "missing"}
    (blog.root / "pelicanconf.py").rename(blog.root / "settings.py")
    assert terminal.falhero("plan").code == 2
    assert states(terminal, "-s", "settings.py") == {"trips/b.md": "missing"}
    assert states(outside, "-s", "blog/settings.py", "blog/content/trips") == {"trips/b.md": "missing"}


def test_posts_are_found_as_the_build_finds_them(blog: Blog) -> None:
    """ARTICLE_PATHS, excluded folders, IGNORE_FILES, pages, hidden posts and plugins' readers count as in a build."""
    blog.configure(
        ARTICLE_PATHS=["posts"],
        ARTICLE_EXCLUDES=["posts/old"],
        IGNORE_FILES=["_*"],
        FALHERO_INCLUDE=["pages", "hidden"],
    )
    blog.configure(
        "from pelican import signals\n"
        "from pelican.readers import BaseReader\n"
        "class Shout(BaseReader):\n"
        "    enabled = True\n"
        "    file_extensions = ['shout']\n"
        "    def read(self, path):\n"
        "        text = open(path).read()\n"
        "        return text, {'title': text.strip().upper(), 'date': __import__('datetime').datetime(2026, 11, 1)}\n"
        "class Plugin:\n"
        "    @staticmethod\n"
        "    def register():\n"
        "        signals.readers_init.connect(Plugin.add, weak=False)\n"
        "    @staticmethod\n"
        "    def add(readers):\n"
        "        readers.reader_classes['shout'] = Shout\n"
        "PLUGINS = ['pelican_falhero', Plugin]"
    )
    blog.write("posts/a.shout", "winter hikes")
    blog.post("posts/b.md", "Hidden", Status="hidden")
    blog.post("posts/old/c.md", "Old")
    blog.post("posts/_d.md", "Ignored")
    blog.post("elsewhere.md", "Elsewhere")
    blog.post("pages/about.md", "About")
    document = at_home(blog).falhero("plan", "--json").json
    assert {row["title"] for row in document["heroes"]} == {"WINTER HIKES", "Hidden", "About"}


def test_posts_of_one_title_are_one_hero(blog: Blog) -> None:
    """Two posts of one title share a row, whose prompt comes from the older one, whichever is named."""
    blog.post("new.md", "Hikes", "New words.", Date="2026-11-02")
    blog.post("old.md", "Hikes", "Old words.", Date="2026-11-01")
    terminal = at_home(blog)
    for arguments in ([], ["content/new.md"]):
        (row,) = terminal.falhero("plan", "--json", *arguments).json["heroes"]
        assert row["sources"] == ["old.md", "new.md"]
        assert row["prompt"].startswith("Hikes. Old words.")


@pytest.mark.parametrize("plugins", [["pelican_falhero"], []])
def test_what_needs_no_hero_is_not_in_the_plan(blog: Blog, plugins: list[str]) -> None:
    """Opted-out posts and those with a picture of their own are left out, whether the plugin is switched on or not."""
    blog.configure(PLUGINS=plugins)
    blog.post("a.md", "Opted out", Hero="none")
    blog.post("b.md", "Own picture", Hero="images/own.png")
    blog.post("c.md", "Cover", Cover="images/own.png")
    save_picture(blog.content / "images" / "own.png")
    assert at_home(blog).falhero("plan").lines == ["0 heroes there, 0 to make for $0.00"]
