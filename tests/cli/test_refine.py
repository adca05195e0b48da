"""falhero refine: the hero of a post changed as its author says, paid for once, and the former one kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fal_faults
import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_exchange import Fault
from fal_jobs import Outcome
from fal_server import FalServer
from fal_timeouts import shortened
from PIL import Image, ImageChops
from promises import age_ledger
from running import Running
from terminal import Terminal, at_home

POST = "content/a.md"
HERO = hero_name("Winter hikes")
TEXT = "Warmer light, {no} people!  And <b>fog</b>."
EDIT = "fal-ai/flux-2/edit"


@pytest.fixture
def drawn(blog: Blog, fal: FalServer) -> Terminal:
    """A blog whose one post has its hero, of 256 by 192 pixels; it has cost 2.5 cents."""
    return draw(blog, fal)


@pytest.fixture
def drawn_large(blog: Blog, fal: FalServer) -> Terminal:
    """The same with a hero of 1024 by 768 pixels."""
    del blog.settings["FALHERO_IMAGE_SIZE"]
    return draw(blog, fal)


def draw(blog: Blog, fal: FalServer) -> Terminal:
    """Write the post and draw its hero."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate").code == 0
    return terminal


def hero(blog: Blog) -> bytes:
    """The file of the hero."""
    return (blog.assets / HERO).read_bytes()


def shown(terminal: Terminal) -> dict[str, Any]:
    """What show says of the post."""
    (row,) = terminal.falhero("show", "--json", POST).json["posts"]
    return row  # type: ignore[no-any-return]


def kill_refine(blog: Blog, fal: FalServer) -> None:
    """Refine, and kill it as soon as fal has taken the request and was asked for its status."""
    rule = fal.faults.add("submit", fal_faults.never_completes())
    asked = len(fal.requests_of("status"))
    with Running(blog, "refine", POST, TEXT, env=fal.environment(), module="pelican_falhero") as running:
        fal.wait_for("status", asked + 1)
        running.kill()
    assert rule.hits == 1
    fal.faults.clear()


def finish_jobs(fal: FalServer) -> None:
    """Let fal end what never completed, as if it had been slow."""
    fal.faults.add("status", fal_faults.ends("done", Outcome()))


def test_the_hero_is_sent_and_what_comes_back_is_the_hero(drawn_large: Terminal, blog: Blog, fal: FalServer) -> None:
    """One request, with the hero and the text as they are; the cost is fal's; the former hero is a version."""
    before = hero(blog)
    ran = drawn_large.falhero("refine", POST, TEXT, "--seed", "5")
    assert ran.code == 0, ran.err
    job = fal.submissions[1]
    assert (job.endpoint, job.invalid, job.unknown_fields) == (EDIT, False, [])
    (url,) = job.arguments.pop("image_urls")
    assert job.arguments == {
        "prompt": TEXT,
        "image_size": {"width": 1024, "height": 768},
        "output_format": "png",
        "seed": 5,
    }
    job.arguments["image_urls"] = [url]
    (sent,) = job.sent_pictures
    with Image.open(blog.content / shown(drawn_large)["versions"][1]["file"]) as former:
        assert sent.size == former.size == (1024, 768)
        differences = ImageChops.difference(sent.convert("RGB"), former.convert("RGB")).convert("L")
        assert sum(differences.histogram()[32:]) < 0.01 * 1024 * 768
    assert hero(blog) != before
    row = shown(drawn_large)
    assert (row["state"], row["prompt"], row["endpoint"], row["seed"], row["usd"]) == ("present", TEXT, EDIT, 5, 0.024)
    assert (row["width"], row["height"]) == (1024, 768)
    lines = drawn_large.falhero("show", POST).lines
    assert any("flux-2-edit (fal-ai/flux-2/edit)" in line for line in lines)
    assert f"  change    {TEXT}" in lines
    assert fal.charges == 2
    assert fal.cost_usd == pytest.approx(0.025 + 0.024)
    submitting = next(event for event in blog.events() if event.get("prompt") == TEXT)
    assert (submitting["event"], submitting["redraw"], submitting["usd"]) == ("submitting", True, 0.024)
    assert "data:image" not in blog.ledger.read_text()
    assert ran.lines[0].startswith(f"{POST}  content/images/heroes/{HERO}  ")
    assert ran.lines[0].endswith("$0.024")
    assert ran.lines[1:] == [f"the former one is kept: falhero show {POST}"]
    assert drawn_large.falhero("pick", POST, "2").code == 0
    assert hero(blog) == before


def test_the_same_text_again_is_about_another_picture(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """What was changed once is changed once more by the same words; with flash it is cheaper."""
    for _ in range(2):
        assert drawn.falhero("refine", POST, TEXT, "--model", "flux-2-flash-edit", "--seed", "5").code == 0
    assert [job.endpoint for job in fal.submissions[1:]] == ["fal-ai/flux-2/flash/edit"] * 2
    one, other = (job.arguments["image_urls"] for job in fal.submissions[1:])
    assert one != other
    assert fal.cost_usd == pytest.approx(0.025 + 2 * 0.01)
    assert sum(event["usd"] for event in blog.events() if event["event"] == "saved") == pytest.approx(fal.cost_usd)
    assert len(shown(drawn)["versions"]) == 3


@pytest.mark.parametrize(
    ("size", "sent", "asked", "usd"),
    [
        ((1536, 768), (1024, 512), (1536, 768), 0.012 * 3),
        pytest.param((3072, 2048), (1024, 683), (2048, 1365), 0.012 * 4, marks=pytest.mark.long),
        ((300, 200), (300, 200), (768, 512), 0.012 * 2),
    ],
    ids=str,
)
def test_a_large_hero_is_sent_smaller_and_comes_back_in_its_shape(
    drawn: Terminal,
    blog: Blog,
    fal: FalServer,
    size: tuple[int, int],
    sent: tuple[int, int],
    asked: tuple[int, int],
    usd: float,
) -> None:
    """At most 1024 pixels are sent, never more than there are; the result has the hero's size if the model can."""
    with Image.open(blog.assets / HERO) as image:
        save_picture(blog.assets / HERO, image=image.resize(size))
    assert drawn.falhero("refine", POST, TEXT).code == 0
    job = fal.submissions[1]
    assert [picture.size for picture in job.sent_pictures] == [sent]
    assert (job.width, job.height) == asked
    assert job.cost_usd == pytest.approx(usd)
    assert blog.events()[-1]["usd"] == pytest.approx(usd)


def test_a_dry_run_tells_everything_and_opens_no_connection(drawn_large: Terminal, blog: Blog, fal: FalServer) -> None:
    """The text, the model, the size and the price are shown; nothing is written or sent."""
    before = blog.ledger.read_bytes(), hero(blog), len(fal.requests)
    ran = drawn_large.alone().falhero("refine", "--dry-run", POST, TEXT, "--seed", "5")
    assert ran.code == 0, ran.err
    assert ran.lines == [
        f"{POST}  content/images/heroes/{HERO}  $0.024",
        f"  text    {TEXT}",
        "  model   flux-2-edit (fal-ai/flux-2/edit), seed 5",
        "  result  1024 × 768 pixels, in place of the hero, which is sent and kept",
        "1 hero to change for $0.024; dry run, nothing was sent",
    ]
    (row,) = drawn_large.alone().falhero("refine", "--dry-run", "--json", POST, TEXT).json["heroes"]
    assert (row["usd"], row["prompt"], row["reason"]) == (0.024, TEXT, "")
    assert row["arguments"]["image_urls"][0].startswith("falhero:file:sha256:")
    assert (blog.ledger.read_bytes(), hero(blog), len(fal.requests)) == before


def test_killed_it_is_fetched_by_the_next_run(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """After a kill -9 generate fetches what was paid for, and nothing is charged again; refine and pick wait for it."""
    before = hero(blog)
    kill_refine(blog, fal)
    assert hero(blog) == before
    assert shown(drawn)["state"] == "pending"
    ran = drawn.falhero("refine", POST, "another text")
    assert (ran.code, len(fal.submissions)) == (1, 2)
    assert f"{POST}: a picture that was paid for is not fetched yet; fetch it first with falhero generate" in ran.err
    finish_jobs(fal)
    ran = drawn.falhero("generate")
    assert ran.code == 0, ran.out + ran.err
    assert (hero(blog) != before, fal.charges, len(fal.submissions)) == (True, 2, 2)
    row = shown(drawn)
    assert (row["prompt"], row["endpoint"], len(row["versions"])) == (TEXT, EDIT, 2)
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == 2


@pytest.mark.parametrize(
    ("refresh", "by_build"),
    [
        ("missing", True),
        ("changed", False),
        pytest.param("missing", False, marks=pytest.mark.long),
        pytest.param("changed", True, marks=pytest.mark.long),
    ],
)
def test_lost_it_leaves_the_hero_as_it_is(
    drawn: Terminal, blog: Blog, fal: FalServer, refresh: str, by_build: bool
) -> None:
    """When fal no longer knows what was paid for, that is told and written down, and nothing is bought in its place."""
    before = hero(blog)
    blog.configure(FALHERO_REFRESH=refresh)
    kill_refine(blog, fal)
    fal.forget_all()
    blog.configure(shortened(unknown_request=0.3))
    blog.command()
    if by_build:
        built = blog.build(env=fal.environment())
        code, told = built.code, built.output
    else:
        ran = drawn.falhero("generate")
        code, told = ran.code, ran.err
    assert code == 0, told
    assert "($0.024) is lost: " in told
    assert "the hero stays as it is" in told
    assert (hero(blog), len(fal.submissions)) == (before, 2)
    last = blog.events()[-1]
    assert (last["event"], last["endpoint"], last["usd"]) == ("failed", EDIT, 0.024)
    assert drawn.alone().falhero("generate").lines[-1].startswith("0 heroes made, 1 there")
    assert shown(drawn)["state"] == "present"


def test_after_an_outage_it_is_still_fetched(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """While fal can't be reached nothing is given up."""
    blog.configure(shortened(unavailable=0.3))
    blog.command()
    kill_refine(blog, fal)
    rule = fal.faults.add("status", fal_faults.status(503))
    assert drawn.falhero("generate").code == 1
    assert rule.hits
    assert blog.events()[-1]["event"] == "submitted"
    fal.faults.clear()
    finish_jobs(fal)
    assert drawn.falhero("generate").code == 0
    assert (shown(drawn)["prompt"], fal.charges) == (TEXT, 2)


@pytest.mark.parametrize(
    "fault",
    [fal_faults.content_policy(), pytest.param(fal_faults.nsfw(), marks=pytest.mark.long)],
    ids=["content_policy", "nsfw"],
)
def test_refused_it_is_not_sent_again(drawn: Terminal, blog: Blog, fal: FalServer, fault: Fault) -> None:
    """The hero stays; the same text is sent again with --retry only, and another text at once."""
    before = hero(blog)
    fal.faults.add("submit", fault)
    ran = drawn.falhero("refine", POST, TEXT)
    assert (ran.code, len(fal.submissions)) == (1, 2)
    assert ran.lines[-1].endswith("; the hero stays as it is")
    again = drawn.alone().falhero("refine", POST, TEXT)
    assert (again.code, len(fal.submissions)) == (1, 2)
    assert "--retry sends it again" in again.out
    assert blog.build(env=fal.environment()).code == 0
    assert drawn.falhero("check").code == 0
    assert (hero(blog), len(fal.submissions)) == (before, 2)
    fal.faults.clear()
    assert drawn.falhero("refine", "--retry", POST, TEXT).code == 0
    assert drawn.falhero("refine", POST, TEXT).code == 0
    assert len(fal.submissions) == 4
    spent = drawn.falhero("spend", "--json").json["summary"]["usd"]
    assert spent == pytest.approx(fal.cost_usd)


def test_refused_after_a_kill_it_leaves_the_hero_as_it_is(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """A refusal that only the next run hears of is told there, and draws nothing else."""
    before = hero(blog)
    kill_refine(blog, fal)
    fal.faults.add("status", fal_faults.content_policy())
    ran = drawn.falhero("generate")
    assert ran.code == 0, ran.out
    assert "a change of the hero came to nothing: " in ran.err
    assert blog.events()[-1]["event"] == "refused"
    assert (hero(blog), len(fal.submissions)) == (before, 2)


def test_what_takes_too_long_is_fetched_later(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """After FALHERO_TIMEOUT it says that the picture is paid for, and which command fetches it."""
    blog.configure(FALHERO_TIMEOUT=1)
    blog.command()
    fal.faults.add("submit", fal_faults.never_completes())
    ran = drawn.falhero("refine", POST, TEXT)
    assert (ran.code, ran.lines[-1].endswith("; it is paid for, and falhero generate fetches it")) == (1, True)
    fal.faults.clear()
    finish_jobs(fal)
    assert drawn.falhero("generate").code == 0
    assert (shown(drawn)["prompt"], fal.charges) == (TEXT, 2)


def test_a_job_that_fails_leaves_the_hero_as_it_is(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """What fal can't do is told with exit code 1, and costs nothing."""
    before = hero(blog)
    fal.faults.add("submit", fal_faults.no_media())
    ran = drawn.falhero("refine", "--json", POST, TEXT)
    assert (ran.code, fal.charges, hero(blog)) == (1, 1, before)
    document = ran.json
    assert document["summary"]["refined"] == document["summary"]["usd"] == 0
    assert document["heroes"][0]["file"] == HERO
    assert document["problems"][0].endswith("; the hero stays as it is")


def test_without_an_answer_it_counts_as_spent(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """A submit whose outcome nobody knows is not sent again, and counts against the budget."""
    fal.faults.add("submit", fal_faults.drop_after())
    ran = drawn.falhero("refine", POST, TEXT)
    assert ran.code == 1
    assert "$0.024 may have been charged; the hero stays as it is" in ran.out
    fal.faults.clear()
    assert blog.build(env=fal.environment()).code == 0
    assert len(fal.submissions) == 2
    assert drawn.falhero("spend", "--json").json["summary"]["usd"] == pytest.approx(0.049)


def test_what_does_not_fit_the_budget_is_not_sent(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """The daily budget holds, and --budget is for this run; the message says which amount would do."""
    blog.configure(FALHERO_BUDGET=0.04)
    blog.command()
    ran = drawn.falhero("refine", POST, TEXT)
    assert (ran.code, fal.charges) == (1, 1)
    assert ran.lines == [
        f"{POST}: $0.024 does not fit what is left of the budget; --budget 0.03 allows it; the hero stays as it is"
    ]
    assert drawn.falhero("refine", "--dry-run", POST, TEXT).lines == ran.lines
    assert drawn.falhero("refine", "--budget", "0.02", POST, TEXT).code == 1
    assert drawn.falhero("refine", "--budget", "0.03", POST, TEXT).code == 0
    assert fal.charges == 2
    age_ledger(blog, hours=25)
    assert drawn.falhero("refine", POST, TEXT).code == 0
    assert fal.charges == 3


def test_it_is_fresh_as_long_as_the_post_asks_for_the_same(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """With FALHERO_REFRESH = "changed" a changed hero stays until the post itself asks for something else."""
    blog.configure(FALHERO_REFRESH="changed")
    blog.command()
    assert drawn.falhero("refine", POST, TEXT).code == 0
    assert drawn.falhero("check", "--fresh").code == 0
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == 2
    blog.post("a.md", "Winter hikes", "Quite other words.")
    assert drawn.falhero("check", "--fresh").code == 1
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == 3


def test_posts_with_one_title_share_what_was_changed(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """A second post with the title shows the changed hero, whichever of the two was named."""
    blog.post("b.md", "Winter hikes", Slug="b", Date="2026-11-02 10:00")
    assert drawn.falhero("refine", "content/b.md", TEXT).code == 0
    assert blog.events()[-1]["source"] == "a.md"
    assert blog.build(env=fal.environment()).code == 0
    assert fal.charges == 2
    assert (blog.output / blog.page("b.html")["url"]).read_bytes() == hero(blog)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("content/b.md", TEXT), 2, "content/b.md has no hero; make its hero first: falhero generate content/b.md"),
        (("content/own.md", TEXT), 2, "has its own picture"),
        (("content/none.md", TEXT), 2, "says Hero: none"),
        (("content", TEXT), 2, "content is a folder; name one post"),
        (("content/typo.md", TEXT), 2, "Hero_Stile"),
        ((POST, "  "), 2, "TEXT is empty"),
        ((POST, "warmer", "light"), 2, 'put TEXT in quotes: "warmer light"'),
        ((POST, "x" * 501), 2, "TEXT has 501 characters; it is sent as it is, so shorten it to 500"),
        ((POST, "as <lora:ink:0.5> ink"), 2, "TEXT names a LoRA"),
        ((POST, TEXT, "--model", "dev"), 2, "--model must be one of flux-2-edit, flux-2-flash-edit"),
        ((POST, TEXT, "--seed", "-1"), 2, "--seed must be a whole number"),
        ((POST, TEXT, "--budget", "much"), 2, "--budget must be a number of USD"),
        ((POST,), 2, "the following arguments are required: TEXT"),
        (("content/half.md", TEXT), 1, f"content/half.md: its hero images/heroes/{hero_name('Half')} can't be sent"),
    ],
)
def test_what_cannot_be_changed_is_told(
    blog: Blog, fal: FalServer, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """Each error names the post or the option and what to do, and nothing is sent."""
    blog.post("a.md", "Winter hikes")
    save_picture(blog.assets / HERO)
    blog.post("b.md", "Summer hikes")
    blog.post("own.md", "Mine", Hero="images/mine.png")
    save_picture(blog.content / "images" / "mine.png")
    blog.post("none.md", "Nothing", Hero="none")
    blog.post("typo.md", "Typo", Hero_Stile="ink")
    blog.post("half.md", "Half")
    (blog.assets / hero_name("Half")).write_bytes(hero(blog)[: len(hero(blog)) // 2])
    ran = at_home(blog, fal.environment()).alone().falhero("refine", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not fal.requests


def test_a_title_card_is_no_hero(blog: Blog, fal: FalServer) -> None:
    """Where only a card stands for the hero, the error says so."""
    blog.configure(FALHERO_BUDGET=0)
    blog.post("a.md", "Winter hikes")
    assert blog.build(env=fal.environment()).code == 0
    ran = at_home(blog, fal.environment()).alone().falhero("refine", POST, TEXT)
    assert (ran.code, f"{POST} has only a title card; make its hero first: falhero generate" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("env", "settings", "code", "says"),
    [
        ({"CI": "1"}, {}, 1, "a build with CI set spends nothing"),
        ({"FAL_KEY": ""}, {}, 1, "there are no credentials for fal"),
        ({}, {"FALHERO_PROVIDER": "none"}, 2, "heroes are changed with fal, but the provider is none"),
    ],
)
def test_where_nothing_may_be_spent_nothing_is_sent(
    blog: Blog, fal: FalServer, env: dict[str, str], settings: dict[str, Any], code: int, says: str
) -> None:
    """The rules of every run that spends hold here too."""
    blog.configure(**settings)
    blog.post("a.md", "Winter hikes")
    save_picture(blog.assets / HERO)
    ran = at_home(blog, fal.environment()).alone().with_(**env).falhero("refine", POST, TEXT)
    assert (ran.code, says in ran.err, len(fal.requests)) == (code, True, 0), ran.err


@pytest.mark.parametrize("name", ["flux-2-edit", "fal-ai/flux-2/flash/edit"])
def test_a_model_that_edits_is_no_model_for_drawing(blog: Blog, fal: FalServer, name: str) -> None:
    """As --model, Hero_Model and FALHERO_MODEL it is an error that names refine, and nothing is drawn with it."""
    blog.post("a.md", "Winter hikes")
    save_picture(blog.assets / HERO)
    drawn = at_home(blog, fal.environment())
    says = f"must be a model that draws, not '{name}': it changes a hero that is there, for falhero refine"
    ran = drawn.falhero("generate", "--force", "--model", name, POST)
    assert (ran.code, f"--model {says}" in ran.err) == (2, True)
    blog.post("b.md", "Summer hikes", Hero_Model=name)
    ran = drawn.falhero("generate")
    assert (ran.code, f"Hero_Model {says}" in ran.out) == (1, True)
    blog.configure(FALHERO_MODEL=name)
    blog.command()
    ran = drawn.falhero("generate")
    assert (ran.code, f"FALHERO_MODEL {says}" in ran.err) == (2, True)
    assert not fal.submissions


def test_a_price_of_ones_own_is_for_the_whole_change(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """FALHERO_PRICES gives the price of one changed hero, and what fal bills is measured by it."""
    blog.configure(FALHERO_PRICES={"flux-2-edit": 0.05})
    blog.command()
    assert drawn.falhero("refine", "--dry-run", POST, TEXT).lines[0].endswith("$0.05")
    assert drawn.falhero("refine", POST, TEXT).code == 0
    assert blog.events()[-1]["usd"] == pytest.approx(0.05)


def test_in_a_repository_it_says_what_to_commit(drawn: Terminal, blog: Blog) -> None:
    """As after generate, the last line names what is new."""
    drawn.git("init", "--quiet")
    ran = drawn.falhero("refine", POST, TEXT)
    assert ran.lines[-1] == "commit what is new in content/images/heroes and content/.falhero"
    assert Path(blog.assets / HERO).is_file()


def test_no_language_model_is_asked(drawn: Terminal, blog: Blog, fal: FalServer) -> None:
    """With FALHERO_DIRECTOR too the text is sent as it is: a hero without a brief gets none, and pays for none."""
    blog.configure(FALHERO_DIRECTOR="google/gemini-2.5-flash", FALHERO_REFRESH="changed")
    blog.post("a.md", "Winter hikes", "Quite other words.")
    blog.command()
    assert drawn.falhero("refine", "--dry-run", POST, TEXT).lines[0].endswith("$0.024")
    assert drawn.falhero("refine", POST, TEXT).code == 0
    assert [job.endpoint for job in fal.submissions[1:]] == [EDIT]
    assert fal.submissions[1].arguments["prompt"] == TEXT
    assert blog.build(env=fal.environment()).code == 0
    assert len(fal.submissions) == 2
