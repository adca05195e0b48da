"""falhero generate's options: what reaches fal, what goes before what, and values that can't be used."""

from __future__ import annotations

from pathlib import Path

import fal_faults
import pytest
from blog import Blog, hero_name
from builders import save_picture
from fal_server import FalServer
from terminal import at_home

from pelican_falhero.cli.main import main

COUNTING = """
calls = []

def FALHERO_PROMPT(article):
    from pathlib import Path
    calls.append(Path(article.source_path).name)
    Path("calls").write_text(" ".join(sorted(calls)))
    assert article.title != "Summer hikes"
    return f"About {article.title} {len(list(filter('a.md'.__eq__, calls)))}"
"""
"""A prompt function that says each time something else, and fails for one post."""


def prompts(fal: FalServer) -> list[str]:
    """What was asked of fal, in order."""
    return [str(job.arguments["prompt"]) for job in fal.submissions]


def test_options_go_before_fields_and_settings(blog: Blog, fal: FalServer) -> None:
    """What the command line says of the picture reaches fal, and wins over the post's own fields."""
    blog.configure(FALHERO_STYLE="The blog's look", FALHERO_SEED=1)
    fields = {"Hero_Style": "The post's look", "Hero_Seed": "2", "Hero_Size": "square", "Hero_Steps": "5"}
    blog.post("a.md", "Winter hikes", "Words.", Hero_Model="krea", **fields)
    terminal = at_home(blog, fal.environment())
    options = ["--model", "schnell", "--style", "My look", "--seed", "7", "--size", "1200x640", "--steps", "3"]
    assert terminal.falhero("generate", "content/a.md", *options).code == 0
    assert terminal.falhero("generate", "content/a.md", "--force", "--prompt", "Only {title}").code == 0
    mine, post = fal.submissions
    assert (mine.endpoint, dict(mine.arguments)) == (
        "fal-ai/flux/schnell",
        {
            "prompt": "Winter hikes. Words. My look",
            "seed": 7,
            "image_size": {"width": 1200, "height": 640},
            "num_inference_steps": 3,
            "guidance_scale": 3.5,
            "output_format": "png",
        },
    )
    assert post.endpoint == "fal-ai/flux/krea"
    assert (post.arguments["prompt"], post.arguments["seed"]) == ("Only Winter hikes", 2)


def test_options_hold_for_posts_that_share_the_hero(blog: Blog, fal: FalServer) -> None:
    """Where an older post decides the prompt, the command line goes before that one's fields, too."""
    blog.post("old.md", "Hikes", "Old words.", Date="2026-11-01", Hero_Style="Old look")
    blog.post("new.md", "Hikes", "New words.", Date="2026-11-02")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate", "content/new.md", "--style", "My look").code == 0
    assert prompts(fal) == ["Hikes. Old words. My look"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--steps", "99"], "--steps must be 1 to 50 for fal-ai/flux/dev, not 99 (a.md)"),
        (["--steps", "13", "--model", "schnell"], "--steps must be 1 to 12 for fal-ai/flux/schnell, not 13 (a.md)"),
        (
            ["--steps", "60", "--model", "pro", "--lora", "me/ink"],
            "--steps must be 1 to 50 for fal-ai/flux-lora, not 60",
        ),
        (["--steps", "many"], "--steps must be a whole number from 1 to 100, not 'many'"),
        (["--seed", "-1"], "--seed must be"),
        (["--size", "huge"], "--size must be one of"),
        (["--size", "49x49"], "--size must have sides of 64 to 14142 pixels, not '49x49'"),
        (["--size", "8001x8001"], "--size must have at most 64000000 pixels, not '8001x8001'"),
        (
            ["--size", "1200x630", "--model", "flux-2-pro"],
            "--size must have sides of 256 to 2560 pixels, in steps of 16",
        ),
        (["--model", "not a model"], "--model"),
        (["--prompt", "{titel}"], "--prompt has the unknown field {titel}"),
        (["--prompt", "{"], "--prompt has a single brace"),
        (["--style", " "], "--style is empty"),
        (["--seed", ""], "--seed is empty"),
        (["--control", "nowhere.png"], "--control nowhere.png: there is no such file"),
        (["--control-type", "mood"], "--control-type must be one of"),
        (["--control-scale", "9"], "--control-scale must be"),
        (["--budget", "lots"], "--budget must be a number of USD from 0, not 'lots'"),
        (["--budget", "-1"], "--budget must be a number of USD from 0, not '-1'"),
        (["--budget", "nan"], "--budget must be a number of USD from 0, not 'nan'"),
        (["--force", "--provider", "card"], "--force draws with fal, but the provider is card"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_values_that_cannot_be_used_are_one_line(
    tmp_path: Path,
    arguments: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A bad value is one line that names its option, with exit code 2."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a.md").write_text("---\ntitle: Winter hikes\n---\n")
    monkeypatch.chdir(tmp_path)
    assert main(["generate", "a.md", *arguments]) == 2
    out, err = capsys.readouterr()
    (line,) = err.splitlines()
    assert out == ""
    assert says in line


def test_values_that_cannot_be_used_cost_nothing(blog: Blog, fal: FalServer) -> None:
    """The installed command ends with 2 as well, before anything is bought."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    for option, value in {"--steps": "99", "--budget": "lots", "--size": "huge"}.items():
        ran = terminal.falhero("generate", option, value)
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
        assert ran.err.startswith(f"falhero: {option} must be ")
    assert not fal.requests


def test_steps_must_fit_the_model_wherever_both_come_from(blog: Blog, fal: FalServer) -> None:
    """Steps of a post and a model of the command line, or the other way round, are checked against each other."""
    blog.post("a.md", "Winter hikes", Hero_Steps="28")
    blog.post("b.md", "Summer hikes", Hero_Model="schnell")
    terminal = at_home(blog, fal.environment())
    ran = terminal.falhero("generate", "content/a.md", "--model", "schnell")
    says = "with these options, a.md: Hero_Steps must be 1 to 12 for fal-ai/flux/schnell, not 28; give --steps"
    assert (ran.code, ran.err) == (2, f"falhero: {says}\n")
    ran = terminal.falhero("generate", "content/b.md", "--steps", "28")
    assert (ran.code, ran.err) == (2, "falhero: --steps must be 1 to 12 for fal-ai/flux/schnell, not 28 (b.md)\n")
    assert terminal.falhero("generate", "content/a.md", "--model", "schnell", "--steps", "4").code == 0
    assert fal.charges == 1


@pytest.mark.parametrize(
    ("fields", "options", "says"),
    [
        ({}, ["--prompt", "A hill <lora:ink:9>"], "--prompt must give the LoRA me/ink a scale of 0 to 4"),
        ({"Hero_Steps": "60"}, ["--lora", "ink"], "with these options, a.md: Hero_Steps must be 1 to 50"),
        ({"Hero_Model": "krea"}, ["--model", "krea", "--style", "x"], ""),
        # What is wrong with a post whatever the options are is told beside the posts that are drawn.
        ({"Hero_Model": "dev", "Hero_Steps": "60"}, ["--style", "ink"], ""),
    ],
)
def test_options_are_checked_with_what_posts_and_settings_say(
    blog: Blog, fal: FalServer, fields: dict[str, str], options: list[str], says: str
) -> None:
    """What the options make of a post's request is checked as it would be sent, before anything is bought."""
    blog.configure(FALHERO_MODEL="pro", FALHERO_LORA_LIBRARY={"ink": "me/ink"})
    blog.post("a.md", "Winter hikes", **fields)
    blog.post("b.md", "Summer hikes")
    ran = at_home(blog, fal.environment()).falhero("generate", *options)
    if says:
        assert (ran.code, ran.out, fal.charges) == (2, "", 0)
        assert ran.err.startswith(f"falhero: {says}")
    else:
        assert ran.code == ("Hero_Steps" in fields)
        assert fal.charges == 2 - ran.code
        assert ("a.md: Hero_Steps must be 1 to 50 for fal-ai/flux/dev, not 60" in ran.err + ran.out) is bool(ran.code)


def test_a_prompt_function_is_called_once_a_run(blog: Blog, fal: FalServer) -> None:
    """From the plan to the ledger, and with options, the author's function is asked once for each post."""
    blog.configure(COUNTING)
    blog.post("a.md", "Winter hikes")
    blog.post("b.md", "Summer hikes")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate", "--seed", "7").code == 1
    assert (blog.root / "calls").read_text().split() == ["a.md", "b.md"]
    assert prompts(fal) == ["About Winter hikes 1"]


def test_a_control_picture_must_lie_in_the_site(blog: Blog, fal: FalServer) -> None:
    """A control picture from elsewhere is refused, one of the site is sent along."""
    blog.post("a.md", "Winter hikes")
    outside = save_picture(blog.root / "outside.png")
    inside = save_picture(blog.content / "sketch.png")
    terminal = at_home(blog, fal.environment())
    ran = terminal.falhero("generate", "--control", outside)
    assert (ran.code, fal.charges) == (2, 0)
    assert "is outside the site" in ran.err
    assert terminal.falhero("generate", "--control", inside, "--control-scale", "0.5").code == 0
    (job,) = fal.submissions
    assert job.endpoint == "fal-ai/flux-control-lora-canny"
    assert job.arguments["control_lora_strength"] == 0.5


def test_the_budget_of_the_command_is_for_this_run(blog: Blog, fal: FalServer) -> None:
    """--budget buys so much now, whatever was spent before; what it does not reach for is told, with exit code 1."""
    blog.configure(FALHERO_BUDGET=0.025)
    for day in range(1, 5):
        blog.post(f"{day}.md", f"Day {day}", Date=f"2026-11-0{day}")
    terminal = at_home(blog, fal.environment())
    assert terminal.falhero("generate").code == 1
    assert fal.charges == 1
    ran = terminal.falhero("generate", "--budget", "0.05")
    assert ran.code == 1
    assert "2 of 3 heroes fit --budget 0.05; the rest would cost $0.025" in ran.lines
    assert fal.charges == 3
    assert terminal.falhero("generate").code == 1
    assert terminal.falhero("generate", "--budget", "0.025").code == 0
    assert (fal.charges, blog.heroes()) == (4, {hero_name(f"Day {day}") for day in range(1, 5)})


def test_a_dry_run_is_the_plan_of_the_run(blog: Blog, fal: FalServer) -> None:
    """--dry-run shows prompts and prices as the options have them, and makes nothing, without any connection."""
    blog.post("a.md", "Winter hikes", "Words.")
    save_picture(blog.assets / hero_name("Winter hikes"))
    terminal = at_home(blog, fal.environment()).alone()
    ran = terminal.falhero("generate", "--dry-run", "--force", "--model", "schnell", "--style", "Woodcut")
    assert ran.code == 0
    assert ran.lines == [
        "stale         content/a.md  $0.003",
        f"              content/images/heroes/{hero_name('Winter hikes')}",
        "              Winter hikes. Words. Woodcut",
        "0 heroes there, 1 to make for $0.003",
    ]
    assert not fal.requests
    assert not blog.ledger.exists()


def test_refused_requests_are_asked_again_with_retry_only(blog: Blog, fal: FalServer) -> None:
    """A refusal is told with its reason and exit code 1, and sent again only with --retry."""
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    fal.faults.add("submit", fal_faults.content_policy(), nth=1)
    assert terminal.falhero("generate", "--json").json["heroes"][0]["state"] == "refused"
    again = terminal.falhero("generate")
    assert again.code == 1
    assert "content checker" in again.out
    assert "--retry asks again" in again.out
    assert len(fal.submissions) == 1
    assert terminal.falhero("generate", "--retry").code == 0
    assert len(fal.submissions) == 2
    assert blog.heroes() == {hero_name("Winter hikes")}


def test_the_provider_says_what_is_made(blog: Blog, fal: FalServer) -> None:
    """none makes nothing and exits with 1; card draws a title card; fal draws even where the settings say card."""
    blog.configure(FALHERO_PROVIDER="card")
    blog.post("a.md", "Winter hikes")
    terminal = at_home(blog, fal.environment())
    none = terminal.falhero("generate", "--provider", "none")
    assert none.code == 1
    assert none.lines[0] == "1 hero missing, and the provider is none"
    card = terminal.falhero("generate")
    assert card.code == 0
    assert card.lines[-1].startswith("0 heroes made, title cards for 1, 0 there;")
    assert len(list((blog.content / ".falhero" / "cards").iterdir())) == 2
    assert not fal.requests
    assert terminal.falhero("generate", "--provider", "fal").code == 0
    assert fal.charges == 1
