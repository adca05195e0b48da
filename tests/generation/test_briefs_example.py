"""The documents' example of briefs: its posts, built, with the answers that it writes down."""

from __future__ import annotations

import re

from blog import Blog, hero_name
from documents import page
from fal_server import FalServer
from promises import assert_sound

EXAMPLE = re.compile(r"^### (.+)\n\n- language: `(..)`\n- summary: (.+)\n- answer: (.+)\n- prompt: (.+)$", re.MULTILINE)


def test_the_example_is_what_happens(blog: Blog, fal: FalServer) -> None:
    """Ten posts in four languages are drawn by the prompts of the page, and cost what it says."""
    examples = EXAMPLE.findall(page("briefs"))
    assert len(examples) == page("briefs").count("\n### ") == 10
    assert len({lang for _, lang, *_ in examples}) == 4
    answers = {title: answer for title, _, _, answer, _ in examples}
    fal.language_model = lambda arguments: next(
        answer for title, answer in answers.items() if f"Title: {title}\n" in arguments["prompt"]
    )
    blog.configure(FALHERO_DIRECTOR="google/gemini-2.5-flash")
    for number, (title, lang, summary, _, _) in enumerate(examples):
        blog.post(f"{number}.md", title, f"{summary} More words.", Summary=summary, Lang=lang, Slug=str(number))
    built = blog.build(env=fal.environment())
    assert_sound(blog, fal, built)
    drawn = {job.arguments["prompt"] for job in fal.submissions if job.endpoint != "openrouter/router"}
    assert drawn == {prompt for *_, prompt in examples}
    assert blog.heroes() == {hero_name(title) for title in answers}
    assert fal.cost_usd == 0.254
    assert all(prompt.isascii() for prompt in drawn)
