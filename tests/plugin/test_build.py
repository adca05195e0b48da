"""Whole builds: which posts get a hero, what is asked of fal, and what the pages show."""

from __future__ import annotations

import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from PIL import Image


@pytest.mark.parametrize("each", [3, pytest.param(10, marks=pytest.mark.long)])
def test_every_article_of_a_mixed_site_gets_its_own_hero(blog: Blog, fal: FalServer, each: int) -> None:
    """Articles of mixed formats make as many requests with the guide's arguments, and each page shows its own."""
    del blog.settings["FALHERO_IMAGE_SIZE"]
    for number in range(each):
        blog.post(f"native{number}.md", f"Native {number}", f"Words of post {number}.")
        blog.write(
            f"fenced{number}.md",
            f"---\ntitle: Fenced {number}\ndate: 2026-10-0{number % 9 + 1}\n---\n\nWords of post {number}.\n",
        )
        heading = f"Rest *{number}* & co"
        blog.write(
            f"rest{number}.rst",
            f"{heading}\n{'=' * len(heading)}\n\n:date: 2026-09-0{number % 9 + 1}\n\nWords of post {number}.\n",
        )
    built = blog.build(env=fal.environment())
    assert built.code == 0, built.output
    titles = [
        f"{kind} {n}{end}" for kind, end in {"Native": "", "Fenced": "", "Rest": " & co"}.items() for n in range(each)
    ]
    style = "Cinematic lighting, professional photography, 8K"
    expected = {f"{title}. Words of post {n % each}. {style}": hero_name(title) for n, title in enumerate(titles)}
    assert fal.charges == len(titles)
    for job in fal.submissions:
        assert job.endpoint == "fal-ai/flux/dev"
        arguments = dict(job.arguments)
        assert arguments.pop("prompt") in expected
        assert arguments == {
            "image_size": "landscape_4_3",
            "num_inference_steps": 4,
            "guidance_scale": 3.5,
            "output_format": "png",
        }
    assert blog.heroes() == set(expected.values())
    for title in titles:
        kind, digit = title.split()[:2]
        slug = f"{kind}-{digit}" + ("-co" if kind == "Rest" else "")
        page = blog.page(f"{slug.lower()}.html")
        assert page["url"] == f"images/heroes/{hero_name(title)}"
        assert page["alt"] == ""
        with Image.open(blog.output / page["url"]) as image:
            assert (image.format, image.size) == ("PNG", (1024, 768))
            image.load()
    assert built.tally == f"heroes: {len(titles)} made, 0 there, ${len(titles) * 0.025:g}"
    asked = len(fal.requests)
    again = blog.build(env=fal.environment())
    assert "heroes" not in again.output
    assert len(fal.requests) == asked
