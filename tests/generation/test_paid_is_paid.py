"""What was paid for is fetched, whatever its author or a proxy did meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import fal_faults
import pytest
from blog import Blog, hero_name
from fal_exchange import Fault
from fal_schemas import Price
from fal_server import FalServer
from killing import kill_while_fal_draws
from PIL import Image
from promises import age_ledger, assert_all_there, assert_sound, write_posts
from terminal import at_home
from test_resume import left_pending

SCRIBBLE = "fal-ai/image-preprocessors/scribble"


def edit_words(blog: Blog) -> None:
    """Other words in a post, and a summary."""
    blog.post("post1.md", "Post 1", "Quite other words.", Date="2026-10-01 10:00", Summary="What it is about.")


def edit_settings(blog: Blog) -> None:
    """Another look and another model for the whole blog."""
    blog.configure(FALHERO_STYLE="Ink on paper", FALHERO_MODEL="schnell")


def spoil_field(blog: Blog) -> None:
    """A prompt that names a LoRA which is not in the library."""
    blog.post("post1.md", "Post 1", Hero_Prompt="A map <lora:nobody>", Date="2026-10-01 10:00")


EDITS = [edit_words, edit_settings, spoil_field]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edit_while_a_picture_is_pending_pays_nothing(
    blog: Blog, fal: FalServer, edit: Callable[[Blog], None]
) -> None:
    """A pending picture is fetched for its hero's name, whatever of post or settings was edited since."""
    titles = left_pending(blog, fal, 1)
    edit(blog)
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, titles)
    assert fal.charges == 1
    assert built.tally == "heroes: 1 made, 0 there, $0.00"
    assert "falhero: " not in built.output


def test_a_pending_picture_is_planned_with_the_prompt_that_asked_for_it(blog: Blog, fal: FalServer) -> None:
    """What is fetched was asked for with the words of then, and that is what the plan shows."""
    left_pending(blog, fal, 1)
    edit_words(blog)
    (row,) = at_home(blog, fal.environment()).falhero("plan", "--json").json["heroes"]
    assert (row["state"], row["usd"]) == ("pending", 0)
    assert row["prompt"].startswith("Post 1. Words of post 1.")


def test_a_retitle_while_a_picture_is_pending_pays_nothing(blog: Blog, fal: FalServer) -> None:
    """A pending picture follows its post's file to the new title, and the next retitle takes it along."""
    left_pending(blog, fal, 1)
    for title in ("Another title", "A third title"):
        blog.post("post1.md", title, "Words of post 1.", Date="2026-10-01 10:00")
        assert_sound(blog, fal, blog.build(env=fal.environment()))
        assert hero_name(title) in blog.heroes()
    assert fal.charges == 1


def test_a_shared_request_stays_with_who_asks_for_it(blog: Blog, fal: FalServer) -> None:
    """A try that two posts share is fetched for both, and never becomes the picture of a third request."""
    for number in (1, 2):
        blog.post(f"post{number}.md", f"Post {number}", Hero_Prompt="One map for both", Hero_Seed="7")
    kill_while_fal_draws(blog, fal, 1)
    assert (fal.charges, blog.heroes()) == (1, set())
    # The post under whose name the try stands now asks for what a third one asks for, too.
    holder = next(event["source"] for event in blog.events())
    blog.post(holder, f"Post {holder[4]}", Hero_Prompt="Another map", Hero_Seed="7")
    blog.post("post3.md", "Post 3", Hero_Prompt="Another map", Hero_Seed="7")
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, ["Post 1", "Post 2", "Post 3"])
    assert fal.charges == 2
    pictures = [(blog.assets / hero_name(f"Post {number}")).read_bytes() for number in (1, 2, 3)]
    assert pictures[0] == pictures[1] != pictures[2]


def test_a_killed_redraw_is_fetched_by_the_next_build(blog: Blog, fal: FalServer) -> None:
    """What --force paid for and did not fetch comes with the next build, which need not be told to."""
    write_posts(blog, 1)
    blog.build(env=fal.environment())
    before = (blog.assets / hero_name("Post 1")).read_bytes()
    blog.configure(FALHERO_SEED=7)
    blog.command()
    kill_while_fal_draws(blog, fal, 1, "generate", "--force", "content/post1.md")
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert built.tally == "heroes: 1 made, 0 there, $0.00"
    assert (blog.assets / hero_name("Post 1")).read_bytes() != before
    assert fal.charges == 2
    count = len(fal.requests)
    assert "heroes:" not in blog.build(env=fal.environment()).output
    assert len(fal.requests) == count


WITHHELD = [
    ("result", fal_faults.nginx(503)),
    pytest.param("result", fal_faults.replaced("{}"), marks=pytest.mark.long),
    ("status", fal_faults.nginx(404)),
]


@pytest.mark.parametrize(("stage", "fault"), WITHHELD, ids=lambda value: getattr(value, "name", value))
def test_no_outage_is_a_loss_before_a_day(blog: Blog, fal: FalServer, stage: str, fault: Fault) -> None:
    """What a proxy or an outage keeps back for hours stays paid for, and comes with a later build."""
    titles = left_pending(blog, fal, 1)
    age_ledger(blog, hours=20)
    rule = fal.faults.add(stage, fault)  # type: ignore[arg-type]
    held = blog.build(env=fal.environment())
    assert_sound(blog, fal, held)
    assert rule.hits
    assert "It is paid for; the next build fetches it" in held.output
    fal.faults.clear()
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert_all_there(blog, titles)
    assert fal.charges == 1


def test_a_loss_is_told(blog: Blog, fal: FalServer) -> None:
    """A picture that can't be had for a day of fal's clock is bought once more, and the user is told of the loss."""
    titles = left_pending(blog, fal, 1)
    age_ledger(blog, hours=25)
    fal.forget_all()
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert_all_there(blog, titles)
    assert "post1.md: the picture that was paid for on " in built.output
    assert "is lost: fal no longer knows the request" in built.output
    assert fal.charges == 2


def test_a_refused_scribble_is_not_sent_again(blog: Blog, fal: FalServer) -> None:
    """Where fal refuses to prepare the control image, that is final until the request changes or --retry."""
    blog.configure(FALHERO_PRICES={SCRIBBLE: 0.01})
    fal.prices[SCRIBBLE] = Price(0.01, "images")
    Image.linear_gradient("L").resize((512, 512)).save(blog.content / "sketch.png")
    blog.post("post1.md", "Post 1", Hero_Control="sketch.png", Hero_Control_Type="scribble")
    fal.faults.add("submit", fal_faults.content_policy(), endpoint=SCRIBBLE)
    refused = blog.build(env=fal.environment())
    assert "It is not asked for again until its request changes" in refused.output
    sent = len(fal.requests_of("submit"))
    assert_sound(blog, fal, blog.build(env=fal.environment()))
    assert len(fal.requests_of("submit")) == sent == 1


def test_retry_drops_a_picture_that_can_not_be_used(blog: Blog, fal: FalServer) -> None:
    """A pending picture that never passes the checks is bought again only where --retry says so."""
    left_pending(blog, fal, 1)
    blog.command()
    rule = fal.faults.add("download", fal_faults.tiny())
    here = at_home(blog, fal.environment())
    assert (
        "It is paid for; the next build fetches it again, and falhero generate --retry" in here.falhero("generate").out
    )
    assert (fal.charges, rule.hits > 0) == (1, True)
    fal.faults.clear()
    fal.faults.add("download", fal_faults.tiny(), times=3)
    assert here.falhero("generate", "--retry").code == 0
    assert fal.charges == 2


@pytest.mark.parametrize("turned", [False, True], ids=["to the site", "from the site"])
def test_a_picture_in_another_folder_is_copied(blog: Blog, fal: FalServer, turned: bool) -> None:
    """What the script drew into another folder is there for nothing, and so is a changed FALHERO_ASSETS_DIR."""
    write_posts(blog, 2)
    blog.command()
    here = at_home(blog, fal.environment())
    if turned:
        assert here.falhero("generate").code == 0
        blog.configure(FALHERO_ASSETS_DIR="images/covers")
        folder = blog.content / "images" / "covers"
    else:
        for number in (1, 2):
            assert here.script(f"content/post{number}.md", "--output", "content/assets/images").code == 0
        folder = blog.assets
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert fal.charges == 2
    assert {path.name for path in folder.iterdir()} == {hero_name("Post 1"), hero_name("Post 2")}
    (folder / hero_name("Post 1")).unlink()
    blog.build(env=fal.environment())
    assert fal.charges == 3


def test_every_second_answer_lost(blog: Blog, fal: FalServer) -> None:
    """a run halts when two submits, and a quarter of those it sent, ended without an answer."""
    write_posts(blog, 7)
    blog.configure(FALHERO_CONCURRENCY=1)
    fal.faults.add("submit", fal_faults.drop_after(), nth=range(2, 60, 2))
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    assert "3 heroes not made: fal gave no clear answer to 2 of 4 requests" in built.output
    assert fal.charges == 4
