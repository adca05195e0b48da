"""What a build says of heroes that are not there, and what its pages show instead."""

from __future__ import annotations

from typing import Any

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from PIL import Image
from promises import write_posts

COMMIT = "commit content/images/heroes and content/.falhero/ledger.jsonl"


def draw(blog: Blog, title: str) -> None:
    """Put a hero into the assets folder."""
    blog.assets.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").save(blog.assets / hero_name(title))


def test_a_used_up_budget_is_said_by_every_build(blog: Blog, fal: FalServer) -> None:
    """What the budget does not pay for is a card, and each build says so; what was made wants committing."""
    write_posts(blog, 3)
    blog.configure(FALHERO_BUDGET=0.03)
    built = blog.build(env=fal.environment())
    assert built.line("heroes:") == f"heroes: 1 made, 0 there, 2 cards (budget: falhero plan), $0.025; {COMMIT}"
    again = blog.build("--fatal", "warnings", env=fal.environment())
    assert (again.code, again.line("heroes:")) == (0, "heroes: 1 there, 2 cards (budget: falhero plan)")
    assert blog.page("post-1.html")["card"] == "True"
    assert fal.charges == 1


@pytest.mark.parametrize(
    ("settings", "env", "line"),
    [
        ({}, {"FAL_KEY": ""}, "heroes: 1 there, 1 card (no key: falhero plan)"),
        ({"FALHERO_PROVIDER": "none"}, {}, "heroes: 1 there, 1 missing (provider none)"),
        ({"FALHERO_PROVIDER": "card"}, {}, ""),
        ({}, {"CI": "1"}, "heroes: 1 there, 1 card (CI)"),
        ({"FALHERO_MODEL": "someone/model"}, {}, "heroes: 1 there, 1 card (price unknown)"),
        ({"FALHERO_ON_ERROR": "warn", "FALHERO_BUDGET": 0}, {}, "heroes: 1 there, 1 missing (budget: falhero plan)"),
    ],
    ids=["no key", "none", "card", "CI", "price unknown", "warn"],
)
def test_each_reason_is_said_again_by_the_second_build(
    blog: Blog, fal: FalServer, settings: dict[str, Any], env: dict[str, str], line: str
) -> None:
    """A published post without its hero is never passed over; where cards were asked for, nothing is missing."""
    write_posts(blog, 2)
    draw(blog, "Post 1")
    blog.configure(**settings)
    for _ in range(2):
        built = blog.build(env=fal.environment() | env)
        assert built.code == 0
    assert built.line("heroes:") == line
    assert fal.requests == []


def test_what_fal_refuses_and_fields_that_cannot_be_used_are_counted(blog: Blog, fal: FalServer) -> None:
    """The line after a refusal counts it, with the posts whose own fields are wrong."""
    write_posts(blog, 2)
    blog.post("bad.md", "Bad", Hero_Steps="many", Date="2026-01-01")
    fal.faults.add("submit", fal_faults.content_policy(), nth=1)
    blog.configure(FALHERO_CONCURRENCY=1)
    first = blog.build(env=fal.environment())
    assert first.tally == "heroes: 1 made, 0 there, 1 card (refused), 1 missing (fields), $0.025"
    again = blog.build(env=fal.environment())
    assert again.line("heroes:") == "heroes: 1 there, 1 card (refused: falhero plan), 1 missing (fields)"
    assert "bad.md: Hero_Steps" in again.output


def test_a_rebuild_says_that_it_draws_nothing(blog: Blog, fal: FalServer) -> None:
    """The second build in one process shows a card for a new post, and says so; with all heroes there it is silent."""
    write_posts(blog, 1)
    blog.command()
    told = blog.python(
        "import pelican\n"
        "from pathlib import Path\n"
        "pelican.main(['-s', 'pelicanconf.py'])\n"
        "pelican.main(['-s', 'pelicanconf.py'])\n"
        "Path('content/new.md').write_text('Title: New\\nDate: 2026-11-02\\n\\nText.\\n')\n"
        "pelican.main(['-s', 'pelicanconf.py'])\n",
        env=fal.environment(),
    )
    assert [line for line in told.splitlines() if line.startswith("heroes: 1 ")] == [
        f"heroes: 1 made, 0 there, $0.025; {COMMIT}",
        "heroes: 1 there, 1 card (rebuild: falhero plan)",
    ]
    assert blog.page("new.html")["card"] == "True"
    assert fal.charges == 1


def test_the_dry_run_says_what_the_budget_does_not_reach_for(blog: Blog, fal: FalServer) -> None:
    """A dry run tells what would be made, what would not, and what that would cost."""
    write_posts(blog, 3)
    blog.configure(FALHERO_BUDGET=0.06, FALHERO_DRY_RUN=True)
    built = blog.build(env=fal.environment())
    assert built.line("heroes:") == "heroes: 0 there, 2 to make for $0.05, 1 not (budget); dry run, nothing was made"
    assert "unaffordable" in built.output
    assert "2 of 3 heroes fit FALHERO_BUDGET ($0.06 a day); the rest would cost $0.025" in built.output
    assert fal.requests == []


def test_a_build_that_is_to_fail_names_posts_and_reasons_in_short(blog: Blog, fal: FalServer) -> None:
    """With FALHERO_ON_ERROR = "fail" the build exits with 1 after a short message, and what was bought is saved."""
    write_posts(blog, 3)
    blog.configure(FALHERO_ON_ERROR="fail", FALHERO_BUDGET=0.06, FALHERO_CONCURRENCY=1)
    fal.faults.add("submit", fal_faults.content_policy(), nth=1)
    built = blog.build(env=fal.environment())
    assert built.code == 1
    assert "Traceback" not in built.output
    assert built.output.splitlines()[-1] == (
        'falhero: 2 heroes could not be made, and FALHERO_ON_ERROR is "fail": post3.md (refused); post1.md (budget)'
    )
    assert blog.heroes() == {hero_name("Post 2")}
    assert not (blog.output / "post-2.html").exists()


def test_a_wrong_key_is_no_worse_than_none(blog: Blog, fal: FalServer) -> None:
    """When fal does not know the key, pages show cards, as they do without one."""
    write_posts(blog, 2)
    built = blog.build(env=fal.environment(key="wrong:key"))
    assert built.code == 0
    assert built.line("heroes:") == "heroes: 0 there, 2 cards (failed), $0.00"
    assert [blog.page(f"post-{number}.html")["card"] for number in (1, 2)] == ["True", "True"]
    assert blog.heroes() == set()


def test_a_field_that_cannot_be_used_takes_no_hero_away(blog: Blog) -> None:
    """A picture that is there is shown although a field of its post is wrong, and the field is named."""
    blog.post("a.md", "Hills", Hero_Steps="many")
    draw(blog, "Hills")
    built = blog.build(env={"FAL_KEY": ""})
    assert blog.page("hills.html")["url"] == f"images/heroes/{hero_name('Hills')}"
    assert "a.md: Hero_Steps" in built.output
