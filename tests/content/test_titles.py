"""Build and script agree: the same file name and the same prompt, whatever a title is made of."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from blog import Blog, hero_name
from fal_server import FalServer
from terminal import at_home

MARKDOWN = {
    "quotes": "Quotes \"double\" and 'single', it's so",
    "entities": "Salt &amp; pepper & &lt;b&gt; &eacute;",
    "markup": "<em>Markup</em> in <code>titles</code><br>here",
    "angles": "When a < b and c > d",
    "emoji": "Emoji 🚀👩‍🚀 and :rocket:",
    "spaces": "10\u00a0km,  5\u202fmiles \u2009and more",
    "dashes": "Well -- or --- so... (c) 1/2 2nd",
    "curly": "“Curly” ‘quotes’ — and «others»",
    "braces": "{title} {0} {{ braces }} $HOME 100% [red]",
    "turkish": "İstanbul'da ışık, ağaç ve gök",
    "decomposed": "Cafe\u0301 de\u0301compose\u0301",
    "rtl": "שלום and 世界",
    "backslash": "A \\*star\\* and C:\\new\\table",
    "long": "A very long title " * 30 + "ends",
}

REST = {
    "roles": "Sup\\ :sup:`two` and :code:`x = 1` and :title:`cite`",
    "inline": '*Emphasis*, **strong**, ``code`` & "quotes" -- dash',
    "angles": "a < b & c > d",
    "link": "`Python <https://python.org>`_ and |substitution|",
}

TOLD = re.compile(r"Post:   content/(.+)\nFile:   (.+)\nPrompt: (.+)\n")


def write_corpus(blog: Blog) -> None:
    """A post for each title, in native headers, for some in fences, and in reStructuredText."""
    for name, title in MARKDOWN.items():
        blog.post(f"{name}.md", title, f"Words *of* {name} & more.", Slug=name)
    for name in ("quotes", "entities", "long"):
        fields = f"title: {MARKDOWN[name]} again\ndate: 2026-10-01\nslug: {name}-2"
        blog.write(f"fenced/{name}.md", f"---\n{fields}\n---\n\nWords <b>of</b> it.\n")
    for name, title in REST.items():
        heading = f"{title}\n{'=' * len(title)}\n\n:date: 2026-09-01\n:slug: rest-{name}\n\n"
        blog.write(f"rest/{name}.rst", f"{heading}.. |substitution| replace:: *replaced*\n\nWords of *{name}*.\n")


@pytest.mark.parametrize("typogrify", [False, True])
def test_build_and_script_agree(blog: Blog, fal: FalServer, typogrify: bool) -> None:
    """For every awkward title the script names the very file that the build made, and the very prompt that it sent."""
    blog.configure(TYPOGRIFY=typogrify, FALHERO_BUDGET=10, SLUGIFY_SOURCE="basename")
    write_corpus(blog)
    built = blog.build(env=fal.environment())
    assert built.code == 0, built.output
    asked = {job.request_id: job.arguments["prompt"] for job in fal.submissions}
    # By fingerprint, for two long titles are one request, once they are cut.
    prompts = {event["fingerprint"]: asked[event["request_id"]] for event in blog.events() if "request_id" in event}
    saved = [event for event in blog.events() if event["event"] == "saved"]
    made = {event["source"]: (event["hero"], prompts[event["fingerprint"]]) for event in saved}
    posts = sorted(path.relative_to(blog.content).as_posix() for path in blog.content.rglob("*.[mr][ds]*"))
    assert set(made) == set(posts)
    ran = at_home(blog, fal.environment()).alone().script(*(f"content/{post}" for post in posts))
    assert ran.code == 0, ran.err
    assert {source: (PurePosixPath(file).name, prompt) for source, file, prompt in TOLD.findall(ran.out)} == made
    assert fal.charges == len(posts) - 1
    assert made["quotes.md"][0] == hero_name(
        "Quotes “double” and ‘single’, it’s so" if typogrify else MARKDOWN["quotes"]
    )
